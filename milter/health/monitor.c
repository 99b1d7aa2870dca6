/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * health/monitor.c - the life of a list: when it is tested, when a listing of it is
 * proven, when it is left alone.  What follows from that is its repute.
 */
#include "config.h"

#include "health/monitor.h"

#include <stdlib.h>

#include "base/clock.h"
#include "health/confirmation.h"
#include "dns/dns.h"
#include "health/selftest.h"
#include "health/shared.h"
#include "base/jitter.h"
#include "base/log.h"
#include "loop/loop.h"
#include "health/canaries.h"
#include "health/state.h"
#include "health/breaker.h"
#include "health/stale.h"
#include "upstream/upstream.h"

#define RETEST_MS 1000     /* after a test that failed; twice as long each time, up to ... */
#define SUSPENDED_MS 60000 /* ... that, while a list is suspended */
#define RECOVERING_MS 2000 /* between tests that make up for what was wrong, and ... */
#define DOUBTED_MS 30000   /* ... where that takes time alone */
#define SUSPECT_PAUSE_MS 10000 /* between two tests on suspicion */
#define SILENT_MS 90000        /* a list that does not answer for so long is as good as dead */
#define STALE_MS 2000          /* to the test that shows whether it was one */
#define HEAR_MS 5000           /* between two looks at what other nodes say */
#define JITTER 10              /* percent, more or less, of these */
#define SAY_S_MIN 10           /* others are told for two intervals, or two of these */
#define GAP_SHARE 4            /* canaries are so many times as frequent as deadlines */
#define NEVER_LISTS 300        /* answers of which none is a listing are worth a word */

struct patient {
	struct ward *ward;
	struct roster *roster; /* of the last configuration that had it */
	unsigned list;         /* its number there */
	const struct listing *listing;
	bool wanted; /* the running configuration has it */
	struct repute repute;
	struct silence silence;
	struct proofs *proofs;

	struct timer *timer;   /* the next test */
	struct timer *ear;     /* the next look at what other nodes say */
	struct exam_plan plan; /* of the test under way */
	bool testing;
	int64_t tested;            /* when the last one began */
	int64_t pause;             /* before the next one, while it is suspended */
	int64_t heard;             /* when the word was said for which it was tested last */
	bool is_signed, has_types; /* as its last test found */
	struct stale stale;        /* what its test entry has shown of the resolver */

	enum answer_kind failure; /* that had no answer, the last time */
	bool silence_said;        /* what the silence is like */
	unsigned clear;           /* answers that were, before the first that was not */

	struct comparisons comparisons; /* of what it said of clients */
};

/* Without tests there is nothing that could bring a list back: it is believed. */
static bool
is_tested(const struct patient *p)
{
	return p->ward->options.interval_ms > 0;
}

static bool
is_asked_directly(const struct patient *p)
{
	return p->listing->servers[0] != NULL;
}

static void
plan_test(struct patient *p, int64_t ms)
{
	if (p->wanted && is_tested(p))
		timer_start(p->timer, ms);
}

/* The pause to the next test of a list that is suspended: longer each time. */
static int64_t
next_pause(struct patient *p)
{
	int64_t interval = p->ward->options.interval_ms, pause = p->pause;
	int64_t most = interval < SUSPENDED_MS ? interval : SUSPENDED_MS;

	p->pause = pause * 2 < most ? pause * 2 : most;
	return jittered(pause, JITTER);
}

/* The same of one that has passed tests, but is not believed yet. */
static int64_t
doubted_pause(const struct patient *p)
{
	int64_t interval = p->ward->options.interval_ms;

	if (repute_is_unusual(&p->repute))
		return SUSPECT_PAUSE_MS;
	if (p->repute.passed < p->ward->options.passes)
		return p->repute.passed > 0 ? RECOVERING_MS : RETEST_MS;
	return interval < DOUBTED_MS ? interval : DOUBTED_MS;
}

static void
plan_next(struct patient *p)
{
	if (silence_is(&p->silence)) {
		plan_test(p, 0); /* to count it */
		return;
	}
	switch (repute_standing(&p->repute)) {
	case STANDING_NEW:
		plan_test(p, RETEST_MS);
		break;
	case STANDING_DOUBTED:
	case STANDING_RECOVERING:
		plan_test(p, doubted_pause(p));
		break;
	case STANDING_SILENT:
	case STANDING_SUSPENDED:
		plan_test(p, next_pause(p));
		return;
	case STANDING_GOOD:
	case STANDING_RESTORED:
		plan_test(p,
		    p->stale.suspected && !is_asked_directly(p)
			? STALE_MS
			: jittered(p->ward->options.interval_ms, JITTER));
		break;
	}
	p->pause = RETEST_MS;
}

