/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_suspension.c - a list that an administrator does not believe: until its time is up or
 * he says so, over changes of the configuration, whatever its health is; on the frozen clock.
 */
#include "config.h"

#include "health/suspension.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "fakes/fake_loop.h"
#include "lists/listid.h"
#include "loop/loop.h"

#include "tap.h"

static struct loop *loop;
static struct suspensions *all;
static struct listing list[5];
static char *logged;
static size_t length;
static FILE *out;

static void
make(unsigned i, const char *label, const char *zone)
{
	list[i].label = strdup(label);
	if (list[i].label == NULL || !listid_give(&list[i], zone))
		abort();
	atomic_store(list[i].state, LIST_GOOD);
}

static struct roster
roster_with(unsigned first, unsigned n)
{
	struct roster roster = {.n = n};

	for (unsigned i = 0; i < n; i++)
		roster.list[i] = &list[first + i];
	return roster;
}

static bool
begin(const struct roster *roster, const char *label, int64_t ms)
{
	struct suspension s = {
	    .begun = clock_ms(), .until = clock_ms() + ms, .by = "root", .why = "a \"test\""};
	bool good = suspensions_begin(all, roster, label, &s);

	fake_loop_turn(loop);
	return good;
}

static unsigned
count(const char *word)
{
	unsigned n = 0;

	fflush(out);
	for (const char *at = logged; at != NULL && (at = strstr(at, word)) != NULL; at++)
		n++;
	return n;
}

/* Lists 0 and 1 have one label, as one that is asked about two names has. */
static void
test_time(void)
{
	struct roster roster = roster_with(0, 3);
	struct suspension s;

	ok(begin(&roster, "names", 60000), "suspended");
	same_num(listing_state(&list[0]), LIST_SUSPENDED, "it counts for nothing");
	same_num(listing_state(&list[1]), LIST_SUSPENDED, "for each name it is asked about");
	same_num(listing_state(&list[2]), LIST_GOOD, "another list is as good as before");
	same_num(listing_health(&list[0]), LIST_GOOD, "its health is its own");
	same_num(
	    count("event=list-suspended list=names reason=administrator by=root seconds=60 "
		  "why=\"a \\\"test\\\"\""),
	    1, "said once");
	ok(suspensions_find(all, "names", &s) && s.until == clock_ms() + 60000, "until when");
	fake_loop_pass(loop, 59000);
	same_num(listing_state(&list[0]), LIST_SUSPENDED, "until its time is up");
	fake_loop_pass(loop, 2000);
	same_num(listing_state(&list[0]), LIST_GOOD, "then it is believed");
	same_num(count("event=list-resumed list=names by=time after=60"), 1, "said once");
	ok(!suspensions_find(all, "names", &s), "and forgotten");
}

static void
test_end(void)
{
	struct roster roster = roster_with(0, 3);

	ok(!suspensions_end(all, "names", "root"), "what is not suspended has no end");
	ok(!begin(&roster, "other", 60000), "nor is a list that is not there");
	ok(!suspensions_end(all, "other", "root"), "which is not kept");
	atomic_store(list[2].state, LIST_DOUBTED);
	ok(begin(&roster, "plain", 60000) && begin(&roster, "plain", 5000), "twice");
	fake_loop_pass(loop, 6000);
	same_num(listing_state(&list[2]), LIST_DOUBTED, "the last time counts, and its health");
	ok(begin(&roster, "plain", 5000) && begin(&roster, "plain", 600000), "longer");
	fake_loop_pass(loop, 6000);
	same_num(listing_state(&list[2]), LIST_SUSPENDED, "the last time counts");
	ok(suspensions_end(all, "plain", "group"), "ended");
	same_num(listing_state(&list[2]), LIST_DOUBTED, "at once");
	same_num(count("event=list-resumed list=plain by=group"), 1, "who has said so");
}

/* A list that gets another zone, or another name to be asked about, has the label still. */
static void
test_reload(void)
{
	struct roster before = roster_with(2, 1), after = roster_with(3, 2);

	ok(begin(&before, "plain", 60000), "suspended");
	same_num(listing_state(&list[3]), LIST_GOOD, "another zone is another list");
	suspensions_apply(all, &after);
	same_num(listing_state(&list[3]), LIST_SUSPENDED, "until it is used under that label");
	same_num(listing_state(&list[4]), LIST_GOOD, "and no other");
	suspensions_apply(all, &after);
	fake_loop_pass(loop, 61000);
	same_num(listing_state(&list[3]), LIST_GOOD, "believed again");
	same_num(listing_state(&list[2]), LIST_DOUBTED, "as is the one before");
}

int
main(void)
{
	out = open_memstream(&logged, &length);
	log_to_stream(out);
	clock_freeze(1000000, 1800000000);
	loop = loop_new();
	all = suspensions_new(loop);
	make(0, "names", "helo.example");
	make(1, "names", "sender.example");
	make(2, "plain", "one.example");
	make(3, "plain", "two.example");
	make(4, "third", "three.example");
	test_time();
	test_end();
	test_reload();
	suspensions_free(all);
	loop_free(loop);
	for (unsigned i = 0; i < 5; i++)
		free(list[i].label);
	log_to_stream(NULL);
	fclose(out);
	free(logged);
	return done();
}
