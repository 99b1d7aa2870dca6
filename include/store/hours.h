/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * store/hours.h - what lists, policies and reasons have done, hour by hour (UTC): how much the
 * counters of the daemon have grown, added to what the file has of that hour.  Mail has no
 * part in it.  One thread: the store's.
 */
#ifndef RELAYGUARD_STORE_HOURS_H
#define RELAYGUARD_STORE_HOURS_H

#include <stdbool.h>
#include <stdint.h>

#include "store/dayfile.h"

#define HOUR_S 3600
#define HOURS_WRITE_S 300 /* what a crash may cost */

/* Kinds of counts; what is counted of each, relayguardctl(8) and hours.c tell. */
#define HOURS_LIST "list"       /* the name is a label */
#define HOURS_POLICY "policy"   /* the name of one */
#define HOURS_REASON "reason"   /* as reason= in the log has it */
#define HOURS_COUNTER "counter" /* counter_name(); without a name */
#define HOURS_WAIT "wait"       /* how long clients waited; without a name */

/* How what is counted is called, beside list_count_name() and action_name(). */
#define HOURS_ANSWER "answer-"     /* of a list, from DNS, and fact_state_name() */
#define HOURS_SHADOWED "shadowed-" /* passed, where that was meant: action_name() */
#define HOURS_MS "ms-"             /* within so many milliseconds, ... */
#define HOURS_LONGER "longer"      /* ... or in the place of the number: longer than all */

struct hours;

/* Begin to count from now on; NULL: out of memory. */
struct hours *hours_new(int64_t now);
void hours_free(struct hours *);

/* When the time began that is to be written, in clock_wall(). */
int64_t hours_began(const struct hours *);

/* Whether it is time to write: the hour is over, or some minutes are, or the clock was set
 * back; and in how many milliseconds it will be. */
bool hours_due(const struct hours *, int64_t now);
int64_t hours_left_ms(const struct hours *, int64_t now);

/* Whether anything was counted since then. */
bool hours_grown(struct hours *);

/* Add what was counted to the hour of hours_began(), within a transaction. */
enum database_fault hours_write(struct hours *, struct dayfile *, const char **error);

/* All that hours_write() has written will stay; what is counted from now on is of the hour
 * of now. */
void hours_settle(struct hours *, int64_t now);

#endif
