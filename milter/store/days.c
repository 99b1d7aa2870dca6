/* SPDX-License-Identifier: BSD-2-Clause */
/* store/days.c - names with a day in them sort as days do. */
#include "config.h"

#include "store/days.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/number.h"
#include "base/strbuf.h"
#include "store/database.h"

#define PREFIX "decisions-"
#define DAY_LEN 8
#define ENDING ".db"
#define DAY_S 86400

/* What SQLite, and we, put behind the name of a file. */
static const char *const besides[] = {"", "-wal", "-shm", "-journal", ".corrupt"};

#define BESIDES (sizeof(besides) / sizeof(besides[0]))

int
days_of(int64_t time)
{
	time_t seconds = (time_t)time;
	struct tm tm = {0};

	if (gmtime_r(&seconds, &tm) == NULL)
		return 0;
	return (tm.tm_year + 1900) * 10000 + (tm.tm_mon + 1) * 100 + tm.tm_mday;
}

void
days_name(const char *folder, int day, char *out, size_t size)
{
	struct strbuf sb;

	strbuf_init(&sb, out, size);
	strbuf_addf(&sb, "%s/" PREFIX "%08d" ENDING, folder, day);
	if (sb.cut)
		out[0] = '\0';
}

/* The day of a name of ours, with what may stand behind it; 0: it is none. */
static int
day_of_name(const char *name)
{
	const char *at = name + strlen(PREFIX);
	int64_t day;

	if (strncmp(name, PREFIX, strlen(PREFIX)) != 0 || strlen(at) < DAY_LEN + strlen(ENDING))
		return 0;
	name = at;
	if ((day = number_read(&at, 99999999)) < 0 || at != name + DAY_LEN ||
	    strncmp(at, ENDING, strlen(ENDING)) != 0)
		return 0;
	return (int)day;
}

static int
later_first(const void *a, const void *b)
{
	int one = *(const int *)a, other = *(const int *)b;

	return (one < other) - (one > other);
}

unsigned
days_list(const char *folder, int day[DAYS_MAX])
{
	DIR *dir = opendir(folder);
	unsigned n = 0;

	if (dir == NULL)
		return 0;
	for (const struct dirent *entry; (entry = readdir(dir)) != NULL && n < DAYS_MAX;) {
		int found = day_of_name(entry->d_name);
		bool known = found == 0;

		for (unsigned i = 0; !known && i < n; i++)
			known = day[i] == found;
		if (!known)
			day[n++] = found;
	}
	closedir(dir);
	qsort(day, n, sizeof(day[0]), later_first);
	return n;
}

/* The bytes of a day's files, and, if wanted, remove them. */
static int64_t
visit(const char *folder, int day, bool removed)
{
	char base[PATH_MAX], path[PATH_MAX];
	int64_t bytes = 0;
	struct stat st;

	days_name(folder, day, base, sizeof(base));
	for (size_t i = 0; base[0] != '\0' && i < BESIDES; i++) {
		if (!database_beside(base, besides[i], path) || lstat(path, &st) != 0)
			continue;
		bytes += st.st_size;
		if (removed)
			(void)unlink(path);
	}
	return bytes;
}

int64_t
days_bytes(const char *folder, int day)
{
	return visit(folder, day, false);
}

/* --- Which is the oldest --- */

/* A day, and when it was, as far as can be told. */
struct aged {
	int day, since;
};

/* The day a file of days to come was written.  If its stamp is of the future, too, it is
 * given that of now, to grow old from. */
static int
written(const char *folder, int day, int64_t now)
{
	const struct timespec stamps[] = {{.tv_sec = (time_t)now}, {.tv_sec = (time_t)now}};
	char path[PATH_MAX];
	struct stat st;

	days_name(folder, day, path, sizeof(path));
	if (lstat(path, &st) != 0)
		return days_of(now);
	if (st.st_mtime <= now)
		return days_of((int64_t)st.st_mtime);
	(void)utimensat(AT_FDCWD, path, stamps, AT_SYMLINK_NOFOLLOW);
	return days_of(now);
}

static int
oldest_first(const void *a, const void *b)
{
	const struct aged *one = a, *other = b;

	if (one->since != other->since)
		return one->since < other->since ? -1 : 1;
	return (one->day > other->day) - (one->day < other->day);
}

static unsigned
list_aged(const char *folder, int64_t now, struct aged out[DAYS_MAX])
{
	int day[DAYS_MAX], today = days_of(now);
	unsigned n = days_list(folder, day);

	for (unsigned i = 0; i < n; i++)
		out[i] = (struct aged){
		    day[i], day[i] > today ? written(folder, day[i], now) : day[i]};
	if (n > 0)
		qsort(out, n, sizeof(out[0]), oldest_first);
	return n;
}

int64_t
days_make_room(const char *folder, int kept, int64_t now, int64_t room)
{
	struct aged aged[DAYS_MAX];
	unsigned n = list_aged(folder, now, aged);
	int64_t bytes = 0;

	for (unsigned i = 0; i < n; i++)
		if (aged[i].day != kept)
			bytes += days_bytes(folder, aged[i].day);
	for (unsigned i = 0; i < n && bytes > room; i++)
		if (aged[i].day != kept)
			bytes -= visit(folder, aged[i].day, true);
	return bytes;
}

bool
days_expire(const char *folder, int keep, int64_t now)
{
	struct aged aged[DAYS_MAX];
	unsigned n = list_aged(folder, now, aged);
	bool old = n > 0 && aged[0].since <= days_of(now - (int64_t)keep * DAY_S);

	if (old)
		(void)visit(folder, aged[0].day, true);
	return old;
}

/* --- What is damaged --- */

void
days_aside(const char *folder, int day, char *out, size_t size)
{
	char base[PATH_MAX], path[PATH_MAX];

	days_name(folder, day, base, sizeof(base));
	if (!database_beside(base, ".corrupt", path) || access(path, F_OK) != 0 ||
	    !strbuf_copy(out, size, path))
		out[0] = '\0';
}

void
days_set_aside(const char *folder, int day)
{
	char path[PATH_MAX];

	days_name(folder, day, path, sizeof(path));
	database_set_aside(path);
}
