/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * base/reftag.h - references that stand in a URL, "7F3K2Q9M-ABCDE": behind the reference are
 * 25 bits of HMAC-SHA256 (RFC 2104) under a key that all nodes share, so that nobody can walk
 * through references.  Pure.
 */
#ifndef RELAYGUARD_BASE_REFTAG_H
#define RELAYGUARD_BASE_REFTAG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/random.h"

#define REFTAG_KEY_SIZE 32
#define REFTAG_KEYS 2
#define REFTAG_LEN 5
#define REFTAG_SIZE (REF_LEN + 1 + REFTAG_LEN + 1) /* "7F3K2Q9M-ABCDE" and its NUL */
#define REFTAG_OLD_DAYS 30 /* that a key is still good after the day of its change */

/* The first one makes tags; the second is the one before it. */
struct reftag_keys {
	unsigned n;
	uint8_t key[REFTAG_KEYS][REFTAG_KEY_SIZE];
	int64_t until; /* in clock_wall(): when the second counts for nothing any more */
};

/*
 * Read the text of a key file: a line with a key, in 64 hexadecimal digits or in base64, and
 * perhaps one with the key before it and the day of the change, "KEY 2026-11-28".  False: a
 * sentence in why, which tells nothing of the keys.
 */
bool reftag_read(struct reftag_keys *, const char *text, char *why, size_t whysize);

/* Write a reference of REF_LEN bytes with its tag.  There is a key. */
void reftag_make(const struct reftag_keys *, const char *ref, char out[REFTAG_SIZE]);

/*
 * Take "REF-TAG" apart, in letters of either case.  False: it is none, or the tag is that of
 * no key that is good at now, in clock_wall().  How long that takes tells nothing of the tag.
 */
bool reftag_check(
    const struct reftag_keys *, const char *text, int64_t now, char ref[REF_LEN + 1]);

#define REFTAG_SEALED_MAX 255 /* bytes of a text that is sealed */
#define REFTAG_SEALED_SIZE (((24 + 16 + REFTAG_SEALED_MAX) * 4 + 2) / 3 + 1)

/*
 * Write a text, of which all but REFTAG_SEALED_MAX bytes are left out, so that only the keys open
 * it, beside that reference: letters, digits, - and _ (XSalsa20-Poly1305).  There is a key.
 */
void reftag_seal(const struct reftag_keys *, const char *ref, const char *text,
    char out[REFTAG_SEALED_SIZE]);

/* Open it.  False: it was sealed beside another reference, or by no key that is good at now. */
bool reftag_open(const struct reftag_keys *, const char *ref, const char *sealed, int64_t now,
    char out[REFTAG_SEALED_MAX + 1]);

/* Take the keys out of memory. */
void reftag_clear(struct reftag_keys *);

#endif
