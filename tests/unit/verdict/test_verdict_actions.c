/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Verdicts by policies that can do more than refuse: each action at its score,
 * lists that count once, lists that must agree, lists in shadow, SPF, and names
 * that are trusted.
 */
#include "config.h"

#include "verdict/verdict.h"

#include "tap.h"

#define CODE(d) (0x7f000000U | (d))
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define LISTS 4 /* three against, of which the last by reports; one for the client */

/* Codes 127.0.0.2, .3 and .4 of each list, and what they score. */
static struct answer answers[LISTS][3] = {
    {{.codes = {CODE(2), CODE(2), 0}, .score = 2}, {.codes = {CODE(3), CODE(3), 0}, .score = 3},
	{.codes = {CODE(4), CODE(4), 0}, .score = 5}},
    {{.codes = {CODE(2), CODE(2), 0}, .score = 2},
	{.codes = {CODE(3), CODE(3), 0}, .score = -1},
	{.codes = {CODE(4), CODE(4), 0}, .score = 4}},
    {{.codes = {CODE(2), CODE(2), 0}, .score = 2}, {.codes = {CODE(3), CODE(3), 0}, .score = 3},
	{.codes = {CODE(4), CODE(4), 0}, .score = 9}},
    {{.codes = {CODE(2), CODE(2), 0}, .score = -2},
	{.codes = {CODE(3), CODE(3), 0}, .score = -3},
	{.codes = {CODE(4), CODE(4), 0}, .score = -9}},
};

/* A matter, and all it points to. */
struct scene {
	struct listing list[LISTS];
	struct roster roster;
	struct policy policy;
	struct fact facts[LISTS];
	struct verdict_input input;
};

/* '.' clear, '?' unknown, '!' error, a digit: that code, for each list; then '.' good,
 * 'd' in doubt, 's' suspended, 'h' in shadow; and the group of each. */
static void
begin(struct scene *s, const char *facts, const char *how, const char *groups)
{
	*s = (struct scene){.roster = {.n = LISTS}};
	s->input = (struct verdict_input){
	    .roster = &s->roster, .facts = s->facts, .policy = &s->policy};
	for (unsigned i = 0; i < LISTS; i++) {
		s->list[i].answers = answers[i];
		s->list[i].nanswers = COUNT(answers[i]);
		s->list[i].origin = i == 2 ? ORIGIN_REPORTS : ORIGIN_TRAPS;
		s->list[i].shadow = how[i] == 'h';
		listing_seal(&s->list[i]);
		s->roster.list[i] = &s->list[i];
		s->policy.vote[i] = (struct vote){i, 1, (unsigned)(groups[i] - '0')};
		s->input.doubted |= (listset)(how[i] == 'd') << i;
		s->input.suspended |= (listset)(how[i] == 's') << i;
		s->facts[i].state = facts[i] == '.' ? FACT_CLEAR
		    : facts[i] == '?'               ? FACT_UNKNOWN
		    : facts[i] == '!'               ? FACT_ERROR
						    : FACT_LISTED;
		if (s->facts[i].state == FACT_LISTED)
			fact_add_code(&s->facts[i], CODE((uint32_t)(facts[i] - '0')));
	}
	s->policy.nvotes = LISTS;
}

/* tag, defer, quarantine, refuse, drop */
static void
set_thresholds(struct policy *policy, const int at[5])
{
	policy->tag = at[0];
	policy->defer = at[1];
	policy->quarantine = at[2];
	policy->refuse = at[3];
	policy->drop = at[4];
}

