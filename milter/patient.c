/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * patient.c - the life of a list: when it is tested, when a listing of it is
 * proven, when it is left alone.  What follows from that is its repute.
 */
#include "config.h"

#include "patient.h"

#include <stdlib.h>

#include "clock.h"
#include "exam.h"
#include "fleet.h"
#include "jitter.h"
#include "log.h"
#include "loop.h"
#include "proof.h"
#include "repute.h"
#include "silence.h"
#include "upstream.h"

#define RETEST_MS 1000         /* after a test that failed, until it is clear */
#define SUSPENDED_MS 60000     /* between tests of a list that is suspended, at most */
#define SUSPECT_PAUSE_MS 10000 /* between two tests on suspicion */
#define HEAR_MS 5000           /* between two looks at what the fleet says */
#define FLEET_MS 100           /* for Redis to connect, before the first test is claimed */
#define JITTER 10              /* percent, more or less, of these */
#define CLAIM_MS_MIN 10000     /* a test is claimed for as long as its interval, or this */

struct patient {
	struct ward *ward;
	struct roster *roster; /* of the last configuration that had it */
	unsigned list;         /* its number there */
	const struct listing *listing;
	bool wanted; /* the running configuration has it */
	struct repute repute;
	struct silence silence;
	struct proofs proofs, proofs6; /* of either family: each may hold everybody */

	struct timer *timer; /* the next test */
	struct timer *ear;   /* the next look at what the fleet says */
	bool testing;
	int64_t tested; /* when the last one began */
	uint8_t unused; /* the next unused address */
};

/* Without tests there is nothing that could bring a list back: it is believed. */
static bool
is_tested(const struct patient *p)
{
	return p->ward->options.interval_ms > 0;
}

static void
plan_test(struct patient *p, int64_t ms)
{
	if (p->wanted && is_tested(p))
		timer_start(p->timer, ms);
}

static void
plan_next(struct patient *p)
{
	int64_t interval = p->ward->options.interval_ms;

	switch (repute_standing(&p->repute)) {
	case STANDING_NEW:
		plan_test(p, RETEST_MS);
		break;
	case STANDING_DOUBTED:
		plan_test(p, repute_is_unusual(&p->repute) ? SUSPECT_PAUSE_MS : RETEST_MS);
		break;
	case STANDING_SUSPENDED:
		plan_test(
		    p, jittered(interval < SUSPENDED_MS ? interval : SUSPENDED_MS, JITTER));
		break;
	case STANDING_GOOD:
	case STANDING_RESTORED:
		plan_test(p, jittered(interval, JITTER));
		break;
	}
}

/* A list whose standing has just become another one has its tests at other times. */
static void
plan_anew(struct patient *p, enum standing before)
{
	if (repute_standing(&p->repute) != before && !p->testing)
		plan_next(p);
}

/* A test, or the canary of a proof. */
static void
fail(void *arg, enum exam_result result, const char *evidence)
{
	struct patient *p = arg;
	enum standing before = repute_standing(&p->repute);

	if (!is_tested(p))
		return;
	repute_fail(&p->repute, p->ward->options.failures, result == EXAM_LISTS_ALL,
	    exam_name(result), evidence);
	plan_anew(p, before);
}

static uint32_t
interval_s(const struct patient *p)
{
	int64_t ms = p->ward->options.interval_ms;

	return (uint32_t)((ms > CLAIM_MS_MIN ? ms : CLAIM_MS_MIN) / 1000);
}

/* What this node has found, for the others; it fades where nobody says it again. */
static void
tell_fleet(const struct patient *p)
{
	if (repute_is_believed(&p->repute))
		fleet_say(p->ward->fleet, p->listing, NULL, 2 * interval_s(p));
	else if (repute_standing(&p->repute) == STANDING_SUSPENDED && !p->repute.told)
		fleet_say(p->ward->fleet, p->listing, p->repute.reason, 2 * interval_s(p));
}

