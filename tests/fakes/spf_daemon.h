/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * spf_daemon.h - the daemon's part in the check of a sender policy, with zones
 * that are written down: by the same budget, and with the same records.
 */
#ifndef RELAYGUARD_TESTS_SPF_DAEMON_H
#define RELAYGUARD_TESTS_SPF_DAEMON_H

#include <stdbool.h>
#include <stddef.h>

#include "dns/record.h"
#include "spf/wire.h"
#include "verdict/result.h"

/* A record.  data: an address, a name, "10 name" for MX, or a text; NULL: there
 * is never an answer.  What has no row is absent. */
struct zone_row {
	const char *name;
	enum dns_type type;
	const char *data;
};

struct spf_daemon {
	const struct zone_row *rows;
	size_t n;
	const size_t *len; /* of the data of each; NULL: they end at their NULs */
	bool raw;          /* hand over whatever there is, as often as it is asked for */
};

struct spf_told {
	bool ended;             /* the worker has gone before it had a result */
	bool over;              /* the daemon had enough of it */
	enum spf_result result; /* what the daemon makes of it */
	char reason[SPFWIRE_REASON_MAX + 1];
	unsigned questions;
};

/* Have a check done by the worker at the other end of fd; at most ten seconds a step. */
struct spf_told spf_daemon_check(const struct spf_daemon *, int fd, const char *client,
    const char *helo, const char *sender);

/* The same in parts: hand it over, and answer until it is done. */
bool spf_daemon_send(int fd, const char *client, const char *helo, const char *sender);
struct spf_told spf_daemon_answer(const struct spf_daemon *, int fd, const char *client);

#endif
