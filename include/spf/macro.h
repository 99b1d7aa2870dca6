/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * spf/macro.h - macros that libspf2 gets wrong, written so that it gets them
 * right.  Pure.
 *
 * Of "%{d2}" with a domain of two labels or less it loses the first letter, and
 * "," and "/" it does not know for delimiters; a number that is no less than the
 * parts there are says nothing, nor does a delimiter that does not occur: these
 * are left out.
 */
#ifndef RELAYGUARD_SPF_MACRO_H
#define RELAYGUARD_SPF_MACRO_H

#include "base/ipaddr.h"
#include "base/strbuf.h"

/* What macros stand for (RFC 7208, 7.2); p is not known here, and left as it is. */
struct spf_values {
	const char *sender; /* "local@domain" */
	const char *helo;
	const char *domain; /* whose record it is */
	struct ipaddr client;
};

/* Add a record; what is no macro, or none that is wrong, is added as it is. */
void spfmacro_mend(struct strbuf *out, const char *record, const struct spf_values *);

#endif
