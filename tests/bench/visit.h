/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * visit.h - one session with a filter, as an MTA holds it for one client: what
 * to send next, and what came of it.  The socket is the caller's to wait on.
 */
#ifndef BENCH_VISIT_H
#define BENCH_VISIT_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>
#include <sys/socket.h>

#include "crowd.h"
#include "tally.h"
#include "wire.h"

/* What is done next, and what a pause may come before. */
enum step {
	STEP_NEGOTIATE,
	STEP_CONNECT,
	STEP_HELO,
	STEP_MAIL,
	STEP_RCPT,
	STEP_END,
	STEP_QUIT,
	STEPS
};

/* How sessions are held; shared. */
struct visit_plan {
	struct sockaddr_storage where;
	socklen_t where_len;
	int64_t pause[STEPS]; /* ns */
	int64_t delay;        /* ns that the lists take, not counted in SPAN_VERDICT */
	unsigned recipients;
	bool probes; /* the MTA refuses all recipients but the first */
	bool eager;  /* send each step at once, as Sendmail does */
	bool hold;   /* stop after MAIL, until told to go on */
};

struct visit {
	int fd; /* -1: none */
	enum step next;
	bool connected;
	bool waiting;  /* for an answer */
	bool accepted; /* a recipient was */
	unsigned recipient;
	int64_t due, asked, began; /* when it was to begin; last question; CONNECT sent */
	int64_t wake;              /* when the pause ends */
	struct client client;
	uint32_t steps; /* what the filter wants of the protocol */
	enum result result;
	struct wire in, out;
	bool parked;             /* the caller's: it is pausing, */
	TAILQ_ENTRY(visit) link; /* or idle */
};

enum progress {
	PROGRESS_WAIT,  /* for the socket */
	PROGRESS_PAUSE, /* until wake */
	PROGRESS_HELD,  /* until its next step is set to STEP_QUIT */
	PROGRESS_DONE   /* the socket is closed */
};

/* Open a socket for a client, who was to come at that time; false: it cannot be. */
bool visit_begin(struct visit *, const struct visit_plan *, const struct client *, int64_t due,
    struct tally *);

/* Go on as far as it goes, when the socket can be read or written, or the pause is over. */
enum progress visit_go(struct visit *, const struct visit_plan *, struct tally *);

/* It has taken too long. */
void visit_drop(struct visit *, struct tally *);

#endif
