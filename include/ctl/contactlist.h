/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ctl/contactlist.h - where to write to about a network, as several sources have it, the best
 * first.  Pure.  No names of people are in it.
 */
#ifndef RELAYGUARD_CTL_CONTACTLIST_H
#define RELAYGUARD_CTL_CONTACTLIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CONTACTLIST_MAX 32
#define CONTACTLIST_ADDRESS_MAX 254 /* bytes of a mailbox (RFC 5321, 4.5.3.1.3) */
#define CONTACTLIST_SCOPE_SIZE 256
#define CONTACTLIST_NO_PREF 101 /* behind all that have one (RFC 6350, 5.3) */

/* The best first. */
enum contact_source {
	CONTACT_RDAP,     /* what the registry of the network has for abuse */
	CONTACT_ABUSIX,   /* the contact database of Abusix */
	CONTACT_ABUSENET, /* abuse.net, of the domain of the confirmed name */
	CONTACT_GUESS,    /* abuse@ of that domain (RFC 2142, 4) */
	CONTACT_SOURCES
};

/* "rdap", "abusix", "abuse.net", "guess". */
const char *contact_source_name(enum contact_source);

/* The source of that name, or CONTACT_SOURCES; NULL is fine. */
enum contact_source contact_source_parse(const char *name);

struct contact {
	char address[CONTACTLIST_ADDRESS_MAX + 1];
	enum contact_source source;
	char scope[CONTACTLIST_SCOPE_SIZE]; /* what it is the contact of: a network, a domain */
	unsigned pref;                      /* of those of a source the lowest is first */
	int64_t time;                       /* when the source said so, in seconds since 1970 */
};

struct contactlist {
	size_t n;
	struct contact contact[CONTACTLIST_MAX];
	unsigned withdrawn; /* left out: those that a registry has for what has no contact */
	unsigned unusable;  /* left out: no mailbox can be read there */
};

/*
 * Add an address, of n bytes, with what is said of it in the contact; what is there already
 * is there once, with the better source.  What is no mailbox, as "DATA REDACTED", is left out,
 * and so is LACNIC's own, which stands for all contacts that were withdrawn.  False: left out.
 */
bool contactlist_add(
    struct contactlist *, const char *address, size_t n, const struct contact *about);

/* Add those of a text with commas between, as a TXT record has them. */
void contactlist_add_text(struct contactlist *, const char *text, const struct contact *about);

/* The best first. */
void contactlist_sort(struct contactlist *);

#endif
