/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * loop/throttle.c - put a socket that nobody connects to in the place of the listening
 * one, and back.  The system always gives the lowest free descriptor: while the
 * one at four fifths of them is free they are not counted.
 */
#include "config.h"

#include "loop/throttle.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/loglimit.h"

#define SEARCHED 256 /* descriptors looked at: the socket is among the first */
#define SHUT_MS 1000 /* at least: who fills it again and again gains little */
#define LOOK_MS 10   /* how long a look at the descriptors may do */
#define GLANCES 100  /* and for one in so many of the descriptors */
#define COUNTED 512  /* descriptors at once */

static struct {
	pthread_mutex_t lock; /* held while the socket moves */
	int place;            /* where libmilter has its socket; -1: no throttle */
	int real, idle;       /* the listening socket, and the one nobody knows of */
	int files;
	atomic_bool shut, over;
	atomic_llong shut_until;
	atomic_int last;         /* what was seen then */
	atomic_int glances;      /* that the last look is good for */
	atomic_llong good_until; /* and for how long */
	struct loglimit reported[SHORTAGE_TOTAL + 1];
} throttle = {.lock = PTHREAD_MUTEX_INITIALIZER, .place = -1};

static int
find_listener(void)
{
	for (int fd = 0; fd < SEARCHED; fd++) {
		int listens = 0;
		socklen_t len = sizeof(listens);

		if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &len) == 0 && listens)
			return fd;
	}
	return -1;
}

static int
make_idle(void)
{
	struct sockaddr_in sin = {.sin_family = AF_INET};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd >= 0 && bind(fd, (struct sockaddr *)&sin, sizeof(sin)) == 0 &&
	    listen(fd, 1) == 0)
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}

bool
throttle_init(uint64_t files)
{
	int place = find_listener();

	throttle.files = files < INT_MAX ? (int)files : INT_MAX;
	throttle.real = place >= 0 ? fcntl(place, F_DUPFD_CLOEXEC, 0) : -1;
	throttle.idle = throttle.real >= 0 ? make_idle() : -1;
	if (throttle.idle >= 0) {
		throttle.place = place;
		return true;
	}
	log_error(LOG_LEVEL_ERROR, "no-gate", strerror(errno));
	if (throttle.real >= 0)
		close(throttle.real);
	return false;
}

/* How many descriptors are in use; poll(2) tells which are not. */
static int
count_used(int files)
{
	struct pollfd fds[COUNTED];
	int used = 0;

	for (int first = 0; first < files; first += COUNTED) {
		nfds_t n = 0;

		for (int fd = first; n < COUNTED && fd < files; fd++)
			fds[n++] = (struct pollfd){.fd = fd};
		(void)poll(fds, n, 0);
		while (n > 0)
			used += (fds[--n].revents & POLLNVAL) == 0;
	}
	return used;
}

unsigned
throttle_count_files(uint64_t files)
{
	return (unsigned)count_used(files < INT_MAX ? (int)files : INT_MAX);
}

/* The same, where it matters; lower ones may be free again while most are in use. */
static int
estimate_used(void)
{
	int near = throttle.files / 5 * 4 - 1;
	int fd = fcntl(throttle.real, F_DUPFD_CLOEXEC, near);

	if (fd >= 0)
		close(fd);
	return fd == near ? 0 : count_used(throttle.files);
}

static enum shortage
judge(int used)
{
	static const int percent[] = {0, 80, 90, 95};
	enum shortage shortage = SHORTAGE_TOTAL;

	while (shortage > SHORTAGE_NONE &&
	    (int64_t)used * 100 < (int64_t)throttle.files * percent[shortage])
		shortage--;
	return shortage;
}

/* libmilter waits at the other socket, for five seconds at most: wake it. */
static void
wake_listener(void)
{
	struct sockaddr_in sin;
	socklen_t len = sizeof(sin);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return;
	if (getsockname(throttle.idle, (struct sockaddr *)&sin, &len) == 0)
		(void)connect(fd, (struct sockaddr *)&sin, sizeof(sin));
	close(fd);
}

/* By listening anew, for who waits there could not be accepted without a descriptor. */
static void
empty_idle(void)
{
	(void)shutdown(throttle.idle, SHUT_RDWR);
	(void)listen(throttle.idle, 1);
}

static void
move_socket(bool shut)
{
	pthread_mutex_lock(&throttle.lock);
	if (atomic_load(&throttle.shut) != shut && !(shut && atomic_load(&throttle.over))) {
		if (shut)
			empty_idle();
		atomic_store(&throttle.shut_until, clock_ms() + SHUT_MS);
		atomic_store(&throttle.shut, shut);
		dup2(shut ? throttle.idle : throttle.real, throttle.place);
		if (!shut)
			wake_listener();
	}
	pthread_mutex_unlock(&throttle.lock);
}

/* Once a minute for each degree of it. */
static void
report(enum shortage shortage, int used)
{
	struct logline line;

	if (loglimit_count(&throttle.reported[shortage], LOGLIMIT_MINUTE_MS) == 0)
		return;
	logline_event(&line, "files-short");
	logline_num(&line, "used", used);
	logline_num(&line, "max", throttle.files);
	logline_str(&line, "accepting", shortage == SHORTAGE_TOTAL ? "no" : "yes");
	logline_end(&line, LOG_LEVEL_WARNING);
}

/* Not everybody need look again at once. */
static void
keep(enum shortage shortage)
{
	atomic_store(&throttle.last, shortage);
	atomic_store(&throttle.glances, throttle.files / GLANCES);
	atomic_store(&throttle.good_until, clock_ms() + LOOK_MS);
}

enum shortage
throttle_check(void)
{
	enum shortage shortage;
	int used;

	if (throttle.place < 0)
		return SHORTAGE_NONE;
	used = estimate_used();
	shortage = judge(used);
	if (shortage != SHORTAGE_NONE)
		report(shortage, used);
	if (shortage == SHORTAGE_TOTAL && !atomic_load(&throttle.shut))
		move_socket(true);
	if (shortage < SHORTAGE_HERE && atomic_load(&throttle.shut) &&
	    clock_ms() >= atomic_load(&throttle.shut_until))
		move_socket(false);
	keep(shortage);
	return shortage;
}

enum shortage
throttle_check_now(void)
{
	if (atomic_fetch_sub(&throttle.glances, 1) > 0 &&
	    clock_ms() < atomic_load(&throttle.good_until))
		return (enum shortage)atomic_load(&throttle.last);
	return throttle_check();
}

bool
throttle_is_closed(void)
{
	return atomic_load(&throttle.shut);
}

void
throttle_open(void)
{
	atomic_store(&throttle.over, true);
	if (throttle.place >= 0)
		move_socket(false);
}
