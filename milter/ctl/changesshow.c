/* SPDX-License-Identifier: BSD-2-Clause */
/* ctl/changesshow.c - first what is different, then what is not known. */
#include "config.h"

#include "ctl/changesshow.h"

#include <inttypes.h>
#include <jansson.h>
#include <string.h>

#include "base/strbuf.h"
#include "ctl/jsonline.h"
#include "ctl/statstext.h"
#include "ctl/storelog.h"

#define VERB "test-config"
#define NOTHING_KNOWN "the store has no decision that can be replayed: nothing is known"
#define WIDTH 24     /* of a column of names */
#define PAIR_MAX 140 /* of "then -> now" */

/* Why something is not known: in JSON, and for people. */
static const struct {
	const char *name, *why;
} gaps[REPLAY_GAPS] = {
    [REPLAY_LISTS] = {"lists", "it hangs on lists that nobody had asked, or waited for"},
    [REPLAY_SPF] = {"spf", "it hangs on SPF, which nobody had checked"},
    [REPLAY_HOST] = {"host", "it hangs on the client's name, which nobody had checked"},
    [REPLAY_CONNECT] = {"connect", "dropped at connect: it hangs on the recipients"},
    [REPLAY_APART] = {"apart", "put off to be sent by itself, whatever was decided"},
    [REPLAY_CUT] = {"cut", "the line has lost its end"},
};

static const char *
local_time(int64_t time, char out[STATSTEXT_TIME_MAX])
{
	return statstext_time(time + storelog_offset(time), out);
}

/* "a", or "a -> b". */
static const char *
pair(char out[PAIR_MAX], const char *then, const char *now)
{
	struct strbuf sb;

	strbuf_init(&sb, out, PAIR_MAX);
	strbuf_add(&sb, then[0] != '\0' ? then : "-");
	if (strcmp(then, now) != 0)
		strbuf_addf(&sb, " -> %s", now[0] != '\0' ? now : "-");
	return out;
}

static void
write_head(FILE *out, const struct changes *c)
{
	char first[STATSTEXT_TIME_MAX], last[STATSTEXT_TIME_MAX];

	fprintf(out, "%" PRIu64 " decisions of the store", c->decisions);
	if (c->first > 0)
		fprintf(
		    out, ", %s to %s", local_time(c->first, first), local_time(c->last, last));
	if (changes_replayed(c))
		fprintf(out,
		    ": %" PRIu64 " the same, %" PRIu64 " different, %" PRIu64 " not known\n\n",
		    c->same, c->differ, c->unknown);
	else
		fputs("\n" NOTHING_KNOWN "\n\n", out);
}

static void
write_passed(FILE *out, const struct changes *c)
{
	if (c->counted)
		fprintf(out,
		    "%" PRIu64
		    " more were let through. Only their number is kept: whom of these the new "
		    "configuration\nwould refuse cannot be known.\n",
		    c->passed);
	else
		fputs("How many more were let through is not known: " STATSTEXT_UNCOUNTED ".\n",
		    out);
}

static void
write_changes(FILE *out, const struct changes *c)
{
	fprintf(out, "%-12s %-12s %9s\n", "THEN", "NOW", "DECISIONS");
	for (enum action then = ACTION_PASS; then < ACTIONS; then++)
		for (enum action now = ACTION_PASS; now < ACTIONS; now++)
			if (c->change[then][now] > 0)
				fprintf(out, "%-12s %-12s %9" PRIu64 "\n", action_name(then),
				    action_name(now), c->change[then][now]);
	fputc('\n', out);
}

static void
write_names(FILE *out, const char *title, const struct changes_names *names)
{
	int order[NAMES_MAX + 1], n = changes_order(names, order);

	if (n == 0)
		return;
	fprintf(out, "%-*s  %9s\n", WIDTH, title, "DECISIONS");
	for (int i = 0; i < n; i++)
		fprintf(out, "%-*s  %9" PRIu64 "\n", WIDTH, changes_name(names, order[i]),
		    names->n[order[i]]);
	fputc('\n', out);
}

static void
write_examples(FILE *out, const struct changes *c)
{
	fprintf(out, "%-9s %-16s  %-22s %-22s %-13s %s\n", "REFERENCE", "TIME", "VERDICT",
	    "REASON", "SCORE", "POLICY");
	for (unsigned i = 0; i < c->nexamples; i++) {
		const struct changes_example *e = &c->example[i];
		char time[STATSTEXT_TIME_MAX], text[4][PAIR_MAX];

		fprintf(out, "%-9s %-16s  %-22s %-22s %-13s %s\n", e->ref,
		    local_time(e->time, time),
		    pair(text[0], action_name(e->then), action_name(e->now)),
		    pair(text[1], e->reason, e->reason_now),
		    pair(text[2], e->score, e->score_now),
		    pair(text[3], e->policy, e->policy_now));
	}
	fputc('\n', out);
}

