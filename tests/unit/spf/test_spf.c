/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_spf.c - checks of senders by processes that are played: what they may ask,
 * and what becomes of a mail whatever they do.
 */
#include "config.h"

#include "spf/spf.h"

#include <string.h>

#include "base/clock.h"
#include "base/counter.h"
#include "fakes/fake_loop.h"
#include "fakes/fake_spflink.h"
#include "fakes/spf_services.h"
#include "loop/promise.h"
#include "spf/wire.h"

#include "tap.h"

#define WORKERS_MAX 128
#define CHECKS 100

static struct spf_services w;

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
	if (strcmp(p->plan, "brief") == 0 && p->asked == 0)
		return ask(p, DNS_TXT, "brief", says);
	if (strcmp(p->plan, "drip") == 0 && p->asked < 11)
		return ask(p, DNS_TXT, "drip", says);
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
teach(void)
{
	char name[32];

	for (unsigned i = 0; i < 40; i++) {
		snprintf(name, sizeof(name), "t%u.example", i);
		spf_services_teach(name, "v=spf1 -all", DNS_FOUND, 1);
	}
	spf_services_teach("void0.example", "v=spf1 a:void1.example -all", DNS_FOUND, 1);
	spf_services_teach("bad0.example", "v=spf1 ip4:nonsense -all", DNS_FOUND, 1);
	spf_services_teach("slow0.example", "v=spf1 -all", DNS_FOUND, 60000);
	spf_services_teach("late0.example", "v=spf1 -all", DNS_FOUND, 3000);
	spf_services_teach("brief0.example", "v=spf1 -all", DNS_FOUND, 200);
	for (unsigned i = 0; i < 11; i++) {
		snprintf(name, sizeof(name), "drip%u.example", i);
		spf_services_teach(name, "v=spf1 -all", DNS_FOUND, 200);
	}
}

static void
begin(int spawner)
{
	spf_services_open(&w, spawner);
	teach();
	memset(order, 0, sizeof(order));
	norder = 0;
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
    {"DNS is too late", "slow@b.example", SPF_TEMPERROR, 0, 1, SPF_SERVICES_MS},
    {"it dies in the middle", "die@b.example", SPF_UNKNOWN, 1, 1, 5},
    {"it dies at once", "crash@b.example", SPF_UNKNOWN, 1, 0, 1},
    {"it says what is no message", "babble@b.example", SPF_UNKNOWN, 1, 0, 1},
    {"it answers another check", "number@b.example", SPF_UNKNOWN, 1, 0, 1},
    {"it says what is ours to say", "verb@b.example", SPF_UNKNOWN, 1, 0, 1},
    {"it says nothing", "silent@b.example", SPF_UNKNOWN, 1, 0, SPF_SERVICES_MS},
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
		begin(0);
		began = clock_ms();
		same_num(spf_services_result(&w, rows[i].sender), rows[i].want, rows[i].label);
		ok(clock_ms() - began <= rows[i].ms, "%s: in time", rows[i].label);
		fake_loop_pass(w.loop, 2000);
		same_num((long long)(counter_get(COUNTER_SPF_DEATHS) - deaths), rows[i].deaths,
		    rows[i].label);
		same_num((long long)(counter_get(COUNTER_SPF_QUESTIONS) - questions),
		    rows[i].questions, rows[i].label);
		same_num((long long)(counter_get(COUNTER_SPF_TEMPERRORS) - temperrors),
		    rows[i].want == SPF_TEMPERROR, rows[i].label);
		same_num((long long)(counter_get(COUNTER_SPF_UNKNOWNS) - unknowns),
		    rows[i].want == SPF_UNKNOWN, rows[i].label);
		same_num(spf_services_result(&w, "pass@after.example"), SPF_PASS,
		    "the next mail is checked");
		spf_services_close(&w);
	}
}

