/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * dns/batch.h - datagrams that go, or come, by one system call: where that is dear, it is
 * most of what a question costs.  I/O thread only; never blocks.
 */
#ifndef RELAYGUARD_DNS_BATCH_H
#define RELAYGUARD_DNS_BATCH_H

#include <stdbool.h>
#include <stddef.h>

#include "dns/wire.h"

#define DNSBATCH_MAX 32

/* A question that is to go out of a connected socket. */
struct dnspacket {
	int fd;
	void *owner; /* NULL: it is not to go any more */
	size_t len;
	unsigned char data[DNSWIRE_QUESTION_SIZE];
};

/* All zero at first. */
struct dnsbatch {
	size_t n;
	struct dnspacket packet[DNSBATCH_MAX];
};

/* Leave out what an owner has in it. */
void dnsbatch_forget(struct dnsbatch *, const void *owner);

/*
 * Send all, in their order for each socket, and be empty.  refused is called for each that
 * the system will not have; with no room for it in there, one is lost as if on its way.
 */
void dnsbatch_send(struct dnsbatch *, void (*refused)(void *owner));

/*
 * Call take with what has come, for a few packets at most; cut: it was larger than any
 * answer that we ask for.  How many that were; less than 0: an error, in errno.
 */
int dnsbatch_receive(int fd,
    void (*take)(void *arg, const unsigned char *packet, size_t len, bool cut), void *arg);

#define DNSBATCH_RECEIVED 16 /* what it is at most: there may be more */

#endif
