/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_spawn.c - children that are asked for, and what becomes of them, and of
 * who forks them, when one of them dies.
 */
#include "config.h"

#include "os/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"
#include "fakes/family.h"
#include "os/sandbox.h"
#include "tap.h"

#define NAME "test-child"
#define DESCRIPTORS 1024
#define MANY 40

/* What a child says of itself. */
struct report {
	pid_t pid, session;
	int descriptors;
	bool blocks;
};

/* Say so, once, and again for each byte; end when there are none. */
static void
serve(int fd)
{
	struct report r = {.pid = getpid(), .session = getsid(0)};
	char byte;

	for (int i = 0; i < DESCRIPTORS; i++)
		r.descriptors += fcntl(i, F_GETFD) >= 0;
	r.blocks = (fcntl(fd, F_GETFL) & O_NONBLOCK) == 0;
	do
		(void)send(fd, &r, sizeof(r), MSG_NOSIGNAL);
	while (recv(fd, &byte, 1, 0) == 1);
	_exit(0);
}

/* The next report; false: end of file, or nothing for ten seconds. */
static bool
hear(int fd, struct report *r)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};

	return poll(&p, 1, 10000) == 1 && recv(fd, r, sizeof(*r), 0) == (ssize_t)sizeof(*r);
}

/* Whether a child can be had, which says something. */
static bool
has_child(int spawner)
{
	int fd = spawn_child(spawner);
	struct report r;
	bool good = fd >= 0 && hear(fd, &r);

	if (fd >= 0)
		close(fd);
	return good;
}

/* Nobody at all would be everybody. */
static bool
slay(pid_t pid)
{
	return pid > 1 && kill(pid, SIGKILL) == 0;
}

static int
start(void)
{
	int spawner = spawn_start(NAME, serve);

	ok(spawn_become(spawner, NULL, NULL), "it is told to stay who it is");
	return spawner;
}

/* It ends by itself once nobody can ask it. */
static void
stop(int spawner, int want, const char *label)
{
	int status = -1;

	close(spawner);
	ok(wait(&status) > 0 && WIFEXITED(status), "%s", label);
	same_num(WEXITSTATUS(status), want, label);
}

static void
test_child(int spawner)
{
	int fd = spawn_child(spawner), flags;
	struct report r = {0};
	char name[32];

	flags = fcntl(fd, F_GETFL);
	ok(fd >= 0 && (flags & O_NONBLOCK) != 0 && fcntl(fd, F_GETFD) == FD_CLOEXEC,
	    "our end does not block, and is closed on exec");
	ok(hear(fd, &r), "a child speaks");
	same_num(r.descriptors, 4, "it has nothing open but /dev/null and its socket");
	ok(r.blocks, "which it waits for");
	ok(r.session != getsid(0), "a signal of our terminal does not reach it");
	same_str(family_name(r.pid, name), NAME, "ps tells its name");
	ok(send(fd, "", 1, 0) == 1 && hear(fd, &r), "it hears what it is told");
	ok(slay(r.pid) && !hear(fd, &r), "its death is end of file");
	close(fd);
	ok(has_child(spawner), "another one is had");
}

static void
test_many(int spawner)
{
	pid_t forker = family_child(family_child(getpid()));
	int fds[MANY];
	struct report r;
	unsigned good = 0;

	for (int i = 0; i < MANY; i++)
		fds[i] = spawn_child(spawner);
	for (int i = 0; i < MANY; i++)
		good += fds[i] >= 0 && hear(fds[i], &r);
	same_num(good, MANY, "many are had at once");
	for (int i = 0; i < MANY; i++)
		close(fds[i]);
	ok(family_await(forker, 0), "and all of them end, and are taken away");
}

static void
test_signals(int spawner)
{
	static const int signals[] = {SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGUSR1, SIGPIPE};
	pid_t keeper = family_child(getpid()), forker = family_child(keeper);
	int fd = spawn_child(spawner);
	struct report r = {0};
	bool good = hear(fd, &r);

	for (size_t i = 0; good && i < sizeof(signals) / sizeof(signals[0]); i++)
		good = forker > 1 && kill(keeper, signals[i]) == 0 &&
		    kill(forker, signals[i]) == 0 && kill(r.pid, signals[i]) == 0;
	good = good && send(fd, "", 1, 0) == 1 && hear(fd, &r);
	ok(good, "what stops the daemon does not stop a child while the daemon lives");
	ok(has_child(spawner), "nor who forks them");
	close(fd);
}