static void
test_none(void)
{
	struct ipaddr loopback;
	struct promise *p;

	fake_spflink_play(worker);
	begin(0);
	ipaddr_parse(&loopback, "127.0.0.1");
	p = spf_check(
	    w.spf, &loopback, "helo.example", "pass@b.example", "r", clock_ms() + 1000, false);
	same_num(promise_wait(p, 0, SPF_NOT_YET), SPF_NONE, "ourselves: none, at once");
	promise_release(&p);
	p = spf_check(w.spf, &w.client, "localhost", "", "r", clock_ms() + 1000, false);
	same_num(promise_wait(p, 0, SPF_NOT_YET), SPF_NONE, "no domain in the HELO");
	promise_release(&p);
	same_num(fake_spflink_started(), 0, "nobody was bothered with that");
	p = spf_check(w.spf, &w.client, "helo.example", "", "", clock_ms() + 1000, false);
	same_num(spf_services_wait(&p), SPF_PASS, "the null sender is checked by its HELO");
	spf_services_close(&w);
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
	begin(0);
	spf_configure(w.spf, 4);
	for (unsigned i = 0; i < CHECKS; i++) {
		struct ipaddr other = w.client;

		other.byte[3] = (uint8_t)i;
		snprintf(sender, sizeof(sender), "brief@d%u.example", i);
		p[i] = spf_check(w.spf, &other, "helo.example", sender, "r",
		    clock_ms() + 1000 * SPF_SERVICES_MS, false);
	}
	fake_loop_turn(w.loop);
	same_num(fake_spflink_started(), 4, "crowd: four at work");
	same_num((long long)norder, 4, "crowd: the others wait");
	for (unsigned i = 0; i < CHECKS; i++) {
		right += promise_wait(p[i], clock_ms() + 1000 * SPF_SERVICES_MS, SPF_NOT_YET) ==
		    SPF_PASS;
		promise_release(&p[i]);
	}
	same_num(right, CHECKS, "crowd: all have passed");
	same_num((long long)(counter_get(COUNTER_SPF_CHECKS) - checks), CHECKS,
	    "crowd: each was checked");
	same_num(fake_spflink_started(), 4, "crowd: by four");
	spf_services_close(&w);
}

static void
test_queue(void)
{
	static const char *const senders[] = {"brief@a.example", "bye@a.example",
	    "crash@a.example", "die@a.example", "echo@a.example"};
	struct promise *p[5], *slow;
	struct ipaddr other = w.client;
	int64_t began;

	fake_spflink_play(worker);
	begin(0);
	spf_configure(w.spf, 1);
	for (int i = 0; i < 5; i++)
		p[i] = spf_services_check(&w, senders[i]);
	for (int i = 0; i < 5; i++)
		same_num(spf_services_wait(&p[i]), i == 2 || i == 3 ? SPF_UNKNOWN : SPF_PASS,
		    senders[i]);
	same_str(order, "bbcde", "one after the other, whoever dies");
	slow = spf_services_check(&w, "silent@a.example");
	fake_loop_turn(w.loop);
	other.byte[3] = 9;
	p[0] = spf_check(
	    w.spf, &other, "h.example", "fine@b.example", "r", clock_ms() + 500, false);
	began = clock_ms();
	same_num(spf_services_wait(&p[0]), SPF_UNKNOWN, "who waits too long knows nothing");
	same_num(clock_ms() - began, 450, "just before his own deadline");
	same_num(spf_services_wait(&slow), SPF_UNKNOWN, "nor does who was in the way");
	spf_services_close(&w);
}

static void
test_single_flight(void)
{
	uint64_t checks = counter_get(COUNTER_SPF_CHECKS);
	struct promise *p[6];
	unsigned right = 0;

	fake_spflink_play(worker);
	begin(0);
	for (int i = 0; i < 4; i++)
		p[i] = spf_services_check(&w, "late@a.example");
	p[4] = spf_services_check(&w, "late@b.example");
	p[5] = spf_check(w.spf, &w.client, "other.example", "late@a.example", "me.example",
	    clock_ms() + SPF_SERVICES_MS, false);
	for (int i = 0; i < 6; i++)
		right += spf_services_wait(&p[i]) == SPF_PASS;
	same_num(right, 6, "flight: all hear it");
	same_num((long long)(counter_get(COUNTER_SPF_CHECKS) - checks), 3,
	    "flight: what is the same is checked once");
	p[0] = spf_check(w.spf, &w.client, "h", "slow@a.example", "r", clock_ms() + 100, false);
	p[1] =
	    spf_check(w.spf, &w.client, "h", "slow@a.example", "r", clock_ms() + 70000, false);
	same_num(promise_wait(p[0], clock_ms() + 100, SPF_NOT_YET), SPF_NOT_YET,
	    "flight: impatient");
	promise_release(&p[0]);
	same_num(promise_wait(p[1], clock_ms() + 70000, SPF_NOT_YET), SPF_PASS,
	    "flight: who joins has his own deadline");
	promise_release(&p[1]);
	spf_services_close(&w);
}

static void
test_without(void)
{
	struct promise *p[3];
	int64_t began;

	begin(-1);
	spf_configure(w.spf, 3);
	same_num(spf_services_result(&w, "pass@b.example"), SPF_UNKNOWN, "no spawner");
	same_num(spf_services_result(&w, "pass"), SPF_NONE, "no spawner, nor a domain");
	spf_services_close(&w);
	fake_spflink_play(worker);
	fake_spflink_refuse(true);
	begin(0);
	began = clock_ms();
	for (int i = 0; i < 3; i++)
		p[i] = spf_services_check(&w,
		    i == 0       ? "a@b.example"
			: i == 1 ? "b@b.example"
				 : "c@b.example");
	for (int i = 0; i < 3; i++)
		same_num(spf_services_wait(&p[i]), SPF_UNKNOWN, "no process to be had");
	same_num(clock_ms() - began, 0, "nobody waits for that");
	fake_spflink_refuse(false);
	fake_loop_pass(w.loop, 1000);
	same_num(spf_services_result(&w, "pass@b.example"), SPF_PASS, "they are back");
	spf_services_close(&w);
}

