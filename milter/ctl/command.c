/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ctl/command.c - a child and a pipe; the child has a group of its own, so that whatever it
 * starts ends with it.
 */
#include "config.h"

#include "ctl/command.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/output.h"
#include "base/strbuf.h"
#include "os/process.h"

#define MISSING 126 /* of the child: it could not begin */
#define PATH_SYSTEM "/usr/sbin:/usr/bin:/sbin:/bin"
#define CHUNK 4096

struct job {
	int (*fn)(const void *arg);
	const void *arg;
	bool talks; /* what it writes is of interest */
	const struct command_user *user;
};

/* The system's own programs are not in everybody's PATH. */
static void
widen_path(void)
{
	const char *path = getenv("PATH");
	char wide[PATH_MAX];
	struct strbuf sb;

	strbuf_init(&sb, wide, sizeof(wide));
	if (path != NULL && path[0] != '\0')
		strbuf_addf(&sb, "%s:", path);
	strbuf_add(&sb, PATH_SYSTEM);
	(void)setenv("PATH", sb.cut ? PATH_SYSTEM : wide, 1);
}

static int
exec_program(const void *argv)
{
	char *const *words = argv;

	widen_path();
	execvp(words[0], words);
	return MISSING;
}

static _Noreturn void
be_child(const struct job *job, int out)
{
	int null = open("/dev/null", O_RDWR);

	(void)setpgid(0, 0);
	if (null < 0 || dup2(null, STDIN_FILENO) < 0 || dup2(null, STDOUT_FILENO) < 0 ||
	    dup2(null, STDERR_FILENO) < 0)
		_exit(MISSING);
	if (job->user->user != NULL && !process_become(job->user->user, job->user->group))
		_exit(MISSING);
	if (job->talks && (dup2(out, STDOUT_FILENO) < 0 || dup2(out, STDERR_FILENO) < 0))
		_exit(MISSING);
	_exit(job->fn(job->arg));
}

/* Read until the end of the output; false: the deadline came first. */
static bool
read_output(int fd, struct strbuf *out, int64_t deadline)
{
	char chunk[CHUNK];
	ssize_t n = 1;

	while (n != 0) {
		struct pollfd p = {.fd = fd, .events = POLLIN};
		int64_t left = deadline - clock_ms();

		if (left <= 0 || poll(&p, 1, left < INT_MAX ? (int)left : INT_MAX) == 0)
			return false;
		n = read(fd, chunk, sizeof(chunk));
		if (n < 0 && errno != EINTR)
			return false;
		for (ssize_t i = 0; i < n; i++)
			if (chunk[i] != '\0')
				strbuf_addc(out, chunk[i]);
	}
	return true;
}

/* The pipe ends with the child, which has one more descriptor of it than it knows of. */
static int
collect(pid_t child, int fd, struct strbuf *out, int64_t deadline)
{
	bool ended = read_output(fd, out, deadline);
	int status;

	if (!ended)
		(void)kill(-child, SIGKILL);
	while (waitpid(child, &status, 0) < 0)
		if (errno != EINTR)
			return COMMAND_MISSING;
	if (!ended)
		return COMMAND_LATE;
	if (!WIFEXITED(status))
		return 128 + WTERMSIG(status);
	return WEXITSTATUS(status) == MISSING ? COMMAND_MISSING : WEXITSTATUS(status);
}

static int
run(const struct job *job, int64_t deadline, char *out, size_t size)
{
	struct strbuf sb;
	int fds[2], status;
	pid_t child;

	strbuf_init(&sb, out, size);
	if (pipe(fds) != 0)
		return COMMAND_MISSING;
	output_flush();
	(void)fflush(NULL);
	child = fork();
	if (child == 0) {
		close(fds[0]);
		be_child(job, fds[1]);
	}
	close(fds[1]);
	status = COMMAND_MISSING;
	if (child > 0) {
		(void)setpgid(child, child);
		status = collect(child, fds[0], &sb, deadline);
	}
	close(fds[0]);
	return status;
}

int
command_run(const char *const *argv, const struct command_user *user, int64_t deadline,
    char *out, size_t size)
{
	return run(&(struct job){.fn = exec_program, .arg = argv, .talks = true, .user = user},
	    deadline, out, size);
}

int
command_call(int (*fn)(const void *arg), const void *arg, const struct command_user *user,
    int64_t deadline)
{
	char none[1];

	return run(
	    &(struct job){.fn = fn, .arg = arg, .user = user}, deadline, none, sizeof(none));
}
