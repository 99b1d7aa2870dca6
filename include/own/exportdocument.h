/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * own/exportdocument.h - what is written into a file of networks for another program, whatever
 * the format.  Pure, but for the stream; one thread.
 */
#ifndef RELAYGUARD_OWN_EXPORTDOCUMENT_H
#define RELAYGUARD_OWN_EXPORTDOCUMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/strbuf.h"
#include "own/exportlist.h"

#define EXPORT_NAME_MAX 24     /* of a set: ipset takes 31 with what is added */
#define EXPORT_CONTACT_MAX 120 /* of a mailbox: it stands in an SOA */
#define EXPORT_URL_MAX 160     /* of a URL: TXT has 255 bytes, with the address in it */
#define EXPORT_SERVERS_MAX 8

/* All of it is borrowed.  Times are seconds since 1970. */
struct export_document {
	const struct export_list *list; /* sorted, of the families of the format */
	struct export_limits limits;
	int64_t now, until; /* until: what is in it counts no longer, whatever an entry says */
	uint32_t serial;
	struct network to[2]; /* IPv4, IPv6: where they are shut out; of no bits: everywhere */
	const char *name;    /* of a set, list or chain: letters, digits and '_' */
	const char *contact; /* a mailbox */
	const char *url;     /* with %{ip} in it or not, or NULL */
	const char
	    *server[EXPORT_SERVERS_MAX]; /* the names of name servers, as many as there are */
};

/* Whether a text is a name for a set; a mailbox with a domain. */
bool export_name_check(const char *name, char *why, size_t whysize);
bool export_contact_check(const char *contact, char *why, size_t whysize);

#define EXPORT_NETWORK_SIZE (IPADDR_STRLEN + 4)

/* Write "192.0.2.1/32" into out and return out. */
const char *export_network_text(const struct network *, char out[EXPORT_NETWORK_SIZE]);

/* When an entry ends: by itself, or with the document. */
int64_t export_end(const struct export_document *, const struct export_entry *);

/* Add "probe+trap since 2026-11-28T18:40:00Z until 2026-12-05T18:40:00Z"; of several
 * reasons those given as bits. */
void export_add_reasons(struct strbuf *, const struct export_entry *, unsigned reasons);

/* Add the URL with that in the place of the address; nothing where there is none. */
void export_add_url(struct strbuf *, const struct export_document *, const char *ip);

/* The name of a format in the head, its count of networks, and, as the last line, the count
 * again: a file that was cut is told by it.  mark begins a comment. */
void export_write_head(
    FILE *, const struct export_document *, const char *format, const char *mark);
void export_write_end(FILE *, const struct export_document *, const char *mark);

/* How many entries are of that family, 32 or 128. */
size_t export_count(const struct export_document *, unsigned bits);

/* What stands in the first line, and in the last one. */
#define EXPORT_HEAD "relayguard-export"
#define EXPORT_END "relayguard-export-end"

#endif
