/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * dns.c - questions for A records, through c-ares on the loop.  c-ares does
 * the sending, the repeating and TCP; what an answer says, and whether it is
 * one, is read from the packet.
 *
 * Nobody's done is called from within c-ares: what has ended is put in a row,
 * and told after c-ares has returned.  So a done may ask again, or free us.
 */
#include "config.h"

#include "dns.h"

#include <netinet/in.h>
#include <arpa/nameser.h>
#include <sys/random.h>

#include <assert.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* The calls that 1.18 and 1.34 share; the newer one would rather not. */
#define CARES_NO_DEPRECATED
#include <ares.h>
#include <event2/event.h>

#include "counter.h"
#include "dnsserver.h"
#include "log.h"
#include "loop.h"
#include "strbuf.h"

#define CHANNEL_BITS 3               /* as many random ones as a name leaves */
#define CHANNELS (1 << CHANNEL_BITS) /* each has a port and a receive buffer of its own */
#define TRY_MS 200                   /* the first try; each that follows takes twice as long */
#define TRIES 5
#define RECEIVE_BUFFER (1 << 20)
#define QUESTIONS_KEPT 64 /* that have ended, for new ones when memory is out */
#define OUT_OF_MEMORY "out of memory"

struct question {
	struct question *next; /* of those that have ended, or of those kept */
	struct dns *dns;
	struct channel *channel; /* NULL: c-ares does not have it */
	dns_done *done;
	void *arg;
	struct dns_reply reply;
	char name[DNSWIRE_NAME_SIZE]; /* in the letter case it was sent in */
};

/* A socket of c-ares in the loop. */
struct watch {
	struct watch *next;
	ares_socket_t fd;
	struct event *event;
};

struct channel {
	struct channel *next; /* of those retired */
	struct dns *dns;
	ares_channel ares;
	struct timer *timer;
	bool ticking; /* the timer runs */
	bool retired; /* asks no more, and goes with its last question */
	struct watch *watches;
	size_t open; /* questions that c-ares has */
};

struct dns {
	struct loop *loop;
	char *servers; /* with commas between; NULL: those of /etc/resolv.conf */
	size_t nservers;
	struct channel *channels[CHANNELS];
	struct channel *retired;
	struct timer *later; /* tells what ended within dns_ask() */
	struct question *ended, **last_ended;
	size_t nended;
	struct question *kept;
	size_t nkept;
	bool telling;
	bool ending;        /* freed, but for itself while telling */
	size_t random_left; /* bytes of random not used yet */
	unsigned char random[8 * DNSWIRE_RANDOM_SIZE];
};

static struct question *
question_new(struct dns *dns, dns_done *done, void *arg)
{
	struct question *q = malloc(sizeof(*q));

	if (q == NULL) {
		q = dns->kept;
		if (q == NULL)
			return NULL;
		dns->kept = q->next;
		dns->nkept--;
	}
	q->dns = dns;
	q->channel = NULL;
	q->done = done;
	q->arg = arg;
	q->reply = (struct dns_reply){.status = DNS_FAILED};
	return q;
}

static void
question_free(struct question *q)
{
	struct dns *dns = q->dns;

	if (dns->nkept >= QUESTIONS_KEPT) {
		free(q);
		return;
	}
	q->next = dns->kept;
	dns->kept = q;
	dns->nkept++;
}

/* Every way a question ends goes through here; its reply is what is told. */
static void
finish(struct question *q)
{
	struct dns *dns = q->dns;

	if (q->reply.status == DNS_FAILED || q->reply.status == DNS_TIMEOUT)
		counter_add(COUNTER_DNS_FAILURES);
	if (q->channel != NULL)
		q->channel->open--;
	q->next = NULL;
	*dns->last_ended = q;
	dns->last_ended = &q->next;
	dns->nended++;
}

static void
tell_first(struct dns *dns)
{
	struct question *q = dns->ended;
	struct dns_reply reply = q->reply;
	dns_done *done = q->done;
	void *arg = q->arg;

	dns->ended = q->next;
	if (dns->ended == NULL)
		dns->last_ended = &dns->ended;
	dns->nended--;
	question_free(q);
	done(arg, &reply);
}

/* Tell what has ended by now.  The caller's last use of dns: it may be freed in there. */
static void
tell(void *arg)
{
	struct dns *dns = arg;

	dns->telling = true;
	for (size_t n = dns->nended; n > 0 && !dns->ending; n--)
		tell_first(dns);
	dns->telling = false;
	if (dns->ending)
		free(dns);
}

