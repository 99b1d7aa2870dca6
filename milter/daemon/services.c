/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * daemon/services.c - the parts in the order in which they stand on one another: loop,
 * upstream, health, memory, inquiries, promises, sender policies.
 */
#include "config.h"

#include "daemon/services.h"

#include <stddef.h>

#include "conf/conf.h"
#include "health/health.h"
#include "lookup/lookup.h"
#include "loop/loop.h"
#include "lookup/memcache.h"
#include "loop/promise.h"
#include "spf/spf.h"
#include "upstream/upstream.h"

bool
world_build(struct world *w, const struct conf *conf, int spawner)
{
	struct oracle *o = &w->sessions.oracle;

	if ((w->loop = o->loop = loop_new()) == NULL ||
	    (w->upstream = o->upstream = upstream_new(w->loop)) == NULL ||
	    (w->health = w->sessions.health = health_new(w->loop, w->upstream)) == NULL ||
	    (o->memory = memcache_new(conf->memory)) == NULL)
		return false;
	o->inquiries = inquiries_new(w->loop, o->memory, w->upstream, w->health);
	o->promises = promises_new(w->loop);
	if (o->inquiries == NULL || o->promises == NULL)
		return false;
	o->spf = spf_new(w->loop, w->upstream, o->promises, spawner);
	return o->spf != NULL;
}

void
world_use(struct world *w, struct conf *conf)
{
	upstream_configure(w->upstream, conf->servers, conf->use_redis ? &conf->redis : NULL);
	health_configure(w->health, conf->roster, &conf->health);
	spf_configure(w->sessions.oracle.spf, conf->spf_processes);
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
	inquiries_stop(w->sessions.oracle.inquiries);
	upstream_free(w->upstream);
	spf_free(w->sessions.oracle.spf);
	promises_free(w->sessions.oracle.promises);
	health_free(w->health); /* inquiries wait for proofs */
	inquiries_free(w->sessions.oracle.inquiries);
	memcache_free(w->sessions.oracle.memory);
	loop_free(w->loop);
}
