/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * control/ownentry.h - an entry of the own list, and its evidence, as JSON; each is the
 * caller's, NULL where memory is out.  Any thread.
 */
#ifndef RELAYGUARD_CONTROL_OWNENTRY_H
#define RELAYGUARD_CONTROL_OWNENTRY_H

#include <jansson.h>
#include <stdbool.h>

#include "own/localfile.h"
#include "own/locallist.h"

/* What a client is listed for now; with past, what it was, too: of each reason its rule,
 * since, until and times. */
json_t *ownentry_reasons(const struct local_entry *, bool past);

/* A client with that, and the removal that will take effect. */
json_t *ownentry_line(const struct local_entry *, bool past, uint32_t now);

json_t *ownentry_hit(const struct local_hit *);
json_t *ownentry_count(const struct local_count *);
json_t *ownentry_audit(const struct local_audit *);

#endif
