/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * dns/queryid.h - ids of questions that nobody can guess (RFC 5452, 9.2).  One thread.
 */
#ifndef RELAYGUARD_DNS_QUERYID_H
#define RELAYGUARD_DNS_QUERYID_H

#include <stddef.h>
#include <stdint.h>

/* Random numbers in store; all 0: there are none. */
struct queryids {
	size_t left;
	uint16_t number[128];
};

/* The next one; it never blocks for longer than the system takes for random numbers. */
uint16_t queryid_next(struct queryids *);

#endif
