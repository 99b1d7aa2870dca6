/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * health/breaker.c - questions that get no answer, counted and timed.  A try does not
 * wait for the end of the one before: the first answer to any of them will do.
 */
#include "config.h"

#include "health/breaker.h"

#include "base/clock.h"
#include "loop/loop.h"

#define QUIET_MS 1500 /* without an answer, after QUIET_OPEN questions */
#define QUIET_OPEN 3
#define QUIET_ROW 10 /* questions in a row that got no answer */

static void
start(struct list_breaker *s, int64_t ms)
{
	s->ticking = true;
	timer_start(s->timer, ms);
}

static void
stop(struct list_breaker *s)
{
	s->ticking = false;
	timer_stop(s->timer);
}

static void
try_later(struct list_breaker *s)
{
	int64_t pause = breaker_fail(&s->breaker, NULL);

	if (s->resting)
		stop(s); /* that of the questions, which is not needed any more */
	else
		start(s, pause);
}

void
list_breaker_open(struct list_breaker *s)
{
	if (s->breaker.down)
		return;
	try_later(s);
	s->owner.fell(s->owner.arg);
}

/* One timer, two uses: the half-open probe of a list that is silent, and the time-out of one that
 * was asked. */
static void
on_timer(void *arg)
{
	struct list_breaker *s = arg;
	int64_t quiet = clock_ms() - s->since;

	s->ticking = false;
	if (s->breaker.down) {
		try_later(s);
		s->owner.try(s->owner.arg);
		return;
	}
	if (s->unheard == 0)
		return;
	if (quiet >= QUIET_MS && (s->unheard >= QUIET_OPEN || s->unanswered > 0))
		list_breaker_open(s);
	else
		start(s, quiet < QUIET_MS ? QUIET_MS - quiet : QUIET_MS);
}

bool
list_breaker_is_open(const struct list_breaker *s)
{
	return s->breaker.down;
}

int64_t
list_breaker_open_ms(const struct list_breaker *s)
{
	return s->breaker.down ? clock_ms() - s->breaker.since : 0;
}

void
list_breaker_asked(struct list_breaker *s)
{
	s->open++;
	if (s->unheard++ > 0)
		return;
	s->since = clock_ms();
	/* It finds out itself when the time is over: to set it anew costs more than that. */
	if (!s->ticking)
		start(s, QUIET_MS);
}

/* What was asked while nobody answered ends late, and says nothing of today. */
static bool
is_stale(struct list_breaker *s)
{
	if (s->stale == 0)
		return false;
	s->stale--;
	return true;
}

void
list_breaker_answered(struct list_breaker *s, bool answered)
{
	if (s->open > 0)
		s->open--;
	if (answered) {
		s->unheard = s->unanswered = 0;
		if (!s->breaker.down)
			breaker_trust(&s->breaker);
	} else if (!is_stale(s) && ++s->unanswered >= QUIET_ROW) {
		list_breaker_open(s);
	}
	if (s->stale > s->open)
		s->stale = s->open;
}

void
list_breaker_close(struct list_breaker *s)
{
	if (!s->breaker.down)
		return;
	breaker_mend(&s->breaker);
	stop(s);
	s->stale = s->open;
	s->unheard = s->unanswered = 0;
	s->owner.broke(s->owner.arg, clock_ms() - s->breaker.since);
}

void
list_breaker_resume(struct list_breaker *s)
{
	s->resting = false;
	if (s->breaker.down)
		start(s, 0);
}

void
list_breaker_pause(struct list_breaker *s)
{
	s->resting = true;
	if (s->breaker.down)
		stop(s);
}

bool
list_breaker_init(
    struct list_breaker *s, struct loop *loop, const struct list_breaker_owner *owner)
{
	*s = (struct list_breaker){.owner = *owner};
	breaker_init(&s->breaker, NULL, NULL);
	s->timer = timer_new(loop, on_timer, s);
	return s->timer != NULL;
}

void
list_breaker_free(struct list_breaker *s)
{
	timer_free(s->timer);
}
