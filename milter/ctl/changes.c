/* SPDX-License-Identifier: BSD-2-Clause */
/* ctl/changes.c - each decision is replayed, and compared with what it was. */
#include "config.h"

#include "ctl/changes.h"

#include <stdlib.h>
#include <string.h>

#include "base/strbuf.h"
#include "conf/conf.h"
#include "ctl/storelog.h"
#include "store/hours.h"
#include "verdict/summary.h"

struct changes *
changes_new(void)
{
	struct changes *c = calloc(1, sizeof(*c));

	if (c != NULL)
		c->policies.names.max = c->lists.names.max = c->open.names.max = NAMES_MAX;
	return c;
}

void
changes_free(struct changes *c)
{
	if (c == NULL)
		return;
	names_free(&c->policies.names);
	names_free(&c->lists.names);
	names_free(&c->open.names);
	free(c);
}

static void
count_name(struct changes_names *names, const char *name, size_t len)
{
	int number = names_number(&names->names, name, len);

	names->n[number >= 0 ? number : NAMES_MAX]++;
}

/* --- Which lists say something else --- */

/* Labels, each once. */
struct labels {
	unsigned n;
	struct slice label[2 * LISTS_MAX];
};

static void
add_label(struct labels *labels, const struct slice *label)
{
	for (unsigned i = 0; i < labels->n; i++)
		if (labels->label[i].len == label->len &&
		    memcmp(labels->label[i].at, label->at, label->len) == 0)
			return;
	if (labels->n < 2 * LISTS_MAX)
		labels->label[labels->n++] = *label;
}

/* What a list says now; 0: nothing. */
static int
score_now(const struct replay *r, const struct replayed *d, const struct logitem *item)
{
	for (unsigned i = 0; i < d->verdict.nhits; i++)
		if (logitem_is(item, r->now->roster->list[d->verdict.hit[i].list]))
			return d->verdict.hit[i].score;
	return 0;
}

/* What a list said then; 0: nothing. */
static int
score_then(const struct logentry *entry, const struct listing *list)
{
	struct slice rest = entry->value[LOGKEY_LISTS];
	struct logitem item;

	while (logitem_next(&rest, &item))
		if (logitem_is(&item, list))
			return item.score;
	return 0;
}

static void
count_lists(struct changes *c, const struct replay *r, const struct logentry *entry,
    const struct replayed *d)
{
	struct slice rest = entry->value[LOGKEY_LISTS];
	struct labels labels = {.n = 0};
	struct logitem item;

	while (logitem_next(&rest, &item))
		if (score_now(r, d, &item) != item.score)
			add_label(&labels, &item.label);
	for (unsigned i = 0; i < d->verdict.nhits; i++) {
		const struct listing *list = r->now->roster->list[d->verdict.hit[i].list];

		if (score_then(entry, list) != d->verdict.hit[i].score)
			add_label(&labels, &(struct slice){list->label, strlen(list->label)});
	}
	for (unsigned i = 0; i < labels.n; i++)
		count_name(&c->lists, labels.label[i].at, labels.label[i].len);
}

/* --- One decision --- */

static void
copy_slice(char out[CHANGES_TEXT_MAX], const struct slice *s)
{
	struct strbuf sb;

	strbuf_init(&sb, out, CHANGES_TEXT_MAX);
	if (s->at != NULL)
		strbuf_addn(&sb, s->at, s->len);
}

static void
add_example(struct changes *c, const struct store_row *row, const struct logentry *entry,
    const struct replayed *d)
{
	struct changes_example *e = &c->example[c->nexamples];
	struct strbuf sb;

	if (c->nexamples == CHANGES_EXAMPLES)
		return;
	c->nexamples++;
	*e = (struct changes_example){.time = row->time, .then = d->then, .now = d->now};
	memcpy(e->ref, entry->value[LOGKEY_REF].at, REF_LEN);
	copy_slice(e->reason, &entry->value[LOGKEY_REASON]);
	copy_slice(e->policy, &entry->value[LOGKEY_POLICY]);
	copy_slice(e->score, &entry->value[LOGKEY_SCORE]);
	(void)strbuf_copy(
	    e->reason_now, sizeof(e->reason_now), verdict_reason_name(d->verdict.reason));
	(void)strbuf_copy(e->policy_now, sizeof(e->policy_now), d->policy->name);
	strbuf_init(&sb, e->score_now, sizeof(e->score_now));
	if (d->verdict.reason >= REASON_SPF && d->verdict.reason <= REASON_BUSY)
		summary_score(&sb, &d->verdict);
}

/* "then", or "then -> now". */
static void
count_policy(struct changes *c, const struct slice *then, const struct policy *now)
{
	char text[NAMES_LEN_MAX + 1];
	struct strbuf sb;

	strbuf_init(&sb, text, sizeof(text));
	if (then->at != NULL)
		strbuf_addn(&sb, then->at, then->len);
	if (!slice_is(then, now->name))
		strbuf_addf(&sb, " -> %s", now->name);
	count_name(&c->policies, text, sb.len);
}

static void
count_open(struct changes *c, const struct replay *r, listset open)
{
	for (unsigned i = 0; i < r->now->roster->n; i++) {
		const char *label = r->now->roster->list[i]->label;

		if (listset_has(open, i))
			count_name(&c->open, label, strlen(label));
	}
}

static void
count_time(struct changes *c, int64_t time)
{
	if (c->first == 0 || time < c->first)
		c->first = time;
	if (time > c->last)
		c->last = time;
}

void
changes_add(struct changes *c, const struct replay *r, const struct store_row *row)
{
	struct logentry entry;
	struct replayed d;

	if (!storelog_entry(&entry, row)) {
		c->bad++;
		return;
	}
	replay_decide(r, row, &entry, &d);
	c->decisions++;
	c->other += row->conf == NULL || strcmp(row->conf, r->then->sum) != 0;
	count_time(c, row->time);
	if (d.gap != REPLAY_KNOWN) {
		c->unknown++;
		c->gap[d.gap]++;
		count_open(c, r, d.open);
	} else if (d.now == d.then) {
		c->same++;
	} else {
		c->differ++;
		c->change[d.then][d.now]++;
		count_policy(c, &entry.value[LOGKEY_POLICY], d.policy);
		count_lists(c, r, &entry, &d);
		add_example(c, row, &entry, &d);
	}
}

void
changes_add_hour(struct changes *c, const struct dayfile_count *count)
{
	bool passed;

	c->counted = true;
	passed = strcmp(count->what, action_name(ACTION_PASS)) == 0 ||
	    strcmp(count->what, action_name(ACTION_TAG)) == 0;

	if (strcmp(count->kind, HOURS_REASON) == 0 && passed && count->n > 0)
		c->passed += (uint64_t)count->n;
}

bool
changes_replayed(const struct changes *c)
{
	return c->same + c->differ > 0;
}

int
changes_order(const struct changes_names *names, int out[NAMES_MAX + 1])
{
	int used = 0;

	for (int i = 0; i <= NAMES_MAX; i++) {
		int place = used;

		if (names->n[i] == 0)
			continue;
		for (; place > 0 && names->n[out[place - 1]] < names->n[i]; place--)
			out[place] = out[place - 1];
		out[place] = i;
		used++;
	}
	return used;
}

const char *
changes_name(const struct changes_names *names, int number)
{
	return number < names->names.n ? names->names.name[number] : "...";
}
