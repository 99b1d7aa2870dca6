/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ctl/machine.h - what doctor looks at, and where it writes what it finds.  One thread.
 */
#ifndef RELAYGUARD_CTL_MACHINE_H
#define RELAYGUARD_CTL_MACHINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ctl/command.h"
#include "ctl/findings.h"
#include "ctl/progress.h"

struct conf;

/* A control socket that systemd made, whatever the configuration says. */
#define MACHINE_SYSTEMD_SOCKET "/run/relayguard/control.sock"

#define MACHINE_RESOLVERS_MAX 8

struct machine {
	const char *conf_path, *registry; /* as they were named */
	const char *postfix;              /* the folder of main.cf; NULL: Postfix's own */
	const char *sendmail;             /* the folder of sendmail.cf */
	const char *only;                 /* the theme that is looked at; NULL: all */
	struct conf *conf;                /* NULL: it could not be read */
	char *complaints;                 /* about it, a line each */
	char *resolvers;                  /* text that these are in: */
	const char *resolver[MACHINE_RESOLVERS_MAX]; /* servers of DNS, "address:port" */
	size_t nresolvers;
	struct command_user service; /* who relayguard runs as; a NULL user: not known */
	struct findings findings;
	struct progress progress;
	bool has_mta;
	int64_t deadline; /* of the theme that is looked at, in clock_ms() */
	int done;         /* in percent, of all themes */
};

/* One theme of questions: adds its findings.  Blocks for a bounded time. */
typedef void machine_fn(struct machine *);

/* Read the configuration, as far as we may; may block on files. */
void machine_load(struct machine *);
void machine_free(struct machine *);

/* Whether we are root; and what is said where that is needed. */
bool machine_is_root(void);
#define MACHINE_NEEDS_ROOT "needs root"
#define MACHINE_NEEDS_CONF "needs the configuration, which could not be read"

/* Add a finding as findings_add() does. */
#define machine_add(m, ...) \
	(progress_end(&(m)->progress), findings_add(&(m)->findings, __VA_ARGS__))

/* In so many milliseconds, or when the time of this theme ends, whichever comes first. */
int64_t machine_until(const struct machine *, int64_t ms);

/* Whether its time has ended: then that is a finding, of what was still to be done. */
bool machine_is_late(struct machine *, const char *check, const char *what);

/* Something goes on: show how far we are. */
void machine_tick(struct machine *);

#endif
