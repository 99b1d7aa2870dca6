/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_logrecord.c - the line of a decision: what was done, what would have been,
 * and which lists were not believed.
 */
#include "config.h"

#include "verdict/logrecord.h"

#include <stdlib.h>

#include "base/counter.h"
#include "base/log.h"
#include "tap.h"

#define CODE(d) (0x7f000000U | (d))

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define LISTS 3

static const struct {
	const char *label;
	struct verdict verdict;
	const char *line; /* from verdict= on */
} rows[] = {
    {"refused", {.action = ACTION_REFUSE, .meant = ACTION_REFUSE, .score = 5, .threshold = 5},
	"verdict=refuse reason=lists client=198.51.100.7 policy=default score=5/5 ms=0"},
    {"only watched",
	{.action = ACTION_PASS, .meant = ACTION_REFUSE, .score = 5, .threshold = 5},
	"verdict=pass meant=refuse reason=lists client=198.51.100.7 policy=default score=5/5 "
	"ms=0"},
    {"put off for a doubt",
	{.action = ACTION_DEFER,
	    .meant = ACTION_DEFER,
	    .nominal = ACTION_REFUSE,
	    .softened = true,
	    .score = 5,
	    .threshold = 5,
	    .doubted = 1},
	"verdict=defer softened=refuse reason=lists client=198.51.100.7 policy=default "
	"score=5/5 doubted=a ms=0"},
    {"passed for a doubt, only watched, and all that can be wrong with lists",
	{.action = ACTION_PASS,
	    .meant = ACTION_DEFER,
	    .nominal = ACTION_REFUSE,
	    .softened = true,
	    .score = 5,
	    .threshold = 5,
	    .doubted = 5,
	    .suspended = 2,
	    .unknown = 4,
	    .not_awaited = 1,
	    .shadow_unknown = 3},
	"verdict=pass meant=defer softened=refuse reason=lists client=198.51.100.7 "
	"policy=default score=5/5 shadow-unknown=a,b doubted=a,c suspended=b unknown=c "
	"not-awaited=a ms=0"},
    {"all suspended", {.suspended = 7, .threshold = 5},
	"verdict=pass reason=lists client=198.51.100.7 policy=default score=0/5 "
	"suspended=a,b,c ms=0"},
};

/* Write the line of a record into text. */
static void
write_line(const struct logrecord *record, char *text, size_t size)
{
	FILE *stream = fmemopen(text, size, "w");

	if (stream == NULL)
		abort();
	log_to_stream(stream);
	logrecord_write(record, NULL);
	log_to_stream(stderr);
	fclose(stream);
	text[strcspn(text, "\n")] = '\0';
}

static const struct {
	const char *label;
	struct verdict verdict;
	int agree;
	const char *line;
	bool split;
} decisions[] = {
    {"all at once",
	{.action = ACTION_DEFER,
	    .meant = ACTION_DEFER,
	    .nominal = ACTION_DROP,
	    .softened = true,
	    .reason = REASON_LISTS,
	    .spf = SPF_SOFTFAIL,
	    .host = HOST_WRONG,
	    .score = 9,
	    .threshold = 8,
	    .groups = 2,
	    .nhits = 2,
	    .nshadowed = 1,
	    .hit = {{.list = 0, .code = CODE(0x102), .score = 4},
		{.list = 1, .code = CODE(4), .score = 5},
		{.list = 2, .code = CODE(2), .score = -3}},
	    .doubted = 3},
	2,
	"verdict=defer softened=drop reason=lists client=198.51.100.7 policy=default "
	"score=9/8 groups=2/2 lists=a:helo:127.0.1.2*4,b:127.0.0.4*5 "
	"shadowed=c:127.0.0.2*-3 spf=softfail iprev=wrong doubted=a:helo,b ms=0",
	false},
    {"SPF alone",
	{.action = ACTION_REFUSE,
	    .meant = ACTION_REFUSE,
	    .nominal = ACTION_REFUSE,
	    .reason = REASON_SPF,
	    .spf = SPF_FAIL,
	    .threshold = 5},
	1,
	"verdict=refuse reason=spf client=198.51.100.7 policy=default score=0/5 "
	"spf=fail ms=0",
	false},
    {"a trusted sender", {.reason = REASON_SENDER, .spf = SPF_PASS}, 2,
	"verdict=pass reason=sender client=198.51.100.7 policy=default spf=pass ms=0", false},
    {"a trusted host", {.reason = REASON_HOST, .host = HOST_CONFIRMED}, 2,
	"verdict=pass reason=host client=198.51.100.7 policy=default iprev=confirmed "
	"ms=0",
	false},
    {"by itself",
	{.action = ACTION_DEFER,
	    .meant = ACTION_QUARANTINE,
	    .nominal = ACTION_QUARANTINE,
	    .reason = REASON_LISTS},
	0,
	"verdict=defer meant=quarantine apart=yes reason=lists client=198.51.100.7 "
	"policy=default score=0/0 ms=0",
	true},
    {"only watched",
	{.meant = ACTION_QUARANTINE, .nominal = ACTION_QUARANTINE, .reason = REASON_LISTS}, 0,
	"verdict=pass meant=quarantine reason=lists client=198.51.100.7 policy=default "
	"score=0/0 ms=0",
	false},
};

