/* SPDX-License-Identifier: BSD-2-Clause */
/* web/language.h - which language a reader gets (RFC 9110, 12.5.4; RFC 4647, 3.4).  Pure. */
#ifndef RELAYGUARD_WEB_LANGUAGE_H
#define RELAYGUARD_WEB_LANGUAGE_H

#include <stddef.h>

#define LANGUAGE_TAG_MAX 16 /* bytes of a tag, with its NUL */

/*
 * Which of n tags suits the len bytes of an Accept-Language field best; the first tag is
 * what those get who ask for none of them.  Of equal weights the earlier range wins.
 */
unsigned language_choose(const char *field, size_t len, const char *const tags[], unsigned n);

/* The tag that is exactly those bytes; n: none is. */
unsigned language_find(const char *text, size_t len, const char *const tags[], unsigned n);

#endif
