/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_spf.c - checks of senders by processes that are played: what they may ask,
 * and what becomes of a mail whatever they do.  At last a few by real ones.
 */
#include "config.h"

#include "spf.h"

#include <stdlib.h>

#include "clock.h"
#include "counter.h"
#include "fakes/fake_dns.h"
#include "fakes/fake_loop.h"
#include "fakes/fake_spflink.h"
#include "log.h"
#include "loop.h"
#include "promise.h"
#include "spfwire.h"
#include "upstream.h"

#include "tap.h"

#define WORKERS_MAX 128
#define CHECKS 100
#define DEADLINE_MS 4000
#define NOT_YET (-1)

static struct loop *loop;
static struct upstream *upstream;
static struct promises *promises;
static struct spf *spf;
static struct ipaddr client;

/* What a played process does about the check it has. */
static struct play {
	char plan[32]; /* the local part of the sender */
	unsigned asked;
	enum spf_result last; /* what the last answer would make of it */
} plays[WORKERS_MAX];
static char order[CHECKS + 1]; /* the first letters of the plans, as they came */
static size_t norder;

static enum fake_words
ask(struct play *p, enum dns_type type, const char *what, struct spf_message *says)
{
	static char name[64];

	snprintf(name, sizeof(name), "%s%u.example", what, p->asked++);
	says->verb = SPF_ASK;
	says->as.ask = (struct spf_ask){type, name};
	return FAKE_SAYS;
}

/* The plans that ask until the answer is none, as libspf2 does. */
static enum fake_words
go_on(struct play *p, const struct spf_message *heard, struct spf_message *says)
{
	bool failed = heard->verb == SPF_ANSWER && heard->as.answer.status == DNS_FAILED;

	if (strcmp(p->plan, "endless") == 0)
		return ask(p, DNS_TXT, "t", says);
	if (failed) {
		says->as.outcome = (struct spf_outcome){SPF_TEMPERROR, ""};
		return strcmp(p->plan, "deaf") == 0 ? FAKE_SILENT : FAKE_SAYS;
	}
	if (strcmp(p->plan, "tree") == 0 || strcmp(p->plan, "deaf") == 0)
		return ask(p, DNS_TXT, "t", says);
	if (strcmp(p->plan, "void") == 0)
		return ask(p, p->asked == 0 ? DNS_TXT : DNS_A, "void", says);
	if (strcmp(p->plan, "bad") == 0)
		return ask(p, DNS_TXT, "bad", says);
	if (strcmp(p->plan, "slow") == 0 && p->asked == 0)
		return ask(p, DNS_TXT, "slow", says);
	if (strcmp(p->plan, "odd") == 0 && p->asked < 3)
		return ask(p, p->asked == 0 ? DNS_TXT : DNS_A, p->asked == 0 ? "t" : ".", says);
	if (strcmp(p->plan, "late") == 0 && p->asked == 0)
		return ask(p, DNS_TXT, "late", says);
	says->as.outcome = (struct spf_outcome){SPF_PASS, ""};
	return FAKE_SAYS;
}

static enum fake_words
worker(unsigned number, const struct spf_message *heard, struct spf_message *says)
{
	struct play *p = &plays[number];

	if (heard->verb == SPF_CHECK) {
		*p = (struct play){.asked = 0};
		snprintf(p->plan, sizeof(p->plan), "%.*s",
		    (int)strcspn(heard->as.check.sender, "@"), heard->as.check.sender);
		if (norder < CHECKS)
			order[norder++] = p->plan[0];
	}
	if (strcmp(p->plan, "die") == 0)
		return p->asked == 0 ? ask(p, DNS_TXT, "t", says) : FAKE_DIES;
	if (strcmp(p->plan, "crash") == 0)
		return FAKE_DIES;
	if (strcmp(p->plan, "babble") == 0)
		return FAKE_BABBLES;
	if (strcmp(p->plan, "silent") == 0)
		return FAKE_SILENT;
	if (strcmp(p->plan, "number") == 0)
		says->number++;
	if (strcmp(p->plan, "verb") == 0) {
		*says = *heard;
		return FAKE_SAYS;
	}
	return go_on(p, heard, says);
}

static void
teach_text(const char *name, const char *text, enum dns_status status, int64_t after_ms)
{
	struct dns_records records = {0};
	struct dns_reply reply = {.status = status, .ttl = 300};

	if (text != NULL) {
		records.n = 1;
		records.record[0] = (struct dns_record){
		    .len = (uint16_t)strlen(text), .data = (const unsigned char *)text};
		reply.records = &records;
	}
	if (!fake_dns_teach_type(DNS_TXT, name, NULL, &reply, after_ms))
		abort();
}

