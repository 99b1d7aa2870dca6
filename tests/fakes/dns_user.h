/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * dns_user.h - a resolver of dns/dns.h, used from the thread of a test: what is to
 * be done on the I/O thread is done there, and waited for.
 */
#ifndef RELAYGUARD_TESTS_DNS_USER_H
#define RELAYGUARD_TESTS_DNS_USER_H

#include <stdbool.h>
#include <stddef.h>

#include "dns/dns.h"
#include "loop/loop.h"

struct dns_user;

/* What was said to one question; the records of the reply are a copy. */
struct dns_told {
	struct dns_user *user;
	struct dns_reply reply;
	unsigned times;
	bool within; /* the call that asked */
};

struct dns_user {
	struct loop *loop;
	struct dns *dns; /* NULL: why says why */
	char why[200];
	char *const *servers;
	const char *const *names;
	const enum dns_type *types; /* NULL: they are asked for by dns_ask_list() ... */
	unsigned server, flags;     /* ... with these; at first, as by dns_ask() */
	const char *zone;           /* ... of this zone, or NULL */
	struct dns_told *told;      /* to each of the n questions */
	size_t n, open;
	bool asking;
	struct event_flag event_flag;
};

/* Make a resolver for these servers, as dns_new() takes them; whether it could. */
bool dns_user_begin(struct dns_user *, struct loop *, char *const *servers);
void dns_user_end(struct dns_user *);

/*
 * Run fn with the user on the I/O thread, and wait until it or somebody after it
 * opens the latch; false: half a minute has passed.
 */
bool dns_user_run(struct dns_user *, loop_fn *fn);

/* Ask for these names at once; both together, or one after the other. */
bool dns_user_ask(struct dns_user *, const char *const *names, size_t n);
void dns_user_start(struct dns_user *, const char *const *names, size_t n);
bool dns_user_wait(struct dns_user *);

/* The same by dns_query(), each for its type. */
bool dns_user_query(
    struct dns_user *, const enum dns_type *, const char *const *names, size_t n);
void dns_user_start_query(
    struct dns_user *, const enum dns_type *, const char *const *names, size_t n);

/* Ask for one; its reply, DNS_TIMEOUT if there was none. */
struct dns_reply dns_user_ask_one(struct dns_user *, const char *name);

#endif
