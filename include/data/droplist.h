/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * data/droplist.h - a line of a list of networks in JSON, as Spamhaus gives out its DROP: an
 * object a line.  Pure.
 */
#ifndef RELAYGUARD_DATA_DROPLIST_H
#define RELAYGUARD_DATA_DROPLIST_H

#include <stdbool.h>
#include <stddef.h>

#define DROPLIST_VALUE_MAX 64 /* bytes of a value and its NUL */

struct droplist_line {
	char network[DROPLIST_VALUE_MAX]; /* "cidr"; empty: this is the last line */
	char note[DROPLIST_VALUE_MAX];    /* "sblid", the number of the case; or empty */
	long long records;                /* of the last line: networks of the list, or -1 */
};

/* Read a line.  False: it is not of that kind; a sentence in why. */
bool droplist_read(struct droplist_line *, const char *text, char *why, size_t whysize);

#endif
