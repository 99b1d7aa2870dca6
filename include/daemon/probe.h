/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * daemon/probe.h - a mail server's conversation with a milter, to see that it is
 * answered.  Any thread.
 */
#ifndef RELAYGUARD_DAEMON_PROBE_H
#define RELAYGUARD_DAEMON_PROBE_H

#include <stdint.h>

enum probe_result {
	PROBE_ANSWERED, /* every step that is to be answered was */
	PROBE_FAILED,   /* no connection, a wrong answer, or none by the deadline */
	PROBE_DISTURBED /* wake had something to read first */
};

/*
 * Talk to the milter at listen (in libmilter's form) about a client of that
 * name and of no address, as far as RCPT.  Blocks until deadline, in clock_ms(),
 * at most.
 */
enum probe_result probe_run(const char *listen, const char *name, int wake, int64_t deadline);

/*
 * Negotiate with it (its answer to SMFIC_OPTNEG), and leave: no client is named, nothing is
 * decided, and there is no trace of it.  Blocks in the same way.
 */
enum probe_result probe_greet(const char *listen, int64_t deadline);

/* Wait until fd can be read (or, for a socket, written) in the same way. */
enum probe_result probe_wait(int fd, short events, int wake, int64_t deadline);

#endif
