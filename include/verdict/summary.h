/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * verdict/summary.h - the parts of a verdict in few bytes, as log lines and headers have
 * them.  Pure.
 */
#ifndef RELAYGUARD_VERDICT_SUMMARY_H
#define RELAYGUARD_VERDICT_SUMMARY_H

#include "base/strbuf.h"
#include "lists/listing.h"
#include "verdict/verdict.h"

#define SUMMARY_LISTS_MAX 250 /* bytes, as base/log.h takes of one value */

/* "4/5": the score, and its threshold. */
void summary_score(struct strbuf *, const struct verdict *);

/*
 * "label:code*score,label:helo:code+code*score": what n hits say, with the role where
 * a list is asked about a name.  The code that speaks loudest comes first, then the
 * others of the fact that the list declares.  Where there is no room for all, "..." is
 * the last.  facts: one for each list of the roster.
 */
void summary_hits(struct strbuf *, const struct roster *, const struct fact *facts,
    const struct hit *, unsigned n);

/* "label,label:helo": some lists, in the same way. */
void summary_lists(struct strbuf *, const struct roster *, listset);

#endif
