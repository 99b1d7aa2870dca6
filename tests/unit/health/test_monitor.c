/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_patient.c - the life of a list on a clock that stands: when it is tested,
 * proven, left alone, and what its standing is.
 */
#include "config.h"

#include "health/monitor.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "fakes/fake_dns.h"
#include "fakes/fake_loop.h"
#include "fakes/fake_redis.h"
#include "health/nodereport.h"
#include "loop/loop.h"
#include "upstream/upstream.h"

#include "tap.h"

#define SECOND ((int64_t)1000)
#define MINUTE (60 * SECOND)
#define ENTRY "2.0.0.127.zen.example"
#define NO_ENTRY "1.0.0.127.zen.example"
#define CLIENT "1.100.51.198.zen.example"
#define ALL "*.zen.example"
#define TEN "*.10.zen.example" /* one block of seven */

static struct loop *loop;
static struct upstream *upstream;
static unsigned silences;
static const struct ipaddr address = {.bits = 32, .byte = {198, 51, 100, 1}};
static const struct subject client = {.key = {.bits = 32, .byte = {198, 51, 100, 1}}};

/* What a list is like in a test. */
struct entry {
	struct monitoring monitoring;
	struct roster *roster;
	struct monitor *monitor;
	atomic_uint state;
};

/* Proofs that came. */
static unsigned outcomes[UNCONFIRMED + 1];

static void
on_confirmed(void *arg, enum confirmation_result confirmation)
{
	(void)arg;
	outcomes[confirmation]++;
}

static void
on_silent(void *arg, uint32_t id)
{
	(void)arg;
	silences += id == 7;
}

static void
teach(const char *name, enum dns_status status, uint32_t code)
{
	struct dns_reply reply = fake_dns_reply(status);

	if (status == DNS_FOUND)
		reply =
		    (struct dns_reply){.status = status, .ttl = 60, .n = 1, .address = {code}};
	fake_dns_teach(name, NULL, &reply, status == DNS_TIMEOUT ? 6400 : 20);
}

/* What was asked is forgotten, too. */
static void
tell_truth(void)
{
	fake_dns_reset();
	teach(ENTRY, DNS_FOUND, 0x7f000002);
	teach(CLIENT, DNS_FOUND, 0x7f000002);
}

static void
list_all(void)
{
	teach(ALL, DNS_FOUND, 0x7f000002);
}

static void
fall_silent(void)
{
	fake_dns_reset();
	teach(ALL, DNS_TIMEOUT, 0);
}

/* How often the list was tested, and asked for canaries. */
static unsigned
tests(void)
{
	return fake_dns_asked_type(DNS_A, ENTRY);
}

static unsigned
count_canaries(void)
{
	return fake_dns_asked(ALL) - fake_dns_asked(ENTRY) - fake_dns_asked(NO_ENTRY) -
	    fake_dns_asked(CLIENT);
}

static void
make_roster(struct entry *b)
{
	struct listing *l = calloc(1, sizeof(*l));

	b->roster = roster_new();
	l->label = strdup("zen");
	l->zone = strdup("zen.example");
	l->name = strdup("Zen");
	l->id = 7;
	l->ipv4 = true;
	l->test_entry = true;
	l->state = &b->state;
	l->nanswers = 1;
	l->answers = calloc(1, sizeof(*l->answers));
	l->answers[0] = (struct answer){.codes = {0x7f000002, 0x7f000002, 0}, .score = 5};
	listing_seal(l);
	b->roster->list[b->roster->n++] = l;
}

/* A list that is admitted just now. */
static void
begin(struct entry *b, int64_t interval)
{
	*b = (struct entry){.monitoring = {.loop = loop,
				.upstream = upstream,
				.reports = nodereports_new(upstream),
				.options = {interval, 2, 3, true, 4000},
				.silent = on_silent}};
	memset(outcomes, 0, sizeof(outcomes));
	silences = 0;
	tell_truth();
	make_roster(b);
	b->monitor = monitor_new(&b->monitoring);
	monitor_start(b->monitor, b->roster, 0);
}

