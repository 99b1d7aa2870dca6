/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * lookup/question.c - one list is asked about the subject of a lookup, once more where the
 * answer may have expired, and a listing is confirmed: then it is known what the list says.
 */
#include "config.h"

#include "lookup/question.h"

#include <stddef.h>

#include "base/clock.h"
#include "dns/dns.h"
#include "health/health.h"
#include "lists/usage.h"
#include "lookup/inquiry.h"
#include "lookup/memcache.h"
#include "lookup/publish.h"
#include "redis/sharedcache.h"
#include "upstream/upstream.h"

#define QUERY_MAX 256 /* a name and its NUL */
#define AGAIN_MS 300  /* after which a resolver has a new answer for one that has expired */
#define AGAIN_PAUSE_MS 60000  /* in which a client's listing is asked for again once */
#define AGAIN_BIT 0x40000000U /* of the id under which it is kept that it was */

static void ask_again(void *arg);

/* What a list has said is to be kept, and passed on. */
static void
conclude(struct question *question)
{
	struct lookup *q = question->lookup;
	struct fact *fact = &question->fact;

	/* Other nodes ask again when it ends there: so does this one. */
	if (upstream_redis(q->engine->upstream) != NULL) {
		fact->expires = shared_cache_end(fact, &q->subject);
		publish_later(q, question->list);
	}
	q->heard |= (listset)1 << question->list;
	inquiry_settle(q, question->list, fact);
	inquiry_leave(q);
}

/* A listing counts if its list does not list everybody; only then is it kept. */
static void
on_confirmed(void *arg, enum confirmation_result confirmation)
{
	struct question *question = arg;
	struct lookup *q = question->lookup;

	switch (confirmation) {
	case CONFIRMED:
		conclude(question);
		return;
	case REFUTED:
		question->fact = (struct fact){.state = FACT_ERROR, .expires = clock_ms()};
		break;
	case UNCONFIRMED:
		question->fact.unproven = true; /* no refusal can rest on it */
		break;
	}
	inquiry_settle(q, question->list, &question->fact);
	inquiry_leave(q);
}

/* What the list says is settled, but for its confirmation: only what speaks against somebody
 * needs one. */
static void
weigh(struct question *question)
{
	struct lookup *q = question->lookup;
	const struct listing *listing = q->roster->list[question->list];

	if (question->fact.state == FACT_LISTED && listing->worst > 0) {
		waiters_prove(&q->waiters, question->list);
		health_confirm(q->engine->health, listing, &q->subject, question->server,
		    q->quiet, on_confirmed, question);
	} else {
		conclude(question);
	}
}

/* Whether the answer may be one that has expired, and nobody has looked into that for
 * a minute. */
static bool
is_worth_asking_again(const struct question *question, uint32_t ttl)
{
	struct lookup *q = question->lookup;
	const struct listing *listing = q->roster->list[question->list];
	struct fact mark = {.state = FACT_CLEAR}, known;
	uint32_t id = listing->id | AGAIN_BIT;
	int64_t now;

	if (question->fact.state != FACT_LISTED || listing->worst <= 0 ||
	    !health_may_be_stale(q->engine->health, listing, ttl))
		return false;
	now = clock_ms();
	if (memcache_find(q->engine->memory, &q->subject.key, id, now, &known))
		return false;
	mark.expires = now + AGAIN_PAUSE_MS;
	memcache_put(q->engine->memory, &q->subject.key, id, &mark);
	return true;
}

/* What an answer says; the one before stays where this one is none. */
static void
hear(struct question *question, const struct dns_reply *reply)
{
	struct lookup *q = question->lookup;
	const struct listing *listing = q->roster->list[question->list];
	struct fact fact = {.source = FACT_FROM_DNS};
	enum anomaly anomaly = ANOMALY_NONE;
	bool sampled = listset_has(q->sample, question->list);
	int64_t now = clock_ms();
	uint32_t bad = 0;

	if (reply->status == DNS_FOUND)
		anomaly = listing_read(listing, reply->address, reply->n, &fact, &bad);
	else
		fact.state = reply->status == DNS_ABSENT ? FACT_CLEAR : FACT_ERROR;
	if (!q->quiet && sampled)
		list_usage_drawn(listing->usage, (enum fact_state)fact.state);
	if (!q->quiet)
		list_usage_answer(listing->usage,
		    fact.state == FACT_ERROR && anomaly == ANOMALY_NONE
			? FACT_UNKNOWN
			: (enum fact_state)fact.state,
		    now - question->asked);
	health_answer(q->engine->health, listing, q->quiet ? NULL : &q->subject.key, sampled,
	    reply, &fact, anomaly, bad);
	if (fact.state == FACT_ERROR && question->fact.state == FACT_LISTED)
		return;
	question->fact = fact;
	question->fact.expires =
	    now + (int64_t)fact_ttl((enum fact_state)fact.state, reply->ttl) * 1000;
	question->server = reply->server;
}

static void
on_dns(void *arg, const struct dns_reply *reply)
{
	struct question *question = arg;

	hear(question, reply);
	if (is_worth_asking_again(question, reply->ttl) &&
	    (question->again =
		    timer_new(question->lookup->engine->loop, ask_again, question)) != NULL)
		timer_start(question->again, AGAIN_MS);
	else
		weigh(question);
}

/* Ask the list for a name; an answer to it is owed to health. */
static void
send_question(struct question *question, const char *name)
{
	static const struct dns_reply nobody = {.status = DNS_FAILED};
	struct lookup *q = question->lookup;
	const struct listing *listing = q->roster->list[question->list];
	struct dns *dns = upstream_dns(q->engine->upstream, listing->servers);

	question->asked = clock_ms();
	if (dns == NULL)
		on_dns(question, &nobody);
	else
		dns_ask_list(dns, &(struct dns_list){listing->zone, listing}, name,
		    DNS_ANY_SERVER, q->quiet ? DNS_UNCOUNTED : 0, on_dns, question);
}

/* The first answer stays where there is no other. */
static void
ask_again(void *arg)
{
	struct question *question = arg;
	struct lookup *q = question->lookup;
	const struct listing *listing = q->roster->list[question->list];
	char name[QUERY_MAX];

	timer_free(question->again);
	question->again = NULL;
	if (listing_query(listing, &q->subject, name, sizeof(name)) &&
	    health_ask(q->engine->health, listing, q->quiet))
		send_question(question, name);
	else
		weigh(question);
}

static void
ask_list(struct lookup *q, unsigned list)
{
	static const struct fact unheard = {.state = FACT_ERROR};
	static const struct fact nothing = {.state = FACT_CLEAR}; /* no list can hold it */
	const struct listing *listing = q->roster->list[list];
	char name[QUERY_MAX];

	if (!listing_query(listing, &q->subject, name, sizeof(name))) {
		inquiry_settle(q, list, &nothing);
	} else if (!health_ask(q->engine->health, listing, q->quiet)) {
		inquiry_settle(q, list, &unheard);
	} else {
		q->open++;
		send_question(&q->questions[list], name);
	}
}

void
question_ask_wanted(struct lookup *q)
{
	listset lists = q->recalling ? 0 : q->wanted & q->unasked;

	q->unasked &= ~lists;
	for (unsigned i = 0; i < q->roster->n; i++)
		if (listset_has(lists, i))
			ask_list(q, i);
}

bool
question_hasten(struct question *question)
{
	if (question->again == NULL)
		return false;
	timer_free(question->again);
	question->again = NULL;
	weigh(question);
	return true;
}
