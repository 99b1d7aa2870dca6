/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * scenario_person.c - who is good and who is bad, by their addresses: those who
 * come have them, and lists are asked about them.
 */
#include "config.h"

#include "scenario.h"

#include <stdlib.h>
#include <string.h>

#include "base/ipaddr.h"

void
person_address(struct ipaddr *addr, bool good, bool v6, unsigned n)
{
	char text[IPADDR_STRLEN];

	if (v6)
		snprintf(text, sizeof(text), "2001:db8:%s:%x::19", good ? "900d" : "bad",
		    n & 0xffff);
	else if (n == 0)
		snprintf(text, sizeof(text), "%s.1", good ? "203.0.113" : "198.51.100");
	else /* each in another /24, as long as there are any */
		snprintf(text, sizeof(text), "198.%u.%u.%u", good ? 18 : 19, n % 256,
		    n / 256 % 254 + 1);
	if (!ipaddr_parse(addr, text))
		abort();
}

static enum whom
whom_v4(const uint8_t b[4])
{
	static const uint8_t entry[] = {127, 0, 0, 2}, no_entry[] = {127, 0, 0, 1};

	if (memcmp(b, entry, 4) == 0)
		return WHOM_ENTRY;
	if (memcmp(b, no_entry, 4) == 0)
		return WHOM_NO_ENTRY;
	if ((b[0] == 203 && b[1] == 0 && b[2] == 113) || (b[0] == 198 && b[1] == 18))
		return WHOM_GOOD;
	if (b[0] == 198 && ((b[1] == 51 && b[2] == 100) || b[1] == 19))
		return WHOM_BAD;
	return WHOM_OTHER;
}

static enum whom
whom_v6(const uint8_t b[16])
{
	static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
	static const uint8_t good[] = {0x20, 0x01, 0x0d, 0xb8, 0x90, 0x0d};
	static const uint8_t bad[] = {0x20, 0x01, 0x0d, 0xb8, 0x0b, 0xad};

	if (memcmp(b, mapped, sizeof(mapped)) == 0)
		return whom_v4(b + 12);
	if (memcmp(b, good, sizeof(good)) == 0)
		return WHOM_GOOD;
	return memcmp(b, bad, sizeof(bad)) == 0 ? WHOM_BAD : WHOM_OTHER;
}

enum whom
person_of(const uint8_t *address, bool v6)
{
	return v6 ? whom_v6(address) : whom_v4(address);
}
