/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * spf_services.h - all that a check of a sender needs, in virtual time: a loop, DNS
 * that is played, and processes that are too, or real.
 */
#ifndef RELAYGUARD_TESTS_SPF_SERVICES_H
#define RELAYGUARD_TESTS_SPF_SERVICES_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/ipaddr.h"
#include "dns/dns.h"

#define SPF_SERVICES_MS 4000 /* the deadline of a check */
#define SPF_NOT_YET (-1)

struct spf_services {
	FILE *log;
	struct loop *loop;
	struct upstream *upstream;
	struct promises *promises;
	struct spf *spf;
	struct ipaddr client; /* 198.51.100.7 */
};

/* Once for all worlds of a test: the time stands still, the log goes nowhere. */
bool spf_services_begin(struct spf_services *);
void spf_services_end(struct spf_services *);

/* A world, with this descriptor of a spawner, as spf_new() takes it; its end. */
void spf_services_open(struct spf_services *, int spawner);
void spf_services_close(struct spf_services *);

/* DNS has this TXT record, or none if it is NULL, and says so after some time. */
void spf_services_teach(
    const char *name, const char *text, enum dns_status status, int64_t after_ms);

/* Check a sender; its result, SPF_NOT_YET where the deadline passes without one. */
struct promise *spf_services_check(struct spf_services *, const char *sender);
int spf_services_wait(struct promise **);
int spf_services_result(struct spf_services *, const char *sender);

#endif
