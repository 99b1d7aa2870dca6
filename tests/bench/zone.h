/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * zone.h - DNS lists as a measurement wants them: what each says of whom, how
 * late, and how often nothing.  One thread.
 */
#ifndef BENCH_ZONE_H
#define BENCH_ZONE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define ZONES 64
#define ZONE_NAME 64
#define ZONE_PACKET 512 /* bytes of an answer at most */

enum manner {
	MANNER_RIGHT, /* who is listed, is listed */
	MANNER_SERVFAIL,
	MANNER_REFUSED,
	MANNER_SILENT,
	MANNER_WORLD, /* everybody is listed, whoever asks */
	MANNER_ERROR  /* 127.255.255.254 for everybody: "you may not ask" */
};

struct zone {
	char name[ZONE_NAME];
	unsigned char wire[ZONE_NAME + 2]; /* the same in labels */
	size_t wire_len;
	enum manner manner;
	double latency;         /* ms; the median, where there is a spread */
	double spread;          /* sigma of a log-normal distribution; 0: all the same */
	unsigned loss;          /* so many of a thousand questions are not answered */
	unsigned share;         /* see crowd_is_on() */
	unsigned more;          /* of a thousand answers so many have a second code */
	uint32_t code;          /* host order */
	uint32_t ttl, negative; /* seconds */
	uint64_t clients, tests, dropped; /* questions */
};

struct zones {
	unsigned n;
	struct zone zone[ZONES];
	uint64_t strange; /* questions for other names */
	uint64_t dice;
};

/*
 * Take "NAME word=value ..." where words are say (right, servfail, refused,
 * silent, world, error), latency, spread, loss, share, more, code, ttl,
 * negative.  A new name is a new zone; what is left out stays as it was.
 */
bool zones_set(struct zones *, const char *line);

/*
 * Write the answer to a question, and how many nanoseconds it is to be late.
 * 0: there is none.
 */
size_t zones_answer(struct zones *, const unsigned char *question, size_t len,
    unsigned char answer[ZONE_PACKET], int64_t *late);

/* One line of JSON; counting begins anew. */
void zones_report(struct zones *, FILE *);

#endif
