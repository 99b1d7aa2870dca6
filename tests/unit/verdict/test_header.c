/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Fields of the header: what is forged in our name is found, however it is
 * written, and what we write is clean, folded, and says no secret.
 */
#include "config.h"

#include "verdict/header.h"

#include <stdlib.h>

#include "tap.h"

#define CODE(d) (0x7f000000U | (d))
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define ID "mx.example"
#define LISTS 3
#define ROUNDS 20000

static const struct {
	const char *label, *name, *value;
	bool forged;
} fields[] = {
    {"ours", "X-RelayGuard", "verdict=pass", true},
    {"ours, in small letters", "x-relayguard", "", true},
    {"ours, with a blank before the colon", "X-RelayGuard \t", "verdict=pass", true},
    {"longer", "X-RelayGuard2", "verdict=pass", false},
    {"shorter", "X-RelayGuar", "verdict=pass", false},
    {"another field", "Received", ID, false},
    {"no name", "", ID, false},

    {"results", "Authentication-Results", "mx.example; spf=pass", true},
    {"results, small letters", "authentication-results", "mx.example; spf=pass", true},
    {"results, capitals", "Authentication-Results", "MX.Example; spf=pass", true},
    {"results, a blank first", "Authentication-Results", " mx.example; none", true},
    {"results, folded", "Authentication-Results", "\r\n\tmx.example\r\n ; none", true},
    {"results, no blank", "Authentication-Results", "mx.example;spf=pass", true},
    {"results, a version", "Authentication-Results", "mx.example 1; spf=pass", true},
    {"results, nothing else", "Authentication-Results", "mx.example", true},
    {"results, no semicolon", "Authentication-Results", "mx.example spf=pass", true},
    {"results, a last dot", "Authentication-Results", "mx.example.; spf=pass", true},
    {"results, quoted", "Authentication-Results", "\"mx.example\"; spf=pass", true},
    {"results, quoted in part", "Authentication-Results", "\"m\\x.example\" 1;", true},
    {"results, quoted and folded", "Authentication-Results", "\"mx.\r\nexample\";", true},
    {"results, quote not closed", "Authentication-Results", "\"mx.example", true},
    {"results, a comment", "Authentication-Results", "(a) mx.example; spf=pass", true},
    {"results, comments", "Authentication-Results",
	"(a(b)\\)c)(other.example;) mx.example(d); none", true},
    {"results, comment behind", "Authentication-Results", "mx.example(1) 1;", true},
    {"results, comment not closed", "Authentication-Results", "(mx.example; spf=pass", true},
    {"results, comment not closed, not ours", "Authentication-Results",
	"(other.example; spf=pass", false},
    {"results, a stray bracket", "Authentication-Results", ")mx.example; spf=pass", true},
    {"results, a slash", "Authentication-Results", "mx.example/1; spf=pass", true},
    {"results, an empty quote", "Authentication-Results", "\"\" mx.example; spf=pass", true},
    {"results, 8-bit behind", "Authentication-Results", "mx.example\xff; x=y", true},

    {"results, of another", "Authentication-Results", "other.example; spf=pass", false},
    {"results, of another, naming us", "Authentication-Results",
	"other.example; spf=pass smtp.mailfrom=mx.example", false},
    {"results, below us", "Authentication-Results", "a.mx.example; spf=pass", false},
    {"results, above us", "Authentication-Results", "example; spf=pass", false},
    {"results, longer", "Authentication-Results", "mx.example.net; spf=pass", false},
    {"results, another word", "Authentication-Results", "mx.examples; spf=pass", false},
    {"results, a dash", "Authentication-Results", "mx.example-a; spf=pass", false},
    {"results, we in a comment", "Authentication-Results", "(mx.example) other.example;",
	false},
    {"results, we behind another", "Authentication-Results", "\"other.example\" mx.example;",
	true},
    {"results, an encoded word", "Authentication-Results", "=?utf-8?q?mx=2eexample?=; none",
	true},
    {"results, odd bytes first", "Authentication-Results", "\f\v\xa0mx.example; none", true},
    {"results, a comment inside", "Authentication-Results", "mx.exampl(c)e; none", true},
    {"results, of another, encoded behind", "Authentication-Results",
	"other.example; none (=?utf-8?q?a?=)", false},
    {"results, empty", "Authentication-Results", "", false},
    {"results, blank", "Authentication-Results", " \t", false},
    {"of another field", "ARC-Authentication-Results", "i=1; mx.example;", false},
};

static void
test_forged(void)
{
	for (size_t i = 0; i < COUNT(fields); i++) {
		struct header own = {0};

		ok(header_note(&own, ID, fields[i].name, fields[i].value), "%s: taken",
		    fields[i].label);
		same_num(own.nforged, fields[i].forged, fields[i].label);
	}
}

