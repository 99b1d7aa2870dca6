/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ctl/main.c - relayguardctl: asks the daemon on its control socket, and shows what it says:
 * as text for people, or as it came for programs.
 */
#include "config.h"

#include <errno.h>
#include <getopt.h>
#include <jansson.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/strbuf.h"
#include "ctl/doctor.h"
#include "ctl/reportverb.h"

#define SOCKET "/run/relayguard/control.sock"
#define REQUEST_MAX 4096
#define REPLY_MAX 65536     /* bytes of a line */
#define PATIENCE_MS 20000   /* for the whole of a reply, ... */
#define PATIENCE_MAX 300000 /* ... or where millions of networks are read */

struct options {
	const char *socket;
	bool json;
};

typedef int offline_verb(bool json, char *const *word);

/* What a verb takes: one operand, perhaps, and options of its own, each with a text. */
struct verb {
	const char *name, *operand; /* the key that the operand is sent under, or NULL */
	bool needed;                /* the operand must be there */
	int patience;               /* milliseconds for its reply */
	offline_verb *offline;      /* what does it without a daemon, or NULL */
	const char *option[5];      /* --name and so on; a NULL ends them */
};

static const struct verb verbs[] = {
    {"status", NULL, false, PATIENCE_MS, NULL, {NULL}},
    {"lists", "label", false, PATIENCE_MS, NULL, {NULL}},
    {"metrics", NULL, false, PATIENCE_MS, NULL, {NULL}},
    {"explain", "address", true, PATIENCE_MS, NULL, {"name", "helo", "from", "to", NULL}},
    {"reload", NULL, false, PATIENCE_MAX, NULL, {NULL}},
    {"report", NULL, false, 0, reportverb_run, {NULL}},
    {"doctor", NULL, false, 0, doctor_run, {NULL}},
};

#define VERBS (sizeof(verbs) / sizeof(verbs[0]))

static int
usage(void)
{
	fputs("usage: relayguardctl [-j] [-s SOCKET] status\n"
	      "       relayguardctl [-j] [-s SOCKET] lists [LABEL]\n"
	      "       relayguardctl [-j] [-s SOCKET] metrics\n"
	      "       relayguardctl [-j] [-s SOCKET] explain ADDRESS|REFERENCE [--name NAME] "
	      "[--helo NAME]\n"
	      "           [--from SENDER] [--to RECIPIENT]\n"
	      "       relayguardctl [-j] [-s SOCKET] reload\n"
	      "       relayguardctl [-j] report [--days N] [--html FILE] FILE ...\n"
	      "       relayguardctl [-j] doctor [--lists FILE] [--postfix FOLDER] [--sendmail "
	      "FOLDER] [CONFIG]\n",
	    stderr);
	return EX_USAGE;
}

static const struct verb *
find_verb(const char *name)
{
	for (size_t i = 0; name != NULL && i < VERBS; i++)
		if (strcmp(verbs[i].name, name) == 0)
			return &verbs[i];
	return NULL;
}

static bool
add_text(json_t *request, const char *key, const char *text)
{
	if (json_object_get(request, key) != NULL)
		return false;
	return json_object_set_new(request, key, json_string(text)) == 0;
}

/* Take "--name value" or "--name=value", and the words it is made of; false: the verb has
 * no such option, or it has no value. */
static bool
take_option(const struct verb *v, json_t *request, char *const **word)
{
	const char *name = **word + 2, *value = strchr(name, '=');
	size_t len = value != NULL ? (size_t)(value++ - name) : strlen(name);

	for (size_t i = 0; v->option[i] != NULL; i++) {
		if (strlen(v->option[i]) != len || strncmp(name, v->option[i], len) != 0)
			continue;
		if (value == NULL)
			value = *++*word;
		return value != NULL && add_text(request, v->option[i], value);
	}
	fprintf(stderr, "relayguardctl: %s: no option of %s\n", **word, v->name);
	return false;
}

/* The request that the words after the verb make; NULL: they make none. */
static json_t *
make_request(const struct verb *v, char *const *word)
{
	json_t *request = json_pack("{s:s}", "verb", v->name);
	bool good = true;

	for (; good && *word != NULL; word++) {
		if (strncmp(*word, "--", 2) == 0)
			good = take_option(v, request, &word);
		else
			good = v->operand != NULL && add_text(request, v->operand, *word);
	}
	if (good && (!v->needed || json_object_get(request, v->operand) != NULL))
		return request;
	json_decref(request);
	return NULL;
}

static int
complain(const char *socket, int error)
{
	fprintf(stderr, "relayguardctl: %s: %s%s\n", socket, strerror(error),
	    error == ENOENT ? " (is control in relayguard.conf?)" : "");
	if (error == EAGAIN)
		return EX_TEMPFAIL; /* who listens there does not accept */
	return error == EACCES || error == EPERM ? EX_NOPERM : EX_UNAVAILABLE;
}

