/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * spf/record.h - what of the TXT records of a name is handed to libspf2.  Pure.
 *
 * libspf2 loses, without a word, what does not fit into 511 bytes of its own
 * form.  So what cannot match this client is taken out of a record before, as
 * far as it is known without DNS, and what could still be lost is an error; as is
 * whatever is no term (spf/syntax.h).
 */
#ifndef RELAYGUARD_SPF_RECORD_H
#define RELAYGUARD_SPF_RECORD_H

#include <stddef.h>

#include "base/ipaddr.h"
#include "base/strbuf.h"

#define SPFRECORD_MAX 2048 /* bytes of a record; a longer one is an error */

/*
 * In front of the domain of an a or mx that any address matches, its length being 0:
 * DNS is asked without it, and says the client's address where there is one at all.
 */
#define SPFRECORD_ANY "/0."

enum spfrecord {
	SPFRECORD_OTHER, /* it has nothing to do with SPF */
	SPFRECORD_GOOD,
	SPFRECORD_BAD /* whoever asks gets permerror (RFC 7208, 4.6) */
};

/*
 * Write into out what means the same for this client: ip4 and ip6 that do not
 * match it are gone, one that does is "all", nothing follows "all", "redirect" is
 * last and the only modifier, lengths of prefixes are of the client's family and
 * not 0.
 */
enum spfrecord spfrecord_reduce(
    const char *text, size_t len, const struct ipaddr *client, char out[SPFRECORD_MAX + 1]);

/* What macros stand for (RFC 7208, 7.2); p is not known here, and left as it is. */
struct spf_values {
	const char *sender; /* "local@domain" */
	const char *helo;
	const char *domain; /* whose record it is */
	struct ipaddr client;
};

/*
 * Add a record with its macros written so that libspf2 gets them right: of "%{d2}" with
 * a domain of two labels or less it loses the first letter, and "," and "/" it does not
 * know for delimiters.  A number that is no less than the parts there are says nothing,
 * nor does a delimiter that does not occur: these are left out.  What is no macro, or
 * none that is wrong, is added as it is.
 */
void spfrecord_mend(struct strbuf *out, const char *record, const struct spf_values *);

#endif
