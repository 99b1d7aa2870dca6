/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * session/passfile.h - the page's passes between restarts: a thread that writes what has
 * changed into passes.db beside the store's files.  Mail never waits for it.
 */
#ifndef RELAYGUARD_SESSION_PASSFILE_H
#define RELAYGUARD_SESSION_PASSFILE_H

#include <stdbool.h>

#define PASSFILE_NAME "passes.db"
#define PASSFILE_BATCH_MS 250 /* how long a change may wait for others */
#define PASSFILE_STOP_MS 3000 /* how long the end may take */

struct passes;
struct passfile;

/* For these passes, which outlive it, in a folder (copied), before other threads know them.
 * NULL: out of memory. */
struct passfile *passfile_new(struct passes *, const char *folder);

/* Read what there is, and begin to write.  False: there can be no thread.  What cannot be read
 * or written is said, and nobody is kept from anything.  Blocks on files. */
bool passfile_start(struct passfile *);

/* Write what has changed, and end the thread, within PASSFILE_STOP_MS; false: a file holds it
 * up, and it is not to be freed.  NULL is fine. */
bool passfile_stop(struct passfile *);

/* Stop and free; nobody uses it any more.  NULL is fine. */
void passfile_free(struct passfile *);

#endif
