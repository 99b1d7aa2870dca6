/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * dnsd.c - a DNS server for tests: the sockets, the waiting and the counting.
 * What it answers is dnsd_answer.c's.
 */
#include "config.h"

#include "fakes/dnsd.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <arpa/nameser.h>
#include <resolv.h>
#include <sys/socket.h>

#include <assert.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

#include "base/strbuf.h"
#include "fakes/dnsd_answer.h"
#include "fakes/heldport.h"

#define NAME_SIZE DNSD_NAME_SIZE
#define CONNECTIONS 16

struct rule {
	struct rule *next;
	char name[NAME_SIZE];
	struct dnsd_answer answer;
};

struct partial_sum {
	struct partial_sum *next;
	char spelling[NAME_SIZE];
	unsigned udp, tcp, dnssec, anew;
};

/* Somebody's question: where the answer goes. */
struct asker {
	int fd; /* of UDP with an address, or of a connection */
	bool tcp;
	struct sockaddr_in address;
};

struct late {
	struct late *next;
	int64_t due;
	struct asker asker;
	struct dnsd_packet packet;
};

struct connection {
	int fd;
	size_t len;
	unsigned char data[2 + 512];
};

struct dnsd {
	pthread_t thread;
	struct heldport port;
	bool there; /* somebody listens */
	int udp, tcp;
	int stop[2]; /* a pipe: the thread ends when the other end is closed */
	char address[sizeof("127.0.0.1:65535")];
	struct connection connections[CONNECTIONS]; /* the thread's, as are the late */
	struct late *late;

	pthread_mutex_t mutex; /* guards the rest */
	struct rule *rules;
	struct partial_sum *tallies;
	bool from[UINT16_MAX + 1]; /* whether a port has asked */
};