/* The same after its first test, nothing of which counts. */
static void
begin_good(struct entry *b)
{
	begin(b, 10 * MINUTE);
	fake_loop_pass(loop, SECOND);
	tell_truth();
}

static void
end(struct entry *b)
{
	monitor_stop(b->monitor);
	fake_loop_pass(loop, 10000); /* what is asked comes to its end */
	monitor_free(b->monitor);
	nodereports_free(b->monitoring.reports);
	roster_unref(&b->roster);
}

static void
is(const struct entry *b, enum list_state state, const char *label)
{
	same_num(listing_state(b->roster->list[0]), state, label);
}

static void
confirm_it(struct entry *b)
{
	monitor_confirm(b->monitor, &client, 0, false, on_confirmed, NULL);
}

/* A listing needs its proof when everybody is listed. */
static void
lie_once(struct entry *b)
{
	list_all();
	teach(NO_ENTRY, DNS_ABSENT, 0);
	confirm_it(b);
	fake_loop_pass(loop, 100);
	tell_truth();
}

static void
test_birth(void)
{
	struct entry b;

	begin(&b, 10 * MINUTE);
	is(&b, LIST_NEW, "birth: nothing is known");
	same_num(monitor_id(b.monitor), 7, "birth: its id");
	fake_loop_pass(loop, 100);
	is(&b, LIST_GOOD, "birth: tested at once");
	same_num(tests(), 1, "birth: once");
	same_num(count_canaries(), 8, "birth: by a canary of each block");
	fake_loop_pass(loop, 8 * MINUTE);
	same_num(tests(), 1, "birth: not again soon");
	fake_loop_pass(loop, 52 * MINUTE);
	ok(tests() >= 5 && tests() <= 7, "birth: %u in an hour", tests());
	same_num(count_canaries(), 8 + 4 * (tests() - 1),
	    "birth: the later ones by one of each side");
	monitor_stop(b.monitor);
	tell_truth();
	fake_loop_pass(loop, 60 * MINUTE);
	same_num(fake_dns_asked(ALL), 0, "dismissed: left alone");
	monitor_start(b.monitor, b.roster, 0);
	is(&b, LIST_GOOD, "admitted again: it is what it was");
	fake_loop_pass(loop, 2000);
	same_num(tests(), 1, "admitted again: tested soon");
	end(&b);
}

static void
test_suspension(void)
{
	struct entry b;

	begin_good(&b);
	list_all();
	confirm_it(&b);
	fake_loop_pass(loop, 30);
	is(&b, LIST_DOUBTED, "suspension: in doubt as soon as a canary is listed");
	same_num(outcomes[REFUTED], 0, "suspension: that is looked into");
	same_num(count_canaries(), 1 + 4, "suspension: by four more");
	fake_loop_pass(loop, 70);
	same_num(outcomes[REFUTED], 1, "suspension: the proof fails");
	is(&b, LIST_DOUBTED, "suspension: in doubt after one");
	fake_loop_pass(loop, 2500);
	is(&b, LIST_SUSPENDED, "suspension: tested soon, and caught");
	confirm_it(&b);
	same_num(outcomes[REFUTED], 2, "suspension: a proof fails without a question");
	ok(!monitor_ask(b.monitor, false), "suspension: it is not asked");
	end(&b);
}

/* Tests of a list that is suspended come later and later, but at least once a minute. */
static void
test_retests(void)
{
	/* 1 + 2 + 4 + 8 + 16 + 32 s, more or less by a tenth, and then a minute each. */
	static const struct {
		int64_t until;
		unsigned least, most;
	} rows[] = {{3700, 2, 3}, {14000, 3, 4}, {57 * SECOND, 5, 5}, {10 * MINUTE, 13, 17}};
	struct entry b;
	int64_t began;

	begin_good(&b);
	list_all();
	confirm_it(&b);
	while (listing_state(b.roster->list[0]) != LIST_SUSPENDED)
		fake_loop_pass(loop, 10);
	fake_dns_reset();
	list_all();
	began = clock_ms();
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		fake_loop_pass(loop, began + rows[i].until - clock_ms());
		ok(tests() >= rows[i].least && tests() <= rows[i].most, "retests: %u in %lld s",
		    tests(), (long long)rows[i].until / 1000);
	}
	fake_loop_pass(loop, 50 * MINUTE);
	is(&b, LIST_SUSPENDED, "retests: for as long as it lies");
	end(&b);
}

