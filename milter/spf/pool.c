/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * spf/pool.c - keeps processes.  A mail can kill the one that looks at it, and
 * another mail the next: how fast new ones are started is bounded, and when none
 * of many has done anything, all is left alone for a moment.
 */
#include "config.h"

#include "spf/pool.h"

#include <sys/queue.h>

#include <assert.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/counter.h"
#include "base/log.h"
#include "base/loglimit.h"
#include "loop/loop.h"
#include "spf/link.h"

#define IDLE_MS 60000 /* then a process ends, if it is not the last one */
#define STARTS_A_SECOND 128
#define WORN_CHECKS 1000          /* then it is ended, whatever it thinks itself: */
#define WORN_MS (10 * 60 * 1000L) /* a stranger may have taken it over */
#define DEATHS_MAX 10             /* in a row: something is wrong with all of them */
#define REST_MS 1000              /* and nothing is tried for so long */

struct spf_worker {
	LIST_ENTRY(spf_worker) list; /* idle or busy */
	struct spfpool *pool;
	struct spflink *link;
	void *request; /* NULL: idle, ... */
	int64_t since; /* ... from then on */
	int64_t born;
	unsigned checks; /* that it was taken for */
};

LIST_HEAD(workers, spf_worker);

struct spfpool {
	struct loop *loop;
	int spawner;
	struct spfpool_user user;
	struct workers idle, busy; /* what was idle last goes first */
	unsigned n, max;
	struct timer *sweep, *later;
	int64_t second;  /* begun then, ... */
	unsigned starts; /* ... with so many starts */
	int64_t due;     /* when later runs; 0: it does not */
	bool sweeping;
	unsigned deaths;      /* since one has done its work */
	int64_t rest;         /* until then */
	struct loglimit told; /* of deaths */
};

/* Say soon that it is worth while to try again. */
static void
call_later(struct spfpool *pool, int64_t ms)
{
	int64_t due = clock_ms() + ms;

	if (pool->due != 0 && pool->due <= due)
		return;
	pool->due = due;
	timer_start(pool->later, ms);
}

static void
on_later(void *arg)
{
	struct spfpool *pool = arg;

	pool->due = 0;
	pool->user.ready(pool->user.arg);
}

static void
worker_free(struct spf_worker *worker)
{
	LIST_REMOVE(worker, list);
	worker->pool->n--;
	spflink_free(worker->link);
	free(worker);
}

/* The first of a while is told, with how many there were before it. */
static void
speak(struct spfpool *pool, const char *why)
{
	unsigned count = loglimit_count(&pool->told, LOGLIMIT_MINUTE_MS);
	struct logline line;

	if (count == 0)
		return;
	logline_event(&line, "spf-worker-died");
	logline_words(&line, "why", why);
	logline_num(&line, "count", count);
	logline_end(&line, LOG_LEVEL_WARNING);
}

/* One has died, or could not be started. */
static void
note_death(struct spfpool *pool, const char *why)
{
	counter_add(COUNTER_SPF_DEATHS);
	speak(pool, why);
	if (++pool->deaths < DEATHS_MAX)
		return;
	if (pool->deaths == DEATHS_MAX)
		log_event(LOG_LEVEL_ERROR, "spf-workers-fail", "effect", "spf-not-checked");
	pool->rest = clock_ms() + REST_MS;
}

void
spfpool_drop(struct spf_worker *worker, const char *why)
{
	struct spfpool *pool = worker->pool;

	worker_free(worker);
	note_death(pool, why);
	call_later(pool, 0);
}

static void
on_end(void *arg)
{
	struct spf_worker *worker = arg;
	struct spfpool *pool = worker->pool;
	void *request = worker->request;

	if (request == NULL) {
		worker_free(worker); /* it has done its share: a new one does the next */
		return;
	}
	spfpool_drop(worker, "it has ended");
	pool->user.died(request);
}

static void
on_message(void *arg, const struct spf_message *message)
{
	struct spf_worker *worker = arg;

	if (worker->request != NULL)
		worker->pool->user.heard(worker->request, message);
	else
		spfpool_drop(worker, "it speaks unasked");
}

bool
spfpool_is_broken(const struct spfpool *pool)
{
	return pool->n == 0 && clock_ms() < pool->rest;
}

static bool
is_worn(const struct spf_worker *worker)
{
	return worker->checks >= WORN_CHECKS || clock_ms() - worker->born >= WORN_MS;
}

