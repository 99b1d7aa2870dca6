/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * conf/lint.c - warnings of policies.  Each is of something that an administrator did on the
 * way to a refusal that is wrong, or that never comes.
 */
#include "config.h"

#include "conf/lint.h"

#include <stdio.h>
#include <string.h>

#include "conf/lintlist.h"
#include "verdict/action.h"

#define WHO_MAX 256
#define WHY_MAX 300

/* --- One policy --- */

/* What a policy does, the most severe first, and how it is said. */
static const struct {
	enum action action;
	const char *word, *done;
} steps[] = {
    {ACTION_DROP, "drop", "dropped"},
    {ACTION_REFUSE, "refuse", "refused"},
    {ACTION_QUARANTINE, "quarantine", "held"},
    {ACTION_DEFER, "defer", "deferred"},
    {ACTION_TAG, "tag", "tagged"},
};

#define STEPS (sizeof(steps) / sizeof(steps[0]))

/* A policy that is looked at, and what is needed for it. */
struct context {
	const struct lists *lists;
	const struct roster *roster;
	const struct policy *policy;
	const struct value *const *votes;
	const struct inheritance *inheritance;
	struct report *report;
};

static const struct listing *
list_of(const struct context *s, unsigned vote)
{
	return s->roster->list[s->policy->vote[vote].list];
}

/* The most that a vote can add. */
static int
worst_of(const struct context *s, unsigned vote)
{
	const struct listing *list = list_of(s, vote);

	return list->shadow ? 0 : list->worst * s->policy->vote[vote].weight;
}

/* The score from which a client is sent away; 0: none is. */
static int
refusal(const struct policy *policy)
{
	if (policy->drop > 0 && (policy->refuse == 0 || policy->drop < policy->refuse))
		return policy->drop;
	return policy->refuse;
}

/* Thresholds that a more severe one comes before. */
static void
warn_of_order(const struct context *s)
{
	for (size_t i = 1; i < STEPS; i++) {
		int threshold = action_threshold(s->policy, steps[i].action);
		struct place place = inheritance_place(s->inheritance, steps[i].word);

		for (size_t k = 0; threshold > 0 && k < i; k++) {
			int severe = action_threshold(s->policy, steps[k].action);

			if (severe == 0 || severe > threshold)
				continue;
			report_warning(s->report, &place,
			    "%s: never happens, as %d is %s already", steps[i].word, severe,
			    steps[k].done);
			break;
		}
	}
}

/* The highest score that SPF can add. */
static int
worst_spf(const struct policy *policy)
{
	int worst = 0;

	for (unsigned i = 0; i < SPF_RESULTS; i++)
		if (policy->spf[i].effect == SPF_SCORE && policy->spf[i].score > worst)
			worst = policy->spf[i].score;
	return worst;
}

/* What all can come to. */
struct most {
	int sum;       /* those of a group count once */
	listset lists; /* those that add to it */
	bool spf;      /* and whether SPF does */
	int hits;      /* how many can agree: groups, but for those of mere reports, and SPF */
};

static struct most
add_up(const struct context *s)
{
	int worst[LISTS_MAX] = {0}, spf = worst_spf(s->policy);
	struct most most = {.sum = spf, .spf = spf > 0, .hits = spf > 0};
	listset speaking = 0;

	for (unsigned i = 0; i < s->policy->nvotes; i++) {
		unsigned group = s->policy->vote[i].group;

		if (worst_of(s, i) <= 0)
			continue;
		most.lists |= (listset)1 << s->policy->vote[i].list;
		if (list_of(s, i)->origin != ORIGIN_REPORTS)
			speaking |= (listset)1 << group;
		if (worst_of(s, i) > worst[group])
			worst[group] = worst_of(s, i);
	}
	for (unsigned i = 0; i < s->policy->nvotes; i++) {
		most.sum += worst[i];
		most.hits += listset_has(speaking, i);
	}
	return most;
}

/* Say who comes to how much. */
static void
say_sum(const struct context *s, const struct most *most, char *out, size_t size)
{
	char who[WHO_MAX];
	unsigned n = lintlist_name(s->roster, most->lists, who, sizeof(who));

	if (n == 0)
		snprintf(out, size, "%s to %d", most->spf ? "SPF comes" : "all lists come",
		    most->sum);
	else if (n == 1 && !most->spf)
		snprintf(out, size, "%s comes to %d", who, most->sum);
	else
		snprintf(out, size, "%s%s together come to %d", who,
		    most->spf ? " and SPF" : "", most->sum);
}