static void
teach(void)
{
	char name[32];

	for (unsigned i = 0; i < 40; i++) {
		snprintf(name, sizeof(name), "t%u.example", i);
		teach_text(name, "v=spf1 -all", DNS_FOUND, 1);
	}
	teach_text("void0.example", "v=spf1 a:void1.example -all", DNS_FOUND, 1);
	teach_text("bad0.example", "v=spf1 ip4:nonsense -all", DNS_FOUND, 1);
	teach_text("slow0.example", "v=spf1 -all", DNS_FOUND, 60000);
	teach_text("late0.example", "v=spf1 -all", DNS_FOUND, 3000);
}

static void
open_world(int spawner)
{
	char server[] = "127.0.0.1", *servers[] = {server, NULL};

	upstream = upstream_new(loop);
	promises = promises_new(loop);
	spf = spf_new(loop, upstream, promises, spawner);
	upstream_configure(upstream, servers, NULL);
	fake_loop_turn(loop);
	teach();
	memset(order, 0, sizeof(order));
	norder = 0;
}

static void
close_world(void)
{
	loop_stop(loop);
	upstream_free(upstream);
	spf_free(spf);
	promises_free(promises);
	fake_dns_reset();
	fake_spflink_reset();
}

static struct promise *
check_from(const char *sender)
{
	return spf_check(
	    spf, &client, "helo.example", sender, "me.example", clock_ms() + DEADLINE_MS);
}

static int
wait_for(struct promise **promise)
{
	int value = promise_wait(*promise, clock_ms() + DEADLINE_MS, NOT_YET);

	promise_release(promise);
	return value;
}

static int
result_of(const char *sender)
{
	struct promise *promise = check_from(sender);

	return wait_for(&promise);
}

/* One check each, and what it comes to. */
static const struct {
	const char *label, *sender;
	enum spf_result want;
	unsigned deaths;    /* of the process */
	unsigned questions; /* DNS was asked */
	int64_t ms;         /* it took, no more */
} rows[] = {
    {"no policy is asked for", "pass@b.example", SPF_PASS, 0, 0, 1},
    {"no domain", "pass", SPF_NONE, 0, 0, 0},
    {"ten includes are enough", "tree@b.example", SPF_PERMERROR, 0, 11, 20},
    {"so is the third answer without records", "void@b.example", SPF_PERMERROR, 0, 4, 10},
    {"a policy that cannot be read", "bad@b.example", SPF_PERMERROR, 0, 1, 5},
    {"names that cannot be are not asked for", "odd@b.example", SPF_PASS, 0, 1, 5},
    {"DNS is late, but in time", "late@b.example", SPF_PASS, 0, 1, 3001},
    {"DNS is too late", "slow@b.example", SPF_TEMPERROR, 0, 1, DEADLINE_MS},
    {"it dies in the middle", "die@b.example", SPF_UNKNOWN, 1, 1, 5},
    {"it dies at once", "crash@b.example", SPF_UNKNOWN, 1, 0, 1},
    {"it says what is no message", "babble@b.example", SPF_UNKNOWN, 1, 0, 1},
    {"it answers another check", "number@b.example", SPF_UNKNOWN, 1, 0, 1},
    {"it says what is ours to say", "verb@b.example", SPF_UNKNOWN, 1, 0, 1},
    {"it says nothing", "silent@b.example", SPF_UNKNOWN, 1, 0, DEADLINE_MS},
    {"it does not end when told", "deaf@b.example", SPF_PERMERROR, 1, 11, 20},
    {"it asks on and on", "endless@b.example", SPF_PERMERROR, 1, 11, 20},
};

