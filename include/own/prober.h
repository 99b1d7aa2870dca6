/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * own/prober.h - what one client has tried, and whether only a relay tester tries it.  Pure.
 *
 * The rules look at what differs between attempts, never at how many there are: a user who
 * has forgotten to log in, a gateway with an odd form of its own and bounces to a domain that
 * has moved away repeat themselves.  And at what no mail server does by itself, whatever its
 * users type: of two odd forms one is such, and so is one of three shapes of senders.  Nothing
 * of a recipient is kept but hashes.
 */
#ifndef RELAYGUARD_OWN_PROBER_H
#define RELAYGUARD_OWN_PROBER_H

#include <stdbool.h>
#include <stdint.h>

#include "own/probeform.h"

#define PROBER_DAY_S 86400
#define PROBER_MINUTES_S 600
#define PROBER_TARGETS 3
#define PROBER_RECIPIENTS 3

/* Why a client is taken for a tester. */
enum prober_rule {
	PROBER_NOT,      /* it is not */
	PROBER_FORMS,    /* forms other than the plain one to one target, within a day */
	PROBER_SENDERS,  /* shapes of one sender to one recipient, within ten minutes */
	PROBER_BOTH,     /* another form and the plain one to one target, by several shapes of
			  * senders, within ten minutes; one of all these no server would write */
	PROBER_DROP_BOX, /* from a mailbox to itself, which several networks have tried before
			  * (own/probes.h) */
	PROBER_RULES
};

/* "", "forms", "senders", "both", "drop-box". */
const char *prober_rule_name(enum prober_rule);

/* How many it takes: forms, senders, senders beside two forms, networks that have tried a drop
 * box before.  0: nobody is caught by that rule. */
struct prober_limits {
	unsigned forms, senders, both, drop_box;
};

#define PROBER_LIMITS ((struct prober_limits){2, 3, 2, 3}) /* the usual ones */

/* When somebody was last written to: times in seconds, 0: never. */
struct prober_target {
	uint64_t id;
	uint32_t form[PROBE_FORMS];
	uint32_t sender[PROBE_SENDERS];
};

struct prober_recipient {
	uint64_t id;
	uint32_t sender[PROBE_SENDERS];
};

struct prober {
	struct prober_target target[PROBER_TARGETS];
	struct prober_recipient recipient[PROBER_RECIPIENTS];
	uint32_t first, last;  /* attempts, in seconds */
	uint32_t attempts;     /* that count as evidence */
	uint8_t forms;         /* as bits */
	enum prober_rule rule; /* the first that was met */
	uint32_t since;        /* when it was */
	uint32_t met;          /* when any was met last */
};

/* One attempt; ids are hashes that nobody can foresee. */
struct prober_attempt {
	enum probe_form form;     /* probeform_count_as() */
	enum probe_sender sender; /* PROBE_SENDERS: not known */
	uint64_t target;          /* a domain */
	uint64_t recipient;       /* with the local part of the sender */
};

/* Note an attempt, and by which rule it gives the client away, or PROBER_NOT.  Times may go
 * back a little.  users: it has sent mail to us before, so that several people may be behind
 * it: only forms that no server writes give it away. */
enum prober_rule prober_note(struct prober *, const struct prober_limits *,
    const struct prober_attempt *, bool users, uint32_t now);

/* Note that a rule was met. */
void prober_meet(struct prober *, enum prober_rule, uint32_t now);

#endif
