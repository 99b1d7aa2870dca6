/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * session.c - what is known of one client, and the verdict on each of its
 * recipients.  Connect looks up and does not wait; RCPT waits and decides.
 */
#include "config.h"

#include "session.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "conf.h"
#include "counter.h"
#include "health.h"
#include "inquiry.h"
#include "limit.h"
#include "log.h"
#include "mailbox.h"
#include "memcache.h"
#include "record.h"
#include "ref.h"

#define WORD_MAX 320 /* bytes kept of a name, a HELO, a sender */

struct session {
	struct session_world *world;
	struct conf *conf;
	struct ipaddr client;
	int64_t deadline; /* in clock_ms(), counted from connect */
	char *name;       /* what DNS calls the client, its HELO, the sender: */
	char *helo;       /* each may be NULL */
	char *from;
	bool authenticated;
	bool trial; /* of ours: leaves no trace */
	bool free;  /* nothing can ever be refused */
	bool good;  /* known to be a good client */
	bool allowed, denied;
	const char *local_reason; /* of the set that decided; lives as long as conf */
	struct inquiry *inquiry;  /* NULL: nothing is missing */
	struct fact facts[];      /* one for each list of conf's roster */
};

void
session_stop_all(struct session_world *world)
{
	atomic_store(&world->stopping, true);
	inquiries_hurry(world->inquiries);
}

unsigned
session_count(void)
{
	return limit_count(LIMIT_SESSIONS);
}

/* Keep a word of the client's, as far as it is ever shown. */
static void
keep(char **where, const char *word)
{
	free(*where);
	*where = word != NULL ? strndup(word, WORD_MAX) : NULL;
}

/* The more specific network wins; of two of the same size, the one that allows. */
static void
look_local(struct session *s)
{
	struct prefix_match allow, deny;
	bool allowed = prefix_find(s->conf->allow, &s->client, &allow);
	bool denied = prefix_find(s->conf->deny, &s->client, &deny);

	s->allowed = allowed && (!denied || allow.len >= deny.len);
	s->denied = denied && !s->allowed;
	if (s->allowed || s->denied)
		s->local_reason = s->allowed ? allow.reason : deny.reason;
}

/* Take from memory what is there and may be used; returns the lists it is of. */
static listset
recall(struct session *s, listset wanted)
{
	struct roster *roster = s->conf->roster;
	listset known =
	    memcache_get(s->world->memory, &s->client, roster, wanted, clock_ms(), s->facts);

	for (unsigned i = 0; i < roster->n; i++) {
		if ((known & (listset)1 << i) == 0 ||
		    listing_keeps(roster->list[i], &s->facts[i]))
			continue;
		s->facts[i] = (struct fact){.state = FACT_UNKNOWN};
		known &= ~((listset)1 << i);
	}
	return known;
}

/* Take from memory what is there and ask for the rest, without waiting. */
static void
look_up(struct session *s)
{
	struct roster *roster = s->conf->roster;
	listset wanted = 0, missing;

	for (unsigned i = 0; i < roster->n; i++) {
		if (listing_covers(roster->list[i], &s->client))
			wanted |= (listset)1 << i;
		else
			s->facts[i].state = FACT_CLEAR;
	}
	missing = wanted & ~recall(s, wanted);
	if (missing != 0)
		s->inquiry =
		    inquiry_start(s->world->inquiries, &s->client, roster, s->facts, missing);
	else if (wanted != 0)
		counter_add(COUNTER_MEMORY_HITS);
}

/* What stands in the log line whatever the verdict. */
static struct record
record_of(const struct session *s, const char *ref)
{
	return (struct record){
	    .ref = ref,
	    .client = &s->client,
	    .name = s->name,
	    .helo = s->helo,
	    .from = s->from,
	    .local_reason = s->local_reason,
	    .roster = s->conf->roster,
	    .facts = s->facts,
	    .quiet = s->trial,
	};
}

/* A client that is let through for good has its line now: it is not seen again. */
static void
release(struct session *s)
{
	const struct verdict verdict = {
	    .action = ACTION_PASS,
	    .meant = ACTION_PASS,
	    .ground = s->allowed ? GROUND_ALLOW : GROUND_STOPPING,
	};
	char ref[REF_LEN + 1];
	struct record record;

	s->free = true;
	ref_make(ref);
	record = record_of(s, ref);
	record.verdict = &verdict;
	record_write(&record);
}

bool
session_is_trial(const struct session_world *world, const char *name)
{
	return world->trial != NULL && name != NULL && strcmp(name, world->trial) == 0;
}

static struct session *
allocate(const struct conf *conf)
{
	struct session *s;

	if (!limit_enter(LIMIT_SESSIONS))
		return NULL;
	s = calloc(1, sizeof(*s) + conf->roster->n * sizeof(s->facts[0]));
	if (s == NULL) {
		log_event(LOG_LEVEL_ERROR, "out-of-memory", "while", "opening a session");
		limit_leave(LIMIT_SESSIONS);
	}
	return s;
}

struct session *
session_new(struct session_world *world, const struct ipaddr *addr, const char *name)
{
	struct conf *conf = conf_current();
	struct session *s = allocate(conf);

	if (s == NULL) {
		conf_unref(&conf);
		return NULL;
	}
	s->trial = session_is_trial(world, name);
	if (!s->trial)
		counter_add(COUNTER_SESSIONS);
	s->world = world;
	s->conf = conf;
	s->client = *addr;
	s->deadline = clock_ms() + conf->deadline_ms;
	keep(&s->name, name);
	look_local(s);
	if (s->allowed || atomic_load(&world->stopping))
		release(s);
	else if (!s->denied)
		look_up(s);
	return s;
}

