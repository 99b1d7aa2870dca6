/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * lists/codes.h - which A records of lists are meant, in 127.0.0.0/8.  Pure.
 */
#ifndef RELAYGUARD_LISTS_CODES_H
#define RELAYGUARD_LISTS_CODES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CODES_FIRST 0x7f000000U  /* 127/8, where lists answer */
#define CODES_LAST 0x7fffffffU   /* the same, its end */
#define ERRORS_FIRST 0x7fffff00U /* 127.255.255.0/24, the end of it */

/* Codes: host order, from low to high, and with all these bits set. */
struct codes {
	uint32_t low, high, bits;
};

/*
 * Read "127.0.0.2", "127.0.0.4-7", "127.0.0.4-127.0.0.7", "127.0.2.0/24", "127.1.0.&8"
 * or "127.1.0.&2&8".  Wrong, outside 127/8, or touching 127.255.255.0/24, where lists
 * put their errors: false, a sentence in why, and codes that are nobody's.
 */
bool codes_parse(struct codes *, const char *pattern, char *why, size_t whysize);

/* Whether a record is one of them. */
static inline bool
codes_hold(const struct codes *codes, uint32_t code)
{
	return code >= codes->low && code <= codes->high && (code & codes->bits) == codes->bits;
}

#endif
