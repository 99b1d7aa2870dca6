/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * web/pages.h - the pages that need nothing but our own texts, and what all pages share.
 * Thread of the reader's.
 */
#ifndef RELAYGUARD_WEB_PAGES_H
#define RELAYGUARD_WEB_PAGES_H

#include <jansson.h>

#include "web/daemon.h"
#include "web/misses.h"
#include "web/request.h"
#include "web/view.h"

/* What the pages are made from; all borrowed. */
struct site {
	const struct phrases *texts;
	struct daemon *daemon;
	struct misses *misses;
	bool proxy; /* readers come through one */
};

/* Write a page, and set its status where it is not 200; may wait for the daemon. */
typedef void page_fn(struct view *, const struct site *, const struct web_request *);

/* A page of that status with a title and a text alone. */
void pages_note(struct view *, int status, enum word title, enum word text);

/* What a request with that status gets. */
void pages_error(struct view *, int status);

/* Ask the daemon; NULL: a page says that it is down, or asked too often. */
json_t *pages_ask(struct view *, const struct site *, json_t *request);

/*
 * The same for what a stranger may only ask so often: where there is a key, only an answer
 * that has it false is a miss, else each is.  NULL: a page says why.
 */
json_t *pages_ask_seldom(struct view *, const struct site *, const struct web_request *,
    json_t *request, const char *key);

/* A hidden field with the token of an action. */
void pages_token(struct view *, const char *action, const char *subject);

/* Whether the form carries it; false: a page says that it is stale. */
bool pages_is_fresh(
    struct view *, const struct web_request *, const char *action, const char *subject);

/* The text that who has sent a message hands on to who can help. */
void pages_handoff(struct view *, bool deferred);

page_fn pages_home, pages_library, pages_topic, pages_privacy;

#endif
