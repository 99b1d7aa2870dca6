/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * health/health.c - all the lists that are looked after, found by their ids, and what
 * other threads have to say about them.
 */
#include "config.h"

#include "health/health.h"

#include <stdlib.h>

#include "base/log.h"
#include "health/anomaly.h"
#include "health/nodereport.h"
#include "loop/loop.h"

struct entry {
	struct entry *next;
	struct monitor *monitor;
};

struct health {
	struct monitoring monitoring;
	struct anomalies *anomalies;
	struct suspensions *suspensions;
	struct entry *entries; /* lists are few: a walk is as fast as anything */
};

/* Messages of other threads. */
struct orders {
	struct health *health;
	struct roster *roster;
	struct health_options options;
	struct ipaddr voter, client; /* of a vouch */
	listset listed;
};

static struct monitor *
find(const struct health *h, uint32_t id)
{
	for (const struct entry *b = h->entries; b != NULL; b = b->next)
		if (monitor_id(b->monitor) == id)
			return b->monitor;
	return NULL;
}

bool
health_ask(struct health *h, const struct listing *listing, bool quiet)
{
	struct monitor *p = find(h, listing->id);

	return !listing_is_held(listing) && (p == NULL || monitor_ask(p, quiet));
}

bool
health_may_be_stale(const struct health *h, const struct listing *listing, uint32_t ttl)
{
	const struct monitor *p = find(h, listing->id);

	return p != NULL && monitor_may_be_stale(p, ttl);
}

void
health_answer(struct health *h, const struct listing *listing, const struct ipaddr *addr,
    bool drawn, const struct dns_reply *reply, const struct fact *fact, enum anomaly anomaly,
    uint32_t bad)
{
	struct monitor *p = find(h, listing->id);
	enum fact_state state = (enum fact_state)fact->state;

	if (addr != NULL)
		anomalies_note(h->anomalies, listing, anomaly, bad);
	if (state == FACT_ERROR && anomaly == ANOMALY_NONE)
		state = FACT_UNKNOWN; /* not even a wrong answer */
	if (p != NULL)
		monitor_answer(p, addr, drawn, state, answer_kind_of(reply));
}

void
health_confirm(struct health *h, const struct listing *listing, const struct subject *subject,
    unsigned server, bool quiet, health_confirmed *done, void *arg)
{
	struct monitor *p = find(h, listing->id);

	if (p == NULL || !h->monitoring.options.confirmation)
		done(arg, CONFIRMED);
	else
		monitor_confirm(p, subject, server, quiet, done, arg);
}

void
health_on_silent(struct health *h, health_silent *silent, void *arg)
{
	h->monitoring.silent = silent;
	h->monitoring.silent_arg = arg;
}

static void
vouch(void *arg)
{
	struct orders *o = arg;

	for (unsigned i = 0; i < o->roster->n; i++) {
		struct monitor *p = find(o->health, o->roster->list[i]->id);

		if (listset_has(o->listed, i) && p != NULL)
			monitor_vouched(p, &o->voter, &o->client);
	}
	roster_unref(&o->roster);
	free(o);
}

static struct monitor *
start_new(struct health *h)
{
	struct entry *b = calloc(1, sizeof(*b));

	if (b != NULL)
		b->monitor = monitor_new(&h->monitoring);
	if (b == NULL || b->monitor == NULL) {
		log_event(LOG_LEVEL_ERROR, "out-of-memory", "while", "looking-after-a-list");
		free(b);
		return NULL;
	}
	b->next = h->entries;
	h->entries = b;
	return b->monitor;
}

static void
configure(void *arg)
{
	struct orders *o = arg;
	struct health *h = o->health;

	h->monitoring.options = o->options;
	for (struct entry *b = h->entries; b != NULL; b = b->next)
		monitor_stop(b->monitor);
	for (unsigned i = 0; i < o->roster->n; i++) {
		struct monitor *p = find(h, o->roster->list[i]->id);

		if (listing_is_local(o->roster->list[i]))
			continue; /* nobody answers who could be tested */
		if (p == NULL)
			p = start_new(h);
		if (p != NULL)
			monitor_start(p, o->roster, i);
	}
	roster_unref(&o->roster);
	free(o);
}

/* Hand a message to the I/O thread; it takes a reference of the roster. */
static void
order(struct health *h, loop_fn *fn, const struct orders *orders)
{
	struct orders *o = malloc(sizeof(*o));

	if (o == NULL) {
		log_event(LOG_LEVEL_ERROR, "out-of-memory", "while", "looking-after-lists");
		return;
	}
	*o = *orders;
	o->health = h;
	roster_ref(o->roster);
	loop_call(h->monitoring.loop, fn, o);
}

void
health_vouched(struct health *h, const struct ipaddr *client, const char *user,
    struct roster *roster, listset listed)
{
	struct orders o = {.roster = roster, .client = *client, .listed = listed};

	if (user != NULL)
		o.voter = subject_name(ROLE_SENDER, user).key;
	order(h, vouch, &o);
}

void
health_configure(struct health *h, struct roster *roster, const struct health_options *options)
{
	suspensions_apply(h->suspensions, roster);
	order(h, configure, &(struct orders){.roster = roster, .options = *options});
}

struct suspensions *
health_suspensions(struct health *h)
{
	return h->suspensions;
}

void
health_free(struct health *h)
{
	struct entry *b;

	if (h == NULL)
		return;
	while ((b = h->entries) != NULL) {
		h->entries = b->next;
		monitor_free(b->monitor);
		free(b);
	}
	anomalies_free(h->anomalies);
	suspensions_free(h->suspensions);
	nodereports_free(h->monitoring.reports);
	free(h);
}

struct health *
health_new(struct loop *loop, struct upstream *upstream)
{
	struct health *h = calloc(1, sizeof(*h));

	if (h == NULL)
		return NULL;
	h->anomalies = anomalies_new();
	h->monitoring.reports = nodereports_new(upstream);
	h->suspensions = suspensions_new(loop);
	if (h->anomalies == NULL || h->monitoring.reports == NULL || h->suspensions == NULL) {
		health_free(h);
		return NULL;
	}
	h->monitoring.loop = loop;
	h->monitoring.upstream = upstream;
	return h;
}
