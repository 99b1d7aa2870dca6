/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * lists/listid.c - which label and zone have which id and health state.  What is known
 * of a list outlives the configuration it came from.
 */
#include "config.h"

#include "lists/listid.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/bulk.h"
#include "lists/usage.h"

/* Each is allocated by itself, so that it never moves. */
struct listid {
	atomic_uint state, data_state;
	atomic_bool held;
	struct list_usage usage;
	char *label, *zone;
};

/* All of them; the index of one is its id. */
static struct {
	pthread_mutex_t lock; /* guards what follows */
	struct listid **item;
	uint32_t n;
} ids = {.lock = PTHREAD_MUTEX_INITIALIZER};

static struct listid *
listid_new(const char *label, const char *zone)
{
	struct listid *new = calloc(1, sizeof(*new));

	if (new == NULL)
		return NULL;
	/* What has no zone is never tested. */
	atomic_init(&new->state, zone[0] != '\0' ? LIST_NEW : LIST_GOOD);
	atomic_init(&new->data_state, LIST_GOOD); /* what is no good is not taken */
	new->label = strdup(label);
	new->zone = strdup(zone);
	if (new->label != NULL &&new->zone != NULL)
		return new;
	free(new->label);
	free(new->zone);
	free(new);
	return NULL;
}

/* Where it is in the table, or the end. */
static uint32_t
find_locked(const char *label, const char *zone)
{
	uint32_t id;

	for (id = 0; id < ids.n; id++)
		if (strcmp(ids.item[id]->label, label) == 0 &&
		    strcmp(ids.item[id]->zone, zone) == 0)
			break;
	return id;
}

static bool
add_locked(const char *label, const char *zone)
{
	struct listid **grown = bulk_next(ids.item, ids.n, sizeof(struct listid *));

	if (grown == NULL)
		return false;
	ids.item = grown;
	ids.item[ids.n] = listid_new(label, zone);
	if (ids.item[ids.n] == NULL)
		return false;
	ids.n++;
	return true;
}

bool
listid_give(struct listing *list, const char *zone)
{
	uint32_t id;
	bool given;

	pthread_mutex_lock(&ids.lock);
	id = find_locked(list->label, zone);
	given = id < ids.n || add_locked(list->label, zone);
	if (given) {
		list->id = id;
		list->state = &ids.item[id]->state;
		list->data_state =
		    zone[0] != '\0' ? &ids.item[id]->data_state : &ids.item[id]->state;
		list->held = &ids.item[id]->held;
		list->usage = &ids.item[id]->usage;
	}
	pthread_mutex_unlock(&ids.lock);
	return given;
}

struct list_usage *
listid_usage(uint32_t id, const char **label)
{
	struct listid *found;

	pthread_mutex_lock(&ids.lock);
	found = id < ids.n ? ids.item[id] : NULL;
	pthread_mutex_unlock(&ids.lock);
	if (found == NULL)
		return NULL;
	*label = found->label;
	return &found->usage;
}
