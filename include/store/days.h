/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * store/days.h - the files of a store: one for each day, named by it, and removed whole.
 * Any thread; but for days_of() and days_name(), blocks on files.
 */
#ifndef RELAYGUARD_STORE_DAYS_H
#define RELAYGUARD_STORE_DAYS_H

#include <stddef.h>
#include <stdint.h>

#define DAYS_MAX 400 /* files that are looked into */

/* The day (UTC) of a time in seconds since 1970, as a number: 20261129. */
int days_of(int64_t time);

/* The path of a day's file; empty: it would be too long. */
void days_name(const char *folder, int day, char *out, size_t size);

/* The days that have a file, the last one first; how many. */
unsigned days_list(const char *folder, int day[DAYS_MAX]);

/*
 * Remove what is older than so many days, today included; then the oldest, until all have
 * at most so many bytes; never the day that it is.
 */
void days_trim(const char *folder, int today, int keep, int64_t size);

/* Rename a day's file to NAME.corrupt, in the place of another one perhaps. */
void days_set_aside(const char *folder, int day);

#endif
