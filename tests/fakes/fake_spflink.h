/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fake_spflink.h - what a test may do with the processes of fake_spflink.c: have
 * real ones, whose words come in virtual time, or play them, kill them and count
 * them.
 */
#ifndef RELAYGUARD_FAKE_SPFLINK_H
#define RELAYGUARD_FAKE_SPFLINK_H

#include <stdbool.h>

#include "spf/wire.h"

enum fake_words {
	FAKE_SAYS,    /* what it has written */
	FAKE_BABBLES, /* what is no message */
	FAKE_SILENT,
	FAKE_DIES
};

/* What a process, by its number from 0 on, says to what it has heard. */
typedef enum fake_words fake_worker(
    unsigned number, const struct spf_message *heard, struct spf_message *says);

/* Play all processes that are started from now on; NULL: they are real. */
void fake_spflink_play(fake_worker *);

/* No process can be started from now on, or they can again. */
void fake_spflink_refuse(bool);

/* Kill a process that is played; its end comes with the next turn of the loop. */
void fake_spflink_kill(unsigned number);

/* How many were started, and how many are there. */
unsigned fake_spflink_started(void);
unsigned fake_spflink_alive(void);

/* Forget all that, with no process there. */
void fake_spflink_reset(void);

#endif
