/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * dns/channel.h - questions to one DNS server, from several ports, over UDP and, where an
 * answer is truncated, TCP.  I/O thread only.
 */
#ifndef RELAYGUARD_DNS_CHANNEL_H
#define RELAYGUARD_DNS_CHANNEL_H

#include <sys/queue.h>

#include <stdbool.h>
#include <stdint.h>

#include "dns/wire.h"
#include "loop/loop.h"

struct dnschannel;
struct dnstry;
struct dnssocket;

/*
 * It has ended: with an answer, with what is none (heard), or with nobody there.  The
 * reply is good, with its records, within the call.
 */
typedef void dnstry_done(struct dnstry *, const struct dns_reply *);

/* An answer is overdue; told once, while it is open. */
typedef void dnstry_late(struct dnstry *);

#define DNSCHANNEL_COPIES 5 /* sent of one question, over UDP */

/* A packet that asks: an answer to any of those of a question is one to it. */
struct dnscopy {
	LIST_ENTRY(dnscopy) link;
	struct dnstry *try;
	int64_t sent;
	uint16_t id;
};

/* A question to this server; the caller's, who leaves it alone until it is done. */
struct dnstry {
	const char *name; /* as it is sent, letter case and all; stays until then */
	const struct dns_preference *prefer; /* as in dnswire_read(); stays, too */
	dnstry_done *done;
	dnstry_late *late; /* or NULL */
	void *arg;
	uint32_t zone;    /* of dns/timing.h */
	int64_t since;    /* in clock_ms(): now, when it is asked */
	int64_t deadline; /* in clock_ms(): when it ends without an answer */
	enum dns_type type;
	uint8_t flags; /* as in dnswire_question() */
	bool quiet;    /* it is not sent again: nobody waits for it any more */

	/* When the server last said something to it, of use or not; 0: never; read only. */
	int64_t heard;

	/* The channel's. */
	bool refused; /* the system would not send it */
	struct dnschannel *channel;
	struct dnssocket *socket;
	TAILQ_ENTRY(dnstry) link;
	int64_t due;             /* when there is something to do for it */
	int64_t repeat, overdue; /* when it is sent again, and when that is told; 0: never */
	int64_t wait;            /* from copy to copy */
	unsigned ncopies, nstreams;
	struct dnscopy copy[DNSCHANNEL_COPIES], stream; /* stream: over TCP */
};

/*
 * A channel to a server, "ADDRESS:PORT"; NULL: out of memory.  after(arg) is
 * called when some of its tries may have ended, as the last thing done: all may
 * be freed in there.
 */
struct dnschannel *dnschannel_new(struct loop *, const char *server, loop_fn *after, void *arg);

/* End; what is still open is done within this call, not heard.  NULL is fine. */
void dnschannel_free(struct dnschannel *);

/*
 * Ask for what the try says: first when its zone's answers are overdue (dns/timing.h), then
 * each time after twice as long, it is asked for again.  done is called exactly once, by the
 * deadline, maybe from within this call; it may ask, but free no channel.
 * Of the numbers below DNSCHANNEL_PORTS, port is a random one.
 */
#define DNSCHANNEL_PORTS 8
void dnschannel_ask(struct dnschannel *, struct dnstry *, unsigned port);

/* The same, but once, and on a port of its own. */
void dnschannel_probe(struct dnschannel *, struct dnstry *);

#endif
