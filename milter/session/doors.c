/* SPDX-License-Identifier: BSD-2-Clause */
/* session/doors.c - a table of lists, under one lock that is held for a few steps. */
#include "config.h"

#include "session/doors.h"

#include <pthread.h>
#include <stddef.h>

#include "base/ascii.h"

#define BUCKETS 4096

static struct {
	pthread_mutex_t lock; /* guards the lists */
	struct doors_entry *first[BUCKETS];
} doors = {.lock = PTHREAD_MUTEX_INITIALIZER};

struct doors_key
doors_key(const struct ipaddr *client, uint16_t port, const char *server)
{
	struct doors_key key = {.client = *client, .port = port};

	if (server == NULL || !ipaddr_parse(&key.server, server))
		key.server = (struct ipaddr){.bits = 0};
	return key;
}

static struct doors_entry **
bucket_of(const struct doors_key *key)
{
	uint32_t hash = ascii_hash(ASCII_HASH, &key->port, sizeof(key->port), false);

	hash = ascii_hash(hash, key->client.byte, sizeof(key->client.byte), false);
	return &doors.first[hash % BUCKETS];
}

static bool
is_same(const struct doors_key *a, const struct doors_key *b)
{
	return a->port == b->port && ipaddr_compare(&a->client, &b->client) == 0 &&
	    ipaddr_compare(&a->server, &b->server) == 0;
}

void
doors_enter(struct doors_entry *entry, const struct doors_key *key)
{
	struct doors_entry **at = bucket_of(key);

	if (key->port == 0)
		return;
	entry->key = *key;
	pthread_mutex_lock(&doors.lock);
	entry->next = *at;
	entry->at = at;
	if (entry->next != NULL)
		entry->next->at = &entry->next;
	*at = entry;
	pthread_mutex_unlock(&doors.lock);
}

void
doors_leave(struct doors_entry *entry)
{
	if (entry->key.port == 0)
		return;
	pthread_mutex_lock(&doors.lock);
	if (entry->at != NULL) {
		*entry->at = entry->next;
		if (entry->next != NULL)
			entry->next->at = entry->at;
	}
	entry->at = NULL;
	pthread_mutex_unlock(&doors.lock);
}

bool
doors_has(const struct doors_key *key)
{
	const struct doors_entry *entry;

	if (key->port == 0)
		return false;
	pthread_mutex_lock(&doors.lock);
	entry = *bucket_of(key);
	while (entry != NULL && !is_same(&entry->key, key))
		entry = entry->next;
	pthread_mutex_unlock(&doors.lock);
	return entry != NULL;
}