/* A list whose standing has just become another one has its tests at other times. */
static void
plan_anew(struct patient *p, enum standing before)
{
	if (repute_standing(&p->repute) != before && !p->testing)
		plan_next(p);
}

/* A test was not passed, or a lie was found. */
static void
fail(struct patient *p, enum exam_result result, const char *evidence, const char *hint)
{
	const struct health_options *o = &p->ward->options;
	const struct cause cause = {exam_name(result), evidence, hint};

	if (!is_tested(p))
		return;
	if (result == EXAM_LISTS_ALL)
		repute_strike(&p->repute, o->failures, o->interval_ms, &cause);
	else
		repute_fail(&p->repute, o->failures, &cause);
}

/* What helps, where a test has failed. */
static const char *
hint_of(const struct exam_report *report, enum exam_result result)
{
	if (result == EXAM_EMPTY || result == EXAM_UNANSWERED)
		return diagnosis_hint(&report->diagnosis);
	if (result == EXAM_LISTS_ALL && report->entries == EXAM_GOOD)
		return "if it holds networks without senders on purpose, name others as its "
		       "canary";
	return NULL;
}

/* For how long what a node says of a list is of interest. */
static uint32_t
say_s(const struct patient *p)
{
	int64_t s = p->ward->options.interval_ms / 1000;

	return (uint32_t)(2 * (s > SAY_S_MIN ? s : SAY_S_MIN));
}

/* What this node has found, for the others; it fades where nobody says it again. */
static void
tell_fleet(const struct patient *p)
{
	if (repute_standing(&p->repute) >= STANDING_SILENT)
		fleet_say(p->ward->fleet, p->listing, p->repute.reason, say_s(p));
}

/*
 * Where a zone is signed, a resolver may say of any name that it is not there, by an
 * NSEC record that it has kept (RFC 8198): no canary proves anything then.
 */
static bool
is_provable(const struct patient *p)
{
	return !p->is_signed || is_asked_directly(p);
}

bool
patient_may_be_stale(const struct patient *p, uint32_t ttl)
{
	return !is_asked_directly(p) && stale_may_be(&p->stale, ttl);
}

/* What a test has shown beside whether the list is right. */
static void
learn(struct patient *p, const struct exam_report *report)
{
	bool was_provable = is_provable(p);

	p->is_signed = report->is_signed;
	p->has_types = report->has_types;
	stale_learn(&p->stale, report->ttl);
	if (was_provable && !is_provable(p))
		log_event(LOG_LEVEL_WARNING, "list-unprovable", "list", p->listing->label);
}

/* What the canaries of a test come to, where the test entries are right. */
static enum exam_result
judge(struct patient *p, const struct exam_report *report)
{
	if (report->entries > EXAM_SILENT || report->worst <= EXAM_SILENT)
		return report->worst;
	switch (proofs_judge(p->proofs, &p->plan, report)) {
	case PROOF_GOOD:
	case PROOF_BAD:
		break;
	case PROOF_NONE: /* on_held() or on_lie() will follow */
		return EXAM_SILENT;
	}
	return report->worst;
}

static void
on_test(void *arg, const struct exam_report *report)
{
	struct patient *p = arg;
	enum exam_result result;

	p->testing = false;
	if (report->entries == EXAM_GOOD)
		learn(p, report);
	result = judge(p, report);
	if (result == EXAM_GOOD)
		repute_pass(&p->repute, p->ward->options.passes);
	else if (result > EXAM_SILENT)
		fail(p, result, report->evidence, hint_of(report, result));
	else if (report->worst == EXAM_SILENT)
		silence_fall(&p->silence);
	tell_fleet(p);
	plan_next(p);
}

/* A list that has been silent for as long as this is as good as dead. */
static void
count_silence(struct patient *p)
{
	int64_t patience = p->ward->options.interval_ms * p->ward->options.failures;

	if (patience > SILENT_MS)
		patience = SILENT_MS;
	if (silence_lasts(&p->silence) < patience) {
		plan_test(p, patience - silence_lasts(&p->silence));
		return;
	}
	repute_bury(&p->repute, exam_name(EXAM_SILENT));
	tell_fleet(p);
}

static bool
ask(void *arg, const struct exam_plan *plan, exam_done *done, void *exam)
{
	struct patient *p = arg;
	struct dns *dns = upstream_dns(p->ward->upstream, p->listing);

	return exam_start(dns, p->roster, p->list, plan, done, exam);
}

