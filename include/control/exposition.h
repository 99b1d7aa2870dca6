/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * control/exposition.h - metrics in Prometheus' text format 0.0.4.  Pure: it writes to a
 * stream, for open_memstream(3).
 *
 * A family begins with its name, type and help; its samples follow before the next begins.
 */
#ifndef RELAYGUARD_CONTROL_EXPOSITION_H
#define RELAYGUARD_CONTROL_EXPOSITION_H

#include <stdint.h>
#include <stdio.h>

#include "base/tally.h"

#define EXPOSITION_TYPE "text/plain; version=0.0.4; charset=utf-8"

struct exposition {
	FILE *out;
	const char *family; /* that its samples are of; borrowed */
};

void exposition_family(
    struct exposition *, const char *name, const char *type, const char *help);

/* A sample with up to two labels, whose values may be any text; NULL: no such label. */
void exposition_number(struct exposition *, const char *label1, const char *value1,
    const char *label2, const char *value2, uint64_t number);

/* A sample with three labels. */
void exposition_number3(struct exposition *, const char *const label[3],
    const char *const value[3], uint64_t number);

/* The same of milliseconds, as seconds. */
void exposition_seconds(struct exposition *, int64_t ms);

/* The samples of a histogram; label: NULL: it has none. */
void exposition_histogram(struct exposition *, const char *label, const char *value,
    const struct histogram *, const struct histogram_bounds *);

#endif
