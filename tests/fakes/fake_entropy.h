/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fake_entropy.h - what a test may do with the chance of fake_entropy.c.
 */
#ifndef RELAYGUARD_FAKE_ENTROPY_H
#define RELAYGUARD_FAKE_ENTROPY_H

#include <stdint.h>

/* From now on what getentropy(3) says follows from this seed; that of the start is 0. */
void fake_entropy_seed(uint64_t seed);

#endif
