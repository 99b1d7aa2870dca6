/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * redisd.c - a Redis server for tests: its thread, its sockets, and what may be
 * asked of it.  What it says is in redisd_talk.c.
 */
#include "config.h"

#include "fakes/redisd_talk.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define DRIP_MS 50

static int64_t
now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static void
drop(struct client **c)
{
	close((*c)->fd);
	free(*c);
	*c = NULL;
}

static void
drop_all(struct redisd *d)
{
	for (size_t i = 0; i < CLIENTS; i++)
		if (d->client[i] != NULL)
			drop(&d->client[i]);
}

static void
welcome(struct redisd *d)
{
	int fd = accept(d->listener, NULL, NULL);
	size_t i;

	if (fd < 0)
		return;
	for (i = 0; i < CLIENTS && d->client[i] != NULL; i++)
		;
	if (i == CLIENTS || (d->client[i] = calloc(1, sizeof(struct client))) == NULL) {
		close(fd);
		return;
	}
	fcntl(fd, F_SETFL, O_NONBLOCK);
	d->client[i]->fd = fd;
	d->connections++;
}

/* Send what there is, or may be; false: the connection is over. */
static bool
speak(struct client *c)
{
	char flood[8192];
	size_t len = c->out - c->sent;
	ssize_t n;

	if (len == 0 && c->pouring) {
		memset(flood, 'x', sizeof(flood));
		return send(c->fd, flood, sizeof(flood), MSG_NOSIGNAL) >= 0 || errno == EAGAIN;
	}
	if (len > 0 && c->dripping) {
		if (now_ms() < c->next_drip)
			return true;
		c->next_drip = now_ms() + DRIP_MS;
		len = 1;
	}
	if (len > 0) {
		n = send(c->fd, c->outbuf + c->sent, len, MSG_NOSIGNAL);
		if (n < 0)
			return errno == EAGAIN;
		c->sent += (size_t)n;
	}
	if (c->sent < c->out)
		return true;
	c->sent = c->out = 0;
	return !c->closing;
}

static int
open_local(const char *path)
{
	struct sockaddr_un un = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	memcpy(un.sun_path, path, sizeof(un.sun_path));
	unlink(path);
	if (fd >= 0 && bind(fd, (const struct sockaddr *)&un, sizeof(un)) == 0)
		return fd;
	close(fd);
	return -1;
}

static int
open_listener(struct redisd *d)
{
	bool local = d->path[0] != '\0';
	int fd = local ? open_local(d->path) : heldport_socket(&d->port, SOCK_STREAM);

	if (fd >= 0 && listen(fd, 16) == 0 && fcntl(fd, F_SETFL, O_NONBLOCK) == 0)
		return fd;
	close(fd);
	return -1;
}

static void
close_listener(struct redisd *d)
{
	if (d->listener < 0)
		return;
	close(d->listener);
	d->listener = -1;
	if (d->path[0] != '\0')
		unlink(d->path);
}

/* Do what was wished for from outside. */
static void
obey(struct redisd *d)
{
	char bytes[16];

	while (read(d->wake[0], bytes, sizeof(bytes)) > 0)
		;
	if (d->listening && d->listener < 0)
		d->listener = open_listener(d);
	if (!d->listening)
		close_listener(d);
	if (d->hang_up || !d->listening)
		drop_all(d);
	d->hang_up = d->wish = false;
	pthread_cond_broadcast(&d->settled);
}

static short
interest(const struct client *c, int *timeout)
{
	bool waiting = c->out > c->sent;

	if (waiting && c->dripping) {
		*timeout = 5;
		waiting = false;
	}
	return waiting || c->pouring ? POLLIN | POLLOUT : POLLIN;
}

static void
wait_for_something(struct redisd *d, struct pollfd pfd[CLIENTS + 2])
{
	int timeout = -1;

	pfd[0] = (struct pollfd){.fd = d->wake[0], .events = POLLIN};
	pfd[1] = (struct pollfd){.fd = d->listener, .events = POLLIN};
	for (size_t i = 0; i < CLIENTS; i++) {
		pfd[i + 2] = (struct pollfd){.fd = -1};
		if (d->client[i] != NULL) {
			pfd[i + 2].fd = d->client[i]->fd;
			pfd[i + 2].events = interest(d->client[i], &timeout);
		}
	}
	pthread_mutex_unlock(&d->mutex);
	poll(pfd, CLIENTS + 2, timeout);
	pthread_mutex_lock(&d->mutex);
}

static void
serve(struct redisd *d, const struct pollfd pfd[CLIENTS + 2])
{
	for (size_t i = 0; i < CLIENTS; i++) {
		struct client *c = d->client[i];

		if (c == NULL)
			continue;
		if ((pfd[i + 2].revents & (POLLIN | POLLHUP | POLLERR)) != 0)
			redisd_hear(d, c);
		if (!speak(c))
			drop(&d->client[i]);
	}
	if ((pfd[1].revents & POLLIN) != 0)
		welcome(d);
	if ((pfd[0].revents & POLLIN) != 0)
		obey(d);
}

