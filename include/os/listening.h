/* SPDX-License-Identifier: BSD-2-Clause */
/* os/listening.h - sockets of ours that listen.  Main thread; never waits. */
#ifndef RELAYGUARD_OS_LISTENING_H
#define RELAYGUARD_OS_LISTENING_H

#include <stdbool.h>
#include <sys/types.h>

/* A unix socket: where it is, and which. */
struct listening {
	int fd; /* the caller's */
	char *path;
	dev_t dev;
	ino_t ino;
};

/*
 * Listen at a path with that mode, where nothing else is; what one that was killed has left
 * there is taken away.  False: errno says why, and nothing is to be removed.
 */
bool listening_unix(struct listening *, const char *path, mode_t mode);

/* Take the socket's file away, if it is ours still.  Its descriptor stays. */
void listening_remove(struct listening *);

/* Listen at an address and a TCP port, as endpoint_parse() reads them; -1: errno says why. */
int listening_tcp(const char *text);

#endif
