/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * redis/sharedvalue.c - a value is checked from end to end before anything of it is
 * believed, and then read fact by fact.
 */
#include "config.h"

#include "redis/sharedvalue.h"

#include <string.h>

#include "base/ascii.h"

#define CODE_NET 0x7f000000U /* what all codes begin with */
#define LIST_DIGITS 6
#define SHIFT_DIGITS 3

static const char digits[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_";
static const char hexadecimal[] = "0123456789abcdef";

uint64_t
sharedvalue_list(const struct listing *listing)
{
	const uint8_t tag[] = {(uint8_t)(listing->tag >> 24), (uint8_t)(listing->tag >> 16),
	    (uint8_t)(listing->tag >> 8), (uint8_t)listing->tag};
	size_t len = strlen(listing->label);
	uint32_t label = ascii_hash(ASCII_HASH, listing->label, len, false);
	uint32_t zone = ascii_hash(ASCII_HASH, tag, sizeof(tag), false);

	return (uint64_t)ascii_hash(label, tag, sizeof(tag), false) << 4 |
	    ascii_hash(zone, listing->label, len, false) >> 28;
}

/* --- Writing --- */

static void
add_number(struct strbuf *sb, uint64_t number, unsigned n)
{
	while (n-- > 0)
		strbuf_addc(sb, digits[number >> 6 * n & 63]);
}

void
sharedvalue_add(struct strbuf *sb, uint64_t list, const struct fact *fact, unsigned before)
{
	add_number(sb, list, LIST_DIGITS);
	strbuf_addc(sb, digits[fact->ncodes]);
	add_number(sb, before, 2);
	for (unsigned i = 0; i < fact->ncodes; i++)
		add_number(sb, fact->code[i] & ~CODE_NET, 4);
}

/* --- Reading --- */

/* Take a number of n digits, 1 << bits of them; false: it is none. */
static bool
take_number(
    struct sharedvalue_reader *r, const char *of, unsigned bits, unsigned n, uint64_t *number)
{
	const char *digit;

	*number = 0;
	if ((size_t)(r->end - r->at) < n)
		return false;
	while (n-- > 0) {
		if ((digit = memchr(of, *r->at++, (size_t)1 << bits)) == NULL)
			return false;
		*number = *number << bits | (uint64_t)(digit - of);
	}
	return true;
}

static bool
take_fact(struct sharedvalue_reader *r, struct sharedvalue_fact *out)
{
	uint64_t ncodes, before, code;

	*out = (struct sharedvalue_fact){.fact.source = FACT_FROM_REDIS};
	if (!take_number(r, digits, 6, LIST_DIGITS, &out->list) ||
	    !take_number(r, digits, 6, 1, &ncodes) || ncodes > FACT_CODES ||
	    !take_number(r, digits, 6, 2, &before))
		return false;
	out->fact.state = ncodes > 0 ? FACT_LISTED : FACT_CLEAR;
	for (; ncodes > 0; ncodes--) {
		if (!take_number(r, digits, 6, 4, &code))
			return false;
		fact_add_code(&out->fact, CODE_NET | (uint32_t)code);
	}
	out->before = (unsigned)before + r->later + r->apart;
	return true;
}

/* Where other facts begin, take how they are counted; false: that cannot be read. */
static bool
take_shift(struct sharedvalue_reader *r, bool known)
{
	uint64_t shift;
	char way = *r->at;

	if (way != '>' && way != '<')
		return true;
	r->at++;
	if (!take_number(r, hexadecimal, 4, SHIFT_DIGITS, &shift))
		return false;
	r->apart = way == '<' ? (unsigned)shift : 0;
	/* How much it comes to in all is known when all has been read. */
	if (way == '>')
		r->later = known ? r->later - (unsigned)shift : r->later + (unsigned)shift;
	return true;
}

bool
sharedvalue_begin(struct sharedvalue_reader *r, const char *value, size_t len)
{
	const size_t begin = strlen(SHAREDVALUE_VERSION);
	struct sharedvalue_fact fact;

	*r = (struct sharedvalue_reader){.at = value, .end = value + len};
	if (len <= begin || memcmp(value, SHAREDVALUE_VERSION, begin) != 0)
		return false;
	r->at += begin;
	while (r->at < r->end)
		if (!take_shift(r, false) || !take_fact(r, &fact))
			return false;
	r->at = value + begin;
	r->apart = 0;
	return true;
}

bool
sharedvalue_next(struct sharedvalue_reader *r, struct sharedvalue_fact *out)
{
	return r->at < r->end && take_shift(r, true) && take_fact(r, out);
}
