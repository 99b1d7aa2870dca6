/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * dns_text.h - records of DNS as a text, for tests to compare.
 */
#ifndef RELAYGUARD_TESTS_DNS_TEXT_H
#define RELAYGUARD_TESTS_DNS_TEXT_H

#include <stddef.h>

#include "dns/record.h"

/*
 * Write what the records say, "|" between them: an address, a name, a text, or
 * "10:NAME".  The text is returned.
 */
const char *dns_text(enum dns_type, const struct dns_records *, char *text, size_t size);

#endif
