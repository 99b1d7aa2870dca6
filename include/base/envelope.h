/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * base/envelope.h - a sender or a recipient, as the MTA understands it.  Pure.
 *
 * What a client types is more than RFC 5321 knows: comments, phrases, blanks, bang
 * paths, percent hacks, names to be completed.  The MTA reads it as it likes, and
 * delivers by that; it is the MTA's reading that tells whose policy holds.
 */
#ifndef RELAYGUARD_BASE_ENVELOPE_H
#define RELAYGUARD_BASE_ENVELOPE_H

#include <stdbool.h>

#include "base/mailbox.h"

/* Which MTA it is: as the configuration says, or by its version. */
enum mta {
	MTA_AUTO,
	MTA_POSTFIX,
	MTA_SENDMAIL /* and any other */
};

/* The words for one address; all borrowed, and each may be NULL. */
struct envelope_path {
	const char *typed;    /* the argument of MAIL or RCPT */
	const char *resolved; /* {mail_addr} or {rcpt_addr} */
	const char *mailer;   /* {mail_mailer} or {rcpt_mailer}; "error": the other is why */
	const char *version;  /* {v} */
};

/*
 * Read an address: with Postfix what it makes of it, else what was typed, for Sendmail
 * tells what is left after aliases; and each where the other cannot be read, or in more
 * ways than one.  *text: what it is to be shown as, one of the path's.  False: there is no
 * way to read it, and the mailbox is empty.
 */
bool envelope_read(struct mailbox *, enum mta, const struct envelope_path *, const char **text);

#endif
