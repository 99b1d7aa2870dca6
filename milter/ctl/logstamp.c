/* SPDX-License-Identifier: BSD-2-Clause */
/* ctl/logstamp.c - the calendar is computed, for mktime(3) would take the zone of this host. */
#include "config.h"

#include "ctl/logstamp.h"

#include <string.h>
#include <time.h>

#include "base/ascii.h"
#include "base/clock.h"

#define DAY_S 86400
#define YEAR_FIRST 1970
#define YEAR_LAST 9999

/* Days since 1970 by the Gregorian calendar, whose year begins with March here, so that the
 * odd day is its last. */
static int64_t
days(int year, int month, int day)
{
	int64_t y = month <= 2 ? year - 1 : year;
	int64_t of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;

	return y * 365 + y / 4 - y / 100 + y / 400 + of_year - 719468;
}

int64_t
logstamp_seconds(int year, int month, int day, int hour, int minute, int second)
{
	if (year < YEAR_FIRST || year > YEAR_LAST || month < 1 || month > 12 || day < 1 ||
	    day > 31 || hour > 23 || minute > 59 || second > 60)
		return -1;
	return days(year, month, day) * DAY_S + hour * 3600 + minute * 60 + second;
}

/* Read a number of so many digits, and what follows it; false: it is another. */
static bool
take_digits(const char **at, int n, char after, int *out)
{
	*out = 0;
	for (; n > 0; n--, ++*at) {
		if (!ascii_is_digit(**at))
			return false;
		*out = *out * 10 + (**at - '0');
	}
	if (after == '\0')
		return true;
	return *(*at)++ == after;
}

static bool
take_clock(const char **at, int clock[3])
{
	return take_digits(at, 2, ':', &clock[0]) && take_digits(at, 2, ':', &clock[1]) &&
	    take_digits(at, 2, '\0', &clock[2]);
}

/* "2026-11-29T01:12:00": RFC 3339, whatever follows. */
static int64_t
read_iso(const char *at)
{
	int year, month, day, clock[3];

	if (!take_digits(&at, 4, '-', &year) || !take_digits(&at, 2, '-', &month) ||
	    !take_digits(&at, 2, '\0', &day) || (*at != 'T' && *at != ' '))
		return 0;
	at++;
	if (!take_clock(&at, clock))
		return 0;
	return logstamp_seconds(year, month, day, clock[0], clock[1], clock[2]);
}

static int
take_month(const char **at)
{
	static const char names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

	for (int i = 0; i < 12; i++)
		if (strncmp(*at, names + 3 * i, 3) == 0 && (*at)[3] == ' ') {
			*at += 4;
			return i + 1;
		}
	return 0;
}

/* The year of a time, near enough to be at most one too high. */
static int
year_of(int64_t seconds)
{
	return YEAR_FIRST + (int)(seconds * 400 / ((int64_t)DAY_S * 146097));
}

/* "Nov  9 01:12:00": RFC 3164, 4.1.2; no later than a day after now. */
static int64_t
read_bsd(const char *at, int64_t now)
{
	int month = take_month(&at), day, clock[3], year = year_of(now + DAY_S) + 1;
	int64_t time;

	if (month == 0)
		return 0;
	if (*at == ' ')
		at++;
	if (!take_digits(&at, at[1] == ' ' ? 1 : 2, ' ', &day) || !take_clock(&at, clock))
		return 0;
	do
		time = logstamp_seconds(year--, month, day, clock[0], clock[1], clock[2]);
	while (time > now + DAY_S);
	return time;
}

int64_t
logstamp_read(const char *line, int64_t now)
{
	int64_t time;

	if (*line == '<') { /* the priority, RFC 3164 and RFC 5424 */
		line += strcspn(line, "> ");
		line += *line == '>';
		if (strncmp(line, "1 ", 2) == 0)
			line += 2;
	}
	time = ascii_is_digit(*line) ? read_iso(line) : read_bsd(line, now);
	return time > 0 ? time : 0;
}

int64_t
logstamp_now(void)
{
	time_t now = (time_t)clock_wall();
	struct tm tm;

	if (localtime_r(&now, &tm) == NULL)
		return clock_wall();
	return logstamp_seconds(
	    tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec);
}
