/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ref.c - references of eight characters.  They are random so that nobody can
 * guess another's, and short so that they survive a telephone.
 */
#include "config.h"

#include "ref.h"

#include <stdint.h>
#include <string.h>
#include <sys/random.h>

#include "clock.h"

/* Crockford's base 32: no I, L, O or U. */
static const char ALPHABET[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

void
ref_make(char out[REF_LEN + 1])
{
	uint8_t random[REF_LEN];

	/* Before the kernel has entropy a time is still better than nothing. */
	if (getrandom(random, sizeof(random), GRND_NONBLOCK) != (ssize_t)sizeof(random)) {
		int64_t now = clock_ms();

		memcpy(random, &now, sizeof(random));
	}
	for (int i = 0; i < REF_LEN; i++)
		out[i] = ALPHABET[random[i] & 31];
	out[REF_LEN] = '\0';
}
