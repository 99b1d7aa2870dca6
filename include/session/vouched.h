/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * session/vouched.h - a list that holds clients who are known to be good is worth a second look;
 * but not one of names, for a good client may say whatever name it likes.
 */
#ifndef RELAYGUARD_SESSION_VOUCHED_H
#define RELAYGUARD_SESSION_VOUCHED_H

struct client;
struct health;

/* A good client is gone: tell health of the lists that hold its address.  Takes what has
 * come by now, for nobody has waited for lists where a client is good. */
void vouched_tell(struct health *, struct client *);

#endif
