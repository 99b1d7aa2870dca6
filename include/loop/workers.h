/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * loop/workers.h - libmilter's workers, of whom one must be free.  Any thread.
 *
 * libmilter may give several sessions to one idle worker, and starts another one
 * only when something new comes in.  So sessions would wait one after the other,
 * each for its lists.  A connection that nobody speaks on is something new: it is
 * made when all workers wait.
 */
#ifndef RELAYGUARD_LOOP_WORKERS_H
#define RELAYGUARD_LOOP_WORKERS_H

#include <stdbool.h>
#include <stdint.h>

struct event_flag;
struct loop;

/*
 * Where libmilter listens, in its form; it must last.  Once, before any session;
 * without it nobody is called.  Threads to come have stacks of 256 KB, where the
 * system lets us say so.  False: no key for the threads, and so nobody is called.
 */
bool workers_init(const char *listen);

/* This thread is none of libmilter's, and stays for long. */
void workers_stay_out(void);

/* This worker has had a connection that nobody spoke on. */
void workers_report(void);

/*
 * event_flag_wait(), for a worker: if it lasts, and all the others wait too, another one
 * is called.
 */
bool workers_wait(struct loop *, struct event_flag *, int64_t deadline);

#endif