static const struct {
	const char *label, *facts, *how;
	int at[5];
	enum doubt doubt;
	const char *action, *nominal;
	int threshold;
	int loudest; /* index of the list; -1: none */
} actions[] = {
    {"nothing", "....", "....", {2, 3, 5, 7, 9}, DOUBT_DEFER, "pass", "pass", 2, -1},
    {"below all", "3...", "....", {4, 4, 5, 7, 9}, DOUBT_DEFER, "pass", "pass", 4, 0},
    {"tag", "2...", "....", {2, 3, 5, 7, 9}, DOUBT_DEFER, "tag", "tag", 2, 0},
    {"defer", "3...", "....", {2, 3, 5, 7, 9}, DOUBT_DEFER, "defer", "defer", 3, 0},
    {"quarantine", "4...", "....", {2, 3, 5, 7, 9}, DOUBT_DEFER, "quarantine", "quarantine", 5,
	0},
    {"refuse", "42..", "....", {2, 3, 5, 7, 9}, DOUBT_DEFER, "refuse", "refuse", 7, 0},
    {"drop", "44..", "....", {2, 3, 5, 7, 9}, DOUBT_DEFER, "drop", "drop", 9, 0},
    {"drop alone", "44..", "....", {0, 0, 0, 0, 9}, DOUBT_DEFER, "drop", "drop", 9, 0},
    {"of equal thresholds the most severe", "4...", "....", {5, 5, 5, 5, 5}, DOUBT_DEFER,
	"drop", "drop", 5, 0},
    {"a milder one that is higher never comes", "4...", "....", {5, 9, 9, 5, 0}, DOUBT_DEFER,
	"refuse", "refuse", 5, 0},
    {"one for the client", "44.2", "....", {2, 3, 5, 7, 9}, DOUBT_DEFER, "refuse", "refuse", 7,
	0},

    {"tag in doubt", "2...", "d...", {2, 3, 5, 7, 9}, DOUBT_DEFER, "tag", "tag", 2, 0},
    {"defer in doubt", "3...", "d...", {2, 3, 5, 7, 9}, DOUBT_PASS, "defer", "defer", 3, 0},
    {"quarantine in doubt: put off", "4...", "d...", {2, 0, 5, 7, 9}, DOUBT_DEFER, "defer",
	"quarantine", 5, 0},
    {"quarantine in doubt: pass, with a tag", "4...", "d...", {2, 0, 5, 7, 9}, DOUBT_PASS,
	"tag", "quarantine", 5, 0},
    {"quarantine in doubt: pass, but for a deferral", "4...", "d...", {2, 3, 5, 7, 9},
	DOUBT_PASS, "defer", "quarantine", 5, 0},
    {"quarantine in doubt: done", "4...", "d...", {2, 3, 5, 7, 9}, DOUBT_REFUSE, "quarantine",
	"quarantine", 5, 0},
    {"drop in doubt: put off", "4.4.", "d.d.", {2, 0, 5, 7, 9}, DOUBT_DEFER, "defer", "drop", 9,
	2},
    {"drop in doubt: pass", "4.4.", "d.d.", {0, 0, 5, 7, 9}, DOUBT_PASS, "pass", "drop", 9, 2},
    {"drop in doubt, refuse is sure", "44..", ".d..", {0, 0, 0, 4, 9}, DOUBT_DEFER, "refuse",
	"drop", 9, 0},
    {"drop in doubt, quarantine is sure", "4.4.", "..d.", {0, 3, 5, 7, 9}, DOUBT_PASS,
	"quarantine", "drop", 9, 0},
    {"drop in doubt, defer is sure", "3.4.", "..d.", {0, 3, 5, 7, 9}, DOUBT_PASS, "defer",
	"drop", 9, 2},
    {"an allow list not heard", "44.?", "....", {0, 0, 0, 5, 9}, DOUBT_DEFER, "defer", "drop",
	9, 0},
};

static void
test_actions(void)
{
	for (size_t i = 0; i < COUNT(actions); i++) {
		struct verdict v;
		struct scene s;

		begin(&s, actions[i].facts, actions[i].how, "0123");
		set_thresholds(&s.policy, actions[i].at);
		s.policy.doubt = actions[i].doubt;
		verdict_reach(&v, &s.input);
		same_str(action_name(v.action), actions[i].action, actions[i].label);
		same_str(action_name(v.nominal), actions[i].nominal, actions[i].label);
		same_num(v.softened, v.nominal != v.action, actions[i].label);
		same_num(v.threshold, actions[i].threshold, actions[i].label);
		same_num(v.loudest != NULL ? (int)v.loudest->list : -1, actions[i].loudest,
		    actions[i].label);
		same_str(verdict_reason_name(v.reason), "lists", actions[i].label);
		s.policy.shadow = true;
		verdict_reach(&v, &s.input);
		same_str(action_name(v.action), "pass", actions[i].label);
		same_str(action_name(v.meant), actions[i].action, actions[i].label);
	}
}

