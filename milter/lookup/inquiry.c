/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * lookup/inquiry.c - how a lookup lives: by references, and in the table of those under way
 * until the last thing of it that is open has come to its end.
 */
#include "config.h"

#include "lookup/inquiry.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "base/limit.h"
#include "lookup/memcache.h"

static int
compare(const void *a, const void *b)
{
	const struct lookup *x = a, *y = b;
	int order = ipaddr_compare(&x->subject.key, &y->subject.key);

	if (order == 0)
		order = (int)x->subject.role - (int)y->subject.role;
	if (order == 0)
		order = x->fresh - y->fresh;
	if (order == 0)
		order = (x->epoch > y->epoch) - (x->epoch < y->epoch);
	if (order != 0)
		return order;
	return ((uintptr_t)x->roster > (uintptr_t)y->roster) -
	    ((uintptr_t)x->roster < (uintptr_t)y->roster);
}

struct lookup *
inquiry_new(struct lookups *engine, const struct subject *subject, struct roster *roster,
    const struct fact *known, listset missing, listset held)
{
	struct lookup *q = calloc(1, sizeof(*q) + roster->n * sizeof(q->questions[0]));
	char *name = subject->name != NULL ? strdup(subject->name) : NULL;

	if (q == NULL || (subject->name != NULL && name == NULL) ||
	    !waiters_init(&q->waiters, engine->loop, &engine->hurry, roster->n,
		roster_of(roster, subject->role) & ~roster_local(roster), known, missing,
		held)) {
		free(name);
		free(q);
		return NULL;
	}
	q->engine = engine;
	q->subject = *subject;
	q->subject.name = name;
	q->roster = roster_ref(roster);
	q->missing = q->unasked = missing;
	q->told = true;
	for (unsigned i = 0; i < roster->n; i++)
		q->questions[i] = (struct question){.lookup = q, .list = i};
	atomic_init(&q->refs, 2); /* the I/O thread's and the session's */
	return q;
}

static void
inquiry_free(struct lookup *q)
{
	waiters_clear(&q->waiters);
	roster_unref(&q->roster);
	free((char *)(uintptr_t)q->subject.name);
	free(q);
}

struct lookup *
inquiry_find(struct lookups *engine, const struct subject *subject, struct roster *roster,
    bool fresh, unsigned epoch)
{
	const struct lookup key = {
	    .subject = *subject, .roster = roster, .fresh = fresh, .epoch = epoch};
	struct lookup **found = tfind(&key, &engine->running, compare);

	if (found == NULL)
		return NULL;
	atomic_fetch_add(&(*found)->refs, 1);
	return *found;
}

bool
inquiry_add(struct lookup *q)
{
	if (tsearch(q, &q->engine->running, compare) != NULL)
		return true;
	inquiry_free(q);
	return false;
}

void
inquiry_release(struct lookup **qp)
{
	struct lookup *q = *qp;

	*qp = NULL;
	if (q != NULL && atomic_fetch_sub(&q->refs, 1) == 1)
		inquiry_free(q);
}

bool
inquiry_want(struct lookup *q, listset lists)
{
	bool tell = (lists & ~q->claimed) != 0 && !q->told;

	q->more |= lists & ~q->claimed;
	q->claimed |= lists;
	q->told = q->told || tell;
	return tell;
}

void
inquiry_take_wanted(struct lookup *q)
{
	pthread_mutex_lock(&q->engine->mutex);
	q->wanted |= q->more;
	q->more = 0;
	q->told = false;
	pthread_mutex_unlock(&q->engine->mutex);
}

listset
inquiry_claimed(struct lookup *q)
{
	listset claimed;

	pthread_mutex_lock(&q->engine->mutex);
	claimed = q->claimed;
	pthread_mutex_unlock(&q->engine->mutex);
	return claimed;
}

/* Out of the table; not while somebody wants more of it, and is about to say so. */
static bool
retire(struct lookup *q)
{
	struct lookups *engine = q->engine;

	pthread_mutex_lock(&engine->mutex);
	q->ended = !q->told;
	if (q->ended)
		tdelete(q, &engine->running, compare);
	pthread_mutex_unlock(&engine->mutex);
	return q->ended;
}

/* Every lookup ends here, once: out of the table, and out of the I/O thread. */
static void
finish(struct lookup *q)
{
	struct lookups *engine = q->engine;

	if (!retire(q))
		return;
	if (q->prev != NULL)
		q->prev->next = q->next;
	else
		engine->begun = q->next;
	if (q->next != NULL)
		q->next->prev = q->prev;
	/* Here and not with the last reference: sessions may keep theirs for minutes. */
	limit_leave(LIMIT_LOOKUPS);
	inquiry_release(&q);
}

static void
wake(void *arg)
{
	struct lookup *q = arg;

	q->waking = false;
	waiters_wake(&q->waiters);
	inquiry_release(&q);
}

void
inquiry_settle(struct lookup *q, unsigned list, const struct fact *fact)
{
	waiters_settle(&q->waiters, list, fact);
	if (q->engine->stopped) {
		waiters_wake(&q->waiters);
	} else if (!q->waking) {
		q->waking = true;
		atomic_fetch_add(&q->refs, 1);
		loop_post(q->engine->loop, &q->wake_call, wake, q);
	}
}

void
inquiry_facts(const struct lookup *q, struct fact *facts)
{
	for (unsigned i = 0; i < q->roster->n; i++)
		facts[i] = q->questions[i].fact;
}

/* Keep what was heard, at once: until now whoever asked has joined us. */
static void
keep(struct lookup *q)
{
	struct fact facts[LISTS_MAX];

	if (q->heard == 0)
		return;
	inquiry_facts(q, facts);
	memcache_put_all(
	    q->engine->memory, &q->subject.key, q->roster, q->heard, facts, q->epoch);
	q->heard = 0;
}

/* A callback has come, or all questions are asked; the last one ends it. */
void
inquiry_leave(struct lookup *q)
{
	if (--q->open > 0)
		return;
	keep(q);
	q->engine->ending(q);
	finish(q);
}

void
inquiry_begin(struct lookup *q)
{
	struct lookups *engine = q->engine;

	if ((q->next = engine->begun) != NULL)
		q->next->prev = q;
	engine->begun = q;
	q->open = 1;
}
