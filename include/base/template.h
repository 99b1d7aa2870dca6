/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * base/template.h - the texts and URLs of the configuration, and how their blanks are
 * filled in.  Pure.
 */
#ifndef RELAYGUARD_BASE_TEMPLATE_H
#define RELAYGUARD_BASE_TEMPLATE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/strbuf.h"

#define TEMPLATE_MAX 300 /* bytes of a text or URL */

/* What may stand in one, and is replaced. */
enum blank {
	BLANK_IP,       /* %{ip}: the address of the client */
	BLANK_DOMAIN,   /* %{domain}: the name that is listed */
	BLANK_LIST,     /* %{list}: the label of the list */
	BLANK_NAME,     /* %{name}: its name */
	BLANK_CATEGORY, /* %{category}: the name of that */
	BLANK_REF,      /* %{ref}: the reference */
	BLANKS
};

/* Add text as a reply may carry it: printable ASCII, '?' for the rest. */
void template_add_clean(struct strbuf *, const char *text, size_t len);

/*
 * Add len bytes of a template in the same way with its blanks filled in, in a
 * URL each encoded.
 */
void template_fill(struct strbuf *, const char *template, size_t len,
    const char *const filling[BLANKS], bool url);

/*
 * Check a text or URL of the configuration: printable ASCII, at most
 * TEMPLATE_MAX bytes, not empty, no blank but those above.  One newline is
 * allowed where lines is true and parts two lines.  False: a sentence in why.
 */
bool template_check(const char *template, bool lines, char *why, size_t whysize);

#endif
