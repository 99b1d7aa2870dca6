/* SPDX-License-Identifier: BSD-2-Clause */
/* test_queryid.c - each random number that the system gives is used once, as an id. */
#include "config.h"

#include "dns/queryid.h"

#include <string.h>
#include <sys/random.h>

#include "tap.h"

#define MANY 1000

static unsigned calls;
static uint16_t given;

/* Numbers that count. */
ssize_t
getrandom(void *buf, size_t size, unsigned flags)
{
	unsigned char *byte = buf;

	(void)flags;
	calls++;
	for (size_t i = 0; i + sizeof(given) <= size; i += sizeof(given)) {
		given++;
		memcpy(byte + i, &given, sizeof(given));
	}
	return (ssize_t)size;
}

int
main(void)
{
	struct queryids ids = {0};
	bool seen[4 * MANY] = {false};
	unsigned twice = 0, foreign = 0;

	for (unsigned i = 0; i < MANY; i++) {
		uint16_t id = queryid_next(&ids);

		foreign += id == 0 || id > given;
		twice += id < 4 * MANY && seen[id];
		if (id < 4 * MANY)
			seen[id] = true;
	}
	same_num(foreign, 0, "all are the system's");
	same_num(twice, 0, "none is used twice");
	ok(calls > 1 && calls < MANY / 10, "many at a time: %u calls", calls);
	return done();
}
