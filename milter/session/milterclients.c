/* SPDX-License-Identifier: BSD-2-Clause */
/* session/milterclients.c - a table of lists, under one lock that is held for a few steps. */
#include "config.h"

#include "session/milterclients.h"

#include <pthread.h>
#include <stddef.h>

#include "base/ascii.h"

#define BUCKETS 4096

static struct {
	pthread_mutex_t lock; /* guards the lists */
	struct milterclients_entry *first[BUCKETS];
} clients = {.lock = PTHREAD_MUTEX_INITIALIZER};

struct milterclients_key
milterclients_key(const struct ipaddr *client, uint16_t port, const char *server)
{
	struct milterclients_key key = {.client = *client, .port = port};

	if (server == NULL || !ipaddr_parse(&key.server, server))
		key.server = (struct ipaddr){.bits = 0};
	return key;
}

static struct milterclients_entry **
bucket_of(const struct milterclients_key *key)
{
	uint32_t hash = ascii_hash(ASCII_HASH, &key->port, sizeof(key->port), false);

	hash = ascii_hash(hash, key->client.byte, sizeof(key->client.byte), false);
	return &clients.first[hash % BUCKETS];
}

static bool
is_same(const struct milterclients_key *a, const struct milterclients_key *b)
{
	return a->port == b->port && ipaddr_compare(&a->client, &b->client) == 0 &&
	    ipaddr_compare(&a->server, &b->server) == 0;
}

void
milterclients_add(struct milterclients_entry *entry, const struct milterclients_key *key)
{
	struct milterclients_entry **at = bucket_of(key);

	if (key->port == 0)
		return;
	entry->key = *key;
	pthread_mutex_lock(&clients.lock);
	entry->next = *at;
	entry->at = at;
	if (entry->next != NULL)
		entry->next->at = &entry->next;
	*at = entry;
	pthread_mutex_unlock(&clients.lock);
}

void
milterclients_remove(struct milterclients_entry *entry)
{
	if (entry->key.port == 0)
		return;
	pthread_mutex_lock(&clients.lock);
	if (entry->at != NULL) {
		*entry->at = entry->next;
		if (entry->next != NULL)
			entry->next->at = entry->at;
	}
	entry->at = NULL;
	pthread_mutex_unlock(&clients.lock);
}

bool
milterclients_has(const struct milterclients_key *key)
{
	const struct milterclients_entry *entry;

	if (key->port == 0)
		return false;
	pthread_mutex_lock(&clients.lock);
	entry = *bucket_of(key);
	while (entry != NULL && !is_same(&entry->key, key))
		entry = entry->next;
	pthread_mutex_unlock(&clients.lock);
	return entry != NULL;
}
