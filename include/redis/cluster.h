/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * redis/cluster.h - the nodes of a Redis Cluster, and which of them has a slot.
 * I/O thread only.
 */
#ifndef RELAYGUARD_REDIS_CLUSTER_H
#define RELAYGUARD_REDIS_CLUSTER_H

#include "redis/conf.h"

struct cluster;
struct loop;
struct redirect;
struct redislink;
struct redistls;

/* Its map is fetched by and by; options are borrowed.  NULL: out of memory. */
struct cluster *cluster_new(struct loop *, const struct redis_options *, struct redistls *);
void cluster_free(struct cluster *); /* NULL is fine */

/* Who has a slot, or, where that is not known, somebody who can tell; NULL: nobody. */
struct redislink *cluster_pick(struct cluster *, unsigned slot);

/* The node a redirection names, which is remembered; NULL: there are too many. */
struct redislink *cluster_follow(struct cluster *, const struct redirect *);

/* Fetch the map again soon: what it says is no longer so. */
void cluster_doubt(struct cluster *);

#endif
