/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Verdicts where a list is in doubt, suspended or not heard: what is not sure
 * refuses nobody, and what is sure is refused all the same.
 */
#include "config.h"

#include "verdict/verdict.h"

#include "fakes/trio.h"
#include "tap.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define REFUSE 3 /* where all that there may be is tried */

static const struct row {
	const char *label;
	const char *facts, *standings;
	int weight[TRIO];
	int refuse, defer;
	enum doubt doubt;
	const char *action;
	int score, threshold;
	listset doubted, suspended, unknown;
	bool softened;
} doubts[] = {
    {"all good", "4..", "...", {1, 1, 1}, 5, 0, DOUBT_DEFER, "refuse", 5, 5, 0, 0, 0, false},

    {"in doubt: put off", "4..", "d..", {1, 1, 1}, 5, 0, DOUBT_DEFER, "defer", 5, 5, 1, 0, 0,
	true},
    {"in doubt: pass", "4..", "d..", {1, 1, 1}, 5, 0, DOUBT_PASS, "pass", 5, 5, 1, 0, 0, true},
    {"in doubt: refuse", "4..", "d..", {1, 1, 1}, 5, 0, DOUBT_REFUSE, "refuse", 5, 5, 1, 0, 0,
	false},
    {"pass, but for a deferral", "4..", "d..", {1, 1, 1}, 5, 3, DOUBT_PASS, "defer", 5, 5, 1, 0,
	0, true},
    {"pass, a deferral that never comes", "4..", "d..", {1, 1, 1}, 5, 7, DOUBT_PASS, "pass", 5,
	5, 1, 0, 0, true},
    {"sure without the one in doubt", "44.", "d..", {1, 2, 1}, 8, 0, DOUBT_DEFER, "refuse", 13,
	8, 1, 0, 0, false},
    {"not sure without it", "44.", "d..", {1, 1, 1}, 5, 0, DOUBT_DEFER, "defer", 9, 5, 1, 0, 0,
	true},
    {"in doubt, but not named", "4..", "ddd", {1, 0, 0}, 0, 5, DOUBT_DEFER, "defer", 5, 5, 1, 0,
	0, false},
    {"a deferral in doubt", "3..", "d..", {1, 1, 1}, 5, 3, DOUBT_DEFER, "defer", 3, 3, 1, 0, 0,
	false},
    {"a deferral in doubt, pass", "3..", "d..", {1, 1, 1}, 5, 3, DOUBT_PASS, "defer", 3, 3, 1,
	0, 0, false},
    {"clear and in doubt", "4..", ".d.", {1, 1, 1}, 5, 0, DOUBT_DEFER, "refuse", 5, 5, 0, 0, 0,
	false},
    {"unknown and in doubt", "4?.", ".d.", {1, 1, 1}, 5, 0, DOUBT_DEFER, "refuse", 5, 5, 0, 0,
	2, false},
    {"nought in doubt is named", "43.", ".d.", {1, 1, 1}, 5, 0, DOUBT_DEFER, "refuse", 5, 5, 2,
	0, 0, false},

    {"for: in doubt, but it counts", "4.2", "..d", {1, 1, 1}, 5, 0, DOUBT_REFUSE, "pass", 3, 5,
	4, 0, 0, false},
    {"for: in doubt, and not enough", "442", "..d", {1, 1, 1}, 5, 0, DOUBT_DEFER, "refuse", 7,
	5, 4, 0, 0, false},
    {"for: in doubt and clear", "44.", "..d", {1, 1, 1}, 5, 0, DOUBT_DEFER, "defer", 9, 5, 4, 0,
	0, true},
    {"for: clear", "44.", "...", {1, 1, 1}, 5, 0, DOUBT_DEFER, "refuse", 9, 5, 0, 0, 0, false},
    {"for: not heard", "4.?", "...", {1, 1, 1}, 5, 0, DOUBT_DEFER, "defer", 5, 5, 0, 0, 4,
	true},
    {"for: an error", "4.!", "...", {1, 1, 1}, 5, 0, DOUBT_PASS, "pass", 5, 5, 0, 0, 4, true},
    {"for: an error, refuse all the same", "4.!", "...", {1, 1, 1}, 5, 0, DOUBT_REFUSE,
	"refuse", 5, 5, 0, 0, 4, false},
    {"for: not heard, but too weak", "44?", "...", {3, 3, 1}, 5, 0, DOUBT_DEFER, "refuse", 27,
	5, 0, 0, 4, false},
    {"for: not heard, and strong by weight", "44?", "...", {3, 3, 3}, 5, 0, DOUBT_DEFER,
	"defer", 27, 5, 0, 0, 4, true},
    {"for: not heard, and not named", "4.?", "...", {1, 1, 0}, 5, 0, DOUBT_DEFER, "refuse", 5,
	5, 0, 0, 0, false},
    {"for: suspended, as if not there", "4.4", "..s", {1, 1, 1}, 5, 0, DOUBT_DEFER, "refuse", 5,
	5, 0, 4, 0, false},

    {"put off for long enough", "4..", "l..", {1, 1, 1}, 5, 0, DOUBT_DEFER, "pass", 5, 5, 1, 0,
	0, true},
    {"the same, whatever is done in doubt", "4..", "l..", {1, 1, 1}, 5, 4, DOUBT_REFUSE, "pass",
	5, 5, 1, 0, 0, true},
    {"the same, and the other is sure", "44.", "l..", {1, 1, 1}, 4, 0, DOUBT_DEFER, "refuse", 9,
	4, 1, 0, 0, false},
    {"the same, and the other is in doubt", "44.", "ld.", {1, 1, 1}, 4, 0, DOUBT_DEFER, "defer",
	9, 4, 3, 0, 0, true},
    {"the same, and the other is not enough", "44.", "l..", {1, 1, 1}, 5, 0, DOUBT_DEFER,
	"pass", 9, 5, 1, 0, 0, true},

    {"suspended", "4..", "s..", {1, 1, 1}, 5, 0, DOUBT_REFUSE, "pass", 0, 5, 0, 1, 0, false},
    {"suspended, not unknown", "?.!", "s.s", {1, 1, 1}, 5, 0, DOUBT_DEFER, "pass", 0, 5, 0, 5,
	0, false},
    {"suspended, refused by another", "44.", ".s.", {1, 1, 1}, 5, 0, DOUBT_DEFER, "refuse", 5,
	5, 0, 2, 0, false},
    {"suspended, but not named", "4..", ".ss", {1, 0, 0}, 5, 0, DOUBT_DEFER, "refuse", 5, 5, 0,
	0, 0, false},
    {"all suspended", "444", "sss", {1, 1, 1}, 1, 1, DOUBT_DEFER, "pass", 0, 1, 0, 7, 0, false},
};