/* A decision by everything there is: the first list is asked about HELO. */
static void
test_all(const struct logrecord *like, struct listing *list)
{
	struct policy policy = *like->policy;
	struct logrecord record = *like;

	list[0].role = ROLE_HELO;
	for (size_t i = 0; i < COUNT(decisions); i++) {
		char text[LOG_LINE_MAX + 64] = "", *from;

		policy.agree = decisions[i].agree;
		record.policy = &policy;
		record.verdict = &decisions[i].verdict;
		record.split = decisions[i].split;
		write_line(&record, text, sizeof(text));
		from = strstr(text, "verdict=");
		same_str(from != NULL ? from : text, decisions[i].line, decisions[i].label);
	}
}

/* Each action has a counter of its own; what was only watched has one for all. */
static void
test_counters(const struct logrecord *like)
{
	static const enum counter counters[ACTIONS] = {COUNTER_PASSED, COUNTER_TAGGED,
	    COUNTER_DEFERRED, COUNTER_QUARANTINED, COUNTER_REFUSED, COUNTER_DROPPED};
	char text[LOG_LINE_MAX + 64];
	struct logrecord record = *like;

	for (enum action action = ACTION_PASS; action < ACTIONS; action++) {
		struct verdict verdict = {.action = action,
		    .meant = action,
		    .nominal = action,
		    .reason = REASON_LISTS};
		uint64_t before = counter_get(counters[action]);
		uint64_t shadowed = counter_get(COUNTER_SHADOWED);

		record.verdict = &verdict;
		write_line(&record, text, sizeof(text));
		same_num((long long)(counter_get(counters[action]) - before), 1,
		    action_name(action));
		verdict.meant = verdict.nominal = ACTION_DROP;
		if (action != ACTION_PASS)
			write_line(&record, text, sizeof(text));
		same_num((long long)(counter_get(counters[action]) - before),
		    action == ACTION_PASS ? 1 : 2, action_name(action));
		verdict.action = ACTION_PASS;
		verdict.meant = verdict.nominal = action;
		write_line(&record, text, sizeof(text));
		same_num((long long)(counter_get(COUNTER_SHADOWED) - shadowed),
		    action != ACTION_PASS, action_name(action));
	}
}

/* All codes that a list declares, so that each of its parts can be counted. */
static void
test_codes(const struct logrecord *like)
{
	static char label[] = "zen";
	struct answer answers[] = {{.codes = {CODE(2), CODE(11), 0}}};
	struct listing list = {.label = label, .answers = answers, .nanswers = 1};
	struct roster roster = {.n = 1, .list = {&list}};
	struct fact fact = {
	    .state = FACT_LISTED, .ncodes = 4, .code = {CODE(2), CODE(4), CODE(9), CODE(99)}};
	struct verdict verdict = {
	    .reason = REASON_LISTS, .nhits = 1, .hit = {{.code = CODE(4), .score = 5}}};
	struct logrecord record = *like;
	char text[LOG_LINE_MAX + 64];

	record.roster = &roster;
	record.facts = &fact;
	record.verdict = &verdict;
	write_line(&record, text, sizeof(text));
	ok(strstr(text, " lists=zen:127.0.0.4+127.0.0.2+127.0.0.9*5 ") != NULL,
	    "codes: the one that speaks, then the others that are declared");
}

