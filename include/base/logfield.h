/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * base/logfield.h - a line of the log, taken apart into its keys and values.  Pure.
 */
#ifndef RELAYGUARD_BASE_LOGFIELD_H
#define RELAYGUARD_BASE_LOGFIELD_H

#include <stdbool.h>
#include <stddef.h>

#define LOGFIELD_KEY_MAX 32 /* with its NUL */

/*
 * Take the next key=value from *at, and go past it; what does not fit is cut.  A value in
 * quotes is written as it was before it was quoted, but for \u00HH, which stays.  False:
 * there is none, or it is none.
 */
bool logfield_next(const char **at, char key[LOGFIELD_KEY_MAX], char *value, size_t size);

/* The value of a key; false, and an empty one: the line does not have it. */
bool logfield_find(const char *line, const char *key, char *value, size_t size);

/* Undo \u00HH of the bytes above 127, in place: what was UTF-8 is so again.  Control
 * characters stay escaped. */
void logfield_unescape(char *value);

#endif
