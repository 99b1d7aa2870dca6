/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fake_dns.h - what a test may do with the resolver of fake_dns.c: say what
 * DNS answers, when, and from which server, and count what was asked.
 *
 * Before the loop runs, or on its thread; on the fake loop at any time.
 */
#ifndef RELAYGUARD_FAKE_DNS_H
#define RELAYGUARD_FAKE_DNS_H

#include <stdbool.h>
#include <stdint.h>

#include "dns/dns.h"

/*
 * A reply without records of this status, as servers give it: NXDOMAIN with a SOA and a
 * TTL of 300 s, SERVFAIL, or nothing heard.
 */
struct dns_reply fake_dns_reply(enum dns_status);

/*
 * From now on name ("*.zone": all below it) has this answer to questions for A
 * records if it is DNS_FOUND, and else to all; after so many milliseconds; of
 * server alone, if it is not NULL.  What was taught last goes first, a whole name
 * before a zone.  A name taught for other types alone has no records of the type;
 * names never taught are absent.  False: too many, or no server of that name.
 * The server of a reply is the one whose lesson it is, or that was asked alone, or the
 * first; signatures come where they were asked for.
 */
bool fake_dns_teach(
    const char *name, const char *server, const struct dns_reply *, int64_t after_ms);

/* The same for one type, whatever the answer; its records are copied. */
bool fake_dns_teach_type(enum dns_type, const char *name, const char *server,
    const struct dns_reply *, int64_t after_ms);

/*
 * How often name ("*.zone": anything below it) has been asked for, in all types
 * or in one.  Reading the servers again counts as a question for
 * "/etc/resolv.conf".
 */
unsigned fake_dns_asked(const char *name);
unsigned fake_dns_asked_type(enum dns_type, const char *name);

/*
 * Let somebody have the last word on every answer and on when it comes; NULL:
 * nobody.  The records of the reply, if any, stay as they are, or are not told.
 */
typedef void fake_dns_player(
    enum dns_type, const char *name, struct dns_reply *, int64_t *after_ms);
void fake_dns_play(fake_dns_player *);

struct query;

/*
 * Let a resolver stand between those who ask and the servers; NULL: none does.  The
 * records of its reply, if any, are a copy that the asker frees.
 */
typedef void fake_dns_resolver(const struct query *, enum dns_type, const char *name,
    struct dns_reply *, int64_t *after_ms);
void fake_dns_resolve(fake_dns_resolver *);

/* What the servers say to a question, and after how long; the records are the caller's. */
void fake_dns_serve(const struct query *, enum dns_type, const char *name, struct dns_reply *,
    int64_t *after_ms);

/* Whether a name is the one of the pattern, or below it if that is "*.zone". */
bool fake_dns_names(const char *pattern, const char *name);

/* Forget all that was taught and asked, and who had the last word or stood between. */
void fake_dns_reset(void);

#endif
