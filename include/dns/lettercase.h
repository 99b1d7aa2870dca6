/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * dns/lettercase.h - whether a server gives names back in the letter case in which they were
 * asked for: one that does not may have been forged (draft-vixie-dnsext-dns0x20), or is one
 * that changes all names.  One thread.
 */
#ifndef RELAYGUARD_DNS_LETTERCASE_H
#define RELAYGUARD_DNS_LETTERCASE_H

#include <stdbool.h>
#include <stdint.h>

#include "dns/wire.h"

/* What is known of a server; all 0: nothing yet. */
struct lettercase {
	unsigned folded; /* answers in a row in other letter case than asked for */
	int64_t told;    /* when that was said; or 0 */
};

/*
 * Whether an answer of that server, "ADDRESS:PORT", to a question for that name counts: in
 * another letter case not before there were a few in a row, which is said in the log.
 */
bool lettercase_is_believed(
    struct lettercase *, const char *server, const char *name, enum dnswire_match);

#endif
