/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * conf/netline.h - a line of a file of networks, our own and those of other programs.
 * Pure.
 *
 * "192.0.2.0/24 why" is a network and its note.  Other programs put an action there,
 * a code or a second address: what would mean something else to us than to them is
 * refused.
 */
#ifndef RELAYGUARD_CONF_NETLINE_H
#define RELAYGUARD_CONF_NETLINE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/prefix.h"
#include "data/droplist.h"

/* What the networks of a file are for. */
enum netline_sense { NETLINE_ALLOW, NETLINE_DENY };

struct netline {
	bool given; /* there is a network on this line */
	struct network network;
	const char *note; /* why it is there, printable ASCII, or NULL */
	bool action;      /* the action of another program, which means what the file
			      * is for, stood before the note, and was left out */
	bool json;        /* it is one of Spamhaus's DROP in JSON */
	struct droplist_line drop;
};

/*
 * Take a line apart, which is changed and borrowed.  # and ; begin a comment, at its
 * beginning or after a blank.  False: a sentence in why.
 */
bool netline_read(struct netline *, char *text, enum netline_sense, char *why, size_t whysize);

#endif
