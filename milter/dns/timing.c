/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * dns/timing.c - the estimates of RFC 6298, 2, a row for each zone.  A zone is known by a
 * hash of its name: two of one hash would share an estimate, and nothing else.
 */
#include "config.h"

#include "dns/timing.h"

#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"

#define UNIT 8 /* of a millisecond: so much is kept of the fractions */

uint32_t
dnstiming_zone(const char *zone)
{
	uint32_t h;

	if (zone == NULL)
		return 0;
	h = ascii_hash(ASCII_HASH, zone, strlen(zone), true);
	return h != 0 ? h : 1;
}

/* Its row, or DNSTIMING_ZONES. */
static unsigned
find(struct dnstiming *t, uint32_t zone)
{
	unsigned i = 0;

	while (i < DNSTIMING_ZONES && t->row[i].zone != zone)
		i++;
	if (i < DNSTIMING_ZONES)
		t->row[i].used = ++t->uses;
	return i;
}

int64_t
dnstiming_wait(struct dnstiming *t, uint32_t zone)
{
	unsigned i = zone != 0 ? find(t, zone) : DNSTIMING_ZONES;
	int64_t wait;

	if (i == DNSTIMING_ZONES)
		return DNSTIMING_UNKNOWN;
	wait = (t->row[i].srtt + 4 * t->row[i].rttvar) / UNIT;
	if (wait < DNSTIMING_UNKNOWN)
		return DNSTIMING_UNKNOWN;
	return wait < DNSTIMING_LONGEST ? wait : DNSTIMING_LONGEST;
}

static void
begin(struct dnstiming *t, uint32_t zone, int32_t rtt)
{
	unsigned oldest = 0;

	for (unsigned i = 1; i < DNSTIMING_ZONES; i++)
		if (t->row[i].used < t->row[oldest].used)
			oldest = i;
	t->row[oldest].zone = zone;
	t->row[oldest].used = ++t->uses;
	t->row[oldest].srtt = rtt;
	t->row[oldest].rttvar = rtt / 2;
}

void
dnstiming_heard(struct dnstiming *t, uint32_t zone, int64_t ms)
{
	int32_t rtt = (int32_t)(ms < 4 * DNSTIMING_LONGEST ? ms : 4 * DNSTIMING_LONGEST) * UNIT;
	unsigned i;

	if (zone == 0)
		return;
	i = find(t, zone);
	if (i == DNSTIMING_ZONES) {
		begin(t, zone, rtt);
		return;
	}
	t->row[i].rttvar += (abs(t->row[i].srtt - rtt) - t->row[i].rttvar) / 4;
	t->row[i].srtt += (rtt - t->row[i].srtt) / 8;
}
