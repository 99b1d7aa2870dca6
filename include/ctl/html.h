/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ctl/html.h - text of others in a page of ours.  One thread; blocks on the stream.
 */
#ifndef RELAYGUARD_CTL_HTML_H
#define RELAYGUARD_CTL_HTML_H

#include <stdio.h>

/* Write text so that it is nothing but text, between tags and in an attribute's quotes. */
void html_text(FILE *, const char *text);

#endif
