/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * scenario_point.c - the points of the test.  They are counted where the parent
 * can read it, however the process of a scenario ends.
 */
#include "config.h"

#include "scenario.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tap.h"

static struct partial_sum {
	unsigned count, failures;
	unsigned line; /* of the last point */
	bool ended;    /* all of the scenario has been run */
} * partial;

void
points_begin(void)
{
	partial = mmap(
	    NULL, sizeof(*partial), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (partial == MAP_FAILED)
		abort();
}

static void
keep_tally(unsigned line)
{
	partial->count = tap_count;
	partial->failures = tap_failures;
	partial->line = line;
}

void
points_end(void)
{
	partial->ended = true;
}

void
points_join(const char *path, int status)
{
	bool failed = partial->failures > tap_failures;

	tap_count = partial->count;
	tap_failures = partial->failures;
	if (!partial->ended || (status != 0 && !failed))
		ok(false, "%s: ends by itself, with status 0 (0x%x, past line %u)", path,
		    (unsigned)status, partial->line);
	partial->ended = false;
	keep_tally(0);
}

int
points_done(void)
{
	return done();
}

/* A text of several lines, each behind a #. */
static void
comment(const char *head, const char *text)
{
	printf("# %s", head);
	for (; *text != '\0'; text++) {
		putchar(*text);
		if (*text == '\n' && text[1] != '\0')
			printf("#           ");
	}
	putchar('\n');
}

void
point(struct scenario *s, bool holds, const char *want, const char *got)
{
	if (!ok(holds, "%s:%u: %s%s", s->path, s->line, s->whole,
		s->cached ? " (behind a cache)" : "")) {
		comment("expected: ", want);
		comment("got:      ", got != NULL ? got : "nothing");
	}
	keep_tally(s->line);
}

void
check(struct scenario *s, bool holds, const char *want, const char *got)
{
	if (!s->silent)
		point(s, holds, want, got);
}

void
broken(const struct scenario *s, const char *why, const char *what)
{
	ok(false, "%s:%u: %s %s", s->path, s->line, why, what);
	keep_tally(s->line);
	points_end();
	fflush(stdout);
	_exit(1);
}
