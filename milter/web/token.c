/* SPDX-License-Identifier: BSD-2-Clause */
/* web/token.c - a keyed hash of the action, its subject and the hour. */
#include "config.h"

#include "web/token.h"

#include <sodium.h>
#include <stddef.h>
#include <string.h>

#define HOUR_S 3600

static unsigned char key[crypto_generichash_KEYBYTES];

bool
token_begin(void)
{
	if (sodium_init() < 0)
		return false;
	randombytes_buf(key, sizeof(key));
	return true;
}

/* Each part with its NUL, so that none can be mistaken for a part of another. */
static void
make(const char *action, const char *subject, int64_t hour, char out[TOKEN_SIZE])
{
	unsigned char hash[(TOKEN_SIZE - 1) / 2];
	crypto_generichash_state state;

	crypto_generichash_init(&state, key, sizeof(key), sizeof(hash));
	crypto_generichash_update(&state, (const unsigned char *)action, strlen(action) + 1);
	crypto_generichash_update(&state, (const unsigned char *)subject, strlen(subject) + 1);
	crypto_generichash_update(&state, (const unsigned char *)&hour, sizeof(hour));
	crypto_generichash_final(&state, hash, sizeof(hash));
	sodium_bin2hex(out, TOKEN_SIZE, hash, sizeof(hash));
}

void
token_make(const char *action, const char *subject, int64_t wall, char out[TOKEN_SIZE])
{
	make(action, subject, wall / HOUR_S, out);
}

bool
token_is_good(const char *token, const char *action, const char *subject, int64_t wall)
{
	char good[TOKEN_SIZE];
	bool found = false;

	if (strlen(token) != TOKEN_SIZE - 1)
		return false;
	for (int64_t hour = wall / HOUR_S; hour >= wall / HOUR_S - 1; hour--) {
		make(action, subject, hour, good);
		found |= sodium_memcmp(token, good, TOKEN_SIZE - 1) == 0;
	}
	return found;
}
