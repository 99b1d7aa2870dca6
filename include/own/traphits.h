/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * own/traphits.h - who has written to spam traps, and whether that is enough to be listed: one
 * hit never is, for anybody's address may be written into a form by somebody else.  Of a
 * client with users nor is what one of them can do who knows some traps.
 *
 * Bounded: where there are too many clients, those are forgotten that have not come for
 * longest, and are not listed.  One thread at a time.
 */
#ifndef RELAYGUARD_OWN_TRAPHITS_H
#define RELAYGUARD_OWN_TRAPHITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/assoc.h"
#include "base/ipaddr.h"
#include "own/traps.h"

#define TRAPHITS_TRAPS_MAX 4  /* different ones that may be wanted to list a client */
#define TRAPHITS_APART_S 3600 /* so long it must be from the first hit to the last on one */
#define TRAPHITS_DAYS 7       /* a trap counts for so long after its last hit */
#define TRAPHITS_SENDERS 2    /* and if a client has users: of so many of them */

/* A recipient that is a trap, whatever became of it. */
struct traphit {
	const struct ipaddr *client;
	const struct trap *trap;
	const char *sender; /* as typed; NULL: not known */
	const char *host;   /* the client's name, if it leads back to it; or NULL */
	uint32_t since; /* what was hit until then is over: it was taken from the list; or 0 */
	bool excused;   /* logged in, allowed, of an own network, or trusted by a list */
	bool good;      /* known to send good mail */
	bool users;     /* has sent mail before: one of its users may be the one who hits */
	bool deferred;  /* the reply was "later": the same mail will come again */
};

/* What a hit comes to. */
enum traphits_word {
	TRAPHITS_NOTED,  /* not enough yet */
	TRAPHITS_LISTED, /* the client has hit pristine traps often enough */
	TRAPHITS_SCORED, /* recycled ones: its list is stale, which is no more than a score */
	TRAPHITS_BACKSCATTER, /* it has sent enough bounces to traps, which have sent nothing */
	/* Of these nothing is kept: the client */
	TRAPHITS_LOCAL,     /* is of a private network, or is this host, */
	TRAPHITS_EXCUSED,   /* is excused, */
	TRAPHITS_GOOD,      /* is known good, */
	TRAPHITS_PROVIDER,  /* is a big provider's (own/providers.h), */
	TRAPHITS_FORWARDED, /* passes on mail that others have sent to it */
	TRAPHITS_WORDS
};

/* A hit that counts, here or at another node. */
struct traphits_mark {
	struct ipaddr client;
	enum traphits_kind {
		TRAPHITS_PRISTINE, /* each counts by itself */
		TRAPHITS_RECYCLED,
		TRAPHITS_BOUNCE,
		TRAPHITS_KINDS
	} kind;
	uint64_t trap;   /* hash of its id, */
	uint32_t sender; /* and of who has written to it */
	bool deferred;
};

/* "noted", "listed", "scored", "backscatter", "local", "excused", "good", "provider",
 * "forwarded". */
const char *traphits_word_name(enum traphits_word);

struct traphits;

/* What lists a client. */
struct traphits_limits {
	unsigned traps; /* so many different ones; 2 to TRAPHITS_TRAPS_MAX */
	unsigned times; /* or so many hits on one, in an hour or more; 2 or more */
};

/* For so many clients, with 2 traps or 3 hits.  NULL: out of memory. */
struct traphits *traphits_new(size_t clients);
void traphits_free(struct traphits *);

/* From now on. */
void traphits_configure(struct traphits *, const struct traphits_limits *);

/* Note a hit, at a time in seconds since 1970, which may go back a little; *number: how many
 * of its kind count by now. */
enum traphits_word traphits_note(
    struct traphits *, const struct traphit *, uint32_t now, uint32_t *number);

/* What such a hit is for other nodes. */
struct traphits_mark traphits_mark(const struct traphits *, const struct traphit *);

/* Note a hit at another node, at that time; since and users: as above.  What it comes to. */
enum traphits_word traphits_heard(struct traphits *, const struct traphits_mark *,
    uint32_t since, bool users, uint32_t said, uint32_t *number);

/* Hash traps with this secret from now on, as other nodes do: all that was noted is forgotten. */
void traphits_use_secret(struct traphits *, const uint8_t secret[ASSOC_SECRET_SIZE]);

#endif
