/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_sandbox.c - what can be done in the sandbox, and what cannot: each row in
 * a process of its own, which says by its end what has become of it.
 */
#include "config.h"

#include "os/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "tap.h"

/* How a row ends where the system has that part of the sandbox. */
enum outcome { DONE, FORBIDDEN, KILLED };
enum part { NO_PART, FILES, CALLS };

/* Where libc goes by socketcall(2), seccomp does not see what a socket is to be. */
#if defined(__i386__)
#define ODD_SOCKET DONE
#define CAGED_SOCKET FORBIDDEN /* no descriptor is left for it */
#else
#define ODD_SOCKET FORBIDDEN
#define CAGED_SOCKET KILLED
#endif

static char folder[] = "/tmp/test_sandbox.XXXXXX";
static char near_file[64], far_file[64], run_file[64];

static bool
reads(const char *path)
{
	int fd = open(path, O_RDONLY);

	return fd >= 0 && close(fd) == 0;
}

static bool
read_near(void)
{
	return reads(near_file);
}

static bool
read_system(void)
{
	return reads("/etc/passwd") && reads("/dev/null");
}

static bool
read_far(void)
{
	return reads(far_file);
}

static bool
write_near(void)
{
	int fd = open(near_file, O_WRONLY);

	return fd >= 0 && close(fd) == 0;
}

static bool
make_file(void)
{
	int fd = open("/tmp/test_sandbox.new", O_WRONLY | O_CREAT, 0600);

	return fd >= 0 && close(fd) == 0 && unlink("/tmp/test_sandbox.new") == 0;
}

static bool
remove_run(void)
{
	return unlink(run_file) == 0;
}

static bool
remove_near(void)
{
	return unlink(near_file) == 0;
}

static void *
say_nothing(void *arg)
{
	return arg;
}

static bool
thread(void)
{
	pthread_t id;

	return pthread_create(&id, NULL, say_nothing, NULL) == 0 && pthread_join(id, NULL) == 0;
}

static bool
opens_socket(int family, int type)
{
	int fd = socket(family, type, 0);

	return fd >= 0 && close(fd) == 0;
}

static bool
usual_socket(void)
{
	return opens_socket(AF_INET, SOCK_DGRAM) && opens_socket(AF_INET6, SOCK_STREAM) &&
	    opens_socket(AF_UNIX, SOCK_STREAM);
}

/* One that anybody may open outside of the sandbox. */
static bool
odd_socket(void)
{
#if defined(AF_NETLINK)
	return opens_socket(AF_NETLINK, SOCK_RAW);
#else
	return errno = EPERM, false;
#endif
}

static bool
signal_others(void)
{
	return kill(getppid(), 0) == 0;
}

static bool
run_program(void)
{
	char name[] = "true";
	char *argv[] = {name, NULL};

	execv("/bin/true", argv);
	return false;
}

static const struct {
	const char *label;
	bool (*act)(void);
	enum part part;
	enum outcome want;
} rows[] = {
    {"a file that was named is read", read_near, NO_PART, DONE},
    {"so are the system's", read_system, NO_PART, DONE},
    {"a file of the run folder is removed", remove_run, NO_PART, DONE},
    {"a thread is started", thread, NO_PART, DONE},
    {"sockets of the usual kinds are opened", usual_socket, NO_PART, DONE},
    {"a file that nobody named is not read", read_far, FILES, FORBIDDEN},
    {"what is read is not written", write_near, FILES, FORBIDDEN},
    {"nor removed", remove_near, FILES, FORBIDDEN},
    {"no file is made", make_file, FILES, FORBIDDEN},
    {"no other socket is opened", odd_socket, CALLS, ODD_SOCKET},
    {"other processes get no signal", signal_others, CALLS, FORBIDDEN},
    {"a program is not run", run_program, CALLS, KILLED},
};

static void
enter(void)
{
	struct sandbox box;

	sandbox_begin(&box);
	sandbox_may_read(&box, near_file);
	sandbox_may_read(&box, "/nonexistent/folder/file");
	sandbox_may_remove(&box, run_file);
	sandbox_enter(&box);
}

/* What becomes of act() in the sandbox. */
static enum outcome
outcome_of(bool (*act)(void))
{
	pid_t child;
	int status = 0;

	fflush(NULL);
	if ((child = fork()) == 0) {
		enter();
		errno = 0;
		if (act())
			_exit(DONE);
		_exit(errno == EPERM || errno == EACCES ? FORBIDDEN : 100);
	}
	waitpid(child, &status, 0);
	if (WIFSIGNALED(status))
		return WTERMSIG(status) == SIGSYS ? KILLED : 100;
	return WEXITSTATUS(status);
}

