/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * session/lookups.h - the facts about one client, and the questions still open.
 * They belong to a session, and so to the thread that is in its callback.
 */
#ifndef RELAYGUARD_SESSION_LOOKUPS_H
#define RELAYGUARD_SESSION_LOOKUPS_H

#include <stdint.h>

#include "lists/evidence.h"
#include "lists/listing.h"
#include "lists/subject.h"
#include "lookup/lookup.h"
#include "session/ownfacts.h"

struct client_lookups;
struct memcache;

/*
 * An empty one about a client, by the lists of a roster, which is borrowed, as are
 * memory and lookups, and what own is made of (copied); per_minute: lookup/quota.h; quiet: no client asks, but an
 * administrator, of whom nothing is counted.  NULL: out of memory.
 */
struct client_lookups *client_lookups_new(struct roster *, struct memcache *, struct lookups *,
    const struct ownfacts *own, const struct ipaddr *client, unsigned per_minute, bool quiet);

/* Leave what is still asked to itself, and free; NULL is fine. */
void client_lookups_free(struct client_lookups *);

/*
 * Look a subject up by the lists of its role: what memory knows is taken, the
 * rest is asked for, if the client's network has a question left and there is room for
 * one more lookup; nobody waits.  It takes the place of what was known of
 * its role before.
 */
void client_lookups_open(struct client_lookups *, const struct subject *);

/* There may be something to ask the lists of a role about, which nobody can tell: they stay
 * unknown. */
void client_lookups_miss(struct client_lookups *, enum role);

/*
 * Wait for the lists of these roles (bit r for role r), as lookup_wait() does: enough
 * is told of those of these roles that have not answered, and they are returned.  Lists of own
 * evidence are looked at anew.
 */
listset client_lookups_wait(struct client_lookups *, unsigned roles, lookup_enough *enough,
    const void *arg, int64_t deadline);

/* The lists that were not asked, for the client's network has had all its questions. */
listset client_lookups_unasked(const struct client_lookups *);

/* What is known by now, one fact for each list of the roster; good until client_lookups_free(). */
const struct fact *client_lookups_facts(const struct client_lookups *);

/*
 * The lists that were asked about this client whose word is not sure, and those
 * whose word counts for nothing, as it stands now.
 */
void client_lookups_weigh(const struct client_lookups *, listset *doubted, listset *suspended);

#endif
