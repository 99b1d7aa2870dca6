/* SPDX-License-Identifier: BSD-2-Clause */
/* web/arrival.h - a request that comes in pieces.  Pure. */
#ifndef RELAYGUARD_WEB_ARRIVAL_H
#define RELAYGUARD_WEB_ARRIVAL_H

#include "web/request.h"

struct arrival {
	struct web_request request; /* borrows from text */
	size_t len;                 /* bytes of text that have come */
	size_t end;                 /* of the head; 0: it is not there yet */
	bool whole;                 /* all of it has come, and not a byte more */
	char text[REQUEST_HEAD_MAX + REQUEST_BODY_MAX + 1];
};

/* Nothing has come yet: its request is what no page is for. */
void arrival_begin(struct arrival *);

/* How many bytes there is room for at text + len. */
size_t arrival_room(const struct arrival *);

/*
 * So many bytes more have come there, behind a proxy or not; languages are n tags.  0: there
 * is more to come; else the status, and the request.
 */
int arrival_take(
    struct arrival *, size_t bytes, bool proxy, const char *const languages[], unsigned n);

#endif
