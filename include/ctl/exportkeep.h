/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ctl/exportkeep.h - whom no export may shut out, whatever is listed.  One thread; blocks on
 * files.
 */
#ifndef RELAYGUARD_CTL_EXPORTKEEP_H
#define RELAYGUARD_CTL_EXPORTKEEP_H

#include <stdbool.h>

#include "base/prefix.h"

struct conf;

/*
 * Add special-use networks, those of this machine's interfaces, its gateways and resolvers,
 * Redis, servers of lists, what is allowed, and what is never on the own list.  False: memory is out.
 */
bool exportkeep_machine(struct prefix_set *, const struct conf *);

/* Add the networks of a file, "network why" a line.  EX_OK; or what is wrong, which is said on
 * stderr. */
int exportkeep_file(struct prefix_set *, const char *path);

#endif
