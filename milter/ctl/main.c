/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ctl/main.c - relayguardctl: finds the verb, and has it done, here or by the daemon.
 */
#include "config.h"

#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "base/output.h"
#include "ctl/client.h"
#include "ctl/reply.h"
#include "ctl/verbs.h"
#include "ctl/watchrun.h"

#define PROGRAM "relayguardctl"
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

/* What is printed of ourselves. */
static int
tell(int option)
{
	if (option == 'h')
		verbs_usage(stdout, NULL);
	else
		puts(PROGRAM " " PACKAGE_VERSION);
	return output_end(PROGRAM, EX_OK);
}

static bool
wants_help(const char *word)
{
	return word != NULL && (strcmp(word, "-h") == 0 || strcmp(word, "--help") == 0);
}

static int
run(const char *socket, const struct verb *verb, char *const *word, bool json)
{
	int status;

	if (wants_help(*word)) {
		verbs_usage(stdout, verb);
		return EX_OK;
	}
	client_use(socket);
	status =
	    verb->offline != NULL ? verb->offline(json, word) : ask(socket, verb, word, json);
	if (status == EX_USAGE && verb->offline != NULL)
		verbs_usage(stderr, verb);
	return status;
}

int
main(int argc, char **argv)
{
	static const struct option names[] = {
	    {"help", no_argument, NULL, 'h'},
	    {"version", no_argument, NULL, 'V'},
	    {NULL, 0, NULL, 0},
	};
	const char *socket = SOCKET;
	const struct verb *verb;
	bool json = false;
	int c;

	/* The first word that is no option ends ours: what follows is the verb's. */
	while ((c = getopt_long(argc, argv, "+hjs:V", names, NULL)) != -1)
		switch (c) {
		case 'j':
			json = true;
			break;
		case 's':
			socket = optarg;
			break;
		case 'h':
		case 'V':
			return tell(c);
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
	return output_end(PROGRAM, run(socket, verb, argv + optind + 1, json));
}
