/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * dns/lettercase.c - a server that changes the case of all names, as some do, would have no
 * answer to anything: it is known after a few in a row, with none between that shows the
 * contrary.
 */
#include "config.h"

#include "dns/lettercase.h"

#include "base/ascii.h"
#include "base/clock.h"
#include "base/log.h"

#define FOLDED_ROW 3                              /* then the server is believed to change it */
#define TELL_EVERY_MS (24 * 3600 * (int64_t)1000) /* at most */

static bool
has_both(const char *name)
{
	bool small = false, large = false;

	for (; *name != '\0'; name++) {
		small |= ascii_is_letter(*name) && (*name & ASCII_CASE) != 0;
		large |= ascii_is_letter(*name) && (*name & ASCII_CASE) == 0;
	}
	return small && large;
}

static void
tell(struct lettercase *c, const char *server)
{
	int64_t now = clock_ms();

	if (c->told != 0 && now - c->told < TELL_EVERY_MS)
		return;
	c->told = now;
	log_event(LOG_LEVEL_WARNING, "dns-changes-case", "server", server);
}

bool
lettercase_is_believed(
    struct lettercase *c, const char *server, const char *name, enum dnswire_match match)
{
	if (c->folded > 0 && match == DNSWIRE_EXACT && has_both(name))
		c->folded = 0;
	if (match != DNSWIRE_FOLDED)
		return true;
	if (c->folded < FOLDED_ROW && ++c->folded == FOLDED_ROW)
		tell(c, server);
	return c->folded == FOLDED_ROW;
}
