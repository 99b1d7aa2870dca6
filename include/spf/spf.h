/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * spf/spf.h - what the owner of a sender's domain says of a client (RFC 7208).
 *
 * libspf2 reads the policies, in processes of their own; whatever it wants to
 * know of DNS is asked here, within the limits of one check.
 */
#ifndef RELAYGUARD_SPF_H
#define RELAYGUARD_SPF_H

#include <stdbool.h>
#include <stdint.h>

#include "base/ipaddr.h"
#include "verdict/result.h"

struct loop;
struct promise;
struct promises;
struct spf;
struct upstream;

/*
 * The engine; what it is given stays the caller's.  spawner: os/spawn.h; -1: every
 * check comes to SPF_UNKNOWN, and the log says so once.  NULL: out of memory.
 */
struct spf *spf_new(struct loop *, struct upstream *, struct promises *, int spawner);

/*
 * End, after the loop has stopped and upstream_free(), which ends what is still
 * asked.  NULL is fine.
 */
void spf_free(struct spf *);

/*
 * Have up to that many processes, 1 to SPFPOOL_MAX; they are started when they
 * are wanted, and a quarter of them at most work for one client, or one sender's
 * domain (spf/quota.h).  Any thread; done soon, on the I/O thread.
 */
void spf_configure(struct spf *, unsigned processes);

/*
 * Check a sender ("local@domain", without <>; "": the HELO name) for a client, as
 * our host of that name; all is copied.  The promise is kept with an enum
 * spf_result: SPF_NONE at once where there is nothing to check, and in the end, a
 * moment before clock_ms() reaches deadline, SPF_TEMPERROR where it is DNS that
 * does not answer, or not before others want the process, or where the client or the
 * domain has more checks open than its quota, and SPF_UNKNOWN where the fault is ours:
 * no process, or one that dies.  quiet: no client wants to know, and nothing is counted.  Any thread, never blocks.  NULL: out of memory; who waits for it has
 * SPF_UNKNOWN.
 */
struct promise *spf_check(struct spf *, const struct ipaddr *client, const char *helo,
    const char *sender, const char *receiver, int64_t deadline, bool quiet);

#endif
