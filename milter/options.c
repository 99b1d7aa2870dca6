/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * options.c - the command line of relayguard(8), by getopt(3) alone.  Whatever
 * is not to be understood is answered with the usage.
 */
#include "config.h"

#include "options.h"

#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>
#include <unistd.h>

static int
usage(void)
{
	fprintf(stderr, "usage: relayguard [-dstvV] [-c file] [-l lists.conf] [-p pidfile]\n");
	return EX_USAGE;
}

/* The file by its full name; as it is where it cannot be found. */
static const char *
absolute(const char *path)
{
	char *full = realpath(path, NULL);

	return full != NULL ? full : path;
}

int
options_read(struct options *o, int argc, char **argv)
{
	int c;

	*o = (struct options){
	    .conf = SYSCONFDIR "/relayguard.conf",
	    .registry = PKGDATADIR "/lists.conf",
	};
	while ((c = getopt(argc, argv, "c:dl:p:stvV")) != -1) {
		switch (c) {
		case 'c':
			o->conf = optarg;
			break;
		case 'd':
			o->detach = o->to_syslog = true;
			break;
		case 'l':
			o->registry = optarg;
			break;
		case 'p':
			o->pid_file = optarg;
			break;
		case 's':
			o->to_syslog = true;
			break;
		case 't':
			o->check = true;
			break;
		case 'v':
			o->verbose = true;
			break;
		case 'V':
			printf("relayguard %s\n", PACKAGE_VERSION);
			exit(EX_OK);
		default:
			return usage();
		}
	}
	if (optind != argc)
		return usage();
	o->conf = absolute(o->conf);
	o->registry = absolute(o->registry);
	return EX_OK;
}
