/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * dnsd.h - a DNS server for tests, on a thread of its own, on UDP and TCP of
 * 127.0.0.1.  It answers each name as it is told to, well or badly, and counts
 * what it is asked.  All functions may be called from any other thread.
 */
#ifndef RELAYGUARD_TESTS_DNSD_H
#define RELAYGUARD_TESTS_DNSD_H

#include <stdbool.h>
#include <stddef.h>

struct dnsd;

/* Start on a free port.  NULL: it cannot. */
struct dnsd *dnsd_start(void);
void dnsd_stop(struct dnsd *);

/* Nobody listens there any more, nor can anybody else; it has what it was taught when it
 * returns.  False: it cannot. */
void dnsd_leave(struct dnsd *);
bool dnsd_return(struct dnsd *);

/* Where it listens: "127.0.0.1:PORT". */
const char *dnsd_address(const struct dnsd *);

/*
 * From now on questions for name, or for what is below it if it is "*.ZONE",
 * are answered as the words say; a whole name goes before a zone, a zone taught
 * later before one taught sooner.  False: a word is not known.
 *
 *	127.0.0.2  127.0.0.2/60  127.0.0.2/60*200
 *			an A record, its TTL (300), 200 of them counting up
 *	aaaa=2001:db8::1/60*2  mx=10:NAME/60  ptr=NAME/60
 *			the same of another type; no TTL (300), and * for AAAA alone
 *	txt=TEXT*30	a TXT record, TTL 300: the text so many times, in strings of
 *			255 bytes; %20 in it is a space, %2a a *
 *	cname=NAME[,...]
 *			first a CNAME record that leads to NAME, and so on; the records
 *			are the last one's; reversed: the last of them first
 *	owner=NAME	the records are NAME's, wherever aliases lead to
 *	chaos		of class CH
 *	extended=1	an OPT record with this upper part of the code (RFC 6891, 6.1.3)
 *	soa=60/30	a SOA record of this TTL and minimum in the authority section
 *	ns		an NS record there
 *	signed		an RRSIG record of the answer, or else of the authority section,
 *			if it was asked for (RFC 3225)
 *	nxdomain  servfail  refused  formerr
 *			the code of the answer; without one NOERROR
 *	aa		the authoritative bit
 *	tc		over UDP only "truncated", all over TCP; tctc: so over TCP too
 *	delay=50	after so many milliseconds
 *	silent		no answer at all; silent=2: none to the first two questions
 *	once		an answer to the first question alone
 *	badid  badcase  badname  badtype
 *			another id, letter case, name or type than asked for
 *	echo		the question itself, sent back
 *	garbage		128 bytes that only begin with the right id
 *	cut		the last 3 bytes are missing
 *	badlength	the length of the last record's data goes past the end
 *
 * Records of another type than asked for stay away.  Names that nobody taught
 * are refused.
 */
bool dnsd_teach(struct dnsd *, const char *name, const char *words);

/* How many questions came for this name, or for all (NULL), over UDP and TCP. */
unsigned dnsd_asked(struct dnsd *, const char *name);
unsigned dnsd_asked_tcp(struct dnsd *, const char *name);

/* How many of them were no repetition of the one before, which keeps its letter case:
 * on a busy machine a question is repeated before it is answered. */
unsigned dnsd_asked_anew(struct dnsd *, const char *name);

/* How many of them asked for signatures. */
unsigned dnsd_asked_signed(struct dnsd *, const char *name);

/* How many ports they came from, over UDP. */
unsigned dnsd_asked_from(struct dnsd *);

/* The name in the letter case of its last question; false: never asked. */
bool dnsd_spelling(struct dnsd *, const char *name, char *out, size_t size);

#endif
