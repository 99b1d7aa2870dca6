/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_mempage.c - a page of the memory cache says what was put last, or nothing; what ends
 * first makes room; and of what is erased nothing is left.
 */
#include "config.h"

#include "lookup/mempage.h"

#include <stdlib.h>
#include <string.h>

#include "tap.h"

#define NOW INT64_C(5000000000) /* after 58 days */
#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static struct ipaddr
numbered(unsigned n, bool v6)
{
	struct ipaddr addr = {
	    .bits = v6 ? 128 : 32, .byte = {198, 51, (uint8_t)(n >> 8), (uint8_t)n}};

	if (v6)
		addr.byte[15] = 1;
	return addr;
}

static struct fact
fact(enum fact_state state, unsigned ncodes, int64_t expires)
{
	struct fact f = {
	    .state = (uint8_t)state, .ncodes = (uint8_t)ncodes, .expires = expires};

	for (unsigned i = 0; i < ncodes; i++)
		f.code[i] = 0x7f000002 + i;
	return f;
}

static void
put(struct mempage *p, unsigned n, uint32_t list, int64_t lives)
{
	struct ipaddr addr = numbered(n, false);
	struct fact f = fact(FACT_CLEAR, 0, NOW + lives);

	mempage_put(p, (uint16_t)n, &addr, list, &f);
}

static bool
has(const struct mempage *p, unsigned n)
{
	struct ipaddr addr = numbered(n, false);

	return mempage_find(p, (uint16_t)n, &addr) != MEMPAGE_NONE;
}

/* How many addresses a page holds: bytes of each are at most these. */
static void
test_bytes(void)
{
	static const struct {
		const char *label;
		unsigned lists, listed;
		bool v6;
		size_t bytes;
	} rows[] = {
	    {"8 lists, clear", 8, 0, false, 72},
	    {"8 lists, two of them listed", 8, 2, false, 80},
	    {"8 lists, IPv6", 8, 0, true, 85},
	    {"one list", 1, 0, false, 28},
	    {"64 lists", 64, 0, false, 72 + 56 * 6},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct mempage p = {0};
		struct fact clear = fact(FACT_CLEAR, 0, NOW),
			    listed = fact(FACT_LISTED, 1, NOW);
		unsigned n = 0;

		/* Until the first one goes. */
		for (unsigned first = 0; first != MEMPAGE_NONE; n++) {
			struct ipaddr addr = numbered(n, rows[i].v6),
				      zero = numbered(0, rows[i].v6);

			for (uint32_t list = 0; list < rows[i].lists; list++)
				mempage_put(&p, (uint16_t)n, &addr, list,
				    list < rows[i].listed ? &listed : &clear);
			first = mempage_find(&p, 0, &zero);
		}
		ok((n - 1) * rows[i].bytes >= MEMPAGE_BYTES - rows[i].bytes,
		    "%s: %zu bytes each", rows[i].label, (size_t)MEMPAGE_BYTES / (n - 1));
	}
}

/* What ends first goes first, and of what ends together the older. */
static void
test_room(void)
{
	struct mempage p = {0};

	put(&p, 1, 1, 60000);
	put(&p, 2, 1, 50000);
	put(&p, 3, 1, 900000);
	put(&p, 4, 1, 50000);
	for (unsigned n = 5; has(&p, 2); n++)
		put(&p, n, 1, 70000);
	ok(has(&p, 1) && has(&p, 3) && has(&p, 4), "the first of those that end first");
	for (unsigned n = 200; has(&p, 4); n++)
		put(&p, n, 1, 70000);
	ok(has(&p, 1) && has(&p, 3), "then the other one");
	for (unsigned n = 400; has(&p, 1); n++)
		put(&p, n, 1, 70000);
	ok(has(&p, 3), "what ends last stays");
	put(&p, 3, 1, 10000);
	for (unsigned n = 600; n < 602; n++)
		put(&p, n, 1, 70000);
	ok(!has(&p, 3), "until it ends sooner");
}

static bool
reads(const struct mempage *p, unsigned n, uint32_t list, struct fact *f)
{
	struct ipaddr addr = numbered(n, false);
	unsigned record = mempage_find(p, (uint16_t)n, &addr);

	return record != MEMPAGE_NONE && mempage_read_one(p, record, list, f);
}

/* Times that are far from one another are kept exactly, or end sooner. */
static void
test_times(void)
{
	static const struct {
		const char *label;
		int64_t first, then;
		int64_t want; /* of the first, once the other one is there */
	} rows[] = {
	    {"a minute and an hour", 60000, 3600000, 60000},
	    {"an hour and a minute", 3600000, 60000, 3600000},
	    {"six hours and a second", 21600000, 1000, 21600000},
	    {"a second and six hours", 1000, 21600000, 1000},
	    {"one of yesterday", -86400000, 60000, -NOW},
	    {"a day and a minute", 86400000, 60000, 60000 - 30000000 + 65000000 - 1},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct mempage p = {0};
		struct fact f = {0};

		put(&p, 1, 7, rows[i].first);
		put(&p, 1, 8, rows[i].then);
		ok(reads(&p, 1, 7, &f), "%s: both are there", rows[i].label);
		same_num(f.expires - NOW, rows[i].want, rows[i].label);
		ok(reads(&p, 1, 8, &f) && f.expires == NOW + rows[i].then, "%s: the later one",
		    rows[i].label);
	}
}

