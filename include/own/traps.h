/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * own/traps.h - spam traps: recipients and domains that nobody writes to who has a reason to.
 *
 * Built once by one thread, sealed, then read by any number of them.  A trap is shown by its
 * id, never by its address.
 */
#ifndef RELAYGUARD_OWN_TRAPS_H
#define RELAYGUARD_OWN_TRAPS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/mailbox.h"

#define TRAPS_MAX 65536   /* addresses and domains */
#define TRAP_ID_MAX 32    /* bytes */
#define TRAP_NOTE_MAX 200 /* bytes */

enum trap_kind {
	TRAP_PRISTINE, /* never was anybody's: whoever writes to it has harvested or bought it */
	TRAP_RECYCLED, /* once was somebody's: whoever writes to it has a stale list */
	TRAP_KINDS
};

/* "pristine", "recycled". */
const char *trap_kind_name(enum trap_kind);

/* What may be told of a trap; several addresses may have one id, and are one trap then. */
struct trap {
	const char *id;   /* letters, digits, dots, - and _ */
	const char *note; /* where it was seeded, and when; or empty */
	enum trap_kind kind;
};

/* What a trap catches. */
struct trap_address {
	struct mailbox box; /* without a local part: all recipients of the domain */
	bool below;         /* of the domains below it, instead */
	bool plus;          /* with all that may follow the local part behind a plus sign */
};

/*
 * Read "user@example.org", "user+*@example.org", "example.org" or ".example.org".  False: it
 * is none of these, or a domain that is everybody's; why is a sentence that does not quote it.
 */
bool trap_address_parse(struct trap_address *, const char *text, char *why, size_t whysize);

struct traps;

/* An empty set; NULL when memory is out. */
struct traps *traps_new(void);
void traps_free(struct traps *);

/* An address as it was added. */
struct traps_row {
	const char *address; /* "user@example.org", "example.org", ".example.org" */
	const struct trap *trap;
	unsigned file, line; /* where it was written, as the caller numbers files */
};

/* Add an address; all is copied.  False when memory is out. */
bool traps_add(struct traps *, const struct trap_address *, const struct trap *, unsigned file,
    unsigned line);

/* End the building.  Of two equal addresses the first one counts.  False when memory is out.
 * Only now may the set be searched. */
bool traps_seal(struct traps *);

size_t traps_count(const struct traps *);

/* Number i of a sealed set: equal addresses stand together, and mailboxes before domains. */
struct traps_row traps_at(const struct traps *, size_t i);

/*
 * The trap that a recipient is, as the client typed it: a mailbox goes before its domain, and
 * case does not count.  Postmaster and abuse of a domain are no traps, unless they are written
 * there by themselves.  NULL: it is none; a set of NULL has none.
 */
const struct trap *traps_match(const struct traps *, const char *path);

/*
 * The same for who may be watched, as how long it takes must not tell: whether it is one.
 * *trap: that one, else any other, for the caller to do in vain what it does with a trap; NULL
 * of an empty set.
 */
bool traps_find(const struct traps *, const char *path, const struct trap **trap);

/* The trap that a whole domain is; NULL: it is none. */
const struct trap *traps_match_domain(const struct traps *, const char *domain);

/*
 * Write how a trap is to be shown in the place of that recipient: "trap:ID@example.org", for
 * one of a whole domain "trap:ID", as the domain is the secret then; returns out.
 */
#define TRAPS_SHOWN_SIZE (sizeof("trap:@") + TRAP_ID_MAX + MAILBOX_DOMAIN_MAX)
const char *traps_show(
    const struct traps *, const struct trap *, const char *path, char out[TRAPS_SHOWN_SIZE]);

/* The same of a whole domain. */
const char *traps_show_domain(const struct trap *, char out[TRAPS_SHOWN_SIZE]);

#endif
