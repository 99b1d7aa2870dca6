/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * world.c - the parts in the order in which they stand on one another: loop,
 * upstream, health, memory, inquiries.
 */
#include "config.h"

#include "world.h"

#include <stddef.h>

#include "conf.h"
#include "health.h"
#include "inquiry.h"
#include "loop.h"
#include "memcache.h"
#include "upstream.h"

bool
world_build(struct world *w, const struct conf *conf)
{
	struct session_world *s = &w->sessions;

	if ((w->loop = loop_new()) == NULL || (w->upstream = upstream_new(w->loop)) == NULL ||
	    (w->health = health_new(w->loop, w->upstream)) == NULL ||
	    (s->memory = memcache_new(conf->memory)) == NULL)
		return false;
	s->inquiries = inquiries_new(w->loop, s->memory, w->upstream, w->health);
	s->health = w->health;
	return s->inquiries != NULL;
}

void
world_use(struct world *w, struct conf *conf)
{
	upstream_configure(w->upstream, conf->servers, conf->use_redis ? &conf->redis : NULL);
	health_configure(w->health, conf->roster, &conf->health);
	conf_install(conf);
}

bool
world_tested(const struct conf *conf)
{
	for (unsigned i = 0; i < conf->roster->n; i++)
		if (listing_standing(conf->roster->list[i]) == STANDING_NEW)
			return false;
	return true;
}

void
world_free(struct world *w)
{
	/* First what still asks, so that every question is ended while its asker lives. */
	upstream_free(w->upstream);
	inquiries_free(w->sessions.inquiries);
	memcache_free(w->sessions.memory);
	health_free(w->health);
	loop_free(w->loop);
}
