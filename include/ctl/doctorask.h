/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ctl/doctorask.h - one question to one DNS server, and what its answer shows of the server
 * itself.  One thread; blocks until a deadline in clock_ms() at most.
 */
#ifndef RELAYGUARD_CTL_DOCTORASK_H
#define RELAYGUARD_CTL_DOCTORASK_H

#include <stdbool.h>
#include <stdint.h>

#include "dns/wire.h"

struct doctorask {
	const char *server; /* as dns/server.h has it */
	const char *name;
	enum dns_type type;    /* of its records; 0 is A, */
	struct dns_room *room; /* and where those of other types are read to */
	unsigned flags;        /* of enum dns_flag */
	bool tcp;              /* by TCP (RFC 7766), else by UDP alone */
};

struct doctorask_answer {
	struct dns_reply reply; /* DNS_TIMEOUT: there was none */
	bool refused;           /* nobody listens there: the machine itself says so */
	bool folded;            /* the name came back in other letter case */
	bool cut;               /* by UDP not all of it fitted */
	bool stale;             /* it says that it is an expired one (RFC 8914, 4.4, 4.20) */
	uint32_t soa_ttl;       /* of the SOA of an absence, seconds, */
	uint32_t soa_minimum;   /* and for how long it says that this may be kept */
};

void doctorask(const struct doctorask *, int64_t deadline, struct doctorask_answer *);

/* The same of n servers, one after the other until one says whether there is such a record,
 * each by TCP too, where not all of an answer fits.  The server and tcp of the question are
 * not looked at. */
void doctorask_any(const struct doctorask *, const char *const *server, size_t n,
    int64_t deadline, struct doctorask_answer *);

/* Write n letters by chance, and a NUL. */
void doctorask_random(char *out, unsigned n);

#endif
