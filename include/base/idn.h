/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * base/idn.h - internationalized names: their labels in UTF-8 become those that DNS has
 * (A-labels, RFC 5890).  Pure, but for memory; any thread.
 *
 * By IDNA2008 and the non-transitional mapping of UTS 46, as browsers and MTAs have it.
 */
#ifndef RELAYGUARD_BASE_IDN_H
#define RELAYGUARD_BASE_IDN_H

#include <stdbool.h>
#include <stddef.h>

#define IDN_NAME_SIZE 254 /* of a name in DNS, with its NUL */

/* Whether a name has other bytes than ASCII has, in its first len. */
bool idn_is_wanted(const char *name, size_t len);

/*
 * Write such a name in ASCII: lower case, no last dot.  False, and nothing written but a
 * NUL: it is no valid name, or not one in UTF-8, or memory is out.
 */
bool idn_to_ascii(const char *name, size_t len, char out[IDN_NAME_SIZE]);

/*
 * Write the first len bytes of any name as names are compared: lower case, ASCII, no last
 * dot; one in front stays.  Its length; 0, and nothing but a NUL: it is empty, does not
 * fit, or is not ASCII and no name.  What is ASCII may be no name either.
 */
size_t idn_lower(const char *name, size_t len, char *out, size_t size);

#endif
