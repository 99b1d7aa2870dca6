/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fuzz_request.c - whatever bytes come to a control socket: lines of JSON go back, the last
 * one says how it ended, and no verb runs that the socket has no right to.
 */
#include "config.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sysexits.h>
#include <unistd.h>

#include "control/server.h"
#include "fuzz/fuzz.h"

#define BYTES_MAX (2 * SERVER_REQUEST_MAX)

static struct sockaddr_un un = {.sun_family = AF_UNIX};

static int
do_say(struct request *r, const json_t *args, void *arg)
{
	bool bad = false;
	const char *text = request_text(args, "text", &bad);

	(void)arg;
	if (bad) {
		request_error(r, "no text");
		return EX_USAGE;
	}
	request_reply(r, json_pack("{s:o}", "text", request_shown(text)));
	return EX_OK;
}

static int
do_change(struct request *r, const json_t *args, void *arg)
{
	(void)r;
	(void)args;
	(void)arg;
	MUST(!"the right to it");
	return EX_OK;
}

static const struct server_verb verbs[] = {
    {"say", RIGHT_STATUS, do_say, "text"},
    {"change", RIGHT_CONTROL, do_change, NULL},
    {"page", RIGHT_PAGE, do_change, NULL},
};

static void
begin(void)
{
	struct server *server = server_new(verbs, sizeof(verbs) / sizeof(verbs[0]), NULL);
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	snprintf(un.sun_path, sizeof(un.sun_path), "%s", fuzz_file("control.sock", "", 0));
	unlink(un.sun_path);
	if (server == NULL || fd < 0 || bind(fd, (struct sockaddr *)&un, sizeof(un)) != 0 ||
	    listen(fd, 16) != 0 || !server_listen(server, fd, RIGHT_STATUS) ||
	    !server_start(server))
		abort();
}

static void
send_all(int fd, const uint8_t *data, size_t left)
{
	while (left > 0) {
		ssize_t n = send(fd, data, left, MSG_NOSIGNAL);

		if (n <= 0 && errno != EINTR)
			return; /* it has heard enough */
		data += n > 0 ? n : 0;
		left -= n > 0 ? (size_t)n : 0;
	}
	shutdown(fd, SHUT_WR);
}

/* A line of the reply; whether it is the last. */
static bool
check_line(const char *line)
{
	json_t *said = json_loads(line, JSON_REJECT_DUPLICATES, NULL);
	bool last = json_is_true(json_object_get(said, "end"));

	MUST(json_is_object(said));
	MUST(last ? json_is_integer(json_object_get(said, "status"))
		  : json_integer_value(json_object_get(said, "format")) == SERVER_FORMAT);
	json_decref(said);
	return last;
}

static void
check_reply(int fd)
{
	static char text[16 * SERVER_REQUEST_MAX];
	size_t len = 0;
	bool ended = false;
	ssize_t n;

	while ((n = read(fd, text + len, sizeof(text) - 1 - len)) > 0 ||
	    (n < 0 && errno == EINTR)) /* libFuzzer has a timer */
		len += n > 0 ? (size_t)n : 0;
	text[len] = '\0';
	for (char *line = text, *end; (end = strchr(line, '\n')) != NULL; line = end + 1) {
		MUST(!ended);
		*end = '\0';
		ended = check_line(line);
	}
	MUST(ended);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int fd;

	if (un.sun_path[0] == '\0')
		begin();
	if (size > BYTES_MAX)
		size = BYTES_MAX;
	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	MUST(fd >= 0 && connect(fd, (struct sockaddr *)&un, sizeof(un)) == 0);
	send_all(fd, data, size);
	check_reply(fd);
	close(fd);
	return 0;
}
