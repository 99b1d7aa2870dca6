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

static atomic_uint standing;
static struct listing refuses = {.label = (char[]){"zen"}, .standing = &standing, .worst = 5},
		      allows = {.label = (char[]){"dnswl"}, .standing = &standing};

/*
 * A letter a step: p a test passed, f one failed, k a lie, b silent for long, d a doubt,
 * c it is cleared up; m a minute, t the ten for which a lie is held against it, h an
 * hour, H a day.
 */
static const struct {
	const char *label, *steps;
	enum standing standing;
} rows[] = {
    {"nothing is known", "", STANDING_NEW},
    {"new, and good", "p", STANDING_GOOD},
    {"new, and failed", "f", STANDING_DOUBTED},
    {"new, failed, and passed", "fp", STANDING_GOOD},
    {"new, and failed twice", "ff", STANDING_SUSPENDED},
    {"new, and caught at a lie", "k", STANDING_DOUBTED},
    {"new, caught at a lie, and passed", "kp", STANDING_DOUBTED},
    {"new: a doubt is none", "d", STANDING_NEW},
    {"failed once", "pf", STANDING_DOUBTED},
    {"failed once, and passed", "pfp", STANDING_GOOD},
    {"failed twice", "pff", STANDING_SUSPENDED},
    {"failed now and then", "pfpfpfpfpfpfp", STANDING_GOOD},

    {"a lie", "pk", STANDING_DOUBTED},
    {"passed after a lie", "pkppp", STANDING_DOUBTED},
    {"nearly for the time it takes", "pkmmmmmmmmmp", STANDING_DOUBTED},
    {"and that is over", "pktp", STANDING_GOOD},
    {"over, but not tested since", "pkt", STANDING_DOUBTED},
    {"another lie begins it anew", "pkmmmmmmpkmmmmmmp", STANDING_DOUBTED},
    {"two lies in a row", "pkk", STANDING_SUSPENDED},
    {"a lie and a failure in a row", "pkf", STANDING_SUSPENDED},
    {"three lies, each by itself", "pkpkpkp", STANDING_DOUBTED},
    {"the fourth is too many", "pkpkpkpk", STANDING_SUSPENDED},
    {"the fourth within a day", "pktphhhhhhpktphhhhhhpktphhhhhhpk", STANDING_SUSPENDED},
    {"the fourth a day after the first", "pktphhhhhhhhpktphhhhhhhhpktphhhhhhhhpk",
	STANDING_DOUBTED},
    {"each of them a day after another", "pktpHpktpHpktpHpktpHpktp", STANDING_GOOD},

    {"a doubt", "pd", STANDING_DOUBTED},
    {"a doubt, and passed", "pdp", STANDING_GOOD},
    {"a doubt is cleared up", "pdc", STANDING_GOOD},
    {"a lie is not", "pkc", STANDING_DOUBTED},
    {"but is after its time", "pktc", STANDING_GOOD},
    {"nothing to clear up", "c", STANDING_NEW},
    {"a suspension is not cleared up", "pffc", STANDING_SUSPENDED},
    {"nor made a doubt", "pffd", STANDING_SUSPENDED},

    {"suspended, passed once", "pffp", STANDING_RECOVERING},
    {"twice", "pffpp", STANDING_RECOVERING},
    {"as often as it takes", "pffppp", STANDING_RESTORED},
    {"not in a row", "pffppfpp", STANDING_RECOVERING},
    {"failed while it recovers", "pffppf", STANDING_SUSPENDED},
    {"a lie while it recovers", "pffppk", STANDING_SUSPENDED},
    {"suspended for lies: a doubt outlasts the tests", "pkkpppp", STANDING_RECOVERING},
    {"then it is over", "pkkpptp", STANDING_RESTORED},
    {"lies while it is suspended are no news", "pkkmmmmmkkmmmmmppp", STANDING_RESTORED},
    {"restored: what is kept may be a lie", "pffppphp", STANDING_RESTORED},
    {"restored: not after that long", "pffppphhp", STANDING_GOOD},
    {"after many lies one more is too many", "pkpkpkpktpppk", STANDING_SUSPENDED},

    {"silent", "pb", STANDING_SILENT},
    {"silent, new", "b", STANDING_SILENT},
    {"silent: one test will do", "pbp", STANDING_GOOD},
    {"silent, and back with a lie", "pbk", STANDING_SUSPENDED},
    {"silent, and back empty", "pbf", STANDING_SUSPENDED},
    {"silent while it is suspended", "pffb", STANDING_SUSPENDED},
    {"silent while it recovers", "pffpb", STANDING_RECOVERING},
    {"silent in doubt", "pkb", STANDING_SILENT},
    {"silent twice", "pbpbp", STANDING_GOOD},
};

static void
step(struct repute *r, char letter)
{
	switch (letter) {
	case 'p':
		repute_pass(r, PASSES);
		break;
	case 'f':
		repute_fail(r, FAILURES, &(struct cause){"empty", "it is", NULL});
		break;
	case 'k':
		repute_strike(r, FAILURES, DOUBT_MS,
		    &(struct cause){"lists-everything", "it does", NULL});
		break;
	case 'b':
		repute_bury(r, "silent");
		break;
	case 'd':
		repute_doubt(r, &(struct cause){"outside", "it is", NULL});
		break;
	case 'c':
		repute_clear_up(r);
		break;
	case 'm':
		clock_advance(60000);
		break;
	case 't':
		clock_advance(DOUBT_MS);
		break;
	default:
		clock_advance(letter == 'h' ? HOUR_MS : 24 * HOUR_MS);
	}
}

