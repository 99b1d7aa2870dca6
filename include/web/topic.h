/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * web/topic.h - what a page for people is about: a category of lists, or another reason why
 * mail is refused.  Pure.
 */
#ifndef RELAYGUARD_WEB_TOPIC_H
#define RELAYGUARD_WEB_TOPIC_H

#include <stdbool.h>

#include "lists/listing.h"

/* Below CATEGORY_MAX each is the category of that number. */
enum topic { TOPIC_SPF = CATEGORY_MAX, TOPIC_DOUBT, TOPIC_MAX };

/* Its name in URLs, files and the log: "open-relay". */
const char *topic_name(enum topic);

/* Whether there is a page about it: there is none about good senders. */
bool topic_has_page(enum topic);

/* The topic of that name which has a page; TOPIC_MAX: there is none.  NULL is fine. */
enum topic topic_parse(const char *name);

#endif
