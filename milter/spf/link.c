/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * spf/link.c - messages over a socket that keeps them apart.  The process is not
 * to be trusted, as what strangers wrote may have taken it over: a packet that is
 * not exactly a message ends it.
 */
#include "config.h"

#include "spf/link.h"

#include <sys/socket.h>
#include <sys/types.h>

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include <event2/event.h>

#include "loop/loop.h"
#include "os/spawn.h"

struct spflink {
	int fd;
	struct event *readable;
	spflink_heard *heard;
	spflink_ended *ended;
	void *arg;
	unsigned char packet[SPFWIRE_MAX + 1];
};

/* One message a time, as the link may be freed with it. */
static void
on_readable(evutil_socket_t fd, short what, void *arg)
{
	struct spflink *link = arg;
	ssize_t n = recv(fd, link->packet, sizeof(link->packet), MSG_DONTWAIT);
	struct spf_message message;

	(void)what;
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n > 0 && n <= SPFWIRE_MAX && spfwire_read(&message, link->packet, (size_t)n)) {
		link->heard(link->arg, &message);
		return;
	}
	event_del(link->readable);
	link->ended(link->arg);
}

struct spflink *
spflink_new(
    struct loop *loop, int spawner, spflink_heard *heard, spflink_ended *ended, void *arg)
{
	struct spflink *link = calloc(1, sizeof(*link));

	if (link == NULL)
		return NULL;
	link->heard = heard;
	link->ended = ended;
	link->arg = arg;
	link->fd = spawn_child(spawner);
	if (link->fd >= 0)
		link->readable = event_new(
		    loop_base(loop), link->fd, EV_READ | EV_PERSIST, on_readable, link);
	if (link->readable == NULL || event_add(link->readable, NULL) != 0) {
		spflink_free(link);
		return NULL;
	}
	return link;
}

bool
spflink_send(struct spflink *link, const struct spf_message *message)
{
	unsigned char packet[SPFWIRE_MAX];
	size_t len = spfwire_write(packet, message);

	return len > 0 &&
	    send(link->fd, packet, len, MSG_DONTWAIT | MSG_NOSIGNAL) == (ssize_t)len;
}

void
spflink_free(struct spflink *link)
{
	if (link == NULL)
		return;
	if (link->readable != NULL)
		event_free(link->readable);
	if (link->fd >= 0)
		close(link->fd);
	free(link);
}
