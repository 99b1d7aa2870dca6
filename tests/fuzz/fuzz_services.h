/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fuzz_services.h - what surrounds the connections of fuzz_milter.c and fuzz_policy.c: a daemon on
 * the fakes, with several configurations to change between.
 */
#ifndef RELAYGUARD_FUZZ_SERVICES_H
#define RELAYGUARD_FUZZ_SERVICES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/ipaddr.h"

struct session_shared;

/* The zones of all lists; each table declares 127.0.0.2, one 127.0.0.4-7 too. */
#define FUZZ_ZONES "bl.example", "other.example", "white.example", "six.example"

/* Start, under the configuration that which means; a change to another one. */
void fuzz_services_open(uint8_t which);
void fuzz_services_reload(uint8_t which);

/* What its sessions share. */
struct session_shared *fuzz_services_sessions(void);

/* Let so many milliseconds pass, and do what falls due. */
void fuzz_services_pass(int64_t ms);

/* Sessions wait no longer, and new ones pass. */
void fuzz_services_hurry(void);

/* Stop, with no session open, and look at what was logged. */
void fuzz_services_close(void);

/* Whether no configuration was used that takes listings without a proof. */
bool fuzz_services_wants_confirmation(void);

/* Whether any configuration's table has the code, or deny set the address. */
bool fuzz_services_declares(uint32_t code);
bool fuzz_services_denies(const struct ipaddr *);

/* Put a value for an address into Redis: a text, after the name of the list of that zone, or
 * by itself, zone NULL.  False: there is no room. */
bool fuzz_services_store(
    const struct ipaddr *, const char *zone, const char *text, uint32_t ttl);

#endif