/* A list that is new is asked for a canary of each block there is. */
static void
examine(struct patient *p)
{
	p->tested = clock_ms();
	p->testing = true;
	p->plan = (struct exam_plan){.entries = true, .server = DNS_ANY_SERVER};
	proofs_plan(p->proofs, repute_standing(&p->repute) == STANDING_NEW, &p->plan);
	if (ask(p, &p->plan, on_test, p))
		return;
	p->testing = false;
	plan_test(p, RETEST_MS);
}

static void
run_test(void *arg)
{
	struct patient *p = arg;

	if (p->testing || !p->wanted)
		return;
	if (silence_is(&p->silence))
		count_silence(p);
	else
		examine(p);
}

/* What another node sees may be its own resolver's doing: look for ourselves, at once. */
static void
on_word(void *arg, const struct fleet_word *word)
{
	struct patient *p = arg;
	struct logline line;

	if (word == NULL || !p->wanted || p->heard == word->said || p->testing ||
	    !repute_is_believed(&p->repute))
		return;
	p->heard = word->said;
	logline_event(&line, "list-told-of");
	logline_str(&line, "list", p->listing->label);
	logline_str(&line, "reason", word->reason);
	logline_str(&line, "node", word->node);
	logline_end(&line, LOG_LEVEL_INFO);
	plan_test(p, 0);
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
	fleet_hear(p->ward->fleet, p->listing, say_s(p), on_word, p);
	listen_later(p);
}

/* Say that the list is silent, once, and how. */
static void
say_silent(struct patient *p, const struct diagnosis *d)
{
	if (!p->silence_said)
		diagnosis_log(p->listing->label, p->failure, d);
	p->silence_said = true;
}

static void
on_diagnosis(void *arg, const struct exam_report *report)
{
	say_silent(arg, &report->diagnosis);
}

/* A canary of a block that is as good as any. */
static void
plan_one(const struct patient *p, struct exam_plan *plan)
{
	proofs_plan(p->proofs, false, plan);
	if (plan->ncanaries > 1)
		plan->ncanaries = 1;
}

/* A list falls silent: nobody need wait for it any more, and it is not tested. */
static void
on_silence(void *arg)
{
	struct patient *p = arg;
	struct exam_plan plan = {.entries = true, .unchecked = true, .server = DNS_ANY_SERVER};

	p->silence_said = !p->wanted;
	plan_one(p, &plan);
	if (p->wanted && !ask(p, &plan, on_diagnosis, p))
		say_silent(p, &(struct diagnosis){0});
	plan_test(p, 0);
	if (p->ward->silent != NULL)
		p->ward->silent(p->ward->silent_arg, p->listing->id);
}

/* One that answers again may have become another one. */
static void
on_voice(void *arg, int64_t after_ms)
{
	struct patient *p = arg;
	struct logline line;

	say_silent(p, &(struct diagnosis){0});
	logline_event(&line, "list-answers");
	logline_str(&line, "list", p->listing->label);
	logline_num(&line, "after", after_ms / 1000);
	logline_end(&line, LOG_LEVEL_WARNING);
	plan_test(p, 0);
}

static void
on_pulse(void *arg, const struct exam_report *report)
{
	struct patient *p = arg;

	if (report->worst != EXAM_SILENT)
		silence_break(&p->silence);
}

/* By canaries alone: a resolver may have everything else in its cache. */
static void
pulse(void *arg)
{
	struct patient *p = arg;
	struct exam_plan plan = {.server = DNS_ANY_SERVER};

	plan_one(p, &plan);
	ask(p, &plan, on_pulse, p);
}

static void
on_doubt(void *arg, const struct exam_report *report)
{
	struct patient *p = arg;
	enum standing before = repute_standing(&p->repute);

	if (!is_tested(p))
		return;
	repute_doubt(
	    &p->repute, &(struct cause){exam_name(report->worst), report->evidence, NULL});
	plan_anew(p, before);
}

/* The list holds a block as a whole, and is right: whoever else is on it is on it. */
static void
on_held(void *arg, struct canary_block block)
{
	struct patient *p = arg;
	char net[CANARY_TEXT_SIZE];
	struct logline line;

	canary_describe(p->listing, block, net);
	logline_event(&line, "list-holds");
	logline_str(&line, "list", p->listing->label);
	logline_str(&line, "net", net);
	logline_end(&line, LOG_LEVEL_INFO);
	repute_clear_up(&p->repute);
	plan_test(p, 0);
}

/* It was caught without a test: one comes soon. */
static void
catch_out(struct patient *p, enum exam_result result, const char *evidence, const char *hint)
{
	bool was_out = repute_standing(&p->repute) == STANDING_SUSPENDED;

	fail(p, result, evidence, hint);
	if (!was_out && !p->testing)
		plan_next(p);
}

