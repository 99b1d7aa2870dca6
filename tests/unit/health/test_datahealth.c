/* SPDX-License-Identifier: BSD-2-Clause */
/* test_datahealth.c - data that lists nearly everybody all of a sudden, and what ends that. */
#include "config.h"

#include "health/datahealth.h"

#include <stdlib.h>

#include "base/clock.h"
#include "health/tripwire.h"
#include "lists/listid.h"
#include "tap.h"

#define HISTORY 500
#define DOUBT_MS 300000

enum { BL, ALLOW, SPARE, LISTS };

static struct listing lists[LISTS] = {
    [BL] = {.label = (char[]){"bl"}, .zone = (char[]){"bl.example"}, .worst = 5},
    [ALLOW] = {.label = (char[]){"allow"}, .zone = (char[]){""}, .best = -5},
    [SPARE] = {.label = (char[]){"spare"}, .zone = (char[]){""}, .worst = 5},
};
static struct roster roster = {.n = LISTS};
static uint32_t clients;

/* A client of a network that nobody came from before. */
static struct ipaddr
another(void)
{
	uint32_t n = ++clients;

	return (struct ipaddr){
	    .bits = 32, .byte = {(uint8_t)(11 + (n >> 16)), (uint8_t)(n >> 8), (uint8_t)n, 7}};
}

static void
come(struct datahealth *w, unsigned n, unsigned list, bool listed)
{
	listset bit = (listset)1 << list;

	while (n-- > 0) {
		struct ipaddr client = another();

		datahealth_answers(w, &roster, bit, listed ? bit : 0, &client);
	}
}

/* The same, where one in ten is listed. */
static void
come_as_usual(struct datahealth *w, unsigned n, unsigned list)
{
	while (n >= 10) {
		come(w, 1, list, true);
		come(w, 9, list, false);
		n -= 10;
	}
}

static void
test_refusing(struct datahealth *w)
{
	come_as_usual(w, HISTORY, BL);
	same_num(listing_data_state(&lists[BL]), LIST_GOOD, "what is usual is good");
	come(w, TRIPWIRE_SUSPECT, BL, true);
	same_num(listing_data_state(&lists[BL]), LIST_DOUBTED,
	    "one that refuses nearly everybody is doubted");
	same_num(listing_state(&lists[BL]), LIST_NEW, "which says nothing of it in DNS");
	come(w, TRIPWIRE_WINDOW, BL, true);
	same_num(listing_data_state(&lists[BL]), LIST_DOUBTED,
	    "anybody could have it suspended: it is not");
	come_as_usual(w, TRIPWIRE_SUSPECT, BL);
	same_num(listing_data_state(&lists[BL]), LIST_DOUBTED, "a doubt lasts for some time");
	clock_advance(DOUBT_MS);
	come_as_usual(w, TRIPWIRE_WINDOW, BL);
	ok(listing_data_state(&lists[BL]) == LIST_GOOD ||
		listing_data_state(&lists[BL]) == LIST_RESTORED,
	    "and ends when the list says what it used to");
}

static void
test_allowing(struct datahealth *w)
{
	come_as_usual(w, HISTORY, ALLOW);
	come(w, TRIPWIRE_WINDOW, ALLOW, true);
	same_num(listing_data_state(&lists[ALLOW]), LIST_SUSPENDED,
	    "one that trusts nearly everybody is suspended");
	same_num(listing_state(&lists[ALLOW]), LIST_SUSPENDED,
	    "without a zone that is all there is of it");
	clock_advance(DOUBT_MS);
	come_as_usual(w, TRIPWIRE_WINDOW, ALLOW);
	same_num(listing_data_state(&lists[ALLOW]), LIST_RESTORED, "that ends, too");
}

static void
test_vouched(struct datahealth *w)
{
	come_as_usual(w, HISTORY, SPARE);
	for (unsigned i = 0; i < 4 * TRIPWIRE_VOUCHED; i++) {
		struct ipaddr client = another();
		char user[16];

		snprintf(user, sizeof(user), "user%u", i);
		datahealth_vouched(w, &client, user, &roster, 1 << SPARE);
	}
	same_num(listing_data_state(&lists[SPARE]), LIST_DOUBTED,
	    "one that holds those who log in is doubted");
}

int
main(void)
{
	struct datahealth *w = datahealth_new();
	struct ipaddr client = another();

	if (w == NULL)
		return 1;
	clock_freeze(1000, 1795000000);
	for (unsigned i = 0; i < LISTS; i++) {
		roster.list[i] = &lists[i];
		if (!listid_give(&lists[i], lists[i].zone))
			return 1;
	}
	test_refusing(w);
	test_allowing(w);
	test_vouched(w);
	datahealth_odd(w, &lists[BL], ANOMALY_UNDECLARED, 0x7f000009);
	datahealth_answers(NULL, &roster, 1, 1, &client);
	datahealth_vouched(NULL, &client, NULL, &roster, 1);
	datahealth_odd(NULL, &lists[BL], ANOMALY_UNDECLARED, 0x7f000009);
	datahealth_free(w);
	datahealth_free(NULL);
	return done();
}
