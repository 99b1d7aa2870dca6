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
#include "verdict/asking.h"

struct client_lookups;
struct datahealth;
struct memcache;

/* How a client is asked about; copied, what it points to is borrowed. */
struct client_lookups_rules {
	struct roster *roster;
	const struct asking *asking;
	struct ownfacts own;
	struct datahealth *datahealth; /* told what data says of clients, or NULL */
	int64_t deadline_ms;           /* that lists have */
	unsigned per_minute;           /* lookup/quota.h */
	bool quiet; /* no client asks, but an administrator, of whom nothing is counted */
};

/* An empty one about a client; memory and lookups are borrowed.  Whether all lists are to be
 * asked about it is drawn now.  NULL: out of memory. */
struct client_lookups *client_lookups_new(const struct client_lookups_rules *,
    struct memcache *, struct lookups *, const struct ipaddr *client);

/* Leave what is still asked to itself, and free; NULL is fine. */
void client_lookups_free(struct client_lookups *);

/*
 * Look a subject up by the lists of its role: what their data says and what memory knows is
 * taken, the
 * rest is asked for, or a part of it first (verdict/asking.h), if the client's network has a
 * question left and there is room for one more lookup; nobody waits.  It takes the place of what was known of
 * its role before.
 */
void client_lookups_open(struct client_lookups *, const struct subject *);

/*
 * Look again, about the subject of each role, into the data that was looked into: at one version
 * of each list, as it is now.  Where it is too old by now, the list is asked in DNS.
 */
void client_lookups_renew(struct client_lookups *, const struct subject[ROLES]);

/* There may be something to ask the lists of a role about, which nobody can tell: they stay
 * unknown. */
void client_lookups_miss(struct client_lookups *, enum role);

/* Of the lists in held, which nobody has asked, those that are to be asked now: verdict/asking.h
 * asking_next(). */
typedef listset lookup_next(
    const void *arg, const struct fact *facts, listset pending, listset held, bool all);

/* All of them. */
lookup_next client_lookups_all;

/* What is waited for, and until when, but for the time that lists have which are asked later. */
struct awaited {
	lookup_enough *enough;
	lookup_next *next;
	const void *arg;
	int64_t deadline;
	int64_t limit; /* not longer than that, whoever is asked */
};

/*
 * Wait for the lists of these roles (bit r for role r), as lookup_wait() does: enough
 * is told of those of these roles that have not answered, and they are returned, also those
 * that nobody has asked.  What it takes is asked for.  Lists of own evidence are looked at anew.
 */
listset client_lookups_wait(struct client_lookups *, unsigned roles, const struct awaited *);

/* Until when is waited for those that were asked for later than the others, or deadline, if that
 * is later. */
int64_t client_lookups_deadline(const struct client_lookups *, int64_t deadline);

/* The lists that nobody has asked, for it was not needed yet; whether there may be such at all. */
listset client_lookups_held(const struct client_lookups *);
bool client_lookups_are_frugal(const struct client_lookups *);

/* Ask some of them now. */
void client_lookups_ask(struct client_lookups *, listset);

/* The lists that were not asked, for the client's network has had all its questions. */
listset client_lookups_unasked(const struct client_lookups *);

/* The lists of which their data alone tells. */
listset client_lookups_by_data(const struct client_lookups *);

/* What is known by now, one fact for each list of the roster; good until client_lookups_free(). */
const struct fact *client_lookups_facts(const struct client_lookups *);

/*
 * The lists that were asked about this client whose word is not sure, and those
 * whose word counts for nothing, as it stands now.
 */
void client_lookups_weigh(const struct client_lookups *, listset *doubted, listset *suspended);

#endif