static const struct {
	const char *label, *facts, *how, *groups;
	int agree;
	int at[5];
	const char *action, *nominal;
	int score, threshold;
	unsigned counted;
} groupings[] = {
    {"each for itself", "44..", "....", "0123", 0, {0, 0, 0, 5, 0}, "refuse", "refuse", 9, 5,
	2},
    {"two that count once", "44..", "....", "0023", 0, {0, 0, 0, 6, 0}, "pass", "pass", 5, 6,
	1},
    {"the louder one is the second", "24..", "....", "0023", 0, {0, 0, 0, 4, 0}, "refuse",
	"refuse", 4, 4, 1},
    {"one of them is for the client", "43..", "....", "0023", 0, {0, 0, 0, 5, 0}, "pass",
	"pass", 4, 5, 1},
    {"a list for the client in their group", "44.2", "....", "0020", 0, {0, 0, 0, 4, 0}, "pass",
	"pass", 3, 4, 1},
    {"in doubt, and the other is enough", "44..", "d...", "0023", 0, {0, 0, 0, 4, 0}, "refuse",
	"refuse", 5, 4, 1},
    {"in doubt, and the other is not", "44..", "d...", "0023", 0, {0, 0, 0, 5, 0}, "defer",
	"refuse", 5, 5, 1},

    {"two agree", "44..", "....", "0123", 2, {0, 0, 0, 5, 0}, "refuse", "refuse", 9, 5, 2},
    {"one is not two", "4...", "....", "0123", 2, {0, 0, 0, 5, 0}, "pass", "pass", 5, 5, 1},
    {"one is all there need be", "4...", "....", "0123", 1, {0, 0, 0, 5, 0}, "refuse", "refuse",
	5, 5, 1},
    {"two that count once are one", "44..", "....", "0023", 2, {0, 0, 0, 5, 0}, "pass", "pass",
	5, 5, 1},
    {"reports are no voice of their own", "4.4.", "....", "0123", 2, {0, 0, 0, 5, 0}, "pass",
	"pass", 14, 5, 1},
    {"reports alone, where nobody need agree", "..4.", "....", "0123", 1, {0, 0, 0, 5, 0},
	"refuse", "refuse", 9, 5, 0},
    {"not refused, but held", "4...", "....", "0123", 2, {2, 3, 4, 5, 5}, "quarantine",
	"quarantine", 5, 4, 1},
    {"not refused, but put off", "4...", "....", "0123", 2, {2, 3, 0, 5, 5}, "defer", "defer",
	5, 3, 1},
    {"not refused, but marked", "4...", "....", "0123", 2, {2, 0, 0, 5, 5}, "tag", "tag", 5, 2,
	1},
    {"not dropped either", "4...", "....", "0123", 2, {0, 0, 0, 0, 5}, "pass", "pass", 5, 5, 1},
    {"three of three", "444.", "....", "0123", 3, {0, 0, 0, 5, 0}, "pass", "pass", 18, 5, 2},
    {"the second is in doubt", "44..", ".d..", "0123", 2, {0, 0, 0, 5, 0}, "defer", "refuse", 9,
	5, 2},
    {"the second is suspended", "44..", ".s..", "0123", 2, {0, 0, 0, 5, 0}, "pass", "pass", 5,
	5, 1},
    {"the second is in shadow", "44..", ".h..", "0123", 2, {0, 0, 0, 5, 0}, "pass", "pass", 5,
	5, 1},
    {"in doubt, but another of its group speaks", "44.3", "d...", "0023", 2, {0, 0, 0, 1, 0},
	"pass", "pass", 2, 1, 1},
};