static void
check_row(const struct row *row)
{
	struct verdict verdict;
	struct trio t;

	trio_begin(&t, row->refuse, row->defer, row->weight);
	trio_hear(&t, row->facts);
	trio_judge(&t, row->standings);
	t.policy.doubt = row->doubt;
	verdict_reach(&verdict, &t.input);
	same_str(action_name(verdict.action), row->action, row->label);
	same_num(verdict.score, row->score, row->label);
	same_num(verdict.threshold, row->threshold, row->label);
	same_num(verdict.softened, row->softened, row->label);
	same_num((long long)verdict.doubted, (long long)row->doubted, row->label);
	same_num((long long)verdict.suspended, (long long)row->suspended, row->label);
	same_num((long long)verdict.unknown, (long long)row->unknown, row->label);
	ok(verdict_settled(&t.input, 0), "%s: settled", row->label);

	t.policy.shadow = true;
	verdict_reach(&verdict, &t.input);
	same_str(action_name(verdict.action), "pass", row->label);
	same_str(action_name(verdict.meant), row->action, row->label);
	same_num(verdict.softened, row->softened, row->label);
}

static void
test_doubt(void)
{
	for (size_t i = 0; i < COUNT(doubts); i++)
		check_row(&doubts[i]);
}

/* Who has been put off for long enough is marked, and no more. */
static void
test_lapsed(void)
{
	static const int weight[TRIO] = {1, 1, 1};
	struct verdict verdict;
	struct trio t;

	trio_begin(&t, 5, 0, weight);
	t.policy.tag = 3;
	trio_hear(&t, "4..");
	trio_judge(&t, "l..");
	verdict_reach(&verdict, &t.input);
	same_str(action_name(verdict.action), "tag", "lapsed: a mark");
	same_num((long long)verdict.lapsed, 1, "lapsed: it is told");
	trio_begin(&t, 5, 0, weight);
	trio_hear(&t, "...");
	trio_judge(&t, "l..");
	verdict_reach(&verdict, &t.input);
	same_num((long long)verdict.lapsed, 0, "lapsed: not of a list that is silent");
}

