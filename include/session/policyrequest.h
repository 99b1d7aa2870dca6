/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * session/policyrequest.h - a request of Postfix's policy delegation (SMTPD_POLICY_README): a
 * line "name=value" for each attribute, and an empty line.  Pure.
 */
#ifndef RELAYGUARD_SESSION_POLICYREQUEST_H
#define RELAYGUARD_SESSION_POLICYREQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define POLICYREQUEST_MAX 16384 /* bytes, with the empty line */
#define POLICYREQUEST_LINES_MAX 128

/* What is read of one: bytes as they came, borrowed of its text; empty where it has none. */
struct policyrequest {
	const char *state;    /* protocol_state: "RCPT" */
	const char *instance; /* the same for all that is asked about a message */
	const char *client_address, *client_name, *helo;
	const char *sender, *recipient; /* without brackets and quotes */
	const char *user;               /* sasl_username */
	const char *queue_id;
	const char *server_address; /* that the client has come to */
	uint16_t client_port;       /* 0: not known */
};

/* The bytes of the first request in a text, with its empty line; 0: it is not whole. */
size_t policyrequest_length(const char *text, size_t len);

/*
 * Read one, with so many bytes; the text is changed and must last.  Attributes that are not
 * known are nothing.  False: it is none of smtpd(8)'s: a line without "=", a NUL, an attribute
 * that is read here twice, too many lines, or request is not smtpd_access_policy.
 */
bool policyrequest_read(struct policyrequest *, char *text, size_t len);

#endif