static void
test_groups(void)
{
	for (size_t i = 0; i < COUNT(groupings); i++) {
		struct verdict v;
		struct scene s;

		begin(&s, groupings[i].facts, groupings[i].how, groupings[i].groups);
		set_thresholds(&s.policy, groupings[i].at);
		s.policy.agree = groupings[i].agree;
		verdict_reach(&v, &s.input);
		same_str(action_name(v.action), groupings[i].action, groupings[i].label);
		same_str(action_name(v.nominal), groupings[i].nominal, groupings[i].label);
		same_num(v.score, groupings[i].score, groupings[i].label);
		same_num(v.threshold, groupings[i].threshold, groupings[i].label);
		same_num(v.groups, groupings[i].counted, groupings[i].label);
	}
}

/* Lists in shadow: heard, behind those that count, and never named as the reason. */
static void
test_shadow(void)
{
	static const int at[5] = {0, 0, 0, 5, 0};
	struct verdict v;
	struct scene s;

	begin(&s, "444.", "h.h.", "0123");
	set_thresholds(&s.policy, at);
	verdict_reach(&v, &s.input);
	same_num(v.nhits, 1, "shadow: one counts");
	same_num(v.nshadowed, 2, "shadow: two do not");
	same_num(v.hit[1].list, 0, "shadow: the first of them");
	same_num(v.hit[2].score, 9, "shadow: what it would have added");
	ok(v.loudest == &v.hit[0] && v.loudest->list == 1, "shadow: the one that counts");
	same_num(v.score, 4, "shadow: nothing is added");
	begin(&s, "?!4?", "h.hh", "0123");
	set_thresholds(&s.policy, at);
	s.input.doubted = s.input.suspended = 4;
	verdict_reach(&v, &s.input);
	ok(v.unknown == 2 && v.doubted == 0 && v.suspended == 0,
	    "shadow: no fault of theirs matters");
	same_num(v.nshadowed, 0, "shadow: one that is suspended is not heard");
	ok(verdict_settled(&s.input, 9), "shadow: nobody waits for them");
}

static const struct {
	const char *label, *facts;
	int at[5];
	struct spf_rule rule; /* for fail */
	enum spf_result result;
	int agree;
	const char *action, *reason;
	int score;
	bool wanted; /* before it was asked */
} rules[] = {
    {"spf: refuse", "....", {0, 0, 0, 5, 0}, {SPF_REFUSE, 0}, SPF_FAIL, 0, "refuse", "spf", 0,
	true},
    {"spf: refuse, but another result", "....", {0, 0, 0, 5, 0}, {SPF_REFUSE, 0}, SPF_SOFTFAIL,
	0, "pass", "lists", 0, true},
    {"spf: refuse, whatever must agree", "....", {0, 0, 0, 5, 0}, {SPF_REFUSE, 0}, SPF_FAIL, 3,
	"refuse", "spf", 0, true},
    {"spf: the lists refuse anyway", "4...", {0, 0, 0, 5, 0}, {SPF_REFUSE, 0}, SPF_FAIL, 0,
	"refuse", "lists", 5, false},
    {"spf: the lists drop", "4...", {0, 0, 0, 4, 5}, {SPF_REFUSE, 0}, SPF_FAIL, 0, "drop",
	"lists", 5, false},
    {"spf: refuse what would be put off", "3...", {0, 3, 0, 5, 0}, {SPF_REFUSE, 0}, SPF_FAIL, 0,
	"refuse", "spf", 3, true},
    {"spf: a good word does not help", "...4", {0, 3, 0, 5, 0}, {SPF_REFUSE, 0}, SPF_FAIL, 0,
	"refuse", "spf", -9, true},
    {"spf: defer", "....", {0, 0, 0, 5, 0}, {SPF_DEFER, 0}, SPF_FAIL, 0, "defer", "spf", 0,
	true},
    {"spf: defer, but it is marked only", "2...", {2, 0, 0, 5, 0}, {SPF_DEFER, 0}, SPF_FAIL, 0,
	"defer", "spf", 2, true},
    {"spf: defer, but it is held", "2...", {0, 0, 2, 5, 0}, {SPF_DEFER, 0}, SPF_FAIL, 0,
	"quarantine", "lists", 2, false},
    {"spf: a score that is enough", "3...", {0, 0, 0, 5, 0}, {SPF_SCORE, 2}, SPF_FAIL, 0,
	"refuse", "lists", 5, true},
    {"spf: a score that is not", "2...", {0, 0, 0, 5, 0}, {SPF_SCORE, 2}, SPF_FAIL, 0, "pass",
	"lists", 4, false},
    {"spf: a score alone", "....", {0, 0, 0, 5, 0}, {SPF_SCORE, 5}, SPF_FAIL, 0, "refuse",
	"lists", 5, true},
    {"spf: agrees with a list", "3...", {0, 0, 0, 5, 0}, {SPF_SCORE, 2}, SPF_FAIL, 2, "refuse",
	"lists", 5, true},
    {"spf: cannot agree with itself", "....", {0, 0, 0, 5, 0}, {SPF_SCORE, 9}, SPF_FAIL, 2,
	"pass", "lists", 9, false},
    {"spf: makes the second of two", "4...", {0, 0, 0, 5, 0}, {SPF_SCORE, 1}, SPF_FAIL, 2,
	"refuse", "lists", 6, true},
    {"spf: ignored", "....", {0, 0, 0, 5, 0}, {SPF_IGNORE, 9}, SPF_FAIL, 0, "pass", "lists", 0,
	false},
};

