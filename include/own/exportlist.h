/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * own/exportlist.h - the networks that an export is of, and what keeps a wrong one from being
 * written.  Pure; one thread.
 *
 * What is exported may be turned into rules of a router, where nobody gets a reason or a way
 * out: so what must not be there is cut out of networks, and each guard has a sentence.
 */
#ifndef RELAYGUARD_OWN_EXPORTLIST_H
#define RELAYGUARD_OWN_EXPORTLIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/ipaddr.h"
#include "base/prefix.h"
#include "own/locallist.h"

/* What an entry is listed for: enum local_reason, and this. */
#define EXPORT_DENIED LOCAL_REASONS /* by the administrator's own hand */
#define EXPORT_REASONS (LOCAL_REASONS + 1)

/* The last octet of its code, 127.0.0.3 and so on. */
#define EXPORT_OCTET(reason) (LOCAL_CODE(reason) & 0xff)

/* Reasons, as bits: all, and those for which all mail of a client may be turned away.  The
 * others count for a score, or for bounces alone. */
#define EXPORT_ALL ((1U << EXPORT_REASONS) - 1)
#define EXPORT_STRONG \
	(1U << LOCAL_PROBE | 1U << LOCAL_TRAP | 1U << LOCAL_NOMINATED | 1U << EXPORT_DENIED)

/* "denied", or as local_reason_name() has it. */
const char *export_reason_name(unsigned reason);

/* The reason of that name; EXPORT_REASONS: none. */
unsigned export_reason_parse(const char *name);

/* Times are seconds since 1970; 0: since is not known, or it has no end of its own. */
struct export_entry {
	struct network net;
	int64_t since, until;
	unsigned reasons; /* as bits */
};

struct export_list {
	struct export_entry *entry;
	size_t n;
	bool failed; /* memory was out, or there were more than EXPORTLIST_MAX */
};

#define EXPORTLIST_MAX (1U << 20)

/* Add an entry; where that cannot be done, the list has failed. */
void exportlist_add(struct export_list *, const struct export_entry *);

/* Free what it holds. */
void exportlist_clear(struct export_list *);

/*
 * Put it in the order of addresses, IPv4 first, and take out what lies within another
 * network; of equal ones the reasons count together, and the later end.
 */
void exportlist_sort(struct export_list *);

/* Cut out what a sealed set holds; networks are split for it.  How many entries have lost
 * something. */
size_t exportlist_subtract(struct export_list *, const struct prefix_set *keep);

/* The networks that no client on the Internet has (RFC 6890; of IPv6 all but 2000::/3, and
 * what is IPv4 or an example in it).  False: memory is out. */
bool exportlist_special(struct prefix_set *);

/* What an export may hold. */
struct export_limits {
	unsigned len4, len6; /* networks no wider than that */
	size_t max;          /* of them */
};

#define EXPORT_ADDRESSES_MAX (1U << 20) /* of IPv4, in all networks */
#define EXPORT_CHANGE_MIN 20            /* so many may come, and go, ... */
#define EXPORT_CHANGE_PERCENT 20        /* ... or so many of a hundred of what was there */

/* Whether a list is within its limits; false: a sentence in why. */
bool exportlist_guard_width(
    const struct export_list *, const struct export_limits *, char *why, size_t whysize);
bool exportlist_guard_count(
    const struct export_list *, const struct export_limits *, char *why, size_t whysize);

/* What has changed from one sorted list to another one. */
struct export_change {
	size_t before, added, gone;
};

/* Tell what is in one of two sorted lists alone: sign is '+' or '-'.  fn may be NULL. */
typedef void export_teller(void *arg, char sign, const struct export_entry *);
struct export_change exportlist_compare(const struct export_list *before,
    const struct export_list *now, export_teller *, void *arg);

/* Whether a change is one that happens from one export to the next. */
bool exportlist_guard_change(const struct export_change *, char *why, size_t whysize);

#endif
