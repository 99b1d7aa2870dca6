/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_outage.c - a list falls silent and comes back: what it is asked, what the log says,
 * and whom it concerns.
 */
#include "config.h"

#include "health/outage.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "fakes/fake_loop.h"
#include "loop/loop.h"

#include "tap.h"

static char label[] = "demo";
static struct listing demo = {.label = label, .ipv4 = true, .ipv6 = true};

/* What it was asked last. */
static struct {
	struct selftest_plan plan;
	selftest_done *end;
	void *arg;
	unsigned n;
	bool can;
} asked;

static unsigned began, ended;

static bool
ask(void *arg, const struct selftest_plan *plan, selftest_done *end, void *selftest)
{
	(void)arg;
	if (!asked.can)
		return false;
	asked.plan = *plan;
	asked.end = end;
	asked.arg = selftest;
	asked.n++;
	return true;
}

static void
on_begin(void *arg)
{
	(void)arg;
	began++;
}

static void
on_end(void *arg)
{
	(void)arg;
	ended++;
}

static FILE *stream;
static char *text;
static size_t size;

static void
listen_to_log(void)
{
	stream = open_memstream(&text, &size);
	log_to_stream(stream);
}

/* What the log has said since, by one event or none. */
static void
said(const char *event, const char *what)
{
	const char *at;

	log_to_stream(stderr);
	fclose(stream);
	at = strstr(text, "event=");
	if (event == NULL)
		ok(at == NULL, "%s: nothing is said: %s", what, text);
	else
		ok(at != NULL && strncmp(at, event, strlen(event)) == 0, "%s: %s", what, text);
	free(text);
}

/* Ten questions in a row have no answer. */
static void
fall_silent(struct outage *o)
{
	for (unsigned i = 0; i < 10; i++) {
		list_breaker_asked(&o->breaker);
		outage_answered(o, false, ANSWER_SERVFAIL);
	}
}

static void
test_life(struct outage *o, struct loop *loop)
{
	struct selftest_report report = {.worst = SELFTEST_SILENT,
	    .diagnosis = {.entry = ANSWER_SERVFAIL,
		.clear = ANSWER_SERVFAIL,
		.unchecked = ANSWER_LISTED}};

	asked.can = true;
	listen_to_log();
	fall_silent(o);
	said(NULL, "before it is looked into");
	same_num(began, 1, "its owner is told");
	ok(asked.plan.entries && asked.plan.unchecked && asked.plan.ncanaries <= 1,
	    "it is asked what its answers are like");
	listen_to_log();
	asked.end(asked.arg, &report);
	said("event=list-silent list=demo", "then");
	ok(o->hint != NULL, "what helps is known");

	listen_to_log();
	asked.n = 0;
	fake_loop_pass(loop, 60000);
	ok(asked.n >= 14, "it is probed: %u times in a minute", asked.n);
	ok(!asked.plan.entries && asked.plan.ncanaries == 1, "by a canary alone");
	asked.end(asked.arg, &report);
	ok(list_breaker_is_open(&o->breaker), "a canary without an answer says nothing new");
	said(NULL, "meanwhile");

	listen_to_log();
	report.worst = SELFTEST_LISTS_ALL;
	asked.end(asked.arg, &report);
	said("event=list-answers list=demo after=60", "one that has any answer");
	ok(!list_breaker_is_open(&o->breaker) && ended == 1, "ends it, and the owner is told");
}

static void
test_unasked(struct outage *o)
{
	asked.can = false;
	listen_to_log();
	fall_silent(o);
	said("event=list-silent list=demo", "no memory for a question: said at once");
	listen_to_log();
	list_breaker_close(&o->breaker);
	said("event=list-answers list=demo", "and that it answers");
}

static void
test_left(struct outage *o, struct loop *loop)
{
	asked.can = true;
	asked.n = began = 0;
	outage_leave(o);
	listen_to_log();
	fall_silent(o);
	fake_loop_pass(loop, 60000);
	said(NULL, "of a list that nobody has configured");
	same_num(asked.n, 0, "nor is it asked");
	same_num(began, 1, "who waits for it is told all the same");
	outage_watch(o, &demo);
	fake_loop_pass(loop, 1);
	same_num(asked.n, 1, "configured again: asked at once");
}

int
main(void)
{
	struct loop *loop = loop_new();
	struct canaries *canaries = canaries_new(loop, &(struct canaries_owner){.ask = ask});
	struct outage o;

	clock_freeze(1000000, 1766300000);
	canaries_of(canaries, &demo, 1000);
	outage_init(&o, loop, canaries,
	    &(struct outage_owner){.ask = ask, .began = on_begin, .ended = on_end});
	outage_watch(&o, &demo);
	test_life(&o, loop);
	test_unasked(&o);
	test_left(&o, loop);
	outage_free(&o);
	canaries_free(canaries);
	loop_free(loop);
	return done();
}