/* What a client says at any length leaves room for what is said of it. */
static void
test_talker(const struct logrecord *like)
{
	static char bytes[300];
	struct verdict verdict = {.reason = REASON_LISTS, .nhits = 1};
	struct logrecord record = *like;
	char text[LOG_LINE_MAX + 64];

	memset(bytes, 0xc3, sizeof(bytes) - 1);
	record.name = record.helo = record.from = record.orig_from = bytes;
	record.to = record.orig_to = bytes;
	record.verdict = &verdict;
	write_line(&record, text, sizeof(text));
	ok(strstr(text, " to=") != NULL && strstr(text, " lists=") != NULL &&
		strstr(text, " ms=0") != NULL,
	    "a client that says much: the lists are there");
}

/* So many lists that they do not fit: each is whole, or away. */
static void
test_longest(const struct logrecord *like)
{
	static char label[65];
	static struct fact facts[LISTS_MAX];
	struct listing list = {.label = label, .role = ROLE_SENDER};
	struct roster roster = {.n = LISTS_MAX};
	struct verdict verdict = {.reason = REASON_LISTS, .nhits = LISTS_MAX};
	struct logrecord record = *like;
	char text[LOG_LINE_MAX + 64], *end;

	memset(label, 'l', sizeof(label) - 1);
	for (unsigned i = 0; i < LISTS_MAX; i++) {
		roster.list[i] = &list;
		verdict.hit[i] = (struct hit){.list = i, .code = CODE(2), .score = 1};
	}
	verdict.unknown = UINT64_MAX;
	record.roster = &roster;
	record.facts = facts;
	record.verdict = &verdict;
	write_line(&record, text, sizeof(text));
	end = strstr(text, " unknown=");
	ok(end != NULL && strncmp(end - 16, ":127.0.0.2*1,...", 16) == 0,
	    "longest: no list is cut");
	ok(end != NULL && strstr(end, ":sender,... ms=0") != NULL, "longest: nor a label");
}

static const struct {
	const char *line, *bare;
} people[] = {
    {"ref=7F3K2Q9M verdict=refuse client=192.0.2.1 name=a.example from=jane@sender.example "
     "orig-from=Jane@sender.example to=bob@any.example orig-to=\"b ob@any.example\" ms=1",
	"ref=7F3K2Q9M verdict=refuse client=192.0.2.1 name=a.example from=@sender.example "
	"to=@any.example ms=1"},
    {"ref=7F3K2Q9M from=<> to=\"\\\"a@b\\\"@any.example\" helo=\"x \\u00e4\" ms=1",
	"ref=7F3K2Q9M from=<> to=@any.example helo=\"x \\u00e4\" ms=1"},
    {"ref=7F3K2Q9M from=jane to=\"bob@any \\u00e4\" ms=1", "ref=7F3K2Q9M ms=1"},
    {"ref=7F3K2Q9M from=\"\\\"a@bcd...\" to=bob@[192.0.2.1] more=...",
	"ref=7F3K2Q9M to=@[192.0.2.1] more=..."},
    {"", ""},
};

static void
test_people(void)
{
	char out[LOG_LINE_MAX];

	for (size_t i = 0; i < COUNT(people); i++) {
		logrecord_hide_people(people[i].line, out, sizeof(out));
		same_str(out, people[i].bare, "without local parts");
	}
}

int
main(void)
{
	static char label[LISTS][2] = {"a", "b", "c"}, name[] = "default";
	static struct listing list[LISTS];
	static struct fact facts[LISTS];
	struct roster roster = {.n = LISTS};
	struct policy policy = {.name = name, .lists = 7};
	struct logrecord record;
	struct ipaddr client;

	if (!ipaddr_parse(&client, "198.51.100.7"))
		abort();
	for (unsigned i = 0; i < LISTS; i++) {
		list[i].label = label[i];
		roster.list[i] = &list[i];
	}
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct verdict verdict = rows[i].verdict;
		char text[LOG_LINE_MAX + 64] = "", *from;

		record = (struct logrecord){.ref = "7F3K2Q9M",
		    .client = &client,
		    .roster = &roster,
		    .facts = facts,
		    .policy = &policy,
		    .verdict = &verdict};
		verdict.reason = REASON_LISTS;
		write_line(&record, text, sizeof(text));
		from = strstr(text, "verdict=");
		same_str(from != NULL ? from : text, rows[i].line, rows[i].label);
	}
	record = (struct logrecord){.ref = "7F3K2Q9M",
	    .client = &client,
	    .roster = &roster,
	    .facts = facts,
	    .policy = &policy};
	test_all(&record, list);
	test_counters(&record);
	test_codes(&record);
	test_talker(&record);
	test_longest(&record);
	test_people();
	return done();
}
