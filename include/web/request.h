/* SPDX-License-Identifier: BSD-2-Clause */
/* web/request.h - what a reader asks for, taken from the head of a request.  Pure. */
#ifndef RELAYGUARD_WEB_REQUEST_H
#define RELAYGUARD_WEB_REQUEST_H

#include <stdbool.h>
#include <stddef.h>

#include "base/ipaddr.h"
#include "web/route.h"

#define REQUEST_HEAD_MAX 8192
#define REQUEST_BODY_MAX 4096

struct web_request {
	int status; /* 200; else that of a request which is answered with an error alone */
	bool head;  /* without a body of the answer */
	bool post;
	struct route route;
	unsigned language;
	bool chosen;          /* the language, in the query */
	struct ipaddr reader; /* empty: not known */
	size_t body;          /* bytes to come */
	const char *form;     /* what a form has sent: the body, or the query; borrowed */
	size_t form_len;
};

/*
 * Read a head of len bytes, which ends with an empty line; languages are their tags, n of
 * them.  Where a proxy is in front, it alone knows the reader's address, and it is believed.
 * All of request borrows from head.
 */
void request_read(struct web_request *, const char *head, size_t len, bool proxy,
    const char *const languages[], unsigned n);

/* The value of a field of the form in out, as form_get() has it, of one line; false: there is
 * none that is good. */
bool request_field(const struct web_request *, const char *key, char *out, size_t size);

#endif
