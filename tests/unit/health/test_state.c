/* SPDX-License-Identifier: BSD-2-Clause */
/* test_repute.c - what tests, lies and clients make of the standing of a list. */
#include "config.h"

#include "health/state.h"

#include <stdlib.h>

#include "base/clock.h"
#include "health/tripwire.h"

#include "tap.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define FAILURES 2
#define PASSES 3
#define DOUBT_MS 600000
#define HOUR_MS 3600000
#define START 85000000 /* the machine has been up for less than a day, but soon is */

static atomic_uint state;
static struct listing refuses = {.label = (char[]){"zen"}, .state = &state, .worst = 5},
		      allows = {.label = (char[]){"dnswl"}, .state = &state};

/*
 * A letter a step: p a test passed, f one failed, k a lie, b silent for long, d a doubt,
 * c it is cleared up; m a minute, t the ten for which a lie is held against it, h an
 * hour, H a day.
 */
static const struct {
	const char *label, *steps;
	enum list_state state;
} rows[] = {
    {"nothing is known", "", LIST_NEW},
    {"new, and good", "p", LIST_GOOD},
    {"new, and failed", "f", LIST_DOUBTED},
    {"new, failed, and passed", "fp", LIST_GOOD},
    {"new, and failed twice", "ff", LIST_SUSPENDED},
    {"new, and caught at a lie", "k", LIST_DOUBTED},
    {"new, caught at a lie, and passed", "kp", LIST_DOUBTED},
    {"new: a doubt is none", "d", LIST_NEW},
    {"failed once", "pf", LIST_DOUBTED},
    {"failed once, and passed", "pfp", LIST_GOOD},
    {"failed twice", "pff", LIST_SUSPENDED},
    {"failed now and then", "pfpfpfpfpfpfp", LIST_GOOD},

    {"a lie", "pk", LIST_DOUBTED},
    {"passed after a lie", "pkppp", LIST_DOUBTED},
    {"nearly for the time it takes", "pkmmmmmmmmmp", LIST_DOUBTED},
    {"and that is over", "pktp", LIST_GOOD},
    {"over, but not tested since", "pkt", LIST_DOUBTED},
    {"another lie begins it anew", "pkmmmmmmpkmmmmmmp", LIST_DOUBTED},
    {"two lies in a row", "pkk", LIST_SUSPENDED},
    {"a lie and a failure in a row", "pkf", LIST_SUSPENDED},
    {"three lies, each by itself", "pkpkpkp", LIST_DOUBTED},
    {"the fourth is too many", "pkpkpkpk", LIST_SUSPENDED},
    {"the fourth within a day", "pktphhhhhhpktphhhhhhpktphhhhhhpk", LIST_SUSPENDED},
    {"the fourth a day after the first", "pktphhhhhhhhpktphhhhhhhhpktphhhhhhhhpk",
	LIST_DOUBTED},
    {"each of them a day after another", "pktpHpktpHpktpHpktpHpktp", LIST_GOOD},

    {"a doubt", "pd", LIST_DOUBTED},
    {"a doubt, and passed", "pdp", LIST_GOOD},
    {"a doubt is cleared up", "pdc", LIST_GOOD},
    {"a lie is not", "pkc", LIST_DOUBTED},
    {"but is after its time", "pktc", LIST_GOOD},
    {"nothing to clear up", "c", LIST_NEW},
    {"a suspension is not cleared up", "pffc", LIST_SUSPENDED},
    {"nor made a doubt", "pffd", LIST_SUSPENDED},

    {"suspended, passed once", "pffp", LIST_RECOVERING},
    {"twice", "pffpp", LIST_RECOVERING},
    {"as often as it takes", "pffppp", LIST_RESTORED},
    {"not in a row", "pffppfpp", LIST_RECOVERING},
    {"failed while it recovers", "pffppf", LIST_SUSPENDED},
    {"a lie while it recovers", "pffppk", LIST_SUSPENDED},
    {"suspended for lies: a doubt outlasts the tests", "pkkpppp", LIST_RECOVERING},
    {"then it is over", "pkkpptp", LIST_RESTORED},
    {"lies while it is suspended are no news", "pkkmmmmmkkmmmmmppp", LIST_RESTORED},
    {"restored: what is kept may be a lie", "pffppphp", LIST_RESTORED},
    {"restored: not after that long", "pffppphhp", LIST_GOOD},
    {"after many lies one more is too many", "pkpkpkpktpppk", LIST_SUSPENDED},

    {"silent", "pb", LIST_SILENT},
    {"silent, new", "b", LIST_SILENT},
    {"silent: one test will do", "pbp", LIST_GOOD},
    {"silent, and back with a lie", "pbk", LIST_SUSPENDED},
    {"silent, and back empty", "pbf", LIST_SUSPENDED},
    {"silent while it is suspended", "pffb", LIST_SUSPENDED},
    {"silent while it recovers", "pffpb", LIST_RECOVERING},
    {"silent in doubt", "pkb", LIST_SILENT},
    {"silent twice", "pbpbp", LIST_GOOD},
};

static void
step(struct health_state *r, char message)
{
	switch (message) {
	case 'p':
		health_state_pass(r, PASSES);
		break;
	case 'f':
		health_state_fail(r, FAILURES, &(struct cause){"empty", "it is", NULL});
		break;
	case 'k':
		health_state_lie(r, FAILURES, DOUBT_MS,
		    &(struct cause){"lists-everything", "it does", NULL});
		break;
	case 'b':
		health_state_unreachable(r, &(struct cause){.reason = "silent"});
		break;
	case 'd':
		health_state_doubt(r, &(struct cause){"outside", "it is", NULL});
		break;
	case 'c':
		health_state_clear_up(r);
		break;
	case 'm':
		clock_advance(60000);
		break;
	case 't':
		clock_advance(DOUBT_MS);
		break;
	default:
		clock_advance(message == 'h' ? HOUR_MS : 24 * HOUR_MS);
	}
}