static void
test_spf(void)
{
	for (size_t i = 0; i < COUNT(rules); i++) {
		struct verdict v;
		struct scene s;

		begin(&s, rules[i].facts, "....", "0123");
		set_thresholds(&s.policy, rules[i].at);
		s.policy.agree = rules[i].agree;
		s.policy.spf[SPF_FAIL] = rules[i].rule;
		same_num(verdict_wants_spf(&s.input, 0), rules[i].wanted, rules[i].label);
		s.input.spf = rules[i].result;
		ok(!verdict_wants_spf(&s.input, 0), "%s: not again", rules[i].label);
		verdict_reach(&v, &s.input);
		same_str(action_name(v.action), rules[i].action, rules[i].label);
		same_str(verdict_reason_name(v.reason), rules[i].reason, rules[i].label);
		same_num(v.score, rules[i].score, rules[i].label);
		same_num(v.spf, rules[i].result, rules[i].label);
		same_num(v.spf_score,
		    rules[i].result == SPF_FAIL && rules[i].rule.effect == SPF_SCORE
			? rules[i].rule.score
			: 0,
		    rules[i].label);
	}
}

static void
test_spf_and_doubt(void)
{
	static const int at[5] = {0, 0, 0, 5, 9};
	struct verdict v;
	struct scene s;

	begin(&s, "4.4.", "d.d.", "0123");
	set_thresholds(&s.policy, at);
	s.policy.spf[SPF_FAIL].effect = SPF_REFUSE;
	s.input.spf = SPF_FAIL;
	verdict_reach(&v, &s.input);
	ok(v.action == ACTION_REFUSE && v.reason == REASON_SPF && v.nominal == ACTION_DROP &&
		v.softened,
	    "doubtful lists would drop, SPF refuses");
	/* Neither a list nor SPF makes 20 of it, but both do. */
	begin(&s, "4.?.", "....", "0123");
	set_thresholds(&s.policy, at);
	s.policy.drop = 20;
	s.policy.spf[SPF_FAIL] = (struct spf_rule){SPF_SCORE, 6};
	ok(verdict_settled(&s.input, 4), "a list alone does not change it");
	ok(!verdict_wants_spf(&s.input, 0), "nor SPF alone");
	ok(verdict_wants_spf(&s.input, 4), "but both might");
	s.input.spf = SPF_FAIL;
	ok(!verdict_settled(&s.input, 4), "and then the list does");
}