static void
test_recovery(void)
{
	struct entry b;

	begin_good(&b);
	list_all();
	confirm_it(&b);
	fake_loop_pass(loop, 15 * MINUTE);
	is(&b, LIST_SUSPENDED, "recovery: suspended");
	tell_truth();
	while (listing_state(b.roster->list[0]) == LIST_SUSPENDED && tests() < 5)
		fake_loop_pass(loop, 10);
	is(&b, LIST_RECOVERING, "recovery: the first test that passes");
	same_num(tests(), 1, "recovery: is the first test");
	ok(monitor_ask(b.monitor, false), "recovery: it is asked again");
	monitor_answer(b.monitor, &address, true, FACT_LISTED, ANSWER_NOTHING);
	confirm_it(&b);
	fake_loop_pass(loop, 100);
	same_num(outcomes[CONFIRMED], 1, "recovery: listings are proven again");
	is(&b, LIST_RECOVERING, "recovery: but it is not believed yet");
	fake_loop_pass(loop, 5 * SECOND);
	same_num(tests(), 3, "recovery: two more soon");
	is(&b, LIST_RESTORED, "recovery: do");
	fake_loop_pass(loop, 60 * MINUTE);
	is(&b, LIST_RESTORED, "restored: an hour is the life of a listing");
	fake_loop_pass(loop, 20 * MINUTE);
	is(&b, LIST_GOOD, "restored: then all is as before");
	end(&b);
}

/* A lie is held against the list for the interval, suspended or not. */
static void
test_doubt(void)
{
	struct entry b;

	begin_good(&b);
	lie_once(&b);
	is(&b, LIST_DOUBTED, "doubt: for a lie");
	fake_loop_pass(loop, 9 * MINUTE);
	is(&b, LIST_DOUBTED, "doubt: passed tests do not end it");
	ok(tests() >= 16 && tests() <= 24, "doubt: %u of them", tests());
	fake_loop_pass(loop, 2 * MINUTE);
	is(&b, LIST_GOOD, "doubt: over after the interval");
	list_all();
	confirm_it(&b);
	fake_loop_pass(loop, 3 * SECOND);
	is(&b, LIST_SUSPENDED, "doubt: suspended");
	tell_truth();
	fake_loop_pass(loop, 9 * MINUTE);
	is(&b, LIST_RECOVERING, "doubt: tests do not end that, either");
	fake_loop_pass(loop, 2 * MINUTE);
	is(&b, LIST_RESTORED, "doubt: before it is over");
	end(&b);
}

static void
test_flapping(void)
{
	struct entry b;

	begin_good(&b);
	for (int i = 0; i < 3; i++) {
		is(&b, LIST_GOOD, "flapping: believed");
		lie_once(&b);
		is(&b, LIST_DOUBTED, "flapping: in doubt");
		fake_loop_pass(loop, 11 * MINUTE);
	}
	lie_once(&b);
	is(&b, LIST_SUSPENDED, "flapping: four times in a day are enough");
	end(&b);
}

