/* SPDX-License-Identifier: BSD-2-Clause */
/* control/reloading.c - a reload that is ordered, and what the main thread says of it. */
#include "config.h"

#include "control/reloading.h"

#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/clock.h"
#include "control/reloads.h"
#include "control/status.h"

/* The lines as they were said, each a text. */
static json_t *
list_lines(char *said)
{
	json_t *lines = json_array();
	char *rest = said;

	for (char *line; (line = strsep(&rest, "\n")) != NULL;)
		if (line[0] != '\0')
			json_array_append_new(lines, json_string(line));
	return lines;
}

int
verb_reload(struct request *r, const json_t *args, void *arg)
{
	const struct verbs_context *context = arg;
	int64_t began = clock_ms();
	uint64_t ticket = reloads_order(context->reloads);
	char *said;
	bool good;

	(void)args;
	while (!reloads_wait(context->reloads, ticket, &good, &said))
		if (!request_is_wanted(r))
			return EX_TEMPFAIL;
	request_reply(r,
	    json_pack("{s:b, s:f, s:o}", "reloaded", good, "seconds",
		(double)(clock_ms() - began) / 1000, "lines", list_lines(said)));
	free(said);
	return good ? EX_OK : EX_CONFIG;
}
