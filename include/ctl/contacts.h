/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ctl/contacts.h - the verb contacts: whom to write to about an address.  No daemon is needed,
 * nothing is sent.  Blocks on resolvers, and on registries where that is allowed.
 */
#ifndef RELAYGUARD_CTL_CONTACTS_H
#define RELAYGUARD_CTL_CONTACTS_H

#include <stdbool.h>

/* As a verb_fn of ctl/verbs.h. */
int contacts_run(bool json, char *const *word);

#endif
