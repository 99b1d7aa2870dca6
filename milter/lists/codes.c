/* SPDX-License-Identifier: BSD-2-Clause */
/* lists/codes.c - patterns as administrators write them. */
#include "config.h"

#include "lists/codes.h"

#include <stdio.h>
#include <string.h>

#include "base/ascii.h"
#include "base/number.h"
#include "base/strbuf.h"

/* What follows the first address: nothing, "/24", "-7" or "-127.0.0.7". */
static bool
take_extent(const char **text, struct codes *codes)
{
	int64_t number;
	uint32_t last;

	codes->high = codes->low;
	if (ascii_take(text, "/")) {
		if ((number = number_plain(text, 32)) < 8)
			return false;
		last = number == 32 ? 0 : UINT32_MAX >> number;
		codes->high = codes->low | last;
		return (codes->low & last) == 0;
	}
	if (!ascii_take(text, "-"))
		return true;
	if (strchr(*text, '.') != NULL)
		return number_octets(text, 4, &codes->high);
	number = number_plain(text, 255);
	codes->high = (codes->low & ~UINT32_C(255)) | (uint32_t)number;
	return number >= 0;
}

static bool
is_one_bit(unsigned number)
{
	return (number & (number - 1)) == 0;
}

/*
 * "127.1.0.&8", "127.1.0.&2&8": three octets, and bits of the fourth.  A number of
 * several bits means all of them to some, any of them to others: *several gets it.
 */
static bool
parse_bits(struct codes *codes, const char *text, unsigned *several)
{
	int64_t number;
	uint32_t bits;

	if (!number_octets(&text, 3, &codes->low) || !ascii_take(&text, "."))
		return false;
	while (ascii_take(&text, "&")) {
		number = number_plain(&text, 255);
		bits = (uint32_t)number;
		if (number < 1 || (codes->bits & bits) != 0)
			return false;
		if (!is_one_bit(bits))
			*several = bits;
		codes->bits |= bits;
	}
	codes->low <<= 8;
	codes->high = codes->low | 255;
	return *text == '\0' && codes->bits != 0;
}

static bool
parse_range(struct codes *codes, const char *text)
{
	return number_octets(&text, 4, &codes->low) && take_extent(&text, codes) &&
	    *text == '\0' && codes->low <= codes->high;
}

/* Say how a number of several bits is to be written. */
static void
explain_bits(const char *pattern, unsigned several, char *why, size_t whysize)
{
	struct strbuf sb;

	strbuf_init(&sb, why, whysize);
	strbuf_addf(&sb, "\"%.64s\" has several bits in %u: write ", pattern, several);
	for (unsigned bit = 1; bit <= several; bit <<= 1)
		if ((several & bit) != 0)
			strbuf_addf(&sb, "&%u", bit);
	strbuf_add(&sb, " for all of them at once, or an answer for each");
}

bool
codes_parse(struct codes *codes, const char *pattern, char *why, size_t whysize)
{
	bool bits = strchr(pattern, '&') != NULL;
	const char *fault = NULL;
	unsigned several = 0;

	*codes = (struct codes){0};
	if (!(bits ? parse_bits(codes, pattern, &several) : parse_range(codes, pattern)))
		fault = "is not like 127.0.0.2, 127.0.0.4-7, 127.0.2.0/24, 127.1.0.&8 or "
			"127.1.0.&2&8";
	else if (codes->low < CODES_FIRST || codes->high > CODES_LAST)
		fault = "is not within 127.0.0.0/8";
	else if (codes->high >= ERRORS_FIRST)
		fault = "touches 127.255.255.0/24, where lists put their errors";
	if (fault != NULL)
		snprintf(why, whysize, "\"%.64s\" %s", pattern, fault);
	else if (several != 0)
		explain_bits(pattern, several, why, whysize);
	else
		return true;
	*codes = (struct codes){0};
	return false;
}