/* Numbers are counted by name, and handed out from the last one. */
static void
test_numbers(void)
{
	static const char *const header[][2] = {
	    {"Authentication-Results", "other.example; none"},
	    {"X-RelayGuard", "a"},
	    {"Authentication-Results", "mx.example; none"},
	    {"Subject", "mx.example"},
	    {"AUTHENTICATION-RESULTS", "third.example; none"},
	    {"x-relayguard", "b"},
	    {"Authentication-Results", "mx.example; none"},
	};
	static const struct {
		const char *name;
		uint32_t number;
	} want[] = {{HEADER_RESULTS, 4}, {HEADER_OWN, 2}, {HEADER_RESULTS, 2}, {HEADER_OWN, 1}};
	struct header own = {0};
	const char *name;
	uint32_t number;

	for (size_t i = 0; i < COUNT(header); i++)
		header_note(&own, ID, header[i][0], header[i][1]);
	for (size_t i = 0; i < COUNT(want); i++) {
		ok(header_take_forged(&own, &name, &number), "forged: %s %u", want[i].name,
		    want[i].number);
		same_str(name, want[i].name, "forged: its name");
		same_num(number, want[i].number, "forged: its number");
	}
	ok(!header_take_forged(&own, &name, &number), "forged: no more");
}

static void
test_many(void)
{
	struct header own = {0};
	unsigned taken = 0, right = 0;
	const char *name;
	uint32_t number;
	char *value = malloc(1000001);

	if (value == NULL)
		abort();
	for (unsigned i = 0; i < 100000; i++)
		taken += header_note(&own, ID, HEADER_RESULTS, "other.example; none");
	same_num(taken, 100000, "many: of others, as many as there are");
	for (unsigned i = 0; i < HEADER_FORGED_MAX; i++)
		taken += header_note(&own, ID, HEADER_RESULTS, ID);
	same_num(taken, 100000 + HEADER_FORGED_MAX, "many: as many as can be remembered");
	ok(!header_note(&own, ID, HEADER_RESULTS, ID), "many: one more");
	ok(!header_note(&own, ID, HEADER_OWN, ""), "many: and another");
	ok(header_note(&own, ID, "Subject", ""), "many: any other is fine");
	for (uint32_t i = 100000 + HEADER_FORGED_MAX; header_take_forged(&own, &name, &number);
	     i--)
		right += number == i && strcmp(name, HEADER_RESULTS) == 0;
	same_num(right, HEADER_FORGED_MAX, "many: from the last to the first");
	memset(value, '(', 1000000);
	value[1000000] = '\0';
	ok(header_note(&own, ID, HEADER_RESULTS, value), "a million comments, none closed");
	memset(value, 'm', 1000000);
	ok(header_note(&own, ID, HEADER_RESULTS, value), "a name of a million bytes");
	same_num(own.nforged, 2, "neither can be told from ours");
	free(value);
}

/* A message that is marked: two lists trust clients, one of them with a key. */
struct scene {
	struct answer answer[2];
	struct listing list[LISTS];
	struct roster roster;
	struct fact facts[LISTS];
	struct policy policy;
	struct verdict verdict;
	struct ipaddr client;
	struct header_facts all;
	char label[LISTS][16], zone[LISTS][40], name[32];
};

static void
begin(struct scene *s)
{
	*s = (struct scene){.label = {"ours", "dnswl", "abusix"},
	    .zone = {"bl.example.net", "list.dnswl.org", "s3cr3t.white.example"},
	    .name = "strict.example",
	    .roster = {.n = LISTS}};
	s->answer[0] = (struct answer){.codes = {CODE(2), CODE(9), 0}, .score = 4};
	s->answer[1] = (struct answer){.codes = {CODE(0x500), CODE(0x5ff), 0}, .score = -2};
	for (unsigned i = 0; i < LISTS; i++) {
		s->list[i] = (struct listing){.label = s->label[i],
		    .zone = s->zone[i],
		    .keyed = i == 2,
		    .kind = i > 0 ? KIND_ALLOW : KIND_ADDRESS,
		    .answers = &s->answer[i > 0],
		    .nanswers = 1};
		s->roster.list[i] = &s->list[i];
		s->facts[i] = (struct fact){.state = FACT_CLEAR, .expires = 1};
		s->policy.lists |= (listset)1 << i;
	}
	if (!ipaddr_parse(&s->client, "198.51.100.7"))
		abort();
	s->facts[0].state = FACT_LISTED;
	fact_add_code(&s->facts[0], CODE(4));
	s->policy.name = s->name;
	s->verdict = (struct verdict){.action = ACTION_TAG,
	    .meant = ACTION_TAG,
	    .reason = REASON_LISTS,
	    .score = 4,
	    .threshold = 3,
	    .nhits = 1,
	    .hit = {{.list = 0, .code = CODE(4), .answer = &s->answer[0], .score = 4}}};
	s->all = (struct header_facts){.authserv_id = ID,
	    .ref = "7F3K2Q9M",
	    .client = &s->client,
	    .roster = &s->roster,
	    .facts = s->facts,
	    .policy = &s->policy,
	    .verdict = &s->verdict};
}

