/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * os/linkpath.c - a path is walked one name at a time; where a link points is walked in
 * the same way.
 */
#include "config.h"

#include "os/linkpath.h"

#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/strbuf.h"

#define DEPTH_MAX 16 /* links that are reached by links */

struct walk {
	void (*fn)(void *arg, const char *folder);
	void *arg;
	unsigned depth;
};

static void walk_path(struct walk *, const char *path);

/* Cut the last name off; false: there would be nothing but the root, or a name in it. */
static bool
cut_name(char *path)
{
	char *slash = strrchr(path, '/');

	if (slash == NULL || slash == path)
		return false;
	*slash = '\0';
	return strrchr(path, '/') != path;
}

/* A link to a file stands for one to its folder. */
static void
report(const struct walk *w, const char *link)
{
	char *real = realpath(link, NULL);
	struct stat st;

	if (real != NULL && stat(real, &st) == 0 && (S_ISDIR(st.st_mode) || cut_name(real)) &&
	    cut_name(real))
		w->fn(w->arg, real);
	free(real);
}

/* Walk to where a link points: from the folder that the link is in. */
static void
walk_link(struct walk *w, const char *link, const char *target)
{
	const char *slash = strrchr(link, '/');
	char path[PATH_MAX];
	struct strbuf sb;

	strbuf_init(&sb, path, sizeof(path));
	if (target[0] != '/' && slash != NULL)
		strbuf_addn(&sb, link, (size_t)(slash - link) + 1);
	strbuf_add(&sb, target);
	if (!sb.cut)
		walk_path(w, path);
}

static void
walk_path(struct walk *w, const char *path)
{
	char part[PATH_MAX], target[PATH_MAX];
	const char *end = path;
	struct strbuf sb;

	if (w->depth++ == DEPTH_MAX)
		return;
	while (*end != '\0') {
		ssize_t n;

		end += strspn(end, "/");
		end += strcspn(end, "/");
		strbuf_init(&sb, part, sizeof(part));
		strbuf_addn(&sb, path, (size_t)(end - path));
		n = sb.cut ? -1 : readlink(part, target, sizeof(target) - 1);
		if (n < 0)
			continue;
		target[n] = '\0';
		report(w, part);
		walk_link(w, part, target);
	}
	w->depth--;
}

void
linkpath_each(const char *path, void (*fn)(void *arg, const char *folder), void *arg)
{
	struct walk walk = {.fn = fn, .arg = arg};

	walk_path(&walk, path);
}