static void
warn_of_reach(const struct context *s)
{
	struct place place = inheritance_place(s->inheritance, "agree");
	struct most most = add_up(s);
	char why[WHY_MAX];

	/* Who asks nobody is not told that nobody answers. */
	if (s->policy->nvotes == 0 && !most.spf)
		return;
	say_sum(s, &most, why, sizeof(why));
	for (size_t i = 0; i < STEPS; i++) {
		int threshold = action_threshold(s->policy, steps[i].action);
		struct place at = inheritance_place(s->inheritance, steps[i].word);

		if (threshold > most.sum)
			report_warning(s->report, &at, "%s: %d is never reached: %s",
			    steps[i].word, threshold, why);
	}
	if (refusal(s->policy) > 0 && s->policy->agree > most.hits && s->policy->agree > 1)
		report_warning(s->report, &place,
		    "agree: %d cannot agree where %d can speak against a client",
		    s->policy->agree, most.hits);
}

/* Whether a vote refuses by itself by an entry that covers more than one address. */
static bool
hits_networks(const struct context *s, unsigned vote)
{
	const struct listing *list = list_of(s, vote);

	for (unsigned i = 0; i < list->nanswers; i++) {
		const struct answer *a = &list->answers[i];
		/* What adds to a sum has a part in all that this comes to. */
		int score = list->sum && a->score > 0 ? list->worst : a->score;

		if ((list->scope != SCOPE_ADDRESS || a->category == CATEGORY_POLICY_RANGE) &&
		    score * s->policy->vote[vote].weight >= refusal(s->policy))
			return true;
	}
	return false;
}

/* Where a list decides: lists that are inherited were not named there. */
static void
say_where(const struct context *s, unsigned vote, char *out, size_t size)
{
	if (inheritance_own(s->inheritance, "lists") && !s->votes[vote]->inherited)
		snprintf(out, size, "here");
	else
		snprintf(out, size, "in policy \"%s\"", s->policy->name);
}

/* A list of whole networks hits the innocent, one of reports anybody's enemy:
 * neither ought to decide alone. */
static void
warn_of_deciding(const struct context *s, unsigned vote)
{
	const struct listing *list = list_of(s, vote);
	int threshold = refusal(s->policy);
	char where[WHY_MAX];

	if (threshold == 0 || s->policy->agree > 1 || list->shadow ||
	    worst_of(s, vote) < threshold)
		return;
	say_where(s, vote, where, sizeof(where));
	if (hits_networks(s, vote))
		report_warning(s->report, &s->votes[vote]->place,
		    "list \"%s\" holds whole networks, and %s it refuses by itself",
		    list->label, where);
	if (list->origin == ORIGIN_REPORTS)
		report_warning(s->report, &s->votes[vote]->place,
		    "list \"%s\" holds what anybody reports, and %s it refuses by itself",
		    list->label, where);
}

static void
warn_of_double(const struct context *s, unsigned vote)
{
	const char *label = list_of(s, vote)->label;

	for (unsigned i = 0; i < s->policy->nvotes; i++) {
		const char *other = list_of(s, i)->label;
		/* What two lists of another policy are, has been said there. */
		const struct value *own =
		    s->votes[vote]->inherited ? s->votes[i] : s->votes[vote];

		if (own->inherited || strcmp(label, other) == 0 ||
		    !lists_contains(s->lists, other, label))
			continue;
		report_warning(s->report, &own->place,
		    "list \"%s\" is part of \"%s\", which is named too: they count once", label,
		    other);
		return;
	}
}

/* The threshold that the highest score is needed for. */
static int
last_threshold(const struct policy *policy)
{
	int last = 0;

	for (size_t i = 0; i < STEPS; i++)
		if (action_threshold(policy, steps[i].action) > last)
			last = action_threshold(policy, steps[i].action);
	return last;
}

/* Whether a score that others add can only come to something together with more. */
static bool
needs_more(const struct context *s, int score)
{
	return score < 0 || (score > 0 && score < last_threshold(s->policy));
}

