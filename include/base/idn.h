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

/* The same of a whole name that may have a dot in front, which stays there. */
bool idn_to_ascii_dotted(const char *name, char out[IDN_NAME_SIZE + 1]);

#endif
