/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * base/mailbox.h - the argument of MAIL and RCPT.  Pure.
 *
 * The milter gets what the client typed: <u@d>, u@d, <"a b"@d>, <@relay:u@d>,
 * <postmaster>, <> (RFC 5321, 4.1.2).
 */
#ifndef RELAYGUARD_BASE_MAILBOX_H
#define RELAYGUARD_BASE_MAILBOX_H

#include <stdbool.h>

#define MAILBOX_LOCAL_MAX 512 /* RFC 5321 says 64; some use more */
#define MAILBOX_DOMAIN_MAX 255

struct mailbox {
	char local[MAILBOX_LOCAL_MAX + 1];   /* lower case, quotes taken off; cut there */
	char domain[MAILBOX_DOMAIN_MAX + 1]; /* lower case, in ASCII, no last dot; or empty */
	bool dubious; /* there is in the local part, without quotes, what may be a comment, or
		       * name another domain (a%b, b!a), or what no mailbox has */
};

/*
 * Take a path apart.  The null path <> gives two empty parts and true; <@d> has
 * no local part (RFC 7208, 4.3).  False (control bytes in the domain, or bytes that make no
 * name in UTF-8, or that too long, no closing quote): both parts are empty, and the caller treats it
 * as a mailbox it knows nothing of.
 */
bool mailbox_parse(struct mailbox *, const char *path);

#endif
