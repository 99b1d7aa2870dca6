/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * control/dataentry.h - where an entry of a list's data is written, and how its data is, as
 * JSON; each is the caller's, NULL where memory is out.  A thread that may block on files.
 */
#ifndef RELAYGUARD_CONTROL_DATAENTRY_H
#define RELAYGUARD_CONTROL_DATAENTRY_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "lists/listing.h"

struct datafeed_state;

#define DATAENTRY_MS 3000 /* for all entries that a request wants to know of */

/*
 * The lines of a list's files by which it has a subject now, "file:line"; null: they cannot be
 * read, or not by the deadline, in clock_ms().  The list has data.
 */
json_t *dataentry_places(const struct listing *, const struct subject *, int64_t deadline);

/* How the data of a list is, which has some: its files, entries, age, and what became of the
 * files last.  Does not block. */
json_t *dataentry_state(const struct listing *);

/*
 * The next list of the roster that has data, from *at on, which goes past it, and how its data
 * is now; each label comes once.  NULL: there are no more.  Does not block.
 */
const struct listing *dataentry_next(
    const struct roster *, unsigned *at, struct datafeed_state *);

/* Whether the word of a list's data counts without a doubt. */
bool dataentry_is_believed(const struct listing *);

#endif
