/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_locallist.c - who is listed and until when, how one gets off, and that a flood takes
 * nobody's place who is listed.
 */
#include "config.h"

#include "own/locallist.h"

#include <stdio.h>
#include <string.h>

#include "tap.h"

#define NOW 1795000000U
#define HOUR 3600U
#define DAY 86400U
#define CLIENTS 4096

static struct ipaddr
addr_of(const char *text)
{
	struct ipaddr addr;

	if (!ipaddr_parse(&addr, text))
		addr.bits = 0;
	return addr;
}

static bool
is_listed(struct locallist *l, const char *text, uint32_t now)
{
	struct ipaddr addr = addr_of(text);
	struct local_entry e;

	return locallist_find(l, &addr, now, &e);
}

static enum local_change
list(struct locallist *l, const char *text, enum local_reason reason, uint32_t now)
{
	struct ipaddr addr = addr_of(text);

	return locallist_list(l, &addr, reason, "forms", now);
}

static enum local_removal
take_off(struct locallist *l, const char *text, uint32_t now)
{
	struct ipaddr addr = addr_of(text);

	return locallist_remove(l, &addr, now);
}

static void
test_names(void)
{
	for (unsigned i = 0; i < LOCAL_REASONS; i++)
		same_num(local_reason_parse(local_reason_name((enum local_reason)i)), i,
		    "a name and its reason");
	same_num(local_reason_parse("any"), LOCAL_REASONS, "no reason");
	same_num(LOCAL_CODE(LOCAL_HELO), 0x7f000008, "the last code is 127.0.0.8");
}

/* Which addresses are one client, and which are nobody's. */
static void
test_clients(void)
{
	static const struct {
		const char *listed, *asked;
		bool found;
	} rows[] = {
	    {"192.0.2.1", "192.0.2.1", true},
	    {"192.0.2.1", "192.0.2.2", false},
	    {"2001:db8:0:1::1", "2001:db8:0:1:ffff::2", true},
	    {"2001:db8:0:1::1", "2001:db8:0:2::1", false},
	    {"127.0.0.2", "127.0.0.2", false},
	    {"10.1.2.3", "10.1.2.3", false},
	    {"::1", "::1", false},
	    {"fe80::1", "fe80::1", false},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct locallist *l = locallist_new(CLIENTS);

		list(l, rows[i].listed, LOCAL_PROBE, NOW);
		ok(is_listed(l, rows[i].asked, NOW) == rows[i].found, "%s, listed as %s",
		    rows[i].asked, rows[i].listed);
		locallist_free(l);
	}
}

/* The end of a listing that a trap may bring does not tell that there was another hit. */
static void
test_fixed(void)
{
	static const enum local_reason reasons[] = {
	    LOCAL_TRAP, LOCAL_DICTIONARY, LOCAL_BACKSCATTER};
	struct ipaddr addr = addr_of("192.0.2.1");
	struct local_entry e;

	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++) {
		struct locallist *l = locallist_new(CLIENTS);
		enum local_reason r = reasons[i];

		list(l, "192.0.2.1", r, NOW);
		for (uint32_t hour = 1; hour < 24; hour++)
			same_num(list(l, "192.0.2.1", r, NOW + hour * HOUR), LOCAL_SAME,
			    "a hit changes nothing");
		(void)locallist_find(l, &addr, NOW + 23 * HOUR, &e);
		same_num(e.until[r], NOW + DAY, "its end is where it was");
		same_num(
		    list(l, "192.0.2.1", r, NOW + DAY), LOCAL_LISTED, "then it begins anew");
		(void)locallist_find(l, &addr, NOW + DAY, &e);
		same_num(e.until[r], NOW + 3 * DAY, "and lasts longer");
		locallist_free(l);
	}
}

