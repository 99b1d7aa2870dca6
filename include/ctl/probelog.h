/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ctl/probelog.h - lines of Postfix, Sendmail and Exim that tell of a recipient whom they would
 * not relay to, or of a message that they took.  Pure.
 *
 * What a stranger has typed stands in these lines, too: it is read only where the program puts
 * it, so that nobody can tell of another client.
 */
#ifndef RELAYGUARD_CTL_PROBELOG_H
#define RELAYGUARD_CTL_PROBELOG_H

#include <stdbool.h>
#include <stdint.h>

#include "base/ipaddr.h"
#include "ctl/logmerge.h"

#define PROBELOG_TEXT_MAX 600 /* of a path or a name, with the NUL */

struct probelog_entry {
	int64_t time;  /* as of logstamp_read() */
	bool accepted; /* a message; else a recipient was refused */
	struct ipaddr client;
	bool has_sender, has_helo; /* Sendmail does not say them */
	char recipient[PROBELOG_TEXT_MAX], sender[PROBELOG_TEXT_MAX]; /* in brackets */
	char helo[PROBELOG_TEXT_MAX];
};

enum logmerge_line probelog_parse(struct probelog_entry *, const char *line, int64_t now);

/* The same for files. */
const struct logmerge_kind *probelog_kind(void);

#endif
