/* SPDX-License-Identifier: BSD-2-Clause */
/* test_news.c - records that nodes write, and what anybody might write instead. */
#include "config.h"

#include "own/news.h"

#include <stdlib.h>
#include <string.h>

#include "tap.h"

#define NOW 1800000000U
#define DAY 86400U

static struct ipaddr
addr_of(const char *text)
{
	struct ipaddr addr;

	if (!ipaddr_parse(&addr, text))
		abort();
	return addr;
}

static void
test_entries(void)
{
	struct local_entry e = {.client = addr_of("2001:db8:ffff:ffff:ffff:ffff:ffff:fff1"),
	    .removed = {NOW - 1, NOW - 2, NOW - 3},
	    .held = NOW + DAY,
	    .changed = NOW};
	char text[FLEET_RECORD_MAX + 1];
	struct news n;

	for (unsigned i = 0; i < LOCAL_REASONS; i++) {
		e.since[i] = NOW - i;
		e.until[i] = NOW + DAY + i;
		e.times[i] = (uint8_t)(255 - i);
		memset(e.rule[i], 'r', LOCAL_RULE_SIZE - 1);
	}
	memset(e.rule[0], 0, LOCAL_RULE_SIZE);
	news_write(&(struct news){.kind = NEWS_ENTRY, .entry = e}, text);
	ok(strlen(text) < FLEET_RECORD_MAX, "the longest has room: %zu", strlen(text));
	ok(news_read(&n, text, 0, NOW) && n.kind == NEWS_ENTRY, "it is read");
	ok(memcmp(&n.entry, &e, sizeof(e)) == 0, "as it was written");
	memcpy(e.rule[1], "a b:\n\xff", 7);
	news_write(&(struct news){.kind = NEWS_ENTRY, .entry = e}, text);
	ok(news_read(&n, text, 0, NOW) && n.entry.rule[1][0] == '\0',
	    "an odd rule is left out");
	e = (struct local_entry){.client = addr_of("192.0.2.1"), .changed = NOW};
	news_write(&(struct news){.kind = NEWS_ENTRY, .entry = e}, text);
	same_str(text, "entry 192.0.2.1 1800000000 0 0,0,0", "the shortest");
	ok(news_read(&n, text, 0, NOW) && memcmp(&n.entry, &e, sizeof(e)) == 0, "is read");
}

/* Of nodes whose clocks differ, each knows by its own what happened when. */
static void
test_clocks(void)
{
	static const int64_t ahead[] = {0, 1200, -1200, 3000, -3000, 86400, -86400};
	const struct local_entry e = {.client = addr_of("192.0.2.1"),
	    .since = {[LOCAL_TRAP] = NOW - 60},
	    .until = {[LOCAL_TRAP] = NOW},
	    .times = {[LOCAL_TRAP] = 1},
	    .removed = {NOW, 0, 0},
	    .held = NOW + DAY,
	    .changed = NOW};
	struct local_entry theirs;
	char text[FLEET_RECORD_MAX + 1];
	struct news n;

	for (size_t i = 0; i < sizeof(ahead) / sizeof(ahead[0]); i++) {
		theirs = e;
		theirs.since[LOCAL_TRAP] += (uint32_t)ahead[i];
		theirs.until[LOCAL_TRAP] += (uint32_t)ahead[i];
		theirs.removed[0] += (uint32_t)ahead[i];
		theirs.held += (uint32_t)ahead[i];
		theirs.changed += (uint32_t)ahead[i];
		news_write(&(struct news){.kind = NEWS_ENTRY, .entry = theirs}, text);
		ok(news_read(&n, text, ahead[i], NOW), "a clock %lld s ahead",
		    (long long)ahead[i]);
		ok(memcmp(&n.entry, &e, sizeof(e)) == 0, "is that of here, and never is never");
	}
	ok(news_read(&n, "entry 192.0.2.1 60 0 0,0,0", 1200, NOW) && n.entry.changed == 1,
	    "before 1970");
	ok(!news_read(&n, "entry 192.0.2.1 4294967295 0 0,0,0", -1200, NOW),
	    "no time has that");
}

static void
test_attempts(void)
{
	const struct probes_attempt a = {.client = addr_of("192.0.2.1"),
	    .what = {PROBE_ROUTE, PROBE_SENDERS, 0x0123456789abcdef, UINT64_MAX},
	    .box = UINT16_MAX};
	char text[FLEET_RECORD_MAX + 1];
	struct news n;

	news_write(&(struct news){.kind = NEWS_ATTEMPT, .attempt = a}, text);
	same_str(
	    text, "try 192.0.2.1 4 6 0123456789abcdef ffffffffffffffff 65535", "an attempt");
	ok(news_read(&n, text, 0, NOW) && n.kind == NEWS_ATTEMPT, "it is read");
	ok(n.attempt.what.form == a.what.form && n.attempt.what.sender == a.what.sender &&
		n.attempt.what.target == a.what.target &&
		n.attempt.what.recipient == a.what.recipient && n.attempt.box == a.box,
	    "as it was written");
}

