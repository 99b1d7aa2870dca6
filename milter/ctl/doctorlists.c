/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ctl/doctorlists.c - the self-test of the daemon's health check, all lists at once, and two
 * questions for the test entry: the one before it finds what a resolver has kept for too
 * long, the one behind it what the list says now.
 */
#include "config.h"

#include "ctl/doctorlists.h"

#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/strbuf.h"
#include "conf/conf.h"
#include "ctl/doctorask.h"
#include "dns/dns.h"
#include "health/canary.h"
#include "health/selftest.h"
#include "loop/loop.h"

#define TESTS_MAX 512
#define PATIENCE_MS 8000 /* for all self-tests: what has no answer ends sooner */
#define ENTRY_MS 2000    /* for one question about an entry */
#define ENTRIES_MS 4000  /* for all of them, each time */
#define REFRESH_MS 2000  /* in which a resolver asks anew behind an old answer */
#define STEP_MS 100
#define TTL_STALE 30 /* of old answers, by default of Unbound (RFC 8767, 4) */
#define NAME_SIZE 256

struct look;

/* A list at a server. */
struct list_test {
	struct look *look;
	unsigned list; /* in the roster */
	const char *server;
	struct selftest_plan plan;
	struct selftest_report report;
	bool reported, begun;
	struct doctorask_answer before, after, absent;
	int64_t asked_ms; /* when before was asked, and then how much later after was */
};

struct look {
	struct machine *m;
	struct loop *loop;
	struct roster *roster;
	unsigned n;
	struct list_test *test;
	struct dns *dns[TESTS_MAX]; /* of each test; the same for a server */
	atomic_uint open;           /* tests that have not been reported */
};

static const struct listing *
list_of(const struct list_test *t)
{
	return t->look->roster->list[t->list];
}

/* --- Which --- */

/* A canary of every block; a list may hold a block on purpose, but not all of a side. */
static void
make_plan(struct selftest_plan *plan, const struct listing *list)
{
	*plan = (struct selftest_plan){
	    .entries = true, .unchecked = true, .server = DNS_ANY_SERVER};
	for (enum canary_side side = 0; side < CANARY_SIDES; side++)
		for (unsigned n = 0; n < canary_blocks(list, side); n++)
			plan->canary[plan->ncanaries++] = (struct canary_block){side, n};
}

static void
add_test(struct look *l, unsigned list, const char *server)
{
	struct list_test *t = &l->test[l->n];

	if (l->n == TESTS_MAX)
		return;
	t->look = l;
	t->list = list;
	t->server = server;
	make_plan(&t->plan, list_of(t));
	l->n++;
}

/* Each list at its own servers, or at all resolvers. */
static void
add_tests(struct look *l)
{
	for (unsigned i = 0; i < l->roster->n; i++) {
		char *const *own = l->roster->list[i]->servers;

		if (listing_is_local(l->roster->list[i]))
			continue;
		for (; *own != NULL; own++)
			add_test(l, i, *own);
		if (l->roster->list[i]->servers[0] != NULL)
			continue;
		for (size_t k = 0; k < l->m->nresolvers; k++)
			add_test(l, i, l->m->resolver[k]);
	}
}

/* --- The self-tests, on the I/O thread --- */

static void
on_report(void *arg, const struct selftest_report *report)
{
	struct list_test *t = arg;

	t->report = *report;
	t->reported = true;
	atomic_fetch_sub(&t->look->open, 1);
}

/* The client of a server; one that an earlier test has. */
static struct dns *
find_dns(struct look *l, unsigned i)
{
	char *servers[] = {(char *)(uintptr_t)l->test[i].server, NULL}, why[NAME_SIZE];

	for (unsigned k = 0; k < i; k++)
		if (strcmp(l->test[k].server, l->test[i].server) == 0)
			return l->dns[k];
	return dns_new(l->loop, servers, why, sizeof(why));
}

static void
begin_all(void *arg)
{
	struct look *l = arg;

	for (unsigned i = 0; i < l->n; i++) {
		struct list_test *t = &l->test[i];

		l->dns[i] = find_dns(l, i);
		t->begun =
		    selftest_start(l->dns[i], l->roster, t->list, &t->plan, on_report, t);
		if (!t->begun)
			atomic_fetch_sub(&l->open, 1);
	}
}

static void
end_all(struct look *l)
{
	for (unsigned i = 0; i < l->n; i++) {
		bool again = false;

		for (unsigned k = 0; k < i; k++)
			again |= l->dns[k] == l->dns[i];
		if (!again)
			dns_free(l->dns[i]);
	}
}

