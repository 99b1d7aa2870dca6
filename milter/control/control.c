/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * control/control.c - three sockets for three rights.  Who may connect is the right of the
 * file: where users are mapped, as systemd's PrivateUsers= does, a process cannot know who
 * is at the other end.
 */
#include "config.h"

#include "control/control.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "control/metrics.h"
#include "control/verbs.h"
#include "os/activation.h"
#include "os/listening.h"
#include "os/process.h"

#define SOCKETS 3
#define METRICS_CLIENTS 2 /* at a time */

/* What a socket may come from. */
struct source {
	const char *name; /* that the service manager knows it by */
	enum server_right right;
	const char *path, *group; /* NULL: we make none; it is given to no group */
};

struct control {
	struct verbs_context context;
	struct server *server;
	struct listening place[SOCKETS];
	unsigned n;
};

static bool
refuse(const char *path, const char *error)
{
	struct logline line;

	logline_event(&line, "cannot-listen");
	logline_str(&line, "socket", path);
	logline_words(&line, "error", error);
	logline_end(&line, LOG_LEVEL_ERROR);
	return false;
}

/* A socket that we make: at a path, for a group. */
static bool
make_socket(struct control *c, const struct conf *conf, const char *path, const char *group,
    enum server_right right)
{
	struct listening *l = &c->place[c->n];

	if (!listening_unix(l, path, 0600))
		return refuse(path, strerror(errno));
	if (!server_listen(c->server, l->fd, right)) {
		listening_remove(l);
		return refuse(path, strerror(errno));
	}
	c->n++;
	return process_give_socket(path, conf->user, group, 0660);
}

/* One that the service manager has made is taken instead of one of ours. */
static bool
add_socket(struct control *c, const struct conf *conf, const struct source *from)
{
	int fd = activation_socket(from->name);

	if (fd >= 0)
		return server_listen(c->server, fd, from->right);
	return from->path == NULL || make_socket(c, conf, from->path, from->group, from->right);
}

/* What cannot be had here is no reason to do without the control sockets. */
static void
add_metrics(struct control *c, const char *at)
{
	int fd;

	if (at == NULL)
		return;
	if ((fd = listening_tcp(at)) < 0 ||
	    !server_listen_other(c->server, fd, METRICS_CLIENTS, metrics_talk, &c->context))
		refuse(at, strerror(errno));
}

static bool
add_sockets(struct control *c, const struct conf *conf)
{
	const struct control_options *o = &conf->control;
	const struct source from[SOCKETS] = {
	    {"control", RIGHT_CONTROL, o->socket, o->group},
	    {"status", RIGHT_STATUS, o->status, o->status_group},
	    {"page", RIGHT_PAGE, o->page, o->page_group},
	};

	for (unsigned i = 0; i < SOCKETS; i++)
		if (!add_socket(c, conf, &from[i]))
			return false;
	add_metrics(c, o->metrics);
	return server_listens(c->server);
}

struct control *
control_open(const struct conf *conf)
{
	const struct server_verb *verbs;
	struct control *c = calloc(1, sizeof(*c));
	size_t n;

	if (c == NULL)
		return NULL;
	verbs = verbs_all(&n);
	if ((c->server = server_new(verbs, n, &c->context)) != NULL && add_sockets(c, conf))
		return c;
	control_close(c);
	return NULL;
}

bool
control_start(struct control *c, const struct verbs_context *context)
{
	if (c == NULL)
		return true;
	c->context = *context;
	return server_start(c->server);
}

void
control_close(struct control *c)
{
	if (c == NULL)
		return;
	for (unsigned i = 0; i < c->n; i++)
		listening_remove(&c->place[i]);
	server_free(c->server);
	free(c);
}