static void
on_answer(void *arg, int status, int timeouts, unsigned char *packet, int len)
{
	struct question *q = arg;
	bool garbage = status == ARES_EBADRESP;

	(void)timeouts;
	if (status == ARES_SUCCESS || status == ARES_ENODATA || status == ARES_ENOTFOUND)
		garbage = packet == NULL || len < 0 ||
		    !dnswire_read(&q->reply, q->name, packet, (size_t)len);
	else if (status == ARES_ETIMEOUT)
		q->reply.status = DNS_TIMEOUT;
	if (garbage)
		counter_add(COUNTER_DNS_GARBAGE);
	finish(q);
}

/* Enough random bytes for one question. */
static const unsigned char *
draw(struct dns *dns)
{
	if (dns->random_left == 0) {
		/* So few bytes are never cut short; without them, old ones must do. */
		(void)!getrandom(dns->random, sizeof(dns->random), 0);
		dns->random_left = sizeof(dns->random);
	}
	dns->random_left -= DNSWIRE_RANDOM_SIZE;
	return dns->random + dns->random_left;
}

static void
watch_remove(struct watch **at)
{
	struct watch *w = *at;

	*at = w->next;
	event_free(w->event);
	free(w);
}

static void
channel_free(struct channel *c)
{
	if (c == NULL)
		return;
	if (c->ares != NULL)
		ares_destroy(c->ares);
	while (c->watches != NULL)
		watch_remove(&c->watches);
	timer_free(c->timer);
	free(c);
}

static void
drop_if_done(struct channel *c)
{
	struct channel **at = &c->dns->retired;

	if (!c->retired || c->open > 0)
		return;
	while (*at != c)
		at = &(*at)->next;
	*at = c->next;
	channel_free(c);
}

/*
 * The timer fires once in TRY_MS at least: no question's turn comes sooner
 * after it was sent, so none that is sent meanwhile needs it set anew.
 */
static void
tick(struct channel *c)
{
	struct timeval most = {.tv_usec = TRY_MS * 1000}, buf;
	const struct timeval *left;

	if (c->ticking || c->open == 0)
		return;
	left = ares_timeout(c->ares, &most, &buf);
	timer_start(c->timer, (int64_t)left->tv_sec * 1000 + (left->tv_usec + 999) / 1000);
	c->ticking = true;
}

static void
process(struct channel *c, ares_socket_t readable, ares_socket_t writable)
{
	struct dns *dns = c->dns;

	ares_process_fd(c->ares, readable, writable);
	tick(c);
	drop_if_done(c);
	tell(dns);
}

