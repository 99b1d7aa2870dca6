/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fake_entropy.c - getentropy(3) that says the same in every run: what is drawn at
 * random is drawn from a seed (xorshift).
 */
#include "config.h"

#include "fakes/fake_entropy.h"

#include <stddef.h>
#include <unistd.h>

#define FIRST UINT64_C(0x9e3779b97f4a7c15)

static uint64_t state = FIRST;

void
fake_entropy_seed(uint64_t seed)
{
	state = FIRST * (2 * seed + 1); /* odd, so never 0 */
}

int
getentropy(void *out, size_t size)
{
	unsigned char *byte = out;

	for (size_t i = 0; i < size; i++) {
		state ^= state << 13;
		state ^= state >> 7;
		state ^= state << 17;
		byte[i] = (unsigned char)(state >> 32);
	}
	return 0;
}
