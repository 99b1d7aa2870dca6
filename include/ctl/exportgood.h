/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ctl/exportgood.h - who of those that are listed is known to be good all the same.  One
 * thread; blocks on files.
 */
#ifndef RELAYGUARD_CTL_EXPORTGOOD_H
#define RELAYGUARD_CTL_EXPORTGOOD_H

#include "base/prefix.h"
#include "own/exportlist.h"

#define EXPORTGOOD_DAYS 30 /* what is older tells nothing */

/*
 * Add, of IPv6 with its /64, the clients in a list that a store's decisions say an allow list
 * has spoken well of.  The status of storelog_read(), or EX_OSERR.
 */
int exportgood_store(struct prefix_set *, const struct export_list *, const char *folder);

/*
 * Add those of which mail logs say that they are known good: own/probes.h has how many
 * messages that takes.  NULL ends the files.  EX_OK; or what is wrong, said on stderr.
 */
int exportgood_logs(struct prefix_set *, const struct export_list *, char *const *files);

#endif
