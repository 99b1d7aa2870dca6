/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * session/mlfi.h - the callbacks libmilter calls, and its life.  Main thread; the
 * callbacks are on threads of libmilter's.
 */
#ifndef RELAYGUARD_SESSION_MLFI_H
#define RELAYGUARD_SESSION_MLFI_H

#include <stdbool.h>

struct session_shared;

/*
 * Tell libmilter of our callbacks and open the socket (as struct conf's listen
 * has it).  What sessions share outlives libmilter.  False: an error, logged.
 */
bool mlfi_open(const char *listen, struct session_shared *);

/* Serve until mlfi_stop(); blocks.  False: libmilter gave up. */
bool mlfi_serve(void);

/* Make mlfi_serve() return, soon; listen as before.  Any other thread. */
void mlfi_stop(const char *listen);

#endif