/* Who goes on, or comes again, is listed for longer. */
static void
test_lives(void)
{
	struct locallist *l = locallist_new(CLIENTS);
	struct ipaddr addr = addr_of("192.0.2.1");
	struct local_entry e;

	same_num(list(l, "192.0.2.1", LOCAL_PROBE, NOW), LOCAL_LISTED, "it is listed");
	ok(locallist_find(l, &addr, NOW, &e), "and found");
	same_num(e.until[LOCAL_PROBE], NOW + DAY, "for a day");
	same_num(e.reasons, 1 << LOCAL_PROBE, "for one reason");
	same_str(e.rule[LOCAL_PROBE], "forms", "by its rule");
	same_num(list(l, "192.0.2.1", LOCAL_PROBE, NOW + 60), LOCAL_SAME,
	    "the next hit changes nothing");
	same_num(list(l, "192.0.2.1", LOCAL_PROBE, NOW + HOUR), LOCAL_RENEWED,
	    "one an hour later renews it");
	ok(is_listed(l, "192.0.2.1", NOW + DAY), "so that it is listed after a day");
	ok(!is_listed(l, "192.0.2.1", NOW + DAY + HOUR), "and not a second longer");
	list(l, "192.0.2.1", LOCAL_PROBE, NOW + 2 * DAY);
	(void)locallist_find(l, &addr, NOW + 2 * DAY, &e);
	same_num(e.until[LOCAL_PROBE], NOW + 4 * DAY, "the second time it is two days");
	list(l, "192.0.2.1", LOCAL_PROBE, NOW + 4 * DAY - 1);
	list(l, "192.0.2.1", LOCAL_PROBE, NOW + 5 * DAY);
	(void)locallist_find(l, &addr, NOW + 5 * DAY, &e);
	same_num(e.until[LOCAL_PROBE], NOW + 9 * DAY, "going on, it is four");
	list(l, "192.0.2.1", LOCAL_PROBE, NOW + 10 * DAY);
	list(l, "192.0.2.1", LOCAL_PROBE, NOW + 20 * DAY);
	(void)locallist_find(l, &addr, NOW + 20 * DAY, &e);
	same_num(e.until[LOCAL_PROBE], NOW + 27 * DAY, "seven at most");
	list(l, "192.0.2.1", LOCAL_PROBE, NOW + 60 * DAY);
	(void)locallist_find(l, &addr, NOW + 60 * DAY, &e);
	same_num(e.until[LOCAL_PROBE], NOW + 61 * DAY, "a month later it is the first time");
	locallist_list_until(l, &addr, LOCAL_NOMINATED, "operators", NOW, NOW + 60 * DAY);
	(void)locallist_find(l, &addr, NOW, &e);
	same_num(e.until[LOCAL_NOMINATED], NOW + 60 * DAY, "a date is a date");
	same_num(locallist_list_until(l, &addr, LOCAL_NOMINATED, "operators", NOW, NOW),
	    LOCAL_SAME, "but no past one");
	locallist_configure(l, (const uint32_t[LOCAL_LIVES]){60, 60, 60, 60});
	list(l, "192.0.2.9", LOCAL_TRAP, NOW);
	ok(is_listed(l, "192.0.2.9", NOW + 59), "for as long as is configured");
	ok(!is_listed(l, "192.0.2.9", NOW + 60), "and no longer");
	list(l, "192.0.2.9", LOCAL_TRAP, NOW - 10);
	ok(is_listed(l, "192.0.2.9", NOW - 10),
	    "a clock that has gone back is one like others");
	locallist_free(l);
}

/* A clock that was far ahead, and is put right. */
static void
test_wrong_clock(void)
{
	static const char who[] = "192.0.2.9", named[] = "192.0.2.10";
	struct locallist *l = locallist_new(CLIENTS);
	struct ipaddr addr = addr_of(who), other = addr_of(named);
	uint32_t then = NOW + 400 * DAY;
	struct local_entry e;

	same_num(list(l, who, LOCAL_TRAP, then), LOCAL_LISTED, "listed in a year to come");
	ok(is_listed(l, who, then - HOUR), "which is so for a clock that is a little slow");
	ok(!is_listed(l, who, NOW), "but nobody is listed before he was");
	same_num(take_off(l, who, NOW), LOCAL_REMOVAL_NONE, "nor need be taken off");
	same_num(list(l, who, LOCAL_TRAP, NOW), LOCAL_LISTED, "and may be listed anew");
	ok(locallist_find(l, &addr, NOW, &e) && e.until[LOCAL_TRAP] == NOW + 2 * DAY,
	    "as one who comes again");
	same_num(list(l, who, LOCAL_PROBE, then), LOCAL_LISTED, "that clock again");
	same_num(take_off(l, who, NOW + 60), LOCAL_REMOVAL_DONE, "taken off");
	(void)locallist_find(l, &addr, NOW + 60, &e);
	same_num(e.removed[0], NOW + 60, "at the time that it is");
	(void)locallist_list_until(l, &other, LOCAL_NOMINATED, "", then, then + DAY);
	ok(is_listed(l, named, NOW), "the date of a nomination is what somebody has said");
	locallist_free(l);
}