/* Many checks at once: sender and client of each have "%u" for its number. */
static void
check_many(struct promise *p[], unsigned n, const char *sender, const char *client)
{
	char text[64];
	struct ipaddr other;

	for (unsigned i = 0; i < n; i++) {
		snprintf(text, sizeof(text), client, i + 1);
		(void)ipaddr_parse(&other, text);
		snprintf(text, sizeof(text), sender, i + 1);
		p[i] = spf_check(w.spf, &other, "helo.example", text, "me.example",
		    clock_ms() + SPF_SERVICES_MS, false);
	}
	fake_loop_turn(w.loop);
}

/* How many of them come to that. */
static unsigned
count_results(struct promise *p[], unsigned n, enum spf_result wanted)
{
	unsigned found = 0;

	for (unsigned i = 0; i < n; i++)
		found += spf_services_wait(&p[i]) == (int)wanted;
	return found;
}

/*
 * Whose DNS is silent holds no more processes than its share, and gives way to what
 * comes after it of the same client, or domain: nobody can make the own check come to
 * nothing by others.
 */
static const struct {
	const char *label, *silent, *client;
	const char *last, *client_of_last; /* checked when those are under way */
	int64_t ms;                        /* it takes, no more */
	unsigned temperrors;               /* of the eight before it */
} stuffings[] = {
    {"one client", "slow@d%u.example", "198.51.100.7", "pass@e.example", "198.51.100.7", 1100,
	8},
    {"one domain", "slow@x%u.example.com", "203.0.113.%u", "pass@example.com", "198.51.100.7",
	1100, 8},
    /* The last one has nobody behind it, and may go on. */
    {"one client that drips", "drip@d%u.example", "198.51.100.7", "pass@e.example",
	"198.51.100.7", 1100, 7},
    {"beside one client", "slow@d%u.example", "198.51.100.7", "pass@e.example", "203.0.113.9",
	0, 8},
    {"beside one domain", "slow@x%u.example.com", "203.0.113.%u", "pass@e.example",
	"198.51.100.7", 0, 8},
    {"many strangers", "slow@d%u.example", "203.0.113.%u", "pass@e.example", "198.51.100.7",
	300, 8},
};

static void
test_stuffed(void)
{
	for (size_t i = 0; i < sizeof(stuffings) / sizeof(stuffings[0]); i++) {
		const char *label = stuffings[i].label;
		struct promise *p[8], *last;
		int64_t began;

		fake_spflink_play(worker);
		begin(0);
		spf_configure(w.spf, 8);
		check_many(p, 8, stuffings[i].silent, stuffings[i].client);
		check_many(&last, 1, stuffings[i].last, stuffings[i].client_of_last);
		began = clock_ms();
		same_num(spf_services_wait(&last), SPF_PASS, label);
		ok(clock_ms() - began <= stuffings[i].ms, "%s: it has not waited long", label);
		same_num(count_results(p, 8, SPF_TEMPERROR), stuffings[i].temperrors,
		    "the others are temperror");
		spf_services_close(&w);
	}
}

/*
 * So many checks of strangers that come before another one, and how many of all of
 * them have had a process until that one is done.
 */
static void
test_strangers(void)
{
	static const struct {
		const char *label;
		unsigned strangers, processes;
		int64_t ms;
	} rows_of[] = {
	    {"fewer than processes", 40, 128, 0},
	    {"more than processes", 200, 128, 300},
	    {"far more", 200, 50, 1100},
	};

	for (size_t i = 0; i < sizeof(rows_of) / sizeof(rows_of[0]); i++) {
		struct promise *p[200], *last;
		const char *label = rows_of[i].label;
		int64_t began;

		fake_spflink_play(worker);
		begin(0);
		spf_configure(w.spf, rows_of[i].processes);
		check_many(p, rows_of[i].strangers, "slow@d%u.example", "203.0.113.%u");
		check_many(&last, 1, "pass@e.example", "198.51.100.7");
		began = clock_ms();
		same_num(spf_services_wait(&last), SPF_PASS, label);
		ok(clock_ms() - began <= rows_of[i].ms, "%s: after %lld ms", label,
		    (long long)(clock_ms() - began));
		same_num(count_results(p, rows_of[i].strangers, SPF_TEMPERROR),
		    rows_of[i].strangers, "no stranger has made us err");
		spf_services_close(&w);
	}
}

