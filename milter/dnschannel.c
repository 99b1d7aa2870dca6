/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * dnschannel.c - c-ares on the loop, for one server: it does the sending, the
 * repeating and TCP.  What an answer says, and whether it is one, is read from
 * the packet.
 */
#include "config.h"

#include "dnschannel.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <arpa/nameser.h>

#include <stdlib.h>
#include <string.h>

/* The calls that 1.18 and 1.34 share; the newer one would rather not. */
#define CARES_NO_DEPRECATED
#include <ares.h>
#include <event2/event.h>

#include "counter.h"
#include "jitter.h"
#include "strbuf.h"

#define PORTS (DNSCHANNEL_PORTS + 1) /* each has a receive buffer of its own */
#define PROBE_PORT DNSCHANNEL_PORTS
#define TRY_MS 200 /* the first time; each that follows takes twice as long */
#define TRIES 5
#define PROBE_MS 1000
#define RECEIVE_BUFFER (1 << 20)
#define USES 384 /* of a source port, a third more or less */
#define SERVER_TEXT_MAX (INET6_ADDRSTRLEN + sizeof("[]:65535,"))

/* A socket of c-ares in the loop. */
struct watch {
	struct watch *next;
	ares_socket_t fd;
	struct event *event;
};

struct port {
	struct dnschannel *channel;
	ares_channel ares;
	struct timer *timer;
	bool ticking; /* the timer runs */
	struct watch *watches;
	size_t open;      /* tries that c-ares has */
	bool ready;       /* c-ares knows the server */
	int64_t uses;     /* of its socket */
	int64_t seen;     /* of them, when the timer last fired */
	int64_t uses_max; /* then another source port */
};

struct dnschannel {
	struct loop *loop;
	loop_fn *after;
	void *arg;
	char *server;
	struct port ports[PORTS];
};

/* False: it is no answer. */
static bool
read_answer(struct dns_reply *reply, struct dns_room *room, const struct dnstry *t,
    const unsigned char *packet, int len)
{
	return packet != NULL && len >= 0 &&
	    dnswire_read(reply, room, t->type, t->name, t->prefer, packet, (size_t)len);
}

/* A name that c-ares cannot write. */
static bool
is_unsent(int status)
{
	return status == ARES_EBADNAME;
}

static void
on_answer(void *arg, int status, int timeouts, unsigned char *packet, int len)
{
	struct dnstry *t = arg;
	struct dns_reply reply = {.status = DNS_FAILED, .rcode = DNS_NO_RCODE};
	struct dns_room *room = NULL;
	bool garbage = status == ARES_EBADRESP;

	(void)timeouts;
	reply.unsent = is_unsent(status);
	if (status == ARES_ETIMEOUT)
		reply.status = DNS_TIMEOUT;
	else if (status == ARES_SUCCESS)
		/* Without memory for its records an answer fails, but it is one. */
		if (t->type == DNS_A || (room = malloc(sizeof(*room))) != NULL)
			garbage = !read_answer(&reply, room, t, packet, len);
	if (garbage)
		counter_add(COUNTER_DNS_GARBAGE);
	t->port->open--;
	t->done(t, packet != NULL || garbage, &reply);
	free(room);
}

static void
watch_remove(struct watch **at)
{
	struct watch *w = *at;

	*at = w->next;
	event_free(w->event);
	free(w);
}

/* The next question opens a socket, on another port. */
static bool
use_server(struct port *p)
{
	p->uses = p->seen = 0;
	p->uses_max = jittered(USES, 33);
	return ares_set_servers_ports_csv(p->ares, p->channel->server) == ARES_SUCCESS;
}

/*
 * A socket is kept while it is of use, for to open one costs more than to ask; but
 * only for so many questions, as somebody far away may guess its port, and not while
 * there are none.  While nothing is open it can be closed: by knowing no server.
 */
static void
renew(struct port *p)
{
	(void)ares_set_servers_ports_csv(p->ares, "");
	p->ready = use_server(p);
}

/*
 * The timer fires once in TRY_MS at least: nothing's turn comes sooner after it
 * was sent, so none that is sent meanwhile needs it set anew.
 */
static void
tick(struct port *p)
{
	struct timeval most = {.tv_usec = TRY_MS * 1000}, buf;
	const struct timeval *left;

	if (p->ticking || p->uses == 0)
		return;
	left = ares_timeout(p->ares, &most, &buf);
	timer_start(p->timer, (int64_t)left->tv_sec * 1000 + (left->tv_usec + 999) / 1000);
	p->ticking = true;
}

static void
process(struct port *p, ares_socket_t readable, ares_socket_t writable)
{
	ares_process_fd(p->ares, readable, writable);
	if (p->open == 0 && p->uses >= p->uses_max)
		renew(p);
	tick(p);
	p->channel->after(p->channel->arg);
}

