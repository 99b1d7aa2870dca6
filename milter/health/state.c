/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * health/state.c - from tests and watching to a standing, and a line in the log for
 * every change of it.  When a list is tested is the business of health/monitor.c.
 */
#include "config.h"

#include "health/state.h"

#include <stddef.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/strbuf.h"
#include "health/tripwire.h"

#define STRIKES_MS 86400000 /* for which a lie is held against a list */
#define STRIKES_FACTOR 2    /* times the failures in a row that are too many */
#define REASON_FLOOD "lists-nearly-everybody"
#define REASON_GOOD "lists-good-clients"

bool
repute_init(struct repute *r, const struct listing *listing)
{
	*r = (struct repute){.listing = listing, .watch = watch_new()};
	return r->watch != NULL;
}

void
repute_clear(struct repute *r)
{
	watch_free(r->watch);
}

enum standing
repute_standing(const struct repute *r)
{
	return listing_standing(r->listing);
}

bool
repute_is_believed(const struct repute *r)
{
	return repute_standing(r) == STANDING_GOOD || repute_standing(r) == STANDING_RESTORED;
}

bool
repute_is_suspect(const struct repute *r)
{
	return watch_alarm(r->watch) == ALARM_SUSPECT;
}

/* Without a history nobody knows its way. */
bool
repute_is_unusual(const struct repute *r)
{
	switch (watch_alarm(r->watch)) {
	case ALARM_NONE:
		return false;
	case ALARM_SUSPECT:
		return watch_has_history(r->watch);
	case ALARM_FLOOD:
	case ALARM_GOOD:
		break;
	}
	return true;
}

bool
repute_is_heard(const struct repute *r)
{
	switch (repute_standing(r)) {
	case STANDING_SUSPENDED:
		return r->watched;
	case STANDING_SILENT:
		return false;
	case STANDING_NEW:
	case STANDING_GOOD:
	case STANDING_RESTORED:
	case STANDING_DOUBTED:
	case STANDING_RECOVERING:
		break;
	}
	return true;
}

/* Whether it has been suspended, and has not made up for that. */
static bool
is_out(const struct repute *r)
{
	return repute_standing(r) >= STANDING_RECOVERING;
}

static void
set_standing(struct repute *r, enum standing standing)
{
	atomic_store(r->listing->standing, (unsigned)standing);
}

static void
say(const struct repute *r, const char *event, const struct cause *cause)
{
	struct logline line;

	logline_event(&line, event);
	logline_str(&line, "list", r->listing->label);
	logline_str(&line, "reason", cause->reason);
	logline_str(&line, "evidence", cause->evidence);
	logline_str(&line, "hint", cause->hint);
	logline_end(&line, LOG_LEVEL_WARNING);
}

static void
doubt(struct repute *r, const struct cause *cause)
{
	set_standing(r, STANDING_DOUBTED);
	say(r, "list-doubted", cause);
}

/* One that is new is not believed yet, and one that is suspended no more. */
void
repute_doubt(struct repute *r, const struct cause *cause)
{
	if (repute_is_believed(r))
		doubt(r, cause);
}

static void
suspend(struct repute *r, const struct cause *cause, bool watched)
{
	/* One that has not made up for its suspension is suspended for the same reason. */
	bool again = is_out(r) && repute_standing(r) != STANDING_SILENT;

	r->passed = 0;
	set_standing(r, STANDING_SUSPENDED);
	if (again)
		return;
	strbuf_copy(r->reason, sizeof(r->reason), cause->reason);
	r->watched = watched;
	r->lied = true;
	r->since = clock_ms();
	say(r, "list-suspended", cause);
}

/* Its word counts; what is kept of it does only when no lie can be left in there. */
void
repute_believe(struct repute *r)
{
	if (!repute_is_believed(r))
		r->since = clock_ms();
	else if (clock_ms() - r->since >= LISTING_KEPT_MS)
		r->lied = false;
	set_standing(r, r->lied ? STANDING_RESTORED : STANDING_GOOD);
}

static void
restore(struct repute *r)
{
	struct logline line;

	logline_event(&line, "list-restored");
	logline_str(&line, "list", r->listing->label);
	logline_str(&line, "reason", r->reason);
	logline_num(&line, "after", (clock_ms() - r->since) / 1000);
	logline_end(&line, LOG_LEVEL_WARNING);
	repute_believe(r);
}

/*
 * One that is suspended has passed a test: what it says from now on is worth a delay, but
 * not yet a refusal.
 */
