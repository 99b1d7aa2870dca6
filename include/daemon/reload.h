/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * daemon/reload.h - the configuration is read again, on a thread of its own: millions of
 * networks take seconds, and the main thread feeds the watchdog meanwhile.
 * Main thread.
 */
#ifndef RELAYGUARD_DAEMON_RELOAD_H
#define RELAYGUARD_DAEMON_RELOAD_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

struct conf;

/* To be read here by nobody but the functions below; begins zeroed, but for these. */
struct reload {
	const char *registry, *path;
	void (*ended)(void); /* called on that thread when it has ended; never blocks */

	pthread_t thread;
	bool under_way, has_thread;
	atomic_bool read;
	struct conf *conf;
	char *complaints;
};

/* Begin, if it is not under way.  Where there is no thread to be had, it takes its
 * time here. */
void reload_begin(struct reload *);

/* Whether it is under way, until reload_end() has returned true. */
bool reload_is_under_way(const struct reload *);

/*
 * Whether it has come to its end, for the first time: then *conf is what was read, or
 * NULL if there were mistakes, and *complaints has a line for each of these and for
 * each warning, to be freed; NULL: none, or out of memory.
 */
bool reload_end(struct reload *, struct conf **conf, char **complaints);

#endif
