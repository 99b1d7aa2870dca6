/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * dns/server.h - a DNS server, as people write it.  Pure, but that it knows the
 * interfaces of this machine.
 */
#ifndef RELAYGUARD_DNS_SERVER_H
#define RELAYGUARD_DNS_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/endpoint.h"

struct sockaddr_storage;
struct strbuf;

/* Read "192.0.2.53", "192.0.2.53:5353", "2001:db8::53" or "[2001:db8::53]:5353"; 53 is
 * the port where none is said. */
bool dnsserver_parse(struct endpoint *, const char *text);

/*
 * Write all of them (n, NULL-terminated) as one text, "ADDRESS:PORT" with commas
 * between, IPv6 in brackets; the caller frees it.  NULL: one that cannot be
 * read, and why says which; or, with nothing said, out of memory.
 */
char *dnsserver_join(char *const *servers, size_t *n, struct strbuf *why);

/*
 * The socket address of one as such a text has it, maybe with "%INTERFACE" behind it;
 * its size.  0: it cannot be read, or there is no such interface.
 */
size_t dnsserver_socket(struct sockaddr_storage *out, const char *text);

#endif
