/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * health/breaker.h - the circuit breaker of a list: does it answer at all?  I/O thread only.
 *
 * One that does not is left alone: it costs those who wait for it now, and
 * nobody after them.  It is tried once every few seconds, off the way of mail.
 */
#ifndef RELAYGUARD_HEALTH_BREAKER_H
#define RELAYGUARD_HEALTH_BREAKER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/breaker.h"

struct loop;
struct timer;

/* Who is told; on the I/O thread. */
struct list_breaker_owner {
	void (*fell)(void *arg); /* it has fallen silent: whoever waits need wait no longer */
	void (*try)(void *arg);  /* ask it something; an answer is list_breaker_close()'s */
	void (*broke)(void *arg, int64_t after_ms); /* it answers again */
	void *arg;
};

struct list_breaker {
	struct list_breaker_owner owner;
	struct breaker breaker; /* down: it is silent */
	bool resting;           /* it is not tried */
	struct timer *timer;    /* since questions are open; between tries while it is silent */
	bool ticking;           /* it runs */
	unsigned open;          /* questions */
	unsigned stale;         /* of these, asked before the breaker closed */
	unsigned unheard;       /* questions since the last answer, ... */
	int64_t since;          /* ... the first of them */
	unsigned unanswered;    /* questions in a row that ended without an answer */
};

/* It answers, as far as is known.  False: out of memory. */
bool list_breaker_init(struct list_breaker *, struct loop *, const struct list_breaker_owner *);
void list_breaker_free(struct list_breaker *);

/* Whether it is silent now. */
bool list_breaker_is_open(const struct list_breaker *);

/* How long it has been, in milliseconds; 0: it is not. */
int64_t list_breaker_open_ms(const struct list_breaker *);

/* It is being asked something; one list_breaker_answered() is owed. */
void list_breaker_asked(struct list_breaker *);

/* What came of it: an answer, whatever it says, or none. */
void list_breaker_answered(struct list_breaker *, bool answered);

/* It is known to be silent. */
void list_breaker_open(struct list_breaker *);

/* It has answered when it was tried. */
void list_breaker_close(struct list_breaker *);

/* Try it from now on, if it is silent at once: it may have been left alone for long. */
void list_breaker_resume(struct list_breaker *);

/* Do not try it any more, whether it is silent or will be, until list_breaker_resume(). */
void list_breaker_pause(struct list_breaker *);

#endif
