/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * session/passes.h - addresses and networks that an administrator lets through for some time.
 * Any thread.  Who looks one up waits for nobody but who changes the table, for some
 * microseconds; and for nobody at all while there is none.
 *
 * They outlive the configuration, and end with the process.
 */
#ifndef RELAYGUARD_SESSION_PASSES_H
#define RELAYGUARD_SESSION_PASSES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/ipaddr.h"

#define PASSES_MAX 4096 /* at a time */
#define PASS_WHY_SIZE 208
#define PASS_BY_SIZE 8

struct passes;

struct pass {
	struct network network;
	int64_t until; /* in clock_ms() */
	char by[PASS_BY_SIZE];
	char why[PASS_WHY_SIZE]; /* or empty */
};

/* A table without any; NULL: out of memory. */
struct passes *passes_new(void);
void passes_free(struct passes *);

/* Let a network through (copied), in the place of what was said of the very same network
 * before, which goes to before; where nothing was, its network has no bits.  False: there are
 * PASSES_MAX, or memory is out. */
bool passes_add(struct passes *, const struct pass *, struct pass *before);

/* End it before its time; false: there is none of that very network. */
bool passes_end(struct passes *, const struct network *);

/* The pass of the most specific network that holds an address; false: there is none. */
bool passes_find(struct passes *, const struct ipaddr *, struct pass *);

/* Copy those that are good now, as many as fit; how many.  They are in no useful order. */
size_t passes_list(struct passes *, struct pass *, size_t size);

#endif
