/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * control/facts.h - what a list says of somebody, and the log, as verbs tell it.  Any thread.
 */
#ifndef RELAYGUARD_CONTROL_FACTS_H
#define RELAYGUARD_CONTROL_FACTS_H

#include <jansson.h>

#include "lists/evidence.h"
#include "lists/listing.h"
#include "lookup/known.h"
#include "session/client.h"

/* Where facts are kept. */
struct known_places facts_places(const struct client_services *);

/* The keys and values of a line of the log, all texts. */
json_t *facts_fields(const char *line);

/* The codes of a fact, as an array of texts. */
json_t *facts_codes(const struct fact *);

/* Whether the list was asked, or its answer was known. */
bool facts_asked(const struct fact *);

/* What the list says: "unknown", "clear", "listed" or "error"; or "not asked". */
const char *facts_answer(const struct fact *);

/* Where it comes from: "dns", "memory", "redis" or "own"; NULL: from nobody. */
const char *facts_source(const struct fact *);

/* How long it holds still, in seconds. */
json_int_t facts_ttl(const struct fact *);

/* A list, its state, and its fact: label, asks, state, answer, codes, category and score
 * of the answer by which it speaks, source and ttl_seconds; and unproven where it is not known
 * whether the list holds everybody. */
json_t *facts_line(const struct listing *, const struct fact *);

#endif
