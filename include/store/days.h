/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * store/days.h - the files of a store: one for each day, named by it, and removed whole.
 * Any thread; but for days_of() and days_name(), blocks on files.
 */
#ifndef RELAYGUARD_STORE_DAYS_H
#define RELAYGUARD_STORE_DAYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DAYS_MAX 400 /* files that are looked into */

/* The day (UTC) of a time in seconds since 1970, as a number: 20261129. */
int days_of(int64_t time);

/* The path of a day's file; empty: it would be too long. */
void days_name(const char *folder, int day, char *out, size_t size);

/* The days that have a file, the last one first; how many. */
unsigned days_list(const char *folder, int day[DAYS_MAX]);

/* The bytes of a day's files, with all that stands beside them. */
int64_t days_bytes(const char *folder, int day);

/*
 * Remove the oldest days until the others have at most so many bytes; never the day that is
 * kept.  Returns the bytes of the others that are left.  A day that is still to come, at the
 * time now, is as old as its file: some clock was wrong when it was made.
 */
int64_t days_make_room(const char *folder, int kept, int64_t now, int64_t room);

/* Remove the oldest day if it is none of the last ones, of which there are so many to be
 * kept, today included.  True: there was one. */
bool days_expire(const char *folder, int keep, int64_t now);

/* The path of a day's file that was set aside; empty: there is none. */
void days_aside(const char *folder, int day, char *out, size_t size);

/* Rename a day's file to NAME.corrupt, in the place of another one perhaps. */
void days_set_aside(const char *folder, int day);

#endif
