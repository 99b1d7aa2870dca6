/* SPDX-License-Identifier: BSD-2-Clause */
/* os/thread.h - threads that signals do not find: those are the main thread's.  Any thread. */
#ifndef RELAYGUARD_OS_THREAD_H
#define RELAYGUARD_OS_THREAD_H

#include <pthread.h>
#include <stdbool.h>

/* As pthread_create(3), with all signals blocked in it; attr may be NULL.  False: there is
 * no thread to be had. */
bool thread_start(pthread_t *, const pthread_attr_t *, void *(*run)(void *), void *arg);

#endif
