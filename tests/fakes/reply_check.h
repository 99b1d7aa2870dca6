/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * reply_check.h - what holds of every reply, whatever it is made from.
 */
#ifndef RELAYGUARD_TESTS_REPLY_CHECK_H
#define RELAYGUARD_TESTS_REPLY_CHECK_H

#include "verdict/reply.h"

/* Bytes of a line as the client gets it, with its code; of all lines. */
size_t reply_size(const struct reply *, unsigned line);
size_t reply_total(const struct reply *);

/* Undo what is doubled in a line: as the client gets it, without its code. */
const char *reply_sent(const struct reply *, unsigned line, char out[REPLY_LINE_MAX]);

/*
 * What is wrong with a reply of so many lines, or NULL: it is within its bounds and
 * clean, no URL ends a line, and the first and the last line end with the reference,
 * the last one with the URL in front of it.  url: as it is sent, or NULL where the
 * last line has none, or none is known.
 */
const char *reply_fault(const struct reply *, unsigned lines, const char *ref, const char *url);

#endif
