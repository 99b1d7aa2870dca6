/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * control/control.c - two sockets for two rights.  Who may connect is the right of the
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

#include "base/log.h"
#include "base/strbuf.h"
#include "control/verbs.h"
#include "os/process.h"
#include "os/socketspec.h"

#define BACKLOG 16
#define SOCKETS 2

struct control {
	struct verbs_context context;
	struct server *server;
	char *path[SOCKETS]; /* to be taken away */
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

/* A socket that listens at a path, where nobody else does; -1: errno says why. */
static int
listen_at(const char *path)
{
	struct sockaddr_un sun = {.sun_family = AF_UNIX};
	char spec[SOCKETSPEC_MAX];
	mode_t mask;
	int fd;

	if (!strbuf_copy(sun.sun_path, sizeof(sun.sun_path), path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	snprintf(spec, sizeof(spec), "unix:%s", path);
	if (socketspec_poke(spec)) {
		errno = EADDRINUSE;
		return -1;
	}
	if ((fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) < 0)
		return -1;
	(void)unlink(path); /* left by one that was killed */
	mask = umask(0177);
	if (bind(fd, (struct sockaddr *)&sun, sizeof(sun)) != 0 || listen(fd, BACKLOG) != 0) {
		close(fd);
		fd = -1;
	}
	umask(mask);
	return fd;
}

static bool
add_socket(struct control *c, const struct conf *conf, const char *path, const char *group,
    enum server_right right)
{
	int fd;

	if (path == NULL)
		return true;
	if ((fd = listen_at(path)) < 0)
		return refuse(path, strerror(errno));
	if (!server_listen(c->server, fd, right) || (c->path[c->n] = strdup(path)) == NULL)
		return refuse(path, "out of memory");
	c->n++;
	return process_give_socket(path, conf->user, group, 0660);
}

bool
control_open(struct control **out, const struct conf *conf)
{
	const struct control_options *o = &conf->control;
	const struct server_verb *verbs;
	struct control *c;
	size_t n;

	*out = NULL;
	if (o->socket == NULL && o->status == NULL)
		return true;
	if ((c = calloc(1, sizeof(*c))) == NULL)
		return refuse("control", "out of memory");
	verbs = verbs_all(&n);
	c->server = server_new(verbs, n, &c->context);
	if (c->server != NULL && add_socket(c, conf, o->socket, o->group, RIGHT_CONTROL) &&
	    add_socket(c, conf, o->status, o->status_group, RIGHT_STATUS)) {
		*out = c;
		return true;
	}
	control_close(c);
	return false;
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
		(void)unlink(c->path[i]);
		free(c->path[i]);
	}
	server_free(c->server);
	free(c);
}
