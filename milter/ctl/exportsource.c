/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ctl/exportsource.c - a reply that does not come to its end is none: an export of the half of
 * a list would let the other half go.
 */
#include "config.h"

#include "ctl/exportsource.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>

#include "base/strbuf.h"
#include "conf/netline.h"
#include "ctl/client.h"
#include "ctl/fileerror.h"
#include "ctl/reply.h"

#define WHY_MAX 200
#define NOBODY 1 /* status of a list that is empty */

struct source {
	struct export_list *list;
	uint64_t lines, clients;
	bool rows;  /* they are rows of a reply, ... */
	bool ended; /* ... whose last one was there */
	char why[WHY_MAX];
};

/* "2026-11-29T10:00:00Z"; null is 0.  False: it is neither. */
static bool
read_time(const json_t *value, int64_t *out)
{
	const char *text = json_string_value(value), *end;
	struct tm tm = {0};

	*out = 0;
	if (json_is_null(value))
		return true;
	if (text == NULL || (end = strptime(text, "%Y-%m-%dT%H:%M:%SZ", &tm)) == NULL)
		return false;
	*out = timegm(&tm);
	return *end == '\0' && *out > 0;
}

/* Each reason of a client is an entry: it has its own times. */
static bool
add_reasons(struct source *source, struct export_entry *e, json_t *reasons)
{
	const char *name;
	json_t *reason;

	json_object_foreach(reasons, name, reason)
	{
		unsigned r = export_reason_parse(name);

		if (r == EXPORT_REASONS)
			return strbuf_fail(
			    source->why, WHY_MAX, "a row has a reason that is not known");
		if (!read_time(json_object_get(reason, "since"), &e->since) ||
		    !read_time(json_object_get(reason, "until"), &e->until) || e->until == 0)
			return strbuf_fail(
			    source->why, WHY_MAX, "a row has no time that can be read");
		e->reasons = 1U << r;
		exportlist_add(source->list, e);
	}
	return true;
}

/* A row of "local", whose client of IPv6 stands for its network. */
static bool
add_row(struct source *source, const json_t *row)
{
	const char *client = json_string_value(json_object_get(row, "client"));
	json_t *reasons = json_object_get(row, "reasons");
	struct export_entry e = {0};

	if (client == NULL || !ipaddr_parse(&e.net.addr, client))
		return strbuf_fail(source->why, WHY_MAX, "a row has no client");
	if (json_object_size(reasons) == 0)
		return strbuf_fail(source->why, WHY_MAX, "a row has no reason");
	e.net.len = e.net.addr.bits == 128 ? 64 : 32;
	ipaddr_mask(&e.net.addr, e.net.len);
	source->clients++;
	return add_reasons(source, &e, reasons);
}

/* Of a list with nobody on it the answer is "no". */
static bool
is_whole(const struct source *source, const json_t *end)
{
	json_int_t status = json_integer_value(json_object_get(end, "status"));

	return status == EX_OK || (status == NOBODY && source->clients == 0);
}

/* A line of a reply: data, or the end. */
static bool
take_row(struct source *source, const char *line)
{
	json_t *row = json_loads(line, 0, NULL);
	const json_t *data = json_object_get(row, "data");
	bool good = true;

	source->rows = true;
	if (row == NULL || source->ended)
		good = strbuf_fail(source->why, WHY_MAX,
		    row == NULL ? "a row is no JSON" : "there is something behind the end");
	else if (json_is_true(json_object_get(row, "end")))
		source->ended = is_whole(source, row);
	else if (data != NULL)
		good = add_row(source, data);
	else
		good = strbuf_fail(
		    source->why, WHY_MAX, "a row is none of relayguardctl -j local");
	json_decref(row);
	return good;
}

/* A line of the administrator's own. */
static bool
take_network(struct source *source, char *line)
{
	struct export_entry e = {.reasons = 1U << EXPORT_DENIED};
	struct netline net;

	if (!netline_read(&net, line, NETLINE_DENY, source->why, WHY_MAX))
		return false;
	e.net = net.network;
	if (net.given)
		exportlist_add(source->list, &e);
	return true;
}

static bool
take_line(struct source *source, char *line)
{
	line[strcspn(line, "\r\n")] = '\0';
	source->lines++;
	return line[0] == '{' ? take_row(source, line) : take_network(source, line);
}

/* --- Of the daemon --- */

static int
take_reply(const char *line, void *arg)
{
	struct source *source = arg;
	json_t *row = json_loads(line, 0, NULL);
	bool data = json_object_get(row, "data") != NULL;
	bool end = json_is_true(json_object_get(row, "end"));

	json_decref(row);
	if (data && !take_row(source, line)) {
		fprintf(stderr, "relayguardctl: export: the daemon's reply: %s\n", source->why);
		return EX_PROTOCOL;
	}
	if (data)
		return -1;
	if (end && take_row(source, line) && source->ended)
		return EX_OK;
	return reply_show(line, false); /* an error, and then its status */
}

int
exportsource_daemon(struct export_list *list)
{
	struct source source = {.list = list};
	json_t *request = json_pack("{s:s}", "verb", "local");
	int status = EX_OSERR;

	if (request != NULL)
		status =
		    client_ask(NULL, request, EXPORTSOURCE_PATIENCE_MS, take_reply, &source);
	json_decref(request);
	return status;
}

/* The first row has the reasons of the client, those that are past included. */
static int
take_memory(const char *line, void *arg)
{
	bool *known = arg;
	json_t *row = json_loads(line, 0, NULL);
	const json_t *data = json_object_get(row, "data");
	bool end = json_is_true(json_object_get(row, "end"));

	*known |= json_object_size(json_object_get(data, "reasons")) > 0;
	json_decref(row);
	return end ? EX_OK : data != NULL ? -1 : reply_show(line, false);
}

bool
exportsource_remembers(const struct network *net)
{
	char address[IPADDR_STRLEN];
	json_t *request = json_pack(
	    "{s:s, s:s}", "verb", "local", "address", ipaddr_format(&net->addr, address));
	bool known = false;

	if (request != NULL)
		(void)client_ask(NULL, request, EXPORTSOURCE_PATIENCE_MS, take_memory, &known);
	json_decref(request);
	return known;
}

/* --- Of a file --- */

static int
read_lines(struct source *source, FILE *in, const char *path)
{
	char *line = NULL;
	size_t room = 0;
	bool good = true;

	while (good && getline(&line, &room, in) > 0)
		good = take_line(source, line);
	free(line);
	if (!good)
		fprintf(stderr, "relayguardctl: %s:%" PRIu64 ": %s\n", path, source->lines,
		    source->why);
	else if (ferror(in))
		return fileerror_open(path);
	else if (source->lines == 0 || (source->rows && !source->ended))
		fprintf(stderr, "relayguardctl: %s: %s\n", path,
		    source->lines == 0 ? "is empty" : "is cut: its last row is not there");
	else
		return EX_OK;
	return EX_DATAERR;
}

int
exportsource_file(struct export_list *list, const char *path)
{
	struct source source = {.list = list};
	FILE *in = strcmp(path, "-") == 0 ? stdin : fopen(path, "re");
	int status;

	if (in == NULL)
		return fileerror_open(path);
	status = read_lines(&source, in, path);
	if (in != stdin)
		(void)fclose(in);
	return status;
}
