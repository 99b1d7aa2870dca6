/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * orphans.c - run a test: orphans PROGRAM [ARGUMENT ...].  Its exit code is ours,
 * unless it leaves processes behind: that is a failure, and they are killed.
 */
#include "config.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#if defined(__linux__)
#include <sys/prctl.h>
#endif

#define STEP_MS 20
#define STEPS 250 /* five seconds: some are just ending */

/* What has lost its parent becomes our child, where that can be had. */
static void
adopt(void)
{
#if defined(__linux__)
	prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
#endif
}

static int
run(char *argv[])
{
	pid_t child = fork();
	int status;

	if (child == 0) {
		execvp(argv[0], argv);
		_exit(EX_UNAVAILABLE);
	}
	if (child < 0)
		return EX_OSERR;
	while (waitpid(child, &status, 0) < 0)
		if (errno != EINTR)
			return EX_OSERR;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* Take away what has ended; whether there is anything else. */
static bool
is_anybody_left(void)
{
	pid_t pid;

	while ((pid = waitpid(-1, NULL, WNOHANG)) > 0)
		;
	return pid == 0;
}

static bool
is_child(const char *name)
{
	char path[300], line[300], state;
	long parent = 0;
	FILE *stat;

	snprintf(path, sizeof(path), "/proc/%s/stat", name);
	if ((stat = fopen(path, "r")) == NULL)
		return false;
	if (fgets(line, sizeof(line), stat) != NULL && strrchr(line, ')') != NULL)
		(void)sscanf(strrchr(line, ')'), ") %c %ld", &state, &parent);
	fclose(stat);
	return parent == (long)getpid();
}

static void
kill_children(void)
{
	DIR *all = opendir("/proc");
	const struct dirent *entry;

	while (all != NULL && (entry = readdir(all)) != NULL) {
		long pid = strtol(entry->d_name, NULL, 10);

		if (pid > 1 && is_child(entry->d_name))
			kill((pid_t)pid, SIGKILL);
	}
	if (all != NULL)
		closedir(all);
}

int
main(int argc, char *argv[])
{
	const struct timespec step = {.tv_nsec = STEP_MS * 1000000L};
	bool left;
	int code;

	if (argc < 2)
		return EX_USAGE;
	adopt();
	code = run(argv + 1);
	for (int i = 0; (left = is_anybody_left()) && i < STEPS; i++)
		nanosleep(&step, NULL);
	if (!left)
		return code;
	fprintf(stderr, "%s leaves processes behind\n", argv[1]);
	while (is_anybody_left()) {
		kill_children();
		nanosleep(&step, NULL);
	}
	return code != 0 ? code : EX_SOFTWARE;
}
