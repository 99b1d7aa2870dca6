/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * health/monitor.c - the life of a list: when it is tested, when a listing of it is
 * confirmed, when it is left alone.  What follows from that is its health state.
 */
#include "config.h"

#include "health/monitor.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/random.h"
#include "dns/dns.h"
#include "health/canaries.h"
#include "health/confirmation.h"
#include "health/nodereport.h"
#include "health/outage.h"
#include "health/schedule.h"
#include "health/selftest.h"
#include "health/stale.h"
#include "health/state.h"
#include "lists/usage.h"
#include "loop/loop.h"
#include "upstream/upstream.h"

#define SILENT_MS 90000 /* a list that does not answer for so long is as good as dead */
#define HEAR_MS 5000    /* between two looks at what other nodes say */
#define JITTER 10       /* percent, more or less, of these */
#define SELDOM 6        /* as many intervals for those that no policy names */
#define SAY_S_MIN 10    /* others are told for two intervals, or two of these */
#define GAP_SHARE 4     /* canaries are so many times as frequent as deadlines */
#define NEVER_LISTS 300 /* answers of which none is a listing are worth a word */

struct monitor {
	struct monitoring *monitoring;
	struct roster *roster; /* of the last configuration that had it */
	unsigned list;         /* its number there */
	const struct listing *listing;
	bool wanted; /* the running configuration has it */
	struct health_state state;
	struct outage outage;
	struct canaries *canaries;

	struct timer *timer;       /* the next test */
	struct timer *read_timer;  /* the next look at what other nodes say */
	struct selftest_plan plan; /* of the test under way */
	bool testing;
	int64_t tested; /* when the last one began */
	struct schedule schedule;
	int64_t heard;             /* when the report was made for which it was tested last */
	bool is_signed, has_types; /* as its last test found */
	struct stale stale;        /* what its test entry has shown of the resolver */
	bool patchy_said;

	unsigned clear; /* answers that were, before the first that was not */

	struct comparisons comparisons; /* of what it said of clients */
};

/* Without tests there is nothing that could bring a list back: it is believed. */
static bool
is_tested(const struct monitor *p)
{
	return p->monitoring->options.interval_ms > 0;
}

static bool
is_asked_directly(const struct monitor *p)
{
	return p->listing->servers[0] != NULL;
}

static void
plan_test(struct monitor *p, int64_t ms)
{
	if (p->wanted && is_tested(p))
		timer_start(p->timer, ms);
}

/* One that is silent is not tested, but its silence is counted. */
static void
plan_next(struct monitor *p)
{
	const struct health_options *o = &p->monitoring->options;
	bool stale = p->stale.suspected && !is_asked_directly(p);
	int64_t interval = p->listing->seldom ? SELDOM * o->interval_ms : o->interval_ms;

	if (list_breaker_is_open(&p->outage.breaker))
		plan_test(p, 0);
	else
		plan_test(
		    p, schedule_next(&p->schedule, &p->state, o->passes, interval, stale));
}

/* A list whose state has just changed has its next test at another time. */
static void
plan_anew(struct monitor *p, enum list_state before)
{
	if (health_state_of(&p->state) != before && !p->testing)
		plan_next(p);
}

/* A test was not passed, or a lie was found. */
static void
fail(struct monitor *p, enum selftest_result result, const char *evidence, const char *hint)
{
	const struct health_options *o = &p->monitoring->options;
	const struct cause cause = {selftest_name(result), evidence, hint};

	if (!is_tested(p))
		return;
	if (result == SELFTEST_LISTS_ALL)
		health_state_lie(&p->state, o->failures, o->interval_ms, &cause);
	else
		health_state_fail(&p->state, o->failures, &cause);
}

/* For how long what a node says of a list is of interest. */
static uint32_t
say_s(const struct monitor *p)
{
	int64_t s = p->monitoring->options.interval_ms / 1000;

	return (uint32_t)(2 * (s > SAY_S_MIN ? s : SAY_S_MIN));
}

/* What this node has found, for the others; it fades where nobody says it again. */
static void
publish(const struct monitor *p)
{
	if (health_state_of(&p->state) >= LIST_SILENT)
		nodereports_publish(
		    p->monitoring->reports, p->listing, p->state.reason, say_s(p));
}

/*
 * Where a zone is signed, a resolver may say of any name that it is not there, by an
 * NSEC record that it has kept (RFC 8198): no canary confirms anything then.
 */
