/* SPDX-License-Identifier: BSD-2-Clause */
/* web/makers.c - a ring of jobs, and threads that wait at it. */
#include "config.h"

#include "web/makers.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

#include "os/thread.h"

#define STACK_SIZE (256 * 1024)

struct makers {
	makers_fn *fn;
	pthread_t thread[MAKERS];
	unsigned threads;

	pthread_mutex_t lock; /* guards the rest */
	pthread_cond_t more;
	void *job[MAKERS_QUEUE];
	unsigned first, n;
	bool ending;
};

/* The next job; NULL: it ends. */
static void *
next_job(struct makers *m)
{
	void *job = NULL;

	pthread_mutex_lock(&m->lock);
	while (m->n == 0 && !m->ending)
		pthread_cond_wait(&m->more, &m->lock);
	if (!m->ending) {
		job = m->job[m->first];
		m->first = (m->first + 1) % MAKERS_QUEUE;
		m->n--;
	}
	pthread_mutex_unlock(&m->lock);
	return job;
}

static void *
make(void *arg)
{
	struct makers *m = arg;
	void *job;

	while ((job = next_job(m)) != NULL)
		m->fn(job);
	return NULL;
}

static bool
start(struct makers *m)
{
	pthread_attr_t attr;
	bool good = true;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, STACK_SIZE);
	while (m->threads < MAKERS && good) {
		good = thread_start(&m->thread[m->threads], &attr, make, m);
		m->threads += good;
	}
	pthread_attr_destroy(&attr);
	return good;
}

struct makers *
makers_new(makers_fn *fn)
{
	struct makers *m = calloc(1, sizeof(*m));

	if (m == NULL)
		return NULL;
	m->fn = fn;
	pthread_mutex_init(&m->lock, NULL);
	pthread_cond_init(&m->more, NULL);
	if (!start(m)) {
		makers_end(m);
		makers_free(m);
		errno = EAGAIN;
		return NULL;
	}
	return m;
}

bool
makers_put(struct makers *m, void *job)
{
	bool good;

	pthread_mutex_lock(&m->lock);
	good = m->n < MAKERS_QUEUE && !m->ending;
	if (good) {
		m->job[(m->first + m->n) % MAKERS_QUEUE] = job;
		m->n++;
		pthread_cond_signal(&m->more);
	}
	pthread_mutex_unlock(&m->lock);
	return good;
}

void
makers_end(struct makers *m)
{
	pthread_mutex_lock(&m->lock);
	m->ending = true;
	pthread_cond_broadcast(&m->more);
	pthread_mutex_unlock(&m->lock);
	while (m->threads > 0)
		pthread_join(m->thread[--m->threads], NULL);
}

void
makers_free(struct makers *m)
{
	if (m == NULL)
		return;
	pthread_cond_destroy(&m->more);
	pthread_mutex_destroy(&m->lock);
	free(m);
}
