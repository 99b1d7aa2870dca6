/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * own/sharing.h - own evidence and the own list of all nodes that share a Redis: what is
 * tried at one of them is judged at all, and who is listed or removed at one is so at all.
 */
#ifndef RELAYGUARD_OWN_SHARING_H
#define RELAYGUARD_OWN_SHARING_H

#include <stdbool.h>

struct locallist;
struct localstore;
struct loop;
struct own;
struct sharing;
struct upstream;

/* Share these, which are the caller's and outlive it; nothing before sharing_use().  Before
 * the loop runs and other threads know them.  NULL: out of memory. */
struct sharing *sharing_new(struct loop *, struct upstream *, struct own *, struct locallist *);

/* Share what operators say, too, which is in a store of the list; it is the caller's and outlives
 * what is said.  Before sharing_use(). */
void sharing_keep(struct sharing *, struct localstore *);

/* End, after the loop has stopped and upstream_free(); NULL is fine. */
void sharing_free(struct sharing *);

/* Whether to share from now on.  Any thread. */
void sharing_use(struct sharing *, bool);

#endif
