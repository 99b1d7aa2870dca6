/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ctl/client.h - a request to the daemon, and its reply, as control/server.h has both.  May
 * wait.
 */
#ifndef RELAYGUARD_CTL_CLIENT_H
#define RELAYGUARD_CTL_CLIENT_H

#include "control/ask.h"

/* The socket, borrowed, that is meant where client_ask() is told of none. */
void client_use(const char *path);

/*
 * Send a request to the socket at a path, or the one above (NULL), and have each line of the
 * reply taken, for patience milliseconds at most, or ASK_FOR_EVER; the status, or what went
 * wrong as of sysexits(3), said on stderr.
 */
int client_ask(
    const char *path, const json_t *request, int patience, ask_line_fn *take, void *arg);

#endif
