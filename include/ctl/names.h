/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ctl/names.h - the names of lists, policies and reasons, numbered as they come: as many as
 * there is room for, and no more.  One thread.
 */
#ifndef RELAYGUARD_CTL_NAMES_H
#define RELAYGUARD_CTL_NAMES_H

#include <stddef.h>

#define NAMES_MAX 256
#define NAMES_LEN_MAX 255 /* bytes of a name, as the log has of a value */

struct names {
	int max; /* at most NAMES_MAX; set by who makes it, of zeros else */
	int n;
	int sorted[NAMES_MAX]; /* the numbers, by their names */
	char *name[NAMES_MAX];
};

/* The number of a name, a new one where it is new; -1: there is no room, or it is too long. */
int names_number(struct names *, const char *name, size_t len);

void names_free(struct names *);

#endif
