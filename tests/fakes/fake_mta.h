/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fake_mta.h - an MTA for tests: calls the callbacks that were registered with
 * the libmilter of fake_mfapi.c in the order Postfix does, and shows what the
 * client would see.  What libmilter or an MTA would balk at is kept as a fault.
 */
#ifndef RELAYGUARD_FAKE_MTA_H
#define RELAYGUARD_FAKE_MTA_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

struct smfi_str; /* libmilter's SMFICTX: one connection */

/* A connection of an MTA that speaks this version of the protocol (2 or 6), and may
 * not be able to hold mail. */
struct smfi_str *fake_mta_open(int version, bool holds);

/* Define a macro of a stage (SMFIM_*); a NULL value takes it back. */
void fake_mta_macro(struct smfi_str *, int stage, const char *name, const char *value);

/*
 * The steps of an SMTP session.  Each returns what the MTA got: "continue",
 * "accept", "discard", "noreply", "550 5.7.1"; or "unasked" where the MTA has
 * no need to ask.  The text is good until the next step.
 */
const char *fake_mta_connect(struct smfi_str *, const char *name, const struct sockaddr *);
const char *fake_mta_helo(struct smfi_str *, const char *name);
const char *fake_mta_mail(struct smfi_str *, char **argv);
const char *fake_mta_rcpt(struct smfi_str *, char **argv);
/* RCPT of one that the MTA has refused by itself, with that code and for that reason: it asks
 * only where that was agreed on, and to be answered with anything but continue is a fault. */
const char *fake_mta_refused(
    struct smfi_str *, char **argv, const char *code, const char *reason);
const char *fake_mta_data(struct smfi_str *);  /* the message, to its end */
const char *fake_mta_abort(struct smfi_str *); /* RSET */

/* A field for the header of the message that comes next. */
void fake_mta_field(struct smfi_str *, const char *name, const char *value);

/* Field i of the header of the last message as it was delivered, "Name: value"; or NULL. */
const char *fake_mta_delivered(struct smfi_str *, size_t i);

/* Why the last message is held, or NULL: it is not. */
const char *fake_mta_held(const struct smfi_str *);

/* Free a connection that has been closed without the functions here. */
void fake_mta_free(struct smfi_str *);

/* QUIT or a broken connection; frees. */
void fake_mta_close(struct smfi_str *);

/* Line i of the last refusal as the client gets it, "550-5.7.1 text"; or NULL. */
const char *fake_mta_line(const struct smfi_str *, size_t i);

/* How often the MTA has waited for an answer so far. */
unsigned fake_mta_trips(const struct smfi_str *);

/* Take the oldest fault, or NULL: none is left. */
const char *fake_mta_fault(void);

#endif
