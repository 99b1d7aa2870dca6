/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * daemon/options.c - the command line of relayguard(8), by getopt_long(3).  Whatever
 * is not to be understood is answered with the usage.
 */
#include "config.h"

#include "daemon/options.h"

#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/output.h"

static int
usage(FILE *out)
{
	fputs("usage: relayguard [-dhstvV] [-c FILE] [-l LISTS] [-p PIDFILE]\n", out);
	return EX_USAGE;
}

/*
 * The file by its full name, with its links as they are: whoever switches one wants
 * a reload to follow.  As it is where there is no name for this folder.
 */
static const char *
absolute(const char *path)
{
	char folder[PATH_MAX], *full;
	size_t size;

	if (path == NULL || path[0] == '/' || getcwd(folder, sizeof(folder)) == NULL)
		return path;
	size = strlen(folder) + strlen(path) + 2;
	if ((full = malloc(size)) == NULL)
		return path;
	snprintf(full, size, "%s/%s", strcmp(folder, "/") != 0 ? folder : "", path);
	return full;
}

int
options_read(struct options *o, int argc, char **argv)
{
	static const struct option names[] = {
	    {"help", no_argument, NULL, 'h'},
	    {"version", no_argument, NULL, 'V'},
	    {NULL, 0, NULL, 0},
	};
	int c;

	*o = (struct options){
	    .conf = SYSCONFDIR "/relayguard.conf",
	    .registry = PKGDATADIR "/lists.conf",
	};
	while ((c = getopt_long(argc, argv, "c:dhl:p:stvV", names, NULL)) != -1) {
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
		case 'h':
			(void)usage(stdout);
			exit(output_end("relayguard", EX_OK));
		case 'V':
			printf("relayguard %s\n", PACKAGE_VERSION);
			exit(output_end("relayguard", EX_OK));
		default:
			return usage(stderr);
		}
	}
	if (optind != argc)
		return usage(stderr);
	o->conf = absolute(o->conf);
	o->registry = absolute(o->registry);
	o->pid_file = absolute(o->pid_file);
	return EX_OK;
}
