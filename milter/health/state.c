/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * health/state.c - from self-tests and the tripwire to a health state, and a line in the log for
 * every change of it.  When a list is tested is the business of health/monitor.c.
 */
#include "config.h"

#include "health/state.h"

#include <stddef.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/strbuf.h"
#include "health/tripwire.h"

#define LIES_MS 86400000 /* for which a lie is held against a list */
#define LIES_FACTOR 2    /* times the failures in a row that are too many */
#define REASON_FLOOD "lists-nearly-everybody"
#define REASON_GOOD "lists-good-clients"

bool
health_state_init(struct health_state *r, const struct listing *listing)
{
	*r = (struct health_state){.listing = listing, .tripwire = tripwire_new()};
	return r->tripwire != NULL;
}

void
health_state_clear(struct health_state *r)
{
	tripwire_free(r->tripwire);
}

enum list_state
health_state_of(const struct health_state *r)
{
	return listing_health(r->listing);
}

bool
health_state_is_believed(const struct health_state *r)
{
	return health_state_of(r) == LIST_GOOD || health_state_of(r) == LIST_RESTORED;
}

bool
health_state_is_suspect(const struct health_state *r)
{
	return tripwire_alert(r->tripwire) == ALERT_SUSPECT;
}

/* Without a history nobody knows its way. */
bool
health_state_is_unusual(const struct health_state *r)
{
	switch (tripwire_alert(r->tripwire)) {
	case ALERT_NONE:
		return false;
	case ALERT_SUSPECT:
		return tripwire_has_history(r->tripwire);
	case ALERT_FLOOD:
	case ALERT_VOUCHED:
		break;
	}
	return true;
}

bool
health_state_is_heard(const struct health_state *r)
{
	switch (health_state_of(r)) {
	case LIST_SUSPENDED:
		return r->watched;
	case LIST_SILENT:
		return false;
	case LIST_NEW:
	case LIST_GOOD:
	case LIST_RESTORED:
	case LIST_DOUBTED:
	case LIST_RECOVERING:
		break;
	}
	return true;
}

/* Whether it has been suspended, and has not made up for that. */
static bool
is_out(const struct health_state *r)
{
	return health_state_of(r) >= LIST_RECOVERING;
}

static void
set_state(struct health_state *r, enum list_state state)
{
	atomic_store(r->listing->state, (unsigned)state);
}

static void
say(const struct health_state *r, const char *event, const struct cause *cause)
{
	struct logline line;

	logline_event(&line, event);
	logline_str(&line, "list", r->listing->label);
	logline_str(&line, "source", r->source);
	logline_str(&line, "reason", cause->reason);
	logline_str(&line, "evidence", cause->evidence);
	logline_str(&line, "hint", cause->hint);
	logline_end(&line, LOG_LEVEL_WARNING);
}

static void
doubt(struct health_state *r, const struct cause *cause)
{
	set_state(r, LIST_DOUBTED);
	say(r, "list-doubted", cause);
}

/* One that is new is not believed yet, and one that is suspended no more. */
void
health_state_doubt(struct health_state *r, const struct cause *cause)
{
	if (health_state_is_believed(r))
		doubt(r, cause);
}

static void
suspend(struct health_state *r, const struct cause *cause, bool watched)
{
	/* One that has not made up for its suspension is suspended for the same reason. */
	bool again = is_out(r) && health_state_of(r) != LIST_SILENT;

	r->passed = 0;
	set_state(r, LIST_SUSPENDED);
	if (again)
		return;
	strbuf_copy(r->reason, sizeof(r->reason), cause->reason);
	r->watched = watched;
	r->lied = true;
	r->since = clock_ms();
	say(r, "list-suspended", cause);
}

/* Fresh answers count from now on; cached listings do only after the longest time that one is kept. */
void
health_state_believe(struct health_state *r)
{
	if (!health_state_is_believed(r))
		r->since = clock_ms();
	else if (clock_ms() - r->since >= LISTING_KEPT_MS)
		r->lied = false;
	set_state(r, r->lied ? LIST_RESTORED : LIST_GOOD);
}

static void
restore(struct health_state *r)
{
	struct logline line;

	logline_event(&line, "list-restored");
	logline_str(&line, "list", r->listing->label);
	logline_str(&line, "source", r->source);
	logline_str(&line, "reason", r->reason);
	logline_num(&line, "after", (clock_ms() - r->since) / 1000);
	logline_end(&line, LOG_LEVEL_WARNING);
	health_state_believe(r);
}

/*
 * One that is suspended has passed a test: what it says from now on is worth a delay, but
 * not yet a refusal.
 */
