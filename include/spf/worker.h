/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * spf/worker.h - evaluates sender policies by libspf2, in a process that can do
 * nothing else.  A process of its own.
 *
 * It has no DNS, no file and no other descriptor, and dies of whatever is odd:
 * who reads the other end sees end of file, and begins another.
 */
#ifndef RELAYGUARD_SPF_WORKER_H
#define RELAYGUARD_SPF_WORKER_H

/*
 * Take one check after the other from a socket (spf/wire.h), until its other end
 * is closed; gives up all rights of the process first.  It ends by itself when it
 * has done enough: then a further check cannot be sent (EPIPE), and none is lost.
 */
_Noreturn void spfworker_serve(int fd);

#endif
