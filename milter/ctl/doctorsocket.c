/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ctl/doctorsocket.c - connected to as the mail server's user, and spoken to as far as a
 * session leaves no trace: the watchdog's, of a whole session, is told apart by a name that
 * nobody else knows.
 */
#include "config.h"

#include "ctl/doctorsocket.h"

#include <errno.h>
#include <inttypes.h>
#include <pwd.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "conf/conf.h"
#include "daemon/probe.h"
#include "os/socketspec.h"

#define PATIENCE_MS 2000
#define STATUS_MAX 125

/* 0, or the errno of connecting. */
static int
connect_once(const void *listen)
{
	int fd = socketspec_connect(listen, true);

	if (fd >= 0) {
		close(fd);
		return 0;
	}
	return errno < STATUS_MAX ? errno : STATUS_MAX;
}

/* Who asks at a unix socket: Postfix's user, where there is one and we may be it. */
static const char *
find_asker(const struct conf *conf)
{
	static const char postfix[] = "postfix";

	return conf->listen_path != NULL && machine_is_root() && getpwnam(postfix) != NULL
	    ? postfix
	    : NULL;
}

static void
add_failure(struct machine *m, const char *asker, int error)
{
	const char *advice = "systemctl start relayguard; journalctl -u relayguard";

	if (error == EACCES)
		advice = "look at socket_mode and socket_group in relayguard.conf, and at the "
			 "rights of each folder on the way: namei -l PATH";
	if (error == COMMAND_LATE)
		machine_add(
		    m, FINDING_ERROR, "socket", advice, "%s does not accept", m->conf->listen);
	else
		machine_add(m, FINDING_ERROR, "socket", advice, "%s%s%s: %s%s", m->conf->listen,
		    asker != NULL ? " as user " : "", asker != NULL ? asker : "",
		    strerror(error),
		    error == EACCES ? "" : ": relayguard does not listen there");
}

static void
greet(struct machine *m)
{
	int64_t began = clock_ms();

	if (probe_greet(m->conf->listen, machine_until(m, PATIENCE_MS)) == PROBE_ANSWERED)
		machine_add(m, FINDING_OK, "socket", NULL,
		    "relayguard answers at %s, within %" PRId64 " ms", m->conf->listen,
		    clock_ms() - began);
	else
		machine_add(m, FINDING_ERROR, "socket",
		    "look into its log for watchdog-failed and descriptors; restart it",
		    "%s accepts, and does not answer within %d s", m->conf->listen,
		    PATIENCE_MS / 1000);
}

void
doctorsocket_look(struct machine *m)
{
	struct command_user as = {NULL, NULL};
	int error;

	if (m->conf == NULL) {
		machine_add(m, FINDING_UNSEEN, "socket", NULL, MACHINE_NEEDS_CONF);
		return;
	}
	as.user = find_asker(m->conf);
	error = command_call(connect_once, m->conf->listen, &as, machine_until(m, PATIENCE_MS));
	if (error == EACCES && as.user == NULL && !machine_is_root())
		machine_add(m, FINDING_UNSEEN, "socket", NULL, "%s: %s", m->conf->listen,
		    MACHINE_NEEDS_ROOT);
	else if (error != 0)
		add_failure(m, as.user, error);
	else
		greet(m);
}