static void
on_lie(void *arg, const struct exam_report *report)
{
	/* Now and then it says nothing of the kind: that is how part of a list lies. */
	enum exam_result result = report->worst > EXAM_SILENT ? report->worst : EXAM_LISTS_ALL;

	catch_out(arg, result, report->evidence, hint_of(report, result));
}

/*
 * Whether the list still said what it had said, when it was asked again.  Who may take
 * himself off a list can have it take back what it says as often as he likes: that puts it
 * in doubt, and is no lie.
 */
static void
on_compared(void *arg, bool same)
{
	struct patient *p = arg;
	enum standing before = repute_standing(&p->repute);

	if (!comparisons_note(&p->comparisons, same) || !is_tested(p))
		return;
	repute_doubt(&p->repute,
	    &(struct cause){"takes-back", "what it says of clients it takes back", NULL});
	plan_anew(p, before);
}

/* How often a list is asked again about a client that it lists. */
static unsigned
again(const struct patient *p)
{
	return comparisons_differ(&p->comparisons) || repute_strikes(&p->repute) > 0 ? 2 : 1;
}

void
patient_prove(struct patient *p, const struct subject *subject, unsigned server,
    health_proof *done, void *arg)
{
	if (repute_standing(&p->repute) == STANDING_SUSPENDED) {
		done(arg, PROOF_BAD);
		return;
	}
	if (!is_provable(p)) {
		done(arg, PROOF_NONE);
		return;
	}
	confirmation_start(&(struct confirmation_order){
	    .dns = upstream_dns(p->ward->upstream, p->listing),
	    .proofs = p->proofs,
	    .list = p->listing,
	    .subject = subject,
	    .server = server,
	    .again = again(p),
	    .types = p->has_types,
	    .done = done,
	    .compared = on_compared,
	    .arg = arg,
	    .list_arg = p,
	});
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

/*
 * A list without a test entry that holds nobody cannot be told from one that a resolver
 * empties: that is said once.
 */
static void
count_clear(struct patient *p, enum fact_state state)
{
	if (state == FACT_LISTED)
		p->clear = NEVER_LISTS + 1;
	else if (state == FACT_CLEAR && p->clear <= NEVER_LISTS)
		p->clear++;
	else
		return;
	if (p->clear == NEVER_LISTS && !p->listing->test_entry)
		log_event(LOG_LEVEL_WARNING, "list-never-lists", "list", p->listing->label);
}

void
patient_answer(
    struct patient *p, const struct ipaddr *addr, enum fact_state state, enum answer_kind kind)
{
	enum standing before = repute_standing(&p->repute);

	if (state == FACT_UNKNOWN)
		p->failure = kind;
	silence_heard(&p->silence, state != FACT_UNKNOWN);
	count_clear(p, state);
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
patient_good_client(struct patient *p, const struct ipaddr *voter, const struct ipaddr *client)
{
	enum standing before = repute_standing(&p->repute);

	if (!is_tested(p))
		return;
	repute_good_client(&p->repute, voter, client);
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
	proofs_free(p->proofs);
	timer_free(p->timer);
	timer_free(p->ear);
	silence_free(&p->silence);
	repute_clear(&p->repute);
	roster_unref(&p->roster);
	free(p);
}

struct patient *
patient_new(struct ward *ward)
{
	struct patient *p = calloc(1, sizeof(*p));
	bool good;

	if (p == NULL)
		return NULL;
	p->ward = ward;
	p->pause = RETEST_MS;
	p->timer = timer_new(ward->loop, run_test, p);
	p->ear = timer_new(ward->loop, listen_to_fleet, p);
	p->proofs = proofs_new(ward->loop,
	    &(struct proofs_owner){
		.ask = ask, .doubted = on_doubt, .held = on_held, .lied = on_lie, .arg = p});
	good = repute_init(&p->repute, NULL);
	good = silence_init(&p->silence, ward->loop,
		   &(struct silence_owner){
		       .fell = on_silence, .try = pulse, .broke = on_voice, .arg = p}) &&
	    good;
	if (good && p->timer != NULL && p->ear != NULL && p->proofs != NULL)
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
gap_ms(const struct patient *p)
{
	return p->ward->options.deadline_ms / GAP_SHARE;
}

void
patient_admit(struct patient *p, struct roster *roster, unsigned list)
{
	struct roster *before = p->roster;

	p->roster = roster_ref(roster);
	p->list = list;
	p->listing = p->repute.listing = roster->list[list];
	p->wanted = true;
	proofs_of(p->proofs, p->listing, gap_ms(p));
	roster_unref(&before);
	if (!is_tested(p))
		repute_believe(&p->repute);
	else
		plan_test(p, repute_standing(&p->repute) == STANDING_NEW ? 0 : RETEST_MS);
	listen_later(p);
	silence_wake(&p->silence);
}
