/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ctl/charts.h - charts of what was counted, in SVG inside a page; colours are those of the
 * page's classes, so that light and dark are its matter.  One thread; blocks on the stream.
 */
#ifndef RELAYGUARD_CTL_CHARTS_H
#define RELAYGUARD_CTL_CHARTS_H

#include <stdio.h>

#include "ctl/stats.h"

/* A bar for one list: of most listings, its own, and the part of them that is decisive. */
void charts_bar(FILE *, uint64_t decisive, uint64_t listed, uint64_t most);

/* A row for each of n lists, a column for each: how much of the row's the column has too. */
void charts_overlap(FILE *, const struct stats *, const int *order, int n);

/* Seven rows of 24 hours: how many were refused, or decided where nobody was refused. */
void charts_week(FILE *, const struct stats *);

#endif