static void
begin(struct repute *r, const struct listing *listing, const char *steps)
{
	clock_freeze(START, 1766300000);
	standing = STANDING_NEW;
	if (!repute_init(r, listing))
		abort();
	for (; *steps != '\0'; steps++)
		step(r, *steps);
}

static void
test_rows(void)
{
	for (size_t i = 0; i < COUNT(rows); i++) {
		enum standing want = rows[i].standing;
		struct repute r;

		begin(&r, &refuses, rows[i].steps);
		same_num(repute_standing(&r), want, rows[i].label);
		same_num(repute_is_believed(&r),
		    want == STANDING_GOOD || want == STANDING_RESTORED, rows[i].label);
		same_num(repute_is_heard(&r), want < STANDING_SILENT, rows[i].label);
		repute_clear(&r);
	}
}

/* For how long a lie is held against a list. */
static void
test_strikes(void)
{
	struct repute r;

	begin(&r, &refuses, "p");
	same_num(repute_strikes(&r), 0, "strikes: none");
	step(&r, 'k');
	clock_advance(24 * HOUR_MS - 1);
	same_num(repute_strikes(&r), 1, "strikes: for a day");
	clock_advance(1);
	same_num(repute_strikes(&r), 0, "strikes: not for ever");
	repute_clear(&r);
}

/* What the log and other nodes are told, of the first reason, not the last. */
static void
test_reasons(void)
{
	struct repute r;

	begin(&r, &refuses, "pkk");
	same_str(r.reason, "lists-everything", "the reason of a suspension");
	step(&r, 'f');
	same_str(r.reason, "lists-everything", "is the first one");
	repute_clear(&r);
	begin(&r, &refuses, "pb");
	same_str(r.reason, "silent", "that of a silence");
	step(&r, 'f');
	same_str(r.reason, "empty", "is another one where it comes back with a fault");
	repute_clear(&r);
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
meet(struct repute *r, unsigned n, unsigned percent)
{
	static uint32_t last = 0x0a000000;

	for (unsigned i = 0; i < n; i++) {
		struct ipaddr addr = ipv4(last += 256);

		repute_answer(r, &addr, i % 100 < percent);
	}
}

/* So many vouch for a client that is listed, or the same one does so often. */
static void
vouch(struct repute *r, unsigned n, bool same)
{
	for (unsigned i = 0; i < n; i++) {
		struct ipaddr user = {.bits = 128, .byte = {(uint8_t)(same ? 1 : i + 1)}};
		struct ipaddr client = ipv4(0xcb000100 + (i << 8));

		repute_good_client(r, &user, &client);
	}
}

/* What clients alone may do to a list. */
static const struct {
	const char *label;
	const struct listing *list;
	unsigned clients, percent, voters;
	bool same;
	enum standing standing;
} crowds[] = {
    {"a list that refuses, a usual day", &refuses, 1000, 35, 0, false, STANDING_GOOD},
    {"it lists nearly everybody", &refuses, 200, 100, 0, false, STANDING_DOUBTED},
    {"it lists good clients", &refuses, 0, 0, 60, false, STANDING_DOUBTED},
    {"it lists one that is good", &refuses, 0, 0, 1000, true, STANDING_GOOD},
    {"an allow list that holds everybody", &allows, 200, 100, 0, false, STANDING_SUSPENDED},
    {"an allow list and good clients", &allows, 0, 0, 60, false, STANDING_DOUBTED},
};

static void
test_crowds(void)
{
	for (size_t i = 0; i < COUNT(crowds); i++) {
		struct repute r;

		begin(&r, crowds[i].list, "p");
		meet(&r, 500, 35);
		meet(&r, crowds[i].clients, crowds[i].percent);
		vouch(&r, crowds[i].voters, crowds[i].same);
		same_num(repute_standing(&r), crowds[i].standing, crowds[i].label);
		step(&r, 'p');
		same_num(repute_standing(&r), crowds[i].standing,
		    "crowd: a test that passes says nothing of that");
		meet(&r, 400, 35);
		for (int k = 0; k < PASSES; k++)
			step(&r, 'p');
		ok(repute_is_believed(&r), "%s: over, and believed", crowds[i].label);
		same_num(repute_standing(&r),
		    crowds[i].standing == STANDING_GOOD ? STANDING_GOOD : STANDING_RESTORED,
		    crowds[i].label);
		repute_clear(&r);
	}
}

/* One that was suspended for what it says is asked all the same, to come back. */
static void
test_heard(void)
{
	struct repute r;

	begin(&r, &allows, "p");
	meet(&r, 500, 10);
	meet(&r, 200, 100);
	ok(repute_is_unusual(&r) && repute_is_heard(&r), "watched: it is asked");
	step(&r, 'f');
	ok(repute_is_heard(&r), "watched: a test that fails says no more");
	repute_clear(&r);
	begin(&r, &refuses, "p");
	meet(&r, 60, 100);
	ok(repute_is_suspect(&r) && !repute_is_unusual(&r),
	    "without a history it is only suspect");
	same_num(repute_standing(&r), STANDING_GOOD, "and believed");
	repute_clear(&r);
}

int
main(void)
{
	test_rows();
	test_strikes();
	test_reasons();
	test_crowds();
	test_heard();
	return done();
}
