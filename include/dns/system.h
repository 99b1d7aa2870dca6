/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * dns/system.h - the DNS servers of this machine.  I/O thread only, which it holds
 * up for no longer than a file of the system takes.
 */
#ifndef RELAYGUARD_DNS_SYSTEM_H
#define RELAYGUARD_DNS_SYSTEM_H

#include <stdbool.h>
#include <stdint.h>

/*
 * The servers of /etc/resolv.conf, as dnsserver_join() writes them, a link-local one
 * with its interface; the caller frees it.  NULL: out of memory.
 */
char *dnssystem_servers(void);

/* What a file looked like. */
struct dnssystem_look {
	int64_t device, inode, size, seconds, nanoseconds;
};

/* The file as it was read, and when it was last looked at. */
struct dnssystem_file {
	struct dnssystem_look read, seen;
};

/* A file, NULL for /etc/resolv.conf, is about to be read. */
void dnssystem_note(struct dnssystem_file *, const char *path);

/*
 * Whether it has changed since, or is another one, as far as it was so at the last call:
 * what is being written is left alone until it has been the same twice, and so is what
 * is gone, or empty.  What is told is noted.
 */
bool dnssystem_changed(struct dnssystem_file *, const char *path);

#endif
