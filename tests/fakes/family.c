/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * family.c - looks through /proc for children.  Slow, and good enough for tests.
 */
#include "config.h"

#include "fakes/family.h"

#include <ctype.h>
#include <dirent.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What a process says of itself: its name in brackets, a letter, its parent. */
static bool
read_stat(const char *pid, char name[32], char *state, pid_t *parent)
{
	char path[64], text[512], *end;
	long number;
	size_t len;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%.20s/stat", pid);
	if ((f = fopen(path, "r")) == NULL)
		return false;
	len = fread(text, 1, sizeof(text) - 1, f);
	fclose(f);
	text[len] = '\0';
	end = strrchr(text, ')');
	if (end == NULL || sscanf(end, ") %c %ld", state, &number) != 2 ||
	    sscanf(text, "%*d (%31[^)]", name) != 1)
		return false;
	*parent = (pid_t)number;
	return true;
}

static unsigned
look(pid_t wanted, pid_t *alive)
{
	DIR *dir = opendir("/proc");
	struct dirent *entry;
	unsigned size = 0;
	char name[32], state;
	pid_t parent;

	*alive = 0;
	while (dir != NULL && (entry = readdir(dir)) != NULL) {
		if (!isdigit((unsigned char)entry->d_name[0]) ||
		    !read_stat(entry->d_name, name, &state, &parent) || parent != wanted)
			continue;
		size++;
		if (state != 'Z')
			*alive = (pid_t)atol(entry->d_name);
	}
	if (dir != NULL)
		closedir(dir);
	return size;
}

pid_t
family_child(pid_t parent)
{
	pid_t alive;

	(void)look(parent, &alive);
	return alive;
}

unsigned
family_size(pid_t parent)
{
	pid_t alive;

	return look(parent, &alive);
}

bool
family_await(pid_t parent, unsigned size)
{
	for (int i = 0; i < 500; i++) {
		if (family_size(parent) == size)
			return true;
		poll(NULL, 0, 10);
	}
	return false;
}

const char *
family_name(pid_t pid, char name[32])
{
	char text[32], state;
	pid_t parent;

	snprintf(text, sizeof(text), "%ld", (long)pid);
	return read_stat(text, name, &state, &parent) ? name : "";
}
