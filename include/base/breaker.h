/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * base/breaker.h - circuit breaker: whether a server we can do without is down, and when
 * to try it again.  One thread.
 *
 * The log gets one line when it goes down and one when it is back.
 */
#ifndef RELAYGUARD_BASE_BREAKER_H
#define RELAYGUARD_BASE_BREAKER_H

#include <stdbool.h>
#include <stdint.h>

#define BREAKER_SERVER_MAX 128 /* bytes of a server's name and its NUL; more are cut */

struct breaker {
	const char *service; /* "redis": its lines are redis-down and redis-up */
	char server[BREAKER_SERVER_MAX];
	bool down;
	int64_t since; /* when it went down, in clock_ms() */
	int64_t delay; /* before the next try */
};

/* Up, as long as nothing else is known.  service is borrowed, server copied; NULL: the
 * owner logs for itself. */
void breaker_init(struct breaker *, const char *service, const char *server);

/*
 * It has failed, for a reason where that is logged.  Returns the milliseconds to wait before it is tried again:
 * about one second at first, twice that each time, never five.
 */
int64_t breaker_fail(struct breaker *, const char *reason);

/* It is there again. */
void breaker_mend(struct breaker *);

/* It has done its work: the next failure is a first one. */
void breaker_trust(struct breaker *);

#endif
