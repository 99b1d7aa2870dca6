/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * histogram.c - times counted in buckets, each a 64th of a power of two wide.
 * What is longer than the last bucket is counted there, and kept as the maximum.
 */
#include "config.h"

#include "histogram.h"

#include <inttypes.h>
#include <time.h>

int64_t
now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* Up to two rows of steps a bucket is one nanosecond wide, then twice as wide each row. */
static unsigned
bucket_of(uint64_t ns)
{
	unsigned shift = 0;

	while (ns >> shift >= (uint64_t)2 * HISTOGRAM_STEPS)
		shift++;
	shift = shift * HISTOGRAM_STEPS + (unsigned)(ns >> shift);
	return shift < HISTOGRAM_BUCKETS ? shift : HISTOGRAM_BUCKETS - 1;
}

/* The middle of a bucket. */
static double
value_of(unsigned bucket)
{
	unsigned row = bucket < 2 * HISTOGRAM_STEPS ? 0 : bucket / HISTOGRAM_STEPS - 1;

	return ((double)(bucket - row * HISTOGRAM_STEPS) + 0.5) * (double)((uint64_t)1 << row);
}

void
histogram_add(struct histogram *h, int64_t ns)
{
	uint64_t value = ns > 0 ? (uint64_t)ns : 0;

	h->count++;
	h->sum += value;
	h->bucket[bucket_of(value)]++;
	if (value > h->max)
		h->max = value;
}

void
histogram_merge(struct histogram *h, const struct histogram *other)
{
	h->count += other->count;
	h->sum += other->sum;
	if (other->max > h->max)
		h->max = other->max;
	for (unsigned i = 0; i < HISTOGRAM_BUCKETS; i++)
		h->bucket[i] += other->bucket[i];
}

/* The value that so many per thousand are not above. */
static double
quantile(const struct histogram *h, unsigned permille)
{
	uint64_t wanted = (h->count * permille + 999) / 1000, seen = 0;
	unsigned i = 0;

	if (h->count == 0)
		return 0;
	while (i < HISTOGRAM_BUCKETS - 1 && (seen += h->bucket[i]) < wanted)
		i++;
	return value_of(i) < (double)h->max ? value_of(i) : (double)h->max;
}

void
histogram_print(const struct histogram *h, FILE *out)
{
	fprintf(out,
	    "{\"n\":%" PRIu64 ",\"mean\":%.1f,\"p50\":%.1f,\"p95\":%.1f,\"p99\":%.1f,"
	    "\"p999\":%.1f,\"max\":%.1f}",
	    h->count, h->count > 0 ? (double)h->sum / (double)h->count / 1e3 : 0.0,
	    quantile(h, 500) / 1e3, quantile(h, 950) / 1e3, quantile(h, 990) / 1e3,
	    quantile(h, 999) / 1e3, (double)h->max / 1e3);
}
