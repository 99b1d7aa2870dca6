/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * session.h - one SMTP connection, from connect to the last verdict.  Rank 7.
 *
 * A session belongs to the thread that is in its callback now; the callbacks of
 * one connection may run on several threads, one after the other.
 */
#ifndef RELAYGUARD_SESSION_H
#define RELAYGUARD_SESSION_H

#include <stdatomic.h>
#include <stdbool.h>

#include "ipaddr.h"
#include "reply.h"

struct health;
struct inquiries;
struct memcache;
struct session;

/* What all sessions share; outlives them. */
struct session_world {
	struct memcache *memory;
	struct inquiries *inquiries;
	struct health *health;
	atomic_bool stopping;
	const char *trial; /* who is called that is no client, but a trial of ours; or NULL */
};

/* Stop: from now on new sessions pass, and waiting ones decide on what is known. */
void session_stop_all(struct session_world *);

/* How many sessions are open. */
unsigned session_count(void);

/*
 * A client has connected; name is what DNS calls it, or NULL; addr is empty
 * where the MTA gave none.  Asks the lists and does not wait.  NULL: out of
 * memory, or too many sessions; this one passes unseen.
 */
struct session *session_new(
    struct session_world *, const struct ipaddr *addr, const char *name);

/* Whether a client of that name is a trial of ours, which leaves no trace. */
bool session_is_trial(const struct session_world *, const char *name);

/* Whether nothing about this client can ever be refused: the MTA need not ask again. */
bool session_is_free(const struct session *);

void session_helo(struct session *, const char *helo);

/* MAIL: its argument, and whether the client has logged in. */
void session_mail(struct session *, const char *from, bool authenticated);

/*
 * RCPT: waits for what is missing, until the deadline; decides, logs, and for
 * defer and refuse fills in the reply.
 */
enum action session_rcpt(struct session *, const char *to, struct reply *);

/* The message is over, whatever became of it; the connection goes on. */
void session_abort(struct session *);

/* The connection is over; frees.  NULL is fine. */
void session_close(struct session *);

#endif
