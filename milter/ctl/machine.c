/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ctl/machine.c - the configuration is read by the same code as in the daemon: what doctor
 * asks about is what would be used.
 */
#include "config.h"

#include "ctl/machine.h"

#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/strbuf.h"
#include "conf/conf.h"
#include "dns/server.h"
#include "dns/system.h"

#define USUAL_USER "relayguard"

/* Those of the configuration, or of this machine. */
static void
find_resolvers(struct machine *m)
{
	char none[1], *rest;
	struct strbuf why;
	size_t n;

	strbuf_init(&why, none, sizeof(none));
	m->resolvers = m->conf->servers[0] != NULL ? dnsserver_join(m->conf->servers, &n, &why)
						   : dnssystem_servers();
	rest = m->resolvers;
	while (rest != NULL && m->nresolvers < MACHINE_RESOLVERS_MAX) {
		const char *server = strsep(&rest, ",");

		if (server[0] != '\0')
			m->resolver[m->nresolvers++] = server;
	}
}

void
machine_load(struct machine *m)
{
	size_t size;
	FILE *errors = open_memstream(&m->complaints, &size);

	if (errors == NULL)
		return;
	m->conf = conf_load_without_data(m->registry, m->conf_path, errors);
	(void)fclose(errors);
	if (m->conf != NULL && m->conf->user != NULL)
		m->service = (struct command_user){m->conf->user, m->conf->group};
	else if (getpwnam(USUAL_USER) != NULL) /* as the unit has it */
		m->service.user = USUAL_USER;
	if (m->conf != NULL)
		find_resolvers(m);
}

void
machine_free(struct machine *m)
{
	conf_unref(&m->conf);
	free(m->complaints);
	free(m->resolvers);
}

bool
machine_is_root(void)
{
	return geteuid() == 0;
}

int64_t
machine_until(const struct machine *m, int64_t ms)
{
	int64_t until = clock_ms() + ms;

	return until < m->deadline ? until : m->deadline;
}

bool
machine_is_late(struct machine *m, const char *check, const char *what)
{
	if (clock_ms() < m->deadline)
		return false;
	machine_add(m, FINDING_UNSEEN, check, NULL, "%s: no time is left", what);
	return true;
}

void
machine_tick(struct machine *m)
{
	progress_show(&m->progress, m->done, 0, NULL);
}