static void
test_rows(void)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint64_t deaths = counter_get(COUNTER_SPF_DEATHS);
		uint64_t questions = counter_get(COUNTER_SPF_QUESTIONS);
		uint64_t temperrors = counter_get(COUNTER_SPF_TEMPERRORS);
		uint64_t unknowns = counter_get(COUNTER_SPF_UNKNOWNS);
		int64_t began;

		fake_spflink_play(worker);
		open_world(0);
		began = clock_ms();
		same_num(result_of(rows[i].sender), rows[i].want, rows[i].label);
		ok(clock_ms() - began <= rows[i].ms, "%s: in time", rows[i].label);
		fake_loop_pass(loop, 2000);
		same_num((long long)(counter_get(COUNTER_SPF_DEATHS) - deaths), rows[i].deaths,
		    rows[i].label);
		same_num((long long)(counter_get(COUNTER_SPF_QUESTIONS) - questions),
		    rows[i].questions, rows[i].label);
		same_num((long long)(counter_get(COUNTER_SPF_TEMPERRORS) - temperrors),
		    rows[i].want == SPF_TEMPERROR, rows[i].label);
		same_num((long long)(counter_get(COUNTER_SPF_UNKNOWNS) - unknowns),
		    rows[i].want == SPF_UNKNOWN, rows[i].label);
		same_num(result_of("pass@after.example"), SPF_PASS, "the next mail is checked");
		close_world();
	}
}

static void
test_none(void)
{
	struct ipaddr loopback;
	struct promise *p;

	fake_spflink_play(worker);
	open_world(0);
	ipaddr_parse(&loopback, "127.0.0.1");
	p = spf_check(spf, &loopback, "helo.example", "pass@b.example", "r", clock_ms() + 1000);
	same_num(promise_wait(p, 0, NOT_YET), SPF_NONE, "ourselves: none, at once");
	promise_release(&p);
	p = spf_check(spf, &client, "localhost", "", "r", clock_ms() + 1000);
	same_num(promise_wait(p, 0, NOT_YET), SPF_NONE, "no domain in the HELO");
	promise_release(&p);
	same_num(fake_spflink_started(), 0, "nobody was bothered with that");
	p = spf_check(spf, &client, "helo.example", "", "", clock_ms() + 1000);
	same_num(wait_for(&p), SPF_PASS, "the null sender is checked by its HELO");
	close_world();
}

/* Many at once over few processes: all are done, in order, each once. */
static void
test_crowd(void)
{
	uint64_t checks = counter_get(COUNTER_SPF_CHECKS);
	struct promise *p[CHECKS];
	char sender[32];
	unsigned right = 0;

	fake_spflink_play(worker);
	open_world(0);
	spf_configure(spf, 4);
	for (unsigned i = 0; i < CHECKS; i++) {
		struct ipaddr other = client;

		other.byte[3] = (uint8_t)i;
		snprintf(sender, sizeof(sender), "late@d%u.example", i);
		p[i] = spf_check(
		    spf, &other, "helo.example", sender, "r", clock_ms() + 1000 * DEADLINE_MS);
	}
	fake_loop_turn(loop);
	same_num(fake_spflink_started(), 4, "crowd: four at work");
	same_num((long long)norder, 4, "crowd: the others wait");
	for (unsigned i = 0; i < CHECKS; i++) {
		right +=
		    promise_wait(p[i], clock_ms() + 1000 * DEADLINE_MS, NOT_YET) == SPF_PASS;
		promise_release(&p[i]);
	}
	same_num(right, CHECKS, "crowd: all have passed");
	same_num((long long)(counter_get(COUNTER_SPF_CHECKS) - checks), CHECKS,
	    "crowd: each was checked");
	same_num(fake_spflink_started(), 4, "crowd: by four");
	close_world();
}

static void
test_queue(void)
{
	static const char *const senders[] = {"late@a.example", "bye@a.example",
	    "crash@a.example", "die@a.example", "echo@a.example"};
	struct promise *p[5], *slow;
	int64_t began;

	fake_spflink_play(worker);
	open_world(0);
	spf_configure(spf, 1);
	for (int i = 0; i < 5; i++)
		p[i] = check_from(senders[i]);
	for (int i = 0; i < 5; i++)
		same_num(
		    wait_for(&p[i]), i == 2 || i == 3 ? SPF_UNKNOWN : SPF_PASS, senders[i]);
	same_str(order, "lbcde", "one after the other, whoever dies");
	slow = check_from("silent@a.example");
	fake_loop_turn(loop);
	p[0] = spf_check(spf, &client, "h.example", "fine@a.example", "r", clock_ms() + 500);
	began = clock_ms();
	same_num(wait_for(&p[0]), SPF_UNKNOWN, "who waits too long knows nothing");
	same_num(clock_ms() - began, 450, "just before his own deadline");
	same_num(wait_for(&slow), SPF_UNKNOWN, "nor does who was in the way");
	close_world();
}

