/* SPDX-License-Identifier: BSD-2-Clause */
/* base/jitter.h - times that are not the same on all nodes of a fleet. */
#ifndef RELAYGUARD_BASE_JITTER_H
#define RELAYGUARD_BASE_JITTER_H

#include <stdint.h>

/* A time by chance up to percent (at most 100) longer or shorter than ms. */
int64_t jittered(int64_t ms, unsigned percent);

#endif
