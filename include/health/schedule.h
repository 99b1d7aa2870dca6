/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * health/schedule.h - when a list is tested next: by its state, and by what has become of the
 * tests before.  Pure, one thread.
 */
#ifndef RELAYGUARD_HEALTH_SCHEDULE_H
#define RELAYGUARD_HEALTH_SCHEDULE_H

#include <stdbool.h>
#include <stdint.h>

#include "health/state.h"

#define SCHEDULE_RETEST_MS 1000   /* after a test that failed, or that could not begin */
#define SCHEDULE_SUSPECT_MS 10000 /* between two tests on suspicion */

struct schedule {
	int64_t pause; /* before the next test, while the list is suspended */
};

/* A list that has not been tested. */
void schedule_init(struct schedule *);

/*
 * The milliseconds to the next test of a list that answers: passes in a row make up for
 * what was wrong, tests of a good one are interval_ms apart; stale: its last answer may
 * have expired.
 */
int64_t schedule_next(struct schedule *, const struct health_state *, unsigned passes,
    int64_t interval_ms, bool stale);

#endif
