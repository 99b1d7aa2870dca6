/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * histogram.h - how long things took, within 2 % of it.  One thread; merged
 * afterwards.
 */
#ifndef BENCH_HISTOGRAM_H
#define BENCH_HISTOGRAM_H

#include <stdint.h>
#include <stdio.h>

#define HISTOGRAM_STEPS 64 /* between a power of two and the next */
#define HISTOGRAM_BUCKETS (HISTOGRAM_STEPS * 40)

struct histogram {
	uint64_t count;
	uint64_t sum; /* nanoseconds */
	uint64_t max;
	uint32_t bucket[HISTOGRAM_BUCKETS];
};

/* Nanoseconds of a clock that only goes forward. */
int64_t now_ns(void);

void histogram_add(struct histogram *, int64_t ns);
void histogram_merge(struct histogram *, const struct histogram *);

/* Write {"n":..,"mean":..,"p50":..,"p95":..,"p99":..,"max":..}, in microseconds. */
void histogram_print(const struct histogram *, FILE *);

#endif