/* Another node's entry takes the place of one of a time to come. */
static void
test_wrong_clock_joined(void)
{
	struct locallist *l = locallist_new(CLIENTS);
	struct local_entry e = {.client = addr_of("192.0.2.9"), .changed = NOW};

	e.since[LOCAL_PROBE] = NOW;
	e.until[LOCAL_PROBE] = NOW + DAY;
	e.times[LOCAL_PROBE] = 1;
	(void)list(l, "192.0.2.9", LOCAL_PROBE, NOW + 400 * DAY);
	ok(locallist_join(l, &e, NOW) && is_listed(l, "192.0.2.9", NOW), "listed by another");
	ok(!is_listed(l, "192.0.2.9", NOW + DAY), "until then");
	locallist_free(l);
}

static void
test_removals(void)
{
	struct locallist *l = locallist_new(CLIENTS);
	struct ipaddr addr = addr_of("192.0.2.1");
	struct local_entry e;

	same_num(take_off(l, "192.0.2.1", NOW), LOCAL_REMOVAL_NONE, "nobody to remove");
	for (unsigned i = 0; i < 2; i++) {
		list(l, "192.0.2.1", LOCAL_PROBE, NOW + i * DAY);
		list(l, "192.0.2.1", LOCAL_TRAP, NOW + i * DAY);
		same_num(take_off(l, "192.0.2.1", NOW + i * DAY), LOCAL_REMOVAL_DONE,
		    "it is removed");
		ok(!is_listed(l, "192.0.2.1", NOW + i * DAY), "at once, for all reasons");
	}
	list(l, "192.0.2.1", LOCAL_PROBE, NOW + 6 * DAY);
	same_num(take_off(l, "192.0.2.1", NOW + 6 * DAY), LOCAL_REMOVAL_HELD,
	    "the third time in a week it has to wait");
	same_num(take_off(l, "192.0.2.1", NOW + 6 * DAY + HOUR), LOCAL_REMOVAL_HELD,
	    "and is not put off any further");
	ok(locallist_find(l, &addr, NOW + 7 * DAY - 1, &e), "it is listed for a day");
	same_num(e.held, NOW + 7 * DAY, "which can be told");
	ok(!is_listed(l, "192.0.2.1", NOW + 7 * DAY), "and then no more");
	list(l, "192.0.2.1", LOCAL_PROBE, NOW + 20 * DAY);
	same_num(take_off(l, "192.0.2.1", NOW + 20 * DAY), LOCAL_REMOVAL_DONE,
	    "a week later it is removed at once");
	locallist_free(l);
}

struct seen {
	unsigned n, change[LOCAL_FULL + 1];
};

static void
watch(void *arg, const struct local_entry *e, enum local_change change, enum local_reason r)
{
	struct seen *seen = arg;

	(void)e;
	(void)r;
	seen->n++;
	seen->change[change]++;
}

static void
copy_all(void *arg, const struct local_entry *e)
{
	(void)locallist_put(arg, e, NOW);
}

