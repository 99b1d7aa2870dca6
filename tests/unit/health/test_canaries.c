/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_canaries.c - canaries that come back, too late, or never; who waits for them,
 * and what is made of one that is listed.
 */
#include "config.h"

#include "health/canaries.h"

#include <string.h>

#include "base/clock.h"
#include "fakes/fake_loop.h"
#include "loop/loop.h"

#include "tap.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define ASKED_MAX 256
#define TOLD_MAX 2048
#define GAP_MS 1000 /* a quarter of the usual deadline */

static struct loop *loop;
static struct canaries *canaries;
static struct listing zen = {.ipv4 = true, .ipv6 = true};

/* Four blocks, named by the administrator. */
static struct listing four = {
    .ipv4 = true,
    .ncanaries = 4,
    .canary = {{{32, {192, 0, 2}}, 24}, {{32, {198, 51, 100}}, 24}, {{32, {203, 0, 113}}, 24},
	{{32, {192, 88, 99}}, 24}},
};

/* What was asked, in order. */
static struct {
	selftest_done *end;
	void *arg;
	struct selftest_plan plan;
	int64_t when;
} asked[ASKED_MAX];
static unsigned nasked;
static bool can_ask;

/* What the owner was told: d doubted, h held, l lied. */
static char events[64];
static struct canary_block held_block;

static bool
ask(void *arg, const struct selftest_plan *plan, selftest_done *end, void *selftest)
{
	(void)arg;
	if (!can_ask || nasked == ASKED_MAX)
		return false;
	asked[nasked].end = end;
	asked[nasked].plan = *plan;
	asked[nasked].when = clock_ms();
	asked[nasked++].arg = selftest;
	return true;
}

static void
note(char event)
{
	size_t n = strlen(events);

	if (n + 1 < sizeof(events))
		events[n] = event;
}

static void
on_doubt(void *arg, const struct selftest_report *report)
{
	(void)arg;
	note(report->worst > SELFTEST_SILENT ? 'd' : '?');
}

static void
on_held(void *arg, struct canary_block block)
{
	(void)arg;
	held_block = block;
	note('h');
}

static void
on_lie(void *arg, const struct selftest_report *report)
{
	(void)arg;
	(void)report;
	note('l');
}

static void
on_confirmed(void *arg, enum confirmation_result confirmation)
{
	char **at = arg;

	*(*at)++ = "gbn"[confirmation];
}

static const struct canaries_owner owner = {
    .ask = ask, .doubted = on_doubt, .held = on_held, .lied = on_lie};

static void
begin(void)
{
	nasked = 0;
	can_ask = true;
	memset(events, 0, sizeof(events));
	canaries = canaries_new(loop, &owner);
	canaries_of(canaries, &zen, GAP_MS);
}

/*
 * Steps: a capital is a listing, the number of a question how that ended.
 *   L S H V    a listing of the first, third, last quarter of IPv4, of IPv6 wants a proof
 *   M          the same as L, of another server
 *   F          twenty-nine like L
 *   1 to 9     this question finds nothing
 *   l1 to l9   all its canaries are listed
 *   h1 to h9   the first half is listed, the second not
 *   o1 to o9   it is the other way round
 *   m1 to m9   only the very first is listed
 *   s1 to s9   it ends without an answer
 *   t          5 ms;  c 100 ms;  g 750 ms;  T two seconds
 *   x          nothing can be asked any more
 */
