/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * session/tails.c - a ring for each who watches (D. Vyukov's bounded queue, with one reader).
 * Each place has a number of its own: it says whether the place is free for the line of that
 * number, or has it.  Writers take numbers one after the other, and no two the same place.
 */
#include "config.h"

#include "session/tails.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/strbuf.h"

struct tail {
	atomic_bool open;
	_Atomic uint64_t next; /* number of the line to come */
	_Atomic uint64_t
	    number[TAIL_LINES]; /* of a place: free for it; one more: it is there */
	_Atomic uint64_t dropped;
	uint64_t taken; /* lines; the reader's own */
	struct tail_line line[TAIL_LINES];
};

struct tails {
	struct tail tail[TAILS_MAX];
};

struct tails *
tails_new(void)
{
	struct tails *all = calloc(1, sizeof(*all));

	for (unsigned i = 0; all != NULL && i < TAILS_MAX; i++)
		for (uint64_t k = 0; k < TAIL_LINES; k++)
			atomic_init(&all->tail[i].number[k], k);
	return all;
}

void
tails_free(struct tails *all)
{
	free(all);
}

static bool
is_open(const struct tail *t)
{
	return atomic_load_explicit(&t->open, memory_order_relaxed);
}

bool
tails_are_wanted(const struct tails *all)
{
	bool wanted = false;

	for (unsigned i = 0; i < TAILS_MAX; i++)
		wanted = wanted || is_open(&all->tail[i]);
	return wanted;
}

/* Take a number whose place is free; false: there is none. */
static bool
take_number(struct tail *t, uint64_t *number)
{
	uint64_t mine = atomic_load_explicit(&t->next, memory_order_relaxed);

	for (;;) {
		uint64_t there =
		    atomic_load_explicit(&t->number[mine % TAIL_LINES], memory_order_acquire);

		if (there < mine)
			return false;
		if (there > mine)
			mine = atomic_load_explicit(&t->next, memory_order_relaxed);
		else if (atomic_compare_exchange_weak(&t->next, &mine, mine + 1))
			break;
	}
	*number = mine;
	return true;
}

static void
put(struct tail *t, const char *text)
{
	struct tail_line *line;
	uint64_t number;

	if (!take_number(t, &number)) {
		atomic_fetch_add_explicit(&t->dropped, 1, memory_order_relaxed);
		return;
	}
	line = &t->line[number % TAIL_LINES];
	line->time = clock_wall();
	(void)strbuf_copy(line->text, sizeof(line->text), text);
	atomic_store_explicit(
	    &t->number[number % TAIL_LINES], number + 1, memory_order_release);
}

void
tails_put(struct tails *all, const char *text)
{
	for (unsigned i = 0; i < TAILS_MAX; i++)
		if (is_open(&all->tail[i]))
			put(&all->tail[i], text);
}

bool
tail_take(struct tail *t, struct tail_line *out)
{
	_Atomic uint64_t *number = &t->number[t->taken % TAIL_LINES];

	if (atomic_load_explicit(number, memory_order_acquire) != t->taken + 1)
		return false;
	*out = t->line[t->taken % TAIL_LINES];
	atomic_store_explicit(number, t->taken + TAIL_LINES, memory_order_release);
	t->taken++;
	return true;
}

uint64_t
tail_dropped(struct tail *t)
{
	return atomic_exchange_explicit(&t->dropped, 0, memory_order_relaxed);
}

/* What is left of who watched before is nobody's. */
static void
empty(struct tail *t)
{
	struct tail_line line;

	for (unsigned i = 0; i < TAIL_LINES && tail_take(t, &line); i++)
		continue;
	(void)tail_dropped(t);
}

struct tail *
tail_open(struct tails *all)
{
	for (unsigned i = 0; i < TAILS_MAX; i++) {
		struct tail *t = &all->tail[i];
		bool closed = false;

		if (!atomic_compare_exchange_strong(&t->open, &closed, true))
			continue;
		empty(t);
		return t;
	}
	return NULL;
}

void
tail_close(struct tail *t)
{
	atomic_store(&t->open, false);
}