static void
on_timer(void *arg)
{
	struct channel *c = arg;

	c->ticking = false;
	process(c, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
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
	struct channel *c = arg;
	struct watch **at = &c->watches, *w;
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
	w->event = event_new(loop_base(c->dns->loop), fd, what, on_socket, c);
	if (w->event == NULL || event_add(w->event, NULL) != 0) {
		if (w->event != NULL)
			event_free(w->event);
		free(w);
		return;
	}
	w->next = c->watches;
	c->watches = w;
}

/* How many servers /etc/resolv.conf has; 0: out of memory. */
static size_t
count_servers(void)
{
	struct ares_addr_port_node *servers = NULL;
	ares_channel probe;
	size_t n = 0;

	if (ares_init(&probe) != ARES_SUCCESS)
		return 0;
	if (ares_get_servers_ports(probe, &servers) == ARES_SUCCESS) {
		for (const struct ares_addr_port_node *s = servers; s != NULL; s = s->next)
			n++;
	}
	ares_free_data(servers);
	ares_destroy(probe);
	return n;
}

static struct channel *
channel_new(struct dns *dns)
{
	struct channel *c = calloc(1, sizeof(*c));
	struct ares_options o = {.timeout = TRY_MS,
	    .tries = TRIES,
	    .socket_receive_buffer_size = RECEIVE_BUFFER,
	    .flags = ARES_FLAG_NOSEARCH | ARES_FLAG_NOALIASES,
	    .sock_state_cb = on_socket_state,
	    .sock_state_cb_data = c};
	int set = ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_SOCK_RCVBUF | ARES_OPT_FLAGS |
	    ARES_OPT_NOROTATE | ARES_OPT_SOCK_STATE_CB;

	if (c == NULL)
		return NULL;
	/* With nobody else to ask, an error is the answer, not a reason to repeat at once. */
	if (dns->nservers == 1)
		o.flags |= ARES_FLAG_NOCHECKRESP;
#ifdef ARES_OPT_QUERY_CACHE
	set |= ARES_OPT_QUERY_CACHE; /* of no second: it knows nothing of a list's trouble */
#endif
	c->dns = dns;
	c->timer = timer_new(dns->loop, on_timer, c);
	if (c->timer == NULL || ares_init_options(&c->ares, &o, set) != ARES_SUCCESS ||
	    (dns->servers != NULL &&
		ares_set_servers_ports_csv(c->ares, dns->servers) != ARES_SUCCESS)) {
		channel_free(c);
		return NULL;
	}
	return c;
}

static bool
make_channels(struct dns *dns, struct channel *channels[CHANNELS])
{
	if (dns->servers == NULL)
		dns->nservers = count_servers();
	for (int i = 0; i < CHANNELS; i++) {
		channels[i] = channel_new(dns);
		if (channels[i] != NULL)
			continue;
		for (; i >= 0; i--) {
			channel_free(channels[i]);
			channels[i] = NULL;
		}
		return false;
	}
	return true;
}

bool
dns_check_server(const char *text)
{
	struct dnsserver s;

	return dnsserver_parse(&s, text);
}

/* Fill one that is all zero; false: why says what if it is not memory. */
static bool
fill(struct dns *dns, struct loop *loop, char *const *servers, struct strbuf *why)
{
	dns->loop = loop;
	dns->last_ended = &dns->ended;
	dns->later = timer_new(loop, tell, dns);
	if (dns->later == NULL)
		return false;
	if (servers != NULL && servers[0] != NULL) {
		dns->servers = dnsserver_join(servers, &dns->nservers, why);
		if (dns->servers == NULL)
			return false;
	}
	return make_channels(dns, dns->channels);
}

struct dns *
dns_new(struct loop *loop, char *const *servers, char *why, size_t whysize)
{
	struct dns *dns = calloc(1, sizeof(*dns));
	struct strbuf reason;

	strbuf_init(&reason, why, whysize);
	ares_library_init(ARES_LIB_INIT_ALL); /* c-ares counts, and does it once */
	if (dns != NULL && fill(dns, loop, servers, &reason))
		return dns;
	if (reason.len == 0)
		strbuf_add(&reason, OUT_OF_MEMORY);
	dns_free(dns);
	return NULL;
}

static void
send_question(struct question *q, unsigned pick)
{
	struct channel *c = q->dns->channels[pick];

	counter_add(COUNTER_DNS_QUERIES);
	q->channel = c;
	c->open++;
	ares_query(c->ares, q->name, ns_c_in, ns_t_a, on_answer, q);
	tick(c);
}

void
dns_ask(struct dns *dns, const char *name, dns_done *done, void *arg)
{
	struct question *q = question_new(dns, done, arg);
	const unsigned char *random = draw(dns);

	if (q == NULL) {
		/* Told here and now, the caller would find itself called from within. */
		log_event(LOG_LEVEL_ERROR, "question-lost", "why", OUT_OF_MEMORY);
		return;
	}
	if (dns->ending || !dnswire_name(q->name, name, random))
		finish(q);
	else
		send_question(q, random[DNSWIRE_RANDOM_SIZE - 1] >> (CHAR_BIT - CHANNEL_BITS));
	if (dns->nended > 0)
		timer_start(dns->later, 0);
}

void
dns_refresh(struct dns *dns)
{
	struct channel *fresh[CHANNELS];

	if (dns->servers != NULL)
		return;
	if (!make_channels(dns, fresh)) {
		log_event(LOG_LEVEL_WARNING, "dns-not-refreshed", "why", OUT_OF_MEMORY);
		return;
	}
	for (int i = 0; i < CHANNELS; i++) {
		struct channel *c = dns->channels[i];

		dns->channels[i] = fresh[i];
		c->retired = true;
		c->next = dns->retired;
		dns->retired = c;
		drop_if_done(c);
	}
}

void
dns_free(struct dns *dns)
{
	if (dns == NULL)
		return;
	assert(!dns->ending);
	dns->ending = true;
	for (int i = 0; i < CHANNELS; i++)
		channel_free(dns->channels[i]);
	while (dns->retired != NULL) {
		struct channel *c = dns->retired;

		dns->retired = c->next;
		channel_free(c);
	}
	while (dns->nended > 0)
		tell_first(dns);
	timer_free(dns->later);
	while (dns->kept != NULL) {
		struct question *q = dns->kept;

		dns->kept = q->next;
		free(q);
	}
	free(dns->servers);
	if (!dns->telling)
		free(dns);
}
