/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * lookup/inquiry.h - a lookup from within: who holds it, what is open, and the table of those
 * under way.  For the files of this wing alone; lookup/lookup.h is for all others.
 */
#ifndef RELAYGUARD_LOOKUP_INQUIRY_H
#define RELAYGUARD_LOOKUP_INQUIRY_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "lists/evidence.h"
#include "lists/listing.h"
#include "lists/subject.h"
#include "lookup/waiters.h"
#include "loop/loop.h"
#include "redis/redis.h"

struct health;
struct memcache;
struct upstream;
struct lookup;

/* What comes back from DNS, and its confirmation, find their way by this. */
struct question {
	struct lookup *lookup;
	unsigned list;
	struct fact fact;    /* what DNS said, while its confirmation is awaited */
	unsigned server;     /* who said it */
	int64_t asked;       /* when */
	struct timer *again; /* runs until it is asked again; or NULL */
};

struct lookup {
	atomic_uint refs;
	struct lookups *engine;
	struct call call;
	struct subject subject; /* with a name of our own */
	struct roster *roster;
	bool quiet;                 /* no client has begun it, but an administrator */
	bool fresh;                 /* Redis is not asked */
	unsigned epoch;             /* of memory, when what it knows already was known */
	listset sample;             /* what these say is counted as what they say of clients */
	struct lookup *next, *prev; /* among those begun; I/O thread, as is open */
	unsigned open;              /* callbacks to come, and one while questions are asked */
	listset missing;            /* when it began */
	/* I/O thread: */
	enum redis_value_state shared; /* what Redis had of the subject */
	listset heard;                 /* whose facts memory has not got yet */
	listset learned;               /* whose facts Redis has not got yet */
	int64_t learned_at;            /* when the first of them came */
	listset unasked;               /* of these, those that nobody was asked about */
	listset wanted;                /* to be asked, ... */
	listset first;  /* ... too, unless Redis has something against the subject */
	bool recalling; /* Redis has not told of the subject yet */
	bool waking;    /* whoever waits will be woken */
	/* The engine's mutex guards: */
	listset claimed; /* wanted by whoever */
	listset more;    /* of these, those that the I/O thread does not know of yet */
	bool told;       /* it will look at them, as it does when the lookup begins */
	bool ended;      /* it is in the table no more */
	struct call more_call;
	struct call wake_call;
	struct waiters waiters;
	struct question questions[]; /* one for each list, never changed */
};

struct lookups {
	struct loop *loop;
	struct memcache *memory;
	struct upstream *upstream;
	struct health *health;
	pthread_mutex_t mutex; /* guards running */
	void *running;         /* a tsearch(3) tree, by subject and roster */
	atomic_bool hurry;
	struct call waking;
	bool stopped;                    /* nothing is posted to the loop any more */
	struct lookup *begun;            /* those at work; I/O thread, as is what follows */
	struct timer *sharing;           /* runs where one of them has learned something */
	bool shares;                     /* it does */
	void (*ending)(struct lookup *); /* called before one ends */
};

/*
 * A lookup of the lists in missing, of which it holds some back, that is in no table, with two
 * references: the I/O thread's and a session's.  NULL: out of memory.
 */
struct lookup *inquiry_new(struct lookups *, const struct subject *, struct roster *,
    const struct fact *known, listset missing, listset held);

/* The one under way of that subject, roster and epoch, with a reference more, or NULL.  The
 * engine's mutex is held, as it is by who adds one: false: out of memory, and it is gone. */
struct lookup *inquiry_find(
    struct lookups *, const struct subject *, struct roster *, bool fresh, unsigned epoch);
bool inquiry_add(struct lookup *);

/* Lists are wanted of one that has not ended, with the engine's mutex held.  True: the I/O
 * thread does not know, and the caller is to tell it: until then it does not end. */
bool inquiry_want(struct lookup *, listset);

/* Have what is wanted by whoever among the lists to be asked.  I/O thread. */
void inquiry_take_wanted(struct lookup *);

/* All that were wanted by now.  Any thread. */
listset inquiry_claimed(struct lookup *);

/* Drop a reference and clear the pointer.  Any thread. */
void inquiry_release(struct lookup **);

/* It is at work: among those begun, with one thing open.  I/O thread, as is inquiry_leave(). */
void inquiry_begin(struct lookup *);

/* What DNS has said by now, facts[i] of list i; FACT_UNKNOWN: nothing.  I/O thread. */
void inquiry_facts(const struct lookup *, struct fact *facts);

/* A list has answered: whoever waits for it is woken, if it is enough, when all answers that have
 * come with this one have been heard.  I/O thread. */
void inquiry_settle(struct lookup *, unsigned list, const struct fact *);

/* One thing that was open is not any more; the last one ends it. */
void inquiry_leave(struct lookup *);

#endif
