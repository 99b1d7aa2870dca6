/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * base/random.c - chance in times, so that a fleet does not do all at once what each of
 * its nodes does now and then; and in references, so that nobody can guess another's,
 * which are short so that they survive a telephone, and begin with a letter: readers of
 * logs take 12345678 for a number, and 1E999999 for none.
 */
#include "config.h"

#include "base/random.h"

#include <pthread.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "base/clock.h"

#define DIGITS 10  /* of the alphabet, which begins with them */
#define AT_ONCE 32 /* references that one question to the kernel is enough for */

static struct {
	pthread_mutex_t lock; /* guards the rest */
	size_t left;          /* bytes not used yet */
	uint8_t bytes[AT_ONCE * REF_LEN];
} pool = {.lock = PTHREAD_MUTEX_INITIALIZER};

static pthread_once_t guarded = PTHREAD_ONCE_INIT;

/* A child is not to make the references of its parent. */
static void
forget(void)
{
	pool.left = 0;
}

static void
guard_children(void)
{
	pthread_atfork(NULL, NULL, forget);
}

/* Before the kernel has entropy a time is still better than nothing. */
static void
draw_locked(void)
{
	const size_t size = sizeof(pool.bytes);

	pool.left = size;
	if (getrandom(pool.bytes, size, GRND_NONBLOCK) != (ssize_t)size) {
		int64_t now = clock_ms();

		memcpy(pool.bytes, &now, REF_LEN);
		pool.left = REF_LEN;
	}
}

int64_t
jittered(int64_t ms, unsigned percent)
{
	uint32_t r;

	if (getentropy(&r, sizeof(r)) != 0)
		return ms;
	return ms * (100 - percent + r % (2 * percent + 1)) / 100;
}

bool
random_draws(unsigned one_in)
{
	uint32_t r;

	return one_in > 0 && getentropy(&r, sizeof(r)) == 0 && r % one_in == 0;
}

void
ref_make(char out[REF_LEN + 1])
{
	pthread_once(&guarded, guard_children);
	pthread_mutex_lock(&pool.lock);
	if (pool.left == 0)
		draw_locked();
	pool.left -= REF_LEN;
	out[0] = REF_ALPHABET[DIGITS + pool.bytes[pool.left] % (32 - DIGITS)];
	for (int i = 1; i < REF_LEN; i++)
		out[i] = REF_ALPHABET[pool.bytes[pool.left + (size_t)i] & 31];
	pthread_mutex_unlock(&pool.lock);
	out[REF_LEN] = '\0';
}

bool
ref_read(const char *text, uint64_t *out)
{
	static const char alphabet[] = REF_ALPHABET;
	uint64_t number = 0;

	for (int i = 0; i < REF_LEN; i++) {
		char c = text[i];
		const char *found;

		if (c >= 'a' && c <= 'z')
			c = (char)(c - 'a' + 'A');
		if (c == '\0' || (found = strchr(alphabet, c)) == NULL)
			return false;
		number = number << 5 | (uint64_t)(found - alphabet);
	}
	*out = number;
	return text[REF_LEN] == '\0' && number >> 35 >= DIGITS;
}
