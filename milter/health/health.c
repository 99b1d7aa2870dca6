/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * health/health.c - all the lists that are looked after, found by their ids, and what
 * other threads have to say about them.
 */
#include "config.h"

#include "health/health.h"

#include <stdlib.h>

#include "health/shared.h"
#include "base/log.h"
#include "loop/loop.h"
#include "health/oddity.h"

struct bed {
	struct bed *next;
	struct patient *patient;
};

struct health {
	struct ward ward;
	struct troubles *troubles;
	struct bed *beds; /* lists are few: a walk is as fast as anything */
};

/* Messages of other threads. */
struct orders {
	struct health *health;
	struct roster *roster;
	struct health_options options;
	struct ipaddr voter, client; /* of a vouch */
	listset listed;
};

static struct patient *
find(const struct health *h, uint32_t id)
{
	for (const struct bed *b = h->beds; b != NULL; b = b->next)
		if (patient_id(b->patient) == id)
			return b->patient;
	return NULL;
}

bool
health_ask(struct health *h, const struct listing *listing)
{
	struct patient *p = find(h, listing->id);

	return p == NULL || patient_ask(p);
}

bool
health_may_be_stale(const struct health *h, const struct listing *listing, uint32_t ttl)
{
	const struct patient *p = find(h, listing->id);

	return p != NULL && patient_may_be_stale(p, ttl);
}

void
health_answer(struct health *h, const struct listing *listing, const struct ipaddr *addr,
    const struct dns_reply *reply, const struct fact *fact, enum oddity oddity, uint32_t bad)
{
	struct patient *p = find(h, listing->id);
	enum fact_state state = (enum fact_state)fact->state;

	troubles_note(h->troubles, listing, oddity, bad);
	if (state == FACT_ERROR && oddity == ODDITY_NONE)
		state = FACT_UNKNOWN; /* not even a wrong answer */
	if (p != NULL)
		patient_answer(p, addr, state, answer_kind_of(reply));
}

void
health_prove(struct health *h, const struct listing *listing, const struct subject *subject,
    unsigned server, health_proof *done, void *arg)
{
	struct patient *p = find(h, listing->id);

	if (p == NULL || !h->ward.options.proof)
		done(arg, PROOF_GOOD);
	else
		patient_prove(p, subject, server, done, arg);
}

void
health_on_silence(struct health *h, health_silent *silent, void *arg)
{
	h->ward.silent = silent;
	h->ward.silent_arg = arg;
}

static void
vouch(void *arg)
{
	struct orders *o = arg;

	for (unsigned i = 0; i < o->roster->n; i++) {
		struct patient *p = find(o->health, o->roster->list[i]->id);

		if (o->listed & (listset)1 << i && p != NULL)
			patient_good_client(p, &o->voter, &o->client);
	}
	roster_unref(&o->roster);
	free(o);
}

static struct patient *
admit_new(struct health *h)
{
	struct bed *b = calloc(1, sizeof(*b));

	if (b != NULL)
		b->patient = patient_new(&h->ward);
	if (b == NULL || b->patient == NULL) {
		log_event(LOG_LEVEL_ERROR, "out-of-memory", "while", "looking-after-a-list");
		free(b);
		return NULL;
	}
	b->next = h->beds;
	h->beds = b;
	return b->patient;
}

static void
configure(void *arg)
{
	struct orders *o = arg;
	struct health *h = o->health;

	h->ward.options = o->options;
	for (struct bed *b = h->beds; b != NULL; b = b->next)
		patient_dismiss(b->patient);
	for (unsigned i = 0; i < o->roster->n; i++) {
		struct patient *p = find(h, o->roster->list[i]->id);

		if (p == NULL)
			p = admit_new(h);
		if (p != NULL)
			patient_admit(p, o->roster, i);
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
	loop_call(h->ward.loop, fn, o);
}

void
health_vouch(struct health *h, const struct ipaddr *client, const char *user,
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
	order(h, configure, &(struct orders){.roster = roster, .options = *options});
}

void
health_free(struct health *h)
{
	struct bed *b;

	if (h == NULL)
		return;
	while ((b = h->beds) != NULL) {
		h->beds = b->next;
		patient_free(b->patient);
		free(b);
	}
	troubles_free(h->troubles);
	fleet_free(h->ward.fleet);
	free(h);
}

struct health *
health_new(struct loop *loop, struct upstream *upstream)
{
	struct health *h = calloc(1, sizeof(*h));

	if (h == NULL)
		return NULL;
	h->troubles = troubles_new();
	h->ward.fleet = fleet_new(upstream);
	if (h->troubles == NULL || h->ward.fleet == NULL) {
		health_free(h);
		return NULL;
	}
	h->ward.loop = loop;
	h->ward.upstream = upstream;
	return h;
}
