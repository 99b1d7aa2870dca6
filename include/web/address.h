/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * web/address.h - the pages about an address: what lists say of it, and how it gets on and off
 * our own.  Thread of the reader's.
 */
#ifndef RELAYGUARD_WEB_ADDRESS_H
#define RELAYGUARD_WEB_ADDRESS_H

#include "web/pages.h"

page_fn address_show, address_remove, address_nominate, address_criteria;

#endif
