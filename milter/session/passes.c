/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * session/passes.c - a sorted array, searched once for each length of a network that there is.
 * What is over stays until room is wanted, and is not found.
 */
#include "config.h"

#include "session/passes.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

#define LENGTHS 129

struct passes {
	atomic_size_t n;       /* of them all */
	pthread_rwlock_t lock; /* guards the rest, and n while it changes */
	struct pass *pass[PASSES_MAX];
	unsigned used[LENGTHS]; /* how many there are of a length */
};

struct passes *
passes_new(void)
{
	struct passes *p = calloc(1, sizeof(*p));

	if (p == NULL)
		return NULL;
	atomic_init(&p->n, 0);
	pthread_rwlock_init(&p->lock, NULL);
	return p;
}

void
passes_free(struct passes *p)
{
	if (p == NULL)
		return;
	for (size_t i = 0; i < p->n; i++)
		free(p->pass[i]);
	pthread_rwlock_destroy(&p->lock);
	free(p);
}

static int
compare(const struct network *a, const struct network *b)
{
	if (a->len != b->len)
		return a->len < b->len ? -1 : 1;
	return ipaddr_compare(&a->addr, &b->addr);
}

/* The place of a network, or where it would be; whether it is there. */
static bool
find_locked(const struct passes *p, const struct network *network, size_t *place)
{
	size_t low = 0, high = p->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = compare(&p->pass[middle]->network, network);

		if (order == 0) {
			*place = middle;
			return true;
		}
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	*place = low;
	return false;
}

static void
remove_locked(struct passes *p, size_t place)
{
	struct pass *gone = p->pass[place];

	p->used[gone->network.len]--;
	p->n--;
	memmove(&p->pass[place], &p->pass[place + 1], (p->n - place) * sizeof(p->pass[0]));
	free(gone);
}

static void
insert_locked(struct passes *p, size_t place, struct pass *pass)
{
	memmove(&p->pass[place + 1], &p->pass[place], (p->n - place) * sizeof(p->pass[0]));
	p->pass[place] = pass;
	p->used[pass->network.len]++;
	p->n++;
}

static void
remove_old_locked(struct passes *p)
{
	int64_t now = clock_ms();
	size_t kept = 0;

	for (size_t i = 0; i < p->n; i++) {
		if (p->pass[i]->until > now) {
			p->pass[kept++] = p->pass[i];
			continue;
		}
		p->used[p->pass[i]->network.len]--;
		free(p->pass[i]);
	}
	p->n = kept;
}

bool
passes_add(struct passes *p, const struct pass *pass, struct pass *before)
{
	struct pass *copy = malloc(sizeof(*copy));
	bool good = copy != NULL, known;
	size_t place;

	*before = (struct pass){.until = 0};
	if (good)
		*copy = *pass;
	pthread_rwlock_wrlock(&p->lock);
	remove_old_locked(p);
	known = find_locked(p, &pass->network, &place);
	good = good && (known || p->n < PASSES_MAX);
	if (good && known) {
		*before = *p->pass[place];
		remove_locked(p, place);
	}
	if (good)
		insert_locked(p, place, copy);
	pthread_rwlock_unlock(&p->lock);
	if (!good)
		free(copy);
	return good;
}

bool
passes_end(struct passes *p, const struct network *network)
{
	bool known;
	size_t place;

	pthread_rwlock_wrlock(&p->lock);
	remove_old_locked(p);
	known = find_locked(p, network, &place);
	if (known)
		remove_locked(p, place);
	pthread_rwlock_unlock(&p->lock);
	return known;
}

static bool
find_good_locked(const struct passes *p, const struct ipaddr *addr, struct pass *out)
{
	int64_t now = clock_ms();

	for (int len = addr->bits; len >= 0; len--) {
		struct network network = {.addr = *addr, .len = (unsigned)len};
		size_t place;

		if (p->used[len] == 0)
			continue;
		ipaddr_mask(&network.addr, network.len);
		if (!find_locked(p, &network, &place) || p->pass[place]->until <= now)
			continue;
		*out = *p->pass[place];
		return true;
	}
	return false;
}

bool
passes_find(struct passes *p, const struct ipaddr *addr, struct pass *out)
{
	bool found;

	if (atomic_load_explicit(&p->n, memory_order_relaxed) == 0 || addr->bits == 0)
		return false;
	pthread_rwlock_rdlock(&p->lock);
	found = find_good_locked(p, addr, out);
	pthread_rwlock_unlock(&p->lock);
	return found;
}

size_t
passes_list(struct passes *p, struct pass *out, size_t size)
{
	int64_t now = clock_ms();
	size_t n = 0;

	pthread_rwlock_rdlock(&p->lock);
	for (size_t i = 0; i < p->n && n < size; i++)
		if (p->pass[i]->until > now)
			out[n++] = *p->pass[i];
	pthread_rwlock_unlock(&p->lock);
	return n;
}
