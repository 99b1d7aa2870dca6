/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ctl/verbs.h - what relayguardctl does: the verbs, and what each takes.
 */
#ifndef RELAYGUARD_CTL_VERBS_H
#define RELAYGUARD_CTL_VERBS_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

/*
 * Do a verb without the daemon, by the words behind it; the status of sysexits(3), with
 * EX_USAGE where the words make no sense, which it says: then the caller says how it is used.
 */
typedef int verb_fn(bool json, char *const *word);

#define VERB_OPERANDS 2
#define VERB_OPTIONS 4

/* What an option has behind it. */
enum verb_value {
	VERB_TEXT,
	VERB_FLAG, /* nothing: it is sent as true */
	VERB_FILE  /* a reference, or the name of a file whose text is sent */
};

/* An option of a verb, --name. */
struct verb_option {
	const char *name;
	enum verb_value kind;
};

struct verb {
	const char *name, *usage; /* usage: what follows the name */
	int patience;             /* for its reply, as client_ask() takes it; 0: none */
	verb_fn *offline;         /* what does it here, or NULL: the daemon does */
	unsigned needed;          /* so many operands must be there */
	const char *operand[VERB_OPERANDS]; /* the keys they are sent under, as far as any */
	struct verb_option option[VERB_OPTIONS];
};

/* NULL: there is none of that name; NULL is fine. */
const struct verb *verbs_find(const char *name);

/* Say how a verb is used; NULL: how all of them are. */
void verbs_usage(FILE *, const struct verb *);

/* The request that the words behind a verb make; NULL: they make none, and why is said
 * on stderr. */
json_t *verbs_request(const struct verb *, char *const *word);

#endif
