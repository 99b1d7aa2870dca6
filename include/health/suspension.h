/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * health/suspension.h - lists that an administrator has suspended for some time, by their
 * labels: their word counts for nothing, whatever their health is.  Any thread; never waits
 * but for a mutex that is held for some microseconds.
 *
 * A suspension stays over a change of the configuration, and ends with the process.
 */
#ifndef RELAYGUARD_HEALTH_SUSPENSION_H
#define RELAYGUARD_HEALTH_SUSPENSION_H

#include <stdbool.h>
#include <stdint.h>

#include "lists/listing.h"

struct loop;
struct suspensions;

#define SUSPENSION_WHY_SIZE 208
#define SUSPENSION_BY_SIZE 8

struct suspension {
	int64_t begun, until; /* in clock_ms() */
	char by[SUSPENSION_BY_SIZE];
	char why[SUSPENSION_WHY_SIZE]; /* or empty */
};

/* None yet; NULL: out of memory. */
struct suspensions *suspensions_new(struct loop *);

/* After the loop has stopped; NULL is fine. */
void suspensions_free(struct suspensions *);

/*
 * Suspend the lists of that label until then, or for another time than before, and log it.
 * False: the roster has none, or memory is out.
 */
bool suspensions_begin(
    struct suspensions *, const struct roster *, const char *label, const struct suspension *);

/* End it before its time, and log who did; false: there is none. */
bool suspensions_end(struct suspensions *, const char *label, const char *by);

/* The suspension of a label; false: there is none. */
bool suspensions_find(struct suspensions *, const char *label, struct suspension *);

/* Another configuration is used: its lists of those labels are suspended, too. */
void suspensions_apply(struct suspensions *, const struct roster *);

#endif