/* Whether another vote, or SPF, may come to a score that this vote can add to. */
static bool
has_company(const struct context *s, unsigned vote)
{
	const struct policy *policy = s->policy;

	for (unsigned i = 0; i < SPF_RESULTS; i++)
		if (policy->spf[i].effect == SPF_SCORE && needs_more(s, policy->spf[i].score))
			return true;
	for (unsigned i = 0; i < policy->nvotes; i++) {
		const struct listing *list = list_of(s, i);

		if (policy->vote[i].group == policy->vote[vote].group || list->shadow)
			continue;
		for (unsigned k = 0; k < list->nanswers; k++)
			if (needs_more(s, list->answers[k].score * policy->vote[i].weight))
				return true;
	}
	return false;
}

/* What a list adds that is too little alone, where all others come to enough without
 * it; where they do not, a threshold is told that nobody reaches. */
static void
warn_of_idle(const struct context *s, unsigned vote)
{
	int first = action_first_threshold(s->policy), worst = worst_of(s, vote);
	char where[WHY_MAX];

	if (s->policy->agree > 1 || worst <= 0 || worst >= first || add_up(s).sum < first ||
	    has_company(s, vote))
		return;
	say_where(s, vote, where, sizeof(where));
	report_warning(s->report, &s->votes[vote]->place,
	    "list \"%s\" changes nothing %s: it comes to %d, and nothing is done below %d",
	    list_of(s, vote)->label, where, worst, first);
}

/* Whether a policy is told apart from what it inherits by anything of this. */
static bool
is_its_own(const struct inheritance *inheritance)
{
	static const char *const words[] = {"lists", "agree", "drop", "refuse", "quarantine",
	    "defer", "tag", "spf_fail", "spf_softfail", "spf_permerror", "spf_temperror"};

	if (inheritance->n == 1)
		return true;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (section_word(inheritance->sec[0], words[i])->set)
			return true;
	return false;
}

/* The one mailbox that everybody who is refused may write to (RFC 5321, 4.5.1). */
static void
warn_of_postmaster(const struct context *s)
{
	static const char name[] = "postmaster";
	struct place place = inheritance_place(s->inheritance, "exempt");
	size_t len = sizeof(name) - 1;

	if (!inheritance_own(s->inheritance, "exempt"))
		return;
	for (size_t i = 0; i < s->policy->nexempt; i++) {
		const char *entry = s->policy->exempt[i];

		if (strncmp(entry, name, len) == 0 && (entry[len] == '\0' || entry[len] == '@'))
			return;
	}
	report_warning(s->report, &place,
	    "exempt: postmaster is not among them, whom RFC 5321 wants to be reached");
}

void
lint_policy(const struct lists *lists, const struct roster *roster, const struct policy *policy,
    const struct value *const *votes, const struct inheritance *inheritance,
    struct report *report)
{
	struct context s = {lists, roster, policy, votes, inheritance, report};

	warn_of_postmaster(&s);
	if (!is_its_own(inheritance))
		return;
	warn_of_order(&s);
	warn_of_reach(&s);
	for (unsigned i = 0; i < policy->nvotes; i++) {
		/* A list of domains has several votes. */
		if (i > 0 && strcmp(list_of(&s, i)->label, list_of(&s, i - 1)->label) == 0)
			continue;
		warn_of_deciding(&s, i);
		warn_of_idle(&s, i);
		if (inheritance_own(inheritance, "lists"))
			warn_of_double(&s, i);
	}
}

/* --- All policies --- */

/* Whether somebody may be let through by a policy whom another drops. */
static bool
is_milder(const struct policy *policy, const struct policy *than)
{
	return policy->shadow || policy->drop == 0 || policy->drop > than->drop ||
	    policy->agree > than->agree || (than->lists & ~policy->lists) != 0;
}

void
lint_drop_at(
    const struct policies *policies, const struct place *drop_at, struct report *report)
{
	const struct policy *policy, *milder = NULL, *fallback = policies_find(policies, "");
	unsigned n = 0;
	char more[WHO_MAX] = "";

	if (fallback == NULL || !fallback->drop_at_connect || fallback->shadow)
		return;
	for (size_t i = 0; (policy = policies_at(policies, i)) != NULL; i++) {
		if (policy == fallback || !is_milder(policy, fallback))
			continue;
		milder = milder != NULL ? milder : policy;
		n++;
	}
	if (n > 1)
		snprintf(more, sizeof(more), " (and of %u more)", n - 1);
	if (milder != NULL)
		report_warning(report, drop_at,
		    "drop_at: at connect, clients are kept from the recipients of policy \"%s\"%s "
		    "too, which is milder",
		    milder->name, more);
}
