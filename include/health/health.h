/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * health/health.h - is this list telling the truth?  I/O thread only, but for
 * health_configure(), health_suspensions() and health_vouched().
 *
 * Lists are tested (RFC 5782, 5) on a timer and before their word first counts;
 * a listing counts only with a confirmation, asked for after it: that the list does
 * not hold an address nobody has; answers are watched as they come.  A list
 * that is caught is suspended until it has passed its tests again, one that is
 * silent is left alone until it answers.  With Redis nodes tell each other, and
 * each tests for itself.
 */
#ifndef RELAYGUARD_HEALTH_H
#define RELAYGUARD_HEALTH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/ipaddr.h"
#include "health/monitor.h"
#include "health/suspension.h"
#include "lists/evidence.h"
#include "lists/listing.h"

struct health;

/* Nothing to look after yet.  The upstream stays the caller's.  NULL: out of memory. */
struct health *health_new(struct loop *, struct upstream *);

/* End, after the loop has stopped and upstream_free(); NULL is fine. */
void health_free(struct health *);

/* Look after these lists, by these options, from now on; those that an administrator has
 * suspended stay so.  Any thread. */
void health_configure(struct health *, struct roster *, const struct health_options *);

/* What an administrator has suspended.  Any thread. */
struct suspensions *health_suspensions(struct health *);

/*
 * Whether the list is to be asked at all: not while it is silent, nor while it
 * is suspended for good reason, or by an administrator.  If so, the caller owes one health_answer().  quiet: no
 * client asks, and health_answer() is to be told of none.
 */
bool health_ask(struct health *, const struct listing *, bool quiet);

/*
 * Whether an answer with that TTL, of a resolver that serves stale ones (RFC 8767), may have
 * expired, so that the list says something else by now.
 */
bool health_may_be_stale(const struct health *, const struct listing *, uint32_t ttl);

/*
 * Note what came of a question, at last, and what was made of it: an answer, or none
 * (FACT_ERROR); bad is the A record at fault, if one is.  It is about that client; NULL:
 * about none, and it is no witness of what the list says, nor of whether it answers.  drawn: the
 * list is asked about all such clients, so that it is a witness of how many it lists.
 */
void health_answer(struct health *, const struct listing *, const struct ipaddr *, bool drawn,
    const struct dns_reply *, const struct fact *, enum anomaly, uint32_t bad);

/* Confirm the listing of a subject that has just come in, of that server (dns/dns.h).
 * quiet: no client asks, and only canaries, which are for all, are counted.  done is called
 * once, within some seconds, perhaps within this call.
 */
void health_confirm(struct health *, const struct listing *, const struct subject *,
    unsigned server, bool quiet, health_confirmed *done, void *arg);

/* Whom to tell when a list has been found silent; one only. */
void health_on_silent(struct health *, health_silent *, void *arg);

/*
 * The lists in listed hold a client whom somebody vouches for: who logged in as user,
 * or, where that is NULL, an allow list.  Each user has one vote a day, and so has each
 * network of clients, whoever is in there.  Any thread.
 */
void health_vouched(
    struct health *, const struct ipaddr *, const char *user, struct roster *, listset listed);

#endif