static void
on_timer(void *arg)
{
	struct port *p = arg;

	p->ticking = false;
	if (p->open == 0 && p->uses == p->seen)
		renew(p);
	p->seen = p->uses;
	process(p, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
}

static void
on_socket(evutil_socket_t fd, short what, void *arg)
{
	ares_socket_t readable = what & EV_READ ? fd : ARES_SOCKET_BAD;

	process(arg, readable, what & EV_WRITE ? fd : ARES_SOCKET_BAD);
}

/* c-ares tells what it waits for on a socket, and with neither that it is closed. */
static void
on_socket_state(void *arg, ares_socket_t fd, int readable, int writable)
{
	struct port *p = arg;
	struct watch **at = &p->watches, *w;
	short what = (short)(EV_PERSIST | (readable ? EV_READ : 0) | (writable ? EV_WRITE : 0));

	while (*at != NULL && (*at)->fd != fd)
		at = &(*at)->next;
	if (*at != NULL)
		watch_remove(at);
	if (!readable && !writable)
		return;

	/* Without memory nobody listens, and the questions time out. */
	w = malloc(sizeof(*w));
	if (w == NULL)
		return;
	w->fd = fd;
	w->event = event_new(loop_base(p->channel->loop), fd, what, on_socket, p);
	if (w->event == NULL || event_add(w->event, NULL) != 0) {
		if (w->event != NULL)
			event_free(w->event);
		free(w);
		return;
	}
	w->next = p->watches;
	p->watches = w;
}

static bool
port_open(struct port *p, struct dnschannel *c, bool probe)
{
	/* An error is an answer; whether to repeat it elsewhere is not for c-ares to say. */
	struct ares_options o = {.timeout = probe ? PROBE_MS : TRY_MS,
	    .tries = probe ? 1 : TRIES,
	    .socket_receive_buffer_size = RECEIVE_BUFFER,
	    .flags = ARES_FLAG_NOSEARCH | ARES_FLAG_NOALIASES | ARES_FLAG_NOCHECKRESP |
		ARES_FLAG_STAYOPEN,
	    .sock_state_cb = on_socket_state,
	    .sock_state_cb_data = p};
	int set = ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_SOCK_RCVBUF | ARES_OPT_FLAGS |
	    ARES_OPT_NOROTATE | ARES_OPT_SOCK_STATE_CB;

#ifdef ARES_OPT_QUERY_CACHE
	set |= ARES_OPT_QUERY_CACHE; /* of no second: it knows nothing of a list's trouble */
#endif
	p->channel = c;
	p->timer = timer_new(c->loop, on_timer, p);
	p->ready = p->timer != NULL && ares_init_options(&p->ares, &o, set) == ARES_SUCCESS &&
	    use_server(p);
	return p->ready;
}

struct dnschannel *
dnschannel_new(struct loop *loop, const char *server, loop_fn *after, void *arg)
{
	struct dnschannel *c = calloc(1, sizeof(*c));

	ares_library_init(ARES_LIB_INIT_ALL); /* c-ares counts, and does it once */
	if (c == NULL)
		return NULL;
	c->loop = loop;
	c->after = after;
	c->arg = arg;
	c->server = strdup(server);
	for (unsigned i = 0; i < PORTS; i++) {
		if (c->server == NULL || !port_open(&c->ports[i], c, i == PROBE_PORT)) {
			dnschannel_free(c);
			return NULL;
		}
	}
	return c;
}

void
dnschannel_free(struct dnschannel *c)
{
	if (c == NULL)
		return;
	for (struct port *p = c->ports; p < c->ports + PORTS; p++) {
		if (p->ares != NULL)
			ares_destroy(p->ares);
		while (p->watches != NULL)
			watch_remove(&p->watches);
		timer_free(p->timer);
	}
	free(c->server);
	free(c);
}

static void
ask(struct port *p, struct dnstry *t)
{
	unsigned char packet[DNSWIRE_QUESTION_SIZE];
	size_t len = dnswire_question(packet, t->id, t->type, t->name, t->dnssec);

	/* It may have lost its server for want of memory. */
	p->ready = p->ready || use_server(p);
	t->port = p;
	p->open++;
	p->uses++;
	ares_send(p->ares, packet, (int)len, on_answer, t);
	tick(p);
}

void
dnschannel_ask(struct dnschannel *c, struct dnstry *t, unsigned port)
{
	ask(&c->ports[port], t);
}

void
dnschannel_probe(struct dnschannel *c, struct dnstry *t)
{
	ask(&c->ports[PROBE_PORT], t);
}

#if ARES_VERSION >= 0x011800
/* This one knows the interface of a link-local address, too. */
static char *
list_servers(ares_channel ares)
{
	char *theirs = ares_get_servers_csv(ares);
	char *text = theirs != NULL ? strdup(theirs) : NULL;

	ares_free_string(theirs);
	return text;
}
#else
static char *
join_servers(const struct ares_addr_port_node *first)
{
	char address[INET6_ADDRSTRLEN], *text;
	struct strbuf all;
	size_t n = 0;

	for (const struct ares_addr_port_node *s = first; s != NULL; s = s->next)
		n++;
	text = malloc(n * SERVER_TEXT_MAX + 1);
	if (text == NULL)
		return NULL;
	strbuf_init(&all, text, n * SERVER_TEXT_MAX + 1);
	for (const struct ares_addr_port_node *s = first; s != NULL; s = s->next) {
		if (inet_ntop(s->family, &s->addr, address, sizeof(address)) != NULL)
			strbuf_addf(&all, s->family == AF_INET6 ? "%s[%s]:%d" : "%s%s:%d",
			    all.len > 0 ? "," : "", address,
			    s->udp_port != 0 ? s->udp_port : NS_DEFAULTPORT);
	}
	return text;
}

static char *
list_servers(ares_channel ares)
{
	struct ares_addr_port_node *servers = NULL;
	char *text = NULL;

	if (ares_get_servers_ports(ares, &servers) == ARES_SUCCESS)
		text = join_servers(servers);
	ares_free_data(servers);
	return text;
}
#endif

char *
dnschannel_system(void)
{
	ares_channel ares;
	char *text;

	ares_library_init(ARES_LIB_INIT_ALL);
	if (ares_init(&ares) != ARES_SUCCESS)
		return NULL;
	text = list_servers(ares);
	ares_destroy(ares);
	return text;
}