static void
test_confirmation(void)
{
	struct entry b;

	begin_good(&b);
	for (int i = 0; i < 30; i++)
		confirm_it(&b);
	same_num(count_canaries(), 1, "proof: one canary at first");
	fake_loop_pass(loop, 800);
	same_num(outcomes[CONFIRMED], 1, "proof: for one listing");
	fake_loop_pass(loop, 200);
	same_num(count_canaries(), 1 + 4, "proof: and four after it for all");
	same_num(outcomes[CONFIRMED], 30, "proof: all are proven");
	same_num(fake_dns_asked(CLIENT), 30, "proof: and each is asked about again");
	fake_loop_pass(loop, SECOND);

	/* The question under way when a listing comes in is too old to prove it. */
	confirm_it(&b);
	list_all();
	confirm_it(&b);
	fake_loop_pass(loop, SECOND);
	ok(outcomes[CONFIRMED] == 31 && outcomes[REFUTED] == 1,
	    "proof: asked after the listing");
	tell_truth();
	fake_loop_pass(loop, SECOND);

	fall_silent();
	confirm_it(&b);
	fake_loop_pass(loop, 7000);
	same_num(outcomes[UNCONFIRMED], 1, "proof: no answer is none");
	confirm_it(&b);
	monitor_stop(b.monitor);
	end(&b);
	same_num(outcomes[UNCONFIRMED], 2, "proof: told, also when the list is gone meanwhile");
}

/* The list takes back what it has said, now and then. */
static void
test_taken_back(void)
{
	struct entry b;

	begin_good(&b);
	confirm_it(&b);
	fake_loop_pass(loop, SECOND);
	ok(outcomes[CONFIRMED] == 1 && fake_dns_asked(CLIENT) == 1, "taken back: not yet");
	for (int i = 0; i < 5; i++) {
		is(&b, LIST_GOOD, "taken back: four times are few");
		tell_truth();
		teach(CLIENT, DNS_ABSENT, 0);
		confirm_it(&b);
		fake_loop_pass(loop, SECOND);
		same_num(outcomes[UNCONFIRMED], 1 + i, "taken back: no proof");
	}
	is(&b, LIST_DOUBTED, "taken back: five of six is a lie");
	fake_loop_pass(loop, 11 * MINUTE);
	is(&b, LIST_GOOD, "taken back: for ten minutes");
	tell_truth();
	confirm_it(&b);
	fake_loop_pass(loop, SECOND);
	same_num(fake_dns_asked(CLIENT), 2, "taken back: asked twice from then on");
	same_num(fake_dns_asked_type(DNS_TXT, CLIENT), 1, "taken back: for one type");
	same_num(fake_dns_asked_type(DNS_AAAA, CLIENT), 1, "taken back: and for another");
	fake_loop_pass(loop, 24 * 60 * MINUTE);
	tell_truth();
	confirm_it(&b);
	fake_loop_pass(loop, SECOND);
	same_num(fake_dns_asked(CLIENT), 1, "taken back: for a day");
	end(&b);
}

/* Of the last twenty, five are too many: one in five is not. */
static void
test_taken_back_rarely(void)
{
	struct entry b;

	begin_good(&b);
	for (int i = 0; i < 100; i++) {
		tell_truth();
		if (i % 5 == 0)
			teach(CLIENT, DNS_ABSENT, 0);
		confirm_it(&b);
		fake_loop_pass(loop, SECOND);
	}
	is(&b, LIST_GOOD, "taken back rarely: a list that takes out entries");
	same_num(outcomes[CONFIRMED], 80, "taken back rarely: all others are proven");
	end(&b);
}

/* The canary's question is as good as lost: its answer comes after a minute. */
static void
test_lost_confirmation(enum dns_status status, unsigned bad, const char *label)
{
	struct dns_reply late = {.status = status, .ttl = 60, .n = 1, .address = {0x7f000002}};
	struct entry b;

	begin_good(&b);
	fake_dns_teach(ALL, NULL, &late, MINUTE);
	teach(CLIENT, DNS_FOUND, 0x7f000002);
	confirm_it(&b);
	fake_loop_pass(loop, SECOND);
	teach(ALL, DNS_ABSENT, 0);
	confirm_it(&b);
	fake_loop_pass(loop, 7000);
	ok(outcomes[UNCONFIRMED] == 1, "%s: in doubt after some seconds", label);
	ok(outcomes[CONFIRMED] == 1, "%s: the next listing has a canary of its own", label);
	is(&b, LIST_GOOD, label);
	fake_loop_pass(loop, 52500);
	same_num(outcomes[UNCONFIRMED] + outcomes[CONFIRMED] + outcomes[REFUTED], 2, label);
	same_num(listing_state(b.roster->list[0]) == LIST_DOUBTED, bad, label);
	end(&b);
}

