/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ctl/stats.h - decisions, counted: what each list and each policy has done.  Where they come
 * from does not matter.  One thread; bounded memory.
 *
 * What was meant counts for what was done, so that a trial in shadow mode shows what will be.
 */
#ifndef RELAYGUARD_CTL_STATS_H
#define RELAYGUARD_CTL_STATS_H

#include <stdbool.h>
#include <stdint.h>

#include "ctl/clients.h"
#include "ctl/logentry.h"
#include "ctl/names.h"
#include "lists/listing.h"
#include "lists/usage.h"

#define STATS_POLICIES_MAX 200
#define STATS_REASONS_MAX 32
#define STATS_MS_MAX 60000 /* longer waits count as that */

enum { STATS_WEEKDAYS = 7, STATS_HOURS = 24 };

#define STATS_BUCKETS (HISTOGRAM_BUCKETS_MAX + 1)

/* Of one list: decisions, where nothing else is said. */
struct list_stats {
	uint64_t seen;           /* it is named in, for whatever cause */
	uint64_t listed;         /* it has listed the client, and counts */
	uint64_t against;        /* ... and that counts against the client */
	uint64_t favour;         /* ... or for it */
	uint64_t sole;           /* refused, and no other list speaks against the client */
	uint64_t decisive;       /* without it something milder would have been done */
	uint64_t clients;        /* addresses that it has listed, against them */
	uint64_t clients_passed; /* those that were good within CLIENTS_WINDOW_S */
	uint64_t unknown;        /* it did not answer in time, or with an error */
	uint64_t doubted, suspended;
	uint64_t shadowed;              /* in shadow, it has listed the client */
	uint64_t shadow_acts;           /* ... of which so many would no longer pass */
	uint64_t shadow_unknown;        /* in shadow, it gave no answer, or was suspended */
	uint64_t answers[LIST_ANSWERS]; /* from DNS, by enum fact_state */
	uint64_t ms[STATS_BUCKETS];     /* ... by how long they took: list_usage_bounds() */
	uint64_t shared[LISTS_MAX]; /* that list has listed the client, too; in shadow or not */
};

struct policy_stats {
	uint64_t done[ACTIONS]; /* by verdict */
	uint64_t shadowed;      /* passed, where something else was meant */
};

struct reason_stats {
	uint64_t all, refused;
};

struct stats {
	bool counted; /* that store has counted something by the hour */
	bool stored;  /* counted from a store: what was let through has no row there, and it is
		      * not known who was good; but what lists answered is */
	uint64_t decisions, undated, cut;
	uint64_t weighed;        /* decided by what lists and SPF say, of whom all were asked */
	uint64_t frugal;         /* not all lists were asked: nothing is counted of lists */
	int64_t first, last;     /* as logentry's time; 0: none has a stamp */
	uint64_t done[ACTIONS];  /* by verdict */
	uint64_t meant[ACTIONS]; /* what shadow mode would have done */
	uint64_t refused;        /* refused or dropped, or meant to be */
	uint64_t softened, unlisted;                /* labels that found no room, so often */
	uint64_t week[STATS_WEEKDAYS][STATS_HOURS]; /* decisions; the week begins with Monday */
	uint64_t week_refused[STATS_WEEKDAYS][STATS_HOURS];
	uint64_t ms[STATS_MS_MAX + 1]; /* decisions by how long the client waited */
	uint64_t timed;                /* those that say so */
	struct names lists, policies, reasons;
	struct list_stats list[LISTS_MAX];
	struct policy_stats policy[STATS_POLICIES_MAX + 1]; /* the last: of all others */
	struct reason_stats reason[STATS_REASONS_MAX + 1];
	struct clients *clients;
};

/* NULL: memory is out. */
struct stats *stats_new(void);
void stats_free(struct stats *);

void stats_add(struct stats *, const struct logentry *);

/* Of one that is counted already: only who was listed, by which lists. */
void stats_add_client(struct stats *, const struct logentry *);

/* So many decisions in that hour, as logentry's time, of which some were refused, or would
 * have been. */
void stats_add_hour(struct stats *, int64_t time, uint64_t decisions, uint64_t refused);

/* The milliseconds within which so many percent of clients had their answer; -1: not known. */
int stats_wait(const struct stats *, unsigned percent);

/* How often a list was asked in DNS, and how often it answered. */
uint64_t stats_asked(const struct list_stats *);
uint64_t stats_answered(const struct list_stats *);

/* The milliseconds within which so many percent of its answers came, in the steps of
 * list_usage_bounds(); twice the last where it was longer; -1: not known. */
int stats_latency(const struct list_stats *, unsigned percent);

/* A part of a whole in percent; 0 of nothing. */
double stats_percent(uint64_t part, uint64_t whole);

/* How often a list has listed a client, against it, for it or in shadow. */
uint64_t stats_listed(const struct list_stats *);

/* The numbers of the lists, policies or reasons with the most decisions first; how many. */
int stats_order_lists(const struct stats *, int out[LISTS_MAX]);
int stats_order_policies(const struct stats *, int out[STATS_POLICIES_MAX + 1]);
int stats_order_reasons(const struct stats *, int out[STATS_REASONS_MAX + 1]);

/* The name of a policy or reason by its number: that of all others is "...". */
const char *stats_policy_name(const struct stats *, int policy);
const char *stats_reason_name(const struct stats *, int reason);

/* The list that has listed most of the same clients, in how many decisions; -1: none. */
int stats_nearest(const struct stats *, int list, uint64_t *shared);

/* Whether the figures are known: of a store that has counted nothing yet they are not. */
bool stats_is_counted(const struct stats *);

#endif
