/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Matters at random, with all that a policy can say: that nothing is settled too
 * early, that SPF and the host are asked about where they matter and only there,
 * that what is done in spite of a doubt is right in every world there may be, and
 * that a list in shadow does nothing.
 */
#include "config.h"

#include "verdict/verdict.h"

#include <stdlib.h>

#include "tap.h"

#define CODE(d) (0x7f000000U | (d))
#define LISTS 4
#define CODES 3
#define MATTERS 8000
#define TRUTHS 5 /* of a list that is well: clear, and its codes */
#define STATES 7 /* of any: those, and not heard, and an error */

/* A matter and all it points to, to be made and changed at random. */
struct scene {
	struct answer answer[LISTS][CODES];
	struct listing list[LISTS];
	struct roster roster;
	struct policy policy;
	struct fact facts[LISTS];
	struct verdict_input input;
	listset pending;
};

static int
roll(int n)
{
	return rand() % n;
}

static void
make_lists(struct scene *s)
{
	s->roster.n = LISTS;
	for (unsigned i = 0; i < LISTS; i++) {
		for (unsigned k = 0; k < CODES; k++)
			s->answer[i][k] =
			    (struct answer){.codes = {CODE(k + 2), CODE(k + 2), 0},
				.score = roll(3) == 0 ? -roll(5) : roll(7)};
		s->list[i] = (struct listing){.answers = s->answer[i],
		    .nanswers = CODES,
		    .shadow = roll(6) == 0,
		    .origin = roll(3) == 0 ? ORIGIN_REPORTS : ORIGIN_TRAPS};
		listing_seal(&s->list[i]);
		s->roster.list[i] = &s->list[i];
	}
}

static int
roll_threshold(void)
{
	return roll(3) == 0 ? 0 : 1 + roll(12);
}

static void
make_policy(struct scene *s)
{
	struct policy *p = &s->policy;

	*p = (struct policy){.tag = roll_threshold(),
	    .defer = roll_threshold(),
	    .quarantine = roll_threshold(),
	    .refuse = roll_threshold(),
	    .drop = roll_threshold(),
	    .agree = roll(4),
	    .shadow = roll(8) == 0,
	    .doubt = (enum doubt)roll(3)};
	for (unsigned i = 0; i < LISTS; i++) {
		unsigned group = p->nvotes;

		if (roll(8) == 0)
			continue;
		if (p->nvotes > 0 && roll(2) == 0)
			group = p->vote[roll((int)p->nvotes)].group;
		p->vote[p->nvotes++] = (struct vote){i, 1 + roll(2), group};
		p->lists |= (listset)1 << i;
	}
	for (unsigned i = SPF_NONE; i < SPF_RESULTS && p->drop % 3 != 0; i++)
		if (roll(2) == 0)
			p->spf[i] = (struct spf_rule){(enum spf_effect)roll(4), 1 + roll(4)};
}

/* The state of a list by number: clear, the codes it declares and one that it does
 * not, not heard, an error. */
static struct fact
make_fact(int state)
{
	struct fact fact = {.state = FACT_LISTED};

	if (state == 0)
		fact.state = FACT_CLEAR;
	else if (state == STATES - 2)
		fact.state = FACT_UNKNOWN;
	else if (state == STATES - 1)
		fact.state = FACT_ERROR;
	else
		fact_add_code(&fact, CODE((uint32_t)(state + 1)));
	return fact;
}

static void
make_input(struct scene *s)
{
	struct verdict_input *m = &s->input;

	*m = (struct verdict_input){.roster = &s->roster,
	    .facts = s->facts,
	    .policy = &s->policy,
	    .denied = roll(40) == 0,
	    .host_trusted = roll(4) == 0,
	    .sender_trusted = roll(4) == 0,
	    .host = (enum host)(roll(2) * roll(HOSTS)),
	    .spf = (enum spf_result)(roll(2) * roll(SPF_RESULTS))};
	s->pending = 0;
	for (unsigned i = 0, n = 0; i < LISTS; i++) {
		listset bit = (listset)1 << i;

		m->doubted |= roll(4) == 0 ? bit : 0;
		m->suspended |= roll(8) == 0 ? bit : 0;
		s->facts[i] = make_fact(roll(STATES));
		if (n < 2 && roll(3) == 0) {
			s->pending |= bit;
			s->facts[i] = make_fact(STATES - 2);
			n++;
		}
	}
}

static enum action
act(const struct scene *s)
{
	struct verdict verdict;

	verdict_reach(&verdict, &s->input);
	return verdict.meant;
}

