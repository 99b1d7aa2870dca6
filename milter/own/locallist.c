/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * own/locallist.c - a set-associative table.  What is over stays until its place is wanted,
 * for whoever comes again is listed for longer.
 */
#include "config.h"

#include "own/locallist.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/assoc.h"

#define DAY_S 86400U
#define SHARES 65536     /* counters of networks; two may meet in one by chance */
#define CHUNK 256        /* entries read at a time, while others wait */
#define NETWORK_BITS6 48 /* of which a share is counted */

_Static_assert(sizeof(struct local_record) <= 128, "65,536 clients have 8 MiB");

struct locallist {
	pthread_mutex_t lock; /* guards what follows, but for the watchers */
	struct assoc *table;
	size_t share_max;
	uint32_t *share; /* entries of the networks that have such a counter */
	struct local_terms terms;
	struct local_figures figures; /* since the start */
	local_watcher *watcher[LOCAL_WATCHERS];
	void *arg[LOCAL_WATCHERS];
	unsigned nwatchers;
};

struct locallist *
locallist_new(size_t clients)
{
	struct locallist *l = calloc(1, sizeof(*l));

	if (l == NULL)
		return NULL;
	pthread_mutex_init(&l->lock, NULL);
	l->terms.nrules = 1;
	l->share_max = clients / LOCALLIST_SHARE;
	locallist_configure(
	    l, (const uint32_t[LOCAL_LIVES]){DAY_S, 2 * DAY_S, 4 * DAY_S, 7 * DAY_S});
	l->table = assoc_new(clients, sizeof(struct local_record));
	l->share = calloc(SHARES, sizeof(l->share[0]));
	if (l->table != NULL && l->share != NULL)
		return l;
	locallist_free(l);
	return NULL;
}

void
locallist_free(struct locallist *l)
{
	if (l == NULL)
		return;
	assoc_free(l->table);
	free(l->share);
	pthread_mutex_destroy(&l->lock);
	free(l);
}

void
locallist_configure(struct locallist *l, const uint32_t life[LOCAL_LIVES])
{
	pthread_mutex_lock(&l->lock);
	memcpy(l->terms.life, life, sizeof(l->terms.life));
	pthread_mutex_unlock(&l->lock);
}

void
locallist_watch(struct locallist *l, local_watcher *watcher, void *arg)
{
	l->watcher[l->nwatchers] = watcher;
	l->arg[l->nwatchers++] = arg;
}

/* --- Places --- */

/* A client is an address; of IPv6 a /64, of which one host may have any. */
static struct ipaddr
client_of(const struct ipaddr *addr)
{
	return ipaddr_network(addr, 32, 64);
}

static uint64_t
key_of(const struct locallist *l, const struct ipaddr *client)
{
	return assoc_key(l->table, client, sizeof(*client));
}

/* The counter of a client's network; NULL: nobody has two of IPv4 as cheaply. */
static uint32_t *
share_of(const struct locallist *l, const struct ipaddr *client)
{
	struct ipaddr network = *client;

	if (client->bits == 32)
		return NULL;
	ipaddr_mask(&network, NETWORK_BITS6);
	return &l->share[assoc_key(l->table, &network, sizeof(network)) % SHARES];
}

/* Whether one is to go rather than another. */
static bool
goes_before(const struct local_record *one, const struct local_record *other, uint32_t now)
{
	unsigned a = localrecord_worth(one, now), b = localrecord_worth(other, now);

	if (one->entry.key == 0 || other->entry.key == 0)
		return one->entry.key == 0 && other->entry.key != 0;
	if (a != b)
		return a < b;
	return one->changed < other->changed;
}

/* The place of which somebody has to go; NULL: the client's network has had its share. */
static struct local_record *
find_place(struct locallist *l, uint64_t key, const struct ipaddr *client, uint32_t now)
{
	const uint32_t *share = share_of(l, client);
	bool full = share != NULL && *share >= l->share_max;
	struct local_record *place = NULL, *r;

	for (size_t i = 0; (r = assoc_way(l->table, key, i)) != NULL; i++) {
		if (full && (r->entry.key == 0 || share_of(l, &r->client) != share))
			continue;
		if (place == NULL || goes_before(r, place, now))
			place = r;
	}
	return place;
}

static void
leave_place(struct locallist *l, struct local_record *r)
{
	uint32_t *share = share_of(l, &r->client);

	if (r->entry.key != 0 && share != NULL)
		--*share;
	*r = (struct local_record){.entry = {.key = 0}};
}

/* The record of a client, which may be new; NULL: there is no place for it. */
static struct local_record *
take(struct locallist *l, const struct ipaddr *client, uint32_t now)
{
	uint64_t key = key_of(l, client);
	struct local_record *r = assoc_find(l->table, key);
	uint32_t *share = share_of(l, client);

	if (r != NULL)
		return r;
	r = find_place(l, key, client, now);
	if (r == NULL || localrecord_worth(r, now) > 0)
		l->figures.full++;
	if (r == NULL)
		return NULL;
	leave_place(l, r);
	r->entry.key = key;
	r->client = *client;
	if (share != NULL)
		++*share;
	return r;
}

static void
tell(const struct locallist *l, const struct local_record *r, enum local_change change,
    enum local_reason reason, uint32_t now)
{
	struct local_entry e;

	if (change == LOCAL_SAME)
		return;
	localrecord_copy(r, &l->terms, now, &e);
	for (unsigned i = 0; i < l->nwatchers; i++)
		l->watcher[i](l->arg[i], &e, change, reason);
}

/* --- Listing --- */

