/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * health.h - is this list telling the truth?  Rank 5; I/O thread only.
 *
 * Answers that cannot be believed count for nothing; here they are noted, so
 * that the administrator hears of it once an hour and not once a mail.
 */
#ifndef RELAYGUARD_HEALTH_H
#define RELAYGUARD_HEALTH_H

#include <stdint.h>

#include "evidence.h"
#include "listing.h"

struct health;

struct health *health_new(void);
void health_free(struct health *);

/* Note an answer of a list; an inquiry_watch.  arg is the struct health. */
void health_note(
    void *arg, const struct listing *, const struct fact *, enum oddity, uint32_t bad);

#endif