static void
rest(int64_t ms)
{
	const struct timespec step = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};

	nanosleep(&step, NULL);
}

/* False: there is no thread to be had. */
static bool
run_tests(struct look *l)
{
	int64_t deadline = machine_until(l->m, PATIENCE_MS);

	atomic_store(&l->open, l->n);
	if ((l->loop = loop_new()) == NULL || !loop_start(l->loop))
		return false;
	loop_call(l->loop, begin_all, l);
	while (atomic_load(&l->open) > 0 && clock_ms() < deadline) {
		rest(STEP_MS);
		machine_tick(l->m);
	}
	loop_stop(l->loop);
	end_all(l); /* what is open is told now: nobody has answered */
	return true;
}

/* --- The entries, one after the other --- */

/* The name of the entry in DNS; false: it has none, or is of IPv6 alone. */
static bool
entry_name(const struct listing *list, char out[NAME_SIZE])
{
	struct strbuf sb;
	const char *own = list->test_listed != NULL ? list->test_listed : "test";

	strbuf_init(&sb, out, NAME_SIZE);
	if (!list->test_entry || (list->role == ROLE_ADDRESS && !list->ipv4))
		return false;
	strbuf_addf(&sb, "%s.%s", list->role == ROLE_ADDRESS ? "2.0.0.127" : own, list->zone);
	return !sb.cut;
}

static void
ask_name(
    const struct list_test *t, const char *name, struct doctorask_answer *out, int64_t deadline)
{
	const struct doctorask ask = {.server = t->server, .name = name, .flags = DNS_EDNS};
	int64_t until = clock_ms() + ENTRY_MS;

	doctorask(&ask, until < deadline ? until : deadline, out);
}

/* What a resolver has kept, before anybody has it ask anew. */
static void
ask_before(struct look *l)
{
	int64_t deadline = machine_until(l->m, ENTRIES_MS);
	char name[NAME_SIZE];

	for (unsigned i = 0; i < l->n; i++) {
		struct list_test *t = &l->test[i];

		t->asked_ms = clock_ms();
		if (entry_name(list_of(t), name))
			ask_name(t, name, &t->before, deadline);
		machine_tick(l->m);
	}
}

/* What the list says now; and how long the resolver keeps an absence that nobody can have
 * asked about. */
static void
ask_after(struct list_test *t, int64_t deadline)
{
	char name[NAME_SIZE];
	struct canary canary;

	t->asked_ms = clock_ms() - t->asked_ms;
	if (entry_name(list_of(t), name))
		ask_name(t, name, &t->after, deadline);
	if (t->plan.ncanaries > 0 && canary_draw(&canary, list_of(t), t->plan.canary[0]) &&
	    listing_query(list_of(t), &canary.subject, name, sizeof(name)))
		ask_name(t, name, &t->absent, deadline);
}

/* --- What came of it --- */

/* Whether all canaries of some side are listed. */
static bool
lists_a_side(const struct list_test *t)
{
	for (enum canary_side side = 0; side < CANARY_SIDES; side++) {
		unsigned all = 0, held = 0;

		for (unsigned i = 0; i < t->plan.ncanaries; i++) {
			all += t->plan.canary[i].side == side;
			held += t->plan.canary[i].side == side &&
			    t->report.canary[i] == SELFTEST_LISTS_ALL;
		}
		if (all > 0 && held == all)
			return true;
	}
	return false;
}

static enum selftest_result
result_of(const struct list_test *t)
{
	enum selftest_result worst = t->report.entries;

	for (unsigned i = 0; i < t->plan.ncanaries; i++)
		if (t->report.canary[i] != SELFTEST_LISTS_ALL && t->report.canary[i] > worst)
			worst = t->report.canary[i];
	if (worst == SELFTEST_SILENT && t->report.worst == SELFTEST_UNANSWERED)
		worst = SELFTEST_UNANSWERED;
	return lists_a_side(t) ? SELFTEST_LISTS_ALL : worst;
}

/* Only where there are answers to be had. */
static void
ask_all_after(struct look *l)
{
	int64_t deadline = machine_until(l->m, ENTRIES_MS);

	for (unsigned i = 0; i < l->n; i++) {
		if (l->test[i].reported && result_of(&l->test[i]) == SELFTEST_GOOD)
			ask_after(&l->test[i], deadline);
		machine_tick(l->m);
	}
}

/* What a list is called here: its label, and what is asked, where it is no address. */
static void
name_test(const struct list_test *t, char out[NAME_SIZE])
{
	const struct listing *list = list_of(t);
	struct strbuf sb;

	strbuf_init(&sb, out, NAME_SIZE);
	strbuf_addf(&sb, "list \"%s\"", list->label);
	if (list->role != ROLE_ADDRESS)
		strbuf_addf(&sb, " (%s)", role_name(list->role));
	strbuf_addf(&sb, " at %s", t->server);
}