static enum local_change
list(struct locallist *l, const struct ipaddr *addr, enum local_reason reason, const char *rule,
    uint32_t now, uint32_t until)
{
	struct ipaddr client = client_of(addr);
	enum local_change change = LOCAL_FULL;
	struct local_record *r;

	if (!ipaddr_is_global(addr))
		return LOCAL_REFUSED;
	pthread_mutex_lock(&l->lock);
	if ((r = take(l, &client, now)) != NULL) {
		change = localrecord_list(r, &l->terms, reason, rule, now, until);
		l->figures.listed[reason] += change == LOCAL_LISTED;
		tell(l, r, change, reason, now);
	}
	pthread_mutex_unlock(&l->lock);
	return change;
}

enum local_change
locallist_list(struct locallist *l, const struct ipaddr *addr, enum local_reason reason,
    const char *rule, uint32_t now)
{
	return list(l, addr, reason, rule, now, 0);
}

enum local_change
locallist_list_until(struct locallist *l, const struct ipaddr *addr, enum local_reason reason,
    const char *rule, uint32_t now, uint32_t until)
{
	return until > now ? list(l, addr, reason, rule, now, until) : LOCAL_SAME;
}

bool
locallist_find(
    struct locallist *l, const struct ipaddr *addr, uint32_t now, struct local_entry *e)
{
	struct ipaddr client = client_of(addr);
	const struct local_record *r;

	*e = (struct local_entry){.reasons = 0};
	pthread_mutex_lock(&l->lock);
	if ((r = assoc_find(l->table, key_of(l, &client))) != NULL)
		localrecord_copy(r, &l->terms, now, e);
	pthread_mutex_unlock(&l->lock);
	return e->reasons != 0;
}

/* --- Removal --- */

static enum local_removal
remove_locked(struct locallist *l, struct local_record *r, uint32_t now)
{
	bool was_held = now < r->held;
	enum local_removal removal = localrecord_remove(r, now);
	bool hold = removal == LOCAL_REMOVAL_HELD;

	if (was_held)
		return removal;
	l->figures.removals++;
	l->figures.holds += hold;
	tell(l, r, hold ? LOCAL_HELD : LOCAL_REMOVED, LOCAL_REASONS, now);
	return removal;
}

enum local_removal
locallist_remove(struct locallist *l, const struct ipaddr *addr, uint32_t now)
{
	struct ipaddr client = client_of(addr);
	enum local_removal removal = LOCAL_REMOVAL_NONE;
	struct local_record *r;

	pthread_mutex_lock(&l->lock);
	r = assoc_find(l->table, key_of(l, &client));
	if (r != NULL && localrecord_reasons(r, now) != 0)
		removal = remove_locked(l, r, now);
	pthread_mutex_unlock(&l->lock);
	return removal;
}

/* --- All of it --- */

bool
locallist_put(struct locallist *l, const struct local_entry *e, uint32_t now)
{
	struct ipaddr client = client_of(&e->client);
	struct local_record *r;
	bool good;

	if (!ipaddr_is_global(&client))
		return false;
	pthread_mutex_lock(&l->lock);
	r = assoc_find(l->table, key_of(l, &client));
	good = r == NULL || e->changed >= r->changed;
	if (good && (r = take(l, &client, now)) != NULL)
		localrecord_put(r, &l->terms, e);
	pthread_mutex_unlock(&l->lock);
	return good && r != NULL;
}

bool
locallist_join(struct locallist *l, const struct local_entry *e, uint32_t now)
{
	struct ipaddr client = client_of(&e->client);
	struct local_record *r;

	if (!ipaddr_is_global(&client))
		return false;
	pthread_mutex_lock(&l->lock);
	if ((r = take(l, &client, now)) != NULL) {
		localrecord_join(r, &l->terms, e, now);
		tell(l, r, LOCAL_JOINED, LOCAL_REASONS, now);
	}
	pthread_mutex_unlock(&l->lock);
	return r != NULL;
}

void
locallist_each(struct locallist *l, uint32_t now,
    void (*fn)(void *arg, const struct local_entry *), void *arg)
{
	struct local_entry *some = malloc(CHUNK * sizeof(*some));
	const struct local_record *r;
	size_t next = 0;

	do {
		size_t n = 0, end = next + CHUNK;

		pthread_mutex_lock(&l->lock);
		while (some != NULL && next < end && (r = assoc_at(l->table, next)) != NULL) {
			next++;
			if (r->entry.key != 0 && localrecord_reasons(r, now) != 0)
				localrecord_copy(r, &l->terms, now, &some[n++]);
		}
		end -= next;
		pthread_mutex_unlock(&l->lock);
		for (size_t i = 0; i < n; i++)
			fn(arg, &some[i]);
		if (end > 0)
			break;
	} while (some != NULL);
	free(some);
}

void
locallist_expire(struct locallist *l, uint32_t now)
{
	struct local_record *r = NULL;
	size_t i = 0;

	do {
		pthread_mutex_lock(&l->lock);
		for (size_t end = i + CHUNK; i < end && (r = assoc_at(l->table, i)) != NULL;
		     i++)
			if (r->entry.key != 0 && localrecord_is_over(r, now))
				leave_place(l, r);
		pthread_mutex_unlock(&l->lock);
	} while (r != NULL);
}

static void
count(void *arg, const struct local_entry *e)
{
	struct local_figures *f = arg;

	f->clients++;
	for (unsigned i = 0; i < LOCAL_REASONS; i++)
		f->entries[i] += e->reasons >> i & 1;
}

void
locallist_figures(struct locallist *l, uint32_t now, struct local_figures *f)
{
	pthread_mutex_lock(&l->lock);
	*f = l->figures;
	pthread_mutex_unlock(&l->lock);
	locallist_each(l, now, count, f);
}
