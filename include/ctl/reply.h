/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ctl/reply.h - what the daemon said, on stdout: as text for people, or as it came for programs.
 */
#ifndef RELAYGUARD_CTL_REPLY_H
#define RELAYGUARD_CTL_REPLY_H

#include <stdbool.h>

/* Show a line of the reply; what is wrong goes to stderr.  Its status where it is the last,
 * else -1. */
int reply_show(const char *line, bool json);

#endif