static const struct {
	const char *label, *steps;
	const char *told;   /* g good, b bad, n none */
	const char *events; /* as above */
	unsigned asked;
} rows[] = {
    {"nobody asks", "T", "", "", 0},
    {"one", "L1", "g", "", 1},
    {"no answer", "Ls1", "n", "", 1},
    {"not asked", "xL", "n", "", 0},
    {"not asked, for those that wait", "LLLx1g", "gnn", "", 1},

    {"a canary is listed", "Ll1", "", "d", 2},
    {"and all others are", "Ll1l2", "b", "dl", 2},
    {"but no other", "Ll12", "b", "dl", 2},
    {"but those of the other block are", "Ll1o2", "b", "dl", 2},
    {"but only one more of the block is", "Ll1m2", "b", "dl", 2},
    {"and nothing is heard any more", "Ll1s2", "b", "dl", 2},
    {"its block is held as a whole", "Ll1h2", "g", "dh", 2},
    {"who comes while that is looked into waits", "Ll1Lh2", "g", "dh", 2},
    {"and has a canary of the next", "Ll1Lh2g3", "gg", "dh", 3},

    {"the one under way is too old", "LL1", "g", "", 1},
    {"and the next does", "LL1g2", "gg", "", 2},
    {"for all who wait", "LLLL1g2", "gggg", "", 2},
    {"a lie after a truth", "LL1gl2l3", "gb", "dl", 3},
    {"none is asked for nobody", "L1g", "g", "", 1},

    {"not soon after the last", "L1cL", "g", "", 1},
    {"but in a while", "L1cLg", "g", "", 2},
    {"long after the last, at once", "L1gL", "g", "", 2},
    {"another side has its turn at the server", "LH", "", "", 1},
    {"and does not wait for the answer to the first", "LHg2", "g", "", 2},
    {"three sides, one after the other", "LHVgg123", "ggg", "", 3},
    {"who has waited longest is first", "LtVtH1g2g", "gg", "", 3},
    {"another server is asked at once", "LM", "", "", 2},
    {"and each answers for its own", "LM2", "g", "", 2},
    {"a side that lies says nothing of the other", "LHgl12", "g", "d", 3},

    {"twenty-nine wait", "L1F", "g", "", 1},
    {"thirty do not", "L1FL", "g", "", 2},
    {"but for the one under way", "LFL", "", "", 1},
    {"and then they go at once", "LFL1", "g", "", 2},

    {"slow", "LTTT1", "g", "", 1},
    {"lost", "LTTTT", "n", "", 1},
    {"one that is slow: others go after two seconds", "LLT2", "g", "", 2},
    {"and it may still come", "LLT21", "gg", "", 2},
    {"or not", "LLT2TTT", "gn", "", 2},
    {"not before", "LLggc", "", "", 1},
    {"all are lost", "LLTTTTTT", "nn", "", 2},
    {"late, and good", "LTTTT1", "n", "", 1},
    {"late, and a lie", "LTTTTl1l2", "n", "dl", 2},
    {"late, and held", "LTTTTl1h2", "n", "dh", 2},
};

static void
make_report(char how, unsigned n, struct selftest_report *report)
{
	*report = (struct selftest_report){.worst = SELFTEST_GOOD};
	for (unsigned i = 0; i < n; i++) {
		bool first = i < (n + 1) / 2;
		bool listed = how == 'l' || (how == 'h' && first) || (how == 'o' && !first) ||
		    (how == 'm' && i == 0);

		report->canary[i] = listed ? SELFTEST_LISTS_ALL
		    : how == 's'           ? SELFTEST_SILENT
					   : SELFTEST_GOOD;
		if (report->canary[i] > report->worst)
			report->worst = report->canary[i];
	}
}

static void
answer(unsigned i, char how)
{
	struct selftest_report report;

	if (i >= nasked)
		return;
	make_report(how, asked[i].plan.ncanaries, &report);
	asked[i].end(asked[i].arg, &report);
}

static void
want(char message, char **told)
{
	enum canary_side side = message == 'H' ? CANARY_192
	    : message == 'S'                   ? CANARY_128
	    : message == 'V'                   ? CANARY_V6
					       : CANARY_0;

	for (int i = 0; i < (message == 'F' ? 29 : 1); i++)
		canaries_confirm(canaries, side, message == 'M', on_confirmed, told);
}

