/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * dns/stream.c - a connection of libevent that carries packets, each behind its length.
 */
#include "config.h"

#include "dns/stream.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <stdlib.h>

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>

#include "dns/server.h"

#define LENGTH_SIZE 2
#define PACKET_MAX (LENGTH_SIZE + 65535)

struct dnsstream {
	struct bufferevent *connection;
	dnsstream_fn *fn;
	loop_fn *after;
	void *arg;
};

/* The size of the next packet with its length; 0: it is not all there. */
static size_t
next_packet(struct evbuffer *input)
{
	unsigned char length[LENGTH_SIZE];
	size_t size;

	if (evbuffer_copyout(input, length, sizeof(length)) != (ev_ssize_t)sizeof(length))
		return 0;
	size = sizeof(length) + (size_t)(length[0] << 8 | length[1]);
	return evbuffer_get_length(input) >= size ? size : 0;
}

static void
end(struct dnsstream *s)
{
	loop_fn *after = s->after;
	void *arg = s->arg;

	s->fn(arg, NULL, 0);
	after(arg);
}

static void
on_read(struct bufferevent *connection, void *arg)
{
	struct evbuffer *input = bufferevent_get_input(connection);
	struct dnsstream *s = arg;
	size_t size;

	while ((size = next_packet(input)) > 0) {
		unsigned char *data = evbuffer_pullup(input, (ev_ssize_t)size);

		if (data == NULL) {
			end(s);
			return;
		}
		s->fn(s->arg, data + LENGTH_SIZE, size - LENGTH_SIZE);
		evbuffer_drain(input, size);
	}
	s->after(s->arg);
}

static void
on_event(struct bufferevent *connection, short what, void *arg)
{
	(void)connection;
	if ((what & (BEV_EVENT_EOF | BEV_EVENT_ERROR)) != 0)
		end(arg);
}

struct dnsstream *
dnsstream_new(
    struct loop *loop, const char *server, dnsstream_fn *fn, loop_fn *after, void *arg)
{
	struct sockaddr_storage address;
	size_t size = dnsserver_socket(&address, server);
	struct dnsstream *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return NULL;
	s->fn = fn;
	s->after = after;
	s->arg = arg;
	/* What a callback does is done later, not within the call that caused it. */
	s->connection = bufferevent_socket_new(
	    loop_base(loop), -1, BEV_OPT_CLOSE_ON_FREE | BEV_OPT_DEFER_CALLBACKS);
	if (size == 0 || s->connection == NULL ||
	    bufferevent_enable(s->connection, EV_READ | EV_WRITE) != 0 ||
	    bufferevent_socket_connect(s->connection, (struct sockaddr *)&address, (int)size) !=
		0) {
		dnsstream_free(s);
		return NULL;
	}
	bufferevent_setcb(s->connection, on_read, NULL, on_event, s);
	bufferevent_setwatermark(s->connection, EV_READ, 0, 2 * PACKET_MAX);
	return s;
}

bool
dnsstream_send(struct dnsstream *s, const unsigned char *packet, size_t len)
{
	const unsigned char length[LENGTH_SIZE] = {
	    (unsigned char)(len >> 8), (unsigned char)len};

	return bufferevent_write(s->connection, length, sizeof(length)) == 0 &&
	    bufferevent_write(s->connection, packet, len) == 0;
}

void
dnsstream_free(struct dnsstream *s)
{
	if (s == NULL)
		return;
	if (s->connection != NULL)
		bufferevent_free(s->connection);
	free(s);
}
