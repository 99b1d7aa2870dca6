/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * base/random.h - times that are not the same on all nodes of a fleet, and references
 * that nobody can guess.  Any thread.
 */
#ifndef RELAYGUARD_BASE_RANDOM_H
#define RELAYGUARD_BASE_RANDOM_H

#include <stdbool.h>
#include <stdint.h>

/* A time by chance up to percent (at most 100) longer or shorter than ms. */
int64_t jittered(int64_t ms, unsigned percent);

/* True once in so many times, by chance; 0: never. */
bool random_draws(unsigned one_in);

#define REF_LEN 8                                       /* characters, each of 5 random bits */
#define REF_ALPHABET "0123456789ABCDEFGHJKMNPQRSTVWXYZ" /* Crockford's base 32 */

/*
 * Make a new reference of a decision, the same in the reply, in the log and wherever the
 * decision is explained: digits and capital letters, none that read like another.
 */
void ref_make(char out[REF_LEN + 1]);

/* The 40 bits of a reference, in letters of either case; false: it is none. */
bool ref_read(const char *text, uint64_t *out);

#endif
