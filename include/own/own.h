/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * own/own.h - our own evidence: what clients try at RCPT is judged, and whoever is caught at
 * something is listed (own/locallist.h).  Any thread; never blocks, for its lock is held for
 * some microseconds.
 */
#ifndef RELAYGUARD_OWN_OWN_H
#define RELAYGUARD_OWN_OWN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/ipaddr.h"
#include "own/options.h"
#include "own/probeform.h"
#include "own/probes.h"
#include "own/traphits.h"

struct own;

#define OWN_TRAPPED 16384 /* clients that have written to traps, with 3 MiB at most */
#define OWN_CLIENTS 65536 /* that are remembered, with 24 MiB at most */

/* What the MTA makes of a recipient, before anybody else is asked. */
enum own_outcome {
	OWN_TAKEN,
	OWN_RELAY_DENIED, /* it would have to be relayed */
	OWN_UNKNOWN_USER, /* the domain is ours, and nobody has that name */
	OWN_REFUSED       /* for any other reason: it says nothing of the recipient */
};

/*
 * The same by what the MTA says of a recipient that it has refused: {rcpt_host}, an enhanced
 * code (RFC 3463), and {rcpt_addr}, the text.  Each may be NULL.  The code does not tell a
 * relay attempt from a client, a HELO or a sender that is refused; only the text does.
 */
enum own_outcome own_outcome(const char *code, const char *text);

/* A recipient that a client has named; all borrowed. */
struct own_recipient {
	const struct ipaddr *client;
	const char *name;             /* what DNS calls the client, or NULL */
	bool confirmed;               /* the name leads back to it */
	const char *helo;             /* as it came; NULL: it has said none */
	bool helo_is_ours;            /* its HELO is our name, our domain or our address */
	const char *sender;           /* argument of MAIL, as typed; NULL: not known */
	const char *recipient;        /* argument of RCPT, as typed */
	const struct probeform *form; /* the same, taken apart; NULL: it is not yet */
	enum own_outcome outcome;
	bool excused; /* nothing that it does is evidence: it has logged in, is allowed, of our
		       * own networks, or trusted by an allow list */
	probeform_is_own *is_ours; /* which domains are ours, with this argument */
	const void *ours;
};

/* Nothing is on; for so many clients.  The list outlives it.  NULL: out of memory. */
struct own *own_new(struct locallist *, size_t clients);
void own_free(struct own *);

/* From now on (copied, but for networks and texts, which are not read here). */
void own_configure(struct own *, const struct own_options *);

/* Judge a recipient, before the verdict on it; for what it is evidence that is worth keeping,
 * enough or not: a bit for each enum local_reason.  In a flood few of many are. */
uint8_t own_recipient(struct own *, const struct own_recipient *);

/* Judge what was tried at another node, at that time: an attempt to relay, a hit on a trap, and
 * users that nobody knows. */
void own_heard(struct own *, const struct probes_attempt *, uint32_t said);
void own_heard_mark(struct own *, const struct traphits_mark *, uint32_t said);
void own_heard_users(struct own *, const struct probes_users *, uint32_t said);

/* Take over what speaks for a client at another node. */
void own_heard_word(struct own *, const struct probes_word *);

/* Who tells other nodes: of evidence here, and of what speaks for a client, when there is evidence
 * at another node. */
struct own_tellers {
	probes_watcher *attempt;
	probes_users_watcher *users;
	void (*mark)(void *arg, const struct traphits_mark *);
	void (*word)(void *arg, const struct probes_word *);
	void *arg;
};

/* Have them called with the lock, so that they may copy and wake.  Before other threads know it;
 * copied. */
void own_watch(struct own *, const struct own_tellers *);

#define OWN_WAIT_MS 1500 /* for other nodes to speak for a client */

/* Whether to wait for that before somebody is listed from now on, as others would be heard; and
 * list those who have waited.  To be called several times a second. */
void own_settle(struct own *, bool wait);

/* Hash recipients and traps with this secret from now on, as other nodes do. */
void own_use_secret(struct own *, const uint8_t secret[ASSOC_SECRET_SIZE]);

/* A recipient that was a trap, whatever became of it; all borrowed. */
struct own_trapped {
	const struct ipaddr *client;
	const struct trap *trap;
	const char *sender; /* argument of MAIL, as typed; NULL: not known */
	const char *name;   /* what DNS calls the client, or NULL */
	bool confirmed;     /* the name leads back to it */
	bool excused;       /* as above */
	bool deferred;      /* the reply was "later" */
	uint32_t at;        /* when it was, in seconds since 1970 */
};

/*
 * Judge it; what it comes to.  To be called when the session is over: if a listing took
 * effect before, what becomes of the next recipient would tell that this one was a trap.
 */
enum traphits_word own_trapped(struct own *, const struct own_trapped *);

/* A message of a client's was taken, and nothing of it refused. */
void own_message(struct own *, const struct ipaddr *client);

/* Whether a client is known good: it has had messages taken on several days. */
bool own_is_good(struct own *, const struct ipaddr *client);

#endif
