/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * dns/channel.c - the sending and the repeating.  Each packet that asks has an id of its
 * own and stays open as long as its question, so that an answer counts however late it
 * comes, and it is known how long it took.
 */
#include "config.h"

#include "dns/channel.h"

#include <netinet/in.h>
#include <arpa/nameser.h>
#include <sys/queue.h>
#include <sys/socket.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <event2/event.h>

#include "base/clock.h"
#include "base/counter.h"
#include "dns/batch.h"
#include "dns/lettercase.h"
#include "dns/ports.h"
#include "dns/queryid.h"
#include "dns/stream.h"
#include "dns/timing.h"

#define PROBE_PORT DNSCHANNEL_PORTS
#define LATE_MS 200     /* after the first repeat: it is overdue */
#define RECEIVE_MOST 64 /* packets at a time, so that other sockets have their turn */
#define IDLE_MS 200     /* a socket that nobody used meanwhile is closed */
#define STREAMS_MAX 2   /* connections tried for a question */
#define TURN_MS 10      /* from one look at what is due to the next one, at least */

_Static_assert(PROBE_PORT < DNSPORTS_N, "a port for each number, and one for probes");

struct dnschannel {
	struct loop *loop;
	loop_fn *after;
	void *arg;
	char *server;
	struct dnsports ports;
	struct dnsstream *stream;  /* or NULL */
	struct dnsbucket streamed; /* what was sent over it */
	bool stream_used;
	struct timer *due; /* one for all tries: hardly any is still open when its time comes */
	int64_t next;      /* when it goes off; INT64_MAX: it does not run */
	int64_t looked;    /* when it last did */
	int64_t received;  /* when the packets that are read now came */
	struct timer *idle;
	bool ticking;        /* it runs */
	struct event *flush; /* sends the batch */
	unsigned turn;       /* the port that questions have now */
	struct dnsbatch batch;
	struct dnstiming timing;
	struct lettercase lettercase;
	struct queryids ids;
};

static const struct dns_reply nothing = {.status = DNS_FAILED, .rcode = DNS_NO_RCODE};

static void
close_stream(struct dnschannel *c)
{
	dnsstream_free(c->stream);
	c->stream = NULL;
}

/* Look for what nobody has used since the last time. */
static void
on_idle(void *arg)
{
	struct dnschannel *c = arg;

	dnsports_close_idle(&c->ports);
	if (LIST_EMPTY(&c->streamed) && !c->stream_used)
		close_stream(c);
	c->stream_used = false;
	c->ticking = c->stream != NULL || !TAILQ_EMPTY(&c->ports.sockets);
	if (c->ticking)
		timer_start(c->idle, IDLE_MS);
}

static void
watch_idle(struct dnschannel *c)
{
	if (!c->ticking)
		timer_start(c->idle, IDLE_MS);
	c->ticking = true;
}

/* Every way a try ends goes through here. */
static void
finish(struct dnstry *t, const struct dns_reply *reply)
{
	for (unsigned i = 0; i < t->ncopies; i++) {
		LIST_REMOVE(&t->copy[i], link);
		dnsbatch_forget(&t->channel->batch, &t->copy[i]);
	}
	if (t->stream.try != NULL)
		LIST_REMOVE(&t->stream, link);
	if (t->socket != NULL)
		TAILQ_REMOVE(&t->socket->tries, t, link);
	t->done(t, reply);
}

static void
finish_without(struct dnstry *t, enum dns_status status)
{
	const struct dns_reply reply = {.status = status, .rcode = DNS_NO_RCODE};

	finish(t, &reply);
}

/* Have what is due looked at then. */
static void
look_at(struct dnschannel *c, int64_t when)
{
	int64_t now;

	if (when >= c->next)
		return;
	now = clock_ms();
	c->next = when;
	timer_start(c->due, when > now ? when - now : 0);
}

/* The system will not have what it has sent; nobody may be told within the call. */
static void
on_refused(void *owner)
{
	struct dnscopy *copy = owner;

	copy->try->refused = true;
	copy->try->due = 0;
	look_at(copy->try->channel, 0);
}