/* Nobody gives way where nobody waits, nor before DNS has had some time. */
static void
test_patience(void)
{
	struct promise *p[3];

	fake_spflink_play(worker);
	begin(0);
	spf_configure(w.spf, 2);
	check_many(p, 2, "late@d%u.example", "203.0.113.%u");
	same_num(count_results(p, 2, SPF_PASS), 2, "late answers are waited for");
	check_many(p, 3, "brief@d%u.example", "203.0.113.%u");
	same_num(count_results(p, 3, SPF_PASS), 3, "and early ones, by who holds a process");
	spf_services_close(&w);
}

/* What is more than a client's share, and is looked at late or never, is no fault of ours. */
static void
test_own_share(void)
{
	struct promise *p[14];

	fake_spflink_play(worker);
	begin(0);
	spf_configure(w.spf, 4);
	check_many(p, 8, "silent@d%u.example", "198.51.100.7");
	same_num((long long)norder, 1, "one at work");
	same_num(spf_services_wait(&p[0]), SPF_UNKNOWN, "it is the process that is silent");
	same_num(count_results(p + 1, 7, SPF_TEMPERROR), 7, "the others wait for that");
	spf_services_close(&w);
	fake_spflink_play(worker);
	begin(0);
	spf_configure(w.spf, 4);
	check_many(p, 14, "slow@d%u.example", "198.51.100.7");
	same_num(count_results(p, 14, SPF_TEMPERROR), 14, "nor where one begins at last");
	spf_services_close(&w);
	fake_spflink_play(worker);
	begin(0);
	spf_configure(w.spf, 4);
	check_many(p, 13, "slow@d%u.example", "198.51.100.7");
	check_many(p + 13, 1, "silent@e.example", "198.51.100.7");
	same_num(count_results(p, 14, SPF_TEMPERROR), 14, "and its process has no time left");
	spf_services_close(&w);
}

/* Whose share was in the way for a moment, and then had to wait for a process. */
static void
test_no_process(void)
{
	struct promise *first, *p[12], *last;

	fake_spflink_play(worker);
	begin(0);
	spf_configure(w.spf, 1);
	check_many(&first, 1, "slow@a.example", "198.51.100.7");
	check_many(p, 12, "slow@d%u.example", "203.0.113.%u");
	check_many(&last, 1, "slow@z.example", "198.51.100.7");
	same_num(spf_services_wait(&last), SPF_UNKNOWN, "too few processes are our fault");
	same_num(spf_services_wait(&first), SPF_TEMPERROR, "a silent server is not");
	same_num(count_results(p, 12, SPF_TEMPERROR), 12, "for all who came between");
	spf_services_close(&w);
}

/* A process is there at last, but too late for DNS to answer: not its fault. */
static void
test_late_start(void)
{
	struct ipaddr other = w.client;
	struct promise *first, *second;

	fake_spflink_play(worker);
	begin(0);
	spf_configure(w.spf, 1);
	first = spf_check(w.spf, &w.client, "h.example", "silent@a.example", "r",
	    clock_ms() + SPF_SERVICES_MS, false);
	fake_loop_turn(w.loop);
	other.byte[3] = 9;
	second = spf_check(w.spf, &other, "h.example", "slow@b.example", "r",
	    clock_ms() + SPF_SERVICES_MS + 1500, false);
	same_num(spf_services_wait(&first), SPF_UNKNOWN, "late: one in the way");
	same_num(promise_wait(second, clock_ms() + SPF_SERVICES_MS, SPF_NOT_YET), SPF_UNKNOWN,
	    "late: DNS had no time");
	promise_release(&second);
	spf_services_close(&w);
}

/* An end at any time, with all of it open. */
static void
test_end(void)
{
	struct promise *p[4];

	fake_spflink_play(worker);
	begin(0);
	spf_configure(w.spf, 2);
	p[0] = spf_services_check(&w, "slow@a.example");
	p[1] = spf_services_check(&w, "silent@a.example");
	p[2] = spf_services_check(&w, "pass@a.example");
	fake_loop_turn(w.loop);
	p[3] = spf_services_check(&w, "pass@b.example");
	promises_hurry(w.promises);
	for (int i = 0; i < 4; i++) {
		same_num(promise_wait(p[i], clock_ms() + SPF_SERVICES_MS, SPF_NOT_YET),
		    SPF_NOT_YET, "a stop: nobody waits");
		promise_release(&p[i]);
	}
	spf_services_close(&w);
	ok(true, "the end of what is open");
}

int
main(void)
{
	if (!spf_services_begin(&w))
		return 1;
	test_rows();
	test_none();
	test_crowd();
	test_queue();
	test_single_flight();
	test_without();
	test_stuffed();
	test_strangers();
	test_patience();
	test_own_share();
	test_no_process();
	test_late_start();
	test_end();
	spf_services_end(&w);
	return done();
}