static void
on_test(void *arg, enum exam_result result, const char *evidence)
{
	struct patient *p = arg;

	p->testing = false;
	if (result == EXAM_SILENT)
		silence_fall(&p->silence);
	else if (result == EXAM_GOOD)
		repute_pass(&p->repute, p->ward->options.passes);
	else
		fail(p, result, evidence);
	tell_fleet(p);
	plan_next(p);
}

/* A list that has been silent for as long as this is as good as dead. */
static void
count_silence(struct patient *p)
{
	int64_t patience = p->ward->options.interval_ms * p->ward->options.failures;

	if (silence_lasts(&p->silence) < patience) {
		plan_test(p, patience - silence_lasts(&p->silence));
		return;
	}
	repute_bury(&p->repute, exam_name(EXAM_SILENT));
	plan_next(p);
}

static bool
ask(struct patient *p, enum exam_kind kind, exam_done *done, void *arg)
{
	struct dns *dns = upstream_dns(p->ward->upstream, p->listing);

	return exam_start(dns, p->roster, p->list, kind, p->unused++, done, arg);
}

static void
examine(struct patient *p)
{
	p->tested = clock_ms();
	p->testing = true;
	if (ask(p, EXAM_FULL, on_test, p))
		return;
	p->testing = false;
	plan_test(p, RETEST_MS);
}

static void
on_word(void *arg, enum fleet_word word, const char *reason)
{
	struct patient *p = arg;
	enum standing before = repute_standing(&p->repute);

	switch (word) {
	case FLEET_NOTHING:
		break;
	case FLEET_GOOD:
		repute_told_good(&p->repute);
		break;
	case FLEET_SUSPENDED:
		repute_told_bad(&p->repute, reason);
		break;
	}
	plan_anew(p, before);
}

/* In a while, where there is a fleet to be heard: without Redis there is none. */
static void
listen_later(struct patient *p)
{
	if (upstream_redis(p->ward->upstream) != NULL)
		timer_start(p->ear, jittered(HEAR_MS, JITTER));
}

static void
listen_to_fleet(void *arg)
{
	struct patient *p = arg;

	if (!p->wanted || !is_tested(p))
		return;
	fleet_hear(p->ward->fleet, p->listing, on_word, p);
	listen_later(p);
}

static void
on_claim(void *arg, bool ours)
{
	struct patient *p = arg;

	p->testing = false;
	if (ours) {
		examine(p);
		return;
	}
	listen_to_fleet(p);
	plan_next(p);
}

/* What this node has seen itself it tests itself; else one node tests for all. */
static void
run_test(void *arg)
{
	struct patient *p = arg;
	enum standing standing = repute_standing(&p->repute);

	if (p->testing || !p->wanted)
		return;
	if (silence_is(&p->silence)) {
		count_silence(p);
		return;
	}
	if (standing == STANDING_DOUBTED ||
	    (standing == STANDING_SUSPENDED && !p->repute.told)) {
		examine(p);
		return;
	}
	p->testing = true;
	fleet_claim(p->ward->fleet, p->listing, interval_s(p), on_claim, p);
}

/* Nobody need wait for a silent list any more. */
static void
on_silence(void *arg)
{
	struct patient *p = arg;

	if (p->ward->silent != NULL)
		p->ward->silent(p->ward->silent_arg, p->listing->id);
}

/* One that answers again may have become another one. */
static void
on_pulse(void *arg, enum exam_result result, const char *evidence)
{
	struct patient *p = arg;

	(void)evidence;
	if (result == EXAM_SILENT)
		return;
	silence_break(&p->silence);
	if (!repute_is_believed(&p->repute) || result != EXAM_GOOD)
		plan_test(p, 0);
}

static void
pulse(void *arg)
{
	struct patient *p = arg;

	ask(p, EXAM_PULSE, on_pulse, p);
}

static bool
send_canary(void *arg, exam_done *done, void *canary)
{
	return ask(arg, EXAM_CANARY, done, canary);
}