static void
play(const char *s, char **told)
{
	for (; *s != '\0'; s++) {
		if (*s == 't' || *s == 'c' || *s == 'g' || *s == 'T')
			fake_loop_pass(loop,
			    *s == 't'       ? 5
				: *s == 'c' ? 100
				: *s == 'g' ? 900
					    : 2000);
		else if (*s == 'x')
			can_ask = false;
		else if (strchr("LHSVMF", *s) != NULL)
			want(*s, told);
		else if (*s >= '1' && *s <= '9')
			answer((unsigned)(*s - '1'), 'g');
		else
			answer((unsigned)(s[1] - '1'), *s), s++;
	}
}

static void
test_rows(void)
{
	char told[TOLD_MAX], *end;

	for (size_t i = 0; i < COUNT(rows); i++) {
		begin();
		end = told;
		play(rows[i].steps, &end);
		*end = '\0';
		same_str(told, rows[i].told, rows[i].label);
		same_str(events, rows[i].events, rows[i].label);
		same_num(nasked, rows[i].asked, rows[i].label);
		canaries_free(canaries);
	}
	begin();
	end = told;
	play("LLLM", &end);
	canaries_free(canaries);
	*end = '\0';
	same_str(told, "nnnn", "the end: all are told");
	canaries_free(NULL);
}

/* What a canary, and the look where it is listed, are asked for. */
static void
test_plans(void)
{
	char told[TOLD_MAX], *end = told;
	const struct selftest_plan *one = &asked[0].plan, *look = &asked[1].plan;

	begin();
	play("Ml1", &end);
	ok(!one->entries && one->ncanaries == 1 && one->canary[0].side == CANARY_0,
	    "a canary of the side of the listing");
	ok(one->server == 1 && look->server == 1, "of the server that gave it, the look, too");
	same_num(look->ncanaries, 4, "the look takes four");
	ok(look->canary[0].n == one->canary[0].n && look->canary[1].n == one->canary[0].n,
	    "two of them of the same block");
	ok(look->canary[2].n == look->canary[3].n && look->canary[2].n != one->canary[0].n &&
		look->canary[2].side == CANARY_0,
	    "two of another one of that side");
	canaries_free(canaries);
}

/* Many listings that come at once have more than one canary, for as long as the list has
 * not had many beyond its turns. */
static void
test_many(void)
{
	static const struct {
		const char *label, *steps;
		unsigned sent;
	} many[] = {
	    {"many: three", "LLLL1g", 1},
	    {"many: four", "LLLLL1g", 2},
	    {"many: sixteen", "LLLLLLLLLLLLLLLL1g", 4},
	    {"many: thirty, soon after another", "L1FL", 3},
	};
	char told[TOLD_MAX], *end = told;
	unsigned sent = 0;

	for (size_t i = 0; i < COUNT(many); i++) {
		begin();
		play(many[i].steps, &end);
		same_num(asked[1].plan.ncanaries, many[i].sent, many[i].label);
		canaries_free(canaries);
	}
	begin();
	end = told;
	play("F", &end);
	for (unsigned i = 0; i < 60; i++) {
		for (unsigned n = 0; n < 20; n++)
			want('L', &end);
		fake_loop_pass(loop, 900);
		answer(i, 'g');
		sent += asked[i].plan.ncanaries;
		end = told;
	}
	ok(sent > 60 && sent <= 60 + 4, "many: a busy list has one a turn in the long run");
	canaries_free(canaries);
}

/* A block that is held is not used any more, until others are named. */
static void
test_held(void)
{
	struct listing same = zen, other = zen;
	char told[TOLD_MAX], *end = told;
	struct selftest_plan plan;
	unsigned used = 0;

	begin();
	play("Ll1h2", &end);
	same_num(held_block.side, CANARY_0, "held: the side");
	for (unsigned i = 2; i < 52; i++) {
		fake_loop_pass(loop, 1000);
		play("L", &end);
		used += asked[i].plan.canary[0].n == held_block.n;
		answer(i, 'g');
	}
	same_num(nasked, 52, "held: fifty canaries");
	same_num(used, 0, "held: none of them of that block");
	canaries_plan(canaries, true, &plan);
	same_num(plan.ncanaries, 4 * 2 + 2 - 1, "held: nor is a test's");
	canaries_of(canaries, &same, GAP_MS);
	canaries_plan(canaries, true, &plan);
	same_num(plan.ncanaries, 9, "held: nor where the same list is read again");
	other.ncanaries = 1;
	other.canary[0] = (struct network){{32, {192, 88, 99}}, 24};
	canaries_of(canaries, &other, GAP_MS);
	canaries_plan(canaries, true, &plan);
	same_num(plan.ncanaries, 4 * 1 + 2, "held: the administrator has named others");
	canaries_free(canaries);
}

