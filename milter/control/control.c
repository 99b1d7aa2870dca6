/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * control/control.c - three sockets for three rights.  Who may connect is the right of the
 * file: where users are mapped, as systemd's PrivateUsers= does, a process cannot know who
 * is at the other end.
 */
#include "config.h"

#include "control/control.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/endpoint.h"
#include "base/log.h"
#include "base/strbuf.h"
#include "control/metrics.h"
#include "control/verbs.h"
#include "os/activation.h"
#include "os/process.h"

#define BACKLOG 16
#define SOCKETS 3
#define METRICS_CLIENTS 2 /* at a time */

/* Where a socket of ours is, and which. */
struct place {
	char *path;
	dev_t dev;
	ino_t ino;
};

/* What a socket may come from. */
struct source {
	const char *name; /* that the service manager knows it by */
	enum server_right right;
	const char *path, *group; /* NULL: we make none; it is given to no group */
};

struct control {
	struct verbs_context context;
	struct server *server;
	struct place place[SOCKETS];
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

/* Whether somebody listens there, or may; never waits. */
static bool
is_served(const struct sockaddr_un *sun)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	bool served = fd < 0 || connect(fd, (const struct sockaddr *)sun, sizeof(*sun)) == 0 ||
	    errno != ECONNREFUSED;

	if (fd >= 0)
		close(fd);
	return served;
}

/* Take away a socket that one which was killed has left, and nothing else. */
static bool
clear_place(const struct sockaddr_un *sun)
{
	struct stat st;

	if (lstat(sun->sun_path, &st) != 0)
		return errno == ENOENT;
	errno = EEXIST;
	if (!S_ISSOCK(st.st_mode))
		return false;
	if (is_served(sun)) {
		errno = EADDRINUSE;
		return false;
	}
	return unlink(sun->sun_path) == 0;
}

/* A socket that listens at a path, where nothing else is; -1: errno says why. */
static int
listen_at(const char *path)
{
	struct sockaddr_un sun = {.sun_family = AF_UNIX};
	mode_t mask;
	int fd;

	if (!strbuf_copy(sun.sun_path, sizeof(sun.sun_path), path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	if (!clear_place(&sun) || (fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) < 0)
		return -1;
	mask = umask(0177);
	if (bind(fd, (struct sockaddr *)&sun, sizeof(sun)) != 0 || listen(fd, BACKLOG) != 0) {
		close(fd);
		fd = -1;
	}
	umask(mask);
	return fd;
}

/* Take away what is ours, if it is there still. */
static void
remove_socket(const struct place *p)
{
	struct stat st;

	if (lstat(p->path, &st) == 0 && st.st_dev == p->dev && st.st_ino == p->ino)
		(void)unlink(p->path);
}

/* A socket that we make: at a path, for a group. */
static bool
make_socket(struct control *c, const struct conf *conf, const char *path, const char *group,
    enum server_right right)
{
	struct place *p = &c->place[c->n];
	struct stat st;
	int fd;

	if ((fd = listen_at(path)) < 0)
		return refuse(path, strerror(errno));
	if (!server_listen(c->server, fd, right) || lstat(path, &st) != 0 ||
	    (p->path = strdup(path)) == NULL) {
		(void)refuse(path, strerror(errno));
		(void)unlink(path);
		return false;
	}
	p->dev = st.st_dev;
	p->ino = st.st_ino;
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

/* A socket at a TCP port; -1: errno says why. */
static int
listen_tcp(const char *text)
{
	struct sockaddr_storage ss;
	struct endpoint at;
	unsigned len;
	int fd, on = 1;

	if (!endpoint_parse(&at, text, 0, false)) {
		errno = EINVAL;
		return -1;
	}
	len = endpoint_sockaddr(&at, &ss);
	if ((fd = socket(ss.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0)) < 0)
		return -1;
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(fd, (struct sockaddr *)&ss, len) == 0 && listen(fd, BACKLOG) == 0)
		return fd;
	close(fd);
	return -1;
}

/* What cannot be had here is no reason to do without the control sockets. */
static void
add_metrics(struct control *c, const char *at)
{
	int fd;

	if (at == NULL)
		return;
	if ((fd = listen_tcp(at)) < 0 ||
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
	for (unsigned i = 0; i < c->n; i++) {
		remove_socket(&c->place[i]);
		free(c->place[i].path);
	}
	server_free(c->server);
	free(c);
}