static bool
send_canary6(void *arg, exam_done *done, void *canary)
{
	return ask(arg, EXAM_CANARY6, done, canary);
}

void
patient_prove(struct patient *p, const struct ipaddr *addr, health_proof *done, void *arg)
{
	if (repute_standing(&p->repute) == STANDING_SUSPENDED)
		done(arg, PROOF_BAD);
	else
		proofs_want(addr->bits == 128 ? &p->proofs6 : &p->proofs, done, arg);
}

bool
patient_ask(struct patient *p)
{
	if (silence_is(&p->silence) || !repute_is_heard(&p->repute))
		return false;
	silence_asked(&p->silence);
	return true;
}

/* Something is odd: have it tested soon, but not all the time. */
static void
suspect(struct patient *p)
{
	if (!p->testing && repute_is_believed(&p->repute) &&
	    clock_ms() - p->tested >= SUSPECT_PAUSE_MS)
		plan_test(p, 0);
}

void
patient_answer(struct patient *p, const struct ipaddr *addr, enum fact_state state)
{
	enum standing before = repute_standing(&p->repute);

	silence_heard(&p->silence, state != FACT_UNKNOWN);
	if (state == FACT_UNKNOWN || !is_tested(p))
		return;
	/* Names are for anybody to make up, as many as it takes to raise an alarm. */
	if (state != FACT_ERROR && p->listing->role == ROLE_ADDRESS)
		repute_answer(&p->repute, addr, state == FACT_LISTED);
	plan_anew(p, before);
	if (state == FACT_ERROR || repute_is_suspect(&p->repute))
		suspect(p);
}

void
patient_good_client(struct patient *p, const struct ipaddr *client)
{
	enum standing before = repute_standing(&p->repute);

	if (!is_tested(p))
		return;
	repute_good_client(&p->repute, client);
	plan_anew(p, before);
}

uint32_t
patient_id(const struct patient *p)
{
	return p->listing->id;
}

void
patient_free(struct patient *p)
{
	if (p == NULL)
		return;
	proofs_free(&p->proofs);
	proofs_free(&p->proofs6);
	timer_free(p->timer);
	timer_free(p->ear);
	silence_free(&p->silence);
	repute_clear(&p->repute);
	roster_unref(&p->roster);
	free(p);
}

struct patient *
patient_new(struct ward *ward, const char *label)
{
	struct patient *p = calloc(1, sizeof(*p));
	bool good;

	if (p == NULL)
		return NULL;
	p->ward = ward;
	p->timer = timer_new(ward->loop, run_test, p);
	p->ear = timer_new(ward->loop, listen_to_fleet, p);
	good = repute_init(&p->repute, NULL);
	good = silence_init(&p->silence, ward->loop, label, on_silence, pulse, p) && good;
	good = proofs_init(&p->proofs, ward->loop, send_canary, fail, p) && good;
	good = proofs_init(&p->proofs6, ward->loop, send_canary6, fail, p) && good;
	if (good && p->timer != NULL && p->ear != NULL)
		return p;
	patient_free(p);
	return NULL;
}

void
patient_dismiss(struct patient *p)
{
	p->wanted = false;
	timer_stop(p->timer);
	timer_stop(p->ear);
	silence_rest(&p->silence);
}

static int64_t
first_test_ms(const struct patient *p)
{
	if (repute_standing(&p->repute) != STANDING_NEW)
		return RETEST_MS;
	return upstream_redis(p->ward->upstream) != NULL ? FLEET_MS : 0;
}

void
patient_admit(struct patient *p, struct roster *roster, unsigned list)
{
	roster_ref(roster);
	roster_unref(&p->roster);
	p->roster = roster;
	p->list = list;
	p->listing = p->repute.listing = roster->list[list];
	p->wanted = true;
	if (!is_tested(p))
		repute_believe(&p->repute);
	else
		plan_test(p, first_test_ms(p));
	listen_later(p);
	silence_wake(&p->silence);
}
