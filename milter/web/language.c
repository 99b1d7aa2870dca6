/* SPDX-License-Identifier: BSD-2-Clause */
/* web/language.c - ranges with weights; what is not well-formed is left out. */
#include "config.h"

#include "web/language.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "base/ascii.h"

#define WEIGHT_MAX 1000 /* q=1 */

struct range {
	const char *tag;
	size_t len;
	int weight; /* in thousandths; -1: it is not well-formed */
};

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* "0.75" in thousandths; -1: it is no weight. */
static int
read_weight(const char *at, const char *end)
{
	int weight, unit = WEIGHT_MAX;

	if (at == end || (*at != '0' && *at != '1'))
		return -1;
	weight = (*at++ - '0') * WEIGHT_MAX;
	if (at < end && *at++ != '.')
		return -1;
	for (; at < end && ascii_is_digit(*at) && unit > 1; at++)
		weight += (*at - '0') * (unit /= 10);
	return at == end && weight <= WEIGHT_MAX ? weight : -1;
}

/* What follows the tag: nothing, or ";q=0.75" with blanks. */
static int
read_parameter(const char *at, const char *end)
{
	while (at < end && is_blank(*at))
		at++;
	while (end > at && is_blank(end[-1]))
		end--;
	if (at == end)
		return WEIGHT_MAX;
	if (*at++ != ';')
		return -1;
	while (at < end && is_blank(*at))
		at++;
	if (at + 1 >= end || ascii_lower(at[0]) != 'q' || at[1] != '=')
		return -1;
	return read_weight(at + 2, end);
}

static struct range
read_range(const char *at, const char *end)
{
	struct range r;

	while (at < end && is_blank(*at))
		at++;
	r.tag = at;
	while (at < end && (ascii_is_alnum(*at) || *at == '-' || *at == '*'))
		at++;
	r.len = (size_t)(at - r.tag);
	r.weight = r.len > 0 && r.len < LANGUAGE_TAG_MAX ? read_parameter(at, end) : -1;
	return r;
}

/* Whether a range has one of its later subtags be that one. */
static bool
has_subtag(const struct range *r, const char *subtag)
{
	size_t len = strlen(subtag);

	for (size_t i = 0; i + len < r->len; i++)
		if (r->tag[i] == '-' && strncasecmp(r->tag + i + 1, subtag, len) == 0 &&
		    (i + 1 + len == r->len || r->tag[i + 1 + len] == '-'))
			return true;
	return false;
}

/* Those who read Chinese in its traditional letters are not well served with the others. */
static bool
is_traditional(const struct range *r)
{
	return has_subtag(r, "Hant") ||
	    (!has_subtag(r, "Hans") &&
		(has_subtag(r, "TW") || has_subtag(r, "HK") || has_subtag(r, "MO")));
}

/* The first tag of the range's language: "pt" of "pt-BR", "zh-Hans" of "zh-CN". */
static unsigned
match(const struct range *r, const char *const tags[], unsigned n)
{
	const char *hyphen = memchr(r->tag, '-', r->len);
	size_t len = hyphen != NULL ? (size_t)(hyphen - r->tag) : r->len;
	unsigned i = 0;

	while (i < n &&
	    (strncasecmp(tags[i], r->tag, len) != 0 ||
		(tags[i][len] != '\0' && tags[i][len] != '-') ||
		(strcmp(tags[i], "zh-Hans") == 0 && is_traditional(r))))
		i++;
	return i;
}

unsigned
language_choose(const char *field, size_t len, const char *const tags[], unsigned n)
{
	const char *at = field, *end = field + len;
	unsigned best = 0;
	int weight = 0;

	while (at < end) {
		const char *comma = memchr(at, ',', (size_t)(end - at));
		struct range r = read_range(at, comma != NULL ? comma : end);
		unsigned found = r.weight > weight ? match(&r, tags, n) : n;

		if (found == n && r.weight > weight && r.len == 1 && *r.tag == '*')
			found = 0;
		if (found < n) {
			best = found;
			weight = r.weight;
		}
		at = comma != NULL ? comma + 1 : end;
	}
	return best;
}

unsigned
language_find(const char *text, size_t len, const char *const tags[], unsigned n)
{
	unsigned i = 0;

	while (i < n && (strlen(tags[i]) != len || memcmp(tags[i], text, len) != 0))
		i++;
	return i;
}
