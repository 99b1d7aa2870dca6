/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_sharing.c - two nodes and one Redis: what a tester tries in turn at both is judged as
 * one, and both know who is listed, or is not any more.
 */
#include "config.h"

#include "own/sharing.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "fakes/fake_loop.h"
#include "fakes/fake_redis.h"
#include "loop/loop.h"
#include "own/locallist.h"
#include "own/own.h"
#include "upstream/upstream.h"

#include "tap.h"

#define WALL 1800000000
#define SOON_MS 5000
#define CLIENTS 1024
#define L "our.example"
#define D "third.example"

static char host[] = "127.0.0.1";

struct node {
	struct locallist *list;
	struct own *own;
	struct sharing *sharing;
};

static struct loop *loop;
static struct upstream *upstream;
static struct node node[3]; /* the last starts late */

static bool
is_ours(const void *arg, const char *domain)
{
	(void)arg;
	return strcmp(domain, L) == 0;
}

static void
begin(struct node *n)
{
	const struct own_options usual = {.enabled = true,
	    .forms = 2,
	    .senders = 3,
	    .both = 2,
	    .drop_box = 3,
	    .dictionary = 10,
	    .traps = 2,
	    .trap_hits = 3};

	n->list = locallist_new(CLIENTS);
	n->own = own_new(n->list, CLIENTS);
	own_configure(n->own, &usual);
	n->sharing = sharing_new(loop, upstream, n->own, n->list);
	sharing_use(n->sharing, true);
}

static void
end(struct node *n)
{
	sharing_free(n->sharing);
	own_free(n->own);
	locallist_free(n->list);
}

static struct ipaddr
addr_of(const char *text)
{
	struct ipaddr addr;

	if (!ipaddr_parse(&addr, text))
		addr.bits = 0;
	return addr;
}

static void
try(unsigned at, const char *client, const char *sender, const char *recipient)
{
	struct ipaddr addr = addr_of(client);
	const struct own_recipient r = {.client = &addr,
	    .helo = client, /* which is no name */
	    .sender = sender,
	    .recipient = recipient,
	    .outcome = OWN_RELAY_DENIED,
	    .is_ours = is_ours};

	own_recipient(node[at].own, &r);
}

static unsigned
listed(unsigned at, const char *client)
{
	struct ipaddr addr = addr_of(client);
	struct local_entry e;

	return locallist_find(node[at].list, &addr, (uint32_t)clock_wall(), &e) ? e.reasons : 0;
}

static bool
both(const char *client, unsigned reasons)
{
	fake_loop_pass(loop, SOON_MS);
	return listed(0, client) == reasons && listed(1, client) == reasons;
}

static void
test_rules(void)
{
	static const struct {
		const char *label, *client;
		const char *sender[4], *recipient[4]; /* at either node in turn */
		bool caught;
	} rows[] = {
	    {"two forms", "198.51.100.1", {"<a@x.example>", "<a@x.example>"},
		{"<u%" D "@mx." L ">", "<\"u@" D "\">"}, true},
	    {"three senders", "198.51.100.2", {"<a@x.example>", "<a>", "<a@[192.0.2.1]>"},
		{"<u@" D ">", "<u@" D ">", "<u@" D ">"}, true},
	    {"a form and the plain one", "198.51.100.3", {"<a@x.example>", "<a@localhost>"},
		{"<u@" D ">", "<u%" D "@mx." L ">"}, true},
	    {"one form", "198.51.100.4", {"<a@x.example>", "<a@x.example>"},
		{"<u%" D "@mx." L ">", "<v%" D "@mx." L ">"}, false},
	    {"two forms to two places", "198.51.100.5", {"<a@x.example>", "<a@x.example>"},
		{"<u%" D "@mx." L ">", "<\"u@fourth.example\"@mx." L ">"}, false},
	    {"a user who has not logged in", "198.51.100.6",
		{"<a@x.example>", "<a@x.example>", "<a@x.example>", "<a@x.example>"},
		{"<u@" D ">", "<v@" D ">", "<w@" D ">", "<x@" D ">"}, false},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		for (unsigned k = 0; k < 4 && rows[i].recipient[k] != NULL; k++) {
			try(k % 2, rows[i].client, rows[i].sender[k], rows[i].recipient[k]);
			fake_loop_pass(loop, SOON_MS);
		}
		ok(both(rows[i].client, rows[i].caught ? 1U << LOCAL_PROBE : 0), "%s: %s",
		    rows[i].label, rows[i].caught ? "listed at both" : "at none");
	}
}

