/* SPDX-License-Identifier: BSD-2-Clause */
/* test_linkpath.c - where links may lead once they are switched. */
#include "config.h"

#include "os/linkpath.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tap.h"

static char top[PATH_MAX];

static const struct {
	const char *target, *name;
} links[] = {
    {"releases/7", "current"},
    {"releases/7/conf", "conf"},
    {"current/conf", "chain"},
    {"%s/elsewhere/deny", "releases/7/deny"},
    {"round", "round"},
    {"nowhere/conf", "dangling"},
    {"/dev/null", "device"},
};

static const struct {
	const char *label, *path, *folders;
} rows[] = {
    {"no link", "releases/7/conf", ""},
    {"a folder is a link", "current/conf", "/releases "},
    {"the file is one", "conf", "/releases "},
    {"a link by way of a link", "chain", "/releases /releases "},
    {"links to two places", "current/deny", "/releases  "},
    {"one that leads to itself", "round", ""},
    {"one that leads nowhere", "dangling", ""},
    {"one to what is in a folder in the root", "device", ""},
    {"no such file", "nothing/conf", ""},
};

static void
make_file(const char *name)
{
	char path[PATH_MAX + 64];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", top, name);
	if ((file = fopen(path, "w")) == NULL)
		abort();
	fclose(file);
}

static void
make(void)
{
	static const char *const folders[] = {"releases", "releases/7", "elsewhere"};
	char path[PATH_MAX + 64], target[PATH_MAX + 64];

	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", top, folders[i]);
		if (mkdir(path, 0700) != 0)
			abort();
	}
	make_file("releases/7/conf");
	make_file("elsewhere/deny");
	for (size_t i = 0; i < sizeof(links) / sizeof(links[0]); i++) {
		bool absolute = links[i].target[0] == '%';

		snprintf(target, sizeof(target), "%s%s", absolute ? top : "",
		    links[i].target + (absolute ? 2 : 0));
		snprintf(path, sizeof(path), "%s/%s", top, links[i].name);
		if (symlink(target, path) != 0)
			abort();
	}
}

/* Append a folder, without the name of ours. */
static void
append(void *arg, const char *folder)
{
	char *text = arg;
	size_t len = strlen(text);

	snprintf(text + len, 1000 - len, "%s ",
	    strncmp(folder, top, strlen(top)) == 0 ? folder + strlen(top) : folder);
}

int
main(void)
{
	char base[] = "/tmp/relayguard-linkpath.XXXXXX", command[PATH_MAX + 16];
	char path[PATH_MAX + 64], got[1000];

	if (mkdtemp(base) == NULL || realpath(base, top) == NULL)
		return 1;
	make();
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", top, rows[i].path);
		got[0] = '\0';
		linkpath_each(path, append, got);
		same_str(got, rows[i].folders, rows[i].label);
	}
	snprintf(command, sizeof(command), "rm -r %s", top);
	return system(command) == 0 ? done() : 1;
}
