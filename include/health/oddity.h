/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * health/oddity.h - answers of lists that cannot be believed, and when to speak of
 * them: at once, and then once an hour with how often.  One thread.
 */
#ifndef RELAYGUARD_HEALTH_ODDITY_H
#define RELAYGUARD_HEALTH_ODDITY_H

#include <stdint.h>

#include "lists/listing.h"

struct oddities;

struct oddities *oddities_new(void);
void oddities_free(struct oddities *);

/* Note an answer of a list that was odd; bad is the A record at fault. */
void oddities_note(struct oddities *, const struct listing *, enum oddity, uint32_t bad);

#endif