static void
same_own(struct scene *s, const char *want, const char *label)
{
	char out[HEADER_VALUE_MAX];

	header_write_own(&s->all, out);
	same_str(out, want, label);
}

static void
same_results(struct scene *s, const char *want, const char *label)
{
	char out[HEADER_VALUE_MAX];

	header_write_results(&s->all, out);
	same_str(out, want, label);
}

static void
test_own(void)
{
	struct scene s;

	begin(&s);
	same_own(&s,
	    "verdict=tag reason=lists score=4/3 policy=strict.example\n"
	    "\tlists=ours:127.0.0.4*4 ref=7F3K2Q9M",
	    "own: tag");
	s.list[0].role = ROLE_HELO;
	s.verdict.action = ACTION_PASS;
	s.verdict.meant = ACTION_QUARANTINE;
	s.verdict.spf = SPF_FAIL;
	same_own(&s,
	    "verdict=pass meant=quarantine reason=lists score=4/3\n"
	    "\tpolicy=strict.example lists=ours:helo:127.0.0.4*4 spf=fail ref=7F3K2Q9M",
	    "own: shadow, a name, SPF");
	s.verdict.nhits = 0;
	s.policy.name = NULL;
	same_own(&s,
	    "verdict=pass meant=quarantine reason=lists score=4/3 spf=fail\n"
	    "\tref=7F3K2Q9M",
	    "own: nobody spoke, and no policy");
}

static void
test_results(void)
{
	struct scene s;

	begin(&s);
	s.facts[1] = s.facts[2] = (struct fact){.state = FACT_CLEAR};
	same_results(&s, "mx.example; none", "results: nothing was asked");
	begin(&s);
	same_results(&s,
	    "mx.example; dnswl=none dns.zone=list.dnswl.org;\n"
	    "\tdnswl=none dns.zone=abusix",
	    "results: clear; and no key is told");
	s.facts[1].state = s.facts[2].state = FACT_LISTED;
	fact_add_code(&s.facts[1], CODE(0x502));
	fact_add_code(&s.facts[2], CODE(0x503));
	same_results(&s,
	    "mx.example;\n"
	    "\tdnswl=pass dns.zone=list.dnswl.org policy.ip=127.0.5.2;\n"
	    "\tdnswl=pass dns.zone=abusix policy.ip=127.0.5.3",
	    "results: listed");
	s.facts[1] = (struct fact){.state = FACT_ERROR, .expires = 1};
	s.facts[2] = (struct fact){.state = FACT_UNKNOWN};
	same_results(&s, "mx.example; dnswl=temperror dns.zone=list.dnswl.org",
	    "results: an error; and not waited for");
	begin(&s);
	s.facts[1].state = FACT_LISTED;
	fact_add_code(&s.facts[1], CODE(0x502));
	s.verdict.suspended = 2;
	s.list[2].shadow = true;
	same_results(&s, "mx.example; dnswl=temperror dns.zone=list.dnswl.org",
	    "results: suspended; in shadow");
}

static void
test_results_checks(void)
{
	static char bad[] = "bad\xff;spf=pass\r\nX: y\"(.example";
	struct scene s;

	begin(&s);
	s.policy.lists = 1;
	s.verdict.spf = SPF_PASS;
	s.verdict.host = HOST_CONFIRMED;
	s.all.name = "mail.good.example";
	s.all.spf_domain = "good.example";
	same_results(&s,
	    "mx.example; spf=pass smtp.mailfrom=good.example;\n"
	    "\tiprev=pass policy.iprev=198.51.100.7 (mail.good.example)",
	    "results: SPF and host");
	s.verdict.host = HOST_WRONG;
	s.verdict.spf = SPF_TEMPERROR;
	s.all.spf_helo = true;
	s.all.name = s.all.spf_domain = bad;
	if (!ipaddr_parse(&s.client, "2001:db8::7"))
		abort();
	same_results(&s,
	    "mx.example;\n"
	    "\tspf=temperror smtp.helo=\"bad??spf?pass??X??y??.example\";\n"
	    "\tiprev=fail policy.iprev=\"2001:db8::7\" (bad??spf?pass??X??y??.example)",
	    "results: what comes from outside");
	s.verdict.host = HOST_UNKNOWN;
	s.verdict.spf = SPF_NONE;
	s.all.name = s.all.spf_domain = NULL;
	s.client = (struct ipaddr){0};
	same_results(&s,
	    "mx.example; spf=none;\n"
	    "\tiprev=temperror policy.iprev=unknown",
	    "results: no names, no address");
}