static void
begin(struct health_state *r, const struct listing *listing, const char *steps)
{
	clock_freeze(START, 1766300000);
	state = LIST_NEW;
	if (!health_state_init(r, listing))
		abort();
	for (; *steps != '\0'; steps++)
		step(r, *steps);
}

static void
test_rows(void)
{
	for (size_t i = 0; i < COUNT(rows); i++) {
		enum list_state want = rows[i].state;
		struct health_state r;

		begin(&r, &refuses, rows[i].steps);
		same_num(health_state_of(&r), want, rows[i].label);
		same_num(health_state_is_believed(&r),
		    want == LIST_GOOD || want == LIST_RESTORED, rows[i].label);
		same_num(health_state_is_heard(&r), want < LIST_SILENT, rows[i].label);
		health_state_clear(&r);
	}
}

/* For how long a lie is held against a list. */
static void
test_lies(void)
{
	struct health_state r;

	begin(&r, &refuses, "p");
	same_num(health_state_lies(&r), 0, "strikes: none");
	step(&r, 'k');
	clock_advance(24 * HOUR_MS - 1);
	same_num(health_state_lies(&r), 1, "strikes: for a day");
	clock_advance(1);
	same_num(health_state_lies(&r), 0, "strikes: not for ever");
	health_state_clear(&r);
}

/* What the log and other nodes are told, of the first reason, not the last. */
static void
test_reasons(void)
{
	struct health_state r;

	begin(&r, &refuses, "pkk");
	same_str(r.reason, "lists-everything", "the reason of a suspension");
	step(&r, 'f');
	same_str(r.reason, "lists-everything", "is the first one");
	health_state_clear(&r);
	begin(&r, &refuses, "pb");
	same_str(r.reason, "silent", "that of a silence");
	step(&r, 'f');
	same_str(r.reason, "empty", "is another one where it comes back with a fault");
	health_state_clear(&r);
}

static struct ipaddr
ipv4(uint32_t value)
{
	return (struct ipaddr){.bits = 32,
	    .byte = {(uint8_t)(value >> 24), (uint8_t)(value >> 16), (uint8_t)(value >> 8),
		(uint8_t)value}};
}

/* So many new clients, so many percent of them listed. */
static void
meet(struct health_state *r, unsigned n, unsigned percent)
{
	static uint32_t last = 0x0a000000;

	for (unsigned i = 0; i < n; i++) {
		struct ipaddr addr = ipv4(last += 256);

		health_state_answer(r, &addr, i % 100 < percent);
	}
}

/* So many vouch for a client that is listed, or the same one does so often. */
static void
vouch(struct health_state *r, unsigned n, bool same)
{
	for (unsigned i = 0; i < n; i++) {
		struct ipaddr user = {.bits = 128, .byte = {(uint8_t)(same ? 1 : i + 1)}};
		struct ipaddr client = ipv4(0xcb000100 + (i << 8));

		health_state_vouched(r, &user, &client);
	}
}

/* What clients alone may do to a list. */
static const struct {
	const char *label;
	const struct listing *list;
	unsigned clients, percent, voters;
	bool same;
	enum list_state state;
} crowds[] = {
    {"a list that refuses, a usual day", &refuses, 1000, 35, 0, false, LIST_GOOD},
    {"it lists nearly everybody", &refuses, 200, 100, 0, false, LIST_DOUBTED},
    {"it lists good clients", &refuses, 0, 0, 60, false, LIST_DOUBTED},
    {"it lists one that is good", &refuses, 0, 0, 1000, true, LIST_GOOD},
    {"an allow list that holds everybody", &allows, 200, 100, 0, false, LIST_SUSPENDED},
    {"an allow list and good clients", &allows, 0, 0, 60, false, LIST_DOUBTED},
};

static void
test_crowds(void)
{
	for (size_t i = 0; i < COUNT(crowds); i++) {
		struct health_state r;

		begin(&r, crowds[i].list, "p");
		meet(&r, 500, 35);
		meet(&r, crowds[i].clients, crowds[i].percent);
		vouch(&r, crowds[i].voters, crowds[i].same);
		same_num(health_state_of(&r), crowds[i].state, crowds[i].label);
		step(&r, 'p');
		same_num(health_state_of(&r), crowds[i].state,
		    "crowd: a test that passes says nothing of that");
		meet(&r, 400, 35);
		for (int k = 0; k < PASSES; k++)
			step(&r, 'p');
		ok(health_state_is_believed(&r), "%s: over, and believed", crowds[i].label);
		same_num(health_state_of(&r),
		    crowds[i].state == LIST_GOOD ? LIST_GOOD : LIST_RESTORED, crowds[i].label);
		health_state_clear(&r);
	}
}

/* One that was suspended for what it says is asked all the same, to come back. */
static void
test_heard(void)
{
	struct health_state r;

	begin(&r, &allows, "p");
	meet(&r, 500, 10);
	meet(&r, 200, 100);
	ok(health_state_is_unusual(&r) && health_state_is_heard(&r), "watched: it is asked");
	step(&r, 'f');
	ok(health_state_is_heard(&r), "watched: a test that fails says no more");
	health_state_clear(&r);
	begin(&r, &refuses, "p");
	meet(&r, 60, 100);
	ok(health_state_is_suspect(&r) && !health_state_is_unusual(&r),
	    "without a history it is only suspect");
	same_num(health_state_of(&r), LIST_GOOD, "and believed");
	health_state_clear(&r);
}

int
main(void)
{
	test_rows();
	test_lies();
	test_reasons();
	test_crowds();
	test_heard();
	return done();
}
