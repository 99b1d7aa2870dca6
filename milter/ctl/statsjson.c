/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ctl/statsjson.c - the same shape as the daemon's replies on its control socket: format, verb
 * and data, and a last line.
 */
#include "config.h"

#include "ctl/statsjson.h"

#include <jansson.h>

#include "base/strbuf.h"
#include "ctl/advice.h"
#include "ctl/jsonline.h"

static bool
put_data(FILE *out, json_t *data)
{
	return jsonline_data(out, "report", data);
}

/* A number for each verdict. */
static json_t *
verdicts(const uint64_t count[ACTIONS])
{
	json_t *object = json_object();

	for (enum action action = ACTION_PASS; action < ACTIONS; action++)
		(void)json_object_set_new(
		    object, action_name(action), json_integer((json_int_t)count[action]));
	return object;
}

static json_t *
week(const uint64_t hour[STATS_WEEKDAYS][STATS_HOURS])
{
	json_t *days = json_array();

	for (int day = 0; day < STATS_WEEKDAYS; day++) {
		json_t *hours = json_array();

		for (int i = 0; i < STATS_HOURS; i++)
			(void)json_array_append_new(
			    hours, json_integer((json_int_t)hour[day][i]));
		(void)json_array_append_new(days, hours);
	}
	return days;
}

/* null: not known */
static json_t *
number(bool known, int64_t n)
{
	return known && n >= 0 ? json_integer((json_int_t)n) : json_null();
}

static bool
put_total(FILE *out, const struct stats *s)
{
	bool known = stats_is_counted(s);

	return put_data(out,
	    json_pack(
		"{s:s, s:s, s:o, s:I, s:I, s:I, s:I, s:o, s:I, s:o, s:o, s:I, s:I, s:i, s:i, s:o, "
		"s:o, s:o, s:o}",
		"kind", "total", "source", s->stored ? "store" : "log", "decisions",
		number(known, (int64_t)s->decisions), "undated", (json_int_t)s->undated, "cut",
		(json_int_t)s->cut, "first", (json_int_t)s->first, "last", (json_int_t)s->last,
		"weighed", number(known, (int64_t)s->weighed), "not_all_asked",
		(json_int_t)s->frugal, "refused", number(known, (int64_t)s->refused),
		"softened", number(known, (int64_t)s->softened), "lists_left_out",
		(json_int_t)s->unlisted, "clients_left_out",
		(json_int_t)clients_left_out(s->clients), "ms_p50", stats_wait(s, 50), "ms_p95",
		stats_wait(s, 95), "done", verdicts(s->done), "meant", verdicts(s->meant),
		"week", week(s->week), "week_refused", week(s->week_refused)));
}

static json_t *
overlap(const struct stats *s, int list)
{
	json_t *object = json_object();

	for (int i = 0; i < s->lists.n; i++)
		if (i != list && s->list[list].shared[i] > 0)
			(void)json_object_set_new(object, s->lists.name[i],
			    json_integer((json_int_t)s->list[list].shared[i]));
	return object;
}

static bool
put_list(FILE *out, const struct stats *s, int list)
{
	const struct list_stats *l = &s->list[list];
	char why[ADVICE_TEXT_MAX];
	struct strbuf sb;

	strbuf_init(&sb, why, sizeof(why));
	advice_explain(&sb, s, list);
	return put_data(out,
	    json_pack(
		"{s:s, s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:o, s:I, s:I, s:I, s:I, s:I, s:I, "
		"s:o, s:o, s:o, s:o, s:o, s:o, s:s, s:s, s:o}",
		"kind", "list", "label", s->lists.name[list], "seen", (json_int_t)l->seen,
		"listed", (json_int_t)l->listed, "against", (json_int_t)l->against, "favour",
		(json_int_t)l->favour, "sole", (json_int_t)l->sole, "decisive",
		(json_int_t)l->decisive, "clients", (json_int_t)l->clients, "clients_good",
		number(!s->stored, (int64_t)l->clients_passed), "unknown",
		(json_int_t)l->unknown, "doubted", (json_int_t)l->doubted, "suspended",
		(json_int_t)l->suspended, "shadowed", (json_int_t)l->shadowed, "shadow_acts",
		(json_int_t)l->shadow_acts, "shadow_unknown", (json_int_t)l->shadow_unknown,
		"asked", number(s->stored, (int64_t)stats_asked(l)), "answered",
		number(s->stored, (int64_t)stats_answered(l)), "timeouts",
		number(s->stored, (int64_t)l->answers[FACT_UNKNOWN]), "errors",
		number(s->stored, (int64_t)l->answers[FACT_ERROR]), "ms_p50",
		number(s->stored, stats_latency(l, 50)), "ms_p95",
		number(s->stored, stats_latency(l, 95)), "advice",
		advice_name(advice_give(s, list)), "why", why, "overlap", overlap(s, list)));
}

static bool
put_policies(FILE *out, const struct stats *s)
{
	int order[STATS_POLICIES_MAX + 1], n = stats_order_policies(s, order);
	bool good = true;

	for (int i = 0; i < n; i++) {
		const struct policy_stats *p = &s->policy[order[i]];

		good = put_data(out,
			   json_pack("{s:s, s:s, s:o, s:I}", "kind", "policy", "name",
			       stats_policy_name(s, order[i]), "done", verdicts(p->done),
			       "shadowed", (json_int_t)p->shadowed)) &&
		    good;
	}
	return good;
}

static bool
put_reasons(FILE *out, const struct stats *s)
{
	int order[STATS_REASONS_MAX + 1], n = stats_order_reasons(s, order);
	bool good = true;

	for (int i = 0; i < n; i++) {
		const struct reason_stats *r = &s->reason[order[i]];

		good = put_data(out,
			   json_pack("{s:s, s:s, s:I, s:I}", "kind", "reason", "name",
			       stats_reason_name(s, order[i]), "all", (json_int_t)r->all,
			       "refused", (json_int_t)r->refused)) &&
		    good;
	}
	return good;
}

bool
statsjson_write(FILE *out, const struct stats *s, int status)
{
	int order[LISTS_MAX], n = stats_order_lists(s, order);
	bool good = put_total(out, s);

	for (int i = 0; i < n; i++)
		good = put_list(out, s, order[i]) && good;
	good = put_policies(out, s) && good;
	good = put_reasons(out, s) && good;
	return jsonline_end(out, status) && good;
}
