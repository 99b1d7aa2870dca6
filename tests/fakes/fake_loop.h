/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fake_loop.h - what a test may do with the loop of fake_loop.c: one thread,
 * on the frozen clock, every step of which is known.
 */
#ifndef RELAYGUARD_FAKE_LOOP_H
#define RELAYGUARD_FAKE_LOOP_H

#include <stdint.h>

struct loop;

/* Run what is due now; time stands. */
void fake_loop_turn(struct loop *);

/* Let ms milliseconds pass, running what falls due on the way. */
void fake_loop_pass(struct loop *, int64_t ms);

#endif
