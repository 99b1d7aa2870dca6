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
#include "own/fleet.h"
#include "own/locallist.h"
#include "own/news.h"
#include "own/own.h"

_Static_assert(FLEET_KEY_SIZE >= ASSOC_SECRET_SIZE, "the secret is the start of the key");

struct sharing {
	struct fleet *fleet;
	struct own *own;
	struct locallist *list;
};

static void
on_record(void *arg, int64_t said, int64_t ahead, const char *record)
{
	const struct sharing *s = arg;
	uint32_t now = (uint32_t)clock_wall();
	struct news news;

	if (!news_read(&news, record, ahead, now))
		counter_add(COUNTER_REDIS_GARBAGE);
	else if (news.kind == NEWS_ENTRY)
		(void)locallist_join(s->list, &news.entry, now);
	else
		own_heard(s->own, &news.attempt, (uint32_t)said);
}

static void
on_key(void *arg, const uint8_t key[FLEET_KEY_SIZE])
{
	own_use_secret(((const struct sharing *)arg)->own, key);
}

/* An end that has moved does not matter as much as others. */
static void
on_entry(
    void *arg, const struct local_entry *e, enum local_change change, enum local_reason reason)
{
	const struct sharing *s = arg;
	char record[FLEET_RECORD_MAX + 1];

	(void)reason;
	if (change == LOCAL_JOINED) /* they know */
		return;
	news_write_entry(e, record);
	fleet_tell(s->fleet, change == LOCAL_RENEWED ? FLEET_EVIDENCE : FLEET_DECISION, record);
}

static void
on_attempt(void *arg, const struct probes_attempt *a)
{
	const struct sharing *s = arg;
	char record[FLEET_RECORD_MAX + 1];

	news_write_attempt(a, record);
	fleet_tell(s->fleet, FLEET_EVIDENCE, record);
}

struct sharing *
sharing_new(
    struct loop *loop, struct upstream *upstream, struct own *own, struct locallist *list)
{
	struct sharing *s = calloc(1, sizeof(*s));
	const struct fleet_ears ears = {on_record, on_key, s};

	if (s == NULL)
		return NULL;
	s->own = own;
	s->list = list;
	if ((s->fleet = fleet_new(loop, upstream, &ears)) == NULL) {
		free(s);
		return NULL;
	}
	locallist_watch(list, on_entry, s);
	own_watch(own, on_attempt, s);
	return s;
}

void
sharing_free(struct sharing *s)
{
	if (s == NULL)
		return;
	fleet_free(s->fleet);
	free(s);
}

void
sharing_use(struct sharing *s, bool wanted)
{
	fleet_use(s->fleet, wanted);
}
