/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * base/html.h - text of others in a page of ours.  One thread; blocks on the stream.
 */
#ifndef RELAYGUARD_BASE_HTML_H
#define RELAYGUARD_BASE_HTML_H

#include <stddef.h>
#include <stdio.h>

/* Write text so that it is nothing but text, between tags and in an attribute's quotes; what
 * is not printable ASCII is a question mark, as nobody knows what it would do. */
void html_text(FILE *, const char *text);

/* The same of n bytes of words that we know to be UTF-8, of which the letters stay. */
void html_words(FILE *, const char *text, size_t n);

#endif
