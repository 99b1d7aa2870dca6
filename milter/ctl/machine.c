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
#include <unistd.h>

#include "conf/conf.h"

#define USUAL_USER "relayguard"

void
machine_load(struct machine *m)
{
	size_t size;
	FILE *errors = open_memstream(&m->complaints, &size);

	if (errors == NULL)
		return;
	m->conf = conf_load(m->registry, m->conf_path, errors);
	(void)fclose(errors);
	if (m->conf != NULL && m->conf->user != NULL)
		m->service = (struct command_user){m->conf->user, m->conf->group};
	else if (getpwnam(USUAL_USER) != NULL) /* as the unit has it */
		m->service.user = USUAL_USER;
}

void
machine_free(struct machine *m)
{
	conf_unref(&m->conf);
	free(m->complaints);
}

bool
machine_is_root(void)
{
	return geteuid() == 0;
}

void
machine_tick(struct machine *m)
{
	progress_show(&m->progress, m->done, -1);
}