static void
on_flush(evutil_socket_t fd, short what, void *arg)
{
	struct dnschannel *c = arg;

	(void)fd;
	(void)what;
	dnsbatch_send(&c->batch, on_refused);
}

/* A place in the batch, which goes out when this turn of the loop is over. */
static struct dnspacket *
next_packet(struct dnschannel *c)
{
	if (c->batch.n == DNSBATCH_MAX)
		dnsbatch_send(&c->batch, on_refused);
	if (c->batch.n == 0)
		event_active(c->flush, EV_TIMEOUT, 0);
	return &c->batch.packet[c->batch.n++];
}

static size_t
write_copy(struct dnstry *t, struct dnscopy *copy, int64_t now,
    unsigned char packet[DNSWIRE_QUESTION_SIZE])
{
	copy->try = t;
	copy->id = queryid_next(&t->channel->ids);
	copy->sent = now;
	return dnswire_question(packet, copy->id, t->type, t->name, t->flags);
}

/* Send it once more. */
static void
send_copy(struct dnstry *t, int64_t now)
{
	struct dnscopy *copy = &t->copy[t->ncopies++];
	struct dnspacket *packet = next_packet(t->channel);

	packet->fd = t->socket->fd;
	packet->owner = copy;
	packet->len = write_copy(t, copy, now, packet->data);
	LIST_INSERT_HEAD(&t->socket->bucket[copy->id % DNSPORTS_BUCKETS], copy, link);
}

/* All is looked at then, so not each millisecond where much is overdue. */
static void
await(const struct dnstry *t)
{
	int64_t soonest = t->channel->looked + TURN_MS;

	look_at(t->channel, t->due > soonest ? t->due : soonest);
}

/* Find out when there is something to do for it. */
static void
wait_on(struct dnstry *t)
{
	t->due = t->deadline;
	if (t->repeat != 0 && t->repeat < t->due)
		t->due = t->repeat;
	if (t->overdue != 0 && t->overdue < t->due)
		t->due = t->overdue;
	await(t);
}

/* It may be its turn to be sent again. */
static void
repeat(struct dnstry *t, int64_t now)
{
	if (t->repeat == 0 || t->repeat > now)
		return;
	t->wait *= 2;
	t->repeat = 0;
	if (t->quiet)
		return;
	if (t->ncopies + 1 < DNSCHANNEL_COPIES)
		t->repeat = now + t->wait;
	send_copy(t, now);
}

static void
on_turn(struct dnstry *t, int64_t now)
{
	if (!t->refused && t->overdue != 0 && t->overdue <= now) {
		t->overdue = 0;
		if (t->late != NULL)
			t->late(t);
	}
	if (t->refused) {
		finish_without(t, DNS_FAILED);
	} else if (t->deadline <= now) {
		finish_without(t, t->heard != 0 ? DNS_FAILED : DNS_TIMEOUT);
	} else {
		repeat(t, now);
		wait_on(t);
	}
}

/* Do what is due for the tries of a socket. */
static void
on_turns(struct dnssocket *s, int64_t now)
{
	struct dnstry *t = TAILQ_FIRST(&s->tries), *next;

	for (; t != NULL; t = next) {
		next = TAILQ_NEXT(t, link);
		if (t->due <= now)
			on_turn(t, now);
		else
			await(t);
	}
}

static void
on_due(void *arg)
{
	struct dnschannel *c = arg;
	struct dnssocket *s;

	c->looked = clock_ms();
	c->next = INT64_MAX;
	for (s = TAILQ_FIRST(&c->ports.sockets); s != NULL; s = TAILQ_NEXT(s, link))
		on_turns(s, c->looked);
	c->after(c->arg);
}

static bool
is_believed(const struct dnstry *t, enum dnswire_match match)
{
	struct dnschannel *c = t->channel;

	return lettercase_is_believed(&c->lettercase, c->server, t->name, match);
}

