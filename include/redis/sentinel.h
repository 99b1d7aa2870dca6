/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * redis/sentinel.h - which Redis is the master, as its Sentinels say.  I/O
 * thread only.
 *
 * All of them are asked at once, and most of those that answer are believed:
 * one alone may have been cut off from the others.
 */
#ifndef RELAYGUARD_REDIS_SENTINEL_H
#define RELAYGUARD_REDIS_SENTINEL_H

#include "redis/conf.h"

struct loop;
struct redistls;
struct sentinel;

/* The master is there; not called from within any callback of a link. */
typedef void sentinel_found(void *arg, const struct endpoint *);

/* Ask by and by, and again from time to time; options are borrowed.  NULL: out of memory. */
struct sentinel *sentinel_new(struct loop *, const struct redis_options *, struct redistls *,
    sentinel_found *, void *arg);
void sentinel_free(struct sentinel *); /* NULL is fine */

/* Whether the master is well: if not, it is asked for every second. */
void sentinel_content(struct sentinel *, bool);

#endif
