/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * redis/cluster.c - a link to each master that the map names, and to each node of the
 * configuration.  The map is fetched when something shows that it is wrong, and
 * every second while a master it names is down.
 */
#include "config.h"

#include "redis/cluster.h"

#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "base/clock.h"
#include "base/counter.h"
#include "base/log.h"
#include "base/random.h"
#include "loop/loop.h"
#include "redis/error.h"
#include "redis/link.h"
#include "redis/slotmap.h"

#define NODES_MAX (SLOTMAP_NODES_MAX + REDIS_SEEDS_MAX)
#define AGAIN_MS 1000  /* from one map to the next */
#define JITTER 20      /* percent */
#define QUIET_MS 10000 /* from one line about the map to the next */

/* A server can name nodes without end, and each makes a line in the log when it
 * is not there: so many new ones are believed in. */
#define NEW_NODES_MAX SLOTMAP_NODES_MAX
#define NEW_NODES_MS 60000

/* A map may have a range for each few slots, each with some replicas. */
static const struct redisreply_limits map_limits = {.depth = 4, .parts = 65536};

struct member {
	struct redislink *link; /* NULL: a free place */
	bool seed;
};

struct cluster {
	struct loop *loop;
	const struct redis_options *options;
	struct redistls *tls;
	struct timer *refresh; /* to the next map */
	struct timer *apply;   /* the map that came, when its link is done with it */
	bool asking;
	bool mapped;    /* there has been a map */
	bool doubted;   /* since the last one was asked for */
	int64_t asked;  /* when that was */
	unsigned turn;  /* whose it is to be asked */
	unsigned fresh; /* new nodes since then: */
	int64_t counted;
	uint32_t told; /* the masters of the map, as the log knows them: */
	int64_t when;
	struct rediserrors errors;
	struct member member[NODES_MAX];
	uint8_t owner[REDIS_SLOTS]; /* by its place in member; or SLOTMAP_NOBODY */
	struct slotmap map;         /* that came last */
};

static void
fetch_after(struct cluster *c, int64_t ms)
{
	int64_t wait = c->asked + ms - clock_ms();

	timer_start(c->refresh, wait > 0 ? jittered(wait, JITTER) : 0);
}

void
cluster_doubt(struct cluster *c)
{
	if (c->doubted)
		return;
	c->doubted = true;
	fetch_after(c, AGAIN_MS);
}

static void
on_notice(void *arg, bool up)
{
	struct cluster *c = arg;

	if (!up || !c->mapped)
		cluster_doubt(c);
}

static struct redislink *
link_to(struct cluster *c, const struct endpoint *node)
{
	const struct redis_options *o = c->options;
	char name[ENDPOINT_STRLEN];
	const struct redislink_spec spec = {
	    .name = endpoint_format(node, name),
	    .node = node,
	    .user = o->user,
	    .password = o->password,
	    .tls = c->tls,
	    .connect_ms = o->connect_ms,
	    .command_ms = o->command_ms,
	    .notice = on_notice,
	    .arg = c,
	};

	return redislink_new(c->loop, &spec);
}

/* Whether one more new node is to be believed in. */
static bool
may_be_new(struct cluster *c)
{
	int64_t now = clock_ms();

	if (now - c->counted >= NEW_NODES_MS) {
		c->counted = now;
		c->fresh = 0;
	}
	return ++c->fresh <= NEW_NODES_MAX;
}

/* The place of a node, which gets one; or SLOTMAP_NOBODY. */
static uint8_t
place_of(struct cluster *c, const struct endpoint *node)
{
	unsigned vacant = NODES_MAX;

	for (unsigned i = 0; i < NODES_MAX; i++) {
		if (c->member[i].link == NULL)
			vacant = vacant < i ? vacant : i;
		else if (endpoint_equal(redislink_node(c->member[i].link), node))
			return (uint8_t)i;
	}
	if (vacant == NODES_MAX || !may_be_new(c) ||
	    (c->member[vacant].link = link_to(c, node)) == NULL)
		return SLOTMAP_NOBODY;
	return (uint8_t)vacant;
}

/* --- The map --- */

/* What was asked of it is answered as it goes, and must not find it any more. */
static void
drop(struct member *m)
{
	struct redislink *link = m->link;

	m->link = NULL;
	redislink_free(link);
}

static uint32_t
node_sum(const struct endpoint *node)
{
	return ascii_hash(
	    ASCII_HASH ^ node->port, node->address.byte, node->address.bits / 8, false);
}

static unsigned
count_slots(const struct slotmap *map)
{
	unsigned n = 0;

	for (unsigned i = 0; i < REDIS_SLOTS; i++)
		n += map->owner[i] != SLOTMAP_NOBODY;
	return n;
}

static void
drop_strangers(struct cluster *c)
{
	const struct slotmap *map = &c->map;

	for (unsigned i = 0; i < NODES_MAX; i++) {
		struct member *m = &c->member[i];
		bool known = m->seed;

		for (unsigned k = 0; m->link != NULL && !known && k < map->n; k++)
			known = endpoint_equal(redislink_node(m->link), &map->node[k]);
		if (!known)
			drop(m);
	}
}