/* Tell what a packet says; it may say nothing.  Over TCP nobody else can have sent it. */
static void
read_answer(struct dnstry *t, const unsigned char *packet, size_t len, enum dnswire_match match,
    bool tcp)
{
	struct dns_reply reply = nothing;
	struct dns_room *room = NULL;

	/* Without memory for its records an answer fails, but it is one. */
	if ((t->type == DNS_A || (room = malloc(sizeof(*room))) != NULL) &&
	    (!dnswire_read(&reply, room, t->type, t->prefer, packet, len) ||
		!(tcp || is_believed(t, match)))) {
		counter_add(COUNTER_DNS_GARBAGE);
		reply = nothing;
	}
	finish(t, &reply);
	free(room);
}

/*
 * The packet of those in a bucket that this one answers, and how; NULL: none of them.  Two
 * that ask for one name may have one id by chance, and differ by letter case alone.
 */
static struct dnscopy *
find_copy(const struct dnsbucket *bucket, const unsigned char *packet, size_t len,
    enum dnswire_match *best)
{
	struct dnscopy *copy, *found = NULL;
	enum dnswire_match match;

	*best = DNSWIRE_OTHER;
	if (len < NS_HFIXEDSZ)
		return NULL;
	for (copy = LIST_FIRST(bucket); copy != NULL; copy = LIST_NEXT(copy, link)) {
		if (copy->id != ns_get16(packet))
			continue;
		match = dnswire_match(copy->try->type, copy->try->name, packet, len);
		if (match > *best) {
			*best = match;
			found = copy;
		}
	}
	return found;
}

static void on_packet(void *arg, const unsigned char *packet, size_t len);

static void
on_streamed(void *arg)
{
	struct dnschannel *c = arg;

	c->after(c->arg);
}

/* Ask over TCP; where that cannot be done, UDP has to do. */
static void
ask_stream(struct dnschannel *c, struct dnstry *t)
{
	unsigned char packet[DNSWIRE_QUESTION_SIZE];
	size_t len;

	if (t->stream.try != NULL || t->nstreams == STREAMS_MAX)
		return;
	if (c->stream == NULL)
		c->stream = dnsstream_new(c->loop, c->server, on_packet, on_streamed, c);
	len = write_copy(t, &t->stream, clock_ms(), packet);
	if (c->stream == NULL || !dnsstream_send(c->stream, packet, len)) {
		t->stream.try = NULL;
		return;
	}
	t->nstreams++;
	c->stream_used = true;
	LIST_INSERT_HEAD(&c->streamed, &t->stream, link);
}

/* The connection is gone: servers end idle ones, even with a question on its way. */
static void
ask_again(struct dnschannel *c)
{
	struct dnsbucket lost = c->streamed;
	struct dnscopy *copy;

	close_stream(c);
	LIST_INIT(&c->streamed);
	if (!LIST_EMPTY(&lost))
		LIST_FIRST(&lost)->link.le_prev = &LIST_FIRST(&lost);
	while ((copy = LIST_FIRST(&lost)) != NULL) {
		struct dnstry *t = copy->try;

		LIST_REMOVE(copy, link);
		copy->try = NULL;
		ask_stream(c, t);
	}
}

static void
on_packet(void *arg, const unsigned char *packet, size_t len)
{
	struct dnschannel *c = arg;
	enum dnswire_match match;
	struct dnscopy *copy;

	if (packet == NULL)
		ask_again(c);
	else if ((copy = find_copy(&c->streamed, packet, len, &match)) != NULL)
		read_answer(copy->try, packet, len, match, true);
}

static void
take(void *arg, const unsigned char *packet, size_t len, bool cut)
{
	struct dnssocket *s = arg;
	enum dnswire_match match;
	struct dnscopy *copy;
	struct dnstry *t;

	if (len < NS_HFIXEDSZ)
		return;
	copy = find_copy(&s->bucket[ns_get16(packet) % DNSPORTS_BUCKETS], packet, len, &match);
	if (copy == NULL)
		return;
	t = copy->try;
	t->heard = t->channel->received;
	dnstiming_heard(&t->channel->timing, t->zone, t->heard - copy->sent);
	if (cut || dnswire_is_truncated(packet, len))
		ask_stream(t->channel, t);
	else
		read_answer(t, packet, len, match, false);
}

