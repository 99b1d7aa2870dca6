/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * daemon/services.c - the parts in the order in which they stand on one another: loop,
 * upstream, health, memory, lookups, promises, sender policies.
 */
#include "config.h"

#include "daemon/services.h"

#include <stddef.h>

#include "conf/conf.h"
#include "health/datahealth.h"
#include "health/health.h"
#include "lookup/lookup.h"
#include "lookup/memcache.h"
#include "lookup/stalemx.h"
#include "loop/loop.h"
#include "loop/promise.h"
#include "own/locallist.h"
#include "own/own.h"
#include "own/sharing.h"
#include "session/passes.h"
#include "session/passshare.h"
#include "session/tails.h"
#include "session/watch.h"
#include "spf/spf.h"
#include "upstream/upstream.h"

/* Whoever has used a pass of the page's, and is then on the own list, has abused it. */
static void
on_listed(
    void *arg, const struct local_entry *e, enum local_change change, enum local_reason reason)
{
	(void)reason;
	if (change == LOCAL_LISTED)
		passes_note_listed(arg, &e->client);
}

/* Whether any policy gives passes. */
static bool
has_passes(const struct policies *policies)
{
	const struct policy *policy;
	bool has = false;

	for (size_t i = 0; !has && (policy = policies_at(policies, i)) != NULL; i++)
		has = policy->pass;
	return has;
}

bool
daemon_services_build(struct daemon_services *w, const struct conf *conf, int spawner)
{
	struct client_services *o = &w->sessions.services;

	if ((w->loop = o->loop = loop_new()) == NULL ||
	    (w->upstream = o->upstream = upstream_new(w->loop)) == NULL ||
	    (w->health = w->sessions.health = health_new(w->loop, w->upstream)) == NULL ||
	    (o->memory = memcache_new(conf->memory)) == NULL)
		return false;
	o->lookups = lookups_new(w->loop, o->memory, w->upstream, w->health);
	o->promises = promises_new(w->loop);
	o->passes = passes_new();
	o->stalemx = stalemx_new(w->loop, w->upstream);
	o->local = locallist_new(LOCALLIST_CLIENTS);
	o->datahealth = datahealth_new();
	w->sessions.tails = tails_new();
	if (o->lookups == NULL || o->promises == NULL || o->passes == NULL ||
	    o->stalemx == NULL || o->local == NULL || o->datahealth == NULL ||
	    w->sessions.tails == NULL ||
	    (w->sessions.own = own_new(o->local, OWN_CLIENTS)) == NULL ||
	    (w->sharing = sharing_new(w->loop, w->upstream, w->sessions.own, o->local)) ==
		NULL ||
	    (o->pass_share = passshare_new(w->loop, w->upstream, o->promises, o->passes)) ==
		NULL)
		return false;
	locallist_watch(o->local, on_listed, o->passes);
	w->sessions.watch = watch_new(o, w->sessions.tails);
	o->spf = spf_new(w->loop, w->upstream, o->promises, spawner);
	return o->spf != NULL && w->sessions.watch != NULL;
}

void
daemon_services_use(struct daemon_services *w, struct conf *conf)
{
	upstream_configure(w->upstream, conf->servers, conf->use_redis ? &conf->redis : NULL);
	health_configure(w->health, conf->tested, &conf->health);
	spf_configure(w->sessions.services.spf, conf->spf_processes);
	locallist_configure(w->sessions.services.local, conf->own.life);
	own_configure(w->sessions.own, &conf->own);
	sharing_use(w->sharing, conf->own.enabled);
	passshare_use(w->sessions.services.pass_share, has_passes(conf->policies));
	conf_install(conf);
	watch_configure(w->sessions.watch);
}

bool
daemon_services_tested(const struct conf *conf)
{
	for (unsigned i = 0; i < conf->roster->n; i++)
		if (listing_state(conf->roster->list[i]) == LIST_NEW)
			return false;
	return true;
}

void
daemon_services_free(struct daemon_services *w)
{
	watch_free(w->sessions.watch);
	/* First what still asks, so that every question is ended while its asker lives. */
	lookups_stop(w->sessions.services.lookups);
	upstream_free(w->upstream);
	spf_free(w->sessions.services.spf);
	passshare_free(w->sessions.services.pass_share);
	promises_free(w->sessions.services.promises);
	health_free(w->health); /* lookups wait for confirmations */
	lookups_free(w->sessions.services.lookups);
	tails_free(w->sessions.tails);
	stalemx_free(w->sessions.services.stalemx);
	passes_free(w->sessions.services.passes);
	sharing_free(w->sharing);
	own_free(w->sessions.own);
	locallist_free(w->sessions.services.local);
	datahealth_free(w->sessions.services.datahealth);
	memcache_free(w->sessions.services.memory);
	loop_free(w->loop);
}
