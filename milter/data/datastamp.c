/* SPDX-License-Identifier: BSD-2-Clause */
/* data/datastamp.c - a time in UTC, digit by digit. */
#include "config.h"

#include "data/datastamp.h"

#include <stddef.h>
#include <string.h>
#include <time.h>

#include "base/ascii.h"
#include "base/number.h"

#define LIFE_MAX INT64_C(4294967295) /* seconds */

/* A number of so many digits at most, and the mark behind it. */
static bool
read_part(const char **at, unsigned digits, int low, int high, int *out)
{
	int n = 0;

	if (!ascii_is_digit(**at))
		return false;
	for (; digits > 0 && ascii_is_digit(**at); digits--)
		n = n * 10 + (*(*at)++ - '0');
	if (**at == ':' || **at == '-')
		++*at;
	*out = n;
	return n >= low && n <= high;
}

static bool
ends(const char *at)
{
	return *at == '\0' || *at == ' ' || *at == '\t';
}

static void
skip_blanks(const char **at)
{
	*at += strspn(*at, " \t");
}

static bool
read_clock(const char **at, struct tm *tm)
{
	int *const part[] = {&tm->tm_hour, &tm->tm_min, &tm->tm_sec};

	for (size_t i = 0; i < 3 && !ends(*at); i++)
		if (!read_part(at, 2, 0, i == 0 ? 23 : 59, part[i]))
			return false;
	return ends(*at);
}

/* Days since 1970 until the first of a month, from 0; timegm(3) ends in 2038 where time_t has 32
 * bits. */
static int64_t
days_until(int64_t year, int month)
{
	static const int before[] = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334};
	int64_t past = year + month / 12 - 1;
	bool leaps = (past + 1) % 4 == 0 && ((past + 1) % 100 != 0 || (past + 1) % 400 == 0);

	month %= 12;
	return 365 * (past - 1969) + past / 4 - past / 100 + past / 400 - 477 + before[month] +
	    (leaps && month > 1);
}

static bool
read_time(const char **at, int64_t *out)
{
	struct tm tm = {0};
	int64_t days;

	*out = 0;
	if (**at != '\0' && strchr("0-:", **at) != NULL && ends(*at + 1)) {
		++*at;
		skip_blanks(at);
		return true;
	}
	if (!read_part(at, 4, 1970, 9999, &tm.tm_year) ||
	    !read_part(at, 2, 1, 12, &tm.tm_mon) || !read_part(at, 2, 1, 31, &tm.tm_mday) ||
	    !read_clock(at, &tm))
		return false;
	days = days_until(tm.tm_year, tm.tm_mon - 1) + tm.tm_mday - 1;
	*out = ((days * 24 + tm.tm_hour) * 60 + tm.tm_min) * 60 + tm.tm_sec;
	skip_blanks(at);
	return days < days_until(tm.tm_year, tm.tm_mon); /* no 30th of February */
}

/* A number and its unit. */
static bool
read_life(const char **at, int64_t *out)
{
	static const char units[] = "smhdw";
	static const int64_t seconds[] = {1, 60, 3600, 86400, 604800};
	const char *unit;

	if ((*out = number_read(at, LIFE_MAX)) < 0)
		return false;
	if (**at != '\0' && (unit = strchr(units, ascii_lower(**at))) != NULL) {
		*out *= seconds[unit - units];
		++*at;
	}
	return *out > 0 && *out <= LIFE_MAX && ends(*at);
}

bool
datastamp_read(struct datastamp *stamp, const char *text)
{
	int64_t life;

	stamp->expires = 0;
	if (!read_time(&text, &stamp->made))
		return false;
	if (*text == '\0')
		return true;
	if (!ascii_take(&text, "+"))
		return read_time(&text, &stamp->expires) && *text == '\0';
	if (stamp->made == 0 || !read_life(&text, &life) || *text != '\0')
		return false;
	stamp->expires = stamp->made + life;
	return true;
}