static void
write_gaps(FILE *out, const struct changes *c)
{
	fprintf(out, "%9s  NOT KNOWN, AS\n", "DECISIONS");
	for (enum replay_gap gap = REPLAY_LISTS; gap < REPLAY_GAPS; gap++)
		if (c->gap[gap] > 0)
			fprintf(out, "%9" PRIu64 "  %s\n", c->gap[gap], gaps[gap].why);
	fputc('\n', out);
}

void
changesshow_text(FILE *out, const struct changes *c)
{
	write_head(out, c);
	if (c->differ > 0) {
		write_changes(out, c);
		write_names(out, "POLICY", &c->policies);
		write_names(out, "LIST, WITH ANOTHER SCORE", &c->lists);
		write_examples(out, c);
	}
	if (c->unknown > 0) {
		write_gaps(out, c);
		write_names(out, "LIST, NOT HEARD", &c->open);
	}
	if (c->other > 0)
		fprintf(out,
		    "%" PRIu64
		    " were decided under another configuration than today's: where lists "
		    "were others\nthen, what is said above may not hold.\n",
		    c->other);
	write_passed(out, c);
}

/* --- JSON --- */

static json_t *
integer(uint64_t n)
{
	return json_integer((json_int_t)n);
}

/* null: not known */
static json_t *
number(bool known, uint64_t n)
{
	return known ? integer(n) : json_null();
}

static bool
put_total(FILE *out, const struct changes *c, const char *file)
{
	json_t *name = json_string(file); /* NULL: it is not in UTF-8 */
	bool known = changes_replayed(c);

	return jsonline_data(out, VERB,
	    json_pack("{s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:I, s:I, s:s?}", "kind",
		"total", "file", name != NULL ? name : json_null(), "decisions",
		integer(c->decisions), "same", number(known, c->same), "different",
		number(known, c->differ), "not_known", integer(c->unknown),
		"other_configuration", integer(c->other), "passed",
		number(c->counted, c->passed), "first", (json_int_t)c->first, "last",
		(json_int_t)c->last, "note", known ? NULL : NOTHING_KNOWN));
}

static bool
put_changes(FILE *out, const struct changes *c)
{
	bool good = true;

	for (enum action then = ACTION_PASS; then < ACTIONS; then++)
		for (enum action now = ACTION_PASS; now < ACTIONS; now++)
			if (c->change[then][now] > 0)
				good =
				    jsonline_data(out, VERB,
					json_pack("{s:s, s:s, s:s, s:o}", "kind", "change",
					    "then", action_name(then), "now", action_name(now),
					    "decisions", integer(c->change[then][now]))) &&
				    good;
	return good;
}

static bool
put_names(FILE *out, const char *kind, const char *key, const struct changes_names *names)
{
	int order[NAMES_MAX + 1], n = changes_order(names, order);
	bool good = true;

	for (int i = 0; i < n; i++)
		good = jsonline_data(out, VERB,
			   json_pack("{s:s, s:s, s:o}", "kind", kind, key,
			       changes_name(names, order[i]), "decisions",
			       integer(names->n[order[i]]))) &&
		    good;
	return good;
}

static bool
put_examples(FILE *out, const struct changes *c)
{
	bool good = true;

	for (unsigned i = 0; i < c->nexamples; i++) {
		const struct changes_example *e = &c->example[i];

		good = jsonline_data(out, VERB,
			   json_pack("{s:s, s:s, s:I, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s}",
			       "kind", "example", "ref", e->ref, "time", (json_int_t)e->time,
			       "then", action_name(e->then), "now", action_name(e->now),
			       "reason", e->reason, "reason_now", e->reason_now, "score",
			       e->score, "score_now", e->score_now, "policy", e->policy,
			       "policy_now", e->policy_now)) &&
		    good;
	}
	return good;
}

static bool
put_gaps(FILE *out, const struct changes *c)
{
	bool good = true;

	for (enum replay_gap gap = REPLAY_LISTS; gap < REPLAY_GAPS; gap++)
		if (c->gap[gap] > 0)
			good = jsonline_data(out, VERB,
				   json_pack("{s:s, s:s, s:o}", "kind", "not_known", "why",
				       gaps[gap].name, "decisions", integer(c->gap[gap]))) &&
			    good;
	return good;
}

bool
changesshow_json(FILE *out, const struct changes *c, const char *file, int status)
{
	bool good = put_total(out, c, file);

	good = put_changes(out, c) && good;
	good = put_names(out, "policy", "name", &c->policies) && good;
	good = put_names(out, "list", "label", &c->lists) && good;
	good = put_examples(out, c) && good;
	good = put_gaps(out, c) && good;
	good = put_names(out, "list_not_heard", "label", &c->open) && good;
	return jsonline_end(out, status) && good;
}
