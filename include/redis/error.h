/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * redis/error.h - what may be said of an error reply of Redis.  One
 * thread.
 *
 * Only its first word, and only one that Redis is known to use: what follows
 * may repeat the command, and so a password.
 */
#ifndef RELAYGUARD_REDIS_ERROR_H
#define RELAYGUARD_REDIS_ERROR_H

#include "base/loglimit.h"

#define REDISERROR_TABLE(X) \
	X(ERR)              \
	X(NOAUTH)           \
	X(WRONGPASS)        \
	X(NOPERM)           \
	X(LOADING)          \
	X(BUSY)             \
	X(MASTERDOWN)       \
	X(READONLY)         \
	X(OOM)              \
	X(MISCONF)          \
	X(NOREPLICAS)       \
	X(MOVED)            \
	X(ASK)              \
	X(TRYAGAIN)         \
	X(CROSSSLOT)        \
	X(CLUSTERDOWN)      \
	X(WRONGTYPE)

enum rediserror {
#define X(word) REDISERROR_##word,
	REDISERROR_TABLE(X)
#undef X
	    REDISERROR_MAX
};

/* All zero: none has been logged. */
struct rediserrors {
	struct loglimit logged[REDISERROR_MAX];
};

/* The word a reply begins with, or "ERR" where it is not in the table. */
const char *rediserror_word(const char *reply);

/* Log that a command got this reply, once an hour for each word. */
void rediserror_note(
    struct rediserrors *, const char *server, const char *command, const char *reply);

#endif