/* What is told to others makes the same list there; the newer word counts. */
static void
test_copies(void)
{
	struct locallist *here = locallist_new(CLIENTS), *there = locallist_new(CLIENTS);
	struct ipaddr addr = addr_of("2001:db8::1");
	struct seen seen = {0};
	struct local_entry e, old;
	struct local_figures f;

	locallist_watch(here, watch, &seen);
	list(here, "192.0.2.1", LOCAL_PROBE, NOW);
	list(here, "192.0.2.1", LOCAL_PROBE, NOW + 1);
	list(here, "2001:db8::1", LOCAL_TRAP, NOW);
	list(here, "10.0.0.1", LOCAL_TRAP, NOW);
	same_num(seen.n, 2, "what is no change is not told");
	same_num(seen.change[LOCAL_LISTED], 2, "what is one is");
	locallist_each(here, NOW, copy_all, there);
	locallist_figures(there, NOW, &f);
	same_num((long long)f.clients, 2, "both are there");
	same_num((long long)f.entries[LOCAL_TRAP], 1, "one for each reason");
	ok(locallist_find(there, &addr, NOW, &old), "with what it is listed for");
	same_str(old.rule[LOCAL_TRAP], "forms", "and its rule");
	take_off(here, "2001:db8::1", NOW + 10);
	same_num(seen.change[LOCAL_REMOVED], 1, "a removal is told");
	(void)locallist_find(here, &addr, NOW + 10, &e);
	ok(locallist_put(there, &e, NOW + 10), "and taken over");
	ok(!is_listed(there, "2001:db8::1", NOW + 10), "it is off the other list, too");
	ok(!locallist_put(there, &old, NOW + 20), "old news are no news");
	ok(!is_listed(there, "2001:db8::1", NOW + 20), "and change nothing");
	e.client = addr_of("127.0.0.2");
	e.changed = NOW + 60;
	ok(!locallist_put(there, &e, NOW + 60), "nobody lists this host");
	locallist_figures(there, NOW + 20, &f);
	same_num((long long)f.clients, 1, "one is left");
	locallist_figures(there, 0, &f);
	same_num((long long)f.clients, 2, "of two that were listed");
	locallist_free(here);
	locallist_free(there);
}

/* One /48 has a sixteenth; who was listed before stays, who comes in its middle is listed. */
/* --- Two nodes --- */

static struct local_entry
entry_of(struct locallist *l, const char *text, uint32_t now)
{
	struct ipaddr addr = addr_of(text);
	struct local_entry e;

	(void)locallist_find(l, &addr, now, &e);
	return e;
}

/* What one node does is known to the other later, or both do something at once. */
static void
test_joins(void)
{
	static const char *const who = "192.0.2.1";
	struct locallist *l[2] = {locallist_new(CLIENTS), locallist_new(CLIENTS)};
	struct local_entry e[2];

	list(l[0], who, LOCAL_PROBE, NOW);
	list(l[1], who, LOCAL_TRAP, NOW);
	e[0] = entry_of(l[0], who, NOW);
	e[1] = entry_of(l[1], who, NOW);
	ok(locallist_join(l[0], &e[1], NOW) && locallist_join(l[1], &e[0], NOW), "joined");
	same_num(
	    entry_of(l[0], who, NOW).reasons, 1 << LOCAL_PROBE | 1 << LOCAL_TRAP, "both here");
	same_num(
	    entry_of(l[1], who, NOW).reasons, 1 << LOCAL_PROBE | 1 << LOCAL_TRAP, "and there");
	same_num(entry_of(l[0], who, NOW).times[LOCAL_TRAP], 1, "it is no repetition");
	ok(locallist_join(l[0], &e[1], NOW), "told twice");
	same_num(entry_of(l[0], who, NOW).times[LOCAL_TRAP], 1, "nor is that");

	same_num(take_off(l[1], who, NOW), LOCAL_REMOVAL_DONE, "removed in the same second");
	e[1] = entry_of(l[1], who, NOW);
	locallist_join(l[0], &e[1], NOW);
	ok(!is_listed(l[0], who, NOW), "it counts at the other node");
	locallist_join(l[1], &e[0], NOW);
	ok(!is_listed(l[1], who, NOW), "what was told before comes late, and lists nobody");

	list(l[0], who, LOCAL_HELO, NOW + 10);
	e[0] = entry_of(l[0], who, NOW + 10);
	locallist_join(l[1], &e[0], NOW + 10);
	same_num(
	    entry_of(l[1], who, NOW + 10).reasons, 1 << LOCAL_HELO, "listed again, for that");
	same_num(take_off(l[1], who, NOW + 7), LOCAL_REMOVAL_DONE, "where the clock is slow");
	e[1] = entry_of(l[1], who, NOW + 7);
	locallist_join(l[0], &e[1], NOW + 11);
	ok(!is_listed(l[0], who, NOW + 11), "a removal ends what was listed before it");

	list(l[0], who, LOCAL_TRAP, NOW + 20);
	same_num(take_off(l[0], who, NOW + 21), LOCAL_REMOVAL_HELD, "the third is held");
	e[0] = entry_of(l[0], who, NOW + 21);
	list(l[1], who, LOCAL_TRAP, NOW + 20);
	locallist_join(l[1], &e[0], NOW + 22);
	ok(is_listed(l[1], who, NOW + 22), "there, too");
	ok(!is_listed(l[1], who, NOW + 21 + DAY), "and ends when it ends here");
	locallist_free(l[0]);
	locallist_free(l[1]);
}

