/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * spf/link.h - one process that evaluates sender policies, at the other end of a
 * socket.  I/O thread only.
 */
#ifndef RELAYGUARD_SPF_LINK_H
#define RELAYGUARD_SPF_LINK_H

#include <stdbool.h>

#include "spf/wire.h"

struct loop;
struct spflink;

/* It has said something.  The link may be freed in there. */
typedef void spflink_heard(void *arg, const struct spf_message *);

/* It has ended, or talks nonsense: all that is left is spflink_free(). */
typedef void spflink_ended(void *arg);

/*
 * Start a process by the spawner (os/spawn.h).  heard and ended are called by the
 * loop, never from within a call.  NULL: out of memory, or no process.
 */
struct spflink *spflink_new(
    struct loop *, int spawner, spflink_heard *, spflink_ended *, void *arg);

/* Say something; false: it does not listen, which is as good as its end. */
bool spflink_send(struct spflink *, const struct spf_message *);

/* Let it go; it ends by itself.  NULL is fine. */
void spflink_free(struct spflink *);

#endif
