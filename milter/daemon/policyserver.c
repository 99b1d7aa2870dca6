/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * daemon/policyserver.c - requests in, answers out.  Who may connect may be anybody on this
 * machine: so there is a bound to how many do, how much they send, and how long that takes.
 */
#include "config.h"

#include "daemon/policyserver.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/ascii.h"
#include "base/clock.h"
#include "base/counter.h"
#include "base/limit.h"
#include "base/log.h"
#include "conf/conf.h"
#include "control/server.h"
#include "loop/workers.h"
#include "os/listening.h"
#include "os/process.h"
#include "session/policyrequest.h"
#include "session/policytalk.h"
#include "session/session.h"

#define CONNECTIONS_MAX 500 /* Postfix has a hundred smtpd(8) for a service, if not told more */
#define TURNED_AWAY 16      /* more, for as long as it takes to say that there are too many */
#define BACKLOG 1024        /* Postfix does not wait where that is full */
#define IDLE_MS 1200000  /* Postfix leaves sooner: after 300 s without a question, or 1000 s */
#define REQUEST_MS 10000 /* from the first byte to the last, and for the answer */

struct policyserver {
	struct session_shared *shared;
	struct server *server;
	struct listening place; /* of a unix socket */
};

/* What a connection has sent. */
struct input {
	char text[POLICYREQUEST_MAX];
	size_t len;
};

/* Receive a whole request; its bytes, or 0: there is none, or too late, or too long. */
static size_t
receive(int fd, struct input *in)
{
	int64_t deadline = clock_ms() + (in->len == 0 ? IDLE_MS : REQUEST_MS);
	size_t request;

	while ((request = policyrequest_length(in->text, in->len)) == 0) {
		bool first = in->len == 0;
		ssize_t n = in->len < sizeof(in->text)
		    ? server_receive(
			  fd, in->text + in->len, sizeof(in->text) - in->len, deadline)
		    : 0;

		if (n <= 0)
			return 0;
		in->len += (size_t)n;
		if (first)
			deadline = clock_ms() + REQUEST_MS;
	}
	return request;
}

/* Answer a request; false: nothing more is to be had from who sends that, or reads so slowly. */
static bool
answer(int fd, struct policytalk *talk, char *text, size_t len)
{
	char storage[POLICYTALK_ANSWER_SIZE];
	struct policyrequest request;
	struct strbuf sb;

	if (!policyrequest_read(&request, text, len)) {
		counter_add(COUNTER_MTA_GARBAGE);
		return false;
	}
	strbuf_init(&sb, storage, sizeof(storage));
	policytalk_answer(talk, &request, &sb);
	return server_send_until(fd, sb.data, sb.len, clock_ms() + REQUEST_MS);
}

static void
converse(int fd, struct session_shared *shared)
{
	struct policytalk talk;
	struct input in = {.len = 0};
	size_t request;

	policytalk_begin(&talk, shared);
	while ((request = receive(fd, &in)) > 0 && answer(fd, &talk, in.text, request)) {
		in.len -= request;
		memmove(in.text, in.text + request, in.len);
	}
	policytalk_end(&talk);
}

/* A connection, on a thread of its own. */
static void
serve(int fd, void *arg)
{
	const struct policyserver *d = arg;

	workers_stay_out();
	if (!limit_enter(LIMIT_POLICY))
		return;
	converse(fd, d->shared);
	limit_leave(LIMIT_POLICY);
}

static bool
open_unix(struct policyserver *d, const struct conf *conf)
{
	if (!listening_unix(&d->place, conf->policy_path, 0600))
		return false;
	errno = 0;
	return process_give_socket(
	    conf->policy_path, conf->user, conf->socket_group, conf->socket_mode);
}

static bool
open_socket(struct policyserver *d, const struct conf *conf)
{
	const char *at = conf->policy;

	if (conf->policy_path != NULL)
		return open_unix(d, conf);
	(void)ascii_take(&at, "inet:");
	return (d->place.fd = listening_tcp(at)) >= 0;
}

struct policyserver *
policyserver_open(const struct conf *conf, struct session_shared *shared)
{
	struct policyserver *d = calloc(1, sizeof(*d));
	struct logline line;

	if (d == NULL || (d->server = server_new(NULL, 0, NULL)) == NULL) {
		free(d);
		return NULL;
	}
	d->shared = shared;
	limit_set(LIMIT_POLICY, CONNECTIONS_MAX, 0);
	if (open_socket(d, conf) && listen(d->place.fd, BACKLOG) == 0 &&
	    server_listen_other(
		d->server, d->place.fd, CONNECTIONS_MAX + TURNED_AWAY, serve, d))
		return d;
	logline_event(&line, "cannot-listen");
	logline_str(&line, "socket", conf->policy);
	logline_words(&line, "error", strerror(errno));
	logline_end(&line, LOG_LEVEL_ERROR);
	policyserver_close(d);
	return NULL;
}

bool
policyserver_start(struct policyserver *d)
{
	return d == NULL || server_start(d->server);
}

void
policyserver_close(struct policyserver *d)
{
	if (d == NULL)
		return;
	if (d->place.path != NULL)
		listening_remove(&d->place);
	server_free(d->server);
	free(d);
}