/* What there may be to find out about a matter. */
enum open { OPEN_LISTS = 1, OPEN_SPF = 2, OPEN_HOST = 4 };

/* The actions, as bits, that there are when what is open has been found out. */
static unsigned
find_actions(struct scene *s, unsigned open, unsigned list)
{
	const struct verdict_input before = s->input;
	unsigned actions = 0;

	while (list < LISTS && ((open & OPEN_LISTS) == 0 || (s->pending >> list & 1) == 0))
		list++;
	if (list < LISTS) {
		struct fact kept = s->facts[list];

		for (int state = 0; state < STATES; state++) {
			s->facts[list] = make_fact(state);
			actions |= find_actions(s, open, list + 1);
		}
		s->facts[list] = kept;
		return actions;
	}
	for (int i = 0; i < (open & OPEN_SPF ? SPF_RESULTS : 1); i++)
		for (int k = 0; k < (open & OPEN_HOST ? HOSTS : 1); k++) {
			s->input.spf =
			    before.spf == SPF_UNCHECKED ? (enum spf_result)i : before.spf;
			s->input.host =
			    before.host == HOST_UNCHECKED ? (enum host)k : before.host;
			actions |= 1U << act(s);
		}
	s->input = before;
	return actions;
}

static bool
is_one(unsigned actions)
{
	return (actions & (actions - 1)) == 0;
}

/* Whether asking makes a difference with some state of what is pending. */
static bool
differs(struct scene *s, unsigned open, unsigned list)
{
	while (list < LISTS && (s->pending >> list & 1) == 0)
		list++;
	if (list < LISTS) {
		struct fact kept = s->facts[list];
		bool found = false;

		for (int state = 0; state < STATES && !found; state++) {
			s->facts[list] = make_fact(state);
			found = differs(s, open, list + 1);
		}
		s->facts[list] = kept;
		return found;
	}
	return !is_one(find_actions(s, open & ~(unsigned)OPEN_LISTS, 0));
}

/* Whether SPF makes a difference now, or with a host that is not what it seems. */
static bool
spf_differs(struct scene *s)
{
	enum host host = s->input.host;
	bool now = differs(s, OPEN_SPF, 0), then;

	if (host == HOST_UNCHECKED)
		s->input.host = HOST_WRONG;
	then = differs(s, OPEN_SPF, 0);
	s->input.host = host;
	return now || then;
}

static bool
ignores_spf(const struct policy *policy)
{
	for (unsigned i = 0; i < SPF_RESULTS; i++)
		if (policy->spf[i].effect != SPF_IGNORE)
			return false;
	return true;
}

static struct {
	unsigned settled, calm, spf, host, done, wrong;
} partial;

static void
check_one(struct scene *s)
{
	bool settled = verdict_settled(&s->input, s->pending);
	bool spf = verdict_wants_spf(&s->input, s->pending);
	bool host = verdict_wants_host(&s->input, s->pending);

	partial.settled += settled && s->pending != 0;
	partial.spf += spf;
	partial.host += host;
	partial.calm += settled && !spf && !host;
	partial.wrong += settled && !is_one(find_actions(s, OPEN_LISTS, 0));
	partial.wrong += !spf && differs(s, OPEN_SPF, 0);
	partial.wrong += !host && differs(s, OPEN_HOST, 0);
	partial.wrong += settled && !spf && !host &&
	    !is_one(find_actions(s, OPEN_LISTS | OPEN_SPF | OPEN_HOST, 0));
	/* Nobody is asked about what makes no difference to anybody. */
	partial.wrong += host && !s->input.host_trusted;
	partial.wrong += spf && !s->input.sender_trusted && ignores_spf(&s->policy);
	if (s->pending != 0)
		return;
	/* With all lists heard there are no bounds to be wide: it is exact. */
	partial.wrong += !settled;
	partial.wrong += spf != spf_differs(s);
	partial.wrong += host != differs(s, OPEN_HOST, 0);
}

static void
test_settled(void)
{
	struct scene s;

	srand(1);
	for (unsigned i = 0; i < MATTERS; i++) {
		make_lists(&s);
		make_policy(&s);
		make_input(&s);
		check_one(&s);
	}
	ok(partial.wrong == 0 && partial.settled > MATTERS / 5 && partial.spf > MATTERS / 10 &&
		partial.host > MATTERS / 40 && partial.calm > MATTERS / 5,
	    "of %u matters %u with lists pending are settled, %u want SPF, %u the host, %u "
	    "nothing; %u wrong",
	    MATTERS, partial.settled, partial.spf, partial.host, partial.calm, partial.wrong);
}

