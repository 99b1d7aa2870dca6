/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * base/number.h - decimal numbers, as people, servers and lists write them.  Pure.
 *
 * No sign, no blank, and no more digits than the largest number has: zeros in front
 * are within that.
 */
#ifndef RELAYGUARD_BASE_NUMBER_H
#define RELAYGUARD_BASE_NUMBER_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Read a number from 0 to max, which is below 10^18, and go past it.  -1: there is none,
 * or it is larger, and nothing is gone past.
 */
int64_t number_read(const char **at, int64_t max);

/* The same where it is written in the one way there is, with no zero in front. */
int64_t number_plain(const char **at, int64_t max);

/* Read n octets, "127.0.0", of which the last one is the lowest; false: they are none. */
bool number_octets(const char **at, unsigned n, uint32_t *out);

#endif
