/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_logqueue.c - lines in the ring: in order, whole, and no more than fit.
 */
#include "config.h"

#include "base/logqueue.h"

#include <stdlib.h>

#include "tap.h"

#define LONGEST 65535

static struct logqueue queue;
static char text[LONGEST + 1], out[LONGEST + 1];

static void
test_lengths(void)
{
	static const struct {
		const char *label;
		size_t len, size, want;
	} rows[] = {
	    {"empty", 0, sizeof(out), 0},
	    {"one byte", 1, sizeof(out), 1},
	    {"longest", LONGEST, sizeof(out), LONGEST},
	    {"just room for it", 10, 11, 10},
	    {"cut to the room there is", 10, 10, 9},
	    {"room for the NUL alone", 10, 1, 0},
	};
	unsigned char mark;

	memset(text, 'a', LONGEST);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		ok(logqueue_put(&queue, (unsigned char)i, text, rows[i].len), "%s",
		    rows[i].label);
		ok(logqueue_take(&queue, &mark, out, rows[i].size), "%s", rows[i].label);
		same_num(mark, (long long)i, rows[i].label);
		same_num((long long)strlen(out), (long long)rows[i].want, rows[i].label);
		same_num((long long)queue.used, 0, rows[i].label);
	}
	ok(!logqueue_take(&queue, &mark, out, sizeof(out)), "nothing is left");
}

/* A line that does not fit is refused, and those that are in it stay as they are. */
static void
test_full(void)
{
	size_t puts = 0, takes = 0, wrong = 0;
	unsigned char mark;

	memset(text, 'b', LONGEST);
	while (logqueue_put(&queue, (unsigned char)(puts % 251), text, 1000))
		puts++;
	same_num((long long)puts, LOGQUEUE_SIZE / (1000 + LOGQUEUE_HEAD), "as many as fit");
	ok(!logqueue_put(&queue, 0, text, LOGQUEUE_SIZE - queue.used - LOGQUEUE_HEAD + 1),
	    "one byte too long");
	ok(logqueue_put(&queue, 7, text, LOGQUEUE_SIZE - queue.used - LOGQUEUE_HEAD),
	    "the last byte is used");
	ok(!logqueue_put(&queue, 0, text, 0), "full");
	for (; takes < puts; takes++)
		wrong += !logqueue_take(&queue, &mark, out, sizeof(out)) ||
		    mark != takes % 251 || strlen(out) != 1000;
	same_num((long long)wrong, 0, "all come out whole, in order");
	ok(logqueue_take(&queue, &mark, out, sizeof(out)) && mark == 7, "the last one too");
}

/* Against a list of lengths, through the end of the ring many times over. */
static void
test_random(void)
{
	enum { KEPT = 4096 };
	static struct {
		size_t len;
		char fill;
	} want[KEPT];
	size_t first = 0, count = 0, wrong = 0;
	unsigned seed = 20260101;
	unsigned char mark;

	for (unsigned n = 0; n < 100000; n++) {
		seed = seed * 1103515245U + 12345U;
		if ((seed >> 16) % 5 < 3 && count < KEPT) {
			size_t len = (seed >> 8) % 3000;
			char fill = (char)('a' + n % 26);

			memset(text, fill, len);
			if (!logqueue_put(&queue, (unsigned char)fill, text, len))
				continue;
			want[(first + count) % KEPT].len = len;
			want[(first + count++) % KEPT].fill = fill;
		} else if (count > 0) {
			wrong += !logqueue_take(&queue, &mark, out, sizeof(out)) ||
			    (char)mark != want[first].fill || strlen(out) != want[first].len ||
			    strspn(out, (char[]){want[first].fill, '\0'}) != want[first].len;
			first = (first + 1) % KEPT;
			count--;
		}
	}
	same_num((long long)wrong, 0, "100000 lines put and taken");
	while (logqueue_take(&queue, &mark, out, sizeof(out)))
		count--;
	same_num((long long)count, 0, "none is lost");
	same_num((long long)queue.first, 0, "empty, it begins at its beginning");
}

int
main(void)
{
	test_lengths();
	test_full();
	test_random();
	return done();
}