static bool
is_provable(const struct monitor *p)
{
	return !p->is_signed || is_asked_directly(p);
}

bool
monitor_may_be_stale(const struct monitor *p, uint32_t ttl)
{
	return !is_asked_directly(p) && stale_may_be(&p->stale, ttl);
}

/* What a test has shown beside whether the list is right. */
static void
learn(struct monitor *p, const struct selftest_report *report)
{
	bool was_provable = is_provable(p);

	p->is_signed = report->is_signed;
	p->has_types = report->has_types;
	stale_learn(&p->stale, report->ttl);
	if (was_provable && !is_provable(p))
		log_event(LOG_LEVEL_WARNING, "list-unprovable", "list", p->listing->label);
}

/* What the resolver denies in one test and gives in the next, said once. */
static void
note_denial(struct monitor *p, const struct selftest_report *report)
{
	bool patchy = stale_is_patchy(
	    &p->stale, p->tested, report->denied, clock_ms(), report->entries == SELFTEST_GOOD);
	struct logline line;

	if (!patchy || is_asked_directly(p) || p->patchy_said)
		return;
	p->patchy_said = true;
	logline_event(&line, "list-patchy");
	logline_str(&line, "list", p->listing->label);
	logline_str(&line, "hint", diagnosis_of_denial());
	logline_end(&line, LOG_LEVEL_WARNING);
}

/* What the canaries of a test come to, where the test entries are right. */
static enum selftest_result
judge(struct monitor *p, const struct selftest_report *report)
{
	if (report->entries > SELFTEST_SILENT || report->worst <= SELFTEST_SILENT)
		return report->worst;
	switch (canaries_judge(p->canaries, &p->plan, report)) {
	case CONFIRMED:
	case REFUTED:
		break;
	case UNCONFIRMED: /* on_held() or on_lie() will follow */
		return SELFTEST_SILENT;
	}
	return report->worst;
}

static void
on_test(void *arg, const struct selftest_report *report)
{
	struct monitor *p = arg;
	enum selftest_result result;

	p->testing = false;
	list_usage_tested(p->listing->usage);
	if (report->entries == SELFTEST_GOOD)
		learn(p, report);
	note_denial(p, report);
	result = judge(p, report);
	if (result == SELFTEST_GOOD)
		health_state_pass(&p->state, p->monitoring->options.passes);
	else if (result > SELFTEST_SILENT)
		fail(p, result, report->evidence, selftest_hint(report, result));
	else if (report->worst == SELFTEST_SILENT)
		list_breaker_open(&p->outage.breaker);
	publish(p);
	plan_next(p);
}

/* A list that has been silent for as long as this is as good as dead. */
static void
count_silent(struct monitor *p)
{
	int64_t patience = p->monitoring->options.interval_ms * p->monitoring->options.failures;

	if (patience > SILENT_MS)
		patience = SILENT_MS;
	if (list_breaker_open_ms(&p->outage.breaker) < patience) {
		plan_test(p, patience - list_breaker_open_ms(&p->outage.breaker));
		return;
	}
	health_state_unreachable(&p->state,
	    &(struct cause){.reason = selftest_name(SELFTEST_SILENT), .hint = p->outage.hint});
	publish(p);
}

static bool
ask(void *arg, const struct selftest_plan *plan, selftest_done *done, void *selftest)
{
	struct monitor *p = arg;
	struct dns *dns = upstream_dns(p->monitoring->upstream, p->listing->servers);

	return selftest_start(dns, p->roster, p->list, plan, done, selftest);
}

/* A list that is new is asked for a canary of each block there is. */
static void
examine(struct monitor *p)
{
	p->tested = clock_ms();
	p->testing = true;
	p->plan = (struct selftest_plan){.entries = true, .server = DNS_ANY_SERVER};
	canaries_plan(p->canaries, health_state_of(&p->state) == LIST_NEW, &p->plan);
	if (ask(p, &p->plan, on_test, p))
		return;
	p->testing = false;
	plan_test(p, SCHEDULE_RETEST_MS);
}

static void
run_test(void *arg)
{
	struct monitor *p = arg;

	if (p->testing || !p->wanted)
		return;
	if (list_breaker_is_open(&p->outage.breaker))
		count_silent(p);
	else
		examine(p);
}

