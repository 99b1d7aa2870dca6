/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * spf_world.h - all that a check of a sender needs, in virtual time: a loop, DNS
 * that is played, and processes that are too, or real.
 */
#ifndef RELAYGUARD_TESTS_SPF_WORLD_H
#define RELAYGUARD_TESTS_SPF_WORLD_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/ipaddr.h"
#include "dns/dns.h"

#define SPF_WORLD_MS 4000 /* the deadline of a check */
#define SPF_NOT_YET (-1)

struct spf_world {
	FILE *log;
	struct loop *loop;
	struct upstream *upstream;
	struct promises *promises;
	struct spf *spf;
	struct ipaddr client; /* 198.51.100.7 */
};

/* Once for all worlds of a test: the time stands still, the log goes nowhere. */
bool spf_world_begin(struct spf_world *);
void spf_world_end(struct spf_world *);

/* A world, with this descriptor of a spawner, as spf_new() takes it; its end. */
void spf_world_open(struct spf_world *, int spawner);
void spf_world_close(struct spf_world *);

/* DNS has this TXT record, or none if it is NULL, and says so after some time. */
void spf_world_teach(
    const char *name, const char *text, enum dns_status status, int64_t after_ms);

/* Check a sender; its result, SPF_NOT_YET where the deadline passes without one. */
struct promise *spf_world_check(struct spf_world *, const char *sender);
int spf_world_wait(struct promise **);
int spf_world_result(struct spf_world *, const char *sender);

#endif