/* A mailbox is a drop box by what all nodes have seen. */
static void
test_drop_box(void)
{
	static const char *const clients[] = {
	    "192.0.2.1", "198.51.100.9", "203.0.113.1", "2001:db8::9"};

	for (unsigned i = 0; i < 4; i++) {
		ok(both(clients[i], 0), "not known before");
		try(i % 2, clients[i], "<box@" D ">", "<box@" D ">");
		fake_loop_pass(loop, SOON_MS);
	}
	ok(both(clients[3], 1U << LOCAL_PROBE), "the fourth network is caught");
	ok(both(clients[2], 0), "the third was not");
}

static const struct trap page = {"page", "", TRAP_PRISTINE}, mid = {"mid", "", TRAP_PRISTINE},
			 bob = {"bob", "", TRAP_RECYCLED}, eve = {"eve", "", TRAP_RECYCLED};

static enum traphits_word
hit(unsigned at, const char *client, const struct trap *trap, const char *sender)
{
	struct ipaddr addr = addr_of(client);
	const struct own_trapped t = {
	    .client = &addr, .trap = trap, .sender = sender, .at = (uint32_t)clock_wall()};

	return own_trapped(node[at].own, &t);
}

/* Hits on traps at both nodes count together; each kind by itself. */
static void
test_traps(void)
{
	static const char *const spam = "<offer@spam.example>";
	unsigned records;

	hit(0, "198.51.100.20", &page, spam);
	ok(both("198.51.100.20", 0), "one hit is nothing");
	same_num(
	    hit(1, "198.51.100.20", &mid, spam), TRAPHITS_LISTED, "another trap elsewhere is");
	ok(both("198.51.100.20", 1U << LOCAL_TRAP), "listed at both");
	hit(0, "198.51.100.21", &page, spam);
	ok(both("198.51.100.21", 0), "one trap");
	hit(1, "198.51.100.21", &page, spam);
	ok(both("198.51.100.21", 0), "is the same at both nodes");
	clock_advance(3600000);
	hit(0, "198.51.100.21", &page, spam);
	ok(both("198.51.100.21", 1U << LOCAL_TRAP), "three times in an hour are enough");
	hit(0, "198.51.100.22", &bob, spam);
	fake_loop_pass(loop, SOON_MS);
	hit(1, "198.51.100.22", &eve, spam);
	ok(both("198.51.100.22", 1U << LOCAL_DICTIONARY), "recycled ones are a score");
	hit(0, "198.51.100.23", &page, "<>");
	fake_loop_pass(loop, SOON_MS);
	hit(1, "198.51.100.23", &mid, "<>");
	ok(both("198.51.100.23", 1U << LOCAL_BACKSCATTER), "and so are bounces");
	hit(0, "198.51.100.24", &page, "<SRS0=x=y=z@f.example>");
	hit(1, "198.51.100.24", &mid, "<SRS0=x=y=z@f.example>");
	ok(both("198.51.100.24", 0), "forwarded mail is nothing at both");
	records = fake_redis_records();
	for (unsigned i = 0; i < 200; i++)
		hit(0, "198.51.100.25", &page, spam);
	fake_loop_pass(loop, 20000);
	ok(fake_redis_records() - records <= 40, "a flood is not told: %u records",
	    fake_redis_records() - records);
	records = fake_redis_records();
	for (unsigned i = 0; i < 200; i++)
		hit(1, "198.51.100.20", &page, spam);
	fake_loop_pass(loop, 20000);
	ok(fake_redis_records() - records <= 2, "nor of one that is listed: %u",
	    fake_redis_records() - records);
	ok(!fake_redis_saw("page") && !fake_redis_saw("mid"), "no trap is named there");
}

static void
ask_for(unsigned at, const char *client, const char *user, enum own_outcome outcome)
{
	struct ipaddr addr = addr_of(client);
	char recipient[64];
	const struct own_recipient r = {.client = &addr,
	    .helo = "mx.x.example",
	    .sender = "<a@x.example>",
	    .recipient = recipient,
	    .outcome = outcome,
	    .is_ours = is_ours};

	(void)snprintf(recipient, sizeof(recipient), "<%s@" L ">", user);
	own_recipient(node[at].own, &r);
}

