/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * os/process.c - background, lock, pid file, user.  All of it happens once, at
 * the start, before there is a thread that could be surprised.
 */
#include "config.h"

#include "os/process.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/log.h"
#include "base/number.h"
#include "os/folder.h"

#define WHY_MAX 300

static int starter = -1; /* the pipe to who started us and waits */

static bool
fail(const char *event, const char *what, const char *error)
{
	struct logline line;

	logline_event(&line, event);
	logline_str(&line, "what", what);
	logline_words(&line, "error", error);
	logline_end(&line, LOG_LEVEL_ERROR);
	return false;
}

/* The exit code of the process that it is left to; 71 (EX_OSERR) if it dies first. */
static _Noreturn void
wait_for_code(int fd)
{
	unsigned char code = EX_OSERR;
	ssize_t n;

	do
		n = read(fd, &code, 1);
	while (n < 0 && errno == EINTR);
	_exit(code);
}

bool
process_detach(void)
{
	int codes[2], null;
	pid_t child;

	fflush(NULL);
	if (pipe(codes) < 0 || (child = fork()) < 0)
		return fail("cannot-detach", "fork", strerror(errno));
	if (child > 0) {
		close(codes[1]);
		wait_for_code(codes[0]);
	}
	close(codes[0]);
	fcntl(codes[1], F_SETFD, FD_CLOEXEC);
	starter = codes[1];
	if (setsid() < 0 || chdir("/") < 0 || (null = open("/dev/null", O_RDWR)) < 0)
		return fail("cannot-detach", "/dev/null", strerror(errno));
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		dup2(null, fd);
	if (null > STDERR_FILENO)
		close(null);
	return true;
}

void
process_settle(int code)
{
	unsigned char byte = (unsigned char)code;

	if (starter < 0)
		return;
	if (write(starter, &byte, 1) != 1)
		log_error(LOG_LEVEL_WARNING, "cannot-detach", strerror(errno));
	close(starter);
	starter = -1;
}

/*
 * The descriptor is left open on purpose: the lock goes with the process.
 * flock(2) belongs to the open file, so it outlives a fork.
 */
bool
process_lock(const char *path)
{
	char why[WHY_MAX];
	int fd = folder_open_file(path, 0600, why, sizeof(why));

	if (fd < 0)
		return fail("cannot-lock", path, why);
	if (flock(fd, LOCK_EX | LOCK_NB) == 0)
		return true;
	close(fd);
	return fail("cannot-lock", path,
	    errno == EWOULDBLOCK ? "another relayguard is running here" : strerror(errno));
}

bool
process_write_pid(const char *path)
{
	char why[WHY_MAX];
	int fd = folder_open_file(path, 0644, why, sizeof(why));
	bool good;

	if (fd < 0)
		return fail("cannot-write-pid", path, why);
	good = ftruncate(fd, 0) == 0 && dprintf(fd, "%ld\n", (long)getpid()) > 0;
	good = close(fd) == 0 && good;
	return good || fail("cannot-write-pid", path, strerror(errno));
}

/* Nobody is told where that is not to be done: it is the end. */
void
process_remove_pid(const char *path)
{
	char why[WHY_MAX];
	const char *name;
	int folder = folder_open(path, &name, why, sizeof(why));

	if (folder == FOLDER_NONE)
		return;
	(void)unlinkat(folder, name, 0);
	folder_close(folder);
}

/* Numbers for names; a NULL name leaves the number as it is.  False: logged, as event. */
static bool
resolve(const char *event, const char *user, const char *group, uid_t *uid, gid_t *gid)
{
	struct passwd *pw;
	struct group *gr;

	if (user != NULL) {
		if ((pw = getpwnam(user)) == NULL)
			return fail(event, user, "no such user");
		*uid = pw->pw_uid;
		*gid = pw->pw_gid;
	}
	if (group != NULL) {
		if ((gr = getgrnam(group)) == NULL)
			return fail(event, group, "no such group");
		*gid = gr->gr_gid;
	}
	return true;
}

static int memory_fd = -1; /* of /proc/self/statm, which a sandbox does not show */

bool
process_watch_memory(void)
{
	memory_fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
	return memory_fd >= 0;
}

uint64_t
process_resident(void)
{
	char text[128];
	ssize_t n = memory_fd >= 0 ? pread(memory_fd, text, sizeof(text) - 1, 0) : -1;
	const char *at = text;
	int64_t pages;

	if (n <= 0)
		return 0;
	text[n] = '\0';
	(void)number_read(&at, INT32_MAX); /* all, then what is in memory */
	at += *at == ' ';
	pages = number_read(&at, INT32_MAX);
	return pages > 0 ? (uint64_t)pages * (uint64_t)sysconf(_SC_PAGESIZE) : 0;
}

bool
process_knows(const char *user, const char *group)
{
	uid_t uid;
	gid_t gid;

	return resolve("cannot-become", user, group, &uid, &gid);
}

/*
 * The socket itself is held, and not its name: in a folder of the user's, that may be
 * another file's from one moment to the next; but for its mode where there is no
 * /proc.  NULL: it is done.
 */
static const char *
give_away(int folder, const char *name, uid_t uid, gid_t gid, mode_t mode)
{
	int fd = openat(folder, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	char self[32];
	struct stat st;
	const char *why = NULL;

	snprintf(self, sizeof(self), "/proc/self/fd/%d", fd);
	if (fd < 0 || fstat(fd, &st) != 0)
		why = strerror(errno);
	else if (!S_ISSOCK(st.st_mode))
		why = "it is no socket any more";
	else if (fchownat(fd, "", uid, gid, AT_EMPTY_PATH) != 0 ||
	    (chmod(self, mode) != 0 && fchmodat(folder, name, mode, AT_SYMLINK_NOFOLLOW) != 0))
		why = strerror(errno);
	if (fd >= 0)
		close(fd);
	return why;
}

bool
process_give_socket(const char *path, const char *user, const char *group, unsigned mode)
{
	uid_t uid = (uid_t)-1;
	gid_t gid = (gid_t)-1;
	char text[WHY_MAX];
	const char *name, *why = text;
	int folder;

	if (geteuid() != 0)
		user = NULL;
	if (!resolve("cannot-give-socket", user, group, &uid, &gid))
		return false;
	if (group == NULL)
		gid = (gid_t)-1; /* a setgid directory may have given it one */
	folder = folder_open(path, &name, text, sizeof(text));
	if (folder != FOLDER_NONE)
		why = give_away(folder, name, uid, gid, (mode_t)mode);
	folder_close(folder);
	return why == NULL || fail("cannot-give-socket", path, why);
}

bool
process_become(const char *user, const char *group)
{
	uid_t uid = geteuid();
	gid_t gid = getegid();

	if (user == NULL || !resolve("cannot-become", user, group, &uid, &gid))
		return user == NULL;
	if (geteuid() != 0)
		return uid == geteuid() || fail("cannot-become", user, "only root can");
	if (initgroups(user, gid) != 0 || setgid(gid) != 0 || setuid(uid) != 0)
		return fail("cannot-become", user, strerror(errno));
	/* A way back would make it pointless. */
	if (uid != 0 && setuid(0) == 0)
		return fail("cannot-become", user, "root could be had again");
	return true;
}
