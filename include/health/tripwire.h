/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * health/tripwire.h - does a list say something else than it used to?  Pure, one
 * thread.
 *
 * Tests find a list that lists every address; this finds one that lists nearly
 * every client and keeps its test entries right, and an allow list that trusts
 * nearly everybody.
 */
#ifndef RELAYGUARD_HEALTH_TRIPWIRE_H
#define RELAYGUARD_HEALTH_TRIPWIRE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/ipaddr.h"

#define TRIPWIRE_WINDOW 200 /* distinct networks looked back on */
#define TRIPWIRE_SUSPECT 40 /* distinct networks after which a suspicion may arise */
#define TRIPWIRE_VOUCHED 5  /* that somebody vouches for, above what is usual: an alert */

struct tripwire;

/* What the answers of a list look like. */
enum alert {
	ALERT_NONE,
	ALERT_SUSPECT, /* the last TRIPWIRE_SUSPECT were nearly all listed: test it now */
	ALERT_FLOOD,   /* all but two of a full window are, far above its own history */
	ALERT_VOUCHED  /* so are many clients that are known to be good, unlike before */
};

const char *alert_name(enum alert);

/* A tripwire without history; NULL when memory is out. */
struct tripwire *tripwire_new(void);
void tripwire_free(struct tripwire *);

/*
 * Note an answer about an address.  Each network counts once in a window, with its latest
 * answer: a /24, or a /48 of IPv6, may be one client's, who may have all of it listed.
 */
void tripwire_answer(struct tripwire *, const struct ipaddr *, bool listed);

/*
 * Note, at a time in milliseconds, that the list holds a client whom somebody vouches
 * for: he is whoever has that key; bits 0: nobody but the client's network.  Each has one
 * vote a day, and so has each network.
 */
void tripwire_vouched(
    struct tripwire *, const struct ipaddr *voter, const struct ipaddr *client, int64_t now);

/* What is to be thought of it now. */
enum alert tripwire_alert(const struct tripwire *);

/* Whether there is a history to compare with. */
bool tripwire_has_history(const struct tripwire *);

/* The share of the window that is listed, and the history's, in percent; 0 where empty.
 * What is in the window is not history yet, nor is what an alert has met. */
unsigned tripwire_share(const struct tripwire *);
unsigned tripwire_usual(const struct tripwire *);

#endif