static int64_t
now_ms(void)
{
	struct timespec ts = {0};

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static void
send_answer(const struct asker *to, const struct dnsd_packet *p)
{
	unsigned char prefix[2] = {(unsigned char)(p->len >> 8), (unsigned char)p->len};

	/* Whoever left or does not listen has no answer, as with any server. */
	if (!to->tcp) {
		(void)!sendto(to->fd, p->data, p->len, MSG_NOSIGNAL,
		    (const struct sockaddr *)&to->address, sizeof(to->address));
	} else {
		(void)!send(to->fd, prefix, sizeof(prefix), MSG_NOSIGNAL | MSG_MORE);
		(void)!send(to->fd, p->data, p->len, MSG_NOSIGNAL);
	}
}

static struct partial_sum *
find_tally(struct dnsd *d, const char *name, bool make)
{
	struct partial_sum *t = d->tallies;

	while (t != NULL && strcasecmp(t->spelling, name) != 0)
		t = t->next;
	if (t == NULL && make) {
		t = calloc(1, sizeof(*t));
		assert(t != NULL);
		t->next = d->tallies;
		d->tallies = t;
	}
	if (make) {
		t->anew += strcmp(t->spelling, name) != 0;
		strbuf_copy(t->spelling, sizeof(t->spelling), name);
	}
	return t;
}

static struct rule *
find_rule(struct dnsd *d, const char *name)
{
	struct rule *r = d->rules;

	while (r != NULL && strcasecmp(r->name, name) != 0)
		r = r->next;
	if (r != NULL)
		return r;
	for (r = d->rules; r != NULL; r = r->next) {
		size_t len = strlen(name), tail = strlen(r->name) - 1;

		if (r->name[0] == '*' && len > tail &&
		    strcasecmp(name + len - tail, r->name + 1) == 0)
			return r;
	}
	return NULL;
}

/* Count the question and copy its rule; false: it is to have no answer. */
static bool
consult(struct dnsd *d, const char *name, bool tcp, bool dnssec, struct dnsd_answer *out)
{
	static const struct dnsd_answer refusal = {.rcode = ns_r_refused};
	struct partial_sum *t;
	struct rule *r;
	bool silent = false;

	pthread_mutex_lock(&d->mutex);
	t = find_tally(d, name, true);
	t->udp += !tcp;
	t->tcp += tcp;
	t->dnssec += dnssec;
	r = find_rule(d, name);
	*out = r != NULL ? r->answer : refusal;
	out->is_signed &= dnssec;
	if (r != NULL && r->answer.silent > 0) {
		silent = true;
		r->answer.silent -= r->answer.silent != UINT_MAX;
	} else if (r != NULL && r->answer.once) {
		r->answer.silent = UINT_MAX;
	}
	pthread_mutex_unlock(&d->mutex);
	return !silent;
}

/* Whether an OPT record with the DO bit follows the question (RFC 3225, 3). */
static bool
wants_signatures(const unsigned char *query, size_t question_end, size_t len)
{
	const unsigned char *opt = query + question_end;

	return len >= question_end + 11 && opt[0] == 0 && ns_get16(opt + 1) == ns_t_opt &&
	    (opt[7] & 0x80) != 0;
}

static void
answer(struct dnsd *d, const struct asker *asker, const unsigned char *query, size_t len)
{
	struct dnsd_answer a;
	struct late *late;
	ns_msg m;
	ns_rr question;
	int skip;

	if (ns_initparse(query, (int)len, &m) != 0 ||
	    ns_parserr(&m, ns_s_qd, 0, &question) != 0 ||
	    (skip = dn_skipname(query + NS_HFIXEDSZ, query + len)) < 0)
		return;
	skip += NS_HFIXEDSZ + NS_QFIXEDSZ;
	if (!consult(d, ns_rr_name(question), asker->tcp,
		wants_signatures(query, (size_t)skip, len), &a))
		return;
	late = malloc(sizeof(*late));
	assert(late != NULL);
	late->asker = *asker;
	late->due = now_ms() + a.delay;
	dnsd_answer_write(&late->packet, &a, query, (size_t)skip, asker->tcp);
	late->next = d->late;
	d->late = late;
}

/* Send what is due, and forget what is for the closed descriptor; ms to the next, or -1. */
static int
send_late(struct dnsd *d, int closed)
{
	struct late **at = &d->late, *late;
	int64_t now = now_ms(), next = -1;

	while ((late = *at) != NULL) {
		if (late->due > now && late->asker.fd != closed) {
			if (next < 0 || late->due - now < next)
				next = late->due - now;
			at = &late->next;
			continue;
		}
		if (late->asker.fd != closed)
			send_answer(&late->asker, &late->packet);
		*at = late->next;
		free(late);
	}
	return (int)next;
}

static void
read_udp(struct dnsd *d)
{
	struct asker asker = {.fd = d->udp};
	socklen_t size = sizeof(asker.address);
	unsigned char query[512];
	ssize_t n = recvfrom(d->udp, query, sizeof(query), MSG_DONTWAIT,
	    (struct sockaddr *)&asker.address, &size);

	if (n <= 0)
		return;
	pthread_mutex_lock(&d->mutex);
	d->from[ntohs(asker.address.sin_port)] = true;
	pthread_mutex_unlock(&d->mutex);
	answer(d, &asker, query, (size_t)n);
}

static void
accept_tcp(struct dnsd *d)
{
	int fd = accept(d->tcp, NULL, NULL);

	for (size_t i = 0; fd >= 0 && i < CONNECTIONS; i++) {
		if (d->connections[i].fd < 0) {
			d->connections[i] = (struct connection){.fd = fd};
			return;
		}
	}
	if (fd >= 0)
		close(fd);
}

static void
read_tcp(struct dnsd *d, struct connection *c)
{
	struct asker asker = {.fd = c->fd, .tcp = true};
	ssize_t n = recv(c->fd, c->data + c->len, sizeof(c->data) - c->len, MSG_DONTWAIT);
	size_t len;

	if (n <= 0) {
		send_late(d, c->fd);
		close(c->fd);
		c->fd = -1;
		return;
	}
	c->len += (size_t)n;
	while (c->len >= 2 && c->len >= 2 + (len = (size_t)(c->data[0] << 8 | c->data[1]))) {
		answer(d, &asker, c->data + 2, len);
		c->len -= 2 + len;
		memmove(c->data, c->data + 2 + len, c->len);
	}
}

static void *
serve(void *arg)
{
	struct dnsd *d = arg;
	struct pollfd fds[3 + CONNECTIONS];

	for (;;) {
		fds[0] = (struct pollfd){.fd = d->stop[0], .events = POLLIN};
		fds[1] = (struct pollfd){.fd = d->udp, .events = POLLIN};
		fds[2] = (struct pollfd){.fd = d->tcp, .events = POLLIN};
		for (size_t i = 0; i < CONNECTIONS; i++)
			fds[3 + i] =
			    (struct pollfd){.fd = d->connections[i].fd, .events = POLLIN};
		poll(fds, 3 + CONNECTIONS, send_late(d, -1));
		if (fds[0].revents != 0)
			return NULL;
		if (fds[1].revents != 0)
			read_udp(d);
		for (size_t i = 0; i < CONNECTIONS; i++) {
			if (fds[3 + i].revents != 0)
				read_tcp(d, &d->connections[i]);
		}
		if (fds[2].revents != 0)
			accept_tcp(d);
	}
}

/* Listen, on a thread; false: it cannot. */
static bool
arrive(struct dnsd *d)
{
	int buffer = 4 << 20;

	for (size_t i = 0; i < CONNECTIONS; i++)
		d->connections[i].fd = -1;
	d->udp = heldport_socket(&d->port, SOCK_DGRAM);
	d->tcp = heldport_socket(&d->port, SOCK_STREAM);
	setsockopt(d->udp, SOL_SOCKET, SO_RCVBUF, &buffer, sizeof(buffer));
	if (d->udp >= 0 && d->tcp >= 0 && listen(d->tcp, 16) == 0 && pipe(d->stop) == 0) {
		d->there = pthread_create(&d->thread, NULL, serve, d) == 0;
		if (d->there)
			return true;
		close(d->stop[0]);
		close(d->stop[1]);
	}
	close(d->udp);
	close(d->tcp);
	return false;
}

void
dnsd_leave(struct dnsd *d)
{
	if (!d->there)
		return;
	close(d->stop[1]);
	pthread_join(d->thread, NULL);
	close(d->stop[0]);
	close(d->udp);
	close(d->tcp);
	for (size_t i = 0; i < CONNECTIONS; i++) {
		if (d->connections[i].fd >= 0)
			close(d->connections[i].fd);
	}
	for (struct late *l = d->late, *next; l != NULL; l = next) {
		next = l->next;
		free(l);
	}
	d->late = NULL;
	d->there = false;
}

bool
dnsd_return(struct dnsd *d)
{
	return d->there || arrive(d);
}

struct dnsd *
dnsd_start(void)
{
	struct dnsd *d = calloc(1, sizeof(*d));

	if (d == NULL || !heldport_take(&d->port)) {
		free(d);
		return NULL;
	}
	pthread_mutex_init(&d->mutex, NULL);
	if (!arrive(d)) {
		dnsd_stop(d);
		return NULL;
	}
	snprintf(d->address, sizeof(d->address), "127.0.0.1:%u", d->port.port & 0xffffU);
	return d;
}

void
dnsd_stop(struct dnsd *d)
{
	dnsd_leave(d);
	heldport_release(&d->port);
	for (struct rule *r = d->rules, *next; r != NULL; r = next) {
		next = r->next;
		free(r);
	}
	for (struct partial_sum *t = d->tallies, *next; t != NULL; t = next) {
		next = t->next;
		free(t);
	}
	pthread_mutex_destroy(&d->mutex);
	free(d);
}

const char *
dnsd_address(const struct dnsd *d)
{
	return d->address;
}

bool
dnsd_teach(struct dnsd *d, const char *name, const char *words)
{
	struct rule *r = calloc(1, sizeof(*r));

	if (r == NULL || !dnsd_answer_read(&r->answer, words)) {
		free(r);
		return false;
	}
	snprintf(r->name, sizeof(r->name), "%s", name);
	/* What was taught before stays, behind it. */
	pthread_mutex_lock(&d->mutex);
	r->next = d->rules;
	d->rules = r;
	pthread_mutex_unlock(&d->mutex);
	return true;
}

unsigned
dnsd_asked_from(struct dnsd *d)
{
	unsigned ports = 0;

	pthread_mutex_lock(&d->mutex);
	for (size_t port = 0; port <= UINT16_MAX; port++)
		ports += d->from[port];
	pthread_mutex_unlock(&d->mutex);
	return ports;
}

static struct partial_sum
count(struct dnsd *d, const char *name)
{
	struct partial_sum sum = {0};

	pthread_mutex_lock(&d->mutex);
	for (const struct partial_sum *t = d->tallies; t != NULL; t = t->next) {
		if (name != NULL && strcasecmp(t->spelling, name) != 0)
			continue;
		memcpy(sum.spelling, t->spelling, sizeof(sum.spelling));
		sum.udp += t->udp;
		sum.tcp += t->tcp;
		sum.dnssec += t->dnssec;
		sum.anew += t->anew;
	}
	pthread_mutex_unlock(&d->mutex);
	return sum;
}

unsigned
dnsd_asked(struct dnsd *d, const char *name)
{
	struct partial_sum t = count(d, name);

	return t.udp + t.tcp;
}

unsigned
dnsd_asked_anew(struct dnsd *d, const char *name)
{
	return count(d, name).anew;
}

unsigned
dnsd_asked_tcp(struct dnsd *d, const char *name)
{
	return count(d, name).tcp;
}

unsigned
dnsd_asked_signed(struct dnsd *d, const char *name)
{
	return count(d, name).dnssec;
}

bool
dnsd_spelling(struct dnsd *d, const char *name, char *out, size_t size)
{
	struct partial_sum t = count(d, name);

	snprintf(out, size, "%s", t.spelling);
	return t.spelling[0] != '\0';
}
