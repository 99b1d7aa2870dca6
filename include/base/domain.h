/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * base/domain.h - names in DNS as mail uses them, and who registered them, by the
 * Public Suffix List.  Any thread; the first use reads the list from a file.
 */
#ifndef RELAYGUARD_BASE_DOMAIN_H
#define RELAYGUARD_BASE_DOMAIN_H

#include <stdbool.h>
#include <stddef.h>

#define DOMAIN_NAME_SIZE 254 /* of a name, with its NUL */

/*
 * Write a name as it is to be asked and compared: in ASCII, lower case, no last dot.
 * False, and nothing written but a NUL: no name in DNS, an address, or one label.
 */
bool domain_normalise(const char *name, char out[DOMAIN_NAME_SIZE]);

/*
 * The part of a normal name that somebody registered: "example.co.uk" of
 * "mail.example.co.uk".  It points into the name; NULL: nobody registers such.
 */
const char *domain_registered(const char *name);

/* Whether anybody may register below it: "com", "co.uk".  A last dot and case do
 * not count. */
bool domain_is_suffix(const char *name);

/* The same of a normal name below which a registry lets people register: not of what one firm
 * hands out, as blogspot.com, nor of a top-level domain that the list does not know, as a
 * network has of its own. */
bool domain_is_registry(const char *name);

#endif
