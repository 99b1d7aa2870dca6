/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fake_loop.h - what a test may do with the loop of fake_loop.c: one thread,
 * on the frozen clock, every step of which is known.
 */
#ifndef RELAYGUARD_FAKE_LOOP_H
#define RELAYGUARD_FAKE_LOOP_H

#include <stdbool.h>
#include <stdint.h>

struct loop;

/* Run what is due now; time stands. */
void fake_loop_turn(struct loop *);

/* Lose every loop_call(), as without memory for it; or no more. */
void fake_loop_starve(struct loop *, bool starved);

/* Let ms milliseconds pass, running what falls due on the way. */
void fake_loop_pass(struct loop *, int64_t ms);

#endif