static void
test_evidence(void)
{
	const struct traphits_mark m = {
	    addr_of("2001:db8::1"), TRAPHITS_BOUNCE, 0x0123456789abcdef, 4000000000, true};
	const struct witness s = {addr_of("192.0.2.1"), NOW - 1, NOW + DAY, "J\303\266rg "};
	const struct probes_word w = {addr_of("192.0.2.1"), NOW - 5, NOW - 4, NOW};
	struct probes_users u = {addr_of("192.0.2.1"), GUESSER_USERS_MAX, {0}};
	char text[FLEET_RECORD_MAX + 1];
	struct news n;

	news_write(&(struct news){.kind = NEWS_TRAP, .mark = m}, text);
	same_str(text, "trap 2001:db8::1 2 0123456789abcdef 4000000000 1", "a hit");
	ok(news_read(&n, text, 0, NOW) && n.kind == NEWS_TRAP && n.mark.kind == m.kind &&
		n.mark.trap == m.trap && n.mark.sender == m.sender && n.mark.deferred,
	    "is read");
	news_write(&(struct news){.kind = NEWS_WORD, .word = w}, text);
	same_str(text, "word 192.0.2.1 1799999995 1799999996 1800000000", "a word");
	ok(news_read(&n, text, 100, NOW) && n.kind == NEWS_WORD && n.word.good == NOW - 105 &&
		n.word.users == NOW - 104 && n.word.known == NOW - 100,
	    "is read by our clock");
	news_write(&(struct news){.kind = NEWS_WITNESS, .witness = s}, text);
	same_str(text, "witness 192.0.2.1 1799999999 1800086400 4ac3b6726720", "a witness");
	ok(news_read(&n, text, 0, NOW) && n.kind == NEWS_WITNESS &&
		ipaddr_compare(&n.witness.client, &s.client) == 0 && n.witness.time == s.time &&
		n.witness.until == s.until && strcmp(n.witness.by, s.by) == 0,
	    "is read");
	for (unsigned i = 0; i < GUESSER_USERS_MAX; i++)
		u.user[i] = (uint16_t)(UINT16_MAX - i);
	news_write(&(struct news){.kind = NEWS_USERS, .users = u}, text);
	ok(strlen(text) < FLEET_RECORD_MAX, "users have room: %zu", strlen(text));
	ok(news_read(&n, text, 0, NOW) && n.kind == NEWS_USERS && n.users.n == u.n &&
		memcmp(n.users.user, u.user, sizeof(u.user)) == 0,
	    "and are read");
}

#define E "entry 192.0.2.1 1800000000 0 0,0,0"
#define IDS "0123456789abcdef ffffffffffffffff"

