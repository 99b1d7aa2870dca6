/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * session/majority.h - whether nearly all clients have one address: then the MTA does not see
 * them, but a proxy or the gateway of its container, and nobody can be judged.
 * Any thread, waits for a mutex that is held for less than a microsecond.
 */
#ifndef RELAYGUARD_SESSION_MAJORITY_H
#define RELAYGUARD_SESSION_MAJORITY_H

#include "base/ipaddr.h"

/*
 * A client has connected.  Of each 500 that come one after the other, 495 must have one
 * address for a line in the log; it comes once, and again after 500 where that was not so.
 */
void majority_note(const struct ipaddr *client);

#endif