/* Whether a value is what a field may hold: lines of 998 bytes at most, none empty. */
static bool
value_is_clean(const char *value)
{
	size_t line = 0, len = strlen(value);

	for (size_t i = 0; i < len; i++) {
		if (value[i] == '\n') {
			if (line == 0 || value[i + 1] != '\t' || value[i + 2] == '\0')
				return false;
			line = 0;
			i++;
		} else if (value[i] < 0x20 || value[i] > 0x7e) {
			return false;
		}
		if (++line > 950)
			return false;
	}
	return len > 0 && len < HEADER_VALUE_MAX;
}

static char *
noise(char *out, size_t size)
{
	size_t len = (size_t)rand() % (rand() % 8 == 0 ? size : 40);

	for (size_t i = 0; i < len; i++)
		out[i] = (char)(rand() % 255 + 1);
	out[len > 0 ? len - 1 : 0] = '\0';
	return out;
}

static void
test_noise(void)
{
	static char text[6][700];
	unsigned clean = 0, whole = 0;

	srand(4);
	for (unsigned i = 0; i < ROUNDS; i++) {
		char out[HEADER_VALUE_MAX];
		struct header own = {0};
		struct scene s;

		begin(&s);
		s.all.name = noise(text[0], sizeof(text[0]));
		s.all.spf_domain = noise(text[1], sizeof(text[1]));
		s.all.ref = noise(text[2], sizeof(text[2]));
		s.policy.name = noise(text[3], sizeof(text[3]));
		s.list[1].zone = noise(text[4], sizeof(text[4]));
		s.verdict.host = (enum host)(rand() % HOSTS);
		s.verdict.spf = (enum spf_result)(rand() % SPF_RESULTS);
		header_write_own(&s.all, out);
		clean += value_is_clean(out);
		header_write_results(&s.all, out);
		clean += value_is_clean(out);
		whole += strncmp(out, ID ";", strlen(ID) + 1) == 0;
		/* What we wrote is known as ours, and noise kills nobody. */
		header_note(&own, ID, HEADER_RESULTS, out);
		whole += own.nforged == 1;
		header_note(&own, ID, HEADER_RESULTS, text[rand() % 5]);
	}
	same_num(clean, 2 * ROUNDS, "noise: all that is written is clean");
	same_num(whole, 2 * ROUNDS, "noise: and ours");
}

/* As many lists as there can be, with the longest names. */
static void
test_longest(void)
{
	static char zone[300], label[65];
	struct answer answer = {.codes = {CODE(2), CODE(2), 0}, .score = -1};
	struct listing list = {.label = label,
	    .zone = zone,
	    .kind = KIND_ALLOW,
	    .answers = &answer,
	    .nanswers = 1};
	struct fact facts[LISTS_MAX];
	struct roster roster = {.n = LISTS_MAX};
	char out[HEADER_VALUE_MAX];
	struct scene s;

	begin(&s);
	memset(zone, 'z', 253);
	memset(label, 'l', 64);
	for (unsigned i = 0; i < LISTS_MAX; i++) {
		roster.list[i] = &list;
		facts[i] = (struct fact){.state = FACT_LISTED, .expires = 1};
		fact_add_code(&facts[i], CODE(2));
		s.verdict.hit[i] =
		    (struct hit){.list = i, .code = CODE(2), .answer = &answer, .score = -1};
	}
	s.verdict.nhits = LISTS_MAX;
	s.policy.lists = UINT64_MAX;
	s.all.roster = &roster;
	s.all.facts = facts;
	header_write_results(&s.all, out);
	ok(value_is_clean(out), "longest: the results");
	ok(strlen(out) > HEADER_VALUE_MAX - 330, "longest: as many as there is room for");
	ok(strcmp(out + strlen(out) - 9, "127.0.0.2") == 0, "longest: each whole");
	header_write_own(&s.all, out);
	ok(value_is_clean(out), "longest: our own");
	ok(strstr(out, "ref=7F3K2Q9M") != NULL, "longest: with its reference");
}

int
main(void)
{
	test_forged();
	test_numbers();
	test_many();
	test_own();
	test_results();
	test_results_checks();
	test_noise();
	test_longest();
	return done();
}
