/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * dns/dns.h - ask DNS servers for records.  I/O thread only.
 *
 * Answers come from anybody: they are matched to the question (id, name with
 * its random letter case, port), bounded and parsed once (dns/wire.h).
 */
#ifndef RELAYGUARD_DNS_H
#define RELAYGUARD_DNS_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

#include "dns/wire.h"

struct dns;
struct listing;
struct loop;

typedef void dns_done(void *arg, const struct dns_reply *);

/*
 * A resolver that asks these servers ("192.0.2.53", "192.0.2.53:5353",
 * "[2001:db8::53]:5353"; NULL-terminated, copied), or those of
 * /etc/resolv.conf where servers is NULL or empty.  NULL: out of memory, or a
 * server that cannot be read; why says which.
 */
struct dns *dns_new(struct loop *, char *const *servers, char *why, size_t whysize);

/*
 * Ask for the A records of name (copied), of letters, digits, "-" and "_".  done
 * is called exactly once, some seconds later at the latest, and never from within
 * this call unless memory is out: then as DNS_FAILED.  A caller that needs it
 * sooner stops caring sooner.
 */
void dns_ask(struct dns *, const char *name, dns_done *, void *arg);

/*
 * The same, but to one server alone: the number in the order of dns_new(), or of
 * /etc/resolv.conf.  DNS_ANY_SERVER, or a number that there is no server of by now: to
 * whomever dns_ask() would.
 */
#define DNS_ANY_SERVER UINT_MAX
#define DNS_UNCOUNTED 0x80U /* among the flags: no client asks, and nothing is counted */
void dns_ask_server(
    struct dns *, const char *name, unsigned server, unsigned flags, dns_done *, void *arg);

/* The list that a question is about. */
struct dns_list {
	const char *zone; /* its names end in: how soon it answers is kept in mind */
	/* Of too many codes those of the highest listing_worth() are told; NULL: of no matter.
	 * It stays until the question is done. */
	const struct listing *listing;
};

/* The same for a list; NULL: for none. */
void dns_ask_list(struct dns *, const struct dns_list *, const char *name, unsigned server,
    unsigned flags, dns_done *, void *arg);

/* How many servers there are, and whether one of them answers. */
size_t dns_servers(const struct dns *);
bool dns_server_is_up(const struct dns *, size_t server);

/*
 * As dns_ask() for records of any type, and for a name that strangers may have made
 * up (dnswire_any_name()).  The records of the reply are good within done alone.
 * Where there are too many addresses the nearest to near (copied) is among them
 * (dns/record.h); NULL: any are.
 */
void dns_query(struct dns *, enum dns_type, const char *name, const struct ipaddr *near,
    unsigned flags, dns_done *, void *arg);

/*
 * Read /etc/resolv.conf again; questions under way end where they began.  Where it has
 * changed this happens by itself, some seconds later, as questions come.
 */
void dns_refresh(struct dns *);

/*
 * End: every question still open is done as DNS_FAILED, within this call.  Also
 * from within a done.  NULL is fine.
 */
void dns_free(struct dns *);

#endif