static int
connect_to(const char *path)
{
	struct sockaddr_un sun = {.sun_family = AF_UNIX};
	const struct timeval patience = {.tv_sec = PATIENCE_MS / 1000};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	if (fd < 0)
		return -1;
	/* It bounds connect(), too, where who listens does not accept. */
	(void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	if (!strbuf_copy(sun.sun_path, sizeof(sun.sun_path), path))
		errno = ENAMETOOLONG;
	else if (connect(fd, (struct sockaddr *)&sun, sizeof(sun)) == 0)
		return fd;
	close(fd);
	return -1;
}

static bool
send_request(int fd, const json_t *request)
{
	char text[REQUEST_MAX];
	size_t len = json_dumpb(request, text, sizeof(text) - 1, JSON_COMPACT);

	if (len == 0 || len >= sizeof(text))
		return false;
	text[len++] = '\n';
	(void)send(fd, text, len, MSG_NOSIGNAL); /* who is sent away has an answer already */
	return true;
}

/* --- What is shown --- */

static void
show_scalar(const json_t *value)
{
	if (json_is_string(value))
		fputs(json_string_value(value), stdout);
	else if (json_is_boolean(value))
		fputs(json_is_true(value) ? "yes" : "no", stdout);
	else if (json_is_real(value))
		printf("%.3f", json_real_value(value));
	else if (json_is_integer(value))
		printf("%lld", (long long)json_integer_value(value));
	else
		fputs("-", stdout);
}

/* A key and its value, indented; what is in the value, more so. */
static void
show(const char *key, json_t *value, int depth)
{
	printf("%*s%s:", 2 * depth, "", key);
	if (json_is_object(value)) {
		putchar('\n');
		for (void *i = json_object_iter(value); i != NULL;
		     i = json_object_iter_next(value, i))
			show(json_object_iter_key(i), json_object_iter_value(i), depth + 1);
		return;
	}
	if (json_is_array(value)) {
		for (size_t i = 0; i < json_array_size(value); i++) {
			printf(i == 0 ? " " : "\n%*s", 2 * depth + (int)strlen(key) + 2, "");
			show_scalar(json_array_get(value, i));
		}
	} else {
		putchar(' ');
		show_scalar(value);
	}
	putchar('\n');
}

/* One object: its first value is the heading of those that follow, where it is a step. */
static void
show_data(json_t *data)
{
	const json_t *step = json_object_get(data, "step");

	if (step != NULL)
		printf("%s\n", json_string_value(step));
	for (void *i = json_object_iter(data); i != NULL; i = json_object_iter_next(data, i))
		if (json_object_iter_value(i) != step)
			show(json_object_iter_key(i), json_object_iter_value(i), step != NULL);
	putchar('\n');
}

/* Show a line of the reply; its status where it is the last, else -1. */
static int
take_line(const struct options *o, const char *line)
{
	json_t *reply = json_loads(line, 0, NULL);
	json_t *data = json_object_get(reply, "data");
	const json_t *error = json_object_get(reply, "error"),
		     *status = json_object_get(reply, "status");
	int result = json_is_integer(status) ? (int)json_integer_value(status) : -1;

	if (o->json)
		puts(line);
	else if (json_is_string(json_object_get(data, "text")))
		fputs(json_string_value(json_object_get(data, "text")), stdout);
	else if (json_is_object(data))
		show_data(data);
	if (json_is_string(error))
		fprintf(stderr, "relayguardctl: %s\n", json_string_value(error));
	json_decref(reply);
	return result;
}

/* Wait for more of the reply, until clock_ms() reaches deadline. */
static ssize_t
read_more(int fd, char *text, size_t size, int64_t deadline)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};
	int64_t left = deadline - clock_ms();

	if (left <= 0 || poll(&p, 1, (int)left) <= 0) {
		errno = ETIMEDOUT;
		return -1;
	}
	return read(fd, text, size);
}

static int
take_reply(const struct options *o, int fd, int64_t deadline)
{
	static char text[REPLY_MAX];
	size_t len = 0;
	int status = -1;
	char *end;
	ssize_t n;

	while (status < 0 &&
	    (n = read_more(fd, text + len, sizeof(text) - len - 1, deadline)) > 0) {
		len += (size_t)n;
		text[len] = '\0';
		while (status < 0 && (end = strchr(text, '\n')) != NULL) {
			*end++ = '\0';
			status = take_line(o, text);
			len -= (size_t)(end - text);
			memmove(text, end, len + 1);
		}
		if (len == sizeof(text) - 1)
			break;
	}
	if (status >= 0)
		return status;
	fprintf(stderr, "relayguardctl: the daemon has not answered to the end\n");
	return EX_TEMPFAIL;
}

static int
run(const struct options *o, const json_t *request, int patience)
{
	int fd = connect_to(o->socket), status;

	if (fd < 0)
		return complain(o->socket, errno);
	if (send_request(fd, request)) {
		status = take_reply(o, fd, clock_ms() + patience);
	} else {
		fprintf(stderr, "relayguardctl: the request is too long, or not in UTF-8\n");
		status = EX_USAGE;
	}
	close(fd);
	return status;
}

/* Have the daemon do what the words after the verb say. */
static int
ask(const struct options *o, const struct verb *verb, char *const *word)
{
	json_t *request = make_request(verb, word);
	int status;

	if (request == NULL)
		return usage();
	status = run(o, request, verb->patience);
	json_decref(request);
	return status;
}

int
main(int argc, char **argv)
{
	struct options o = {.socket = SOCKET};
	const struct verb *verb;
	int c, status;

	/* The first word that is no option ends ours: what follows is the verb's. */
	while ((c = getopt(argc, argv, "+js:")) != -1)
		if (c == 'j')
			o.json = true;
		else if (c == 's')
			o.socket = optarg;
		else
			return usage();
	if ((verb = find_verb(argv[optind])) == NULL)
		return usage();
	status = verb->offline != NULL ? verb->offline(o.json, argv + optind + 1)
				       : ask(&o, verb, argv + optind + 1);
	if (verb->offline != NULL && status == EX_USAGE)
		return usage();
	if (fflush(stdout) == 0 && !ferror(stdout))
		return status;
	fprintf(stderr, "relayguardctl: standard output: %s\n", strerror(errno));
	return EX_IOERR;
}