/* Ask for users that nobody knows, at either node in turn. */
static void
guess(const char *client, unsigned from, unsigned to)
{
	char user[16];

	for (unsigned i = from; i < to; i++) {
		(void)snprintf(user, sizeof(user), "guess%u", i);
		ask_for(i % 2, client, user, OWN_UNKNOWN_USER);
		fake_loop_pass(loop, 200);
	}
}

static void
test_users(void)
{
	unsigned records;

	guess("198.51.100.30", 0, 9);
	ok(both("198.51.100.30", 0), "nine users are not enough");
	guess("198.51.100.30", 0, 9);
	ok(both("198.51.100.30", 0), "however often");
	guess("198.51.100.30", 9, 10);
	ok(both("198.51.100.30", 1U << LOCAL_DICTIONARY), "ten are, at either node in turn");
	ask_for(1, "198.51.100.31", "postmaster", OWN_TAKEN);
	guess("198.51.100.31", 0, 20);
	ok(both("198.51.100.31", 0), "who is known to know somebody at one guesses at none");
	records = fake_redis_records();
	for (unsigned i = 0; i < 20; i++)
		ask_for(0, "198.51.100.32", "one", OWN_UNKNOWN_USER);
	fake_loop_pass(loop, SOON_MS);
	same_num(fake_redis_records() - records, 0, "a single one is not told");
	guess("198.51.100.33", 0, 400);
	fake_loop_pass(loop, SOON_MS);
	ok(fake_redis_records() - records <= 60, "nor is a flood: %u records",
	    fake_redis_records() - records);
	ok(!fake_redis_saw("guess"), "no user is named there");
}

/* Who is known good at one node is caught at none, even by what is enough at once. */
static void
test_good(void)
{
	static const char *const friend = "198.51.100.40", *const spam = "<offer@spam.example>";
	struct ipaddr addr = addr_of(friend);
	struct ipaddr other = addr_of("198.51.100.41");

	for (unsigned day = 0; day < 4; day++) {
		own_message(node[1].own, &addr);
		clock_advance(86400000);
	}
	fake_loop_pass(loop, 70000);
	hit(0, friend, &page, spam);
	hit(0, friend, &mid, spam);
	hit(0, "198.51.100.41", &page, spam);
	hit(0, "198.51.100.41", &mid, spam);
	ok(both(friend, 0), "it is spoken for");
	same_num(listed(0, "198.51.100.41"), 1U << LOCAL_TRAP, "who is not is listed");
	same_num(hit(0, friend, &mid, spam), TRAPHITS_GOOD, "now it is known here, too");
	ok(own_is_good(node[0].own, &addr) && !own_is_good(node[0].own, &other),
	    "and nobody else");
	try(0, friend, "<a@x.example>", "<u%" D "@mx." L ">");
	try(0, friend, "<a@x.example>", "<\"u@" D "\"@mx." L ">");
	ok(both(friend, 0), "whatever it tries");
}

static void
test_decisions(void)
{
	static const char *const who = "198.51.100.77";
	struct ipaddr addr = addr_of(who);

	locallist_list(node[0].list, &addr, LOCAL_TRAP, "recipients", (uint32_t)clock_wall());
	ok(both(who, 1U << LOCAL_TRAP), "listed here, it is there");
	same_num(locallist_remove(node[1].list, &addr, (uint32_t)clock_wall()),
	    LOCAL_REMOVAL_DONE, "it is removed there");
	ok(both(who, 0), "and is here");
	same_num(locallist_remove(node[0].list, &addr, (uint32_t)clock_wall()),
	    LOCAL_REMOVAL_NONE, "nothing is left to remove");
}

/* A record of a node whose clock is so far ahead of that of all others. */
static void
hear_from(int64_t ahead, const char *format, ...)
{
	char record[256], text[320];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(record, sizeof(record), format, args);
	va_end(args);
	(void)snprintf(text, sizeof(text), "1 N3K2Q9M7 %lld %lld %s",
	    (long long)(clock_wall() + ahead), (long long)ahead, record);
	fake_redis_append("rg1:{own}:news", text);
	fake_loop_pass(loop, SOON_MS);
}

/* Whatever a node's clock says: what it has listed lasts no longer, and what it has removed is
 * removed, soon. */
