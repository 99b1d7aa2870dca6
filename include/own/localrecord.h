/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * own/localrecord.h - an entry of the own list as the table has it, and what becomes of it when
 * it is listed, removed, or joined with that of another node.  Pure; one thread at a time.
 */
#ifndef RELAYGUARD_OWN_LOCALRECORD_H
#define RELAYGUARD_OWN_LOCALRECORD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/assoc.h"
#include "own/localentry.h"

/* What has become of an entry. */
enum local_change {
	LOCAL_SAME,    /* nothing, or nothing that is worth a word */
	LOCAL_LISTED,  /* it is listed for a reason that it was not listed for */
	LOCAL_RENEWED, /* the end of a reason has moved */
	LOCAL_REMOVED,
	LOCAL_HELD,    /* its removal will take effect */
	LOCAL_JOINED,  /* it was joined with that of another node */
	LOCAL_REFUSED, /* nobody can be listed at that address */
	LOCAL_FULL     /* there is no place for it */
};

enum local_removal {
	LOCAL_REMOVAL_DONE,
	LOCAL_REMOVAL_NONE, /* it was not listed */
	LOCAL_REMOVAL_HELD  /* it will be, at entry.held */
};

/* A client for one reason. */
struct local_stay {
	uint32_t since, until;
	uint8_t times, rule; /* rule: its number */
};

struct local_record {
	struct assoc_entry entry;
	struct ipaddr client;
	uint32_t changed, held;
	uint32_t removed[LOCAL_REMOVALS];
	struct local_stay stay[LOCAL_REASONS];
};

/* How long listings last, and the names of rules. */
struct local_terms {
	uint32_t life[LOCAL_LIVES];
	char rule[LOCAL_RULES][LOCAL_RULE_SIZE]; /* the first is "" */
	unsigned nrules;
};

/* The reasons that hold, as bits. */
uint8_t localrecord_reasons(const struct local_record *, uint32_t now);

/* Whether the last of its reasons ended LOCAL_KEEP_S ago. */
bool localrecord_is_over(const struct local_record *, uint32_t now);

/* What it is worth: that of its strongest reason, 0 where it is over. */
unsigned localrecord_worth(const struct local_record *, uint32_t now);

void localrecord_copy(const struct local_record *, const struct local_terms *, uint32_t now,
    struct local_entry *);

/* Take an entry over. */
void localrecord_put(struct local_record *, struct local_terms *, const struct local_entry *);

/* List for a reason until then; 0: for the lifetime that is due.  The end of what traps may list
 * for stays where it is until it is over. */
enum local_change localrecord_list(struct local_record *, struct local_terms *,
    enum local_reason, const char *rule, uint32_t now, uint32_t until);

/* Remove it, which is listed. */
enum local_removal localrecord_remove(struct local_record *, uint32_t now);

/* Join it with an entry of another node. */
void localrecord_join(
    struct local_record *, struct local_terms *, const struct local_entry *, uint32_t now);

#endif
