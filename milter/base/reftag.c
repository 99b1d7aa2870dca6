/* SPDX-License-Identifier: BSD-2-Clause */
/* base/reftag.c - tags of references, by HMAC-SHA256 of libsodium. */
#include "config.h"

#include "base/reftag.h"

#include <sodium.h>
#include <string.h>
#include <time.h>

#include "base/number.h"
#include "base/strbuf.h"

#define DAY 86400

_Static_assert(REFTAG_KEY_SIZE == crypto_auth_hmacsha256_KEYBYTES, "a key is one of the hash");

/* --- The file --- */

static bool
read_key(const char *text, size_t len, uint8_t key[REFTAG_KEY_SIZE])
{
	size_t n;

	if (sodium_hex2bin(key, REFTAG_KEY_SIZE, text, len, NULL, &n, NULL) == 0 &&
	    n == REFTAG_KEY_SIZE)
		return true;
	return sodium_base642bin(key, REFTAG_KEY_SIZE, text, len, NULL, &n, NULL,
		   sodium_base64_VARIANT_ORIGINAL) == 0 &&
	    n == REFTAG_KEY_SIZE;
}

/* The first second of a day, "2026-11-28", of len bytes. */
static bool
read_day(const char *text, size_t len, int64_t *out)
{
	const char *at = text, *const end = text + len;
	int64_t year = number_read(&at, 9999), month, day;
	struct tm tm, normal;

	if (year < 1970 || *at++ != '-' || (month = number_read(&at, 12)) < 1 || *at++ != '-' ||
	    (day = number_read(&at, 31)) < 1 || at != end)
		return false;
	tm = (struct tm){
	    .tm_year = (int)year - 1900, .tm_mon = (int)month - 1, .tm_mday = (int)day};
	normal = tm;
	*out = (int64_t)timegm(&normal);
	return normal.tm_mday == tm.tm_mday;
}

/* A word of a line, and what stands before the next one. */
static size_t
take_word(const char **at)
{
	size_t len = strcspn(*at, " \t\r\n");

	*at += len;
	*at += strspn(*at, " \t\r");
	return len;
}

/* The line of the key before the first. */
static bool
read_old(struct reftag_keys *keys, const char **at, char *why, size_t whysize)
{
	const char *key = *at, *day;
	size_t key_len = take_word(at), day_len;

	if (!read_key(key, key_len, keys->key[1]))
		return strbuf_fail(why, whysize,
		    "its second line has no key of 32 bytes, in hexadecimal or base64");
	day = *at;
	day_len = take_word(at);
	if (!read_day(day, day_len, &keys->until))
		return strbuf_fail(why, whysize,
		    "behind the old key on its second line must be the day of the change, like "
		    "2026-11-28");
	keys->until += (REFTAG_OLD_DAYS + 1) * DAY;
	keys->n = 2;
	return true;
}

bool
reftag_read(struct reftag_keys *keys, const char *text, char *why, size_t whysize)
{
	const char *at = text;
	size_t len;

	*keys = (struct reftag_keys){.n = 0};
	len = take_word(&at);
	if (!read_key(text, len, keys->key[0]))
		return strbuf_fail(why, whysize,
		    "its first line must be a key of 32 bytes, in hexadecimal or base64");
	if (*at != '\0' && *at != '\n')
		return strbuf_fail(why, whysize, "its first line has more than a key in it");
	keys->n = 1;
	at += strspn(at, " \t\r\n");
	if (*at != '\0' && !read_old(keys, &at, why, whysize))
		return false;
	return at[strspn(at, " \t\r\n")] == '\0' ||
	    strbuf_fail(why, whysize, "it has more than two keys in it");
}

/* --- Tags --- */

static void
write_tag(const uint8_t key[REFTAG_KEY_SIZE], const char *ref, char out[REFTAG_LEN + 1])
{
	uint8_t hash[crypto_auth_hmacsha256_BYTES];
	uint32_t bits;

	(void)crypto_auth_hmacsha256(hash, (const uint8_t *)ref, REF_LEN, key);
	bits = (uint32_t)hash[0] << 24 | (uint32_t)hash[1] << 16 | (uint32_t)hash[2] << 8 |
	    (uint32_t)hash[3];
	for (int i = 0; i < REFTAG_LEN; i++, bits <<= 5)
		out[i] = REF_ALPHABET[bits >> 27];
	out[REFTAG_LEN] = '\0';
}

