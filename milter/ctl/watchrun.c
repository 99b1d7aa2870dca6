/* SPDX-License-Identifier: BSD-2-Clause */
/* ctl/watchrun.c - goes on after what it has heard last. */
#include "config.h"

#include "ctl/watchrun.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>

#include "base/clock.h"
#include "base/output.h"
#include "base/strbuf.h"
#include "ctl/client.h"
#include "ctl/command.h"
#include "ctl/words.h"

#define OUTPUT_MAX 4096
#define RETRY_S 5
#define SECONDS 60
#define SECONDS_MAX 3600

struct following {
	const char *program;
	int64_t seconds; /* that it has each time */
	char after[64];  /* the last change; "": none yet */
};

static const char *
text_of(const json_t *data, const char *key)
{
	const char *text = json_string_value(json_object_get(data, key));

	return text != NULL ? text : "";
}

static void
say(const struct following *f, int status, const char *output)
{
	const char *program = f->program;

	if (output[0] != '\0')
		printf("%s%s", output, output[strlen(output) - 1] == '\n' ? "" : "\n");
	if (status == COMMAND_LATE)
		printf("%s did not end within %" PRId64 " seconds, and was ended\n", program,
		    f->seconds);
	else if (status == COMMAND_MISSING)
		printf("%s cannot be run\n", program);
	else if (status != 0)
		printf("%s has ended with status %d\n", program, status);
	output_flush();
}

static void
run(const struct following *f, const json_t *data)
{
	static const struct command_user same = {NULL, NULL};
	const char *const argv[] = {f->program, text_of(data, "change"),
	    text_of(data, "subject"), text_of(data, "list"), text_of(data, "scope"), NULL};
	char output[OUTPUT_MAX];
	int status;

	printf("%s", text_of(data, "text"));
	output_flush();
	status =
	    command_run(argv, &same, clock_ms() + f->seconds * 1000, output, sizeof(output));
	say(f, status, output);
}

/* A line of the reply: a change, or the end. */
static int
take_line(const char *line, void *arg)
{
	struct following *f = arg;
	json_t *reply = json_loads(line, 0, NULL);
	const json_t *data = json_object_get(reply, "data"),
		     *status = json_object_get(reply, "status");
	int result = json_is_integer(status) ? (int)json_integer_value(status) : -1;

	if (json_is_object(data) && text_of(data, "change")[0] != '\0') {
		(void)strbuf_copy(f->after, sizeof(f->after), text_of(data, "after"));
		run(f, data);
	}
	if (json_is_string(json_object_get(reply, "error")))
		fprintf(stderr, "relayguardctl: %s\n", text_of(reply, "error"));
	json_decref(reply);
	return result;
}

static int
follow(const char *socket, struct following *f)
{
	json_t *request = json_pack("{s:s, s:b}", "verb", "watch", "changes", 1);
	int status;

	if (f->after[0] != '\0')
		(void)json_object_set_new(request, "after", json_string(f->after));
	status = client_ask(socket, request, ASK_FOR_EVER, take_line, f);
	json_decref(request);
	return status;
}

int
watchrun(const char *socket, const json_t *request)
{
	const struct timespec pause = {.tv_sec = RETRY_S};
	const char *seconds = json_string_value(json_object_get(request, "timeout"));
	struct following f = {
	    .program = json_string_value(json_object_get(request, "run")), .seconds = SECONDS};
	int status;

	if (seconds != NULL &&
	    !words_number("watch", "--timeout", seconds, SECONDS_MAX, &f.seconds))
		return EX_USAGE;
	while ((status = follow(socket, &f)) == EX_OK || status == EX_TEMPFAIL ||
	    status == EX_UNAVAILABLE)
		nanosleep(&pause, NULL);
	return status;
}