static const struct {
	const char *label, *facts;
	bool denied, host_trusted, sender_trusted;
	enum host host;
	enum spf_result spf;
	const char *action, *reason;
	bool wants_spf, wants_host;
} canaries[] = {
    {"trust: nobody", "4...", false, false, false, HOST_CONFIRMED, SPF_PASS, "refuse", "lists",
	false, false},
    {"trust: host", "4...", false, true, false, HOST_CONFIRMED, SPF_UNCHECKED, "pass", "host",
	false, false},
    {"trust: host, but wrong", "4...", false, true, false, HOST_WRONG, SPF_UNCHECKED, "refuse",
	"lists", false, false},
    {"trust: host, not known", "4...", false, true, false, HOST_UNKNOWN, SPF_UNCHECKED, "defer",
	"lists", false, false},
    {"trust: host, not asked", "4...", false, true, false, HOST_UNCHECKED, SPF_UNCHECKED,
	"defer", "lists", false, true},
    {"trust: host, no need to ask", "2...", false, true, false, HOST_UNCHECKED, SPF_UNCHECKED,
	"pass", "lists", false, false},
    {"trust: sender", "4...", false, false, true, HOST_UNCHECKED, SPF_PASS, "pass", "sender",
	false, false},
    {"trust: sender, but it is not", "4...", false, false, true, HOST_UNCHECKED, SPF_FAIL,
	"refuse", "lists", false, false},
    {"trust: sender, neutral", "4...", false, false, true, HOST_UNCHECKED, SPF_NEUTRAL,
	"refuse", "lists", false, false},
    {"trust: sender, not known", "4...", false, false, true, HOST_UNCHECKED, SPF_TEMPERROR,
	"defer", "lists", false, false},
    {"trust: sender, a record that is wrong", "4...", false, false, true, HOST_UNCHECKED,
	SPF_PERMERROR, "refuse", "lists", false, false},
    {"trust: sender, not asked", "4...", false, false, true, HOST_UNCHECKED, SPF_UNCHECKED,
	"defer", "lists", true, false},
    {"trust: sender, no need to ask", "2...", false, false, true, HOST_UNCHECKED, SPF_UNCHECKED,
	"pass", "lists", false, false},
    {"trust: both, not asked", "4...", false, true, true, HOST_UNCHECKED, SPF_UNCHECKED,
	"defer", "lists", true, true},
    {"trust: both, the host first", "4...", false, true, true, HOST_CONFIRMED, SPF_PASS, "pass",
	"host", false, false},
    {"trust: denied", "....", true, true, true, HOST_CONFIRMED, SPF_PASS, "refuse", "deny",
	false, false},
    {"trust: denied, not asked", "....", true, true, true, HOST_UNCHECKED, SPF_UNCHECKED,
	"refuse", "deny", false, false},
};

/* What is trusted: only with the proof, and after what the administrator denies. */
static void
test_trust(void)
{
	static const int at[5] = {0, 0, 0, 5, 0};

	for (size_t i = 0; i < COUNT(canaries); i++) {
		struct verdict v;
		struct scene s;

		begin(&s, canaries[i].facts, "....", "0123");
		set_thresholds(&s.policy, at);
		s.input.denied = canaries[i].denied;
		s.input.host_trusted = canaries[i].host_trusted;
		s.input.sender_trusted = canaries[i].sender_trusted;
		s.input.host = canaries[i].host;
		s.input.spf = canaries[i].spf;
		verdict_reach(&v, &s.input);
		same_str(action_name(v.action), canaries[i].action, canaries[i].label);
		same_str(verdict_reason_name(v.reason), canaries[i].reason, canaries[i].label);
		same_num(
		    verdict_wants_spf(&s.input, 0), canaries[i].wants_spf, canaries[i].label);
		same_num(
		    verdict_wants_host(&s.input, 0), canaries[i].wants_host, canaries[i].label);
		same_num(v.host, canaries[i].host, canaries[i].label);
	}
}