static const struct {
	const char *label, *record;
	bool good;
} rows[] = {
    {"an entry", E " probe:1800000000:1800086400:1:forms", true},
    {"with no rule", E " probe:1800000000:1800086400:1:", true},
    {"by operators", E " nominated:1800000000:1800086400:1:operator+seen", true},
    {"two reasons", E " probe:1800000000:1800086400:1: trap:1:2:3:x", true},
    {"a reason twice", E " probe:1800000000:1800086400:1: probe:1:2:3:x", false},
    {"an unknown reason", E " prob:1800000000:1800086400:1:", false},
    {"no reason", E " :1800000000:1800086400:1:", false},
    {"a long reason",
	E " "
	  "probeprobeprobeprobeprobeprobeprobeprobeprobeprobeprobeprobeprobeprobe:1:2:1:",
	false},
    {"begun in an hour", E " probe:1800003600:1800086400:1:", true},
    {"begun later", E " probe:1800003601:1800086400:1:", false},
    {"for a year", E " probe:1800000000:1831708800:1:", true},
    {"for longer", E " probe:1800000000:1831708801:1:", false},
    {"for ever", E " probe:1800000000:4294967295:1:", false},
    {"for longer than ever", E " probe:1800000000:4294967296:1:", false},
    {"no end", E " probe:1800000000:0:1:", false},
    {"never listed", E " probe:1800000000:1800086400:0:", false},
    {"too often", E " probe:1800000000:1800086400:256:", false},
    {"a number of many figures", E " probe:01800000000:1800086400:1:", false},
    {"a sign", E " probe:-1:1800086400:1:", false},
    {"a rule that is long", E " probe:1800000000:1800086400:1:abcdefghijklmnop", false},
    {"a rule that is odd", E " probe:1800000000:1800086400:1:a\"b", false},
    {"cut", E " probe:1800000000:1800086400:1", false},
    {"cut at a number", E " probe:1800000000:", false},
    {"a blank at the end", E " ", false},
    {"two blanks", E "  probe:1800000000:1800086400:1:", false},
    {"changed later", "entry 192.0.2.1 1800003601 0 0,0,0", false},
    {"held for a day", "entry 192.0.2.1 1800000000 1800086400 1800000000,0,0", true},
    {"held for longer", "entry 192.0.2.1 1800000000 1800100000 1800000000,0,0", false},
    {"removed later", "entry 192.0.2.1 1800000000 0 1800003601,0,0", false},
    {"too few removals", "entry 192.0.2.1 1800000000 0 0,0", false},
    {"too many removals", "entry 192.0.2.1 1800000000 0 0,0,0,0", false},
    {"a private address", "entry 10.0.0.1 1800000000 0 0,0,0", false},
    {"loopback", "entry 127.0.0.2 1800000000 0 0,0,0", false},
    {"loopback of IPv6", "entry ::1 1800000000 0 0,0,0", false},
    {"a network", "entry 192.0.2.0/24 1800000000 0 0,0,0", false},
    {"no address", "entry example.com 1800000000 0 0,0,0", false},
    {"nothing", "entry ", false},
    {"an attempt", "try 192.0.2.1 4 5 " IDS " 0", true},
    {"a form that is none", "try 192.0.2.1 6 5 " IDS " 0", false},
    {"a sender that is none", "try 192.0.2.1 4 7 " IDS " 0", false},
    {"a long mark of a mailbox", "try 192.0.2.1 4 5 " IDS " 65536", false},
    {"a short hash", "try 192.0.2.1 4 5 123 ffffffffffffffff 0", false},
    {"a hash in capitals", "try 192.0.2.1 4 5 0123456789ABCDEF ffffffffffffffff 0", false},
    {"a long hash", "try 192.0.2.1 4 5 0123456789abcdef0 ffffffffffffffff 0", false},
    {"more", "try 192.0.2.1 4 5 " IDS " 0 ", false},
    {"less", "try 192.0.2.1 4 5 " IDS, false},
    {"an attempt of nobody", "try 10.0.0.1 4 5 " IDS " 0", false},
    {"a hit", "trap 192.0.2.1 0 0123456789abcdef 7 0", true},
    {"of no kind", "trap 192.0.2.1 3 0123456789abcdef 7 0", false},
    {"on no trap", "trap 192.0.2.1 0 0000000000000000 7 0", false},
    {"on its name", "trap 192.0.2.1 0 page 7 0", false},
    {"a hit and more", "trap 192.0.2.1 0 0123456789abcdef 7 0 ", false},
    {"a hit of nobody", "trap 10.0.0.1 0 0123456789abcdef 7 0", false},
    {"users", "users 192.0.2.1 1,65535", true},
    {"no users", "users 192.0.2.1", false},
    {"no user", "users 192.0.2.1 1,0", false},
    {"an open end", "users 192.0.2.1 1,", false},
    {"a large one", "users 192.0.2.1 65536", false},
    {"too many", "users 192.0.2.1 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21",
	false},
    {"a word", "word 192.0.2.1 0 0 1800000000", true},
    {"a word of later", "word 192.0.2.1 1800003601 0 0", false},
    {"half a word", "word 192.0.2.1 1800000000", false},
    {"a witness", "witness 192.0.2.1 1800000000 1800086400 4a", true},
    {"of nobody", "witness 10.0.0.1 1800000000 1800086400 4a", false},
    {"without a name", "witness 192.0.2.1 1800000000 1800086400 ", false},
    {"half a letter", "witness 192.0.2.1 1800000000 1800086400 4a4", false},
    {"with a bell", "witness 192.0.2.1 1800000000 1800086400 4a07", false},
    {"with CSI", "witness 192.0.2.1 1800000000 1800086400 c29b", false},
    {"a long name",
	"witness 192.0.2.1 1800000000 1800086400 "
	"4141414141414141414141414141414141414141414141414141414141414141414141414141414141",
	false},
    {"for ever", "witness 192.0.2.1 1800000000 4294967295 4a", false},
    {"without an end", "witness 192.0.2.1 1800000000 0 4a", false},
    {"another word", "tries 192.0.2.1 4 5 " IDS " 0", false},
    {"a word alone", "entry", false},
    {"empty", "", false},
};

int
main(void)
{
	struct news n;

	test_entries();
	test_clocks();
	test_attempts();
	test_evidence();
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		ok(news_read(&n, rows[i].record, 0, NOW) == rows[i].good, "%s: %s",
		    rows[i].label, rows[i].good ? "read" : "refused");
	return done();
}
