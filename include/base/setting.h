/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * base/setting.h - values as people write them: numbers, times, sizes, names.
 * Pure.
 */
#ifndef RELAYGUARD_BASE_SETTING_H
#define RELAYGUARD_BASE_SETTING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SETTING_DOMAIN_MAX 253 /* bytes of a name in DNS, written with dots */

/*
 * Read a value from min to max into *out.  False, with what it should be in
 * why: anything else.
 */
typedef bool setting_reader(
    const char *text, int64_t min, int64_t max, int64_t *out, char *why, size_t whysize);

setting_reader setting_number;   /* "5", "-3" */
setting_reader setting_duration; /* "500ms", "4s", "2m", "1h", "7d": milliseconds */
setting_reader setting_size;     /* "4096", "64K", "16M", "1G": bytes */
setting_reader setting_octal;    /* "0660" */
setting_reader setting_bool;     /* "true", "yes", "on" and their opposites; no bounds */

/*
 * Whether text is a name in DNS of at most max bytes: labels of letters, digits,
 * - and _, with or without a last dot, which is not counted.
 */
bool setting_domain(const char *text, size_t max, char *why, size_t whysize);

/* Whether two such names are the same, but for case and a last dot. */
bool setting_same_domain(const char *a, const char *b);

/* Whether name is that domain, or below it. */
bool setting_below_domain(const char *name, const char *domain);

/* Whether text is printable ASCII, of at most max bytes and one at least. */
bool setting_printable(const char *text, size_t max, char *why, size_t whysize);

#endif
