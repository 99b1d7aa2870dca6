/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * health/datahealth.c - a health state for the data of each list, by its id, under one lock.
 * That a session is left out now and then does not matter to a tripwire.
 */
#include "config.h"

#include "health/datahealth.h"

#include <pthread.h>
#include <stddef.h>
#include <stdlib.h>

#include "base/clock.h"
#include "health/anomaly.h"
#include "health/state.h"
#include "lists/listid.h"
#include "lists/subject.h"

#define DOUBT_MS 300000 /* so long at least a list that is caught is not believed */

struct entry {
	struct entry *next;
	struct listing listing; /* what the health state needs of the list */
	struct health_state state;
};

struct datahealth {
	pthread_mutex_t lock; /* guards what follows */
	struct anomalies *anomalies;
	struct entry *entries; /* lists are few */
};

struct datahealth *
datahealth_new(void)
{
	struct datahealth *w = calloc(1, sizeof(*w));

	if (w == NULL || (w->anomalies = anomalies_new()) == NULL) {
		free(w);
		return NULL;
	}
	(void)pthread_mutex_init(&w->lock, NULL);
	return w;
}

void
datahealth_free(struct datahealth *w)
{
	struct entry *e;

	if (w == NULL)
		return;
	while ((e = w->entries) != NULL) {
		w->entries = e->next;
		health_state_clear(&e->state);
		free(e);
	}
	anomalies_free(w->anomalies);
	(void)pthread_mutex_destroy(&w->lock);
	free(w);
}

/* The label of an id stays; that of a configuration does not. */
static char *
label_of(uint32_t id)
{
	const char *label = NULL;

	(void)listid_usage(id, &label);
	return (char *)(uintptr_t)label;
}

static struct entry *
add_locked(struct datahealth *w, const struct listing *list)
{
	struct entry *e = calloc(1, sizeof(*e));

	if (e == NULL)
		return NULL;
	e->listing = (struct listing){
	    .label = label_of(list->id), .id = list->id, .state = list->data_state};
	if (!health_state_init(&e->state, &e->listing)) {
		free(e);
		return NULL;
	}
	e->state.source = "data";
	e->next = w->entries;
	w->entries = e;
	return e;
}

/* The entry of a list as it is configured now; NULL: memory is out. */
static struct entry *
find_locked(struct datahealth *w, const struct listing *list)
{
	struct entry *e = w->entries;

	while (e != NULL && e->listing.id != list->id)
		e = e->next;
	if (e == NULL && (e = add_locked(w, list)) == NULL)
		return NULL;
	e->listing.worst = list->worst;
	return e;
}

/* What is not believed will be, some time later, once it says what it used to: its data was
 * tested when it was taken. */
static void
look_again(struct health_state *state, bool believed)
{
	if (health_state_is_believed(state))
		return;
	if (believed)
		state->doubtful = clock_ms() + DOUBT_MS;
	else if (clock_ms() >= state->doubtful)
		health_state_pass(state, 1);
}

static void
note_locked(struct entry *e, const struct ipaddr *client, bool listed)
{
	bool believed = health_state_is_believed(&e->state);

	health_state_answer(&e->state, client, listed);
	look_again(&e->state, believed);
}

static void
note_vouched_locked(struct entry *e, const struct ipaddr *voter, const struct ipaddr *client)
{
	bool believed = health_state_is_believed(&e->state);

	health_state_vouched(&e->state, voter, client);
	look_again(&e->state, believed);
}

void
datahealth_answers(struct datahealth *w, const struct roster *roster, listset lists,
    listset listed, const struct ipaddr *client)
{
	if (w == NULL || lists == 0 || pthread_mutex_trylock(&w->lock) != 0)
		return;
	for (unsigned i = 0; i < roster->n; i++) {
		struct entry *e =
		    listset_has(lists, i) ? find_locked(w, roster->list[i]) : NULL;

		if (e != NULL)
			note_locked(e, client, listset_has(listed, i));
	}
	(void)pthread_mutex_unlock(&w->lock);
}

void
datahealth_vouched(struct datahealth *w, const struct ipaddr *client, const char *user,
    const struct roster *roster, listset listed)
{
	struct ipaddr voter = {.bits = 0};

	if (w == NULL || listed == 0)
		return;
	if (user != NULL)
		voter = subject_name(ROLE_SENDER, user).key;
	(void)pthread_mutex_lock(&w->lock);
	for (unsigned i = 0; i < roster->n; i++) {
		struct entry *e =
		    listset_has(listed, i) ? find_locked(w, roster->list[i]) : NULL;

		if (e != NULL)
			note_vouched_locked(e, &voter, client);
	}
	(void)pthread_mutex_unlock(&w->lock);
}

void
datahealth_odd(
    struct datahealth *w, const struct listing *list, enum anomaly anomaly, uint32_t bad)
{
	if (w == NULL)
		return;
	(void)pthread_mutex_lock(&w->lock);
	anomalies_note(w->anomalies, list, anomaly, bad);
	(void)pthread_mutex_unlock(&w->lock);
}
