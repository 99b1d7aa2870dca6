/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * dns/ports.c - a port has one socket that new questions go to, and those before it that
 * have questions open.  Each has a receive buffer of its own.
 */
#include "config.h"

#include "dns/ports.h"

#include <stdlib.h>
#include <unistd.h>

#include <event2/event.h>

#include "base/random.h"
#include "dns/batch.h"
#include "loop/loop.h"

#define USES 384       /* of a source port, a third more or less */
#define SOCKETS_MAX 64 /* left for others while questions are open on them */

void
dnsports_init(struct dnsports *p, struct loop *loop, const char *server,
    dnsports_readable *on_readable, void *arg)
{
	*p = (struct dnsports){
	    .loop = loop, .server = server, .on_readable = on_readable, .arg = arg};
	TAILQ_INIT(&p->sockets);
}

void
dnsports_close(struct dnssocket *s)
{
	struct dnsports *p = s->ports;

	for (unsigned i = 0; i < DNSPORTS_N; i++)
		if (p->port[i] == s)
			p->port[i] = NULL;
	TAILQ_REMOVE(&p->sockets, s, link);
	p->n--;
	event_free(s->event);
	close(s->fd);
	free(s);
}

static struct dnssocket *
socket_new(struct dnsports *p)
{
	struct dnssocket *s = calloc(1, sizeof(*s));

	if (s == NULL || (s->fd = dnsbatch_connect(p->server)) < 0) {
		free(s);
		return NULL;
	}
	s->ports = p;
	s->event =
	    event_new(loop_base(p->loop), s->fd, EV_READ | EV_PERSIST, p->on_readable, s);
	if (s->event == NULL || event_add(s->event, NULL) != 0) {
		if (s->event != NULL)
			event_free(s->event);
		close(s->fd);
		free(s);
		return NULL;
	}
	s->uses_max = jittered(USES, 33);
	TAILQ_INIT(&s->tries);
	TAILQ_INSERT_TAIL(&p->sockets, s, link);
	p->n++;
	return s;
}

struct dnssocket *
dnsports_use(struct dnsports *p, unsigned port)
{
	struct dnssocket *s = p->port[port], *fresh;

	if (s == NULL || (s->uses >= s->uses_max && p->n < SOCKETS_MAX)) {
		/* The old one goes when its questions have ended, and it is idle. */
		fresh = socket_new(p);
		if (fresh != NULL)
			p->port[port] = fresh;
		else if (s == NULL)
			fresh = TAILQ_FIRST(&p->sockets);
		s = fresh != NULL ? fresh : s;
	}
	if (s != NULL)
		s->uses++;
	return s;
}

void
dnsports_close_idle(struct dnsports *p)
{
	struct dnssocket *s = TAILQ_FIRST(&p->sockets), *next;

	for (; s != NULL; s = next) {
		next = TAILQ_NEXT(s, link);
		if (TAILQ_EMPTY(&s->tries) && s->uses == s->seen)
			dnsports_close(s);
		else
			s->seen = s->uses;
	}
}
