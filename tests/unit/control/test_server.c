/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_server.c - requests of all shapes, rights, and clients that are slow, silent, many
 * or gone.
 */
#include "config.h"

#include "control/server.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sysexits.h>
#include <unistd.h>

#include "tap.h"

#define TEXT_MAX 65536
#define LINES 2000 /* of a reply that nobody reads: more than a socket holds */

static char folder[] = "/tmp/relayguard.XXXXXX";
static atomic_uint begun, ended, unread;
static atomic_bool go_on;

static int
do_echo(struct request *r, const json_t *args, void *arg)
{
	bool bad = false;
	const char *text = request_text(args, "text", &bad);

	(void)arg;
	if (bad || text == NULL)
		return EX_USAGE;
	request_reply(r, json_pack("{s:s}", "text", text));
	request_reply(r, json_pack("{s:i}", "length", (int)strlen(text)));
	return 1;
}

static int
do_change(struct request *r, const json_t *args, void *arg)
{
	(void)r;
	(void)args;
	(*(int *)arg)++;
	return EX_OK;
}

/* Until the test says so. */
static int
do_block(struct request *r, const json_t *args, void *arg)
{
	(void)args;
	(void)arg;
	atomic_fetch_add(&begun, 1);
	while (!atomic_load(&go_on) && request_is_wanted(r))
		usleep(1000);
	atomic_fetch_add(&ended, 1);
	return EX_OK;
}

/* More than anybody takes. */
static int
do_flood(struct request *r, const json_t *args, void *arg)
{
	unsigned n = 0;

	(void)args;
	(void)arg;
	atomic_fetch_add(&begun, 1);
	while (n < LINES &&
	    request_reply(r, json_pack("{s:s+}", "text", "0123456789", args ? "x" : "")))
		n++;
	atomic_store(&unread, LINES - n);
	atomic_fetch_add(&ended, 1);
	return EX_OK;
}

static const struct server_verb verbs[] = {
    {"echo", RIGHT_STATUS, do_echo, "more text"},
    {"change", RIGHT_CONTROL, do_change, ""},
    {"block", RIGHT_STATUS, do_block, NULL},
    {"flood", RIGHT_STATUS, do_flood, NULL},
};

static struct sockaddr_un
address_of(const char *name)
{
	struct sockaddr_un sun = {.sun_family = AF_UNIX};

	snprintf(sun.sun_path, sizeof(sun.sun_path), "%s/%s", folder, name);
	return sun;
}

static int
listen_at(const char *name)
{
	struct sockaddr_un sun = address_of(name);
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	if (bind(fd, (struct sockaddr *)&sun, sizeof(sun)) != 0 || listen(fd, 64) != 0)
		abort();
	return fd;
}

static int
connect_to(const char *name)
{
	struct sockaddr_un sun = address_of(name);
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	if (connect(fd, (struct sockaddr *)&sun, sizeof(sun)) != 0)
		abort();
	return fd;
}

/* All that is said until the connection ends. */
static const char *
read_all(int fd, char text[TEXT_MAX])
{
	size_t len = 0;
	ssize_t n;

	while (len < TEXT_MAX - 1 && (n = read(fd, text + len, TEXT_MAX - 1 - len)) > 0)
		len += (size_t)n;
	text[len] = '\0';
	close(fd);
	return text;
}

static const char *
ask(const char *name, const char *line, char text[TEXT_MAX])
{
	int fd = connect_to(name);

	(void)send(fd, line, strlen(line), MSG_NOSIGNAL); /* it may be sent away already */
	return read_all(fd, text);
}

static const struct {
	const char *label, *socket, *line, *reply;
} rows[] = {
    {"two lines and the end", "status", "{\"verb\":\"echo\",\"text\":\"a\"}\n",
	"{\"format\":1,\"verb\":\"echo\",\"data\":{\"text\":\"a\"}}\n"
	"{\"format\":1,\"verb\":\"echo\",\"data\":{\"length\":1}}\n{\"end\":true,\"status\":1}\n"},
    {"CR LF", "status", "{\"verb\":\"echo\",\"text\":\"\"}\r\n",
	"{\"format\":1,\"verb\":\"echo\",\"data\":{\"text\":\"\"}}\n"
	"{\"format\":1,\"verb\":\"echo\",\"data\":{\"length\":0}}\n{\"end\":true,\"status\":1}\n"},
    {"UTF-8", "status", "{\"verb\":\"echo\",\"text\":\"\xc3\xbc\"}\n",
	"{\"format\":1,\"verb\":\"echo\",\"data\":{\"text\":\"\\u00FC\"}}\n"
	"{\"format\":1,\"verb\":\"echo\",\"data\":{\"length\":2}}\n{\"end\":true,\"status\":1}\n"},
    {"a number for a text", "status", "{\"verb\":\"echo\",\"text\":1}\n",
	"{\"end\":true,\"status\":64}\n"},
    {"a key that it does not know", "status",
	"{\"verb\":\"echo\",\"text\":\"a\",\"tex\":\"b\"}\n",
	"{\"format\":1,\"error\":\"the verb does not know a key of the request\"}\n"
	"{\"end\":true,\"status\":64}\n"},
    {"an empty key", "control", "{\"verb\":\"change\",\"\":1}\n",
	"{\"format\":1,\"error\":\"the verb does not know a key of the request\"}\n"
	"{\"end\":true,\"status\":64}\n"},
    {"what it may not", "status", "{\"verb\":\"change\"}\n",
	"{\"format\":1,\"error\":\"this socket has no right to that\"}\n"
	"{\"end\":true,\"status\":77}\n"},
    {"what the other may", "control", "{\"verb\":\"change\"}\n",
	"{\"end\":true,\"status\":0}\n"},
    {"and what all may", "control", "{\"verb\":\"echo\",\"text\":null}\n",
	"{\"end\":true,\"status\":64}\n"},
    {"no such verb", "control", "{\"verb\":\"nothing\"}\n",
	"{\"format\":1,\"error\":\"there is no such verb\"}\n{\"end\":true,\"status\":64}\n"},
    {"no verb", "control", "{}\n",
	"{\"format\":1,\"error\":\"there is no such verb\"}\n{\"end\":true,\"status\":64}\n"},
    {"no object", "control", "[\"echo\"]\n",
	"{\"format\":1,\"error\":\"the request is no JSON object\"}\n"
	"{\"end\":true,\"status\":64}\n"},
    {"not JSON", "control", "GET / HTTP/1.1\r\n",
	"{\"format\":1,\"error\":\"the request is no JSON object\"}\n"
	"{\"end\":true,\"status\":64}\n"},
    {"not UTF-8", "control", "{\"verb\":\"echo\",\"text\":\"\xff\"}\n",
	"{\"format\":1,\"error\":\"the request is no JSON object\"}\n"
	"{\"end\":true,\"status\":64}\n"},
    {"a key twice", "control", "{\"verb\":\"change\",\"verb\":\"echo\"}\n",
	"{\"format\":1,\"error\":\"the request is no JSON object\"}\n"
	"{\"end\":true,\"status\":64}\n"},
};

