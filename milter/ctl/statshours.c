/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ctl/statshours.c - store/hours.c has the names of what is counted; what a hostile file may
 * say is added to the figures all the same, and to nothing else.
 */
#include "config.h"

#include "ctl/statshours.h"

#include <string.h>

#include "base/ascii.h"
#include "base/counter.h"
#include "base/number.h"
#include "lists/usage.h"
#include "store/hours.h"
#include "verdict/verdict.h"

#define HOUR_LAST INT64_C(253402300799) /* of the year 9999: what is later is no time */

/* The figure that the daemon has counted under that name; NULL: none. */
static uint64_t *
list_figure(struct list_stats *l, const char *what)
{
	uint64_t *const figure[LIST_COUNTS] = {
	    [LIST_COUNT_SEEN] = &l->seen,
	    [LIST_COUNT_LISTED] = &l->listed,
	    [LIST_COUNT_AGAINST] = &l->against,
	    [LIST_COUNT_FAVOUR] = &l->favour,
	    [LIST_COUNT_SOLE] = &l->sole,
	    [LIST_COUNT_DECISIVE] = &l->decisive,
	    [LIST_COUNT_UNKNOWN] = &l->unknown,
	    [LIST_COUNT_DOUBTED] = &l->doubted,
	    [LIST_COUNT_SUSPENDED] = &l->suspended,
	    [LIST_COUNT_SHADOWED] = &l->shadowed,
	    [LIST_COUNT_SHADOW_ACTS] = &l->shadow_acts,
	    [LIST_COUNT_SHADOW_UNKNOWN] = &l->shadow_unknown,
	};

	for (enum list_count count = LIST_COUNT_SEEN; count < LIST_COUNTS; count++)
		if (strcmp(what, list_count_name(count)) == 0)
			return figure[count];
	if (!ascii_take(&what, HOURS_ANSWER))
		return NULL;
	for (enum fact_state state = FACT_UNKNOWN; state < LIST_ANSWERS; state++)
		if (strcmp(what, fact_state_name(state)) == 0)
			return &l->answers[state];
	return NULL;
}

/* The upper bound of "ms-5", 0 where it has none; -1: it is something else. */
static int64_t
read_bound(const char *what)
{
	int64_t ms;

	if (!ascii_take(&what, HOURS_MS))
		return -1;
	if (strcmp(what, HOURS_LONGER) == 0)
		return 0;
	ms = number_plain(&what, STATS_MS_MAX);
	return ms > 0 && *what == '\0' ? ms : -1;
}

static void
add_latency(struct list_stats *l, int64_t bound, uint64_t n)
{
	const struct histogram_bounds *bounds = list_usage_bounds();
	unsigned i = 0;

	while (i < bounds->n && (bound == 0 || bounds->ms[i] < (uint64_t)bound))
		i++;
	l->ms[i] += n;
}

static void
add_list(struct stats *s, const struct dayfile_count *c, uint64_t n)
{
	int list = names_number(&s->lists, c->name, strlen(c->name));
	int64_t bound = read_bound(c->what);
	uint64_t *figure;

	if (list < 0)
		s->unlisted += n;
	else if (bound >= 0)
		add_latency(&s->list[list], bound, n);
	else if ((figure = list_figure(&s->list[list], c->what)) != NULL)
		*figure += n;
}

/* ACTIONS: it is none. */
static enum action
read_action(const char *name)
{
	enum action action = ACTION_PASS;

	while (action < ACTIONS && strcmp(name, action_name(action)) != 0)
		action++;
	return action;
}

/* The policies tell what was meant, and so whom shadow mode has let through. */
static void
add_policy(struct stats *s, const struct dayfile_count *c, uint64_t n, int64_t time)
{
	int policy = names_number(&s->policies, c->name, strlen(c->name));
	const char *what = c->what;
	bool shadowed = ascii_take(&what, HOURS_SHADOWED);
	enum action action = read_action(what);

	if (policy < 0)
		policy = STATS_POLICIES_MAX;
	if (action == ACTIONS)
		return;
	if (shadowed) {
		s->policy[policy].shadowed += n;
		s->meant[action] += n;
	} else {
		s->policy[policy].done[action] += n;
	}
	if (action >= ACTION_REFUSE) {
		s->refused += n;
		stats_add_hour(s, time, 0, n);
	}
}

static void
add_reason(struct stats *s, const struct dayfile_count *c, uint64_t n, int64_t time)
{
	static const enum verdict_reason weighed[] = {
	    REASON_LISTS, REASON_BUSY, REASON_SPF, REASON_PASS};
	int reason = names_number(&s->reasons, c->name, strlen(c->name));
	enum action action = read_action(c->what);

	if (reason < 0)
		reason = STATS_REASONS_MAX;
	if (action == ACTIONS)
		return;
	s->reason[reason].all += n;
	s->reason[reason].refused += action >= ACTION_REFUSE ? n : 0;
	s->decisions += n;
	s->done[action] += n;
	for (size_t i = 0; i < sizeof(weighed) / sizeof(weighed[0]); i++)
		if (strcmp(c->name, verdict_reason_name(weighed[i])) == 0)
			s->weighed += n;
	stats_add_hour(s, time, n, 0);
}

/* One that waited for longer than all bounds. */
static void
add_wait(struct stats *s, const struct dayfile_count *c, uint64_t n)
{
	int64_t bound = read_bound(c->what);

	if (bound < 0)
		return;
	s->ms[bound > 0 ? bound : STATS_MS_MAX] += n;
	s->timed += n;
}

void
statshours_add(struct stats *s, const struct dayfile_count *c, int64_t offset)
{
	uint64_t n = (uint64_t)c->n;
	int64_t time;

	if (c->hour <= 0 || c->hour <= -offset || c->hour > HOUR_LAST || c->n <= 0)
		return;
	s->counted = true;
	time = c->hour + offset;
	if (strcmp(c->kind, HOURS_LIST) == 0)
		add_list(s, c, n);
	else if (strcmp(c->kind, HOURS_POLICY) == 0)
		add_policy(s, c, n, time);
	else if (strcmp(c->kind, HOURS_REASON) == 0)
		add_reason(s, c, n, time);
	else if (strcmp(c->kind, HOURS_WAIT) == 0)
		add_wait(s, c, n);
	else if (strcmp(c->kind, HOURS_COUNTER) == 0 &&
	    strcmp(c->what, counter_name(COUNTER_SOFTENED)) == 0)
		s->softened += n;
}
