/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * health/tripwire.c - what a list has said of the last clients, against what it used to
 * say.  The bounds are such that a wave of bots does not meet them and a list
 * that holds everybody does.
 */
#include "config.h"

#include "health/tripwire.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/*
 * On a list that tells the truth have been seen up to 90 percent of all clients
 * of a day, and 97 on all lists together; of a wave of bots the best lists know
 * less.  A list that holds the world holds all: a whole window but two clients.
 */
#define FLOOD_SHARE 99 /* percent of a full window */
#define FLOOD_USUAL 60 /* percent of its history; above, it proves nothing */

#define SUSPECT_SHARE 95 /* percent of the last TRIPWIRE_SUSPECT */
#define SUSPECT_USUAL 80 /* percent of its history; above, chance will do that */

#define HISTORY_FIRST 100 /* addresses after which the history counts */
#define HISTORY_LONG 2000 /* addresses it is an average of, in the end */

/* Alert at TRIPWIRE_VOUCHED and so many times what is usual: lists that are
 * quick to list hold some good clients every day. */
#define GOOD_FACTOR 3
#define GOOD_MAX 64      /* an alert, whatever is usual */
#define VOTERS 256       /* that are remembered */
#define VOTE_MS 86400000 /* for which one of them has no other vote */

#define NET_BYTES_V4 3 /* a /24 is one client, */
#define NET_BYTES_V6 6 /* and so is a /48 */

#define BUCKETS 256
#define NOWHERE UINT8_MAX
_Static_assert(TRIPWIRE_WINDOW <= NOWHERE, "a place in the window is a byte");

/* Who has vouched for a client that was listed. */
struct vote {
	struct ipaddr voter, net;
	uint64_t at; /* addresses that had come by then */
	int64_t when;
};

struct tripwire {
	struct {
		struct ipaddr addr;
		bool listed;
		uint8_t next; /* in the same bucket, or NOWHERE */
	} window[TRIPWIRE_WINDOW];
	uint8_t bucket[BUCKETS]; /* the first place of each, or NOWHERE */
	uint64_t n; /* addresses that have come, each in window[n % TRIPWIRE_WINDOW] */
	unsigned listed;
	unsigned recent;   /* the same of the last TRIPWIRE_SUSPECT */
	unsigned tainted;  /* addresses yet to leave that a flood may have touched */
	unsigned learned;  /* addresses the history is an average of */
	double usual;      /* 0 to 1: the history's share */
	double usual_good; /* the same for good clients in the window */
	struct vote votes[VOTERS];
	uint64_t nvotes; /* that have come, as n */
};

const char *
alert_name(enum alert alert)
{
	switch (alert) {
	case ALERT_NONE:
		return "none";
	case ALERT_SUSPECT:
		return "suspect";
	case ALERT_FLOOD:
		return "flood";
	case ALERT_VOUCHED:
		break;
	}
	return "good-clients";
}

struct tripwire *
tripwire_new(void)
{
	struct tripwire *w = calloc(1, sizeof(*w));

	if (w != NULL)
		memset(w->bucket, NOWHERE, sizeof(w->bucket));
	return w;
}

void
tripwire_free(struct tripwire *w)
{
	free(w);
}

static struct ipaddr
net_of(const struct ipaddr *addr)
{
	struct ipaddr net = *addr;
	size_t kept = addr->bits == 128 ? NET_BYTES_V6 : NET_BYTES_V4;

	memset(net.byte + kept, 0, sizeof(net.byte) - kept);
	return net;
}

/* The hash bucket of a client.  At worst all clients are in one: 200 entries are searched. */
static uint8_t *
bucket_of(struct tripwire *w, const struct ipaddr *client)
{
	uint64_t key;

	memcpy(&key, client->byte, sizeof(key));
	return &w->bucket[key * UINT64_C(0x9e3779b97f4a7c15) >> 56];
}

static unsigned
window_size(const struct tripwire *w)
{
	return w->n < TRIPWIRE_WINDOW ? (unsigned)w->n : TRIPWIRE_WINDOW;
}

bool
tripwire_has_history(const struct tripwire *w)
{
	return w->learned >= HISTORY_FIRST;
}

static unsigned
percent(double share)
{
	return (unsigned)(share * 100 + 0.5);
}

/* The vote that came so many before the last. */
static const struct vote *
vote_before(const struct tripwire *w, unsigned i)
{
	return &w->votes[(w->nvotes - 1 - i) % VOTERS];
}

/* Votes that came while the window filled; no more than an alert takes. */
static unsigned
count_good(const struct tripwire *w)
{
	unsigned n = 0;

	while (n < GOOD_MAX && n < w->nvotes && w->n - vote_before(w, n)->at < TRIPWIRE_WINDOW)
		n++;
	return n;
}

/* Without a history nobody knows what is usual: then it takes several times more. */
static bool
has_vouched(const struct tripwire *w)
{
	double usual = tripwire_has_history(w) ? w->usual_good : TRIPWIRE_VOUCHED;
	double bar = TRIPWIRE_VOUCHED + GOOD_FACTOR * usual;

	return count_good(w) >= (bar < GOOD_MAX ? bar : GOOD_MAX);
}

