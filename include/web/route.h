/* SPDX-License-Identifier: BSD-2-Clause */
/* web/route.h - the pages there are, and what of a request's target names one.  Pure. */
#ifndef RELAYGUARD_WEB_ROUTE_H
#define RELAYGUARD_WEB_ROUTE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/ipaddr.h"
#include "web/topic.h"

enum page {
	PAGE_NONE, /* there is no such page */
	PAGE_HOME,
	PAGE_STYLE,    /* /style.css */
	PAGE_DECISION, /* /r/REF-TAG */
	PAGE_PASS,     /* /r/REF-TAG/pass */
	PAGE_ADDRESS,  /* /a/ADDRESS */
	PAGE_LIBRARY,  /* /c/ */
	PAGE_TOPIC,    /* /c/TOPIC */
	PAGE_REMOVE,
	PAGE_NOMINATE,
	PAGE_CRITERIA,
	PAGE_PRIVACY
};

#define ROUTE_REF_SIZE 15 /* "7F3K2Q9M-ABCDE" and its NUL */
#define ROUTE_PATH_MAX 80

struct route {
	enum page page;
	bool get, post;              /* which methods it takes; HEAD is taken as GET is */
	char path[ROUTE_PATH_MAX];   /* without the query */
	unsigned depth;              /* folders it is in: 1 for "/c/" and "/c/x" */
	char ref[ROUTE_REF_SIZE];    /* of PAGE_DECISION and PAGE_PASS, in capitals */
	char address[IPADDR_STRLEN]; /* of PAGE_ADDRESS, in the one way to write it */
	enum topic topic;            /* of PAGE_TOPIC */
	const char *query;           /* within the target; borrowed */
	size_t query_len;
};

/* Find the page of a target, which begins with /; nothing in its path is encoded. */
struct route route_find(const char *target, size_t len);

/* Read a reference with its tag, in letters of either case; false: it is none. */
bool route_read_ref(const char *text, size_t len, char out[ROUTE_REF_SIZE]);

#endif