/* Some question that gets no answer for long. */
static void
ask_in_vain(struct entry *b)
{
	fall_silent();
	for (int i = 0; i < 3; i++)
		monitor_ask(b->monitor, false);
}

static void
test_silent(void)
{
	struct entry b;

	begin_good(&b);
	fall_silent();
	for (int i = 0; i < 3; i++)
		ok(monitor_ask(b.monitor, false), "silence: not known yet");
	fake_loop_pass(loop, 2000);
	ok(!monitor_ask(b.monitor, false), "silence: left alone");
	same_num(silences, 1, "silence: told once");
	is(&b, LIST_GOOD, "silence: no lie");
	for (int i = 0; i < 3; i++)
		monitor_answer(b.monitor, &address, true, FACT_UNKNOWN, ANSWER_NOTHING);
	fake_loop_pass(loop, 10000);
	ok(count_canaries() >= 3 && fake_dns_asked(ALL) == count_canaries() + 5,
	    "silence: looked into once, and tried by %u canaries", count_canaries() - 2);
	tell_truth();
	fake_loop_pass(loop, 5000);
	ok(monitor_ask(b.monitor, false), "silence: heard again within five seconds");
	monitor_answer(b.monitor, &address, true, FACT_CLEAR, ANSWER_NOTHING);
	is(&b, LIST_GOOD, "silence: believed as before");

	ask_in_vain(&b);
	fake_loop_pass(loop, 88 * SECOND);
	is(&b, LIST_GOOD, "silence: long");
	fake_loop_pass(loop, 10 * SECOND);
	is(&b, LIST_SILENT, "silence: as good as dead");
	ok(!monitor_ask(b.monitor, false), "silence: it is not asked");
	fall_silent();
	fake_loop_pass(loop, 60 * MINUTE);
	is(&b, LIST_SILENT, "silence: for as long as it lasts");
	ok(fake_dns_asked(ALL) == count_canaries() && count_canaries() <= 1000,
	    "silence: %u canaries in an hour", count_canaries());
	tell_truth();
	fake_loop_pass(loop, 5 * SECOND);
	is(&b, LIST_GOOD, "silence: one good test ends it");
	ok(monitor_ask(b.monitor, false), "silence: it is asked again");
	end(&b);
}

static unsigned
lines_with(FILE *stream, const char *words)
{
	char line[LOG_LINE_MAX + 2];
	unsigned n = 0;

	rewind(stream);
	while (fgets(line, sizeof(line), stream) != NULL)
		n += strstr(line, words) != NULL;
	return n;
}

/* The last line of the log about the list, and what is left of it after a word, or "". */
static const char *
said(FILE *stream, const char *word)
{
	static char line[LOG_LINE_MAX + 2];
	static char last[LOG_LINE_MAX + 2];
	const char *found;

	last[0] = '\0';
	rewind(stream);
	while (fgets(line, sizeof(line), stream) != NULL)
		if ((found = strstr(line, word)) != NULL)
			snprintf(last, sizeof(last), "%s", found + strlen(word));
	return last;
}