static void
test_single_flight(void)
{
	uint64_t checks = counter_get(COUNTER_SPF_CHECKS);
	struct promise *p[6];
	unsigned right = 0;

	fake_spflink_play(worker);
	open_world(0);
	for (int i = 0; i < 4; i++)
		p[i] = check_from("late@a.example");
	p[4] = check_from("late@b.example");
	p[5] = spf_check(spf, &client, "other.example", "late@a.example", "me.example",
	    clock_ms() + DEADLINE_MS);
	for (int i = 0; i < 6; i++)
		right += wait_for(&p[i]) == SPF_PASS;
	same_num(right, 6, "flight: all hear it");
	same_num((long long)(counter_get(COUNTER_SPF_CHECKS) - checks), 3,
	    "flight: what is the same is checked once");
	p[0] = spf_check(spf, &client, "h", "slow@a.example", "r", clock_ms() + 100);
	p[1] = spf_check(spf, &client, "h", "slow@a.example", "r", clock_ms() + 70000);
	same_num(promise_wait(p[0], clock_ms() + 100, NOT_YET), NOT_YET, "flight: impatient");
	promise_release(&p[0]);
	same_num(promise_wait(p[1], clock_ms() + 70000, NOT_YET), SPF_PASS,
	    "flight: who joins has his own deadline");
	promise_release(&p[1]);
	close_world();
}

static void
test_without(void)
{
	struct promise *p[3];
	int64_t began;

	open_world(-1);
	spf_configure(spf, 3);
	same_num(result_of("pass@b.example"), SPF_UNKNOWN, "no spawner");
	same_num(result_of("pass"), SPF_NONE, "no spawner, nor a domain");
	close_world();
	fake_spflink_play(worker);
	fake_spflink_refuse(true);
	open_world(0);
	began = clock_ms();
	for (int i = 0; i < 3; i++)
		p[i] = check_from(i == 0 ? "a@b.example"
			: i == 1         ? "b@b.example"
					 : "c@b.example");
	for (int i = 0; i < 3; i++)
		same_num(wait_for(&p[i]), SPF_UNKNOWN, "no process to be had");
	same_num(clock_ms() - began, 0, "nobody waits for that");
	fake_spflink_refuse(false);
	fake_loop_pass(loop, 1000);
	same_num(result_of("pass@b.example"), SPF_PASS, "they are back");
	close_world();
}

/*
 * Strangers whose DNS is silent hold no more processes than their share, and who
 * waits for one because of them is not told that it is its own DNS.
 */
static void
test_stuffed(void)
{
	struct promise *p[20];
	struct ipaddr other = client;
	char sender[32];
	unsigned unknown = 0, temperror = 0;

	fake_spflink_play(worker);
	open_world(0);
	spf_configure(spf, 8);
	for (unsigned i = 0; i < 20; i++) {
		snprintf(sender, sizeof(sender), "slow@d%u.example", i / 10 * 100 + i % 10);
		/* Ten of one client, ten of one domain. */
		other.byte[3] = (uint8_t)(i < 10 ? 7 : 100 + i);
		p[i] = spf_check(spf, &other, "helo.example",
		    i < 10 ? sender : "slow@x.silent.example", "me.example",
		    clock_ms() + DEADLINE_MS);
	}
	fake_loop_turn(loop);
	same_num((long long)norder, 4, "stuffed: two of the client, two of the domain");
	other.byte[3] = 250;
	p[0] = (promise_release(&p[0]),
	    spf_check(spf, &other, "helo.example", "pass@good.example", "me.example",
		clock_ms() + DEADLINE_MS));
	same_num(wait_for(&p[0]), SPF_PASS, "stuffed: another one is checked");
	for (unsigned i = 1; i < 20; i++) {
		int result = wait_for(&p[i]);

		unknown += result == SPF_UNKNOWN;
		temperror += result == SPF_TEMPERROR;
	}
	same_num(temperror, 3, "stuffed: who was looked at");
	same_num(unknown, 16, "stuffed: who was not");
	close_world();
}

/* A process is there at last, but too late for DNS to answer: not its fault. */
static void
test_late_start(void)
{
	struct ipaddr other = client;
	struct promise *first, *second;

	fake_spflink_play(worker);
	open_world(0);
	spf_configure(spf, 1);
	first = spf_check(
	    spf, &client, "h.example", "silent@a.example", "r", clock_ms() + DEADLINE_MS);
	fake_loop_turn(loop);
	other.byte[3] = 9;
	second = spf_check(
	    spf, &other, "h.example", "slow@b.example", "r", clock_ms() + DEADLINE_MS + 1500);
	same_num(wait_for(&first), SPF_UNKNOWN, "late: one in the way");
	same_num(promise_wait(second, clock_ms() + DEADLINE_MS, NOT_YET), SPF_UNKNOWN,
	    "late: DNS had no time");
	promise_release(&second);
	close_world();
}

