/* SPDX-License-Identifier: BSD-2-Clause */
/* web/misses.c - a counter for all in this second, and one for each network in this minute. */
#include "config.h"

#include "web/misses.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/assoc.h"

#define NETWORKS 4096 /* that are remembered */
#define SECOND_MS 1000
#define MINUTE_MS 60000

struct span {
	int64_t number; /* of the second, or minute */
	unsigned count;
};

struct network_entry {
	struct assoc_entry entry;
	struct span span;
};

struct misses {
	pthread_mutex_t lock; /* guards the rest */
	struct span all;
	struct assoc *networks;
};

struct misses *
misses_new(void)
{
	struct misses *m = calloc(1, sizeof(*m));

	if (m == NULL ||
	    (m->networks = assoc_new(NETWORKS, sizeof(struct network_entry))) == NULL) {
		free(m);
		return NULL;
	}
	pthread_mutex_init(&m->lock, NULL);
	return m;
}

void
misses_free(struct misses *m)
{
	if (m == NULL)
		return;
	pthread_mutex_destroy(&m->lock);
	assoc_free(m->networks);
	free(m);
}

/* Begin again where another second, or minute, has begun. */
static struct span *
current(struct span *s, int64_t now, int64_t ms)
{
	if (s->number != now / ms)
		*s = (struct span){.number = now / ms};
	return s;
}

/* The counter of the reader's network; NULL: nobody knows it. */
static struct span *
of_network(struct misses *m, const struct ipaddr *reader, int64_t now)
{
	struct ipaddr net = ipaddr_network(reader, 24, 64);
	struct network_entry *e;

	if (net.bits == 0)
		return NULL;
	e = assoc_take(m->networks, assoc_key(m->networks, &net, sizeof(net)),
	    (uint32_t)(now / SECOND_MS));
	return current(&e->span, now, MINUTE_MS);
}

bool
misses_take(struct misses *m, const struct ipaddr *reader, int64_t now)
{
	struct span *all, *network;
	bool good;

	pthread_mutex_lock(&m->lock);
	all = current(&m->all, now, SECOND_MS);
	network = of_network(m, reader, now);
	good = all->count < MISSES_A_SECOND &&
	    (network == NULL || network->count < MISSES_A_MINUTE);
	if (good) {
		all->count++;
		if (network != NULL)
			network->count++;
	}
	pthread_mutex_unlock(&m->lock);
	return good;
}

static void
lessen(struct span *s)
{
	if (s != NULL && s->count > 0)
		s->count--;
}

void
misses_give_back(struct misses *m, const struct ipaddr *reader, int64_t now)
{
	pthread_mutex_lock(&m->lock);
	lessen(current(&m->all, now, SECOND_MS));
	lessen(of_network(m, reader, now));
	pthread_mutex_unlock(&m->lock);
}
