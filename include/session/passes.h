/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * session/passes.h - who is let through for some time: addresses and networks by an
 * administrator's word, for all recipients; and the /24 or /64 of a client that took a pass at
 * the page, for some messages to one domain.  Any thread.  Who looks one up waits for nobody
 * but who changes the table, for some microseconds; and for nobody at all while there is none.
 *
 * They outlive the configuration.  Those of the page are kept and told to other nodes by who
 * watches them (session/passfile.h, session/passshare.h), those of administrators end with the
 * process.
 */
#ifndef RELAYGUARD_SESSION_PASSES_H
#define RELAYGUARD_SESSION_PASSES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/ipaddr.h"
#include "base/mailbox.h"
#include "session/pass.h"

#define PASSES_MAX 4096 /* of each kind, at a time */

enum pass_kind { PASS_ADMINISTRATOR, PASS_PAGE, PASS_KINDS };

struct passes;

/* A table without any; NULL: out of memory. */
struct passes *passes_new(void);
void passes_free(struct passes *);

/* Let a network through by an administrator's word (copied), in the place of what was said of
 * the very same network before, which goes to before; where nothing was, its network has no
 * bits.  False: there are PASSES_MAX, or memory is out. */
bool passes_add(struct passes *, const struct pass *, struct pass *before);

/* End those of that very network before their time; false: there is none. */
bool passes_end(struct passes *, const struct network *);

/* The administrator's pass of the most specific network that holds an address; false: there is
 * none. */
bool passes_find(struct passes *, const struct ipaddr *, struct pass *);

enum pass_answer {
	PASS_GRANTED,
	PASS_USED,   /* the network has had one in the last PASS_AGAIN_MS */
	PASS_ABUSED, /* it has abused PASS_ABUSES of them */
	PASS_FULL    /* there are PASSES_MAX, all good now; or memory is out */
};

/* The network of an address that one pass of the page is for. */
struct network passes_network(const struct ipaddr *);

/* Give the network of a client a pass for mail to a domain; what it is goes to *pass.  Where
 * all places are taken, it takes that of the oldest that is not good any more. */
enum pass_answer passes_grant(
    struct passes *, const struct ipaddr *, const char *domain, struct pass *);

/* The last one that the network of a client was given, if it is known still; there may be
 * another from pass->again on. */
bool passes_granted(struct passes *, const struct ipaddr *, struct pass *);

/* Whether one that was granted lets a client's message through to a recipient; counted: it has
 * been by passes_spend() for another recipient. */
bool passes_admit(
    struct passes *, const struct ipaddr *, const struct mailbox *to, bool counted);

/* The same, and count the message and the recipient. */
bool passes_spend(
    struct passes *, const struct ipaddr *, const struct mailbox *to, bool counted);

/* A client is on the own list now: the pass of its network that it has used ends. */
void passes_note_listed(struct passes *, const struct ipaddr *);

/* Copy those of a kind that are good now, as many as fit; how many.  They are in no useful
 * order. */
size_t passes_list(struct passes *, enum pass_kind, struct pass *, size_t size);

/* --- Those who keep and tell what becomes of the page's --- */

enum pass_keeper { PASS_KEEPER_FILE, PASS_KEEPER_FLEET, PASS_KEEPERS };

/* Have fn called when there is something for a keeper to take: with the lock, so that it may
 * wake somebody, and must call nothing here.  Before other threads know the table. */
void passes_watch(struct passes *, enum pass_keeper, void (*fn)(void *arg), void *arg);

/* Take (a copy of) one that a keeper has not taken since it changed; false: there is none. */
bool passes_take(struct passes *, enum pass_keeper, struct pass *);

/* A keeper is to take that of a network once more, or all (NULL): nobody is called. */
void passes_take_again(struct passes *, enum pass_keeper, const struct network *);

/*
 * Join what a keeper has with what is known here: what either has let through, and that it has
 * ended.  Nodes that have told each other all have the same, in whatever order.  A later pass
 * takes the place of one that is over; of two at a time the one with the lower id is good.
 * False: it says nothing new, or there is no room.
 */
bool passes_join(struct passes *, enum pass_keeper, const struct pass *);

#endif
