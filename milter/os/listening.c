/* SPDX-License-Identifier: BSD-2-Clause */
/* os/listening.c - what is not ours is neither taken away nor listened at. */
#include "config.h"

#include "os/listening.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/endpoint.h"
#include "base/strbuf.h"

#define BACKLOG 16

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

static int
listen_at(const char *path, mode_t mode)
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
	mask = umask(0777 & ~mode);
	if (bind(fd, (struct sockaddr *)&sun, sizeof(sun)) != 0 || listen(fd, BACKLOG) != 0) {
		close(fd);
		fd = -1;
	}
	umask(mask);
	return fd;
}

bool
listening_unix(struct listening *l, const char *path, mode_t mode)
{
	struct stat st;

	if ((l->fd = listen_at(path, mode)) < 0)
		return false;
	if (lstat(path, &st) != 0 || (l->path = strdup(path)) == NULL) {
		(void)unlink(path);
		close(l->fd);
		return false;
	}
	l->dev = st.st_dev;
	l->ino = st.st_ino;
	return true;
}

void
listening_remove(struct listening *l)
{
	struct stat st;

	if (lstat(l->path, &st) == 0 && st.st_dev == l->dev && st.st_ino == l->ino)
		(void)unlink(l->path);
	free(l->path);
	l->path = NULL;
}

int
listening_tcp(const char *text)
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
