/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * lists/subject.h - what of a client a list is asked about: its address, or a name.
 * Pure but for one key that is drawn once, any thread.
 */
#ifndef RELAYGUARD_LISTS_SUBJECT_H
#define RELAYGUARD_LISTS_SUBJECT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/ipaddr.h"

/*
 * A list that is asked about several names is several listings, of one label.
 */
enum role {
	ROLE_ADDRESS, /* the client's address */
	ROLE_HELO,    /* the name it says HELO with */
	ROLE_NAME,    /* the name that DNS gives its address */
	ROLE_SENDER,  /* the domain of the envelope sender */
	ROLES
};

/* "address", "helo", "name", "sender". */
const char *role_name(enum role);

#define SUBJECT_NAME_SIZE 254 /* longest name and its NUL */

struct subject {
	enum role role;
	struct ipaddr key; /* the address; of a name, 128 bits that nobody can foresee and
			    * no other name has; bits 0: there is nothing to ask about */
	const char *name;  /* borrowed; NULL: the address is meant */
};

/* The address of a client, which may be empty. */
struct subject subject_address(const struct ipaddr *);

/* A name in the form that domain_normalise() gives; NULL or empty: there is none. */
struct subject subject_name(enum role, const char *name);

/* Whether there is anything to ask about. */
bool subject_exists(const struct subject *);

/* Write it as text, as it stands in a key of Redis. */
void subject_format(const struct subject *, char *out, size_t size);

#endif