/* What another node sees may be its own resolver's doing: look for ourselves, at once. */
static void
on_report(void *arg, const struct nodereport *report)
{
	struct monitor *p = arg;
	struct logline line;

	if (report == NULL || !p->wanted || p->heard == report->said || p->testing ||
	    !health_state_is_believed(&p->state))
		return;
	p->heard = report->said;
	logline_event(&line, "list-told-of");
	logline_str(&line, "list", p->listing->label);
	logline_str(&line, "reason", report->reason);
	logline_str(&line, "node", report->node);
	logline_end(&line, LOG_LEVEL_INFO);
	plan_test(p, 0);
}

/* In a while, where other nodes can be heard: without Redis there are none. */
static void
listen_later(struct monitor *p)
{
	if (upstream_redis(p->monitoring->upstream) != NULL)
		timer_start(p->read_timer, jittered(HEAR_MS, JITTER));
}

static void
read_reports(void *arg)
{
	struct monitor *p = arg;

	if (!p->wanted || !is_tested(p))
		return;
	nodereports_read(p->monitoring->reports, p->listing, say_s(p), on_report, p);
	listen_later(p);
}

/* A list falls silent: nobody need wait for it any more, and it is not tested. */
static void
on_outage(void *arg)
{
	struct monitor *p = arg;

	plan_test(p, 0);
	if (p->monitoring->silent != NULL)
		p->monitoring->silent(p->monitoring->silent_arg, p->listing->id);
}

/* One that answers again may have become another one. */
static void
on_outage_end(void *arg)
{
	plan_test(arg, 0);
}

static void
on_doubt(void *arg, const struct selftest_report *report)
{
	struct monitor *p = arg;
	enum list_state before = health_state_of(&p->state);

	if (!is_tested(p))
		return;
	health_state_doubt(
	    &p->state, &(struct cause){selftest_name(report->worst), report->evidence, NULL});
	plan_anew(p, before);
}

/* The list holds a block as a whole, and is right: whoever else is on it is on it. */
static void
on_held(void *arg, struct canary_block block)
{
	struct monitor *p = arg;
	char net[CANARY_TEXT_SIZE];
	struct logline line;

	canary_describe(p->listing, block, net);
	logline_event(&line, "list-holds");
	logline_str(&line, "list", p->listing->label);
	logline_str(&line, "net", net);
	logline_end(&line, LOG_LEVEL_INFO);
	health_state_clear_up(&p->state);
	plan_test(p, 0);
}

/* It was caught without a test: one comes soon. */
static void
catch_out(
    struct monitor *p, enum selftest_result result, const char *evidence, const char *hint)
{
	bool was_out = health_state_of(&p->state) == LIST_SUSPENDED;

	fail(p, result, evidence, hint);
	if (!was_out && !p->testing)
		plan_next(p);
}

static void
on_lie(void *arg, const struct selftest_report *report)
{
	/* Now and then it says nothing of the kind: that is how part of a list lies. */
	enum selftest_result result =
	    report->worst > SELFTEST_SILENT ? report->worst : SELFTEST_LISTS_ALL;

	catch_out(arg, result, report->evidence, selftest_hint(report, result));
}

/*
 * Whether the list still said what it had said, when it was asked again.  Who may take
 * himself off a list can have it take back what it says as often as he likes: that puts it
 * in doubt, and is no lie.
 */
static void
on_compared(void *arg, bool same)
{
	struct monitor *p = arg;
	enum list_state before = health_state_of(&p->state);

	if (!comparisons_note(&p->comparisons, same) || !is_tested(p))
		return;
	health_state_doubt(&p->state,
	    &(struct cause){"takes-back", "what it says of clients it takes back", NULL});
	plan_anew(p, before);
}

/* How often a list is asked again about a client that it lists. */
static unsigned
again(const struct monitor *p)
{
	return comparisons_differ(&p->comparisons) || health_state_lies(&p->state) > 0 ? 2 : 1;
}

void
monitor_confirm(struct monitor *p, const struct subject *subject, unsigned server, bool quiet,
    health_confirmed *done, void *arg)
{
	if (health_state_of(&p->state) == LIST_SUSPENDED) {
		done(arg, REFUTED);
		return;
	}
	if (!is_provable(p)) {
		done(arg, UNCONFIRMED);
		return;
	}
	confirmation_start(&(struct confirmation_order){
	    .dns = upstream_dns(p->monitoring->upstream, p->listing->servers),
	    .canaries = p->canaries,
	    .list = p->listing,
	    .subject = subject,
	    .server = server,
	    .again = again(p),
	    .quiet = quiet,
	    .types = p->has_types,
	    .done = done,
	    .compared = on_compared,
	    .arg = arg,
	    .list_arg = p,
	});
}