static void
test_rows(void)
{
	static char text[TEXT_MAX];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		same_str(ask(rows[i].socket, rows[i].line, text), rows[i].reply, rows[i].label);
}

static void
test_sizes(void)
{
	static char text[TEXT_MAX], line[SERVER_REQUEST_MAX + 2];
	int fd;

	memset(line, ' ', sizeof(line) - 1);
	same_str(ask("status", line, text),
	    "{\"format\":1,\"error\":\"the request is too long\"}\n{\"end\":true,\"status\":64}\n",
	    "too long");
	memcpy(line, "{\"verb\":\"echo\",\"text\":\"", 23);
	memcpy(line + SERVER_REQUEST_MAX - 3, "\"}\n", 4);
	ok(strstr(ask("status", line, text), "\"length\":4070}") != NULL,
	    "as long as it may be");
	fd = connect_to("status");
	shutdown(fd, SHUT_WR);
	same_str(read_all(fd, text), "{\"end\":true,\"status\":64}\n", "who says nothing");
	fd = connect_to("status");
	(void)send(fd, "{\"verb\":\"ec", 11, 0);
	(void)send(fd, "ho\",\"text\":\"b\"}\nmore", 20, 0);
	shutdown(fd, SHUT_WR);
	ok(strstr(read_all(fd, text), "\"text\":\"b\"") != NULL,
	    "in pieces, with more behind it");
}

/* So many are served at once, and one more is sent away. */
static void
test_many(void)
{
	static char text[TEXT_MAX];
	int fd[SERVER_CLIENTS];

	atomic_store(&begun, 0);
	for (int i = 0; i < SERVER_CLIENTS; i++) {
		fd[i] = connect_to("status");
		(void)send(fd[i], "{\"verb\":\"block\"}\n", 17, 0);
	}
	while (atomic_load(&begun) < SERVER_CLIENTS)
		usleep(1000);
	ok(strstr(ask("status", "", text), "\"status\":75}") != NULL, "one too many");
	same_str(ask("control", "{\"verb\":\"nothing\"}\n", text),
	    "{\"format\":1,\"error\":\"there is no such verb\"}\n{\"end\":true,\"status\":64}\n",
	    "the other socket has places of its own");
	atomic_store(&go_on, true);
	for (int i = 0; i < SERVER_CLIENTS; i++)
		same_str(read_all(fd[i], text), "{\"end\":true,\"status\":0}\n",
		    "all others are served");
	ok(strstr(ask("status", "{\"verb\":\"echo\",\"text\":\"c\"}\n", text), "\"c\"") != NULL,
	    "and then there is room again");
}

/* Who goes away, or does not read, at the end: nothing is waited for in vain. */
static void
test_gone(void)
{
	int fd = connect_to("status"), silent = connect_to("control");

	atomic_store(&begun, 0);
	atomic_store(&ended, 0);
	(void)send(fd, "{\"verb\":\"flood\"}\n", 17, 0);
	while (atomic_load(&begun) < 1)
		usleep(1000);
	close(fd);
	while (atomic_load(&ended) < 1)
		usleep(1000);
	ok(atomic_load(&unread) > 0, "who has gone is written to no more");
	atomic_store(&go_on, false);
	fd = connect_to("status");
	(void)send(fd, "{\"verb\":\"block\"}\n", 17, 0);
	while (atomic_load(&begun) < 2)
		usleep(1000);
	close(silent);
	close(fd);
}

int
main(void)
{
	int changes = 0, open, blocked;
	struct server *s = server_new(verbs, sizeof(verbs) / sizeof(verbs[0]), &changes);
	char command[64];

	if (s == NULL || mkdtemp(folder) == NULL)
		return 1;
	ok(server_listen(s, listen_at("status"), RIGHT_STATUS) &&
		server_listen(s, listen_at("control"), RIGHT_CONTROL) && server_start(s),
	    "it starts");
	test_rows();
	same_num(changes, 1, "what changes something was done once");
	test_sizes();
	test_many();
	test_gone();
	open = connect_to("status");
	blocked = connect_to("status");
	(void)send(blocked, "{\"verb\":\"block\"}\n", 17, 0);
	server_free(s);
	ok(true, "the end does not wait for who is there");
	close(open);
	close(blocked);
	server_free(NULL);
	snprintf(command, sizeof(command), "rm -rf %s", folder);
	return system(command) == 0 ? done() : 1;
}
