/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * control/ask.h - a request to the daemon, and its reply, as control/server.h has both.  Any
 * thread; may wait, and says nothing.
 */
#ifndef RELAYGUARD_CONTROL_ASK_H
#define RELAYGUARD_CONTROL_ASK_H

#include <jansson.h>

/* Take a line of the reply, without its newline; the status that the last line ends it with,
 * else -1. */
typedef int ask_line_fn(const char *line, void *arg);

#define ASK_FOR_EVER (-1)

struct ask_patience {
	int connect_ms; /* for who listens to accept */
	int reply_ms;   /* for all of the reply, or ASK_FOR_EVER */
};

/* What goes wrong. */
enum ask_failure {
	ASK_NOBODY = -1,   /* errno says why nobody can be asked there */
	ASK_GONE = -2,     /* it has ended before its reply did */
	ASK_SILENT = -3,   /* the reply did not end in time, or has too long a line */
	ASK_TOO_LONG = -4, /* the request is, or it is not in UTF-8 */
	ASK_MEMORY = -5    /* it is out */
};

/* Send a request to the socket at a path, and have each line of the reply taken: the status
 * (sysexits(3)), or an ask_failure.  After a status the connection's end is waited for, a
 * second at most: who asks again at once is none too many. */
int ask_daemon(
    const char *path, const json_t *request, struct ask_patience, ask_line_fn *take, void *arg);

#endif
