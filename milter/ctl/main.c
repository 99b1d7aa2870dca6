/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ctl/main.c - relayguardctl: finds the verb, and has it done, here or by the daemon.
 */
#include "config.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "ctl/client.h"
#include "ctl/reply.h"
#include "ctl/verbs.h"
#include "ctl/watchrun.h"

#define SOCKET "/run/relayguard/control.sock"

/* There is no verb that could be said the usage of. */
static int
usage(void)
{
	fputs("usage: relayguardctl [-hjV] [-s SOCKET] VERB ...; relayguardctl -h names the "
	      "verbs\n",
	    stderr);
	return EX_USAGE;
}

static int
take_line(const char *line, void *json)
{
	return reply_show(line, *(const bool *)json);
}

/* Have the daemon do what the words after the verb say. */
static int
ask(const char *socket, const struct verb *verb, char *const *word, bool json)
{
	json_t *request = verbs_request(verb, word);
	int status;

	if (request == NULL) {
		verbs_usage(stderr, verb);
		return EX_USAGE;
	}
	if (json_object_get(request, "run") != NULL)
		status = watchrun(socket, request);
	else
		status = client_ask(socket, request, verb->patience, take_line, &json);
	json_decref(request);
	return status;
}

/* The status, if all that was printed could be. */
static int
flush(int status)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return status;
	fprintf(stderr, "relayguardctl: standard output: %s\n", strerror(errno));
	return EX_IOERR;
}

int
main(int argc, char **argv)
{
	const char *socket = SOCKET;
	const struct verb *verb;
	bool json = false;
	int c, status;

	/* The first word that is no option ends ours: what follows is the verb's. */
	while ((c = getopt(argc, argv, "+hjs:V")) != -1)
		switch (c) {
		case 'j':
			json = true;
			break;
		case 's':
			socket = optarg;
			break;
		case 'h':
			verbs_usage(stdout, NULL);
			return flush(EX_OK);
		case 'V':
			puts("relayguardctl " PACKAGE_VERSION);
			return flush(EX_OK);
		default:
			return usage();
		}
	if (argv[optind] == NULL) {
		verbs_usage(stderr, NULL);
		return EX_USAGE;
	}
	if ((verb = verbs_find(argv[optind])) == NULL) {
		fprintf(stderr, "relayguardctl: %s: no such verb\n", argv[optind]);
		return usage();
	}
	client_use(socket);
	status = verb->offline != NULL ? verb->offline(json, argv + optind + 1)
				       : ask(socket, verb, argv + optind + 1, json);
	if (status == EX_USAGE && verb->offline != NULL)
		verbs_usage(stderr, verb);
	return flush(status);
}
