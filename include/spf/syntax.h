/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * spf/syntax.h - the terms of a sender policy, as RFC 7208 has them (section 12).
 * Pure.
 *
 * To libspf2, what cannot be a domain is one that nobody has; in the RFC it is an
 * error of the whole policy (4.6).  So what is no term is found here.
 */
#ifndef RELAYGUARD_SPF_SYNTAX_H
#define RELAYGUARD_SPF_SYNTAX_H

#include <stdbool.h>
#include <stddef.h>

#include "base/ipaddr.h"

enum spf_kind {
	SPF_TERM_ALL,
	SPF_TERM_INCLUDE,
	SPF_TERM_A,
	SPF_TERM_MX,
	SPF_TERM_PTR,
	SPF_TERM_IP4,
	SPF_TERM_IP6,
	SPF_TERM_EXISTS,
	SPF_TERM_REDIRECT,
	SPF_TERM_EXP,
	SPF_TERM_UNKNOWN /* a modifier; all others have to be known */
};

struct spf_term {
	enum spf_kind kind;
	char qualifier;     /* '\0': none is written */
	const char *domain; /* the domain-spec, without a last dot; NULL: there is none */
	size_t domain_len;
	struct ipaddr network;     /* of ip4 and ip6 */
	unsigned length4, length6; /* of prefixes; 32 and 128 where none is written */
};

/* Read a term, which the domain points into; false: it is an error. */
bool spfsyntax_term(struct spf_term *, const char *text, size_t len);

/* What it begins with, behind its qualifier; "" for SPF_TERM_UNKNOWN. */
const char *spfsyntax_name(enum spf_kind);

/* "%{d2r.-}" */
struct spf_macro {
	char letter;
	unsigned number; /* of parts; 0: none is written */
	bool reversed;
	const char *delimiters; /* so many bytes; none: a dot */
	size_t n;
	size_t len; /* of all of it */
};

#define SPFSYNTAX_NUMBER_MAX 1000000 /* larger ones are this */

/* Read the macro at the beginning of a text; false: there is none, or not rightly so. */
bool spfsyntax_macro(struct spf_macro *, const char *text, size_t len);

#endif