static void
recover(struct health_state *r, unsigned passes)
{
	/* Its test entries were right all the time: what was seen must be over, too. */
	if (r->watched) {
		if (tripwire_alert(r->tripwire) != ALERT_NONE)
			r->passed = 0;
		else if (r->passed >= passes)
			restore(r);
		return;
	}
	if (r->passed >= passes && clock_ms() >= r->doubtful)
		restore(r);
	else
		set_state(r, LIST_RECOVERING);
}

static void
trust(struct health_state *r)
{
	if (health_state_is_unusual(r) || clock_ms() < r->doubtful)
		return;
	say(r, "list-trusted", &(struct cause){0});
	health_state_believe(r);
}

void
health_state_pass(struct health_state *r, unsigned passes)
{
	r->failed = 0;
	r->passed++;
	switch (health_state_of(r)) {
	case LIST_SUSPENDED:
	case LIST_RECOVERING:
		recover(r, passes);
		break;
	case LIST_SILENT:
		restore(r); /* it has told no lie */
		break;
	case LIST_DOUBTED:
		trust(r);
		break;
	case LIST_NEW:
	case LIST_GOOD:
	case LIST_RESTORED:
		health_state_believe(r);
		break;
	}
}

void
health_state_clear_up(struct health_state *r)
{
	if (health_state_of(r) == LIST_DOUBTED)
		trust(r);
}

void
health_state_fail(struct health_state *r, unsigned failures, const struct cause *cause)
{
	r->passed = 0;
	if (++r->failed >= failures || is_out(r))
		suspend(r, cause, false);
	else if (health_state_of(r) != LIST_DOUBTED)
		doubt(r, cause);
}

unsigned
health_state_lies(const struct health_state *r)
{
	return clock_ms() - r->lied_at < LIES_MS ? r->lies : 0;
}

/* A list of many servers may lie now and then: that is no better than in a row. */
void
health_state_lie(
    struct health_state *r, unsigned failures, int64_t doubt_ms, const struct cause *cause)
{
	r->lies = health_state_lies(r);
	if (r->lies == 0)
		r->lied_at = clock_ms();
	/* That one that is suspended goes on lying is no news. */
	if (health_state_of(r) != LIST_SUSPENDED) {
		r->lies++;
		r->doubtful = clock_ms() + doubt_ms;
	}
	if (r->lies >= failures * LIES_FACTOR)
		suspend(r, cause, false);
	health_state_fail(r, failures, cause);
}

/* Silence is no lie: what is kept of its listings is as good as before. */
void
health_state_unreachable(struct health_state *r, const struct cause *cause)
{
	bool was_out = is_out(r);

	r->passed = 0;
	if (was_out)
		return;
	strbuf_copy(r->reason, sizeof(r->reason), cause->reason);
	r->watched = false;
	r->since = clock_ms();
	set_state(r, LIST_SILENT);
	say(r, "list-suspended", cause);
}

/*
 * Nearly everybody is on the list, or many of those whom somebody vouches for, and its
 * test entries are right.  It lies, or a botnet has come, or somebody with a few
 * passwords: were a list that refuses suspended for that, anybody could switch it
 * off.  In doubt nothing is lost, and a bot does not try again.
 */
static void
raise_alert(struct health_state *r, bool may_suspend, const struct cause *cause)
{
	r->lied = true;
	if (r->listing->worst == 0 && may_suspend)
		suspend(r, cause, true);
	else
		health_state_doubt(r, cause);
}

/* Look at the answers as a whole; what is odd about one is the business of health/anomaly.c. */
static void
look(struct health_state *r)
{
	enum alert seen = tripwire_alert(r->tripwire);
	char evidence[64];
	struct strbuf sb;

	if (seen == ALERT_NONE || is_out(r))
		return;
	strbuf_init(&sb, evidence, sizeof(evidence));
	strbuf_addf(&sb, "%u %% of the last networks, usually %u %%",
	    tripwire_share(r->tripwire), tripwire_usual(r->tripwire));
	if (health_state_is_unusual(r))
		raise_alert(r, seen == ALERT_FLOOD,
		    &(struct cause){
			.reason = seen == ALERT_VOUCHED ? REASON_GOOD : REASON_FLOOD,
			.evidence = evidence});
}

void
health_state_answer(struct health_state *r, const struct ipaddr *addr, bool listed)
{
	tripwire_answer(r->tripwire, addr, listed);
	look(r);
}

void
health_state_vouched(
    struct health_state *r, const struct ipaddr *voter, const struct ipaddr *client)
{
	tripwire_vouched(r->tripwire, voter, client, clock_ms());
	look(r);
}
