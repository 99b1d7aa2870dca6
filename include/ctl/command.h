/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ctl/command.h - have another program, or another user, look.  One thread; blocks until a
 * deadline in clock_ms() at most.
 */
#ifndef RELAYGUARD_CTL_COMMAND_H
#define RELAYGUARD_CTL_COMMAND_H

#include <stddef.h>
#include <stdint.h>

#define COMMAND_LATE (-1)    /* it did not end in time, and was ended */
#define COMMAND_MISSING (-2) /* there is no such program, or it cannot be run */

/* Who is to look; NULL for the user: we. */
struct command_user {
	const char *user, *group;
};

/*
 * Run a program, found in PATH or where the system's own are, and copy what it writes to
 * either stream, as far as it fits.  Its exit status, 128 and more for a signal, or one of
 * the above.  Another user can be had by root alone.
 */
int command_run(const char *const *argv, const struct command_user *, int64_t deadline,
    char *out, size_t size);

/* The same with a function of ours in a process of its own, which is given arg, and whose
 * value, 0 to 125, is the status.  It writes nothing. */
int command_call(
    int (*fn)(const void *arg), const void *arg, const struct command_user *, int64_t deadline);

#endif