static void
test_flood(void)
{
	struct locallist *l = locallist_new(CLIENTS);
	struct local_figures f;
	unsigned before = 0;
	char text[IPADDR_STRLEN];

	for (unsigned i = 0; i < 200; i++) {
		snprintf(text, sizeof(text), "192.0.2.%u", i);
		list(l, text, LOCAL_HELO, NOW);
	}
	for (unsigned i = 0; i < 65536; i++) {
		snprintf(text, sizeof(text), "2001:db8:0:%x::1", i);
		list(l, text, LOCAL_TRAP, NOW + 1);
		if (i == 32768)
			same_num(list(l, "198.51.100.7", LOCAL_PROBE, NOW + 1), LOCAL_LISTED,
			    "one in the middle of a flood is listed");
	}
	for (unsigned i = 0; i < 200; i++) {
		snprintf(text, sizeof(text), "192.0.2.%u", i);
		before += is_listed(l, text, NOW + 1);
	}
	same_num(before, 200, "those listed before the flood are listed after it");
	ok(is_listed(l, "198.51.100.7", NOW + 1), "and that one, too");
	locallist_figures(l, NOW + 1, &f);
	ok(f.entries[LOCAL_TRAP] <= CLIENTS / LOCALLIST_SHARE &&
		f.entries[LOCAL_TRAP] >= CLIENTS / LOCALLIST_SHARE - 8,
	    "the flood has its share, and no more: %zu", f.entries[LOCAL_TRAP]);
	ok(f.full > 50000, "what had no place is counted: %llu", (unsigned long long)f.full);
	locallist_free(l);
}

/* Of those who differ in all that a share goes by, the weakest go, after those that are over. */
static void
test_places(void)
{
	struct locallist *l = locallist_new(64);
	struct local_figures f;
	char text[IPADDR_STRLEN];

	for (unsigned i = 0; i < 20; i++) {
		snprintf(text, sizeof(text), "192.0.2.%u", i);
		list(l, text, LOCAL_TRAP, NOW);
	}
	for (unsigned i = 0; i < 250; i++) {
		snprintf(text, sizeof(text), "198.51.100.%u", i);
		list(l, text, LOCAL_HELO, NOW + 1);
	}
	locallist_figures(l, NOW + 1, &f);
	ok(f.entries[LOCAL_TRAP] >= 18, "for a strong reason they stay: %zu",
	    f.entries[LOCAL_TRAP]);
	for (unsigned i = 0; i < 250; i++) {
		snprintf(text, sizeof(text), "203.0.113.%u", i);
		list(l, text, LOCAL_HELO, NOW + 2 * DAY);
	}
	locallist_figures(l, NOW + 2 * DAY, &f);
	same_num((long long)f.clients, 64, "those that are over make room");
	locallist_expire(l, NOW + 4 * DAY);
	ok(!is_listed(l, "203.0.113.249", NOW + 4 * DAY), "over, and not forgotten");
	locallist_expire(l, NOW + 40 * DAY);
	locallist_figures(l, NOW + 2 * DAY, &f);
	same_num((long long)f.clients, 0, "a month later all is forgotten");
	locallist_free(l);
}

int
main(void)
{
	test_names();
	test_clients();
	test_lives();
	test_fixed();
	test_wrong_clock();
	test_wrong_clock_joined();
	test_removals();
	test_copies();
	test_joins();
	test_flood();
	test_places();
	return done();
}
