/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * dns/ports.h - the UDP sockets that questions to one server leave by, each from a source
 * port of its own, and what is open on them.  I/O thread only.
 *
 * A socket is kept while it is of use, for to open one costs more than to ask; but only
 * for so many questions, as somebody far away may guess its port, and not while there
 * are none.
 */
#ifndef RELAYGUARD_DNS_PORTS_H
#define RELAYGUARD_DNS_PORTS_H

#include <sys/queue.h>

#include <stdint.h>

struct dnscopy; /* a packet, and ... */
struct dnstry;  /* ... what it is of (dns/channel.h) */
struct event;
struct loop;

#define DNSPORTS_N 9         /* that are in use at a time */
#define DNSPORTS_BUCKETS 256 /* of packets, by their ids */

LIST_HEAD(dnsbucket, dnscopy);
TAILQ_HEAD(dnstries, dnstry);

struct dnssocket {
	TAILQ_ENTRY(dnssocket) link;
	struct dnsports *ports;
	struct event *event;
	int fd;
	int64_t uses, seen;    /* seen: of them, when it was last looked at */
	int64_t uses_max;      /* then another one takes its place */
	struct dnstries tries; /* that are open */
	struct dnsbucket bucket[DNSPORTS_BUCKETS];
};

TAILQ_HEAD(dnssockets, dnssocket);

/* There is something to read from fd, or an error; arg is its struct dnssocket. */
typedef void dnsports_readable(int fd, short what, void *arg);

struct dnsports {
	struct loop *loop;
	const char *server;
	dnsports_readable *on_readable;
	void *arg;
	struct dnssocket *port[DNSPORTS_N]; /* that new questions go to; or NULL */
	struct dnssockets sockets;          /* all of them */
	unsigned n;
};

/* server stays as long as they do. */
void dnsports_init(struct dnsports *, struct loop *, const char *server,
    dnsports_readable *on_readable, void *arg);

/* The socket for a question by port, a number below DNSPORTS_N; NULL: there is none. */
struct dnssocket *dnsports_use(struct dnsports *, unsigned port);

/* Close those that nobody has used since the last time, and where nothing is open. */
void dnsports_close_idle(struct dnsports *);

/* Close one; nothing is open on it. */
void dnsports_close(struct dnssocket *);

#endif