/* A resolver keeps that a name is not there: one that gives it sooner is not to be relied on. */
static void
test_patchy(void)
{
	static const struct {
		const char *label;
		int64_t ms;   /* for which the test entry is not there */
		uint32_t ttl; /* of that */
		bool soa, direct;
		unsigned lines;
	} rows[] = {
	    {"for a second", SECOND, 300, true, false, 1},
	    {"for half of its time", 150 * SECOND, 300, true, false, 1},
	    {"for longer than it is kept", 30 * SECOND, 2, true, false, 0},
	    {"without a SOA nobody keeps it", SECOND, 300, false, false, 0},
	    {"nor does the list itself", SECOND, 300, true, true, 0},
	};
	struct entry b;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct dns_reply absent = fake_dns_reply(DNS_ABSENT);
		FILE *stream = tmpfile();
		struct listing *list;

		begin(&b, 10 * MINUTE);
		list = b.roster->list[0];
		if (rows[i].direct)
			list->servers[0] = strdup("192.0.2.53");
		log_to_stream(stream);
		absent.soa = rows[i].soa;
		absent.ttl = rows[i].ttl;
		for (int again = 0; again < 2; again++) {
			fake_dns_reset();
			fake_dns_teach(ENTRY, NULL, &absent, 20);
			monitor_start(b.monitor, b.roster, 0);
			fake_loop_pass(loop, rows[i].ms);
			tell_truth();
			fake_loop_pass(loop, 70 * SECOND);
		}
		same_num(lines_with(stream, "event=list-patchy list=zen hint="), rows[i].lines,
		    rows[i].label);
		ok(listing_state(list) <= LIST_RESTORED, "patchy: what it gives counts");
		log_to_stream(stderr);
		fclose(stream);
		end(&b);
	}
}

/* One that is silent for long is given up with what its silence was like. */
static void
test_silent_hint(void)
{
	static const struct {
		enum dns_status status;
		const char *hint;
	} rows[] = {{DNS_TIMEOUT, "whoever is asked says nothing"},
	    {DNS_FAILED, "the resolver has no answer of the list to give"}};
	struct entry b;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		FILE *stream = tmpfile();

		begin_good(&b);
		log_to_stream(stream);
		fake_dns_reset();
		teach(ALL, rows[i].status, 0);
		for (int k = 0; k < 3; k++)
			monitor_ask(b.monitor, false);
		fake_loop_pass(loop, 100 * SECOND);
		is(&b, LIST_SILENT, "silence: as good as dead");
		ok(strstr(said(stream, "event=list-suspended list=zen reason=silent hint="),
		       rows[i].hint) != NULL,
		    "silence: with a hint, %s", rows[i].hint);
		log_to_stream(stderr);
		fclose(stream);
		end(&b);
	}
}

/* It is back, and not what it was. */
static void
test_reborn(void)
{
	struct entry b;

	begin_good(&b);
	ask_in_vain(&b);
	fake_loop_pass(loop, 100 * SECOND);
	is(&b, LIST_SILENT, "reborn: silent for long");
	tell_truth();
	list_all();
	fake_loop_pass(loop, 10 * SECOND);
	is(&b, LIST_SUSPENDED, "reborn: it lists everybody");
	fake_loop_pass(loop, 10 * MINUTE);
	is(&b, LIST_SUSPENDED, "reborn: for as long as it does");
	end(&b);

	begin_good(&b);
	ask_in_vain(&b);
	fake_loop_pass(loop, 3000);
	fake_dns_reset(); /* the zone is there again, and empty */
	fake_loop_pass(loop, 5 * MINUTE);
	is(&b, LIST_SUSPENDED, "reborn: it is empty, and tested before long");
	end(&b);
}

/* What is taken out of the configuration is not asked again, silent before or after. */
static void
test_dismissed(void)
{
	struct entry b;

	begin_good(&b);
	ask_in_vain(&b);
	fake_loop_pass(loop, 3000);
	monitor_stop(b.monitor);
	fake_dns_reset();
	fake_loop_pass(loop, 60 * MINUTE);
	same_num(fake_dns_asked(ALL), 0, "dismissed: silent before");
	end(&b);

	begin_good(&b);
	ask_in_vain(&b);
	monitor_stop(b.monitor);
	fall_silent();
	for (int i = 0; i < 3; i++)
		monitor_answer(b.monitor, &address, true, FACT_UNKNOWN, ANSWER_NOTHING);
	fake_loop_pass(loop, 60 * MINUTE);
	same_num(fake_dns_asked(ALL), 0, "dismissed: found silent only then");
	tell_truth();
	monitor_start(b.monitor, b.roster, 0);
	fake_loop_pass(loop, 5 * SECOND);
	ok(monitor_ask(b.monitor, false), "dismissed: and is there again at once when wanted");
	end(&b);
}