static void
add_fault(const struct list_test *t, const char *who, enum selftest_result result)
{
	const char *hint = result == SELFTEST_SILENT ? diagnosis_hint(&t->report.diagnosis)
						     : selftest_hint(&t->report, result);
	const char *answer = "";

	if (result == SELFTEST_SILENT || result == SELFTEST_UNANSWERED)
		answer = answer_kind_name(t->report.diagnosis.entry != ANSWER_UNASKED
			? t->report.diagnosis.entry
			: t->report.diagnosis.clear);
	machine_add(t->look->m, FINDING_ERROR, "list-test", hint, "%s: %s: %s%s%s%s", who,
	    selftest_name(result), t->report.evidence, answer[0] != '\0' ? " (" : "", answer,
	    answer[0] != '\0' ? ")" : "");
}

/* The TTL of the first answer is that of old ones, and the second is not its rest. */
static bool
is_stale(const struct list_test *t)
{
	const struct dns_reply *before = &t->before.reply, *after = &t->after.reply;
	int64_t left = TTL_STALE - t->asked_ms / 1000;

	if (t->before.stale)
		return true;
	return before->status == DNS_FOUND && after->status == DNS_FOUND &&
	    before->ttl == TTL_STALE &&
	    (after->ttl > TTL_STALE || (int64_t)after->ttl < left - 1);
}

static void
look_at_age(const struct list_test *t, const char *who)
{
	if (is_stale(t))
		machine_add(t->look->m, FINDING_WARNING, "list-expired",
		    "unbound serve-expired-client-timeout: 1800, serve-expired-ttl; dnsmasq "
		    "without use-stale-cache",
		    "%s: the resolver gives expired answers first: a delisted sender is refused "
		    "by the first of them",
		    who);
	if (t->absent.soa_ttl > t->absent.soa_minimum)
		machine_add(t->look->m, FINDING_WARNING, "list-kept",
		    "unbound cache-min-ttl: 0, dnsmasq without min-cache-ttl",
		    "%s: the resolver keeps \"not listed\" for %" PRIu32
		    " s, and the list says %" PRIu32 " s",
		    who, t->absent.soa_ttl, t->absent.soa_minimum);
	if (t->absent.reply.status == DNS_ABSENT && !t->absent.reply.soa)
		machine_add(t->look->m, FINDING_WARNING, "list-soa",
		    "if the list is yours, give it a SOA ($SOA of rbldnsd)",
		    "%s: \"not listed\" comes without a SOA: it is not kept, and asked anew each "
		    "time",
		    who);
}

static void
tell(const struct list_test *t)
{
	enum selftest_result result = result_of(t);
	char who[NAME_SIZE];

	name_test(t, who);
	if (!t->begun || !t->reported) {
		machine_add(t->look->m, FINDING_UNSEEN, "list-test", NULL,
		    "%s: no test could be begun", who);
		return;
	}
	if (result != SELFTEST_GOOD) {
		add_fault(t, who, result);
		return;
	}
	machine_add(t->look->m, FINDING_OK, "list-test", NULL, "%s passes its tests%s", who,
	    list_of(t)->test_entry
		? ""
		: ", but it has no test entry: whether anybody is on it is not known");
	look_at_age(t, who);
}

/* All at once, and then what each says. */
static void
look_at_all(struct look *l)
{
	ask_before(l);
	if (run_tests(l)) {
		rest(REFRESH_MS);
		ask_all_after(l);
	}
	for (unsigned i = 0; i < l->n; i++)
		tell(&l->test[i]);
	loop_free(l->loop);
}

void
doctorlists_look(struct machine *m)
{
	struct look *l = calloc(1, sizeof(*l));
	struct list_test *test = calloc(TESTS_MAX, sizeof(*test));

	if (m->conf == NULL) {
		machine_add(m, FINDING_UNSEEN, "list-test", NULL, MACHINE_NEEDS_CONF);
	} else if (m->conf->roster->n == 0) {
		machine_add(m, FINDING_OK, "list-test", NULL, "no policy names a list");
	} else if (l == NULL || test == NULL) {
		machine_add(m, FINDING_UNSEEN, "list-test", NULL, "out of memory");
	} else {
		*l = (struct look){.m = m, .roster = m->conf->roster, .test = test};
		add_tests(l);
		look_at_all(l);
	}
	free(test);
	free(l);
}