static void *
run(void *arg)
{
	struct redisd *d = arg;
	struct pollfd pfd[CLIENTS + 2];

	pthread_mutex_lock(&d->mutex);
	while (!d->stopping) {
		wait_for_something(d, pfd);
		serve(d, pfd);
	}
	drop_all(d);
	close_listener(d);
	pthread_mutex_unlock(&d->mutex);
	return NULL;
}

static void
nudge(struct redisd *d)
{
	ssize_t n = write(d->wake[1], "", 1);

	assert(n == 1 || errno == EAGAIN);
	(void)n;
}

static void
be_obeyed(struct redisd *d)
{
	d->wish = true;
	nudge(d);
	while (d->wish)
		pthread_cond_wait(&d->settled, &d->mutex);
}

struct redisd *
redisd_start(const char *path)
{
	struct redisd *d = calloc(1, sizeof(*d));

	if (d == NULL || (path != NULL && strlen(path) >= sizeof(d->path)) ||
	    !heldport_take(&d->port) || pipe(d->wake) != 0) {
		free(d);
		return NULL;
	}
	fcntl(d->wake[0], F_SETFL, O_NONBLOCK);
	fcntl(d->wake[1], F_SETFL, O_NONBLOCK);
	if (path != NULL)
		(void)snprintf(d->path, sizeof(d->path), "%s", path);
	pthread_mutex_init(&d->mutex, NULL);
	pthread_cond_init(&d->settled, NULL);
	d->listening = true;
	d->listener = open_listener(d);
	if (d->listener >= 0 && pthread_create(&d->thread, NULL, run, d) == 0)
		return d;
	close_listener(d);
	heldport_release(&d->port);
	close(d->wake[0]);
	close(d->wake[1]);
	free(d);
	return NULL;
}

void
redisd_stop(struct redisd *d)
{
	if (d == NULL)
		return;
	pthread_mutex_lock(&d->mutex);
	d->stopping = true;
	nudge(d);
	pthread_mutex_unlock(&d->mutex);
	pthread_join(d->thread, NULL);
	heldport_release(&d->port);
	close(d->wake[0]);
	close(d->wake[1]);
	for (size_t i = 0; i < d->nitems; i++) {
		free(d->item[i].key);
		free(d->item[i].value);
	}
	for (size_t i = 0; i < d->nentries; i++) {
		free(d->entry[i].key);
		free(d->entry[i].field);
		free(d->entry[i].value);
	}
	pthread_cond_destroy(&d->settled);
	pthread_mutex_destroy(&d->mutex);
	free(d);
}

uint16_t
redisd_port(const struct redisd *d)
{
	return d->port.port;
}

bool
redisd_behave(struct redisd *d, enum redisd_mode mode, bool always)
{
	bool good;

	pthread_mutex_lock(&d->mutex);
	d->mode = mode;
	d->always = always;
	d->listening = mode != REDISD_REFUSE;
	be_obeyed(d);
	good = d->listening == (d->listener >= 0);
	pthread_mutex_unlock(&d->mutex);
	return good;
}

void
redisd_require(struct redisd *d, const char *user, const char *password)
{
	pthread_mutex_lock(&d->mutex);
	(void)snprintf(d->user, sizeof(d->user), "%s", user != NULL ? user : "default");
	(void)snprintf(
	    d->password, sizeof(d->password), "%s", password != NULL ? password : "");
	pthread_mutex_unlock(&d->mutex);
}

void
redisd_say(struct redisd *d, const char *command, const char *text)
{
	size_t i;

	pthread_mutex_lock(&d->mutex);
	for (i = 0; i < SAYINGS - 1 && d->saying[i].command != NULL; i++)
		if (strcmp(d->saying[i].command, command) == 0)
			break;
	d->saying[i].command = command;
	d->saying[i].text = text;
	pthread_mutex_unlock(&d->mutex);
}

void
redisd_hang_up(struct redisd *d)
{
	pthread_mutex_lock(&d->mutex);
	d->hang_up = true;
	be_obeyed(d);
	pthread_mutex_unlock(&d->mutex);
}

void
redisd_put(struct redisd *d, unsigned db, const char *key, const char *value, size_t len)
{
	pthread_mutex_lock(&d->mutex);
	redisd_keep(d, db, key, strlen(key), value, len, 0);
	pthread_mutex_unlock(&d->mutex);
}

bool
redisd_get(struct redisd *d, unsigned db, const char *key, char *out, size_t size, long *ttl)
{
	const struct item *it;

	pthread_mutex_lock(&d->mutex);
	it = redisd_find(d, db, key, strlen(key));
	if (it != NULL) {
		(void)snprintf(out, size, "%s", it->value);
		*ttl = it->ttl;
	}
	pthread_mutex_unlock(&d->mutex);
	return it != NULL;
}

unsigned
redisd_count(struct redisd *d, const char *command)
{
	unsigned n = 0;

	pthread_mutex_lock(&d->mutex);
	if (command == NULL)
		n = d->connections;
	for (size_t i = 0; command != NULL && i < COMMANDS; i++)
		if (strcasecmp(d->count[i].name, command) == 0)
			n = d->count[i].n;
	pthread_mutex_unlock(&d->mutex);
	return n;
}
