/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * verdict/hostresult.h - whether the name of a client leads back to its address
 * (RFC 8601, 2.7.3).  Pure.
 */
#ifndef RELAYGUARD_VERDICT_HOSTRESULT_H
#define RELAYGUARD_VERDICT_HOSTRESULT_H

enum host {
	HOST_UNCHECKED, /* nobody has asked, or no result is there yet */
	HOST_CONFIRMED, /* its name has its address */
	HOST_WRONG,     /* its name has others, or it has none */
	HOST_UNKNOWN,   /* asked, and DNS could not say */
	HOSTS
};

/* "unchecked", "confirmed", "wrong", "unknown". */
const char *host_name(enum host);

#endif
