/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * os/spawn.c - a process that forks children, and one above it that forks it anew
 * when it dies.  Both end when the daemon's end of their socket is closed.
 */
#include "config.h"

#include "os/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#if defined(__linux__)
#include <sys/prctl.h>
#include <sys/syscall.h>
#endif

#include "base/log.h"
#include "base/strbuf.h"
#include "os/process.h"

#define LINK 3 /* the one descriptor of these processes that leads anywhere */
#define OUR_NAME "relayguard-fork"
#define NAMES_MAX 64 /* of a user, and of a group, with the NUL */
#define AGAIN_S 1    /* between two that die */

/* As whom the children are to run; no name: as they are. */
struct who {
	char user[NAMES_MAX], group[NAMES_MAX];
};

/* A descriptor beside one byte, as it goes through a socket. */
struct parcel {
	struct msghdr head;
	struct iovec data;
	char byte;
	union {
		struct cmsghdr align;
		char space[CMSG_SPACE(sizeof(int))];
	} control;
};

static void
parcel_init(struct parcel *p)
{
	*p = (struct parcel){0};
	p->data = (struct iovec){.iov_base = &p->byte, .iov_len = 1};
	p->head = (struct msghdr){.msg_iov = &p->data,
	    .msg_iovlen = 1,
	    .msg_control = p->control.space,
	    .msg_controllen = sizeof(p->control.space)};
}

/* --- The processes --- */

#if !defined(HAVE_CLOSEFROM)
/* As glibc has it, and musl has not. */
static void
closefrom(int low)
{
	long most = sysconf(_SC_OPEN_MAX);

#if defined(SYS_close_range)
	if (syscall(SYS_close_range, low, ~0U, 0) == 0)
		return;
#endif
	for (long fd = low; fd < most; fd++)
		(void)close((int)fd);
}
#endif

/* Nothing of who started us but the socket, at a known place. */
static void
settle(int fd)
{
	int null = open("/dev/null", O_RDWR);

	for (int i = STDIN_FILENO; i <= STDERR_FILENO; i++)
		if (null < 0 || dup2(null, i) < 0)
			_exit(EX_OSERR);
	if (fd != LINK && dup2(fd, LINK) < 0)
		_exit(EX_OSERR);
	closefrom(LINK + 1);
	if (setsid() < 0 || chdir("/") != 0)
		_exit(EX_OSERR);
}

/*
 * Who stops the daemon by a signal to all of its processes has it end in order:
 * till then these go on.
 */
static void
ignore_signals(void)
{
	static const int ignored[] = {
	    SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2, SIGPIPE};
	sigset_t none;

	for (size_t i = 0; i < sizeof(ignored) / sizeof(ignored[0]); i++)
		signal(ignored[i], SIG_IGN);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

/*
 * The next child's socket, -1 if it could not be had: then its other end is told
 * so by that.  False: there will be no more.
 */
static bool
take(int *fd)
{
	struct parcel p;
	struct cmsghdr *c;
	ssize_t n;

	do {
		parcel_init(&p);
		n = recvmsg(LINK, &p.head, 0);
	} while (n < 0 && errno == EINTR);
	c = CMSG_FIRSTHDR(&p.head);
	*fd = -1;
	if (n > 0 && c != NULL && c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS &&
	    c->cmsg_len == CMSG_LEN(sizeof(int)))
		memcpy(fd, CMSG_DATA(c), sizeof(*fd));
	return n > 0;
}

static void
take_name(const char *name)
{
#if defined(__linux__)
	prctl(PR_SET_NAME, name);
#else
	(void)name;
#endif
}

static _Noreturn void
be_child(int fd, const char *name, void (*serve)(int fd))
{
	take_name(name);
	if (fd != LINK && dup2(fd, LINK) < 0)
		_exit(EX_OSERR);
	closefrom(LINK + 1);
	signal(SIGCHLD, SIG_DFL);
	serve(LINK);
	_exit(EX_SOFTWARE);
}

/* Fork as often as it is asked to; the system takes the dead away. */
static _Noreturn void
be_spawner(const char *name, void (*serve)(int fd))
{
	int fd;

	signal(SIGCHLD, SIG_IGN);
	while (take(&fd)) {
		if (fd < 0)
			continue;
		if (fork() == 0)
			be_child(fd, name, serve);
		close(fd);
	}
	_exit(EX_OK);
}

/* Become who we are to be, once we are told; until then there is nothing to do. */
static void
await_who(void)
{
	struct who who;
	ssize_t n;

	do
		n = recv(LINK, &who, sizeof(who), 0);
	while (n < 0 && errno == EINTR);
	if (n != (ssize_t)sizeof(who))
		_exit(EX_OK);
	who.user[NAMES_MAX - 1] = who.group[NAMES_MAX - 1] = '\0';
	if (!process_become(
		who.user[0] != '\0' ? who.user : NULL, who.group[0] != '\0' ? who.group : NULL))
		_exit(EX_NOPERM);
}

static void
give_up_privileges(void)
{
#if defined(__linux__)
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
	    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)
		_exit(EX_OSERR);
#endif
}