/* A pass that was taken at the page. */
static const struct {
	const char *label, *facts;
	enum category category; /* of the first list */
	bool pass, denied, allowed;
	uint32_t also;
	int tag;
	enum action action;
	enum verdict_reason reason;
} passes[] = {
    {"refused otherwise", "4...", CATEGORY_SPAM_SOURCE, true, false, false, 0, 0, ACTION_PASS,
	REASON_PASS},
    {"marked as it is", "4...", CATEGORY_SPAM_SOURCE, true, false, false, 0, 3, ACTION_TAG,
	REASON_PASS},
    {"the policy gives none", "4...", CATEGORY_SPAM_SOURCE, false, false, false, 0, 0,
	ACTION_REFUSE, REASON_LISTS},
    {"exploited", "4...", CATEGORY_EXPLOITED, true, false, false, 0, 0, ACTION_REFUSE,
	REASON_LISTS},
    {"a proxy, beside another list", "44..", CATEGORY_OPEN_PROXY, true, false, false, 0, 0,
	ACTION_REFUSE, REASON_LISTS},
    {"a botnet's controller", "4...", CATEGORY_BOTNET_CONTROLLER, true, false, false, 0, 0,
	ACTION_REFUSE, REASON_LISTS},
    {"a probe", "4...", CATEGORY_PROBE, true, false, false, 0, 0, ACTION_REFUSE, REASON_LISTS},
    {"exploited, and the policy says so", "4...", CATEGORY_EXPLOITED, true, false, false,
	UINT32_C(1) << CATEGORY_EXPLOITED, 0, ACTION_PASS, REASON_PASS},
    {"a proxy, and the policy says so of another", "4...", CATEGORY_OPEN_PROXY, true, false,
	false, UINT32_C(1) << CATEGORY_EXPLOITED, 0, ACTION_REFUSE, REASON_LISTS},
    {"denied", "4...", CATEGORY_SPAM_SOURCE, true, true, false, 0, 0, ACTION_REFUSE,
	REASON_DENY},
    {"allowed", "4...", CATEGORY_SPAM_SOURCE, true, false, true, 0, 0, ACTION_PASS,
	REASON_ALLOW},
    {"not refused", "2...", CATEGORY_SPAM_SOURCE, true, false, false, 0, 0, ACTION_PASS,
	REASON_LISTS},
};

static void
test_passes(void)
{
	static const int thresholds[5] = {0, 0, 0, 5, 0};

	for (size_t i = 0; i < COUNT(passes); i++) {
		struct scene s;
		struct verdict v;

		begin(&s, passes[i].facts, "....", "0123");
		set_thresholds(&s.policy, thresholds);
		for (size_t k = 0; k < COUNT(answers[0]); k++)
			answers[0][k].category = passes[i].category;
		s.policy.tag = passes[i].tag;
		s.policy.pass = passes[i].pass;
		s.policy.pass_also = passes[i].also;
		s.input.denied = passes[i].denied;
		s.input.allowed = passes[i].allowed;
		s.input.granted = true;
		verdict_reach(&v, &s.input);
		same_str(action_name(v.action), action_name(passes[i].action), passes[i].label);
		same_str(verdict_reason_name(v.reason), verdict_reason_name(passes[i].reason),
		    passes[i].label);
		ok(v.reason != REASON_PASS || v.score >= 5, "%s: the score is told",
		    passes[i].label);
		s.input.granted = false;
		verdict_reach(&v, &s.input);
		ok(v.reason != REASON_PASS &&
			(passes[i].reason != REASON_PASS || v.action == ACTION_REFUSE),
		    "%s: not without", passes[i].label);
		ok(verdict_may_pass(&v, &s.input) == (passes[i].reason == REASON_PASS),
		    "%s: whether one may be taken", passes[i].label);
	}
}

/* Any list may say what no pass is for: it is waited for. */
static void
test_passes_settled(void)
{
	static const int thresholds[5] = {0, 0, 0, 5, 0};
	struct scene s;

	begin(&s, "4.?.", "....", "0123");
	set_thresholds(&s.policy, thresholds);
	s.policy.pass = true;
	ok(verdict_settled(&s.input, 4), "refused: settled");
	s.input.granted = true;
	ok(!verdict_settled(&s.input, 4), "with a pass: not before all are heard");
	ok(verdict_settled(&s.input, 0), "and then it is");
}

int
main(void)
{
	test_actions();
	test_groups();
	test_shadow();
	test_spf();
	test_spf_and_doubt();
	test_trust();
	test_passes();
	test_passes_settled();
	return done();
}