static bool
is_flooded(const struct tripwire *w)
{
	return w->n >= TRIPWIRE_WINDOW && w->listed * 100 >= FLOOD_SHARE * TRIPWIRE_WINDOW;
}

static bool
is_suspect(const struct tripwire *w)
{
	if (w->n < TRIPWIRE_SUSPECT || w->recent * 100 < SUSPECT_SHARE * TRIPWIRE_SUSPECT)
		return false;
	return !tripwire_has_history(w) || percent(w->usual) < SUSPECT_USUAL;
}

enum alert
tripwire_alert(const struct tripwire *w)
{
	if (has_vouched(w))
		return ALERT_VOUCHED;
	if (is_flooded(w) && tripwire_has_history(w) && percent(w->usual) < FLOOD_USUAL)
		return ALERT_FLOOD;
	return is_suspect(w) ? ALERT_SUSPECT : ALERT_NONE;
}

/* A mean of all at first, an average that forgets later on. */
static void
learn(struct tripwire *w, bool listed)
{
	if (w->learned < HISTORY_LONG)
		w->learned++;
	w->usual += (listed - w->usual) / w->learned;
	w->usual_good += (count_good(w) - w->usual_good) / w->learned;
}

/*
 * The oldest address leaves, and becomes history: so that what has just begun is
 * not part of what it is compared with.  Where a lie may have touched it, it is
 * forgotten.
 */
static void
forget_oldest(struct tripwire *w)
{
	bool listed = w->window[w->n % TRIPWIRE_WINDOW].listed;

	if (is_flooded(w) || has_vouched(w))
		w->tainted = TRIPWIRE_WINDOW;
	w->listed -= listed;
	if (w->tainted > 0)
		w->tainted--;
	else
		learn(w, listed);
}

/* Note what is said now of the address in a place of the window. */
static void
set_listed(struct tripwire *w, unsigned i, bool listed)
{
	int change = listed - w->window[i].listed;
	unsigned age = (unsigned)((w->n + TRIPWIRE_WINDOW - 1 - i) % TRIPWIRE_WINDOW);

	w->window[i].listed = listed;
	w->listed += (unsigned)change;
	if (age < TRIPWIRE_SUSPECT)
		w->recent += (unsigned)change;
}

/* The place of a client in the window, or NOWHERE. */
static unsigned
find(struct tripwire *w, const struct ipaddr *client)
{
	unsigned i = *bucket_of(w, client);

	while (i != NOWHERE && ipaddr_compare(&w->window[i].addr, client) != 0)
		i = w->window[i].next;
	return i;
}

static void
leave_bucket(struct tripwire *w, unsigned i)
{
	uint8_t *at = bucket_of(w, &w->window[i].addr);

	while (*at != i)
		at = &w->window[*at].next;
	*at = w->window[i].next;
}

/* Give a client the place of the oldest one, not listed yet. */
static unsigned
enter(struct tripwire *w, const struct ipaddr *client)
{
	unsigned i = (unsigned)(w->n % TRIPWIRE_WINDOW);
	uint8_t *bucket = bucket_of(w, client);

	if (w->n >= TRIPWIRE_WINDOW) {
		forget_oldest(w);
		leave_bucket(w, i);
	}
	if (w->n >= TRIPWIRE_SUSPECT)
		w->recent -= w->window[(w->n - TRIPWIRE_SUSPECT) % TRIPWIRE_WINDOW].listed;
	w->window[i].addr = *client;
	w->window[i].listed = false;
	w->window[i].next = *bucket;
	*bucket = (uint8_t)i;
	w->n++;
	return i;
}

void
tripwire_answer(struct tripwire *w, const struct ipaddr *addr, bool listed)
{
	struct ipaddr net = net_of(addr);
	unsigned i = find(w, &net);

	set_listed(w, i != NOWHERE ? i : enter(w, &net), listed);
}

static bool
is_same(const struct vote *v, const struct ipaddr *voter, const struct ipaddr *net)
{
	return ipaddr_compare(&v->net, net) == 0 ||
	    (voter->bits != 0 && ipaddr_compare(&v->voter, voter) == 0);
}

void
tripwire_vouched(
    struct tripwire *w, const struct ipaddr *voter, const struct ipaddr *client, int64_t now)
{
	struct ipaddr net = net_of(client);

	for (unsigned i = 0; i < VOTERS && i < w->nvotes; i++)
		if (now - vote_before(w, i)->when < VOTE_MS &&
		    is_same(vote_before(w, i), voter, &net))
			return;
	w->votes[w->nvotes++ % VOTERS] = (struct vote){*voter, net, w->n, now};
}

unsigned
tripwire_share(const struct tripwire *w)
{
	return w->n > 0 ? w->listed * 100 / window_size(w) : 0;
}

unsigned
tripwire_usual(const struct tripwire *w)
{
	return percent(w->usual);
}
