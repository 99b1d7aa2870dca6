/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * dns/peer.h - a DNS server, and whether it answers.  I/O thread only.
 *
 * One that is silent is doubted, and then asked by probes alone until it says
 * something, whatever it is: this is about silence, not about sense.  A list that is
 * gone is no silence of the server that was to ask it: probes are for what a server
 * has itself, and for a name that was answered before.  Servers that nobody asks
 * anything for ten minutes, as those of a list that was removed, get no probes until
 * somebody does.
 */
#ifndef RELAYGUARD_DNS_PEER_H
#define RELAYGUARD_DNS_PEER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dns/channel.h"
#include "loop/loop.h"

struct dnspeer;

/* The servers of one configuration, in its order. */
struct dnspeers {
	struct dnspeers *next; /* this and the next: the owner's */
	size_t open;
	int64_t asked; /* when one of them last was, in clock_ms() */
	size_t n;
	struct dnspeer *peers[];
};

/*
 * Servers with commas between; each of them, after and arg as a channel takes
 * them.  known is a name that was answered, read at each probe; "" for none.
 * NULL: out of memory.
 */
struct dnspeers *dnspeers_new(
    struct loop *, const char *servers, const char *known, loop_fn *after, void *arg);
void dnspeers_free(struct dnspeers *);

/* Whether it is not doubted. */
bool dnspeer_up(const struct dnspeer *);

/* As dnschannel_ask(). */
void dnspeer_ask(struct dnspeer *, struct dnstry *, unsigned port);

/* It has said something to a question then, in clock_ms(). */
void dnspeer_heard(struct dnspeer *, int64_t when);

/* A question sent then, in clock_ms(), has had no answer for long; tell once of each. */
void dnspeer_silent(struct dnspeer *, int64_t since);

#endif
