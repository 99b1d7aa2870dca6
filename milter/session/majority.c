/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * session/majority.c - the share of one address among clients, by counting those of the first
 * of each number of them: where nearly all have one, the first has it, but for a few times.
 */
#include "config.h"

#include "session/majority.h"

#include <pthread.h>
#include <stdbool.h>

#include "base/log.h"

#define CLIENTS 500 /* that are looked at together */
#define NEARLY 495  /* of them: one in a hundred may be another */

static struct {
	pthread_mutex_t lock; /* guards the rest */
	struct ipaddr first;
	unsigned n, same;
	bool told;
} seen = {.lock = PTHREAD_MUTEX_INITIALIZER};

/* Whether the log is to say it, and how many they were. */
static bool
count_locked(const struct ipaddr *client, unsigned *same)
{
	bool told = seen.told;

	if (seen.n == 0) {
		seen.first = *client;
		seen.same = 0;
	}
	seen.same += ipaddr_compare(client, &seen.first) == 0;
	if (++seen.n < CLIENTS)
		return false;
	seen.n = 0;
	seen.told = seen.same >= NEARLY;
	*same = seen.same;
	return seen.told && !told;
}

void
majority_note(const struct ipaddr *client)
{
	char address[IPADDR_STRLEN];
	struct ipaddr first;
	struct logline line;
	unsigned same = 0;
	bool tell;

	if (client->bits == 0)
		return;
	pthread_mutex_lock(&seen.lock);
	tell = count_locked(client, &same);
	first = seen.first;
	pthread_mutex_unlock(&seen.lock);
	if (!tell)
		return;
	logline_event(&line, "clients-hidden");
	logline_str(&line, "address", ipaddr_format(&first, address));
	logline_num(&line, "clients", same);
	logline_num(&line, "of", CLIENTS);
	logline_end(&line, LOG_LEVEL_WARNING);
}
