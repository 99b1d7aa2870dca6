/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ctl/clients.h - which client was on which list, and when: to know who was good later.  One
 * thread; memory is bounded.
 */
#ifndef RELAYGUARD_CTL_CLIENTS_H
#define RELAYGUARD_CTL_CLIENTS_H

#include <stddef.h>
#include <stdint.h>

#include "base/ipaddr.h"
#include "lists/listing.h"

#define CLIENTS_WINDOW_S (7 * 86400) /* "later" is within that */
#define CLIENTS_MAX (5 * (1U << 20)) /* pairs of client and list, of 16 bytes */

struct clients;

/* For at most max pairs; NULL: memory is out. */
struct clients *clients_new(size_t max);
void clients_free(struct clients *);

/* The lists hold the client at that time: those that had not yet. */
listset clients_list(struct clients *, const struct ipaddr *, listset, int64_t time);

/* The client is good at that time: the lists that have held it in the window before, and
 * for which it is good for the first time. */
listset clients_pass(struct clients *, const struct ipaddr *, int64_t time);

/* How many pairs found no room. */
uint64_t clients_left_out(const struct clients *);

#endif
