/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * reply_scene.c - a client that a list has, and what a refusal of it is made from.
 */
#include "config.h"

#include "fakes/reply_scene.h"

#include <stdio.h>
#include <stdlib.h>

struct scene *
scene_begin(struct scene *s)
{
	*s = (struct scene){.roster = {.n = SCENE_LISTS}};
	if (!ipaddr_parse(&s->client, "198.51.100.7"))
		abort();
	snprintf(s->name, sizeof(s->name), "Spamhaus XBL");
	snprintf(s->removal, sizeof(s->removal), "https://check.example/?q=%%{ip}");
	snprintf(s->postmaster, sizeof(s->postmaster), "postmaster");
	s->exempt[0] = s->postmaster;
	for (unsigned i = 0; i < SCENE_LISTS; i++) {
		s->answer[i].category = CATEGORY_OPEN_PROXY;
		snprintf(s->label[i], sizeof(s->label[i]), "%s",
		    i > 0 ? i > 1 ? "third" : "second" : "spamhaus-dqs");
		s->list[i].label = s->label[i];
		s->list[i].name = s->name;
		s->list[i].removal = s->removal;
		s->roster.list[i] = &s->list[i];
		s->verdict.hit[i] =
		    (struct hit){.list = i, .answer = &s->answer[i], .score = 5 - (int)i};
	}
	s->verdict.action = s->verdict.meant = s->verdict.nominal = ACTION_REFUSE;
	s->verdict.reason = REASON_LISTS;
	s->verdict.nhits = 1;
	s->verdict.loudest = &s->verdict.hit[0];
	s->facts = (struct reply_facts){.client = &s->client,
	    .ref = "7F3K2Q9M",
	    .domain = "strict.example",
	    .roster = &s->roster,
	    .policy = &s->policy,
	    .verdict = &s->verdict};
	return s;
}

void
scene_deny(struct scene *s, const char *reason)
{
	s->verdict.reason = REASON_DENY;
	s->verdict.nhits = 0;
	s->verdict.loudest = NULL;
	s->facts.local_reason = reason;
}
