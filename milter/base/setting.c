/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * base/setting.c - values of the configuration: strict, bounded, and with a sentence
 * that says what was expected, not only that it was not.
 */
#include "config.h"

#include "base/setting.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/ascii.h"
#include "base/number.h"
#include "base/strbuf.h"

#define DIGITS_MAX 12
#define NUMBER_MAX 999999999999
#define GIGABYTES_MAX 999999999  /* which do not overflow, ... */
#define DURATION_MAX 99999999999 /* ... nor do so many days */
#define DURATION_SIZE 24

struct unit {
	const char *name;
	int64_t factor;
};

/* Digits and one of the units; "" may be one of them. */
static bool
read_with_unit(const char *text, int64_t max, const struct unit *units, int64_t *out)
{
	if ((*out = number_read(&text, max)) < 0)
		return false;
	for (; units->name != NULL; units++) {
		if (strcmp(text, units->name) != 0)
			continue;
		*out *= units->factor;
		return true;
	}
	return false;
}

bool
setting_number(
    const char *text, int64_t min, int64_t max, int64_t *out, char *why, size_t whysize)
{
	bool negative = text[0] == '-';

	text += negative;
	if ((*out = number_read(&text, NUMBER_MAX)) >= 0 && *text == '\0') {
		if (negative)
			*out = -*out;
		if (*out >= min && *out <= max)
			return true;
	}
	return strbuf_fail(
	    why, whysize, "must be a number from %" PRId64 " to %" PRId64, min, max);
}

static const struct unit times[] = {
    {"ms", 1}, {"s", 1000}, {"m", 60000}, {"h", 3600000}, {"d", 86400000}, {NULL, 0}};

/* As people write it, in the largest unit that has no rest. */
static void
name_duration(char out[DURATION_SIZE], int64_t ms)
{
	const struct unit *best = times;
	struct strbuf sb;

	for (const struct unit *u = times; u->name != NULL; u++)
		if (ms != 0 && ms % u->factor == 0)
			best = u;
	strbuf_init(&sb, out, DURATION_SIZE);
	strbuf_add_num(&sb, ms / best->factor);
	strbuf_add(&sb, best->name);
}

bool
setting_duration(
    const char *text, int64_t min, int64_t max, int64_t *out, char *why, size_t whysize)
{
	char low[DURATION_SIZE], high[DURATION_SIZE];

	if (read_with_unit(text, DURATION_MAX, times, out) && *out >= min && *out <= max)
		return true;
	name_duration(low, min);
	name_duration(high, max);
	return strbuf_fail(
	    why, whysize, "must be a time such as 500ms, 4s or 2h, from %s to %s", low, high);
}

bool
setting_size(
    const char *text, int64_t min, int64_t max, int64_t *out, char *why, size_t whysize)
{
	static const struct unit units[] = {
	    {"", 1}, {"K", 1 << 10}, {"M", 1 << 20}, {"G", 1 << 30}, {NULL, 0}};

	if (read_with_unit(text, GIGABYTES_MAX, units, out) && *out >= min && *out <= max)
		return true;
	return strbuf_fail(why, whysize,
	    "must be a size such as 16M, from %" PRId64 "M to %" PRId64 "M", min >> 20,
	    max >> 20);
}

bool
setting_octal(
    const char *text, int64_t min, int64_t max, int64_t *out, char *why, size_t whysize)
{
	size_t n = strspn(text, "01234567");

	*out = n <= DIGITS_MAX ? strtoll(text, NULL, 8) : 0;
	if (n > 0 && n <= DIGITS_MAX && text[n] == '\0' && *out >= min && *out <= max)
		return true;
	return strbuf_fail(why, whysize, "must be an octal mode such as 0660");
}

bool
setting_bool(
    const char *text, int64_t min, int64_t max, int64_t *out, char *why, size_t whysize)
{
	static const char *const words[] = {"false", "true", "no", "yes", "off", "on"};

	(void)min;
	(void)max;
	for (int i = 0; i < 6; i++) {
		if (strcasecmp(text, words[i]) != 0)
			continue;
		*out = i & 1;
		return true;
	}
	return strbuf_fail(why, whysize, "must be true or false");
}

bool
setting_domain(const char *text, size_t max, char *why, size_t whysize)
{
	size_t len = ascii_bare_length(text);
	const char *fault = ascii_name_fault(text, len, ASCII_LABEL_MAX);

	if (fault != NULL)
		return strbuf_fail(why, whysize, "%s", fault);
	return len <= max || strbuf_fail(why, whysize, "must have %zu bytes at most", max);
}

bool
setting_same_domain(const char *a, const char *b)
{
	size_t len = ascii_bare_length(a);

	return len == ascii_bare_length(b) && strncasecmp(a, b, len) == 0;
}

bool
setting_below_domain(const char *name, const char *domain)
{
	size_t len = ascii_bare_length(name), upper = ascii_bare_length(domain);

	if (len <= upper)
		return setting_same_domain(name, domain);
	return name[len - upper - 1] == '.' &&
	    strncasecmp(name + len - upper, domain, upper) == 0;
}

bool
setting_printable(const char *text, size_t max, char *why, size_t whysize)
{
	size_t len = strlen(text);

	for (size_t i = 0; i < len; i++)
		if ((unsigned char)text[i] < ' ' || (unsigned char)text[i] > '~')
			return strbuf_fail(why, whysize, "must be printable ASCII");
	if (len == 0 || len > max)
		return strbuf_fail(why, whysize, "must have 1 to %zu bytes", max);
	return true;
}
