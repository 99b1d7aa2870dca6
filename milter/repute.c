/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * repute.c - from tests and watching to a standing, and a line in the log for
 * every change of it.  When a list is tested is the business of patient.c.
 */
#include "config.h"

#include "repute.h"

#include <stddef.h>

#include "clock.h"
#include "log.h"
#include "strbuf.h"
#include "watch.h"

#define STRIKES_MS 3600000 /* for which a failure is held against a list */
#define STRIKES_FACTOR 2   /* times the failures in a row that are too many */
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
	case ALARM_GOOD:
		return false;
	case ALARM_SUSPECT:
		return watch_has_history(r->watch);
	case ALARM_FLOOD:
		break;
	}
	return true;
}

bool
repute_is_heard(const struct repute *r)
{
	return repute_standing(r) != STANDING_SUSPENDED || r->watched;
}

static void
set_standing(struct repute *r, enum standing standing)
{
	atomic_store(r->listing->standing, (unsigned)standing);
}

static void
say(const struct repute *r, const char *event, const char *reason, const char *evidence)
{
	struct logline line;

	logline_event(&line, event);
	logline_str(&line, "list", r->listing->label);
	logline_str(&line, "reason", reason);
	logline_str(&line, "evidence", evidence);
	logline_end(&line, LOG_LEVEL_WARNING);
}

/* From now on a refusal that needs the list is put off, until a test is passed. */
static void
doubt(struct repute *r, const char *reason, const char *evidence)
{
	if (repute_standing(r) == STANDING_SUSPENDED || repute_standing(r) == STANDING_DOUBTED)
		return;
	set_standing(r, STANDING_DOUBTED);
	say(r, "list-doubted", reason, evidence);
}

static void
suspend(struct repute *r, const char *reason, const char *evidence, bool watched)
{
	if (repute_standing(r) == STANDING_SUSPENDED)
		return;
	strbuf_copy(r->reason, sizeof(r->reason), reason);
	r->watched = watched;
	r->told = false;
	r->lied = true;
	r->since = clock_ms();
	r->passed = 0;
	set_standing(r, STANDING_SUSPENDED);
	say(r, "list-suspended", reason, evidence);
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

/* One that is suspended has passed a test. */
static void
recover(struct repute *r, unsigned passes)
{
	/* Its test entries were right all the time: what was seen must be over, too. */
	if (r->watched && watch_alarm(r->watch) != ALARM_NONE)
		r->passed = 0;
	if (r->passed >= passes)
		restore(r);
}

void
repute_pass(struct repute *r, unsigned passes)
{
	r->failed = 0;
	r->passed++;
	switch (repute_standing(r)) {
	case STANDING_SUSPENDED:
		recover(r, passes);
		return;
	case STANDING_DOUBTED:
		if (repute_is_unusual(r))
			return;
		say(r, "list-trusted", NULL, NULL);
		break;
	case STANDING_NEW:
	case STANDING_GOOD:
	case STANDING_RESTORED:
		break;
	}
	repute_believe(r);
}

/* A list of many servers may fail now and then: that is no better than in a row. */
static bool
has_failed_enough(struct repute *r, unsigned failures, bool grave)
{
	if (clock_ms() - r->struck >= STRIKES_MS) {
		r->struck = clock_ms();
		r->strikes = 0;
	}
	r->failed++;
	r->strikes += grave;
	return r->failed >= failures || r->strikes >= failures * STRIKES_FACTOR;
}

void
repute_fail(
    struct repute *r, unsigned failures, bool grave, const char *reason, const char *evidence)
{
	r->passed = 0;
	if (has_failed_enough(r, failures, grave))
		suspend(r, reason, evidence, false);
	else
		doubt(r, reason, evidence);
}

void
repute_bury(struct repute *r, const char *reason)
{
	r->passed = 0;
	suspend(r, reason, NULL, false);
}

void
repute_told_bad(struct repute *r, const char *reason)
{
	if (repute_standing(r) == STANDING_SUSPENDED)
		return;
	suspend(r, reason, "the word of another node", false);
	r->told = true;
}

void
repute_told_good(struct repute *r)
{
	if (repute_standing(r) == STANDING_NEW)
		repute_believe(r);
	else if (repute_standing(r) == STANDING_SUSPENDED && r->told)
		restore(r);
}

/*
 * Nearly everybody is on the list, and its test entries are right.  It lies, or a
 * botnet has come: were a list that refuses suspended for that, anybody could
 * switch it off.  In doubt nothing is lost, and a bot does not try again.
 */
static void
flood(struct repute *r, const char *evidence)
{
	r->lied = true;
	if (r->listing->worst == 0 && watch_alarm(r->watch) == ALARM_FLOOD)
		suspend(r, REASON_FLOOD, evidence, true);
	else
		doubt(r, REASON_FLOOD, evidence);
}

/* Look at the answers as a whole; what is odd about one is trouble's. */
static void
look(struct repute *r)
{
	enum alarm alarm = watch_alarm(r->watch);
	char evidence[64];
	struct strbuf sb;

	if (alarm == ALARM_NONE)
		return;
	strbuf_init(&sb, evidence, sizeof(evidence));
	strbuf_addf(&sb, "%u %% of the last addresses, usually %u %%", watch_share(r->watch),
	    watch_usual(r->watch));
	if (alarm == ALARM_GOOD)
		suspend(r, REASON_GOOD, evidence, true);
	else if (repute_is_unusual(r))
		flood(r, evidence);
}

void
repute_answer(struct repute *r, const struct ipaddr *addr, bool listed)
{
	watch_answer(r->watch, addr, listed);
	look(r);
}

void
repute_good_client(struct repute *r, const struct ipaddr *addr)
{
	watch_good_client(r->watch, addr);
	look(r);
}
