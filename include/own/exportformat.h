/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * own/exportformat.h - the formats of networks that other programs read: how each is written,
 * and read back.  Pure, but for the stream; one thread.
 */
#ifndef RELAYGUARD_OWN_EXPORTFORMAT_H
#define RELAYGUARD_OWN_EXPORTFORMAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "own/exportdocument.h"

struct export_format {
	const char *name;
	size_t max;       /* networks, where the administrator has not said another number */
	unsigned bits;    /* of the one family that it has; 0: both */
	bool graded;      /* it tells reasons apart: weak ones may be in it */
	bool routed;      /* for a router: it can tell one destination from others */
	bool served;      /* as a zone: it needs name servers and a mailbox */
	const char *mark; /* begins a comment; NULL: head and end are its own */
	const char *lead; /* a line with a network begins so */
	void (*write)(FILE *, const struct export_document *);
	bool (*read)(const char *line, struct network *); /* NULL: the first word that is one */
};

/* The format of that name; NULL: there is none. */
const struct export_format *exportformat_find(const char *name);

/* The formats one after the other; NULL past the last one. */
const struct export_format *exportformat_at(size_t i);

/* Write all of a document.  Whether it could be is the stream's to say. */
void exportformat_write(FILE *, const struct export_format *, const struct export_document *);

/* What a file says of itself, and what is in it. */
struct export_reading {
	uint32_t serial;
	int64_t not_after;
	struct export_list list; /* networks alone; sorted */
};

/*
 * Read what exportformat_write() has written.  False, with a sentence in why: it is something
 * else, it is cut, or its count is not that of its networks.  The list is to be cleared in
 * any case.
 */
bool exportformat_read(
    FILE *, const struct export_format *, struct export_reading *, char *why, size_t whysize);

#endif