void
reftag_make(const struct reftag_keys *keys, const char *ref, char out[REFTAG_SIZE])
{
	memcpy(out, ref, REF_LEN);
	out[REF_LEN] = '-';
	write_tag(keys->key[0], ref, out + REF_LEN + 1);
}

/* All that a reference and its tag may be written in, as they were made. */
static bool
normalise(const char *text, char out[REFTAG_SIZE])
{
	if (strlen(text) != REFTAG_SIZE - 1 || text[REF_LEN] != '-')
		return false;
	for (size_t i = 0; i < REFTAG_SIZE; i++) {
		char c = text[i];

		out[i] = (char)(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
	}
	return true;
}

bool
reftag_check(
    const struct reftag_keys *keys, const char *text, int64_t now, char ref[REF_LEN + 1])
{
	char given[REFTAG_SIZE], tag[REFTAG_LEN + 1];
	bool good = false;
	uint64_t ignored;

	if (!normalise(text, given))
		return false;
	memcpy(ref, given, REF_LEN);
	ref[REF_LEN] = '\0';
	if (!ref_read(ref, &ignored))
		return false;
	for (unsigned i = 0; i < keys->n; i++) {
		bool in_use = i == 0 || now < keys->until;

		write_tag(keys->key[i], ref, tag);
		good |= (sodium_memcmp(tag, given + REF_LEN + 1, REFTAG_LEN) == 0) & in_use;
	}
	return good;
}

/* --- Seals --- */

#define NONCE crypto_secretbox_NONCEBYTES
#define MAC crypto_secretbox_MACBYTES

_Static_assert(
    NONCE + MAC == 24 + 16 && crypto_secretbox_KEYBYTES == crypto_auth_hmacsha256_BYTES,
    "what is sealed has room, by a hash as its key");

/* The key of what is sealed beside a reference. */
static void
seal_key(
    const uint8_t key[REFTAG_KEY_SIZE], const char *ref, uint8_t out[crypto_secretbox_KEYBYTES])
{
	uint8_t text[4 + REF_LEN];

	memcpy(text, "seal", 4);
	memcpy(text + 4, ref, REF_LEN);
	(void)crypto_auth_hmacsha256(out, text, sizeof(text), key);
}

void
reftag_seal(const struct reftag_keys *keys, const char *ref, const char *text,
    char out[REFTAG_SEALED_SIZE])
{
	uint8_t key[crypto_secretbox_KEYBYTES], box[NONCE + MAC + REFTAG_SEALED_MAX];
	size_t len = strnlen(text, REFTAG_SEALED_MAX);

	seal_key(keys->key[0], ref, key);
	randombytes_buf(box, NONCE);
	(void)crypto_secretbox_easy(box + NONCE, (const uint8_t *)text, len, box, key);
	(void)sodium_bin2base64(out, REFTAG_SEALED_SIZE, box, NONCE + MAC + len,
	    sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	sodium_memzero(key, sizeof(key));
}

bool
reftag_open(const struct reftag_keys *keys, const char *ref, const char *sealed, int64_t now,
    char out[REFTAG_SEALED_MAX + 1])
{
	uint8_t key[crypto_secretbox_KEYBYTES], box[NONCE + MAC + REFTAG_SEALED_MAX];
	bool good = false;
	size_t len;

	if (sodium_base642bin(box, sizeof(box), sealed, strlen(sealed), NULL, &len, NULL,
		sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0 ||
	    len < NONCE + MAC)
		return false;
	for (unsigned i = 0; i < keys->n && !good; i++) {
		seal_key(keys->key[i], ref, key);
		good = (i == 0 || now < keys->until) &&
		    crypto_secretbox_open_easy(
			(uint8_t *)out, box + NONCE, len - NONCE, box, key) == 0;
	}
	sodium_memzero(key, sizeof(key));
	out[good ? len - NONCE - MAC : 0] = '\0';
	return good && strlen(out) == len - NONCE - MAC;
}

void
reftag_clear(struct reftag_keys *keys)
{
	sodium_memzero(keys, sizeof(*keys));
}
