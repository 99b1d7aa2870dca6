/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * web/address.h - the pages about an address: what lists say of it, and how it gets on and off
 * our own.  Thread of the reader's.
 */
#ifndef RELAYGUARD_WEB_ADDRESS_H
#define RELAYGUARD_WEB_ADDRESS_H

#include "web/pages.h"

page_fn address_show, address_remove, address_nominate;

/* Whether there is an own list; false: a page has been written that says that there is none,
 * or why nobody knows. */
bool address_has_list(struct view *, const struct site *);

#endif
