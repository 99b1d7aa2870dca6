/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * health.h - is this list telling the truth?  Rank 5; I/O thread only, but for
 * health_configure() and health_vouch().
 *
 * Lists are tested (RFC 5782, 5) on a timer and before their word first counts;
 * a listing counts only with a proof, asked for after it, that the list does
 * not hold an address nobody has; answers are watched as they come.  A list
 * that is caught is suspended until it has passed its tests again, one that is
 * silent is left alone until it answers.  With Redis one node tests for all.
 */
#ifndef RELAYGUARD_HEALTH_H
#define RELAYGUARD_HEALTH_H

#include <stdbool.h>
#include <stdint.h>

#include "evidence.h"
#include "ipaddr.h"
#include "listing.h"
#include "patient.h"

struct health;

/* Nothing to look after yet.  The upstream stays the caller's.  NULL: out of memory. */
struct health *health_new(struct loop *, struct upstream *);

/* End, after the loop has stopped and upstream_free(); NULL is fine. */
void health_free(struct health *);

/* Look after these lists, by these options, from now on.  Any thread. */
void health_configure(struct health *, struct roster *, const struct health_options *);

/*
 * Whether the list is to be asked at all: not while it is silent, nor while it
 * is suspended for good reason.  If so, the caller owes one health_answer().
 */
bool health_ask(struct health *, const struct listing *);

/* Note what came of a question, at last: an answer, or none (FACT_ERROR). */
void health_answer(struct health *, const struct listing *, const struct ipaddr *,
    const struct fact *, enum oddity, uint32_t bad);

/*
 * Prove the listing of an address that has just come in.  done is called once,
 * within some seconds, perhaps within this call.
 */
void health_prove(struct health *, const struct listing *, const struct ipaddr *,
    health_proof *done, void *arg);

/* Whom to tell when a list has been found silent; one only. */
void health_on_silence(struct health *, health_silent *, void *arg);

/*
 * The lists in listed hold a client that is known to be good (it has logged in,
 * or an allow list trusts it).  Any thread.
 */
void health_vouch(struct health *, const struct ipaddr *, struct roster *, listset listed);

#endif
