/* SPDX-License-Identifier: BSD-2-Clause */
/* test_silent.c - when a list counts as silent, and how soon it is heard again. */
#include "config.h"

#include "health/breaker.h"

#include <string.h>

#include "base/clock.h"
#include "fakes/fake_loop.h"
#include "loop/loop.h"

#include "tap.h"

static unsigned falls, tries, breaks;
static int64_t lasted;
static int64_t last_try, longest_pause;

static void
on_fall(void *arg)
{
	(void)arg;
	falls++;
	last_try = clock_ms();
	longest_pause = 0;
}

static void
on_try(void *arg)
{
	(void)arg;
	tries++;
	if (clock_ms() - last_try > longest_pause)
		longest_pause = clock_ms() - last_try;
	last_try = clock_ms();
}

static void
on_break(void *arg, int64_t after_ms)
{
	(void)arg;
	breaks++;
	lasted = after_ms;
}

static const struct list_breaker_owner owner = {
    .fell = on_fall, .try = on_try, .broke = on_break};

/*
 * One letter a step: q a question, a an answer, n none, 0-9 so many hundred
 * milliseconds, s a second, b an answer to a try.
 */
static const struct {
	const char *label, *steps;
	bool silent;
} rows[] = {
    {"nothing asked", "sssss", false},
    {"one that is slow", "qsssa", false},
    {"one open, for ever", "qsssssss", false},
    {"one ended without an answer", "qsn", false},
    {"and nothing came after it", "qsnss", true},
    {"something came after it", "qsnqass", false},
    {"three open, not for long", "qqqs", false},
    {"three open for long", "qqqss", true},
    {"two open for long", "qqss", false},
    {"three open, one answered", "qqqsas", false},
    {"three came just now, long after the last answer", "qassssqqq9", false},
    {"one hangs, the others do not", "qsqasqasqasqaqas", false},
    {"one hangs, then many at once", "qsqassssqqq9", false},
    {"nine in a row fail at once", "qnqnqnqnqnqnqnqnqn", false},
    {"ten", "qnqnqnqnqnqnqnqnqnqn", true},
    {"ten, but for an answer", "qnqnqnqnqnqaqnqnqnqn", false},
    {"heard again", "qqqssb", false},
    {"what hung then says nothing now", "qqqqqqqqqqqqssbnnnnnnnnnnnnss", false},
    {"but a failure now does", "qqqqqqqqqqqqssbnnnnnnnnnnnnqnss", true},
    {"what hung then and is answered late", "qqqqssbaaaass", false},
    {"as many open again", "qqqssbqqqss", true},
    {"an answer without a question", "aaqss", false},
};

static void
play(struct loop *loop, struct list_breaker *s, const char *steps)
{
	for (; *steps != '\0'; steps++)
		switch (*steps) {
		case 'q':
			list_breaker_asked(s);
			break;
		case 'a':
			list_breaker_answered(s, true);
			break;
		case 'n':
			list_breaker_answered(s, false);
			break;
		case 'b':
			list_breaker_close(s);
			break;
		case 's':
			fake_loop_pass(loop, 1000);
			break;
		default:
			fake_loop_pass(loop, (*steps - '0') * 100);
		}
}

static void
test_rows(struct loop *loop)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct list_breaker s;

		list_breaker_init(&s, loop, &owner);
		play(loop, &s, rows[i].steps);
		same_num(list_breaker_is_open(&s), rows[i].silent, rows[i].label);
		list_breaker_free(&s);
	}
}

static void
test_tries(struct loop *loop)
{
	struct list_breaker s;

	list_breaker_init(&s, loop, &owner);
	falls = tries = breaks = 0;
	list_breaker_open(&s);
	list_breaker_open(&s);
	same_num(falls, 1, "told once that it is silent");
	fake_loop_pass(loop, 60000);
	ok(tries >= 14 && tries <= 18, "a minute: tried %u times", tries);
	ok(longest_pause < 5000, "never five seconds without a try: %lld ms",
	    (long long)longest_pause);
	same_num(list_breaker_open_ms(&s), 60000, "it lasts for so long");

	list_breaker_pause(&s);
	tries = 0;
	fake_loop_pass(loop, 60000);
	same_num(tries, 0, "not wanted: not tried");
	list_breaker_resume(&s);
	fake_loop_pass(loop, 1);
	same_num(tries, 1, "wanted again: tried at once");

	list_breaker_close(&s);
	list_breaker_close(&s);
	ok(!list_breaker_is_open(&s) && list_breaker_open_ms(&s) == 0, "it answers");
	same_num(breaks, 1, "told once, too");
	same_num(lasted, 120001, "and how long it was silent");
	tries = 0;
	fake_loop_pass(loop, 60000);
	same_num(tries, 0, "then it is not tried any more");
	list_breaker_free(&s);
}

/* What was asked before it was left alone may yet find it silent: it stays alone. */
static void
test_rest(struct loop *loop)
{
	static const struct {
		const char *label, *before, *after; /* steps */
		unsigned tries;
	} list[] = {
	    {"rest: silent before", "qqqss", "", 0},
	    {"rest: silent after it", "qqq", "", 0},
	    {"rest: its questions end without an answer", "qqqqqqqqqq", "nnnnnnnnnn", 0},
	    {"rest: silent twice", "qqqss", "bqqqss", 0},
	    {"at work: silent", "", "qqqss", 1},
	};

	for (size_t i = 0; i < sizeof(list) / sizeof(list[0]); i++) {
		struct list_breaker s;

		list_breaker_init(&s, loop, &owner);
		play(loop, &s, list[i].before);
		if (list[i].tries == 0)
			list_breaker_pause(&s);
		tries = 0;
		play(loop, &s, list[i].after);
		fake_loop_pass(loop, 3600000);
		ok(list_breaker_is_open(&s), "%s", list[i].label);
		ok((tries > 0) == (list[i].tries > 0), "%s: tried %u times", list[i].label,
		    tries);
		tries = 0;
		list_breaker_resume(&s);
		fake_loop_pass(loop, 1);
		ok(tries > 0, "%s: tried when it is wanted again", list[i].label);
		list_breaker_free(&s);
	}
}

int
main(void)
{
	struct loop *loop = loop_new();

	clock_freeze(1000000, 1766300000);
	test_rows(loop);
	test_tries(loop);
	test_rest(loop);
	loop_free(loop);
	return done();
}