static void
test_clocks(void)
{
	static const int64_t ahead[] = {1200, -1200, 3000, -3000, 86400};
	static const char *const who = "198.51.100.78";
	struct ipaddr addr = addr_of(who);
	struct local_entry e;

	for (size_t i = 0; i < sizeof(ahead) / sizeof(ahead[0]); i++) {
		long long now = clock_wall(), there = now + ahead[i];

		hear_from(ahead[i], "entry %s %lld 0 0,0,0 trap:%lld:%lld:1:x", who, there,
		    there, there + 600);
		ok(both(who, 1U << LOCAL_TRAP), "listed by a clock %lld s ahead",
		    (long long)ahead[i]);
		(void)locallist_find(node[0].list, &addr, (uint32_t)clock_wall(), &e);
		ok(e.until[LOCAL_TRAP] >= now + 599 && e.until[LOCAL_TRAP] <= now + 601,
		    "until %lld s from then", (long long)e.until[LOCAL_TRAP] - now);
		hear_from(ahead[i], "entry %s %lld 0 %lld,0,0 trap:%lld:%lld:1:x", who,
		    there + 20, there + 20, there, there + 20);
		ok(both(who, 0), "removed");
		fake_loop_pass(loop, 30000);
		locallist_list(
		    node[0].list, &addr, LOCAL_PROBE, "forms", (uint32_t)clock_wall());
		ok(both(who, 1U << LOCAL_PROBE), "what begins after that is listed");
		fake_loop_pass(loop, 60000);
		there = clock_wall() + ahead[i];
		hear_from(ahead[i], "entry %s %lld 0 %lld,0,0", who, there, there);
		ok(both(who, 0), "and removed there");
		clock_advance((LOCAL_REMOVALS_S + 60) * 1000LL); /* so that none is held */
		fake_loop_pass(loop, SOON_MS);
	}
}

/* What was tried before a removal does not count again when a node starts and reads it. */
static void
test_start(void)
{
	struct ipaddr addr = addr_of("198.51.100.1");
	struct local_entry e;
	uint32_t now;

	(void)locallist_remove(node[0].list, &addr, (uint32_t)clock_wall());
	ok(both("198.51.100.1", 0), "a tester is removed");
	begin(&node[2]);
	fake_loop_pass(loop, SOON_MS);
	now = (uint32_t)clock_wall();
	ok(!locallist_find(node[2].list, &addr, now, &e), "it is at a node that starts");
	addr = addr_of("198.51.100.2");
	ok(locallist_find(node[2].list, &addr, now, &e), "which knows another");
	same_num(e.times[LOCAL_PROBE], 1, "that was listed once");
	ok(both("198.51.100.1", 0), "and the others are not misled");
}

static void
test_nonsense(void)
{
	static const char *const records[] = {"entry 192.0.2.99 1800000000 0 0,0,0 x", "try",
	    "entry 192.0.2.99 1800000000 0 0,0,0 probe:1:4294967295:1:x", "next 192.0.2.99"};
	char text[128];

	for (size_t i = 0; i < sizeof(records) / sizeof(records[0]); i++) {
		(void)snprintf(text, sizeof(text), "1 N3K2Q9M7 %lld 0 %s",
		    (long long)clock_wall(), records[i]);
		fake_redis_append("rg1:{own}:news", text);
	}
	ok(both("192.0.2.99", 0), "nonsense lists nobody");
	(void)snprintf(text, sizeof(text),
	    "1 N3K2Q9M7 %lld 0 entry 192.0.2.99 %lld 0 0,0,0 helo:%lld:%lld:1:x",
	    (long long)clock_wall(), (long long)clock_wall(), (long long)clock_wall(),
	    (long long)clock_wall() + 600);
	fake_redis_append("rg1:{own}:news", text);
	ok(both("192.0.2.99", 1U << LOCAL_HELO), "whoever can write to Redis is believed");
}

int
main(void)
{
	const struct redis_options options = {.host = host, .port = 6379, .command_ms = 100};

	clock_freeze(1000000, WALL);
	loop = loop_new();
	upstream = upstream_new(loop);
	upstream_configure(upstream, NULL, &options);
	begin(&node[0]);
	begin(&node[1]);
	fake_loop_pass(loop, SOON_MS);
	test_rules();
	test_drop_box();
	test_traps();
	test_users();
	test_decisions();
	test_start();
	test_clocks();
	test_good();
	test_nonsense();
	upstream_free(upstream);
	for (unsigned i = 0; i < 3; i++)
		end(&node[i]);
	loop_free(loop);
	return done();
}