static void
test_ids(void)
{
	struct mempage p = {0};
	struct fact f;

	put(&p, 1, 5, 1000);
	put(&p, 1, 5 | 0x40000000U, 2000);
	put(&p, 1, 5 | 0x80000000U, 3000);
	put(&p, 1, MEMPAGE_IDS + 5, 4000);
	put(&p, 1, MEMPAGE_IDS - 1, 5000);
	ok(reads(&p, 1, 5, &f) && f.expires == NOW + 1000, "a list");
	ok(reads(&p, 1, 5 | 0x40000000U, &f) && f.expires == NOW + 2000, "a mark beside it");
	ok(reads(&p, 1, 5 | 0x80000000U, &f) && f.expires == NOW + 3000, "another one");
	ok(!reads(&p, 1, MEMPAGE_IDS + 5, &f), "an id that is too large is not kept");
	ok(reads(&p, 1, MEMPAGE_IDS - 1, &f) && f.expires == NOW + 5000, "the largest one is");
}

#define ADDRESSES 24
#define LISTS 12

/* What the page may say: what was put last, of each. */
static struct fact last[ADDRESSES][LISTS];

/* Whether all that the page has is right; *found: how much. */
static bool
is_right(const struct mempage *p, unsigned *found)
{
	bool right = true;

	*found = 0;
	for (unsigned n = 0; n < ADDRESSES; n++) {
		for (unsigned list = 0; list < LISTS; list++) {
			const struct fact *want = &last[n][list];
			struct fact f;

			if (!reads(p, n, list, &f))
				continue;
			++*found;
			right = right && f.state == want->state && f.ncodes == want->ncodes &&
			    f.expires == want->expires &&
			    memcmp(f.code, want->code, sizeof(f.code)) == 0;
		}
	}
	return right;
}

static void
test_random(void)
{
	static struct mempage p, empty;
	unsigned wrong = 0, lost = 0, uncounted = 0, found;

	for (unsigned i = 0; i < 200000; i++) {
		unsigned n = (unsigned)random() % ADDRESSES, list = (unsigned)random() % LISTS;
		struct ipaddr addr = numbered(n, false);
		struct fact f = fact(1 + (unsigned)random() % 3,
				(unsigned)random() % 8 < 6
				    ? 0
				    : (unsigned)random() % (FACT_CODES + 1),
				NOW + random() % 3600000 + i),
			    got;

		last[n][list] = f;
		mempage_put(&p, (uint16_t)n, &addr, list, &f);
		lost += !reads(&p, n, list, &got);
		if (i % 100 == 0) {
			wrong += !is_right(&p, &found);
			uncounted += found != p.facts;
		}
		if (random() % 50 == 0 && p.records > 0)
			mempage_erase(&p, (unsigned)random() % p.records);
	}
	same_num(wrong, 0, "200,000 facts: never another one than was put last");
	same_num(lost, 0, "and the last one always");
	same_num(uncounted, 0, "all of them counted");
	ok(p.records > 1, "there are several records");
	while (p.records > 0)
		mempage_erase(&p, 0);
	ok(memcmp(&p, &empty, sizeof(p)) == 0, "of what is erased no trace is left");
}

/* Facts of several lists at once are kept as one by one. */
static void
test_all_at_once(void)
{
	static struct listing lists[LISTS];
	static struct mempage one, all;
	static struct roster roster = {.n = LISTS};
	unsigned other = 0;

	for (unsigned i = 0; i < LISTS; i++) {
		lists[i].id = 100 + i;
		roster.list[i] = &lists[i];
	}
	for (unsigned i = 0; i < 20000; i++) {
		unsigned n = (unsigned)random() % ADDRESSES;
		listset some = (listset)random() % ((listset)1 << LISTS);
		struct ipaddr addr = numbered(n, i % 3 == 0);
		struct fact facts[LISTS];

		for (unsigned k = 0; k < LISTS; k++) {
			facts[k] =
			    fact((unsigned)random() % 4, (unsigned)random() % (FACT_CODES + 1),
				NOW + random() % 3600000 + i);
			if (listset_has(some, k))
				mempage_put(&one, (uint16_t)n, &addr, 100 + k, &facts[k]);
		}
		mempage_put_all(&all, (uint16_t)n, &addr, &roster, some, facts);
		other += memcmp(&one, &all, sizeof(one)) != 0;
	}
	same_num(other, 0, "all at once: the same as one by one");
	ok(all.records > 1, "all at once: several records");
}

int
main(void)
{
	test_bytes();
	test_room();
	test_times();
	test_ids();
	test_random();
	test_all_at_once();
	return done();
}