/* Whether a list may in truth have something else to say than it says. */
static bool
may_lie(const struct scene *s, unsigned list)
{
	const struct fact *fact = &s->facts[list];
	uint32_t code;
	const struct answer *answer = listing_answer(&s->list[list], fact, &code);

	if (s->input.suspended >> list & 1 || s->list[list].shadow)
		return false;
	if (fact->state == FACT_UNKNOWN || fact->state == FACT_ERROR)
		return true;
	return s->input.doubted >> list & 1 && (answer == NULL || answer->score >= 0);
}

/* The mildest action in the worlds in which all lists are well and say so. */
static enum action
find_mildest(struct scene *s, unsigned list)
{
	enum action mildest = ACTION_DROP;

	while (list < LISTS && !may_lie(s, list))
		list++;
	if (list == LISTS)
		return act(s);
	for (int state = 0; state < TRUTHS; state++) {
		struct fact kept = s->facts[list];
		enum action action;

		s->facts[list] = make_fact(state);
		action = find_mildest(s, list + 1);
		mildest = action < mildest ? action : mildest;
		s->facts[list] = kept;
	}
	return mildest;
}

/* Who may be trusted is trusted, in one of the worlds. */
static bool
may_be_trusted(const struct verdict_input *m)
{
	return (m->host_trusted && (m->host == HOST_UNCHECKED || m->host == HOST_UNKNOWN)) ||
	    (m->sender_trusted &&
		(m->spf == SPF_UNCHECKED || m->spf == SPF_UNKNOWN || m->spf == SPF_TEMPERROR));
}

/* The most severe thing done by lists is sure, or needs not be. */
static void
test_doubt_is_true(void)
{
	unsigned wrong = 0, certain = 0, softened = 0;

	srand(2);
	for (unsigned i = 0; i < MATTERS; i++) {
		struct verdict verdict;
		enum action mildest;
		struct scene s;
		listset doubted;

		make_lists(&s);
		make_policy(&s);
		make_input(&s);
		s.policy.doubt = (enum doubt)roll(2); /* but DOUBT_REFUSE */
		verdict_reach(&verdict, &s.input);
		if (verdict.reason != REASON_LISTS)
			continue;
		softened += verdict.softened;
		wrong += verdict.softened && verdict.meant >= verdict.nominal;
		wrong += verdict.softened && verdict.nominal <= ACTION_DEFER;
		if (verdict.meant <= ACTION_DEFER)
			continue;
		certain++;
		wrong += may_be_trusted(&s.input);
		doubted = s.input.doubted;
		s.policy.doubt = DOUBT_REFUSE;
		mildest = find_mildest(&s, 0);
		s.input.doubted = doubted;
		wrong += mildest < verdict.meant;
	}
	ok(wrong == 0 && certain > MATTERS / 40 && softened > MATTERS / 20,
	    "what is done is right in every world: %u times sure, %u softened, %u wrong",
	    certain, softened, wrong);
}

/* Whatever a list in shadow says, and however it is, nothing comes of it. */
static void
test_shadow(void)
{
	unsigned wrong = 0, tried = 0, heard = 0;

	srand(3);
	for (unsigned i = 0; i < MATTERS; i++) {
		struct verdict with, without;
		struct scene s;
		unsigned list = (unsigned)roll(LISTS);

		make_lists(&s);
		make_policy(&s);
		make_input(&s);
		s.list[list].shadow = true;
		verdict_reach(&with, &s.input);
		heard += with.nshadowed;
		s.facts[list] = make_fact(roll(STATES));
		s.input.doubted ^= (listset)roll(2) << list;
		s.input.suspended ^= (listset)roll(2) << list;
		verdict_reach(&without, &s.input);
		tried++;
		wrong += with.action != without.action || with.meant != without.meant ||
		    with.score != without.score || with.groups != without.groups ||
		    with.doubted != without.doubted || with.unknown != without.unknown ||
		    with.suspended != without.suspended || with.softened != without.softened ||
		    with.nhits != without.nhits;
		s.pending = (listset)1 << list;
		wrong += !verdict_settled(&s.input, s.pending);
	}
	ok(wrong == 0 && heard > tried / 4, "a list in shadow does nothing: heard %u times",
	    heard);
}

int
main(void)
{
	test_settled();
	test_doubt_is_true();
	test_shadow();
	return done();
}
