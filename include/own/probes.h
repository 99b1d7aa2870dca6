/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * own/probes.h - attempts to relay of all clients, and users whom nobody knows: whose are
 * evidence, and who is taken for a relay tester, or for one who guesses.  Bounded: where there
 * are too many clients, those are forgotten that have not come for longest, and are no
 * testers; one /48 has a sixteenth of the table at most.  One thread at a time.
 */
#ifndef RELAYGUARD_OWN_PROBES_H
#define RELAYGUARD_OWN_PROBES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/assoc.h"
#include "base/ipaddr.h"
#include "own/guesser.h"
#include "own/prober.h"

#define PROBES_GOOD_MESSAGES 3 /* each long after the one before: the client is known good, */
#define PROBES_GOOD_DAYS 30    /* until so many days after the last */
#define PROBES_APART_S 72000   /* long after: days by their distance, not by the calendar */
#define PROBES_KEEP_DAYS 7     /* a tester is remembered before others after its last attempt */

struct probes;

/* For so many clients; own tells which domains are ours, and with arg outlives it.  NULL: out
 * of memory. */
struct probes *probes_new(size_t clients, probeform_is_own *own, const void *arg);
void probes_free(struct probes *);

/* How many it takes from now on, instead of what is usual; users: to be a guesser. */
void probes_configure(struct probes *, const struct prober_limits *, unsigned users);

/* A client's message was accepted, and nothing of it refused, at a time in seconds since
 * 1970. */
void probes_accepted(struct probes *, const struct ipaddr *client, uint32_t now);

/* Whether a client is known good: nothing that it tries is evidence. */
bool probes_is_good(const struct probes *, const struct ipaddr *client, uint32_t now);

/* Whether a message of a client's was accepted long before: people are behind it. */
bool probes_has_users(const struct probes *, const struct ipaddr *client, uint32_t now);

/* A recipient of a client's was taken: it knows whom it writes to. */
void probes_taken(struct probes *, const struct ipaddr *client, uint32_t now);

/* Whether a client has written to somebody whom we know, within a day. */
bool probes_knows(const struct probes *, const struct ipaddr *client, uint32_t now);

/* A recipient that the MTA has refused to relay to; as the client typed it. */
struct probes_refusal {
	struct ipaddr client;
	const char *recipient;
	const char *sender;           /* NULL: not known */
	const char *helo;             /* NULL: not known */
	const struct probeform *form; /* the recipient, taken apart; NULL: it is not yet */
};

/* An attempt that is evidence; mailboxes and domains are hashes. */
struct probes_attempt {
	struct ipaddr client;
	struct prober_attempt what;
	uint16_t box; /* from a mailbox to itself: a hash of its HELO, which is no name; or 0 */
};

/* Have fn called with each that is noted by probes_refused(); it must call nothing of these. */
typedef void probes_watcher(void *arg, const struct probes_attempt *);
void probes_watch(struct probes *, probes_watcher *, void *arg);

/* Hash with this secret from now on, as other nodes do: what was noted before is told apart
 * from all that comes, and users that nobody knows are forgotten. */
void probes_use_secret(struct probes *, const uint8_t secret[ASSOC_SECRET_SIZE]);

/* Note an attempt at another node, at that time: what is known of the client by then, as
 * probes_of() has it; NULL: it is known good here. */
const struct prober *probes_heard(
    struct probes *, const struct probes_attempt *, uint32_t said);

/* Why an attempt is no evidence. */
enum probes_excuse {
	PROBES_NONE,       /* it is evidence */
	PROBES_UNREADABLE, /* what was typed names no other place */
	PROBES_LOCAL,      /* the client is of a private network, or is this host */
	PROBES_OURS,       /* where the mail would go is ours */
	PROBES_BOUNCE,     /* a bounce in the plain form: we had that domain once */
	PROBES_REWRITTEN,  /* a sender that was rewritten (SRS): mail was forwarded once */
	PROBES_GOOD,       /* the client is known good */
	PROBES_EXCUSES
};

/* Note a refusal, at a time in seconds since 1970; why it is no evidence.  Where it is, *prober is
 * what is known of the client by then. */
enum probes_excuse probes_refused(
    struct probes *, const struct probes_refusal *, uint32_t now, const struct prober **prober);

/*
 * Note a user whom nobody knows; NULL where it is no evidence: the client is local or known
 * good, it has known somebody within a day, or it is a bounce.
 */
const struct guesser *probes_unknown(
    struct probes *, const struct probes_refusal *, uint32_t now, bool *guesses);

/* The users that a client has asked for whom nobody knows: hashes, two or more. */
struct probes_users {
	struct ipaddr client;
	unsigned n;
	uint16_t user[GUESSER_USERS_MAX];
};

/* Have fn called by probes_unknown() whenever there is one more, as above. */
typedef void probes_users_watcher(void *arg, const struct probes_users *);
void probes_watch_users(struct probes *, probes_users_watcher *, void *arg);

/* Note those that it has asked for at another node, at that time; as probes_unknown(). */
const struct guesser *probes_heard_users(
    struct probes *, const struct probes_users *, uint32_t said, bool *guesses);

/* What speaks for a client; 0: it does not. */
struct probes_word {
	struct ipaddr client;
	uint32_t good;  /* its last message, where it is known good, ... */
	uint32_t users; /* ... and where it has users, as probes_has_users() has it */
	uint32_t known; /* when it has written to somebody who is there */
};

#define PROBES_WORD_S 3600 /* between two words of a client */

/* What this node has seen that speaks for a client, for other nodes; false: nothing, or it has
 * said so a while ago. */
bool probes_vouch(
    struct probes *, const struct ipaddr *client, uint32_t now, struct probes_word *);

/* Take over what speaks for a client at another node; of PROBES_WORDS clients at a time. */
#define PROBES_WORDS 4096
void probes_heard_word(struct probes *, const struct probes_word *, uint32_t now);

/* What is known of a client; of IPv6 of its /64.  NULL: nothing. */
const struct prober *probes_of(const struct probes *, const struct ipaddr *client);

/* Call fn with each client that is taken for a tester; in no order. */
void probes_each(const struct probes *,
    void (*fn)(void *arg, const struct ipaddr *client, const struct prober *), void *arg);

#endif
