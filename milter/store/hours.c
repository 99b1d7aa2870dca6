/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * store/hours.c - all counters are walked through in one order: those of lists come last, as
 * lists are added for as long as we run, so that each count keeps its place.
 */
#include "config.h"

#include "store/hours.h"

#include <stdlib.h>

#include "base/bulk.h"
#include "base/counter.h"
#include "base/strbuf.h"
#include "lists/listid.h"
#include "lists/usage.h"
#include "verdict/census.h"

#define WHAT_MAX 40

/* A counter, as it was when it was written, and when it was looked at. */
struct place {
	uint64_t written, seen;
};

struct hours {
	int64_t began;
	struct place *place;
	size_t n;
};

/* A walk through all counters. */
struct walk {
	struct hours *hours;
	size_t at;            /* the place of the next one */
	struct dayfile *file; /* NULL: nothing is written */
	enum database_fault fault;
	const char **error;
	bool grown;         /* one was */
	bool out_of_memory; /* what follows has no place, and is for another time */
};

/* The place of the next counter; NULL: memory is out. */
static struct place *
next_place(struct walk *w)
{
	struct hours *h = w->hours;
	struct place *grown;

	if (w->out_of_memory)
		return NULL;
	if (w->at == h->n) {
		grown = bulk_next(h->place, h->n, sizeof(*grown));
		if ((w->out_of_memory = grown == NULL))
			return NULL;
		h->place = grown;
		h->place[h->n++] = (struct place){0};
	}
	return &h->place[w->at++];
}

static void
visit(struct walk *w, const char *kind, const char *name, const char *before, const char *what,
    uint64_t count)
{
	struct place *place = next_place(w);
	char text[WHAT_MAX];
	struct strbuf sb;

	if (place == NULL)
		return;
	place->seen = count;
	if (count == place->written)
		return;
	w->grown = true;
	if (w->file == NULL || w->fault != DATABASE_GOOD)
		return;
	strbuf_init(&sb, text, sizeof(text));
	strbuf_add(&sb, before);
	strbuf_add(&sb, what);
	w->fault = dayfile_count(w->file,
	    &(struct dayfile_count){.hour = w->hours->began - w->hours->began % HOUR_S,
		.kind = kind,
		.name = name,
		.what = text,
		.n = (int64_t)(count - place->written)},
	    w->error);
}

static uint64_t
load(const _Atomic uint64_t *count)
{
	return atomic_load_explicit(count, memory_order_relaxed);
}

static void
visit_durations(struct walk *w, const char *kind, const char *name,
    const struct histogram *histogram, const struct histogram_bounds *bounds)
{
	char number[12];
	struct strbuf sb;

	for (unsigned i = 0; i < bounds->n; i++) {
		strbuf_init(&sb, number, sizeof(number));
		strbuf_add_num(&sb, bounds->ms[i]);
		visit(w, kind, name, HOURS_MS, number, load(&histogram->count[i]));
	}
	visit(w, kind, name, HOURS_MS, HOURS_LONGER, load(&histogram->count[bounds->n]));
}

static void
visit_decisions(struct walk *w)
{
	const struct histogram_bounds *bounds;
	const struct histogram *waited = census_wait(&bounds);

	for (enum action a = ACTION_PASS; a < ACTIONS; a++)
		for (enum verdict_reason reason = REASON_AUTH; reason <= REASON_STOPPING;
		     reason++)
			visit(w, HOURS_REASON, verdict_reason_name(reason), "", action_name(a),
			    census_decisions(a, reason));
	visit_durations(w, HOURS_WAIT, "", waited, bounds);
	for (enum counter c = 0; c < COUNTER_MAX; c++)
		visit(w, HOURS_COUNTER, "", "", counter_name(c), counter_get(c));
}

/* Those that have no name yet keep their places. */
static void
visit_policies(struct walk *w)
{
	for (unsigned i = 0; i <= CENSUS_POLICIES; i++) {
		const char *name;
		const struct census_policy *policy = census_at(i, &name);

		for (enum action a = ACTION_PASS; a < ACTIONS; a++) {
			visit(w, HOURS_POLICY, name, "", action_name(a),
			    policy != NULL ? load(&policy->count[a]) : 0);
			visit(w, HOURS_POLICY, name, HOURS_SHADOWED, action_name(a),
			    policy != NULL ? load(&policy->shadowed[a]) : 0);
		}
	}
}

static void
visit_lists(struct walk *w)
{
	const struct list_usage *usage;
	const char *label;

	for (uint32_t id = 0; (usage = listid_usage(id, &label)) != NULL; id++) {
		for (enum fact_state state = FACT_UNKNOWN; state < LIST_ANSWERS; state++)
			visit(w, HOURS_LIST, label, HOURS_ANSWER, fact_state_name(state),
			    load(&usage->answers[state]));
		for (enum list_count count = LIST_COUNT_SEEN; count < LIST_COUNTS; count++)
			visit(w, HOURS_LIST, label, "", list_count_name(count),
			    load(&usage->decisions[count]));
		visit_durations(w, HOURS_LIST, label, &usage->seconds, list_usage_bounds());
	}
}

static void
visit_all(struct walk *w)
{
	visit_decisions(w);
	visit_policies(w);
	visit_lists(w);
}

struct hours *
hours_new(int64_t now)
{
	struct hours *h = calloc(1, sizeof(*h));

	if (h == NULL)
		return NULL;
	visit_all(&(struct walk){.hours = h});
	hours_settle(h, now);
	return h;
}

void
hours_free(struct hours *h)
{
	if (h != NULL)
		free(h->place);
	free(h);
}

int64_t
hours_began(const struct hours *h)
{
	return h->began;
}

bool
hours_due(const struct hours *h, int64_t now)
{
	return hours_left_ms(h, now) == 0;
}

int64_t
hours_left_ms(const struct hours *h, int64_t now)
{
	int64_t until = h->began + HOURS_WRITE_S, turn = h->began - h->began % HOUR_S + HOUR_S;

	if (turn < until)
		until = turn;
	return now < h->began || now >= until ? 0 : (until - now) * 1000;
}

bool
hours_grown(struct hours *h)
{
	struct walk w = {.hours = h};

	visit_all(&w);
	return w.grown;
}

enum database_fault
hours_write(struct hours *h, struct dayfile *file, const char **error)
{
	struct walk w = {.hours = h, .file = file, .error = error};

	visit_all(&w);
	return w.fault;
}

void
hours_settle(struct hours *h, int64_t now)
{
	h->began = now;
	for (size_t i = 0; i < h->n; i++)
		h->place[i].written = h->place[i].seen;
}
