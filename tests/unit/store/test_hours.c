/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_hours.c - what is counted in an hour is in the file, once: after a restart, at the
 * turn of an hour and of a day, and whatever the clock does; and it is read by others.
 */
#include "config.h"

#include "store/hours.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "lists/listid.h"
#include "lists/usage.h"
#include "store/days.h"
#include "store/store.h"
#include "tap.h"
#include "verdict/census.h"

#define HOUR (1796000400 - 1796000400 % HOUR_S) /* 2026-11-30, or so */
#define DAY_S 86400

static char folder[] = "/tmp/test_hours.XXXXXX";
static struct listing list = {.label = (char[]){"bl"}};

/* What was read: of the counts, all that are of that hour, kind, name and what. */
static struct {
	int64_t hour;
	const char *kind, *name, *what;
	int64_t n, all;
	int rows;
} look;

static void
take_count(void *arg, const struct dayfile_count *c)
{
	(void)arg;
	look.all++;
	if (c->hour == look.hour && strcmp(c->kind, look.kind) == 0 &&
	    strcmp(c->name, look.name) == 0 && strcmp(c->what, look.what) == 0)
		look.n += c->n;
}

static void
take_row(void *arg, const struct store_row *row)
{
	(void)arg;
	(void)row;
	look.rows++;
}

static enum database_fault
read_day(int64_t time, int64_t since)
{
	const struct dayfile_reader reader = {take_row, take_count, NULL};
	const char *error = NULL;

	look.n = look.all = look.rows = 0;
	return dayfile_read(folder, days_of(time), since, &reader, &error);
}

/* What all files have counted of the list in an hour; -1: one cannot be read. */
static long long
counted(int64_t hour, const char *what)
{
	const struct dayfile_reader reader = {take_row, take_count, NULL};
	const char *error = NULL;
	int day[DAYS_MAX];
	unsigned n = days_list(folder, day);

	look.hour = hour;
	look.kind = HOURS_LIST;
	look.name = "bl";
	look.what = what;
	look.n = look.all = look.rows = 0;
	for (unsigned i = 0; i < n; i++)
		if (dayfile_read(folder, day[i], 0, &reader, &error) != DATABASE_GOOD)
			return -1;
	return look.n;
}

static void
write_now(struct hours *h, int64_t now)
{
	const char *error = NULL;
	enum database_fault fault;
	struct dayfile *f =
	    dayfile_open(folder, days_of(hours_began(h)), 1 << 24, &fault, &error);

	if (f == NULL || dayfile_begin(f, &error) != DATABASE_GOOD)
		abort();
	fault = dayfile_end(f, hours_write(h, f, &error), &error);
	same_num(fault, DATABASE_GOOD, "written");
	hours_settle(h, now);
	dayfile_close(f);
}

static void
listed(int n)
{
	while (n-- > 0)
		list_usage_decision(list.usage, LIST_COUNT_LISTED);
}

static void
differences(void)
{
	struct hours *h;

	listed(7); /* before anybody looked */
	h = hours_new(HOUR + 100);
	ok(!hours_grown(h), "nothing yet");
	listed(2);
	list_usage_answer(list.usage, FACT_LISTED, 3);
	list_usage_answer(list.usage, FACT_UNKNOWN, 9000);
	list_usage_answer(list.usage, FACT_CLEAR, 9000);
	ok(hours_grown(h), "something");
	write_now(h, HOUR + 400);
	same_num(counted(HOUR, "listed"), 2, "what has come since");
	same_num(counted(HOUR, "answer-listed"), 1, "answers");
	same_num(counted(HOUR, "answer-unknown"), 1, "and none");
	same_num(counted(HOUR, "ms-5"), 1, "how long it took");
	same_num(counted(HOUR, "ms-longer"), 1, "longer than all bounds");
	same_num(look.all, 6, "and nothing else");
	listed(3);
	write_now(h, HOUR + HOUR_S + 5);
	same_num(counted(HOUR, "listed"), 5, "added to it");
	listed(1);
	write_now(h, HOUR + HOUR_S + 10);
	same_num(counted(HOUR + HOUR_S, "listed"), 1, "the next hour");
	hours_free(h);
	h = hours_new(HOUR + HOUR_S + 20);
	listed(4);
	write_now(h, HOUR + HOUR_S + 30);
	same_num(counted(HOUR + HOUR_S, "listed"), 5, "after a restart: added");
	same_num((read_day(HOUR, HOUR + HOUR_S), look.n), 5, "from a time on");
	same_num((read_day(HOUR, HOUR + 2 * HOUR_S), look.all), 0, "there is no more");
	hours_free(h);
}

