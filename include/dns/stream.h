/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * dns/stream.h - DNS packets over one TCP connection (RFC 1035, 4.2.2; RFC 7766).
 * I/O thread only.
 */
#ifndef RELAYGUARD_DNS_STREAM_H
#define RELAYGUARD_DNS_STREAM_H

#include <stdbool.h>
#include <stddef.h>

#include "loop/loop.h"

struct dnsstream;

/*
 * A packet has come, good within the call.  NULL: the connection has ended, or could
 * not be made, and the stream is to be freed, in here at the latest.
 */
typedef void dnsstream_fn(void *arg, const unsigned char *packet, size_t len);

/*
 * Begin to connect to a server, as dnsserver_socket() reads it.  after(arg) is called
 * when fn(arg) has been, as the last thing done: all may be freed in there.  NULL: it
 * cannot be done at all.
 */
struct dnsstream *dnsstream_new(
    struct loop *, const char *server, dnsstream_fn *, loop_fn *after, void *arg);

/* Send a packet, when there is a connection; false: out of memory. */
bool dnsstream_send(struct dnsstream *, const unsigned char *packet, size_t len);

/* Close it.  NULL is fine; also from within fn, but not with a packet. */
void dnsstream_free(struct dnsstream *);

#endif
