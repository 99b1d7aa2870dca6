/* SPDX-License-Identifier: BSD-2-Clause */
/* web/form.h - what a form sends: "key=value&key=value", percent-encoded.  Pure. */
#ifndef RELAYGUARD_WEB_FORM_H
#define RELAYGUARD_WEB_FORM_H

#include <stdbool.h>
#include <stddef.h>

enum form_found {
	FORM_NONE, /* there is no such key */
	FORM_GOOD,
	FORM_BAD /* twice, too long, badly encoded, or with bytes that no text has */
};

/*
 * Write the value of a key, without blanks at its ends, in len bytes of a form; what is not
 * FORM_GOOD leaves out empty.  It may have any byte above 126, and line ends where lines is
 * true, each as one newline; no other control byte.
 */
enum form_found form_get(
    const char *text, size_t len, const char *key, bool lines, char *out, size_t size);

#endif
