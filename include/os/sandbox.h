/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * os/sandbox.h - give up what is never needed again, so that a fault of ours does
 * little harm.  Main thread, before there are others.
 *
 * Every part is done as far as the system knows it: nothing depends on it, and
 * the log says what was done.
 */
#ifndef RELAYGUARD_OS_SANDBOX_H
#define RELAYGUARD_OS_SANDBOX_H

#include <stdbool.h>

struct sandbox {
	int rules; /* of Landlock, not in force yet; -1: it is not known here */
	int abi;   /* the version of it */
};

/* Begin, with what every program needs: the system's own files, to be read. */
void sandbox_begin(struct sandbox *);

/*
 * Let the files beside this one, and itself, be read: where it is named, where it
 * really is, and where a link that is switched may lead (os/linkpath.h).  What is not
 * there is left out.
 */
void sandbox_may_read(struct sandbox *, const char *file);

/* Let the files beside this one, and itself, be removed. */
void sandbox_may_remove(struct sandbox *, const char *file);

/* Let files in this folder be made, read, written, renamed within it and removed. */
void sandbox_may_keep(struct sandbox *, const char *folder);

/*
 * From now on no privilege can be gained, no program run, no other process
 * reached, and no file but the above: for this thread and all that it starts.
 * Logs what is in force.
 */
void sandbox_enter(struct sandbox *);

/*
 * From now on the process can do no more than calculate, and read and write what
 * it has open: anything else ends it.  It may have so many bytes of memory, its
 * program counted, and so many seconds of the processor's, those past included.
 * False: it could not be limited.  For processes of one thread; logs nothing.
 */
bool sandbox_cage(unsigned long memory, unsigned seconds);

#endif