bool
session_is_free(const struct session *s)
{
	return s->free;
}

void
session_helo(struct session *s, const char *helo)
{
	keep(&s->helo, helo);
}

void
session_mail(struct session *s, const char *from, bool authenticated)
{
	keep(&s->from, from);
	s->authenticated = authenticated;
}

/* Whether a fact was kept from before its list was suspended, in a session as old as that. */
static bool
is_stale(const struct listing *list, const struct fact *fact)
{
	return fact->source != FACT_FROM_DNS && !listing_keeps(list, fact);
}

/* Whose word is in doubt, or counts for nothing, of those asked about the client. */
static void
look_at_lists(const struct session *s, struct matter *matter)
{
	matter->doubted = matter->suspended = 0;
	for (unsigned i = 0; i < matter->roster->n; i++) {
		if (!listing_covers(matter->roster->list[i], &s->client))
			continue;
		if (s->facts[i].unproven || is_stale(matter->roster->list[i], &s->facts[i]))
			matter->doubted |= (listset)1 << i;
		switch (listing_standing(matter->roster->list[i])) {
		case STANDING_NEW:
		case STANDING_DOUBTED:
			matter->doubted |= (listset)1 << i;
			break;
		case STANDING_SUSPENDED:
			matter->suspended |= (listset)1 << i;
			break;
		case STANDING_GOOD:
		case STANDING_RESTORED:
			break;
		}
	}
}

static bool
enough(const void *arg, const struct fact *facts, listset pending)
{
	struct matter matter = *(const struct matter *)arg;

	matter.facts = facts;
	return verdict_settled(&matter, pending & matter.policy->lists);
}

/* Wait for what can still change the verdict, until the deadline. */
static void
gather(struct session *s, const struct matter *matter)
{
	listset pending;

	if (s->inquiry == NULL)
		return;
	pending = inquiry_wait(s->inquiry, enough, matter, s->deadline, s->facts);
	if (pending == 0)
		inquiry_release(&s->inquiry);
	else if (clock_ms() >= s->deadline)
		counter_add(COUNTER_DEADLINES);
}

/* Whether a list that trusts the client has been heard. */
static bool
trusted(const struct verdict *verdict)
{
	for (unsigned i = 0; i < verdict->nvoices; i++)
		if (verdict->voice[i].score < 0)
			return true;
	return false;
}

/* Lists of home addresses hold everybody who logs in from home, and are right. */
static bool
says_something(const struct session *s, const struct answer *a)
{
	if (a == NULL || a->score <= 0)
		return false;
	return !s->authenticated ||
	    (a->category != CATEGORY_DYNAMIC && a->category != CATEGORY_POLICY_RANGE);
}

static bool
no_matter_what(const void *arg, const struct fact *facts, listset pending)
{
	(void)arg;
	(void)facts;
	(void)pending;
	return true;
}

/*
 * A list that holds clients who are known to be good is worth a second look.  At
 * the end of the session: nobody has waited for the lists, where a client is good.
 */
static void
vouch(struct session *s)
{
	const struct roster *roster = s->conf->roster;
	listset listed = 0;
	uint32_t code;

	if (s->inquiry != NULL)
		inquiry_wait(s->inquiry, no_matter_what, NULL, 0, s->facts);
	for (unsigned i = 0; i < roster->n; i++) {
		if (says_something(s, listing_answer(roster->list[i], &s->facts[i], &code)))
			listed |= (listset)1 << i;
	}
	if (listed != 0)
		health_vouch(s->world->health, &s->client, s->conf->roster, listed);
}

static void
explain(const struct session *s, const char *ref, const struct mailbox *rcpt,
    const struct matter *matter, const struct verdict *verdict, struct reply *reply)
{
	const struct reply_facts facts = {
	    .client = &s->client,
	    .ref = ref,
	    .domain = rcpt->domain,
	    .local_reason = s->local_reason,
	    .deny_removal = s->conf->deny_removal,
	    .roster = matter->roster,
	    .policy = matter->policy,
	    .verdict = verdict,
	};

	if (verdict->action != ACTION_PASS)
		reply_build(reply, &facts);
}

enum action
session_rcpt(struct session *s, const char *to, struct reply *reply)
{
	int64_t began = clock_ms();
	char ref[REF_LEN + 1];
	struct mailbox rcpt;
	struct matter matter;
	struct verdict verdict;
	struct record record;

	mailbox_parse(&rcpt, to);
	matter = (struct matter){
	    .roster = s->conf->roster,
	    .facts = s->facts,
	    .policy = policies_find(s->conf->policies, rcpt.domain),
	    .authenticated = s->authenticated,
	    .allowed = s->allowed,
	    .denied = s->denied,
	};
	matter.exempt = policy_exempts(matter.policy, &rcpt);
	look_at_lists(s, &matter);
	gather(s, &matter);
	look_at_lists(s, &matter); /* a list may have been caught meanwhile */
	verdict_reach(&verdict, &matter);
	s->good = s->good || s->authenticated || trusted(&verdict);
	ref_make(ref);
	explain(s, ref, &rcpt, &matter, &verdict, reply);
	record = record_of(s, ref);
	record.to = to;
	record.policy = matter.policy;
	record.verdict = &verdict;
	record.ms = clock_ms() - began;
	record_write(&record);
	return verdict.action;
}

void
session_abort(struct session *s)
{
	keep(&s->from, NULL);
}

void
session_close(struct session *s)
{
	if (s == NULL)
		return;
	if (s->good)
		vouch(s);
	inquiry_release(&s->inquiry);
	conf_unref(&s->conf);
	free(s->name);
	free(s->helo);
	free(s->from);
	free(s);
	limit_leave(LIMIT_SESSIONS);
}
