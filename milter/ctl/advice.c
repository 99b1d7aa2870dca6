/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ctl/advice.c - the limits are round numbers: they point at a list to look at, and whoever
 * looks at it decides.
 */
#include "config.h"

#include "ctl/advice.h"

#include <inttypes.h>

#define FEW 20             /* listings: fewer say nothing */
#define PASSED_FEW 3       /* clients: fewer are chance */
#define PASSED_PERCENT 1   /* of its clients */
#define ABSENT_PERCENT 5   /* of decisions by lists */
#define RESTS_PERCENT 1    /* of its listings */
#define OVERLAP_PERCENT 50 /* of its listings: worth naming */

static bool
is_share(uint64_t part, uint64_t whole, unsigned percent)
{
	return part > 0 && part * 100 >= whole * percent;
}

/* Whether next to nothing rests on a list by itself. */
static bool
is_spare(const struct list_stats *l)
{
	return l->against > 0 && !is_share(l->decisive, l->against, RESTS_PERCENT);
}

/*
 * Of two spare lists that have listed the same, one has to stay: the other where list is the
 * one with more, else -1.
 */
static int
twin_of(const struct stats *s, int list)
{
	uint64_t shared, own = stats_listed(&s->list[list]), its;
	int twin = stats_nearest(s, list, &shared);

	if (twin < 0 || !is_spare(&s->list[list]) || !is_spare(&s->list[twin]))
		return -1;
	its = stats_listed(&s->list[twin]);
	return own > its || (own == its && list < twin) ? twin : -1;
}

enum advice
advice_give(const struct stats *s, int list)
{
	const struct list_stats *l = &s->list[list];
	uint64_t absent = l->unknown + l->suspended + l->shadow_unknown;

	if (l->clients_passed >= PASSED_FEW &&
	    is_share(l->clients_passed, l->clients, PASSED_PERCENT))
		return ADVICE_REVIEW;
	if (absent >= FEW && is_share(absent, s->weighed, ABSENT_PERCENT))
		return ADVICE_REPAIR;
	if (stats_listed(l) == 0)
		return ADVICE_IDLE;
	if (l->shadowed > l->listed)
		return ADVICE_TRIAL;
	if (l->favour > l->against)
		return ADVICE_ALLOW;
	if (stats_listed(l) < FEW)
		return ADVICE_FEW;
	return is_spare(l) && twin_of(s, list) < 0 ? ADVICE_DROP : ADVICE_KEEP;
}

const char *
advice_name(enum advice advice)
{
	static const char *const names[ADVICES] = {
	    [ADVICE_KEEP] = "keep",
	    [ADVICE_REVIEW] = "review",
	    [ADVICE_REPAIR] = "repair",
	    [ADVICE_DROP] = "drop",
	    [ADVICE_IDLE] = "idle",
	    [ADVICE_TRIAL] = "trial",
	    [ADVICE_ALLOW] = "allow",
	    [ADVICE_FEW] = "few",
	};

	return names[advice];
}

/* Which other list has most of the same clients, where that is much. */
static void
add_nearest(struct strbuf *sb, const struct stats *s, int list)
{
	uint64_t shared, listed = s->list[list].shared[list];
	int nearest = stats_nearest(s, list, &shared);

	if (nearest >= 0 && is_share(shared, listed, OVERLAP_PERCENT))
		strbuf_addf(sb, "; %s has listed %.0f%% of the same", s->lists.name[nearest],
		    stats_percent(shared, listed));
}

void
advice_explain(struct strbuf *sb, const struct stats *s, int list)
{
	const struct list_stats *l = &s->list[list];

	switch (advice_give(s, list)) {
	case ADVICE_KEEP:
		if (is_spare(l)) {
			strbuf_addf(
			    sb, "of it and %s one is enough", s->lists.name[twin_of(s, list)]);
			return;
		}
		strbuf_addf(sb, "%.0f%% of what it lists rests on it",
		    stats_percent(l->decisive, l->against));
		add_nearest(sb, s, list);
		return;
	case ADVICE_DROP:
		strbuf_addf(sb, "%.1f%% of what it lists rests on it",
		    stats_percent(l->decisive, l->against));
		add_nearest(sb, s, list);
		return;
	case ADVICE_REVIEW:
		strbuf_addf(sb,
		    "%" PRIu64 " of %" PRIu64
		    " listed clients (%.1f%%) were good within a week",
		    l->clients_passed, l->clients,
		    stats_percent(l->clients_passed, l->clients));
		return;
	case ADVICE_REPAIR:
		strbuf_addf(sb, "no answer, or suspended, in %.0f%% of decisions by lists",
		    stats_percent(l->unknown + l->suspended + l->shadow_unknown, s->weighed));
		return;
	case ADVICE_TRIAL:
		strbuf_addf(sb, "in shadow: %" PRIu64 " more decisions would rest on it",
		    l->shadow_acts);
		add_nearest(sb, s, list);
		return;
	case ADVICE_ALLOW:
		strbuf_addf(sb, "speaks for the client in %" PRIu64 " decisions", l->favour);
		return;
	case ADVICE_IDLE:
		strbuf_add(sb, "it has listed nobody");
		return;
	case ADVICE_FEW:
	case ADVICES:
		strbuf_addf(sb, "only %" PRIu64 " listings: too few to say", stats_listed(l));
		return;
	}
}
