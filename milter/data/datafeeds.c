/* SPDX-License-Identifier: BSD-2-Clause */
/* data/datafeeds.c - a chain of feeds, one for a list as it is configured: some dozens. */
#include "config.h"

#include "data/datafeeds.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>

struct holding {
	struct holding *next;
	struct datafeed *feed;
	unsigned refs;
};

static struct {
	pthread_mutex_t lock; /* guards the rest, and is never held while files are looked at */
	struct holding *first;
} feeds = {.lock = PTHREAD_MUTEX_INITIALIZER};

/* The first feed that is the same by a function; NULL: there is none. */
static struct holding *
find(const struct datafeed_rules *rules,
    bool (*same)(const struct datafeed_rules *, const struct datafeed_rules *))
{
	struct holding *h = feeds.first;

	while (h != NULL && !same(datafeed_rules(h->feed), rules))
		h = h->next;
	return h;
}

static struct holding *
find_feed(const struct datafeed *feed)
{
	struct holding *h = feeds.first;

	while (h != NULL && h->feed != feed)
		h = h->next;
	assert(h != NULL);
	return h;
}

/* Add a feed behind the others, without a reference; NULL: memory is out. */
static struct holding *
add(const struct datafeed_rules *rules)
{
	struct holding *h = calloc(1, sizeof(*h)), **last = &feeds.first;
	const struct holding *like = find(rules, feedrules_same_files);

	if (h == NULL || (h->feed = datafeed_new(rules)) == NULL) {
		free(h);
		return NULL;
	}
	if (like != NULL)
		datafeed_adopt(h->feed, like->feed);
	while (*last != NULL)
		last = &(*last)->next;
	*last = h;
	return h;
}

struct datafeed *
datafeeds_open(const struct datafeed_rules *rules)
{
	struct holding *h;

	(void)pthread_mutex_lock(&feeds.lock);
	if ((h = find(rules, feedrules_equal)) == NULL)
		h = add(rules);
	if (h != NULL)
		h->refs++;
	(void)pthread_mutex_unlock(&feeds.lock);
	return h != NULL ? h->feed : NULL;
}

struct datafeed *
datafeed_ref(struct datafeed *feed)
{
	(void)pthread_mutex_lock(&feeds.lock);
	find_feed(feed)->refs++;
	(void)pthread_mutex_unlock(&feeds.lock);
	return feed;
}

void
datafeed_unref(struct datafeed **feed)
{
	if (*feed == NULL)
		return;
	(void)pthread_mutex_lock(&feeds.lock);
	find_feed(*feed)->refs--;
	(void)pthread_mutex_unlock(&feeds.lock);
	*feed = NULL;
}

/* Take the feeds out of the chain that nobody has. */
static struct holding *
take_unused(void)
{
	struct holding *unused = NULL, **at = &feeds.first;

	while (*at != NULL) {
		struct holding *h = *at;

		if (h->refs > 0) {
			at = &h->next;
			continue;
		}
		*at = h->next;
		h->next = unused;
		unused = h;
	}
	return unused;
}

void
datafeeds_sweep(void)
{
	struct holding *unused;

	(void)pthread_mutex_lock(&feeds.lock);
	unused = take_unused();
	(void)pthread_mutex_unlock(&feeds.lock);
	while (unused != NULL) {
		struct holding *next = unused->next;

		datafeed_free(unused->feed);
		free(unused);
		unused = next;
	}
}

struct datafeed *
datafeeds_next(struct datafeed *feed)
{
	struct holding *h;

	(void)pthread_mutex_lock(&feeds.lock);
	h = feed != NULL ? find_feed(feed)->next : feeds.first;
	while (h != NULL && h->refs == 0)
		h = h->next;
	if (h != NULL)
		h->refs++;
	if (feed != NULL)
		find_feed(feed)->refs--;
	(void)pthread_mutex_unlock(&feeds.lock);
	return h != NULL ? h->feed : NULL;
}
