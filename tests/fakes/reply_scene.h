/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * reply_scene.h - all that a reply is made from, ready to be changed by a test.
 */
#ifndef RELAYGUARD_TESTS_REPLY_SCENE_H
#define RELAYGUARD_TESTS_REPLY_SCENE_H

#include "tap.h"
#include "verdict/reply.h"

#define SCENE_LISTS 3
#define SCENE_URL "https://check.example/?q=198.51.100.7"
#define SCENE_REF " Ref 7F3K2Q9M"
#define SCENE_END " " SCENE_URL SCENE_REF /* of a first line */
#define SCENE_TELL "Not the administrator? Send this to whoever is: "
#define SCENE_LAST SCENE_TELL SCENE_URL SCENE_REF
#define SCENE_LAST_WITHOUT SCENE_TELL "[198.51.100.7] is refused." SCENE_REF

struct scene {
	struct ipaddr client;
	struct answer answer[SCENE_LISTS];
	struct listing list[SCENE_LISTS];
	struct roster roster;
	struct policy policy;
	struct verdict verdict;
	struct reply_facts facts;
	struct reply reply;
	char label[SCENE_LISTS][16], name[32], removal[80], postmaster[16];
	char *exempt[1];
};

/*
 * One list speaks of 198.51.100.7, as in the manual; two others would say less.  The
 * scene is returned.
 */
struct scene *scene_begin(struct scene *);

/* The local set of denied networks speaks, with this reason; no list does. */
void scene_deny(struct scene *, const char *reason);

/* Build the reply and compare all its lines; NULL ends them. */
static inline void
scene_expect(struct scene *s, const char *label, const char *a, const char *b, const char *c)
{
	const char *want[REPLY_LINES] = {a, b, c};
	unsigned n = 0;

	while (n < REPLY_LINES && want[n] != NULL)
		n++;
	reply_build(&s->reply, &s->facts);
	same_num(s->reply.n, n, label);
	for (unsigned i = 0; i < n && i < s->reply.n; i++)
		same_str(s->reply.line[i], want[i], label);
}

#endif