/* A block of few addresses is used where the other one of its side is held. */
static void
test_spare(void)
{
	char told[TOLD_MAX], *end = told;
	unsigned used = 0;

	begin();
	for (unsigned i = 0; i < 50; i++) {
		play("S", &end);
		used += asked[nasked - 1].plan.canary[0].n != 0;
		answer(nasked - 1, 'g');
		fake_loop_pass(loop, 1000);
	}
	same_num(used, 0, "spare: fifty canaries, none of it");
	play("S", &end);
	answer(nasked - 1, 'l');
	answer(nasked - 1, 'h');
	fake_loop_pass(loop, 1000);
	play("S", &end);
	same_num(asked[nasked - 1].plan.canary[0].n, 1, "spare: used for want of another");
	canaries_free(canaries);
}

/* When all blocks of a side are held but one, and that is listed, all the side is. */
static void
test_all_held(void)
{
	char told[TOLD_MAX], *end = told;

	begin();
	play("Hl1h2gHl3", &end);
	*end = '\0';
	same_str(told, "gb", "all held: the last block is a lie");
	same_str(events, "dhl", "all held: without a look, there being no other block");
	canaries_free(canaries);
}

/*
 * The answers to a timed test: for each block of a side, in order, a letter: g good,
 * l listed, s silent.  A side of which one canary was asked for is looked into.
 */
static const struct {
	const char *label, *low, *high;
	enum confirmation_result confirmation;
	unsigned looks;
} judged[] = {
    {"all are clear", "gggg", "gggg", CONFIRMED, 0},
    {"some are silent", "gsgs", "ssss", CONFIRMED, 0},
    {"one block is listed", "lggg", "gggg", UNCONFIRMED, 1},
    {"two are", "lglg", "gggg", UNCONFIRMED, 1},
    {"all but one are", "lllg", "gggg", UNCONFIRMED, 1},
    {"all of a side", "llll", "gggg", REFUTED, 0},
    {"all of the other side", "gggg", "llll", REFUTED, 0},
    {"all that were heard of a side", "lsss", "gggg", UNCONFIRMED, 1},
    {"the only one of a side", "l", "g", UNCONFIRMED, 1},
};

static void
read_blocks(const char *letters, enum canary_side side, struct selftest_plan *plan,
    struct selftest_report *report)
{
	for (unsigned n = 0; letters[n] != '\0'; n++) {
		enum selftest_result result = letters[n] == 'g' ? SELFTEST_GOOD
		    : letters[n] == 's'                         ? SELFTEST_SILENT
								: SELFTEST_LISTS_ALL;

		report->canary[plan->ncanaries] = result;
		if (result > report->worst)
			report->worst = result;
		plan->canary[plan->ncanaries++] = (struct canary_block){side, n};
	}
}

static void
test_judgement(void)
{
	for (size_t i = 0; i < COUNT(judged); i++) {
		struct selftest_plan plan;
		struct selftest_report report = {.worst = SELFTEST_GOOD};

		begin();
		canaries_of(canaries, &four, GAP_MS);
		canaries_plan(canaries, true, &plan);
		plan.ncanaries = 0;
		read_blocks(judged[i].low, CANARY_0, &plan, &report);
		read_blocks(judged[i].high, CANARY_192, &plan, &report);
		same_num(canaries_judge(canaries, &plan, &report), judged[i].confirmation,
		    judged[i].label);
		same_num(nasked, judged[i].looks, judged[i].label);
		same_str(events, judged[i].looks > 0 ? "d" : "", judged[i].label);
		canaries_free(canaries);
	}
}

