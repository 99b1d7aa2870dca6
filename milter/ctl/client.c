/* SPDX-License-Identifier: BSD-2-Clause */
/* ctl/client.c - the daemon is asked, and what goes wrong is said to who sits there. */
#include "config.h"

#include "ctl/client.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#define CONNECT_MS 20000

static const char *usual; /* socket */

void
client_use(const char *path)
{
	usual = path;
}

static int
complain(const char *socket, int error)
{
	if (error == ENOENT || error == ECONNREFUSED)
		fprintf(stderr,
		    "relayguardctl: nobody listens at %s: relayguard does not run (systemctl "
		    "status relayguard), has no control socket (control in relayguard.conf), or "
		    "another one (-s)\n",
		    socket);
	else
		fprintf(stderr, "relayguardctl: %s: %s\n", socket, strerror(error));
	if (error == EAGAIN)
		return EX_TEMPFAIL; /* who listens there does not accept */
	return error == EACCES || error == EPERM ? EX_NOPERM : EX_UNAVAILABLE;
}

static int
say(const char *what, int status)
{
	fprintf(stderr, "relayguardctl: %s\n", what);
	return status;
}

int
client_ask(const char *path, const json_t *request, int patience, ask_line_fn *take, void *arg)
{
	const struct ask_patience p = {.connect_ms = CONNECT_MS, .reply_ms = patience};
	int status;

	if (path == NULL)
		path = usual;
	status = ask_daemon(path, request, p, take, arg);
	switch (status) {
	case ASK_NOBODY:
		return complain(path, errno);
	case ASK_GONE:
		return say(
		    "relayguard has stopped, or waits no more for what it says to be read",
		    EX_TEMPFAIL);
	case ASK_SILENT:
		return say("the daemon has not answered to the end", EX_TEMPFAIL);
	case ASK_TOO_LONG:
		return say("the request is too long, or not in UTF-8", EX_USAGE);
	case ASK_MEMORY:
		return say("out of memory", EX_OSERR);
	default:
		return status;
	}
}