static const struct {
	const char *label;
	int64_t began, now, left_ms;
} dues[] = {
    {"some minutes", HOUR, HOUR + 10, 290 * 1000},
    {"they are over", HOUR, HOUR + 300, 0},
    {"the hour is sooner", HOUR + 3500, HOUR + 3501, 99 * 1000},
    {"it is over", HOUR + 3500, HOUR + 3600, 0},
    {"the clock was set back", HOUR + 10, HOUR + 9, 0},
    {"by years", HOUR + 10, 1000, 0},
    {"or forward", HOUR + 10, HOUR *INT64_C(2), 0},
};

static void
due(void)
{
	for (size_t i = 0; i < sizeof(dues) / sizeof(dues[0]); i++) {
		struct hours *h = hours_new(dues[i].began);

		same_num(hours_left_ms(h, dues[i].now), dues[i].left_ms, dues[i].label);
		same_num(hours_due(h, dues[i].now), dues[i].left_ms == 0, dues[i].label);
		hours_free(h);
	}
}

/* What the thread of a store does, with a list that came after it and a clock that jumps. */
static void
by_store(void)
{
	const int64_t later = HOUR + 10 * DAY_S;
	const struct store_row row = {.ref = "A0000001", .line = "x"};
	struct listing late = {.label = (char[]){"bl"}};
	struct store *s;

	clock_freeze(0, later + HOUR_S - 1);
	s = store_new(
	    &(struct store_options){.path = folder, .keep = 14, .size = 1 << 24}, NULL);
	if (s == NULL || !store_start(s) || !listid_give(&late, "other.example"))
		abort();
	listed(2);
	list_usage_decision(late.usage, LIST_COUNT_LISTED);
	clock_freeze(0, later + HOUR_S + 1);
	store_put(s, &row);
	clock_freeze(0, later - 3 * HOUR_S);
	store_stop(s);
	same_num(counted(later, "listed"), 3, "in the hour in which it began");
	same_num(look.rows, 1, "and the row");
	store_free(s);

	clock_freeze(0, later + 5 * DAY_S);
	s = store_new(
	    &(struct store_options){.path = folder, .keep = 14, .size = 1 << 24}, NULL);
	if (s == NULL || !store_start(s))
		abort();
	listed(1);
	clock_freeze(0, later - DAY_S);
	store_put(s, &row);
	store_stop(s);
	same_num(counted(later + 5 * DAY_S, "listed"), 1, "the clock was set back by days");
	same_num((read_day(later - DAY_S, 0), look.rows), 1, "the row is where it belongs");
	store_free(s);
}

static void
read_by_others(void)
{
	const int64_t day = HOUR + 30 * DAY_S;
	const char *error = NULL;
	enum database_fault fault;
	char path[128], journal[160];
	struct dayfile *f;
	FILE *file;

	same_num(read_day(day, 0), DATABASE_FAILED, "there is none");
	f = dayfile_open(folder, days_of(day), 1 << 24, &fault, &error);
	if (f == NULL || dayfile_begin(f, &error) != DATABASE_GOOD ||
	    dayfile_count(f, &(struct dayfile_count){day, "list", "bl", "listed", 3}, &error) ||
	    dayfile_end(f, DATABASE_GOOD, &error) != DATABASE_GOOD)
		abort();
	same_num(counted(day, "listed"), 3, "while it is being written");
	dayfile_close(f);
	same_num(counted(day, "listed"), 3, "and when it is not");
	days_name(folder, days_of(day), path, sizeof(path));
	snprintf(journal, sizeof(journal), "%s-wal", path);
	ok(access(journal, F_OK) != 0, "nothing is left beside it");
	if ((file = fopen(path, "w")) == NULL || fputs("no database", file) < 0)
		abort();
	fclose(file);
	same_num(read_day(day, 0), DATABASE_CORRUPT, "one that is none");
}

int
main(void)
{
	char command[64];

	if (mkdtemp(folder) == NULL || !listid_give(&list, "bl.example"))
		return 1;
	log_to_stream(stderr);
	clock_freeze(0, HOUR);
	differences();
	due();
	by_store();
	read_by_others();
	snprintf(command, sizeof(command), "rm -r %s", folder);
	return system(command) != 0 || done();
}