/* Two nodes that share a Redis: what one says makes the other look. */
static void
test_shared(void)
{
	const struct redis_options redis = {.host = (char[]){"127.0.0.1"}, .command_ms = 100};
	struct entry one, other;

	upstream_configure(upstream, NULL, &redis);
	fake_loop_turn(loop);
	begin(&one, 10 * MINUTE);
	begin(&other, 10 * MINUTE);
	fake_loop_pass(loop, SECOND);
	same_num(tests(), 2, "fleet: each tests for itself");
	list_all();
	confirm_it(&one);
	fake_loop_pass(loop, 3 * SECOND);
	is(&one, LIST_SUSPENDED, "fleet: one has caught it");
	is(&other, LIST_GOOD, "fleet: the other has not");
	fake_loop_pass(loop, 15 * SECOND);
	is(&other, LIST_SUSPENDED, "fleet: it is told, looks, and finds the same");
	tell_truth();
	fake_loop_pass(loop, 15 * MINUTE);
	is(&one, LIST_RESTORED, "fleet: back for the one");
	is(&other, LIST_RESTORED, "fleet: and for the other");
	end(&one);
	end(&other);
	fake_redis_reset();
	upstream_configure(upstream, NULL, NULL);
	fake_loop_pass(loop, 100);
}

/* What a node says that is wrong, or lies, costs one test, and no more. */
static void
test_shared_lie(void)
{
	const struct redis_options redis = {.host = (char[]){"127.0.0.1"}, .command_ms = 100};
	char word[64];
	struct entry b;

	upstream_configure(upstream, NULL, &redis);
	fake_loop_turn(loop);
	begin_good(&b);
	snprintf(word, sizeof(word), "2|empty|7F3K2Q9M|%lld", (long long)clock_wall());
	fake_redis_put("rg1:standing:zen.00000000", word, 600);
	fake_loop_pass(loop, 7 * SECOND);
	same_num(tests(), 1, "fleet: a word is a reason to test, at once");
	is(&b, LIST_GOOD, "fleet: and no more");
	fake_loop_pass(loop, 5 * MINUTE);
	same_num(tests(), 1, "fleet: once");
	end(&b);
	fake_redis_reset();
	upstream_configure(upstream, NULL, NULL);
	fake_loop_pass(loop, 100);
}

/* A list holds a block as a whole, rightly: it is found out, and the block not used. */
static void
test_held(void)
{
	struct entry b;

	begin(&b, 10 * MINUTE);
	teach(TEN, DNS_FOUND, 0x7f000002);
	fake_loop_pass(loop, SECOND);
	is(&b, LIST_GOOD, "held: the list is good");
	same_num(tests(), 2, "held: after another test");
	same_num(fake_dns_asked(TEN), 1 + 2, "held: one canary, and two more");
	for (int i = 0; i < 30; i++) {
		confirm_it(&b);
		fake_loop_pass(loop, SECOND);
	}
	same_num(outcomes[CONFIRMED], 30, "held: its listings are proven");
	same_num(fake_dns_asked(TEN), 1 + 2, "held: that block is not used for it");
	end(&b);

	begin_good(&b);
	teach("*.224.zen.example", DNS_FOUND, 0x7f000002);
	for (int first = 224; first < 240; first++) {
		char zone[32];

		snprintf(zone, sizeof(zone), "*.%d.zen.example", first);
		teach(zone, DNS_FOUND, 0x7f000002);
	}
	fake_loop_pass(loop, 240 * MINUTE);
	is(&b, LIST_GOOD, "held: found out by a later test");
	end(&b);
}