/* Nobody listens there: that is known of all that was asked over this socket. */
static void
refuse(struct dnssocket *s)
{
	struct dnstries tries = TAILQ_HEAD_INITIALIZER(tries);
	struct dnstry *t;

	TAILQ_CONCAT(&tries, &s->tries, link);
	for (t = TAILQ_FIRST(&tries); t != NULL; t = TAILQ_NEXT(t, link))
		t->socket = NULL;
	while ((t = TAILQ_FIRST(&tries)) != NULL) {
		TAILQ_REMOVE(&tries, t, link);
		finish_without(t, DNS_FAILED);
	}
}

static void
on_readable(evutil_socket_t fd, short what, void *arg)
{
	struct dnssocket *s = arg;
	struct dnschannel *c = s->ports->arg;
	int received, n = 0;

	(void)what;
	c->received = clock_ms();
	do
		n += received = dnsbatch_receive(fd, take, s);
	while (received == DNSBATCH_RECEIVED && n < RECEIVE_MOST);
	if (received < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR)
		refuse(s);
	c->after(c->arg);
}

struct dnschannel *
dnschannel_new(struct loop *loop, const char *server, loop_fn *after, void *arg)
{
	struct dnschannel *c = calloc(1, sizeof(*c));

	if (c == NULL)
		return NULL;
	c->loop = loop;
	c->after = after;
	c->arg = arg;
	LIST_INIT(&c->streamed);
	c->server = strdup(server);
	dnsports_init(&c->ports, loop, c->server, on_readable, c);
	c->looked = INT64_MIN;
	c->next = INT64_MAX;
	c->due = timer_new(loop, on_due, c);
	c->idle = timer_new(loop, on_idle, c);
	c->flush = event_new(loop_base(loop), -1, 0, on_flush, c);
	if (c->server == NULL || c->due == NULL || c->idle == NULL || c->flush == NULL) {
		dnschannel_free(c);
		return NULL;
	}
	return c;
}

void
dnschannel_free(struct dnschannel *c)
{
	struct dnssocket *s;

	if (c == NULL)
		return;
	while ((s = TAILQ_FIRST(&c->ports.sockets)) != NULL) {
		while (!TAILQ_EMPTY(&s->tries))
			finish_without(TAILQ_FIRST(&s->tries), DNS_FAILED);
		dnsports_close(s);
	}
	close_stream(c);
	timer_free(c->due);
	timer_free(c->idle);
	if (c->flush != NULL)
		event_free(c->flush);
	free(c->server);
	free(c);
}

/* What is asked in one turn of the loop leaves by one port, so that it can leave together. */
static unsigned
turn_port(struct dnschannel *c, unsigned port)
{
	if (port == PROBE_PORT)
		return port;
	if (c->batch.n == 0)
		c->turn = port;
	return c->turn;
}

/* Have it sent for the first time; false: it cannot be. */
static bool
begin(struct dnschannel *c, struct dnstry *t, unsigned port)
{
	if ((t->socket = dnsports_use(&c->ports, turn_port(c, port))) == NULL)
		return false;
	watch_idle(c);
	TAILQ_INSERT_TAIL(&t->socket->tries, t, link);
	send_copy(t, t->since);
	return true;
}

static void
ask(struct dnschannel *c, struct dnstry *t, unsigned port)
{
	t->heard = 0;
	t->refused = false;
	t->channel = c;
	t->socket = NULL;
	t->ncopies = t->nstreams = 0;
	t->stream.try = NULL;
	if (begin(c, t, port))
		wait_on(t);
	else
		finish_without(t, DNS_FAILED);
}

void
dnschannel_ask(struct dnschannel *c, struct dnstry *t, unsigned port)
{
	t->wait = dnstiming_wait(&c->timing, t->zone);
	t->repeat = t->since + t->wait;
	t->overdue = t->repeat + LATE_MS;
	ask(c, t, port);
}

void
dnschannel_probe(struct dnschannel *c, struct dnstry *t)
{
	t->repeat = t->overdue = 0;
	ask(c, t, PROBE_PORT);
}
