/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * spf/spf.c - a request is one check.  Its way: spf_check() (a session's thread),
 * begin, serve, then ask and answer in turn, settle, finish (all on the I/O
 * thread).  It is settled when its result is told, and finished when its process
 * is free again, which after a limit or a deadline of ours is not the same.
 *
 * Where others wait, one whose DNS lets its process idle gives way to them: the
 * oldest of the same quota, where it is that which is full.
 */
#include "config.h"

#include "spf/spf.h"

#include <sys/queue.h>

#include <search.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/counter.h"
#include "base/log.h"
#include "base/tally.h"
#include "dns/dns.h"
#include "loop/loop.h"
#include "loop/promise.h"
#include "spf/answer.h"
#include "spf/pool.h"
#include "spf/quota.h"
#include "spf/wire.h"
#include "upstream/upstream.h"

#define EARLY_MS 50     /* before a deadline: whoever waits until then must hear of it */
#define SHARE 4         /* one of so many processes may work for one stranger */
#define GRACE_MS 1000   /* for a process whose request is settled, to see it */
#define PATIENCE_MS 250 /* with DNS, while others wait for the process */
#define LOOK_MS 20      /* between two looks whether somebody has to give way */
#define TRIES_MAX 3     /* processes that were dead before they had heard of it */
#define ASKS_MAX 100    /* questions, answered by DNS or not: more are no check */

/* What comes back from DNS finds its way by this. */
struct question {
	struct request *request; /* NULL: nobody waits for it any more */
	enum dns_type type;
};

struct request {
	TAILQ_ENTRY(request) list;
	struct spf *spf;
	struct spf_identity who;
	struct spf_claim claim;
	uint32_t number;
	struct promise *promise;   /* of all who wait for it */
	int64_t deadline, since;   /* what it is doing now: it waits, or is at work */
	int64_t waited;            /* for a process, before it was at work */
	struct timer *timer;       /* until the deadline; once settled, until patience ends */
	struct spf_worker *worker; /* NULL: it waits for one */
	struct question *question; /* NULL: DNS is not asked */
	unsigned asks, tries;      /* to ask DNS, and to have a process begin */
	int64_t cleared;           /* when another one gave way to it, while it waits */
	bool settled;
	unsigned looks, held; /* while it waits; its own client or domain was in its way */
	bool quiet;           /* nobody has asked but an administrator */
	struct spf_budget budget;
};

TAILQ_HEAD(requests, request);

struct spf {
	struct loop *loop;
	struct upstream *upstream;
	struct promises *promises;
	struct spfpool *pool; /* NULL: there are no processes */
	struct spfquotas *quotas;
	atomic_uint processes;
	atomic_flag told;                 /* that there are none */
	struct requests waiting, running; /* in the order they came, and began */
	struct timer *look;               /* runs while one waits */
	bool looking;
	void *open; /* a tsearch(3) tree of those not settled */
	uint32_t number;
};

static void serve(struct spf *);
static void on_time(void *);

static int
compare(const void *a, const void *b)
{
	return spfidentity_compare(
	    &((const struct request *)a)->who, &((const struct request *)b)->who);
}

static void
request_free(struct request *e)
{
	timer_free(e->timer);
	spfquota_end(&e->claim);
	spfidentity_clear(&e->who);
	free(e);
}

static void
count(enum spf_result result)
{
	tally_add(TALLY_SPF, result, 1);
	if (result == SPF_TEMPERROR)
		counter_add(COUNTER_SPF_TEMPERRORS);
	if (result == SPF_UNKNOWN)
		counter_add(COUNTER_SPF_UNKNOWNS);
}

/* Tell the result to all who wait for it. */
static void
settle(struct request *e, enum spf_result result)
{
	if (e->settled)
		return;
	e->settled = true;
	tdelete(e, &e->spf->open, compare);
	if (!e->quiet)
		count(result);
	promise_keep(&e->promise, (int)result);
}

/* Wait for the answer of DNS no more. */
static void
forget_question(struct request *e)
{
	if (e->question != NULL)
		e->question->request = NULL;
	e->question = NULL;
}

/* Every request ends here, once, without a process; one without a result has none. */
static void
finish(struct request *e)
{
	struct spf *spf = e->spf;

	settle(e, SPF_UNKNOWN);
	forget_question(e);
	TAILQ_REMOVE(&spf->running, e, list);
	request_free(e);
}

/* Its process is of no use any more. */
static void
drop(struct request *e, const char *why)
{
	spfpool_drop(e->worker, why);
	finish(e);
}

static void
tell(struct request *e, const struct spf_answer *answer)
{
	struct spf_message message = {.verb = SPF_ANSWER, .number = e->number};

	message.as.answer = *answer;
	if (!spfpool_send(e->worker, &message))
		finish(e);
}

static void
tell_nothing(struct request *e, enum dns_type type, enum dns_status status)
{
	struct spf_answer answer = spfanswer_empty(type, status);

	tell(e, &answer);
}

/* It has a result of our own; all its process gets now is time to come to its end. */
static void
cut_short(struct request *e, enum spf_result result, enum dns_type type)
{
	settle(e, result);
	timer_start(e->timer, GRACE_MS);
	tell_nothing(e, type, DNS_FAILED);
}

static void
on_dns(void *arg, const struct dns_reply *reply)
{
	struct question *question = arg;
	struct request *e = question->request;
	enum dns_type type = question->type;
	struct spf_answer answer;
	struct spf_room room;

	free(question);
	if (e == NULL)
		return;
	e->question = NULL;
	if (reply->unsent && reply->status == DNS_FAILED)
		tell_nothing(e, type, DNS_ABSENT); /* nobody has a name that cannot be asked */
	else if (spfanswer_make(&answer, &room, type, reply, &e->who.client, &e->budget))
		tell(e, &answer);
	else
		cut_short(e, SPF_PERMERROR, type);
}

static void
ask_dns(struct request *e, const struct spf_ask *ask)
{
	struct dns *dns = upstream_resolver(e->spf->upstream);
	struct question *question = malloc(sizeof(*question));

	if (dns == NULL || question == NULL) {
		free(question);
		cut_short(e, SPF_UNKNOWN, ask->type);
		return;
	}
	*question = (struct question){e, ask->type};
	e->question = question;
	if (!e->quiet)
		counter_add(COUNTER_SPF_QUESTIONS);
	dns_query(dns, ask->type, ask->name, &e->who.client, e->quiet ? DNS_UNCOUNTED : 0,
	    on_dns, question);
}

static void
on_ask(struct request *e, const struct spf_ask *ask)
{
	if (e->settled) {
		tell_nothing(e, ask->type, DNS_FAILED);
		return;
	}
	switch (spfbudget_ask(&e->budget, ask)) {
	case SPF_LEAVE_ASK:
		ask_dns(e, ask);
		break;
	case SPF_LEAVE_ABSENT:
		tell_nothing(e, ask->type, DNS_ABSENT);
		break;
	case SPF_LEAVE_OVER:
		cut_short(e, SPF_PERMERROR, ask->type);
		break;
	}
}

/* Its process is back, or dead: there may be one for the next. */
static void
conclude(void *arg)
{
	struct request *e = arg;
	struct spf *spf = e->spf;

	finish(e);
	serve(spf);
}

static void
on_result(struct request *e, enum spf_result result)
{
	settle(e, result);
	spfpool_give(e->worker);
	conclude(e);
}

static void
heard(void *arg, const struct spf_message *message)
{
	struct request *e = arg;
	bool in_turn = e->question == NULL && message->number == e->number;

	if (in_turn && message->verb == SPF_ASK && e->asks++ < ASKS_MAX)
		on_ask(e, &message->as.ask);
	else if (in_turn && message->verb == SPF_RESULT)
		on_result(e, message->as.outcome.result);
	else
		drop(e, "it talks nonsense");
}

/* One that waits comes to nothing. */
static void
give_up(struct request *e)
{
	struct spf *spf = e->spf;

	TAILQ_REMOVE(&spf->waiting, e, list);
	TAILQ_INSERT_TAIL(&spf->running, e, list);
	finish(e);
}

/*
 * What comes of one whose time is over.  Where it was at work for longer than it had waited,
 * DNS is at fault, or the process that has not asked; else who was in its way: its own client
 * or the sender's own domain, mostly, or we.
 */
static enum spf_result
result_of_timeout(const struct request *e)
{
	bool held = 2 * e->held > e->looks;

	if (e->worker == NULL || clock_ms() - e->since <= e->waited)
		return held ? SPF_TEMPERROR : SPF_UNKNOWN;
	return e->question != NULL ? SPF_TEMPERROR : SPF_UNKNOWN;
}

/* DNS has had its time. */
static void
end_wait(struct request *e, enum spf_result result)
{
	enum dns_type type = e->question->type;

	forget_question(e);
	cut_short(e, result, type);
}

static void
on_time(void *arg)
{
	struct request *e = arg;

	if (e->worker == NULL) {
		settle(e, result_of_timeout(e));
		give_up(e);
	} else if (e->settled) {
		drop(e, "it does not end");
	} else if (e->question != NULL) {
		end_wait(e, result_of_timeout(e));
	} else {
		settle(e, result_of_timeout(e));
		timer_start(e->timer, GRACE_MS);
	}
}

/* Give one that waits to a process; false: it waits on, or has come to nothing. */
static bool
send_off(struct request *e)
{
	struct spf_message message = spfidentity_check(&e->who, e->number);

	e->worker = spfpool_take(e->spf->pool, e);
	if (e->worker == NULL)
		return false;
	if (!spfpool_send(e->worker, &message)) {
		/* It was dead, and knows nothing of it: another one may do it. */
		e->worker = NULL;
		if (++e->tries == TRIES_MAX)
			give_up(e);
		return false;
	}
	spfquota_begin(&e->claim);
	e->waited = clock_ms() - e->since;
	e->since += e->waited;
	TAILQ_REMOVE(&e->spf->waiting, e, list);
	TAILQ_INSERT_TAIL(&e->spf->running, e, list);
	return true;
}

/* The first that waits for no more than a process. */
static struct request *
find_next(const struct spf *spf)
{
	struct request *e;

	TAILQ_FOREACH(e, &spf->waiting, list)
	if (spfquota_may_begin(&e->claim))
		break;
	return e;
}

/* Who is to give way to one that waits; NULL: nobody has been silent long enough. */
static struct request *
find_silent(const struct spf *spf, const struct request *waiting, int64_t now)
{
	bool any = spfquota_may_begin(&waiting->claim);
	struct request *e;

	TAILQ_FOREACH(e, &spf->running, list)
	{
		if (now - e->since < PATIENCE_MS)
			return NULL;
		if (!e->settled && e->question != NULL &&
		    (any || spfquota_is_in_way(&e->claim, &waiting->claim)))
			break;
	}
	return e;
}

/* Have one give way to each that waits; its process needs a moment to come to its end. */
static void
make_room(struct spf *spf)
{
	int64_t now = clock_ms();
	struct request *e, *silent;

	TAILQ_FOREACH(e, &spf->waiting, list)
	{
		e->looks++;
		e->held += !spfquota_may_begin(&e->claim);
		if (now - e->cleared < PATIENCE_MS)
			continue;
		silent = find_silent(spf, e, now);
		if (silent == NULL)
			continue;
		e->cleared = now;
		end_wait(silent, SPF_TEMPERROR);
	}
}

static void
on_look(void *arg)
{
	struct spf *spf = arg;

	spf->looking = false;
	make_room(spf);
	serve(spf);
}

static void
serve(struct spf *spf)
{
	struct request *e;

	while ((e = find_next(spf)) != NULL && send_off(e))
		;
	/* Nobody waits for what will not be there soon. */
	while (spfpool_is_broken(spf->pool) && (e = TAILQ_FIRST(&spf->waiting)) != NULL)
		give_up(e);
	if (!spf->looking && !TAILQ_EMPTY(&spf->waiting)) {
		spf->looking = true;
		timer_start(spf->look, LOOK_MS);
	}
}

static void
on_ready(void *arg)
{
	serve(arg);
}

/* Whether the same is under way: then its result does for this one, too. */
static bool
join(struct request *e)
{
	struct request **found = tfind(e, &e->spf->open, compare), *other;

	if (found == NULL)
		return false;
	other = *found;
	promise_join(other->promise, &e->promise);
	/* A client has come to what an administrator began: it is a check from now on. */
	if (other->quiet && !e->quiet)
		counter_add(COUNTER_SPF_CHECKS);
	other->quiet = other->quiet && e->quiet;
	if (e->deadline > other->deadline) {
		other->deadline = e->deadline;
		timer_start(other->timer, e->deadline - clock_ms());
	}
	request_free(e);
	return true;
}

static void
begin(void *arg)
{
	struct request *e = arg;
	struct spf *spf = e->spf;

	if (join(e))
		return;
	if (!e->quiet)
		counter_add(COUNTER_SPF_CHECKS);
	e->number = ++spf->number;
	e->since = clock_ms();
	TAILQ_INSERT_TAIL(&spf->waiting, e, list);
	e->timer = timer_new(spf->loop, on_time, e);
	if (e->timer == NULL || !spfquota_claim(&e->claim, spf->quotas, &e->who) ||
	    tsearch(e, &spf->open, compare) == NULL) {
		log_event(LOG_LEVEL_ERROR, "out-of-memory", "while", "checking-a-sender");
		give_up(e);
		return;
	}
	timer_start(e->timer, e->deadline - e->since);
	serve(spf);
}

static struct request *
request_new(struct spf *spf, struct promise *promise, int64_t deadline)
{
	struct request *e = calloc(1, sizeof(*e));

	if (e == NULL)
		return NULL;
	e->spf = spf;
	e->promise = promise;
	e->deadline = deadline - EARLY_MS;
	return e;
}

static void
tell_of_none(struct spf *spf)
{
	if (!atomic_flag_test_and_set(&spf->told))
		log_event(LOG_LEVEL_ERROR, "spf-unavailable", "effect", "spf-not-checked");
}

struct promise *
spf_check(struct spf *spf, const struct ipaddr *client, const char *helo, const char *sender,
    const char *receiver, int64_t deadline, bool quiet)
{
	struct promise *promise = promise_new(spf->promises), *to_keep = promise;
	struct request *e;

	if (promise == NULL)
		return NULL;
	if (!spfidentity_has_policy(client, helo, sender)) {
		promise_keep(&to_keep, SPF_NONE);
		return promise;
	}
	if (spf->pool == NULL)
		tell_of_none(spf);
	e = spf->pool != NULL ? request_new(spf, to_keep, deadline) : NULL;
	if (e != NULL)
		e->quiet = quiet;
	if (e != NULL && spfidentity_copy(&e->who, client, helo, sender, receiver)) {
		loop_call(spf->loop, begin, e);
		return promise;
	}
	free(e);
	if (!quiet)
		count(SPF_UNKNOWN);
	promise_keep(&to_keep, SPF_UNKNOWN);
	return promise;
}

static void
resize(void *arg)
{
	struct spf *spf = arg;
	unsigned processes = atomic_load(&spf->processes);

	spfquotas_resize(spf->quotas, processes / SHARE);
	spfpool_resize(spf->pool, processes);
}

void
spf_configure(struct spf *spf, unsigned processes)
{
	atomic_store(&spf->processes, processes);
	if (spf->pool != NULL)
		loop_call(spf->loop, resize, spf);
}

struct spf *
spf_new(struct loop *loop, struct upstream *upstream, struct promises *promises, int spawner)
{
	struct spf *spf = calloc(1, sizeof(*spf));
	const struct spfpool_user user = {heard, conclude, on_ready, spf};

	if (spf == NULL)
		return NULL;
	spf->loop = loop;
	spf->upstream = upstream;
	spf->promises = promises;
	atomic_flag_clear(&spf->told);
	TAILQ_INIT(&spf->waiting);
	TAILQ_INIT(&spf->running);
	atomic_init(&spf->processes, SPFPOOL_DEFAULT);
	spf->quotas = spfquotas_new();
	spf->look = timer_new(loop, on_look, spf);
	if (spawner >= 0)
		spf->pool = spfpool_new(loop, spawner, &user);
	if (spf->quotas == NULL || spf->look == NULL || (spawner >= 0 && spf->pool == NULL)) {
		spf_free(spf);
		return NULL;
	}
	spfquotas_resize(spf->quotas, SPFPOOL_DEFAULT / SHARE);
	return spf;
}

void
spf_free(struct spf *spf)
{
	struct request *e;

	if (spf == NULL)
		return;
	while ((e = TAILQ_FIRST(&spf->waiting)) != NULL)
		give_up(e);
	while ((e = TAILQ_FIRST(&spf->running)) != NULL) {
		spfpool_give(e->worker);
		finish(e);
	}
	timer_free(spf->look);
	spfpool_free(spf->pool);
	spfquotas_free(spf->quotas);
	free(spf);
}
