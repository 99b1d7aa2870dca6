/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * own/sharing.c - what becomes of records, and of what is to be told.  A node tells what it
 * has listed itself, which may well be by what another one has told it: they agree.
 */
#include "config.h"

#include "own/sharing.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/counter.h"
#include "loop/loop.h"
#include "own/fleet.h"
#include "own/locallist.h"
#include "own/localstore.h"
#include "own/news.h"
#include "own/own.h"

_Static_assert(FLEET_KEY_SIZE >= ASSOC_SECRET_SIZE, "the secret is the start of the key");

#define TICK_MS 250 /* between two looks at who has waited to be listed */

struct sharing {
	struct timer *tick;
	struct fleet *fleet;
	struct own *own;
	struct locallist *list;
	struct localstore *store; /* NULL: not yet */
};

/* --- What others know --- */

static void
take_over(const struct sharing *s, const struct news *news, uint32_t said, uint32_t now)
{
	switch (news->kind) {
	case NEWS_ENTRY:
		(void)locallist_join(s->list, &news->entry, now);
		break;
	case NEWS_ATTEMPT:
		own_heard(s->own, &news->attempt, said);
		break;
	case NEWS_TRAP:
		own_heard_mark(s->own, &news->mark, said);
		break;
	case NEWS_USERS:
		own_heard_users(s->own, &news->users, said);
		break;
	case NEWS_WORD:
		own_heard_word(s->own, &news->word);
		break;
	case NEWS_WITNESS:
		if (s->store != NULL)
			localstore_heard(s->store, &news->witness);
		break;
	case NEWS_KINDS:
		break;
	}
}

static void
on_record(void *arg, int64_t said, int64_t ahead, const char *record)
{
	uint32_t now = (uint32_t)clock_wall();
	struct news news;

	if (news_read(&news, record, ahead, now))
		take_over(arg, &news, (uint32_t)said, now);
	else
		counter_add(COUNTER_REDIS_GARBAGE);
}

static void
on_key(void *arg, const uint8_t key[FLEET_KEY_SIZE])
{
	own_use_secret(((const struct sharing *)arg)->own, key);
}

/* --- What this node knows --- */

static void
tell(const struct sharing *s, enum fleet_kind kind, const struct news *news)
{
	char record[FLEET_RECORD_MAX + 1];

	if (!fleet_is_used(s->fleet))
		return;
	news_write(news, record);
	fleet_tell(s->fleet, kind, record);
}

/* An end that has moved does not matter as much as others. */
static void
on_entry(
    void *arg, const struct local_entry *e, enum local_change change, enum local_reason reason)
{
	(void)reason;
	if (change == LOCAL_JOINED) /* they know */
		return;
	tell(arg, change == LOCAL_RENEWED ? FLEET_EVIDENCE : FLEET_DECISION,
	    &(struct news){.kind = NEWS_ENTRY, .entry = *e});
}

static void
on_attempt(void *arg, const struct probes_attempt *a)
{
	tell(arg, FLEET_EVIDENCE, &(struct news){.kind = NEWS_ATTEMPT, .attempt = *a});
}

static void
on_mark(void *arg, const struct traphits_mark *m)
{
	tell(arg, FLEET_EVIDENCE, &(struct news){.kind = NEWS_TRAP, .mark = *m});
}

static void
on_users(void *arg, const struct probes_users *u)
{
	tell(arg, FLEET_EVIDENCE, &(struct news){.kind = NEWS_USERS, .users = *u});
}

/* Who is spoken for is not to be listed meanwhile. */
static void
on_word(void *arg, const struct probes_word *w)
{
	tell(arg, FLEET_DECISION, &(struct news){.kind = NEWS_WORD, .word = *w});
}

static void
on_witness(void *arg, const struct witness *w)
{
	tell(arg, FLEET_DECISION, &(struct news){.kind = NEWS_WITNESS, .witness = *w});
}

static void
on_tick(void *arg)
{
	struct sharing *s = arg;

	timer_start(s->tick, TICK_MS);
	own_settle(s->own, fleet_is_heard(s->fleet));
}

struct sharing *
sharing_new(
    struct loop *loop, struct upstream *upstream, struct own *own, struct locallist *list)
{
	struct sharing *s = calloc(1, sizeof(*s));
	const struct fleet_ears ears = {on_record, on_key, s};
	const struct own_tellers tellers = {on_attempt, on_users, on_mark, on_word, s};

	if (s == NULL)
		return NULL;
	s->own = own;
	s->list = list;
	if ((s->tick = timer_new(loop, on_tick, s)) == NULL ||
	    (s->fleet = fleet_new(loop, upstream, &ears)) == NULL) {
		timer_free(s->tick);
		free(s);
		return NULL;
	}
	timer_start(s->tick, TICK_MS);
	locallist_watch(list, on_entry, s);
	own_watch(own, &tellers);
	return s;
}

void
sharing_keep(struct sharing *s, struct localstore *store)
{
	s->store = store;
	localstore_watch(store, on_witness, s);
}

void
sharing_free(struct sharing *s)
{
	if (s == NULL)
		return;
	timer_free(s->tick);
	fleet_free(s->fleet);
	free(s);
}

void
sharing_use(struct sharing *s, bool wanted)
{
	fleet_use(s->fleet, wanted);
}
