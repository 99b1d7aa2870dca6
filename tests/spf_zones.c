/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * spf_zones.c - sender policies out of zones that are read from the standard
 * input, evaluated by a worker; a line for each result.  Fields have a tab
 * between them:
 *
 *	record NAME TYPE DATA    DATA in hexadecimal, as in zone_row
 *	silent NAME TYPE         there is never an answer
 *	check LABEL CLIENT HELO SENDER
 *	clear                    the zones are empty again
 */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/log.h"
#include "fakes/spf_daemon.h"
#include "os/spawn.h"
#include "spf/worker.h"

#define ROWS_MAX 1000
#define FIELDS 5
#define LINE_MAX_BYTES 32768

static struct zone_row rows[ROWS_MAX];
static size_t lens[ROWS_MAX]; /* of their data */
static size_t nrows;
static int spawner, worker = -1;

static _Noreturn void
give_up(const char *why)
{
	fprintf(stderr, "spf-zones: %s\n", why);
	exit(EX_DATAERR);
}

static enum dns_type
type_of(const char *name)
{
	static const char *const names[] = {[DNS_A] = "A",
	    [DNS_AAAA] = "AAAA",
	    [DNS_MX] = "MX",
	    [DNS_PTR] = "PTR",
	    [DNS_TXT] = "TXT"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(name, names[i]) == 0)
			return (enum dns_type)i;
	give_up("no such type");
}

static char *
unhex(const char *hex)
{
	size_t len = strlen(hex) / 2;
	char *text = malloc(len + 1), pair[3] = "";

	if (text == NULL)
		give_up(strerror(errno));
	for (size_t i = 0; i < len; i++) {
		memcpy(pair, hex + 2 * i, 2);
		text[i] = (char)strtoul(pair, NULL, 16);
	}
	text[len] = '\0';
	return text;
}

static void
add(const char *name, const char *type, const char *hex)
{
	if (nrows == ROWS_MAX)
		give_up("too many records");
	rows[nrows].name = strdup(name);
	rows[nrows].type = type_of(type);
	rows[nrows].data = hex != NULL ? unhex(hex) : NULL;
	lens[nrows] = hex != NULL ? strlen(hex) / 2 : 0;
	nrows++;
}

static void
clear(void)
{
	for (size_t i = 0; i < nrows; i++) {
		free((char *)(uintptr_t)rows[i].name);
		free((char *)(uintptr_t)rows[i].data);
	}
	nrows = 0;
}

/* A worker that has gone is replaced for the next check. */
static void
check(char *field[FIELDS])
{
	const struct spf_daemon d = {.rows = rows, .n = nrows, .len = lens};
	struct spf_told told;

	if (worker < 0)
		worker = spawn_child(spawner);
	told = spf_daemon_check(&d, worker, field[2], field[3], field[4]);
	printf("%s\t%s\t%s\n", field[1], told.ended ? "gone" : spf_result_name(told.result),
	    told.over ? "the daemon ended it" : told.reason);
	fflush(stdout);
	if (told.ended) {
		close(worker);
		worker = -1;
	}
}

static void
obey(char *line)
{
	char *field[FIELDS] = {NULL}, *rest = line;
	size_t n = 0;

	line[strcspn(line, "\n")] = '\0';
	while (n < FIELDS && (field[n] = strsep(&rest, "\t")) != NULL)
		n++;
	if (n == 4 && strcmp(field[0], "record") == 0)
		add(field[1], field[2], field[3]);
	else if (n == 3 && strcmp(field[0], "silent") == 0)
		add(field[1], field[2], NULL);
	else if (n == 5 && strcmp(field[0], "check") == 0)
		check(field);
	else if (n == 1 && strcmp(field[0], "clear") == 0)
		clear();
	else
		give_up("no such line");
}

int
main(void)
{
	static char line[LINE_MAX_BYTES];

	log_to_stream(stderr);
	spawner = spawn_start("relayguard-spf", spfworker_serve);
	if (spawner < 0 || !spawn_become(spawner, NULL, NULL))
		return EX_OSERR;
	while (fgets(line, sizeof(line), stdin) != NULL)
		obey(line);
	clear();
	return EX_OK;
}