/* An end at any time, with all of it open. */
static void
test_end(void)
{
	struct promise *p[4];

	fake_spflink_play(worker);
	open_world(0);
	spf_configure(spf, 2);
	p[0] = check_from("slow@a.example");
	p[1] = check_from("silent@a.example");
	p[2] = check_from("pass@a.example");
	fake_loop_turn(loop);
	p[3] = check_from("pass@b.example");
	promises_hurry(promises);
	for (int i = 0; i < 4; i++) {
		same_num(promise_wait(p[i], clock_ms() + DEADLINE_MS, NOT_YET), NOT_YET,
		    "a stop: nobody waits");
		promise_release(&p[i]);
	}
	close_world();
	ok(true, "the end of what is open");
}

/* A tree as wide as it is deep, and what else it takes a real evaluation to see. */
static void
teach_policies(void)
{
	char text[2100] = "v=spf1";
	char name[32];

	for (unsigned i = 0; i < 9; i++)
		snprintf(
		    text + strlen(text), sizeof(text) - strlen(text), " include:%u.%%{d}", i);
	teach_text("*.tree.example", text, DNS_FOUND, 1);
	teach_text("tree.example", text, DNS_FOUND, 1);
	strcpy(text, "v=spf1");
	for (unsigned i = 0; i < 98; i++)
		snprintf(
		    text + strlen(text), sizeof(text) - strlen(text), " ip4:203.0.113.%u", i);
	strcat(text, " ip4:198.51.100.7 -all");
	teach_text("long.example", text, DNS_FOUND, 1);
	teach_text("fail.example", "v=spf1 -all", DNS_FOUND, 1);
	teach_text("soft.example", "v=spf1 a:nobody.example ~all", DNS_FOUND, 1);
	teach_text(
	    "void.example", "v=spf1 a:n1.example a:n2.example a:n3.example ~all", DNS_FOUND, 1);
	teach_text("include.example", "v=spf1 include:long.example -all", DNS_FOUND, 1);
	teach_text("redirect.example", "v=spf1 redirect=fail.example ?all", DNS_FOUND, 1);
	teach_text("down.example", NULL, DNS_FAILED, 1);
	for (unsigned i = 0; i < 12; i++) {
		snprintf(name, sizeof(name), "chain%u.example", i);
		snprintf(text, sizeof(text), "v=spf1 include:chain%u.example -all", i + 1);
		teach_text(name, text, DNS_FOUND, 1);
	}
	teach_text("chain12.example", "v=spf1 +all", DNS_FOUND, 1);
}

static const struct {
	const char *sender;
	enum spf_result want;
	unsigned questions;
} policies[] = {
    {"a@long.example", SPF_PASS, 1},
    {"a@fail.example", SPF_FAIL, 1},
    {"a@soft.example", SPF_SOFTFAIL, 2},
    {"a@void.example", SPF_PERMERROR, 4},
    {"a@include.example", SPF_PASS, 2},
    {"a@redirect.example", SPF_NEUTRAL, 1},
    {"a@down.example", SPF_TEMPERROR, 1},
    {"a@nothing.example", SPF_NONE, 1},
    {"a@tree.example", SPF_PERMERROR, 11},
    {"a@chain2.example", SPF_PASS, 11},
    {"a@chain1.example", SPF_PERMERROR, 11},
};

static void
test_real(void)
{
	open_world(0);
	teach_policies();
	for (size_t i = 0; i < sizeof(policies) / sizeof(policies[0]); i++) {
		uint64_t questions = counter_get(COUNTER_SPF_QUESTIONS);

		same_num(result_of(policies[i].sender), policies[i].want, policies[i].sender);
		same_num((long long)(counter_get(COUNTER_SPF_QUESTIONS) - questions),
		    policies[i].questions, policies[i].sender);
	}
	close_world();
}

int
main(void)
{
	FILE *null = fopen("/dev/null", "w");

	if (null == NULL)
		return 1;
	log_to_stream(null);
	clock_freeze(1000000, 1766300000);
	ipaddr_parse(&client, "198.51.100.7");
	loop = loop_new();
	test_rows();
	test_none();
	test_crowd();
	test_queue();
	test_single_flight();
	test_without();
	test_stuffed();
	test_late_start();
	test_end();
	test_real();
	loop_free(loop);
	fclose(null);
	return done();
}