static void
recover(struct repute *r, unsigned passes)
{
	/* Its test entries were right all the time: what was seen must be over, too. */
	if (r->watched) {
		if (watch_alarm(r->watch) != ALARM_NONE)
			r->passed = 0;
		else if (r->passed >= passes)
			restore(r);
		return;
	}
	if (r->passed >= passes && clock_ms() >= r->doubtful)
		restore(r);
	else
		set_standing(r, STANDING_RECOVERING);
}

static void
trust(struct repute *r)
{
	if (repute_is_unusual(r) || clock_ms() < r->doubtful)
		return;
	say(r, "list-trusted", &(struct cause){0});
	repute_believe(r);
}

void
repute_pass(struct repute *r, unsigned passes)
{
	r->failed = 0;
	r->passed++;
	switch (repute_standing(r)) {
	case STANDING_SUSPENDED:
	case STANDING_RECOVERING:
		recover(r, passes);
		break;
	case STANDING_SILENT:
		restore(r); /* it has told no lie */
		break;
	case STANDING_DOUBTED:
		trust(r);
		break;
	case STANDING_NEW:
	case STANDING_GOOD:
	case STANDING_RESTORED:
		repute_believe(r);
		break;
	}
}

void
repute_clear_up(struct repute *r)
{
	if (repute_standing(r) == STANDING_DOUBTED)
		trust(r);
}

void
repute_fail(struct repute *r, unsigned failures, const struct cause *cause)
{
	r->passed = 0;
	if (++r->failed >= failures || is_out(r))
		suspend(r, cause, false);
	else if (repute_standing(r) != STANDING_DOUBTED)
		doubt(r, cause);
}

unsigned
repute_strikes(const struct repute *r)
{
	return clock_ms() - r->struck < STRIKES_MS ? r->strikes : 0;
}

/* A list of many servers may lie now and then: that is no better than in a row. */
void
repute_strike(struct repute *r, unsigned failures, int64_t doubt_ms, const struct cause *cause)
{
	r->strikes = repute_strikes(r);
	if (r->strikes == 0)
		r->struck = clock_ms();
	/* That one that is suspended goes on lying is no news. */
	if (repute_standing(r) != STANDING_SUSPENDED) {
		r->strikes++;
		r->doubtful = clock_ms() + doubt_ms;
	}
	if (r->strikes >= failures * STRIKES_FACTOR)
		suspend(r, cause, false);
	repute_fail(r, failures, cause);
}

/* Silence is no lie: what is kept of its listings is as good as before. */
void
repute_bury(struct repute *r, const char *reason)
{
	bool was_out = is_out(r);

	r->passed = 0;
	if (was_out)
		return;
	strbuf_copy(r->reason, sizeof(r->reason), reason);
	r->watched = false;
	r->since = clock_ms();
	set_standing(r, STANDING_SILENT);
	say(r, "list-suspended", &(struct cause){.reason = reason});
}

/*
 * Nearly everybody is on the list, or many of those whom somebody vouches for, and its
 * test entries are right.  It lies, or a botnet has come, or somebody with a few
 * passwords: were a list that refuses suspended for that, anybody could switch it
 * off.  In doubt nothing is lost, and a bot does not try again.
 */
static void
alarm(struct repute *r, bool may_suspend, const struct cause *cause)
{
	r->lied = true;
	if (r->listing->worst == 0 && may_suspend)
		suspend(r, cause, true);
	else
		repute_doubt(r, cause);
}

/* Look at the answers as a whole; what is odd about one is trouble's. */
static void
look(struct repute *r)
{
	enum alarm seen = watch_alarm(r->watch);
	char evidence[64];
	struct strbuf sb;

	if (seen == ALARM_NONE || is_out(r))
		return;
	strbuf_init(&sb, evidence, sizeof(evidence));
	strbuf_addf(&sb, "%u %% of the last networks, usually %u %%", watch_share(r->watch),
	    watch_usual(r->watch));
	if (repute_is_unusual(r))
		alarm(r, seen == ALARM_FLOOD,
		    &(struct cause){.reason = seen == ALARM_GOOD ? REASON_GOOD : REASON_FLOOD,
			.evidence = evidence});
}

void
repute_answer(struct repute *r, const struct ipaddr *addr, bool listed)
{
	watch_answer(r->watch, addr, listed);
	look(r);
}

void
repute_good_client(struct repute *r, const struct ipaddr *voter, const struct ipaddr *client)
{
	watch_good_client(r->watch, voter, client, clock_ms());
	look(r);
}
