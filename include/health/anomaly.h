/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * health/anomaly.h - answers of lists that cannot be believed, and when to speak of
 * them: at once, and then once an hour with how often.  One thread.
 */
#ifndef RELAYGUARD_HEALTH_ANOMALY_H
#define RELAYGUARD_HEALTH_ANOMALY_H

#include <stdint.h>

#include "lists/listing.h"

struct anomalies;

struct anomalies *anomalies_new(void);
void anomalies_free(struct anomalies *);

/* Note an answer of a list that was odd; bad is the A record at fault. */
void anomalies_note(struct anomalies *, const struct listing *, enum anomaly, uint32_t bad);

#endif
