/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * dnschannel.h - questions to one DNS server, from several ports.  Rank 4; I/O
 * thread only.
 */
#ifndef RELAYGUARD_DNSCHANNEL_H
#define RELAYGUARD_DNSCHANNEL_H

#include <stdbool.h>

#include "dnswire.h"
#include "loop.h"

struct dnschannel;
struct dnstry;
struct port;

/*
 * heard: the server has said something, of use or not.  Nobody was silent where the
 * reply is unsent.  It is good, with its records, within the call.
 */
typedef void dnstry_done(struct dnstry *, bool heard, const struct dns_reply *);

/* A question to this server; the caller's, who leaves it alone until it is done. */
struct dnstry {
	const char *name; /* as it is sent, letter case and all; stays until then */
	const struct dns_preference *prefer; /* as in dnswire_read(); stays, too */
	dnstry_done *done;
	void *arg;
	struct port *port; /* ours */
	enum dns_type type;
	uint16_t id; /* a random one */
	bool dnssec; /* as in dnswire_question() */
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
 * Ask for what the try says, five times in six seconds or so.  done is called exactly
 * once, maybe from within this call; it may ask, but free no channel.
 * Of the numbers below DNSCHANNEL_PORTS, port is a random one.
 */
#define DNSCHANNEL_PORTS 8
void dnschannel_ask(struct dnschannel *, struct dnstry *, unsigned port);

/* The same, but once, in a second or so, and on a port of its own. */
void dnschannel_probe(struct dnschannel *, struct dnstry *);

/*
 * The servers of /etc/resolv.conf, as channels take them, with commas between;
 * the caller frees it.  NULL: out of memory.
 */
char *dnschannel_system(void);

#endif