/* One that is idle, and not worn; or NULL. */
static struct spf_worker *
find_idle(struct spfpool *pool)
{
	struct spf_worker *worker;

	while ((worker = LIST_FIRST(&pool->idle)) != NULL && is_worn(worker))
		worker_free(worker);
	return worker;
}

/* Whether one may be started now; if not, but soon, that is said then. */
static bool
may_start(struct spfpool *pool)
{
	int64_t now = clock_ms();

	if (pool->n >= pool->max)
		return false;
	if (now < pool->rest) {
		call_later(pool, pool->rest - now);
		return false;
	}
	if (now - pool->second >= 1000) {
		pool->second = now;
		pool->starts = 0;
	}
	if (pool->starts < STARTS_A_SECOND)
		return true;
	call_later(pool, pool->second + 1000 - now);
	return false;
}

static struct spf_worker *
start(struct spfpool *pool)
{
	struct spf_worker *worker = calloc(1, sizeof(*worker));

	if (worker == NULL)
		return NULL;
	pool->starts++;
	worker->pool = pool;
	worker->born = clock_ms();
	worker->link = spflink_new(pool->loop, pool->spawner, on_message, on_end, worker);
	if (worker->link == NULL) {
		free(worker);
		note_death(pool, "it cannot be started");
		call_later(pool, 0);
		return NULL;
	}
	pool->n++;
	return worker;
}

struct spf_worker *
spfpool_take(struct spfpool *pool, void *request)
{
	struct spf_worker *worker = find_idle(pool);

	assert(request != NULL);
	if (worker != NULL)
		LIST_REMOVE(worker, list);
	else if (!may_start(pool) || (worker = start(pool)) == NULL)
		return NULL;
	worker->request = request;
	worker->checks++;
	LIST_INSERT_HEAD(&pool->busy, worker, list);
	return worker;
}

bool
spfpool_send(struct spf_worker *worker, const struct spf_message *message)
{
	if (spflink_send(worker->link, message))
		return true;
	spfpool_drop(worker, "it does not listen");
	return false;
}

void
spfpool_give(struct spf_worker *worker)
{
	struct spfpool *pool = worker->pool;

	if (pool->deaths >= DEATHS_MAX)
		log_event(LOG_LEVEL_INFO, "spf-workers-work", NULL, NULL);
	pool->deaths = 0;
	if (pool->n > pool->max || is_worn(worker)) {
		worker_free(worker);
		return;
	}
	worker->request = NULL;
	worker->since = clock_ms();
	LIST_REMOVE(worker, list);
	LIST_INSERT_HEAD(&pool->idle, worker, list);
	if (!pool->sweeping)
		timer_start(pool->sweep, IDLE_MS);
	pool->sweeping = true;
}

/* End those that are idle too long, or too many. */
static void
sweep(void *arg)
{
	struct spfpool *pool = arg;
	struct spf_worker *worker = LIST_FIRST(&pool->idle), *next;
	int64_t now = clock_ms();

	for (; worker != NULL; worker = next) {
		next = LIST_NEXT(worker, list);
		if (pool->n > pool->max || (pool->n > 1 && now - worker->since >= IDLE_MS))
			worker_free(worker);
	}
	pool->sweeping = pool->n > 1;
	if (pool->sweeping)
		timer_start(pool->sweep, IDLE_MS / 2);
}

void
spfpool_resize(struct spfpool *pool, unsigned max)
{
	assert(max >= 1 && max <= SPFPOOL_MAX);
	pool->max = max;
	sweep(pool);
	call_later(pool, 0);
}

struct spfpool *
spfpool_new(struct loop *loop, int spawner, const struct spfpool_user *user)
{
	struct spfpool *pool = calloc(1, sizeof(*pool));

	if (pool == NULL)
		return NULL;
	pool->loop = loop;
	pool->spawner = spawner;
	pool->user = *user;
	pool->max = SPFPOOL_DEFAULT;
	LIST_INIT(&pool->idle);
	LIST_INIT(&pool->busy);
	pool->sweep = timer_new(loop, sweep, pool);
	pool->later = timer_new(loop, on_later, pool);
	if (pool->sweep == NULL || pool->later == NULL) {
		spfpool_free(pool);
		return NULL;
	}
	return pool;
}

void
spfpool_free(struct spfpool *pool)
{
	struct spf_worker *worker;

	if (pool == NULL)
		return;
	assert(LIST_EMPTY(&pool->busy));
	while ((worker = LIST_FIRST(&pool->idle)) != NULL)
		worker_free(worker);
	timer_free(pool->sweep);
	timer_free(pool->later);
	free(pool);
}
