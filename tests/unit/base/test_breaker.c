/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_breaker.c - how long a dead server is left alone, and that the log has
 * one line for its going and one for its coming back.
 */
#include "config.h"

#include "base/breaker.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "tap.h"

static char *text;
static size_t size;

static void
test_delays(void)
{
	static const int64_t nominal[] = {1000, 2000, 4000, 4000, 4000, 4000};
	struct breaker b;

	breaker_init(&b, "redis", "127.0.0.1:6379");
	for (size_t i = 0; i < sizeof(nominal) / sizeof(nominal[0]); i++) {
		int64_t delay = breaker_fail(&b, "reason");

		ok(delay >= nominal[i] * 8 / 10 && delay <= nominal[i] * 12 / 10, "failure %zu",
		    i);
		ok(delay < 5000, "failure %zu: below five seconds", i);
	}
	breaker_mend(&b);
	ok(breaker_fail(&b, "reason") >= 3200, "back, but no work done: still patient");
	breaker_mend(&b);
	breaker_trust(&b);
	ok(breaker_fail(&b, "reason") <= 1200, "work done: a first failure again");
}

static void
test_lines(void)
{
	struct breaker b;
	FILE *stream = open_memstream(&text, &size);

	if (stream == NULL)
		abort();
	log_to_stream(stream);
	clock_freeze(1000000, 1766300000);
	breaker_init(&b, "redis", "127.0.0.1:6379");
	breaker_mend(&b);
	fflush(stream);
	same_num((long long)size, 0, "up from the start: nothing to say");
	ok(!b.down, "up");
	breaker_fail(&b, "Connection refused");
	breaker_fail(&b, "another reason");
	ok(b.down, "down");
	clock_advance(61999);
	breaker_mend(&b);
	breaker_mend(&b);
	ok(!b.down, "up again");
	log_to_stream(stderr);
	fclose(stream);
	ok(strstr(text, "event=redis-down server=127.0.0.1:6379 reason=connection-refused\n") !=
		NULL,
	    "the first reason");
	ok(strstr(text, "event=redis-up server=127.0.0.1:6379 after=61\n") != NULL,
	    "after how long");
	ok(strchr(strchr(text, '\n') + 1, '\n')[1] == '\0', "two lines");
	free(text);
}

static void
test_long_name(void)
{
	char name[300];
	struct breaker b;

	memset(name, 'x', sizeof(name));
	name[sizeof(name) - 1] = '\0';
	breaker_init(&b, "redis", name);
	same_num((long long)strlen(b.server), BREAKER_SERVER_MAX - 1, "a name too long is cut");
}

int
main(void)
{
	FILE *null = fopen("/dev/null", "w");

	log_to_stream(null);
	test_delays();
	test_lines();
	test_long_name();
	if (null != NULL)
		fclose(null);
	return done();
}