/* Behind a resolver a zone that is signed may be denied out of a cache. */
static void
test_unprovable(void)
{
	struct dns_reply denied = fake_dns_reply(DNS_ABSENT);
	struct entry b;

	begin(&b, 10 * MINUTE);
	denied.is_signed = true;
	fake_dns_teach(NO_ENTRY, NULL, &denied, 20);
	fake_loop_pass(loop, SECOND);
	confirm_it(&b);
	same_num(outcomes[UNCONFIRMED], 1, "signed: no canary proves anything");
	same_num(count_canaries(), 8, "signed: and none is asked for");
	end(&b);
}

static void
test_odd_answers(void)
{
	struct entry b;

	begin(&b, 10 * MINUTE);
	fake_loop_pass(loop, MINUTE);
	tell_truth();
	for (int i = 0; i < 30; i++) {
		monitor_answer(b.monitor, &address, true, FACT_ERROR, ANSWER_NOTHING);
		fake_loop_pass(loop, 1000);
	}
	ok(tests() >= 2 && tests() <= 4, "odd answers: a test in ten seconds, not more: %u",
	    tests());
	is(&b, LIST_GOOD, "odd answers: it passes");
	teach(ALL, DNS_FOUND, 0x7ffffffe);
	teach(ENTRY, DNS_FOUND, 0x7ffffffe);
	fake_loop_pass(loop, 10000);
	monitor_answer(b.monitor, &address, true, FACT_ERROR, ANSWER_NOTHING);
	fake_loop_pass(loop, 3000);
	is(&b, LIST_SUSPENDED, "odd answers: it does not");
	end(&b);
}

/* Those who vouch for clients that are listed put a list that refuses in doubt. */
static void
test_good_clients(void)
{
	const struct ipaddr nobody = {0};
	struct entry b;

	begin_good(&b);
	for (int i = 0; i < 200; i++)
		monitor_vouched(b.monitor, &nobody, &address);
	is(&b, LIST_GOOD, "good clients: one voter has one vote");
	for (uint8_t i = 0; i < 200; i++) {
		struct ipaddr net = {.bits = 32, .byte = {203, 0, i, 0}};

		monitor_vouched(b.monitor, &nobody, &net);
	}
	is(&b, LIST_DOUBTED, "good clients: many put it in doubt");
	fake_loop_pass(loop, 60 * MINUTE);
	is(&b, LIST_DOUBTED, "good clients: and never suspend it");
	ok(monitor_ask(b.monitor, false), "good clients: it is asked");
	end(&b);
}

static void
test_untested(void)
{
	struct entry b;

	begin(&b, 0);
	is(&b, LIST_GOOD, "no tests: believed");
	list_all();
	for (int i = 0; i < 10; i++) {
		confirm_it(&b);
		fake_loop_pass(loop, 1000);
	}
	same_num(outcomes[REFUTED], 10, "no tests: a listing needs its proof all the same");
	is(&b, LIST_GOOD, "no tests: nothing could bring it back, so it stays");
	fake_loop_pass(loop, 60 * MINUTE);
	same_num(tests(), 0, "no tests: none");
	end(&b);
}

int
main(void)
{
	loop = loop_new();
	upstream = upstream_new(loop);
	clock_freeze(1000000, 1766300000);
	upstream_configure(upstream, NULL, NULL);
	fake_loop_turn(loop);
	test_birth();
	test_suspension();
	test_retests();
	test_recovery();
	test_doubt();
	test_flapping();
	test_confirmation();
	test_taken_back();
	test_taken_back_rarely();
	test_lost_confirmation(DNS_ABSENT, 0, "lost proof, good at last");
	test_lost_confirmation(DNS_FOUND, 1, "lost proof, a lie at last");
	test_silent();
	test_silent_hint();
	test_patchy();
	test_reborn();
	test_dismissed();
	test_shared();
	test_shared_lie();
	test_held();
	test_unprovable();
	test_odd_answers();
	test_good_clients();
	test_untested();
	fake_dns_reset();
	upstream_free(upstream);
	loop_free(loop);
	return done();
}