bool
monitor_ask(struct monitor *p, bool quiet)
{
	if (list_breaker_is_open(&p->outage.breaker) || !health_state_is_heard(&p->state))
		return false;
	if (!quiet)
		list_breaker_asked(&p->outage.breaker);
	canaries_asked(p->canaries);
	return true;
}

/* Something is odd: have it tested soon, but not all the time. */
static void
suspect(struct monitor *p)
{
	if (!p->testing && health_state_is_believed(&p->state) &&
	    clock_ms() - p->tested >= SCHEDULE_SUSPECT_MS)
		plan_test(p, 0);
}

/*
 * A list without a test entry that holds nobody cannot be told from one that a resolver
 * empties: that is said once.
 */
static void
count_clear(struct monitor *p, enum fact_state state)
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
monitor_answer(struct monitor *p, const struct ipaddr *addr, bool drawn, enum fact_state state,
    enum answer_kind kind)
{
	enum list_state before = health_state_of(&p->state);

	if (addr == NULL)
		return;
	outage_answered(&p->outage, state != FACT_UNKNOWN, kind);
	if (drawn || state == FACT_LISTED)
		count_clear(p, state);
	if (state == FACT_UNKNOWN || !is_tested(p))
		return;
	/* Names are for anybody to make up, as many as it takes to set off the tripwire. */
	if (drawn && state != FACT_ERROR && p->listing->role == ROLE_ADDRESS)
		health_state_answer(&p->state, addr, state == FACT_LISTED);
	plan_anew(p, before);
	if (state == FACT_ERROR || health_state_is_suspect(&p->state))
		suspect(p);
}

void
monitor_vouched(struct monitor *p, const struct ipaddr *voter, const struct ipaddr *client)
{
	enum list_state before = health_state_of(&p->state);

	if (!is_tested(p))
		return;
	health_state_vouched(&p->state, voter, client);
	plan_anew(p, before);
}

uint32_t
monitor_id(const struct monitor *p)
{
	return p->listing->id;
}

void
monitor_free(struct monitor *p)
{
	if (p == NULL)
		return;
	canaries_free(p->canaries);
	timer_free(p->timer);
	timer_free(p->read_timer);
	outage_free(&p->outage);
	health_state_clear(&p->state);
	roster_unref(&p->roster);
	free(p);
}

struct monitor *
monitor_new(struct monitoring *monitoring)
{
	struct monitor *p = calloc(1, sizeof(*p));
	bool good;

	if (p == NULL)
		return NULL;
	p->monitoring = monitoring;
	schedule_init(&p->schedule);
	p->timer = timer_new(monitoring->loop, run_test, p);
	p->read_timer = timer_new(monitoring->loop, read_reports, p);
	p->canaries = canaries_new(monitoring->loop,
	    &(struct canaries_owner){
		.ask = ask, .doubted = on_doubt, .held = on_held, .lied = on_lie, .arg = p});
	good = health_state_init(&p->state, NULL);
	good = outage_init(&p->outage, monitoring->loop, p->canaries,
		   &(struct outage_owner){
		       .ask = ask, .began = on_outage, .ended = on_outage_end, .arg = p}) &&
	    good;
	if (good && p->timer != NULL && p->read_timer != NULL && p->canaries != NULL)
		return p;
	monitor_free(p);
	return NULL;
}

void
monitor_stop(struct monitor *p)
{
	p->wanted = false;
	timer_stop(p->timer);
	timer_stop(p->read_timer);
	outage_leave(&p->outage);
}

static int64_t
gap_ms(const struct monitor *p)
{
	return p->monitoring->options.deadline_ms / GAP_SHARE;
}

void
monitor_start(struct monitor *p, struct roster *roster, unsigned list)
{
	struct roster *before = p->roster;

	p->roster = roster_ref(roster);
	p->list = list;
	p->listing = p->state.listing = roster->list[list];
	p->wanted = true;
	canaries_of(p->canaries, p->listing, gap_ms(p));
	roster_unref(&before);
	if (!is_tested(p))
		health_state_believe(&p->state);
	else
		plan_test(p, health_state_of(&p->state) == LIST_NEW ? 0 : SCHEDULE_RETEST_MS);
	listen_later(p);
	outage_watch(&p->outage, p->listing);
}