/*
 * A list holds several blocks, as one of bogons does: they are found out one after the
 * other, whatever chance says, and it is never taken for a liar.
 */
static void
test_bogons(void)
{
	for (unsigned run = 0; run < 50; run++) {
		struct selftest_plan plan;
		struct selftest_report report;
		enum confirmation_result confirmation = UNCONFIRMED;

		begin();
		canaries_of(canaries, &four, GAP_MS);
		for (int tests = 0; tests < 4 && confirmation == UNCONFIRMED; tests++) {
			report = (struct selftest_report){.worst = SELFTEST_GOOD};
			canaries_plan(canaries, true, &plan);
			for (unsigned i = 0; i < plan.ncanaries; i++)
				if (plan.canary[i].side == CANARY_0 && plan.canary[i].n != 2)
					report.worst = report.canary[i] = SELFTEST_LISTS_ALL;
			confirmation = canaries_judge(canaries, &plan, &report);
			if (confirmation != UNCONFIRMED)
				break;
			answer(nasked - 1, asked[nasked - 1].plan.canary[2].n == 2 ? 'h' : 'l');
		}
		if (confirmation != CONFIRMED || strcmp(events, "dhdhdh") != 0)
			ok(false, "bogons: told %s", events);
		canaries_free(canaries);
	}
	ok(true, "bogons: fifty times");
}

/* Other blocks are named while something is under way: that is of no block any more. */
static void
test_renamed(void)
{
	static const struct {
		const char *label, *before, *after, *told, *events;
	} list[] = {
	    {"renamed: the canary is not listed", "L", "1", "g", ""},
	    {"renamed: it is", "L", "l1", "n", ""},
	    {"renamed: the look shows a block", "Ll1", "h2", "n", "d"},
	    {"renamed: the look shows a lie", "Ll1", "l2", "n", "d"},
	};
	struct listing other = zen;
	char told[TOLD_MAX], *end;

	other.ncanaries = 1;
	other.canary[0] = (struct network){{32, {192, 88, 99}}, 24};
	for (size_t i = 0; i < COUNT(list); i++) {
		begin();
		end = told;
		play(list[i].before, &end);
		canaries_of(canaries, &other, GAP_MS);
		play(list[i].after, &end);
		*end = '\0';
		same_str(told, list[i].told, list[i].label);
		same_str(events, list[i].events, list[i].label);
		canaries_free(canaries);
	}
}

/* The same of a timed test. */
static void
test_renamed_test(void)
{
	struct listing other = zen;
	struct selftest_plan plan;
	struct selftest_report report = {
	    .worst = SELFTEST_LISTS_ALL, .canary = {[3] = SELFTEST_LISTS_ALL}};

	other.ncanaries = 1;
	other.canary[0] = (struct network){{32, {192, 88, 99}}, 24};
	begin();
	canaries_plan(canaries, true, &plan);
	canaries_of(canaries, &other, GAP_MS);
	same_num(canaries_judge(canaries, &plan, &report), UNCONFIRMED,
	    "renamed: a test is no test");
	same_num(nasked, 0, "renamed: and is not looked into");
	canaries_free(canaries);
}

/* A gap that is shorter than the usual one; and what a busy minute costs. */
static void
test_gap(void)
{
	char told[TOLD_MAX], *end = told;

	begin();
	canaries_of(canaries, &zen, 100);
	play("L1cL", &end);
	same_num(nasked, 2, "gap: a quarter of a short deadline");
	canaries_free(canaries);
}

static void
ask_about_clients(unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		canaries_asked(canaries);
	fake_loop_pass(loop, 5);
}