/* Who is named: no list in doubt, where the others are enough. */
static void
test_doubt_and_reason(void)
{
	static const struct {
		const char *label, *standings;
		int refuse, defer;
		enum doubt doubt;
		unsigned loudest;
	} rows[] = {
	    {"no doubt", "...", 4, 0, DOUBT_DEFER, 0},
	    {"refused without the one in doubt", "d..", 4, 0, DOUBT_DEFER, 1},
	    {"put off for the one in doubt", "d..", 5, 0, DOUBT_DEFER, 0},
	    {"refused by the one in doubt", "d..", 5, 0, DOUBT_REFUSE, 0},
	    {"deferred without the one in doubt", "d..", 0, 4, DOUBT_DEFER, 1},
	    {"deferred by the one in doubt", "d..", 0, 5, DOUBT_DEFER, 0},
	    {"the other is in doubt", ".d.", 4, 0, DOUBT_DEFER, 0},
	    {"all are in doubt", "dd.", 4, 0, DOUBT_DEFER, 0},
	};
	static const int weight[TRIO] = {1, 1, 1};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct verdict verdict;
		struct trio t;

		trio_begin(&t, rows[i].refuse, rows[i].defer, weight);
		trio_hear(&t, "44.");
		trio_judge(&t, rows[i].standings);
		t.policy.doubt = rows[i].doubt;
		verdict_reach(&verdict, &t.input);
		ok(verdict.loudest != NULL && verdict.loudest->list == rows[i].loudest, "%s",
		    rows[i].label);
	}
}

static const int weights[TRIO] = {1, 2, 1};

/* What a list that is not sure may have had to say, were it well. */
static const char *
truths(char fact, char state, bool for_client)
{
	static const char *const spoke[] = {"2", "3", "4"};

	if (state == 's')
		return "."; /* it is not there */
	if (fact == '?' || fact == '!')
		return ".234";
	if (state == '.' || (for_client && fact != '.'))
		return fact == '.' ? "." : spoke[fact - '2'];
	return ".234";
}

/* Whether it is refused in all the worlds where all lists are well. */
static bool
refused_anyhow(const char *text, const char *how)
{
	struct verdict verdict;
	struct trio well;
	bool refused = true;

	trio_begin(&well, REFUSE, 2, weights);
	well.policy.doubt = DOUBT_REFUSE;
	for (const char *a = truths(text[0], how[0], false); *a != '\0'; a++)
		for (const char *b = truths(text[1], how[1], false); *b != '\0'; b++)
			for (const char *c = truths(text[2], how[2], true); *c != '\0'; c++) {
				char services[] = {*a, *b, *c, '\0'};

				trio_hear(&well, services);
				verdict_reach(&verdict, &well.input);
				refused &= verdict.meant == ACTION_REFUSE;
			}
	return refused;
}

/* It is refused where no truth would have it otherwise, and only there. */
static void
test_doubt_is_true(void)
{
	static const char said[] = ".?!234", state[] = ".ds";
	unsigned wrong = 0, refused = 0, softened = 0;

	for (unsigned k = 0; k < 6 * 6 * 6 * 3 * 3 * 3; k++) {
		char text[] = {said[k % 6], said[k / 6 % 6], said[k / 36 % 6], '\0'};
		char how[] = {
		    state[k / 216 % 3], state[k / 648 % 3], state[k / 1944 % 3], '\0'};
		struct verdict verdict;
		struct trio t;

		trio_begin(&t, REFUSE, 2, weights);
		trio_hear(&t, text);
		trio_judge(&t, how);
		verdict_reach(&verdict, &t.input);
		wrong += (verdict.action == ACTION_REFUSE) !=
		    (verdict.score >= REFUSE && refused_anyhow(text, how));
		wrong += verdict.softened !=
		    (verdict.score >= REFUSE && verdict.action != ACTION_REFUSE);
		refused += verdict.action == ACTION_REFUSE;
		softened += verdict.softened;
	}
	ok(wrong == 0 && refused > 100 && softened > 100,
	    "a refusal is true in all worlds: %u refused, %u softened, %u wrong", refused,
	    softened, wrong);
}

int
main(void)
{
	test_doubt();
	test_lapsed();
	test_doubt_and_reason();
	test_doubt_is_true();
	return done();
}
