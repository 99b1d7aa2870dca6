/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * session/session.h - one SMTP connection, from connect to the last verdict.
 *
 * A session belongs to the thread that is in its callback now; the callbacks of
 * one connection may run on several threads, one after the other.
 */
#ifndef RELAYGUARD_SESSION_H
#define RELAYGUARD_SESSION_H

#include <stdatomic.h>
#include <stdbool.h>

#include "base/ipaddr.h"
#include "session/client.h"
#include "session/milterclients.h"
#include "verdict/reply.h"

struct health;
struct localstore;
struct own;
struct store;
struct tails;
struct watch;
struct message;
struct session;

/* What all sessions share; outlives them. */
struct session_shared {
	struct client_services services; /* whom to ask */
	struct health *health;
	struct store *store;            /* of decisions, or NULL */
	struct localstore *local_store; /* of the own list */
	struct tails *tails;            /* who watches them */
	struct own *own;                /* our own evidence */
	struct watch *watch;            /* of our own addresses */
	atomic_bool stopping;
	const char *watchdog; /* the name that the watchdog's own client has; or NULL */
};

/* Stop: from now on new sessions pass, and waiting ones decide on what is known. */
void session_stop_all(struct session_shared *);

/* How many sessions are open. */
unsigned session_count(void);

/* What was agreed on with the MTA, as bits. */
enum session_agreed {
	SESSION_MAY_HOLD = 1,     /* it holds mail where we ask it to */
	SESSION_SEES_REFUSED = 2, /* it tells of recipients that it has refused */
	/* It has asked by Postfix's policy delegation: each message is a session; a path's
	 * resolved is its own; the reply is one line, with words of Postfix's before it; and a
	 * recipient may still be refused, so that it is no evidence of our own. */
	SESSION_BY_POLICY = 4
};

/*
 * A client has connected; name is what DNS calls it, or NULL; addr is empty
 * where the MTA gave none.  Asks the lists and does not wait.  NULL: out of memory, or
 * too many sessions; this one passes unseen.
 */
struct session *session_new(
    struct session_shared *, const struct ipaddr *addr, const char *name, unsigned agreed);

/* Whether a client of that name is the watchdog's, which leaves no trace. */
bool session_is_watchdog(const struct session_shared *, const char *name);

/*
 * Our own name as the MTA has it (copied; NULL: it has none), where the configuration
 * has none; asked for only where it is wanted.
 */
bool session_wants_receiver(const struct session *);
void session_receiver(struct session *, const char *name);

/* The same name and the address that the client has come to (each NULL: not known), where
 * our own evidence wants them. */
bool session_wants_server(const struct session *);
void session_server(struct session *, const char *name, const char *address);

/*
 * Where Postfix's policy delegation is served as well, it has to know of this connection: the
 * port of the client, and the address that it has come to (NULL: not known).
 */
bool session_wants_connection(const struct session *);
void session_connection(struct session *, const struct milterclients_key *);

/*
 * At connect: ACTION_DROP, with a reply, for a client that is not to come any
 * further, where the configuration says so; else ACTION_PASS.  Only there it waits
 * for the lists.
 */
enum action session_greet(struct session *, struct reply *);

/* Whether nothing about this client can ever be refused: the MTA need not ask again. */
bool session_is_accepted(const struct session *);

/* The same of the message under way, once one of its recipients was let through. */
bool session_message_is_accepted(const struct session *);

void session_helo(struct session *, const char *helo);

/* MAIL: its argument, and as whom the client has logged in; NULL: it has not. */
void session_mail(struct session *, const struct envelope_path *from, const char *user);

/*
 * RCPT: waits for what is missing, until the deadline; decides, logs, and for
 * defer and refuse fills in the reply.
 */
enum action session_rcpt(struct session *, const struct envelope_path *to, struct reply *);

/* Whether the MTA has refused a recipient, and only lets us know. */
bool session_is_refused(const struct session *, const struct envelope_path *to);

/*
 * RCPT of such a one, of which the path's resolved is the reason; code: an enhanced one, or
 * NULL.  It is evidence, and no decision: nobody is asked or waited for, nothing is logged.
 */
void session_refused(struct session *, const struct envelope_path *to, const char *code);

/* A field of the message's header, as it came. */
void session_field(struct session *, const char *name, const char *value);

/* What becomes of the message at its end; NULL: nothing. */
struct message *session_message(struct session *);

/*
 * At its end: whether it is not to be taken, for more of its fields are forged
 * than can be removed.  Logs that, and fills in the reply.
 */
bool session_is_forged(const struct session *, struct reply *);

/* At its end, it is taken: logs that, with the id it has in the MTA's queue, or NULL. */
void session_taken(struct session *, const char *queue_id);

/* The message is over, whatever became of it; the connection goes on. */
void session_abort(struct session *);

/* The connection is over; frees.  NULL is fine. */
void session_close(struct session *);

#endif
