/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * base/limit.c - count what is under way, and turn away what is too much.  Counting
 * is one atomic operation, so that a flood costs nothing while it is counted.
 */
#include "config.h"

#include "base/limit.h"

#include <stdatomic.h>
#include <stddef.h>
#include <sys/resource.h>

#include "base/counter.h"
#include "base/log.h"
#include "base/loglimit.h"
#include "base/tally.h"

#define FILES_FOR_SESSION 4 /* its connection, and what its questions need */
#define FILES_MAX 65536U    /* for as many sessions as suit, and who is turned away */

struct gauge {
	atomic_uint count, max;
	struct loglimit turned_away;
};

static struct gauge gauges[LIMIT_MAX];

static const char *
name_of(enum limit limit)
{
	switch (limit) {
	case LIMIT_SESSIONS:
		return "sessions";
	case LIMIT_LOOKUPS:
		return "inquiries";
	case LIMIT_FILES:
		return "files";
	case LIMIT_POLICY:
		return "policy";
	case LIMIT_MAX:
		break;
	}
	return NULL;
}

uint64_t
limit_useful_files(uint64_t most, unsigned sessions)
{
	uint64_t files = (uint64_t)sessions * FILES_FOR_SESSION;

	if (files < FILES_MAX)
		files = FILES_MAX;
	return files < most ? files : most;
}

/* The hard limit stays: what is above ours is of no use, and harms nobody. */
uint64_t
limit_raise_files(unsigned sessions)
{
	struct rlimit files;

	if (getrlimit(RLIMIT_NOFILE, &files) != 0)
		return 0;
	files.rlim_cur = (rlim_t)limit_useful_files(files.rlim_max, sessions);
	if (setrlimit(RLIMIT_NOFILE, &files) != 0)
		getrlimit(RLIMIT_NOFILE, &files);
	return limit_useful_files(files.rlim_cur, sessions);
}

static unsigned
suitable(enum limit limit, uint64_t files)
{
	uint64_t sessions = files / FILES_FOR_SESSION;

	if (sessions > LIMITS_SESSIONS_MAX)
		sessions = LIMITS_SESSIONS_MAX;
	if (limit == LIMIT_LOOKUPS)
		sessions /= 2;
	return sessions > 0 ? (unsigned)sessions : 1;
}

void
limit_set(enum limit limit, unsigned max, uint64_t files)
{
	atomic_store(&gauges[limit].max, max != 0 ? max : suitable(limit, files));
}

void
limit_turn_away(enum limit limit)
{
	struct gauge *gauge = &gauges[limit];
	unsigned count = loglimit_count(&gauge->turned_away, LOGLIMIT_MINUTE_MS);
	struct logline line;

	counter_add(COUNTER_OVERLOADS);
	tally_add(TALLY_OVERLOADS, limit, 1);
	if (count == 0)
		return;
	logline_event(&line, "overload");
	logline_str(&line, "limit", name_of(limit));
	logline_num(&line, "max", atomic_load(&gauge->max));
	logline_num(&line, "turned-away", count);
	logline_end(&line, LOG_LEVEL_WARNING);
}

bool
limit_enter(enum limit limit)
{
	struct gauge *gauge = &gauges[limit];
	unsigned max = atomic_load(&gauge->max);

	if (atomic_fetch_add(&gauge->count, 1) < max || max == 0)
		return true;
	atomic_fetch_sub(&gauge->count, 1);
	limit_turn_away(limit);
	return false;
}

void
limit_leave(enum limit limit)
{
	atomic_fetch_sub(&gauges[limit].count, 1);
}

unsigned
limit_count(enum limit limit)
{
	return atomic_load(&gauges[limit].count);
}

unsigned
limit_max(enum limit limit)
{
	return atomic_load(&gauges[limit].max);
}