/* Whether the daemon is gone: nobody will ask for anything any more. */
static bool
is_abandoned(void)
{
	char byte;

	return recv(LINK, &byte, sizeof(byte), MSG_PEEK | MSG_DONTWAIT) == 0;
}

/*
 * The socket outlives a spawner that is killed, and what was asked of it; so
 * does its end when it has come to it.  Where there can be no spawner, that end is
 * seen here.
 */
static _Noreturn void
be_keeper(int fd, const char *name, void (*serve)(int fd))
{
	const struct timespec again = {.tv_sec = AGAIN_S};
	pid_t child;
	int status;

	settle(fd);
	take_name(OUR_NAME);
	ignore_signals();
	signal(SIGCHLD, SIG_DFL);
	await_who();
	give_up_privileges();
	for (;;) {
		if ((child = fork()) == 0)
			be_spawner(name, serve);
		while (child > 0 && waitpid(child, &status, 0) < 0)
			if (errno != EINTR)
				_exit(EX_OSERR);
		if ((child > 0 && WIFEXITED(status)) || is_abandoned())
			_exit(EX_OK);
		nanosleep(&again, NULL);
	}
}

/* --- The daemon --- */

static void
complain(const char *what)
{
	struct logline line;

	logline_event(&line, "cannot-spawn");
	logline_words(&line, "what", what);
	logline_words(&line, "error", strerror(errno));
	logline_end(&line, LOG_LEVEL_ERROR);
}

int
spawn_start(const char *name, void (*serve)(int fd))
{
	int ends[2];
	pid_t child;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends) != 0) {
		complain("socket");
		return -1;
	}
	fcntl(ends[0], F_SETFD, FD_CLOEXEC);
	child = fork();
	if (child == 0)
		be_keeper(ends[1], name, serve);
	if (child < 0) {
		complain("process");
		close(ends[0]);
		ends[0] = -1;
	}
	close(ends[1]);
	return ends[0];
}

bool
spawn_become(int spawner, const char *user, const char *group)
{
	struct who who = {0};
	bool good;

	good = strbuf_copy(who.user, sizeof(who.user), user != NULL ? user : "") &&
	    strbuf_copy(who.group, sizeof(who.group), group != NULL ? group : "");
	if (!good)
		errno = ENAMETOOLONG;
	if (good && send(spawner, &who, sizeof(who), MSG_NOSIGNAL) == (ssize_t)sizeof(who))
		return true;
	complain("user");
	return false;
}

/* Give away a descriptor, which stays open here. */
static bool
give(int spawner, int fd)
{
	struct parcel p;
	struct cmsghdr *c;

	parcel_init(&p);
	c = CMSG_FIRSTHDR(&p.head);
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(c), &fd, sizeof(fd));
	return sendmsg(spawner, &p.head, MSG_DONTWAIT | MSG_NOSIGNAL) == 1;
}

/* What is wrong is said once, until it is right again. */
static int
told(int fd)
{
	static atomic_bool failing;

	if (fd >= 0)
		atomic_store(&failing, false);
	else if (!atomic_exchange(&failing, true))
		complain("process");
	return fd;
}

int
spawn_child(int spawner)
{
	int ends[2], error;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends) != 0)
		return told(-1);
	/* The flag belongs to each end: the child waits for what it reads. */
	if (fcntl(ends[1], F_SETFL, 0) == 0 && give(spawner, ends[1])) {
		close(ends[1]);
		return told(ends[0]);
	}
	error = errno;
	close(ends[0]);
	close(ends[1]);
	errno = error;
	return told(-1);
}
