/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * locks.c - preloaded into a program: who takes which mutex, how often in vain at first, and
 * how long it is held.  When the program calls _exit(2), the file that LOCKS names gets a line
 * for each place in the code and mutex:
 *
 *	OBJECT OFFSET MUTEX TAKEN WAITED WAITED_NS HELD HELD_NS LONG
 *
 * HELD and HELD_NS leave out LONG, those that were held for LONG_NS or more: mostly by
 * a thread that had lost its processor.  What the C library locks for itself does not show.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define PLACES 16384 /* of code and mutex together; a power of two */
#define TRIES 64     /* then all mutexes of that code are one */
#define DEEP 16      /* that a thread holds at once */
#define LONG_NS 20000

struct place {
	_Atomic uintptr_t code, mutex;
	atomic_ullong taken, waited, waited_ns, held, held_ns, too_long;
};

struct hold {
	const void *mutex;
	struct place *place;
	int64_t since;
};

static struct place places[PLACES];
static _Thread_local struct hold holds[DEEP];
static _Thread_local unsigned deep;
static int out = -1;
static pid_t whose;
static int64_t clock_ns; /* that reading the clock takes */

static int (*real_lock)(pthread_mutex_t *);
static int (*real_trylock)(pthread_mutex_t *);
static int (*real_unlock)(pthread_mutex_t *);
static int (*real_wait)(pthread_cond_t *, pthread_mutex_t *);
static int (*real_timedwait)(pthread_cond_t *, pthread_mutex_t *, const struct timespec *);

static int64_t
now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * INT64_C(1000000000) + ts.tv_nsec;
}

/* The default version: dlsym(3) may find one of twenty years ago. */
static void *
find_cond(const char *name)
{
	void *found = dlvsym(RTLD_NEXT, name, "GLIBC_2.3.2");

	return found != NULL ? found : dlsym(RTLD_NEXT, name);
}

static void
find_real(void)
{
	*(void **)&real_trylock = dlsym(RTLD_NEXT, "pthread_mutex_trylock");
	*(void **)&real_unlock = dlsym(RTLD_NEXT, "pthread_mutex_unlock");
	*(void **)&real_wait = find_cond("pthread_cond_wait");
	*(void **)&real_timedwait = find_cond("pthread_cond_timedwait");
	*(void **)&real_lock = dlsym(RTLD_NEXT, "pthread_mutex_lock");
}

static void __attribute__((constructor)) begin(void)
{
	const char *path = getenv("LOCKS");
	int64_t since = now();

	if (real_lock == NULL)
		find_real();
	for (int i = 0; i < 1000; i++)
		(void)now();
	clock_ns = (now() - since) / 1000;
	whose = getpid();
	if (path != NULL)
		out = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
}

/* The row of a place in the code with a mutex, or with none: of all that have found no row. */
static struct place *
find_place(uintptr_t code, uintptr_t mutex)
{
	uintptr_t at = (code ^ mutex >> 4) * UINT64_C(0x9e3779b97f4a7c15) >> 32;

	for (unsigned i = 0; i < (mutex == 0 ? PLACES : TRIES); i++) {
		struct place *p = &places[(at + i) % PLACES];
		uintptr_t free_code = 0;

		if (atomic_compare_exchange_strong(&p->code, &free_code, code))
			atomic_store(&p->mutex, mutex);
		else if (free_code != code || atomic_load(&p->mutex) != mutex)
			continue;
		return p;
	}
	return mutex == 0 ? &places[0] : find_place(code, 0);
}

static void
note_hold(const void *mutex, struct place *place)
{
	if (deep < DEEP)
		holds[deep++] = (struct hold){mutex, place, now()};
}

/* The mutex is free again; where it was taken, if that is known. */
static struct place *
note_release(const void *mutex)
{
	int64_t ns;

	for (unsigned i = deep; i-- > 0;) {
		struct place *place = holds[i].place;

		if (holds[i].mutex != mutex)
			continue;
		ns = now() - holds[i].since - clock_ns;
		if (ns < LONG_NS) {
			atomic_fetch_add(&place->held, 1);
			atomic_fetch_add(&place->held_ns, ns > 0 ? (uint64_t)ns : 0);
		} else {
			atomic_fetch_add(&place->too_long, 1);
		}
		memmove(holds + i, holds + i + 1, (DEEP - 1 - i) * sizeof(*holds));
		deep--;
		return place;
	}
	return NULL;
}

int
pthread_mutex_lock(pthread_mutex_t *mutex)
{
	struct place *place;
	int64_t since;
	int error;

	if (real_lock == NULL)
		find_real();
	place = find_place((uintptr_t)__builtin_return_address(0), (uintptr_t)mutex);
	atomic_fetch_add(&place->taken, 1);
	if ((error = real_trylock(mutex)) != 0) {
		since = now();
		error = real_lock(mutex);
		atomic_fetch_add(&place->waited, 1);
		atomic_fetch_add(&place->waited_ns, (uint64_t)(now() - since));
	}
	if (error == 0)
		note_hold(mutex, place);
	return error;
}

int
pthread_mutex_unlock(pthread_mutex_t *mutex)
{
	(void)note_release(mutex);
	return real_unlock(mutex);
}

int
pthread_cond_wait(pthread_cond_t *cond, pthread_mutex_t *mutex)
{
	struct place *place = note_release(mutex);
	int error = real_wait(cond, mutex);

	if (place != NULL)
		note_hold(mutex, place);
	return error;
}

int
pthread_cond_timedwait(
    pthread_cond_t *cond, pthread_mutex_t *mutex, const struct timespec *until)
{
	struct place *place = note_release(mutex);
	int error = real_timedwait(cond, mutex, until);

	if (place != NULL)
		note_hold(mutex, place);
	return error;
}

static void
write_place(const struct place *p)
{
	Dl_info info;
	const char *slash;

	if (p->taken == 0 || dladdr((void *)p->code, &info) == 0)
		return;
	slash = strrchr(info.dli_fname, '/');
	dprintf(out, "%s %#jx %#jx %llu %llu %llu %llu %llu %llu\n",
	    slash != NULL ? slash + 1 : info.dli_fname,
	    (uintmax_t)(p->code - (uintptr_t)info.dli_fbase), (uintmax_t)p->mutex, p->taken,
	    p->waited, p->waited_ns, p->held, p->held_ns, p->too_long);
}

_Noreturn void
_exit(int code)
{
	if (out >= 0 && getpid() == whose)
		for (unsigned i = 0; i < PLACES; i++)
			write_place(&places[i]);
	for (;;)
		syscall(SYS_exit_group, code);
}
