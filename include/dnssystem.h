/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * dnssystem.h - the DNS servers of this machine.  Rank 2.
 */
#ifndef RELAYGUARD_DNSSYSTEM_H
#define RELAYGUARD_DNSSYSTEM_H

/*
 * The servers of /etc/resolv.conf, as dnsserver_join() writes them, a link-local one
 * with its interface; the caller frees it.  NULL: out of memory.
 */
char *dnssystem_servers(void);

#endif
