/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * os/folder.c - a path is walked from the root, one folder at a time; each is held open,
 * so that nobody can put another in its place behind our back.
 */
#include "config.h"

#include "os/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/strbuf.h"

#define LINKS_MAX 40

#if !defined(O_PATH)
#define O_PATH O_RDONLY
#endif

struct walk {
	int fd;              /* as far as it has come */
	char rest[PATH_MAX]; /* what is still to be walked */
	unsigned links;
	struct strbuf *why;
};

static bool
fail(struct walk *w, const char *name, const char *what)
{
	strbuf_addf(w->why, "%s %s", name, what);
	return false;
}

static bool
go_to(struct walk *w, const char *name, int flags)
{
	int fd = openat(w->fd, name, O_PATH | O_DIRECTORY | O_CLOEXEC | flags);

	if (fd < 0)
		return fail(w, name, strerror(errno));
	folder_close(w->fd);
	w->fd = fd;
	return true;
}

/* Whether nobody but root can have put a link where it is. */
static bool
is_trusted(int folder, const struct stat *link)
{
	struct stat st;
	bool others;

	if (fstat(folder, &st) != 0 || st.st_uid != 0)
		return false;
	others = (st.st_mode & S_IWOTH) != 0 || ((st.st_mode & S_IWGRP) != 0 && st.st_gid != 0);
	return !others || ((st.st_mode & S_ISVTX) != 0 && link->st_uid == 0);
}

/* Walk on from where a link points. */
static bool
follow(struct walk *w, const char *name, const struct stat *st)
{
	char target[PATH_MAX], rest[PATH_MAX];
	struct strbuf sb;
	ssize_t n;

	if (!is_trusted(w->fd, st))
		return fail(w, name, "is a symbolic link that root must not follow");
	n = readlinkat(w->fd, name, target, sizeof(target) - 1);
	if (n < 0 || ++w->links > LINKS_MAX)
		return fail(w, name, strerror(n < 0 ? errno : ELOOP));
	target[n] = '\0';
	strbuf_init(&sb, rest, sizeof(rest));
	strbuf_addf(&sb, "%s/%s", target, w->rest);
	if (sb.cut)
		return fail(w, name, strerror(ENAMETOOLONG));
	strbuf_copy(w->rest, sizeof(w->rest), rest);
	return target[0] != '/' || go_to(w, "/", 0);
}

/* Walk one name on; *done: there is no other. */
static bool
step(struct walk *w, bool *done)
{
	char name[NAME_MAX + 1];
	size_t skip = strspn(w->rest, "/"), len = strcspn(w->rest + skip, "/");
	struct stat st;

	*done = len == 0;
	if (len == 0)
		return true;
	if (len > NAME_MAX)
		return fail(w, w->rest, strerror(ENAMETOOLONG));
	memcpy(name, w->rest + skip, len);
	name[len] = '\0';
	memmove(w->rest, w->rest + skip + len, strlen(w->rest + skip + len) + 1);
	if (fstatat(w->fd, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
		return fail(w, name, strerror(errno));
	return S_ISLNK(st.st_mode) ? follow(w, name, &st) : go_to(w, name, O_NOFOLLOW);
}

static int
walk_all(struct walk *w)
{
	bool good = go_to(w, "/", 0), done = false;

	while (good && !done)
		good = step(w, &done);
	if (good)
		return w->fd;
	folder_close(w->fd);
	return FOLDER_NONE;
}

int
folder_open(const char *path, const char **name, char *why, size_t whysize)
{
	const char *slash = strrchr(path, '/');
	struct walk walk = {.fd = AT_FDCWD};
	struct strbuf message, folder;

	*name = path;
	if (geteuid() != 0 || slash == NULL)
		return AT_FDCWD;
	*name = slash + 1;
	strbuf_init(&message, why, whysize);
	strbuf_init(&folder, walk.rest, sizeof(walk.rest));
	strbuf_addn(&folder, path, (size_t)(slash - path));
	walk.why = &message;
	if (!folder.cut)
		return walk_all(&walk);
	strbuf_add(&message, strerror(ENAMETOOLONG));
	return FOLDER_NONE;
}

void
folder_close(int folder)
{
	if (folder >= 0)
		close(folder);
}

/* What is against writing to what has been opened; NULL: nothing. */
static const char *
fault_of(int fd)
{
	struct stat st;

	if (fd < 0)
		return errno == ELOOP || errno == EMLINK ? "it is a symbolic link"
							 : strerror(errno);
	if (fstat(fd, &st) != 0)
		return strerror(errno);
	if (!S_ISREG(st.st_mode))
		return "it is no regular file";
	return st.st_nlink == 1 ? NULL : "it is the file of another name, too";
}

int
folder_open_file(const char *path, mode_t mode, char *why, size_t whysize)
{
	const char *name, *fault;
	int folder = folder_open(path, &name, why, whysize), fd;

	if (folder == FOLDER_NONE)
		return -1;
	/* Without waiting for who reads a FIFO. */
	fd = openat(folder, name,
	    O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, mode);
	fault = fault_of(fd);
	folder_close(folder);
	if (fault == NULL)
		return fd;
	snprintf(why, whysize, "%s", fault);
	if (fd >= 0)
		close(fd);
	return -1;
}
