/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * web/connections.c - who is there, the eldest first.  Mostly a request is there when its
 * connection is, and its answer goes to the system whole: then nobody waits for an event.
 */
#include "config.h"

#include "web/connections.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <unistd.h>

#include <event2/event.h>

#include "base/clock.h"
#include "loop/loop.h"
#include "web/arrival.h"
#include "web/makers.h"
#include "web/reader.h"

#define BACKLOG 1024 /* a proxy does not wait where a unix socket has no more room */
#define ACCEPTED_A_TURN 64
#define SWEEP_MS 250 /* between two looks for whose time is over */
#define DRAIN_MS \
	2000 /* for what a reader has sent too much: unread, it would cost the answer */
#define DRAIN_MAX (1U << 20) /* bytes of that */

enum state {
	STATE_READING,
	STATE_MAKING,
	STATE_SENDING,
	STATE_DRAINING,
};

struct connection {
	struct connections *all;
	TAILQ_ENTRY(connection) next;
	int fd;
	enum state state;
	int64_t deadline;
	struct ipaddr network; /* of the reader; empty: not known */
	struct event *event;   /* NULL: nothing is waited for */
	struct call made;      /* back to the I/O thread */
	int64_t put;           /* when a maker was asked */
	int status;
	struct reader_answer answer;
	size_t sent, drained;
	struct arrival arrival;
};

struct connections {
	const struct site *site;
	const char *const *languages;
	unsigned nlanguages;
	struct loop *loop;
	struct makers *makers;
	struct event *listener;
	struct timer *sweep;
	bool sweeping, short_of_files;
	TAILQ_HEAD(connection_list, connection) list; /* the eldest first */
	unsigned n;
};

static void on_event(evutil_socket_t, short, void *);

static void
drop(struct connection *c)
{
	struct connections *all = c->all;

	TAILQ_REMOVE(&all->list, c, next);
	all->n--;
	if (c->event != NULL)
		event_free(c->event);
	close(c->fd);
	free(c->answer.text);
	free(c);
}

static void
forget_event(struct connection *c)
{
	if (c->event != NULL)
		event_free(c->event);
	c->event = NULL;
}

/* Wait for what the state takes; false: memory is out. */
static bool
await(struct connection *c, short what)
{
	if (c->event != NULL)
		return true;
	c->event =
	    event_new(loop_base(c->all->loop), c->fd, (short)(what | EV_PERSIST), on_event, c);
	return c->event != NULL && event_add(c->event, NULL) == 0;
}

/* --- The answer --- */

/* What is still on its way from the reader is read, so that the answer gets there. */
static void
drain(struct connection *c)
{
	static char text[16384];

	for (;;) {
		ssize_t n = recv(c->fd, text, sizeof(text), 0);

		if (n > 0 && (c->drained += (size_t)n) < DRAIN_MAX)
			continue;
		if (n >= 0 || (errno != EAGAIN && errno != EINTR) || !await(c, EV_READ))
			drop(c);
		return;
	}
}

static void
end(struct connection *c)
{
	if (c->arrival.whole) {
		drop(c);
		return;
	}
	forget_event(c);
	(void)shutdown(c->fd, SHUT_WR);
	c->state = STATE_DRAINING;
	c->deadline = clock_ms() + DRAIN_MS;
	drain(c);
}

static void
send_rest(struct connection *c)
{
	while (c->sent < c->answer.len) {
		ssize_t n = send(
		    c->fd, c->answer.text + c->sent, c->answer.len - c->sent, MSG_NOSIGNAL);

		if (n >= 0) {
			c->sent += (size_t)n;
		} else if (errno != EINTR) {
			if (errno != EAGAIN || !await(c, EV_WRITE))
				drop(c);
			return;
		}
	}
	end(c);
}

static void
send_answer(struct connection *c)
{
	if (c->answer.text == NULL) {
		drop(c);
		return;
	}
	c->state = STATE_SENDING;
	c->deadline = clock_ms() + CONNECTIONS_MS;
	send_rest(c);
}

/* --- Its making --- */

static void
on_made(void *arg)
{
	send_answer(arg);
}

/* Thread of a maker's. */
static void
make(void *arg)
{
	struct connection *c = arg;

	if (clock_ms() - c->put > DAEMON_MS)
		c->status = 503;
	c->answer = reader_make(c->all->site, &c->arrival.request, c->status);
	loop_post(c->all->loop, &c->made, on_made, c);
}

static void
answer(struct connection *c, int status)
{
	const struct web_request *r = &c->arrival.request;

	forget_event(c);
	c->status = status;
	c->put = clock_ms();
	c->state = STATE_MAKING;
	if (reader_waits(r, status)) {
		if (makers_put(c->all->makers, c))
			return;
		c->status = 503;
	}
	c->answer = reader_make(c->all->site, r, c->status);
	send_answer(c);
}

/* --- The request --- */

static void
read_some(struct connection *c)
{
	struct arrival *a = &c->arrival;

	for (;;) {
		ssize_t n = recv(c->fd, a->text + a->len, arrival_room(a), 0);
		int status;

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			if (n == 0 || errno != EAGAIN || !await(c, EV_READ))
				drop(c);
			return;
		}
		status = arrival_take(
		    a, (size_t)n, c->all->site->proxy, c->all->languages, c->all->nlanguages);
		if (status == 0)
			continue;
		if (ipaddr_is_global(&c->network))
			a->request.reader = c->network;
		answer(c, status);
		return;
	}
}

