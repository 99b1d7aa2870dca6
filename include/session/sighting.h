/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * session/sighting.h - what a client was seen to do at RCPT, as it is kept of the own list
 * (own/localstore.h).  On the thread of the session; never blocks.
 */
#ifndef RELAYGUARD_SESSION_SIGHTING_H
#define RELAYGUARD_SESSION_SIGHTING_H

#include <stdint.h>

struct client;
struct localstore;

/*
 * Keep a hit for each of these reasons, bits as own_recipient() returns them; the recipient,
 * as it was typed, by its form alone.  Addresses of traps are not in it.  NULL: there is no
 * store.
 */
void sighting_keep(
    struct localstore *, const struct client *, uint8_t reasons, const char *recipient);

#endif
