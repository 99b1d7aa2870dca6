/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * session/client.h - who is at the other end: what the client says of itself, and what
 * others say of it.
 *
 * A client belongs to a session, and so to the thread that is in its callback.
 */
#ifndef RELAYGUARD_SESSION_CLIENT_H
#define RELAYGUARD_SESSION_CLIENT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/envelope.h"
#include "base/ipaddr.h"
#include "lists/subject.h"
#include "verdict/result.h"
#include "verdict/verdict.h"

struct conf;
struct client_lookups;
struct datahealth;
struct lookups;
struct loop;
struct memcache;
struct locallist;
struct passes;
struct passshare;
struct promises;
struct spf;
struct stalemx;
struct upstream;

/* Whom to ask about clients; outlives them. */
struct client_services {
	struct memcache *memory;
	struct lookups *lookups;
	struct loop *loop;
	struct upstream *upstream;
	struct promises *promises;
	struct spf *spf;
	struct passes *passes;        /* who is let through for some time, ... */
	struct passshare *pass_share; /* ... at all nodes; or NULL */
	struct stalemx *stalemx;      /* domains whose mail still comes to us */
	struct locallist *local;      /* what own evidence has listed, or NULL */
	struct datahealth
	    *datahealth; /* told what the data of lists says of clients, or NULL */
};

/* To be read by anybody, and written here. */
struct client {
	const struct client_services *services;
	const struct conf *conf;
	struct ipaddr address;
	bool quiet;              /* it is no client, but a question about one */
	int64_t deadline;        /* of lists, in clock_ms(), counted from connect; ... */
	int64_t helo_deadline;   /* ... from HELO of those that are asked about it, ... */
	int64_t sender_deadline; /* ... from MAIL of those about the sender */
	char *name;              /* what DNS calls the client, its HELO, the sender, as they */
	char *helo;              /* came; each may be NULL */
	char *from;              /* as the MTA understands it */
	char *orig_from;         /* as the client typed it, where that is another; or NULL */
	char *spf_sender;    /* "local@domain"; "": HELO stands for it; NULL: there is none */
	char *domain[ROLES]; /* the names in these, as lists are asked about them; or NULL */
	unsigned unasked; /* bit r: the name in role r is new, and to be asked about at RCPT */
	unsigned
	    unreadable; /* bit r: what stands in role r may have a name that cannot be read */
	bool authenticated;
	char *user;   /* who has logged in, as far as is shown; NULL: nobody with a name */
	bool passed;  /* by an administrator: then it is allowed */
	bool passing; /* its message under way has been let through by a pass of the page's */
	bool allowed, denied;     /* by the local sets: never both */
	char *pass_reason;        /* of the administrator's, or NULL */
	const char *local_reason; /* of what decided; lives as long as conf, or the client */
	enum host host;           /* whether its name is its own, once asked */
	enum spf_result spf;      /* of the sender, once asked */
	struct client_lookups *lookups; /* what the lists say */
};

/*
 * A client that has connected; name is what DNS calls it, or NULL.  The local
 * sets are looked at, nobody is asked yet.  quiet: nobody has connected, but somebody
 * wants to know: nothing of it is counted.  services and conf are borrowed.  False:
 * out of memory.
 */
bool client_init(struct client *, const struct client_services *, const struct conf *,
    const struct ipaddr *, const char *name, bool quiet);
void client_clear(struct client *);

/* Ask the lists about its address and its name, and do not wait. */
void client_look_up(struct client *);

/*
 * It says HELO, or MAIL (NULL: the message is over), and has logged in as user, which is
 * empty where nobody knows the name, and NULL where it has not.  Asks, and does not wait.
 * client_mail() is false where there is no way to read the sender: it is kept as it came.
 */
void client_helo(struct client *, const char *helo);
bool client_mail(struct client *, const struct envelope_path *from, const char *user);

/* The domain whose sender policy is meant: of a null sender, that of HELO; NULL: none. */
const char *client_spf_domain(const struct client *);

/* What is known of it, for recipients of that policy, before anybody is waited for. */
struct verdict_input client_verdict_input(const struct client *, const struct policy *);

/*
 * Find out what can still change the verdict, and no more: what the
 * lists say, until their deadlines; then whether its name is its own, then what
 * SPF says, for which nobody has been asked before: all within a deadline's time.
 */
void client_investigate(struct client *, struct verdict_input *);

/* It is put off by what lists say that cannot be confirmed: not for ever (lookup/deferral.h). */
void client_note_deferral(struct client *, const struct verdict_input *);

/* Whether its name is its own; asks and waits for a deadline's time where nobody has asked. */
enum host client_confirm_host(struct client *);

/* Wait for all lists that have been asked, also for those that can change nothing, until their
 * deadlines. */
void client_hear_out(struct client *);

/* Take over what the lists have said by now, without waiting; those that are still asked. */
listset client_catch_up(struct client *);

#endif
