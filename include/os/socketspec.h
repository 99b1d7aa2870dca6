/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * os/socketspec.h - where the milter listens, as people write it.
 *
 * libmilter takes "inet:127.0.0.1:8891", Postfix's order, for port 127 of all
 * interfaces: so both orders are read here, and each side gets its own.
 */
#ifndef RELAYGUARD_OS_SOCKETSPEC_H
#define RELAYGUARD_OS_SOCKETSPEC_H

#include <stdbool.h>
#include <stddef.h>

#define SOCKETSPEC_MAX 128 /* longest specification and its NUL */

struct socketspec {
	char milter[SOCKETSPEC_MAX];  /* "inet:8891@127.0.0.1", "unix:/path" */
	char postfix[SOCKETSPEC_MAX]; /* "inet:127.0.0.1:8891", "unix:path" */
	char path[SOCKETSPEC_MAX];    /* of a unix socket; else empty */
};

/*
 * Read "inet:PORT@ADDRESS", "inet:ADDRESS:PORT", the same with inet6 and
 * [ADDRESS], "unix:/PATH", "local:/PATH" or "/PATH".  An address is needed, and
 * no name will do.  A path below /var/spool/postfix is given to Postfix
 * relative to it, which works in its chroot and out of it; // and /./ are tidied
 * away first, and .. is refused.  False: a sentence in why.
 */
bool socketspec_parse(struct socketspec *, const char *text, char *why, size_t whysize);

/* Go past "policy:", which stands before a socket for Postfix's policy delegation; false: it
 * is not there. */
bool socketspec_take_policy(const char **text);

/*
 * Connect to a specification in libmilter's form; -1: nobody listens there.
 * Without wait the connection may still be under way, and never blocks.
 */
int socketspec_connect(const char *milter, bool wait);

/* Connect to a specification in libmilter's form and leave at once; whether
 * somebody listens there. */
bool socketspec_poke(const char *milter);

#endif