/* What the sandbox says of itself is in the log; which parts are there. */
static void
announcement(bool has[CALLS + 1])
{
	FILE *stream = tmpfile();
	char text[1000];
	int status = 0;
	pid_t child;

	fflush(NULL);
	if ((child = fork()) == 0) {
		log_to_stream(stream);
		enter();
		_exit(0);
	}
	waitpid(child, &status, 0);
	rewind(stream);
	text[fread(text, 1, sizeof(text) - 1, stream)] = '\0';
	fclose(stream);
	same_num(status, 0, "the sandbox is entered");
	ok(strstr(text, "event=sandbox no-new-privs=") != NULL, "and says so: %.*s",
	    (int)strcspn(text, "\n"), text);
	has[NO_PART] = true;
	has[FILES] = strstr(text, "landlock=no") == NULL;
	has[CALLS] = strstr(text, "seccomp=no") == NULL;
	ok(has[CALLS] || strstr(text, " why=") != NULL, "it says why it lacks a part");
}

/* What a part forbids is not forbidden where it is not; programs are files, too. */
static enum outcome
wanted(size_t i, const bool has[CALLS + 1])
{
	if (has[rows[i].part])
		return rows[i].want;
	return rows[i].want == KILLED && has[FILES] ? FORBIDDEN : DONE;
}

/* --- In the cage --- */

#define CAGE_MEMORY (128UL * 1024 * 1024)

static int ends[2];

static bool
calculate(void)
{
	char *text = malloc(1 << 20);
	bool good =
	    text != NULL && send(ends[0], "x", 1, 0) == 1 && recv(ends[1], text, 1, 0) == 1;

	free(text);
	return good && clock() != (clock_t)-1;
}

static bool
read_any(void)
{
	return reads("/dev/null");
}

static bool
signal_itself(void)
{
	return kill(getpid(), 0) == 0;
}

static bool
fork_one(void)
{
	pid_t child = fork();

	if (child == 0)
		_exit(0);
	return child > 0;
}

static bool
map_program(void)
{
	return mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS,
		   -1, 0) != MAP_FAILED;
}

/* Too much of it is not to be had, and nothing else comes of that. */
static bool
be_large(void)
{
	void *volatile block = malloc(CAGE_MEMORY);
	bool had = block != NULL;

	free(block);
	return !had;
}

/* The daemon's sandbox lets it do some of these. */
static const struct {
	const char *label;
	bool (*act)(void);
	enum outcome want;
} caged[] = {
    {"in a cage there is memory, time and what is open", calculate, DONE},
    {"but not much memory", be_large, DONE},
    {"no file", read_any, KILLED},
    {"no socket", usual_socket, CAGED_SOCKET},
    {"no thread", thread, KILLED},
    {"no process", fork_one, KILLED},
    {"no signal", signal_itself, KILLED},
    {"no program", run_program, KILLED},
    {"no memory for one", map_program, KILLED},
};

static enum outcome
outcome_in_cage(bool (*act)(void))
{
	pid_t child;
	int status = 0;

	fflush(NULL);
	if ((child = fork()) == 0) {
		if (!sandbox_cage(CAGE_MEMORY, 10))
			_exit(100);
		_exit(act() ? DONE : FORBIDDEN);
	}
	waitpid(child, &status, 0);
	if (WIFSIGNALED(status))
		return WTERMSIG(status) == SIGSYS ? KILLED : 100;
	return WEXITSTATUS(status);
}

/* Who never ends is ended. */
static void
test_time(void)
{
	int status = 0;
	pid_t child;

	if ((child = fork()) == 0) {
		if (!sandbox_cage(CAGE_MEMORY, 1))
			_exit(0);
		for (volatile unsigned i = 0;; i++)
			continue;
	}
	waitpid(child, &status, 0);
	ok(WIFSIGNALED(status), "nor has it much time");
}

/* Without seccomp, limits alone hold it back. */
static void
test_cage(bool seccomp)
{
	if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends) != 0)
		return;
	for (size_t i = 0; seccomp && i < sizeof(caged) / sizeof(caged[0]); i++)
		same_num(outcome_in_cage(caged[i].act), caged[i].want, caged[i].label);
	if (!seccomp) {
		same_num(outcome_in_cage(calculate), DONE, caged[0].label);
		same_num(outcome_in_cage(read_any), FORBIDDEN, "a file cannot be opened");
	}
	close(ends[0]);
	close(ends[1]);
	test_time();
}

static void
make(char path[64], const char *name, int number)
{
	int fd;

	snprintf(path, 64, "%s/%s", folder, name);
	mkdir(path, 0700);
	snprintf(path, 64, "%s/%s/%d", folder, name, number);
	fd = open(path, O_WRONLY | O_CREAT, 0600);
	close(fd);
}

int
main(void)
{
	bool has[CALLS + 1];
	char command[64];

	if (mkdtemp(folder) == NULL)
		return 99;
	make(near_file, "near", 1);
	make(far_file, "far", 1);
	make(run_file, "run", 1);
	announcement(has);
	log_to_stream(tmpfile());
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		same_num(outcome_of(rows[i].act), wanted(i, has), rows[i].label);
	test_cage(has[CALLS]);
	snprintf(command, sizeof(command), "rm -rf %s", folder);
	return done() | (system(command) != 0);
}