/* What the log of a step is. */
static unsigned
lines_with(FILE *stream, const char *word)
{
	char line[LOG_LINE_MAX + 2];
	unsigned n = 0;

	rewind(stream);
	while (fgets(line, sizeof(line), stream) != NULL)
		n += strstr(line, word) != NULL;
	return n;
}

static void
test_death(int spawner)
{
	pid_t keeper = family_child(getpid()), forker;
	FILE *stream = tmpfile();
	struct report r;
	int fd = spawn_child(spawner), status;

	log_to_stream(stream);
	ok(hear(fd, &r), "a child speaks");
	forker = family_child(keeper);
	ok(slay(forker), "who forks is killed");
	for (int i = 0; i < 500 && kill(forker, 0) == 0; i++)
		poll(NULL, 0, 10);
	ok(send(fd, "", 1, 0) == 1 && hear(fd, &r), "its child goes on");
	close(fd);
	ok(has_child(spawner), "what is asked then is done by a new one");
	ok(has_child(spawner), "and more");
	ok(slay(keeper) && waitpid(keeper, &status, 0) == keeper,
	    "who watches over it is killed");
	ok(has_child(spawner), "who forks goes on");
	same_num(lines_with(stream, "cannot-spawn"), 0, "nothing of it is an error");
	log_to_stream(stderr);
	fclose(stream);
}

/* Nobody is left who could fork. */
static void
test_end(void)
{
	int spawner = start(), status, fd;
	pid_t keeper, forker;
	FILE *stream = tmpfile();

	log_to_stream(stream);
	ok(has_child(spawner), "a child is had");
	keeper = family_child(getpid());
	forker = family_child(keeper);
	ok(slay(keeper) && waitpid(keeper, &status, 0) == keeper && slay(forker),
	    "both are killed");
	/* One that was forked just before may still hold the socket. */
	for (int i = 0; i < 500 && (fd = spawn_child(spawner)) >= 0; i++) {
		close(fd);
		poll(NULL, 0, 10);
	}
	same_num(spawn_child(spawner), -1, "after that there is no child");
	same_num(spawn_child(spawner), -1, "and will be none");
	same_num(lines_with(stream, "event=cannot-spawn"), 1, "which is logged once");
	log_to_stream(stderr);
	fclose(stream);
	close(spawner);
}

static void
test_who(void)
{
	char name[100];
	int spawner, fd;
	struct report r;

	memset(name, 'x', sizeof(name));
	name[sizeof(name) - 1] = '\0';
	spawner = spawn_start(NAME, serve);
	ok(!spawn_become(spawner, name, NULL), "a name can be too long");
	fd = spawn_child(spawner);
	ok(fd < 0 || !hear(fd, &r), "who is told nobody's name forks nobody");
	close(fd);
	stop(spawner, 0, "and ends");
	spawner = spawn_start(NAME, serve);
	ok(spawn_become(spawner, "no-such-user-here", NULL), "it is told to be nobody known");
	fd = spawn_child(spawner);
	ok(fd < 0 || !hear(fd, &r), "it forks nobody either");
	close(fd);
	stop(spawner, 77, "and ends");
	stop(spawn_start(NAME, serve), 0, "it ends with who never says a word");
}

static void
test_sandbox(int spawner)
{
	struct sandbox box;
	int status = -1;
	pid_t child;

	fflush(NULL);
	if ((child = fork()) == 0) {
		log_to_stream(fopen("/dev/null", "w"));
		sandbox_begin(&box);
		sandbox_enter(&box);
		_exit(has_child(spawner) ? 0 : 1);
	}
	waitpid(child, &status, 0);
	same_num(status, 0, "children are had from within the sandbox");
}

int
main(void)
{
	int spawner = start();

	log_to_stream(stderr);
	test_child(spawner);
	test_sandbox(spawner);
	test_many(spawner);
	test_signals(spawner);
	stop(spawner, 0, "it ends when nobody can ask it");
	spawner = start();
	test_death(spawner);
	close(spawner);
	test_end();
	test_who();
	return done();
}
