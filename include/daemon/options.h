/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * daemon/options.h - the command line of relayguard(8).  Main thread, before
 * there are others.
 */
#ifndef RELAYGUARD_DAEMON_OPTIONS_H
#define RELAYGUARD_DAEMON_OPTIONS_H

#include <stdbool.h>

struct options {
	const char *conf;
	const char *registry;
	const char *pid_file; /* NULL: the configuration's */
	bool check;
	bool detach;
	bool to_syslog;
	bool verbose;
};

/*
 * Read the command line; files get their full names, for they must be found after
 * chdir("/") too, with symbolic links as they are.  Returns EX_OK, or the code to exit with, all being
 * said; -V exits by itself.
 */
int options_read(struct options *, int argc, char **argv);

#endif
