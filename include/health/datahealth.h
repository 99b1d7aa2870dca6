/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * health/datahealth.h - what lists say whose entries are in files here: files have no answers
 * that come in on the I/O thread, so sessions tell.  Any thread; never waits for one that does
 * more than note an answer, and not even for that, but when somebody vouches or an answer is odd.
 *
 * A list whose data is caught is doubted or suspended as one in DNS is (health/state.h): until
 * what it says is usual again.
 */
#ifndef RELAYGUARD_HEALTH_DATAHEALTH_H
#define RELAYGUARD_HEALTH_DATAHEALTH_H

#include "base/ipaddr.h"
#include "lists/listing.h"

struct datahealth;

/* Of no list yet; NULL: out of memory. */
struct datahealth *datahealth_new(void);
void datahealth_free(struct datahealth *); /* NULL is fine */

/* Note what the data of these lists, which are about addresses, says of a client: those in
 * listed hold it.  While another session notes something, nothing is noted. */
void datahealth_answers(struct datahealth *, const struct roster *, listset lists,
    listset listed, const struct ipaddr *client);

/* The data of these lists holds a client whom somebody vouches for, as health_vouched() has it. */
void datahealth_vouched(struct datahealth *, const struct ipaddr *client, const char *user,
    const struct roster *, listset listed);

/* An entry of a list's data has a code that is odd: that is logged now and then. */
void datahealth_odd(struct datahealth *, const struct listing *, enum anomaly, uint32_t bad);

#endif
