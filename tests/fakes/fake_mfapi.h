/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fake_mfapi.h - what fake_mfapi.c (libmilter) and fake_mta.c (what calls it)
 * know of one connection.  For these two alone.
 */
#ifndef RELAYGUARD_FAKE_MFAPI_H
#define RELAYGUARD_FAKE_MFAPI_H

#include <stdbool.h>
#include <stddef.h>

#include <libmilter/mfapi.h>

#include "fakes/fake_message.h"

#define LINES_MAX 32     /* libmilter refuses more */
#define LINE_MAX_LEN 980 /* and longer ones */
#define MACROS_MAX 32
#define STAGES (SMFIM_LAST + 1)

enum phase { PHASE_OPEN, PHASE_MESSAGE, PHASE_MESSAGE_DONE, PHASE_OVER };

struct macro {
	int stage;
	char name[64];
	char *value; /* another one each time, as of libmilter */
};

struct text {
	char code[4];
	char enhanced[12];
	size_t n;
	char line[LINES_MAX][LINE_MAX_LEN + 1];
};

struct smfi_str {
	void *priv;
	enum phase phase;
	int stage; /* of the callback that runs now, or -1: negotiation */
	unsigned long offered_actions, offered_steps; /* the MTA's */
	unsigned long actions, steps;                 /* what was agreed on */
	struct macro macro[MACROS_MAX];
	size_t nmacros;
	char *wanted[STAGES]; /* macros asked for by smfi_setsymlist(), or NULL: usual ones */
	bool pending;         /* a reply is set */
	struct text reply;
	size_t nseen; /* what the client has got */
	char seen[LINES_MAX][LINE_MAX_LEN + 32];
	char outcome[32];
	unsigned trips;
	struct message message;
	bool sent;        /* the message is an old one */
	char field[4096]; /* the last that was shown */
};

/* The callbacks, once the socket is open; else NULL. */
const struct smfiDesc *fake_mfapi_callbacks(void);

/* Remember what libmilter or an MTA would not have. */
void fake_mfapi_fault(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