/* Where a list is asked much nobody waits for the gap: a canary is one of twenty questions. */
static void
test_share(void)
{
	char told[TOLD_MAX], *end = told;

	begin();
	play("L1L", &end);
	ask_about_clients(19);
	same_num(nasked, 1, "share: nineteen questions earn no canary");
	ask_about_clients(1);
	same_num(nasked, 2, "share: twenty do, before the gap is over");
	play("L", &end);
	ask_about_clients(20);
	same_num(nasked, 2, "share: but none beside one that is under way");
	play("2", &end);
	fake_loop_pass(loop, 5);
	same_num(nasked, 3, "share: it comes when that is back");
	play("3", &end);
	ask_about_clients(20);
	same_num(nasked, 3, "share: none where nobody waits");
	play("S", &end);
	same_num(nasked, 3, "share: others may come along");
	fake_loop_pass(loop, 5);
	same_num(nasked, 4, "share: what was asked before counts");
	same_num(end - told, 3, "share: all others have been told");
	canaries_free(canaries);
}

/* What a list has had beyond one a gap does not keep it from having more for ever. */
static void
test_recovery(void)
{
	char told[TOLD_MAX], *end = told;

	begin();
	for (unsigned i = 0; i < 100; i++) {
		want('L', &end);
		ask_about_clients(20);
		answer(i, 'g');
	}
	fake_loop_pass(loop, 5 * GAP_MS);
	play("L", &end);
	play("LLLL", &end);
	answer(100, 'g');
	ask_about_clients(20);
	same_num(asked[101].plan.ncanaries, 2, "recovery: five quiet gaps are enough");
	canaries_free(canaries);
}

static void
test_minute(void)
{
	char told[TOLD_MAX], *end = told;
	unsigned answered = 0;

	begin();
	for (int i = 0; i < 1000; i++) {
		play(i % 2 == 0 ? "L" : "H", &end);
		fake_loop_pass(loop, 60);
		for (; answered < nasked && asked[answered].when <= clock_ms() - 20; answered++)
			answer(answered, 'g');
	}
	fake_loop_pass(loop, 2000);
	for (; answered < nasked; answered++)
		answer(answered, 'g');
	ok(nasked <= 100, "a minute: %u canaries for 1000 listings", nasked);
	same_num(end - told, 1000, "a minute: each is told");
	same_num(strspn(told, "g"), 1000, "a minute: that it is good");
	canaries_free(canaries);
}

/* Somebody who waits, and the longest that anybody of them has. */
struct patient {
	int64_t since;
	int64_t *longest;
};

static void
on_patient(void *arg, enum confirmation_result confirmation)
{
	struct patient *p = arg;
	int64_t waited = clock_ms() - p->since;

	(void)confirmation;
	if (waited > *p->longest)
		*p->longest = waited;
}

/* Of all sides there are listings, too few to earn canaries: none waits for its turn until its
 * clients have no time left. */
static void
test_sides(void)
{
	static const enum canary_side sides[] = {
	    CANARY_0, CANARY_64, CANARY_128, CANARY_192, CANARY_V6};
	struct patient patients[200];
	int64_t longest = 0;
	unsigned answered = 0;

	begin();
	for (unsigned i = 0; i < COUNT(patients); i++) {
		patients[i] = (struct patient){clock_ms(), &longest};
		canaries_asked(canaries);
		canaries_confirm(
		    canaries, sides[i % COUNT(sides)], 0, on_patient, &patients[i]);
		for (unsigned k = 0; k < 12; k++) {
			fake_loop_pass(loop, 10);
			for (; answered < nasked && asked[answered].when <= clock_ms() - 30;)
				answer(answered++, 'g');
		}
	}
	canaries_free(canaries);
	ok(longest < 2 * GAP_MS, "sides: half of the deadline is left: %d ms", (int)longest);
	ok(nasked <= 5 * 24000 / (2 * 900) + 5, "sides: a canary in two gaps each: %u", nasked);
}

int
main(void)
{
	loop = loop_new();
	clock_freeze(1000000, 1766300000);
	test_rows();
	test_plans();
	test_many();
	test_held();
	test_spare();
	test_all_held();
	test_judgement();
	test_bogons();
	test_renamed();
	test_renamed_test();
	test_gap();
	test_share();
	test_recovery();
	test_minute();
	test_sides();
	loop_free(loop);
	return done();
}
