/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * health/monitor.h - the health check of one list: its self-tests, its confirmations, its
 * circuit breaker, and the health state that follows.  I/O thread only.
 */
#ifndef RELAYGUARD_HEALTH_MONITOR_H
#define RELAYGUARD_HEALTH_MONITOR_H

#include <stdbool.h>
#include <stdint.h>

#include "base/ipaddr.h"
#include "health/canaries.h"
#include "lists/evidence.h"
#include "lists/listing.h"
#include "lists/subject.h"

struct nodereports;
struct loop;
struct monitor;
struct upstream;

struct health_options {
	int64_t interval_ms; /* between two tests of a list; 0: lists are not tested */
	unsigned failures;   /* tests failed in a row before a list is suspended */
	unsigned passes;     /* tests passed in a row before it is believed again */
	bool confirmation;   /* whether a listing needs one */
	int64_t deadline_ms; /* for which a client waits */
};

/* Told when a list has been found silent: whoever waits for it need wait no longer. */
typedef void health_silent(void *arg, uint32_t list_id);

/* What the health checks of all lists share; outlives them. */
struct monitoring {
	struct loop *loop;
	struct upstream *upstream;
	struct nodereports *reports;
	struct health_options options;
	health_silent *silent; /* or NULL */
	void *silent_arg;
};

/* A list nobody has told anything of yet; NULL: out of memory. */
struct monitor *monitor_new(struct monitoring *);
void monitor_free(struct monitor *);

/*
 * Look after the roster's list number list from now on, by the options of all:
 * the first time, and after a change of them.  A new list is tested at once.
 */
void monitor_start(struct monitor *, struct roster *, unsigned list);

/* The running configuration has it no more: leave it alone. */
void monitor_stop(struct monitor *);

/* The id of its list. */
uint32_t monitor_id(const struct monitor *);

/* As health_ask(), health_confirm(). */
bool monitor_ask(struct monitor *, bool quiet);
void monitor_confirm(struct monitor *, const struct subject *, unsigned server, bool quiet,
    health_confirmed *done, void *arg);

/* As health_may_be_stale(). */
bool monitor_may_be_stale(const struct monitor *, uint32_t ttl);

/* What came of a question: about whom, and FACT_LISTED, FACT_CLEAR; FACT_ERROR where an
 * answer could not be believed; FACT_UNKNOWN where none of use came: what kind it was.  drawn: as health_answer() takes it. */
void monitor_answer(
    struct monitor *, const struct ipaddr *, bool drawn, enum fact_state, enum answer_kind);

/* It lists a client whom somebody vouches for, as tripwire_vouched() takes them. */
void monitor_vouched(struct monitor *, const struct ipaddr *voter, const struct ipaddr *client);

#endif
