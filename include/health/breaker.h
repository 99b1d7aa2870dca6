/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * health/breaker.h - does a list answer at all?  I/O thread only.
 *
 * One that does not is left alone: it costs those who wait for it now, and
 * nobody after them.  It is tried once every few seconds, off the way of mail.
 */
#ifndef RELAYGUARD_HEALTH_BREAKER_H
#define RELAYGUARD_HEALTH_BREAKER_H

#include <stdbool.h>
#include <stdint.h>

struct loop;
struct timer;

/* Who is told; on the I/O thread. */
struct silence_owner {
	void (*fell)(void *arg); /* it has fallen silent: whoever waits need wait no longer */
	void (*try)(void *arg);  /* ask it something; an answer is silence_break()'s */
	void (*broke)(void *arg, int64_t after_ms); /* it answers again */
	void *arg;
};

struct silence {
	struct silence_owner owner;
	bool down;
	bool resting;   /* it is not tried */
	int64_t fallen; /* when it fell silent */
	int64_t pause;  /* before the next try */
	struct timer
	    *timer;       /* runs while questions are open; between tries while it is silent */
	unsigned open;    /* questions */
	unsigned stale;   /* of these, asked before the silence was broken */
	unsigned unheard; /* questions since the last answer, ... */
	int64_t since;    /* ... the first of them */
	unsigned unanswered; /* questions in a row that ended without an answer */
};

/* It answers, as far as is known.  False: out of memory. */
bool silence_init(struct silence *, struct loop *, const struct silence_owner *);
void silence_free(struct silence *);

/* Whether it is silent now. */
bool silence_is(const struct silence *);

/* How long it has been, in milliseconds; 0: it is not. */
int64_t silence_lasts(const struct silence *);

/* It is being asked something; one silence_heard() is owed. */
void silence_asked(struct silence *);

/* What came of it: an answer, whatever it says, or none. */
void silence_heard(struct silence *, bool answered);

/* It is known to be silent. */
void silence_fall(struct silence *);

/* It has answered when it was tried. */
void silence_break(struct silence *);

/* Try it from now on, if it is silent at once: it may have been left alone for long. */
void silence_wake(struct silence *);

/* Do not try it any more, whether it is silent or will be, until silence_wake(). */
void silence_rest(struct silence *);

#endif
