/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ctl/rdap.h - where the registry of an address is asked, and what it says of whom to write to
 * about abuse (RFC 9224, 9082, 9083).  Pure.
 *
 * Registries differ: the entity is at the top or within another one, twice, without an address,
 * or there is none.  No more is read than its role and its mail addresses.
 */
#ifndef RELAYGUARD_CTL_RDAP_H
#define RELAYGUARD_CTL_RDAP_H

#include "base/ipaddr.h"
#include "ctl/contactlist.h"

#define RDAP_URL_SIZE 512

/*
 * Find where to ask about an address, by the text of IANA's file: the registry of the smallest
 * network that holds it, by https if it has that.  False: there is none, or the text is none
 * of these.
 */
bool rdap_url(const char *bootstrap, const struct ipaddr *, char out[RDAP_URL_SIZE]);

enum rdap_result {
	RDAP_READ,
	RDAP_NO_ENTITY,  /* it has nobody for abuse */
	RDAP_NO_ADDRESS, /* it has somebody, without an address that can be read */
	RDAP_NO_JSON     /* it is no such answer */
};

/*
 * Read an answer about an address, got at a time in seconds since 1970: contacts are added.
 * net is the network that it is about, or, where it does not say, the address alone.
 */
enum rdap_result rdap_read(const char *answer, const struct ipaddr *, int64_t time,
    struct contactlist *, struct network *net);

#endif
