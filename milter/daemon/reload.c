/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * daemon/reload.c - a thread for as long as it takes.  All that it leaves is taken after it
 * has ended.
 */
#include "config.h"

#include "daemon/reload.h"

#include <stdio.h>

#include "conf/conf.h"
#include "os/thread.h"

#define STACK_SIZE (1U << 20) /* bytes; libConfuse's scanner wants some */

static void
load(struct reload *r)
{
	size_t size = 0;
	FILE *errors = open_memstream(&r->complaints, &size);

	if (errors == NULL)
		return;
	r->conf = conf_load(r->registry, r->path, errors);
	fclose(errors);
}

static void *
run(void *arg)
{
	struct reload *r = arg;

	load(r);
	atomic_store(&r->read, true);
	r->ended();
	return NULL;
}

static bool
start_thread(struct reload *r)
{
	pthread_attr_t attr;
	bool good;

	if (pthread_attr_init(&attr) != 0)
		return false;
#ifdef HAVE_PTHREAD_SETATTR_DEFAULT_NP
	(void)pthread_attr_setstacksize(&attr, STACK_SIZE);
#endif
	good = thread_start(&r->thread, &attr, run, r);
	pthread_attr_destroy(&attr);
	return good;
}

void
reload_begin(struct reload *r)
{
	if (r->under_way)
		return;
	r->under_way = true;
	r->conf = NULL;
	r->complaints = NULL;
	atomic_store(&r->read, false);
	r->has_thread = start_thread(r);
	if (!r->has_thread)
		(void)run(r);
}

bool
reload_is_under_way(const struct reload *r)
{
	return r->under_way;
}

bool
reload_end(struct reload *r, struct conf **conf, char **complaints)
{
	if (!r->under_way || !atomic_load(&r->read))
		return false;
	if (r->has_thread)
		pthread_join(r->thread, NULL);
	r->under_way = false;
	*conf = r->conf;
	*complaints = r->complaints;
	return true;
}