static void
on_event(evutil_socket_t fd, short what, void *arg)
{
	struct connection *c = arg;

	(void)fd;
	(void)what;
	if (c->state == STATE_READING)
		read_some(c);
	else if (c->state == STATE_SENDING)
		send_rest(c);
	else
		drain(c);
}

/* --- Who comes, and who has to go --- */

/* Nobody who does what a reader does is long in these. */
static bool
may_go(const struct connection *c)
{
	return c->state == STATE_READING || c->state == STATE_DRAINING;
}

static bool
is_of(const struct connection *c, const struct ipaddr *network)
{
	return network == NULL ||
	    (network->bits != 0 && ipaddr_compare(&c->network, network) == 0);
}

/* Make room for one more of a network, or of all (NULL), of whom there may be so many.  False:
 * there is none. */
static bool
make_room(struct connections *all, const struct ipaddr *network, unsigned max)
{
	struct connection *c, *slowest = NULL;
	unsigned n = 0;

	TAILQ_FOREACH(c, &all->list, next)
	{
		if (!is_of(c, network))
			continue;
		n++;
		if (slowest == NULL && may_go(c))
			slowest = c;
	}
	if (n < max)
		return true;
	if (slowest != NULL)
		drop(slowest);
	return slowest != NULL;
}

static void
start_sweeping(struct connections *all)
{
	if (all->sweeping)
		return;
	all->sweeping = true;
	timer_start(all->sweep, SWEEP_MS);
}

static struct ipaddr
network_of(const struct sockaddr *peer)
{
	struct ipaddr addr;

	if (!ipaddr_from_sockaddr(&addr, peer))
		return (struct ipaddr){0};
	return ipaddr_network(&addr, 24, 64);
}

static void
begin(struct connections *all, int fd, const struct ipaddr *network)
{
	struct connection *c = NULL;

	if (make_room(all, network, CONNECTIONS_OF_NETWORK) &&
	    make_room(all, NULL, CONNECTIONS_MAX))
		c = malloc(sizeof(*c));
	if (c == NULL) {
		close(fd);
		return;
	}
	c->all = all;
	c->fd = fd;
	c->state = STATE_READING;
	c->deadline = clock_ms() + CONNECTIONS_MS;
	c->network = *network;
	c->event = NULL;
	c->made = (struct call){0};
	c->answer = (struct reader_answer){.text = NULL};
	c->sent = c->drained = 0;
	arrival_begin(&c->arrival);
	TAILQ_INSERT_TAIL(&all->list, c, next);
	all->n++;
	start_sweeping(all);
	read_some(c);
}

/* Without a descriptor for it, who waits outside would be seen again and again. */
static void
pause_listening(struct connections *all)
{
	if (make_room(all, NULL, 0))
		return;
	event_del(all->listener);
	all->short_of_files = true;
	start_sweeping(all);
}

static void
on_reader(evutil_socket_t listener, short what, void *arg)
{
	struct connections *all = arg;

	(void)what;
	for (int i = 0; i < ACCEPTED_A_TURN; i++) {
		struct sockaddr_storage peer = {0};
		socklen_t len = sizeof(peer);
		struct ipaddr network;
		int fd = accept4(
		    listener, (struct sockaddr *)&peer, &len, SOCK_CLOEXEC | SOCK_NONBLOCK);

		if (fd < 0) {
			if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED)
				pause_listening(all);
			return;
		}
		network = network_of((struct sockaddr *)&peer);
		begin(all, fd, &network);
	}
}

static void
end_time_of(struct connection *c)
{
	if (c->state == STATE_READING && c->arrival.len > 0)
		answer(c, 408);
	else if (c->state != STATE_MAKING)
		drop(c);
}

static void
on_sweep(void *arg)
{
	struct connections *all = arg;
	struct connection *c, *newer;
	int64_t now = clock_ms();

	for (c = TAILQ_FIRST(&all->list); c != NULL; c = newer) {
		newer = TAILQ_NEXT(c, next);
		if (c->deadline <= now)
			end_time_of(c);
	}
	if (all->short_of_files)
		all->short_of_files = event_add(all->listener, NULL) != 0;
	all->sweeping = false;
	if (all->n > 0 || all->short_of_files)
		start_sweeping(all);
}

/* --- All of it --- */

struct connections *
connections_new(const struct site *site, int fd)
{
	struct connections *all = calloc(1, sizeof(*all));

	if (all == NULL)
		return NULL;
	all->site = site;
	all->languages = phrases_tags(site->texts, &all->nlanguages);
	TAILQ_INIT(&all->list);
	if ((all->makers = makers_new(make)) == NULL || (all->loop = loop_new()) == NULL ||
	    (all->sweep = timer_new(all->loop, on_sweep, all)) == NULL ||
	    (all->listener = event_new(
		 loop_base(all->loop), fd, EV_READ | EV_PERSIST, on_reader, all)) == NULL ||
	    evutil_make_socket_nonblocking(fd) != 0 || listen(fd, BACKLOG) != 0 ||
	    event_add(all->listener, NULL) != 0) {
		int error = errno;

		connections_free(all);
		errno = error;
		return NULL;
	}
	return all;
}

bool
connections_start(struct connections *all)
{
	return loop_start(all->loop);
}

void
connections_free(struct connections *all)
{
	struct connection *c;

	if (all == NULL)
		return;
	if (all->makers != NULL)
		makers_end(all->makers);
	if (all->loop != NULL)
		loop_stop(all->loop);
	while ((c = TAILQ_FIRST(&all->list)) != NULL)
		drop(c);
	if (all->listener != NULL)
		event_free(all->listener);
	timer_free(all->sweep);
	loop_free(all->loop);
	makers_free(all->makers);
	free(all);
}
