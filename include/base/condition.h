/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * base/condition.h - condition variables whose time is that of clock_ms(), so that a step of
 * the wall clock neither ends a wait nor makes it longer.  Any thread.
 */
#ifndef RELAYGUARD_BASE_CONDITION_H
#define RELAYGUARD_BASE_CONDITION_H

#include <pthread.h>
#include <stdint.h>
#include <time.h>

/* As pthread_cond_init(3); to be destroyed by pthread_cond_destroy(3). */
void condition_init(pthread_cond_t *);

/* When clock_ms() will be deadline, for pthread_cond_timedwait(3) of such a variable; in a
 * year at the latest. */
struct timespec condition_deadline(int64_t deadline);

#endif