/* One line for the masters, when they are others than before. */
static void
tell_masters(struct cluster *c)
{
	uint32_t sum = c->map.n;
	struct logline line;

	/* The order that they are named in is nobody's business. */
	for (unsigned i = 0; i < c->map.n; i++)
		sum += node_sum(&c->map.node[i]);
	if (sum == c->told || (c->told != 0 && clock_ms() - c->when < QUIET_MS))
		return;
	c->told = sum;
	c->when = clock_ms();
	logline_event(&line, "redis-map");
	logline_num(&line, "masters", c->map.n);
	logline_num(&line, "slots", count_slots(&c->map));
	logline_end(&line, LOG_LEVEL_INFO);
}

/* Whether the map is good enough to leave it at that. */
static bool
is_sound(const struct cluster *c)
{
	bool sound = !c->doubted;

	for (unsigned i = 0; sound && i < REDIS_SLOTS; i++) {
		uint8_t owner = c->owner[i];

		sound = owner != SLOTMAP_NOBODY && !redislink_down(c->member[owner].link);
	}
	return sound;
}

static void
apply_map(void *arg)
{
	struct cluster *c = arg;
	uint8_t place[SLOTMAP_NODES_MAX];

	/* Their questions are answered as this is done, by nobody's slot. */
	memset(c->owner, SLOTMAP_NOBODY, sizeof(c->owner));
	drop_strangers(c);
	for (unsigned i = 0; i < c->map.n; i++)
		place[i] = place_of(c, &c->map.node[i]);
	for (unsigned i = 0; i < REDIS_SLOTS; i++)
		if (c->map.owner[i] != SLOTMAP_NOBODY)
			c->owner[i] = place[c->map.owner[i]];
	c->mapped = true;
	tell_masters(c);
	if (!is_sound(c))
		fetch_after(c, AGAIN_MS);
}

static const char *
on_map(void *arg, struct redislink *link, const struct redisreply *reply)
{
	struct cluster *c = arg;

	c->asking = false;
	if (reply != NULL && reply->type != REDISREPLY_ERROR &&
	    slotmap_read(&c->map, reply, redislink_node(link))) {
		timer_start(c->apply, 0);
		return NULL;
	}
	fetch_after(c, AGAIN_MS);
	if (reply == NULL)
		return NULL;
	if (reply->type == REDISREPLY_ERROR) {
		/* Without a map, redirections show the way. */
		rediserror_note(&c->errors, redislink_name(link), "CLUSTER", reply->text);
		return NULL;
	}
	counter_add(COUNTER_REDIS_GARBAGE);
	return "CLUSTER answered nonsense";
}

/* The next one that can be asked, going round. */
static struct redislink *
next_link(struct cluster *c)
{
	for (unsigned i = 0; i < NODES_MAX; i++) {
		struct member *m = &c->member[c->turn++ % NODES_MAX];

		if (m->link != NULL && redislink_up(m->link))
			return m->link;
	}
	return NULL;
}

static void
fetch_map(void *arg)
{
	static const char *const argv[] = {"CLUSTER", "SLOTS"};
	struct cluster *c = arg;
	struct redislink *link = next_link(c);

	if (c->asking)
		return;
	c->asked = clock_ms();
	c->doubted = false;
	c->asking = link != NULL && redislink_ask(link, &map_limits, 2, argv, on_map, c);
	/* With nobody to ask, the next one to come up is. */
	if (!c->asking)
		fetch_after(c, AGAIN_MS);
}

/* --- Who has what --- */

struct redislink *
cluster_pick(struct cluster *c, unsigned slot)
{
	uint8_t owner = c->owner[slot];

	if (owner != SLOTMAP_NOBODY)
		return c->member[owner].link;
	for (unsigned i = 0; i < NODES_MAX; i++)
		if (c->member[i].link != NULL && !redislink_down(c->member[i].link))
			return c->member[i].link;
	return NULL;
}

struct redislink *
cluster_follow(struct cluster *c, const struct redirect *redirect)
{
	uint8_t place = place_of(c, &redirect->node);

	if (place == SLOTMAP_NOBODY)
		return NULL;
	if (!redirect->asking) {
		c->owner[redirect->slot] = place;
		cluster_doubt(c);
	}
	return c->member[place].link;
}

struct cluster *
cluster_new(struct loop *loop, const struct redis_options *options, struct redistls *tls)
{
	struct cluster *c = calloc(1, sizeof(*c));
	bool good;

	if (c == NULL)
		return NULL;
	c->loop = loop;
	c->options = options;
	c->tls = tls;
	c->asked = c->counted = clock_ms() - NEW_NODES_MS;
	memset(c->owner, SLOTMAP_NOBODY, sizeof(c->owner));
	c->refresh = timer_new(loop, fetch_map, c);
	c->apply = timer_new(loop, apply_map, c);
	good = c->refresh != NULL && c->apply != NULL;
	for (unsigned i = 0; good && i < options->nseeds; i++) {
		uint8_t place = place_of(c, &options->seed[i]);

		good = place != SLOTMAP_NOBODY;
		if (good)
			c->member[place].seed = true;
	}
	if (!good) {
		cluster_free(c);
		return NULL;
	}
	return c;
}

void
cluster_free(struct cluster *c)
{
	if (c == NULL)
		return;
	for (unsigned i = 0; i < NODES_MAX; i++)
		drop(&c->member[i]);
	timer_free(c->refresh);
	timer_free(c->apply);
	free(c);
}
