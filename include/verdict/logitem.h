/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * verdict/logitem.h - what a line of the log says of lists, read back.  Pure.
 */
#ifndef RELAYGUARD_VERDICT_LOGITEM_H
#define RELAYGUARD_VERDICT_LOGITEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lists/listing.h"

/* A part of the line: printable ASCII, without the quotes around it and with the escapes in
 * it; at is NULL where there is none. */
struct slice {
	const char *at;
	size_t len;
};

bool slice_is(const struct slice *, const char *word);

/* A number with its sign, where the text has one; 0 else. */
int logitem_number(const char **at);

/* One list in lists=, shadowed=, unknown= and so on. */
struct logitem {
	struct slice label; /* without a role */
	struct slice role;  /* as role_name() has it; empty: it is asked about addresses */
	struct slice codes; /* "127.0.0.2+127.0.0.9"; empty where the key has none */
	int score;          /* 0 where the key has none */
};

/* Take the first code off the codes of a list; false: there is no more, or it is none. */
bool logitem_code(struct slice *codes, uint32_t *code);

/* Take the first list off a value; false: there is no more, or it was left out. */
bool logitem_next(struct slice *rest, struct logitem *);

/* Whether a list is meant: its label, and the role in which it was asked. */
bool logitem_is(const struct logitem *, const struct listing *);

#endif
