/* SPDX-License-Identifier: BSD-2-Clause */
/* test_datafeed.c - files that are replaced, and which of them are taken. */
#include "config.h"

#include "data/datafeed.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/strbuf.h"
#include "tap.h"

#define NOW 1795953600
#define AGE 3600

static char folder[] = "/tmp/test_datafeed.XXXXXX";
static char path[64], other[64];
static int64_t now = NOW;

static void
complain(void *arg, const char *file, unsigned line, const char *why, bool fatal)
{
	(void)arg;
	(void)fatal;
	printf("# %s:%u: %s\n", file, line, why);
}

/* Put a file with so many entries in place, by rename, written so many seconds ago. */
static void
replace_at(const char *at, unsigned entries, const char *end, int64_t ago)
{
	const struct timespec times[2] = {{.tv_sec = now - ago}, {.tv_sec = now - ago}};
	FILE *file = fopen(other, "w");

	if (file == NULL)
		exit(1);
	for (unsigned i = 0; i < entries; i++)
		fprintf(file, "10.0.%u.%u\n", i / 256, i % 256);
	fputs(end, file);
	if (fclose(file) != 0 || utimensat(AT_FDCWD, other, times, 0) != 0 ||
	    rename(other, at) != 0)
		exit(1);
}

static void
replace(unsigned entries, const char *end, int64_t ago)
{
	replace_at(path, entries, end, ago);
}

static enum datafeed_news
look(struct datafeed *feed, bool forced)
{
	struct datafeed_figures figures;

	return datafeed_look(feed, now, forced, complain, NULL, &figures);
}

/* How many entries are in use; -1: nobody knows whom the list has. */
static long
in_use(struct datafeed *feed)
{
	int64_t until = INT64_MAX;
	struct datalist *list = datafeed_get(feed, now, &until);
	long count = list != NULL ? (long)datalist_count(list) : -1;

	datalist_unref(&list);
	return count;
}

static const struct {
	const char *label;
	unsigned entries;
	const char *end;
	enum datafeed_news news;
	long in_use;
} rows[] = {
    {"some", 100, "", DATAFEED_TAKEN, 100},
    {"some more", 150, "", DATAFEED_TAKEN, 150},
    {"none", 0, "", DATAFEED_EMPTY, 150},
    {"comments alone", 0, "# gone\n", DATAFEED_EMPTY, 150},
    {"a cut line", 150, "10.0", DATAFEED_CUT, 150},
    {"far fewer", 74, "", DATAFEED_SHRUNK, 150},
    {"half of them", 75, "", DATAFEED_TAKEN, 75},
    {"far more", 151, "", DATAFEED_GROWN, 75},
    {"twice as many", 150, "", DATAFEED_TAKEN, 150},
    {"a line that is none", 150, "no\n", DATAFEED_TAKEN, 150},
    {"a time to come", 150, "$TIMESTAMP 2036:01:01\n", DATAFEED_UNREADABLE, 150},
};

static void
test_replaced(struct datafeed *feed)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		replace(rows[i].entries, rows[i].end, 60 + (int64_t)i);
		same_str(datafeed_news_name(look(feed, false)),
		    datafeed_news_name(rows[i].news), rows[i].label);
		same_num(in_use(feed), rows[i].in_use, rows[i].label);
		same_num(look(feed, false), DATAFEED_SAME, "is told once");
	}
}

static void
test_forced(struct datafeed *feed)
{
	replace(10, "", 50);
	same_num(look(feed, false), DATAFEED_SHRUNK, "far fewer are not taken");
	same_num(look(feed, true), DATAFEED_TAKEN, "but by an administrator's word");
	same_num(in_use(feed), 10, "they are in use");
	replace(0, "", 49);
	same_num(look(feed, true), DATAFEED_EMPTY, "nothing is not taken at all");
}

/* A slip in the length of a network is one entry more. */
static void
test_wide(struct datafeed *feed)
{
	struct datafeed_figures figures;

	replace(100, "64.0.0.0/9\n", 48);
	same_num(look(feed, true), DATAFEED_TAKEN, "half a /8 is there");
	replace(100, "64.0.0.0/8\n", 47);
	same_num(look(feed, false), DATAFEED_TAKEN, "a whole one may be");
	replace(100, "64.0.0.0/6\n", 46);
	same_num(datafeed_look(feed, now, false, complain, NULL, &figures), DATAFEED_GROWN,
	    "four times as much at once may not");
	same_str(figures.why, "far-more-addresses", "it is said why");
	same_num(look(feed, true), DATAFEED_TAKEN, "but by an administrator's word");
	replace(100, "64.0.0.0/6\n!0.0.0.0/4\n", 45);
	same_num(look(feed, false), DATAFEED_TAKEN, "what is excluded does not count");
	replace(10, "", 44);
	same_num(look(feed, true), DATAFEED_TAKEN, "and away with it");
}

static void
test_age(struct datafeed *feed)
{
	replace(10, "$TIMESTAMP 0 2026:11:29:12:30\n", 40);
	same_num(look(feed, false), DATAFEED_TAKEN, "data that ends in half an hour");
	(void)unlink(path);
	same_num(look(feed, false), DATAFEED_MISSING, "the file is gone");
	same_num(look(feed, false), DATAFEED_SAME, "which is told once");
	now = NOW + 1800;
	same_num(in_use(feed), 10, "what is in use stays");
	now = NOW + 1801;
	same_num(in_use(feed), -1, "until its own end");
	replace(10, "", 40);
	same_num(look(feed, false), DATAFEED_TAKEN, "it is there again");
	now += AGE - 40;
	same_num(in_use(feed), 10, "it may be old");
	now++;
	same_num(in_use(feed), -1, "but not too old");
	same_num(datafeed_written(feed), now - AGE - 1, "its age is known");
}

static void
test_settling(struct datafeed *feed)
{
	replace(11, "", 0);
	same_num(look(feed, false), DATAFEED_SAME, "what was just written may not be all");
	now += 2;
	same_num(look(feed, false), DATAFEED_TAKEN, "it is looked at later");
}

/* Who gives out a thousand times as much does not have memory run out. */
static void
test_huge(const struct datafeed_rules *rules)
{
	struct datafeed *feed = datafeed_new(rules);
	struct datafeed_figures figures;

	replace(100, "", 30);
	same_num(look(feed, false), DATAFEED_TAKEN, "a file");
	replace(50000, "", 20);
	same_num(datafeed_look(feed, now, false, complain, NULL, &figures), DATAFEED_GROWN,
	    "one that is far larger is not");
	same_num((long long)figures.entries, 400, "and is read no further than it takes");
	same_str(figures.why, "", "which is no fault of the file's");
	same_num(in_use(feed), 100, "the old one stays");
	same_num(look(feed, true), DATAFEED_TAKEN, "an administrator takes it");
	same_num(in_use(feed), 50000, "as a whole");
	datafeed_free(feed);
}

/* Nor has who gives out a disk's image. */
static void
test_large(struct datafeed_rules rules)
{
	static const char more[] = "10.0.0.10\n10.0.0.11\n"; /* 20 bytes */
	struct datafeed_figures figures;
	struct datafeed *feed, *larger;

	rules.set[0].size_max = 90;
	feed = datafeed_new(&rules);
	replace(10, "", 30);
	same_num(look(feed, false), DATAFEED_TAKEN, "a file as large as it may be");
	replace(10, more, 20);
	same_num(datafeed_look(feed, now, false, complain, NULL, &figures), DATAFEED_LARGE,
	    "a larger one is not taken");
	same_str(figures.file, path, "it is said which");
	same_str(figures.why, "has 1 MB", "and how large it is");
	same_num((long long)figures.entries, 0, "it is not read");
	same_num(in_use(feed), 10, "the old one stays");
	now += 60;
	same_num(look(feed, false), DATAFEED_SAME, "it is told once");
	same_num(look(feed, true), DATAFEED_LARGE, "nobody's word takes it");
	rules.set[0].size_max = 110;
	larger = datafeed_new(&rules);
	datafeed_adopt(larger, feed);
	same_num(in_use(larger), 10, "by other rules the old one is in use, too");
	same_num(look(larger, false), DATAFEED_TAKEN, "and the larger one is taken");
	datafeed_free(larger);
	datafeed_free(feed);
	now = NOW;
}

/* Without a clock that goes on while it is off, a machine starts many years ago. */
static void
test_clock(const struct datafeed_rules *rules)
{
	struct datafeed *feed = datafeed_new(rules);

	replace(10, "", 20);
	now = 1000000;
	same_num(look(feed, false), DATAFEED_TAKEN, "a file, at a start in 1970");
	now = NOW;
	same_num(look(feed, false), DATAFEED_SAME, "is not read again when the clock is set");
	same_num(in_use(feed), 10, "and is in use");
	same_num(datafeed_written(feed), NOW - 20, "with its true age");
	datafeed_free(feed);
}

/* A start does not wait for who writes: how much of it was there says nothing of the rest. */
static void
test_start(const struct datafeed_rules *rules)
{
	struct datafeed *feed = datafeed_new(rules);

	replace(50, "", 1);
	same_num(look(feed, false), DATAFEED_TAKEN, "what is being written at the start");
	replace(150, "", 5);
	same_num(look(feed, false), DATAFEED_TAKEN, "is three times as much when it is all");
	replace(500, "", 5);
	same_num(look(feed, false), DATAFEED_GROWN, "which counts from then on");
	datafeed_free(feed);
}

/* What was against reading a file may be over though the file is what it was. */
static void
test_again(const struct datafeed_rules *rules)
{
	struct datafeed *feed = datafeed_new(rules);
	struct datafeed_state state;

	replace(10, "", 20);
	(void)chmod(path, 0646);
	same_num(look(feed, false), DATAFEED_UNREADABLE, "a file that everybody may write to");
	(void)chmod(path, 0644);
	now += 59;
	same_num(look(feed, false), DATAFEED_SAME, "is left alone");
	now++;
	same_num(look(feed, false), DATAFEED_TAKEN, "and tried again a minute later");
	replace(10, "no\n$TIMESTAMP 2026:11:29:12:05\n", 30);
	same_num(look(feed, false), DATAFEED_UNREADABLE, "data that is to be made");
	now += 60;
	same_num(look(feed, false), DATAFEED_SAME, "is so a minute later");
	datafeed_state(feed, now, &state);
	same_num((long long)state.refused, 2, "which is no news");
	now += 240;
	same_num(look(feed, false), DATAFEED_TAKEN, "and is taken when it has been");
	now += 60;
	same_num(look(feed, false), DATAFEED_SAME, "it is not read again");
	datafeed_free(feed);
	now = NOW;
}

/* What a loss of power leaves of a file has its size, and zeros where nothing was written. */
static void
test_zeros(const struct datafeed_rules *rules)
{
	struct datafeed *feed = datafeed_new(rules);
	const struct timespec times[2] = {{.tv_sec = now - 20}, {.tv_sec = now - 20}};

	replace(100, "", 30);
	same_num(look(feed, false), DATAFEED_TAKEN, "a whole file");
	replace(90, "10.0.", 20);
	ok(truncate(path, 4096) == 0 && utimensat(AT_FDCWD, path, times, 0) == 0, "with zeros");
	same_num(look(feed, false), DATAFEED_CUT, "one that ends in zeros is not");
	same_num(in_use(feed), 100, "the old one stays");
	datafeed_free(feed);
}

/* A judge that wants so many entries at most. */
static bool
judge(const void *arg, const struct datalist *list, char *why, size_t whysize)
{
	return datalist_count(list) <= *(const size_t *)arg ||
	    strbuf_fail(why, whysize, "lists-everything");
}

static void
test_judge(struct datafeed_rules rules)
{
	size_t most = 110;
	struct datafeed_state state;
	struct datafeed *feed;

	rules.judge = judge;
	rules.judge_arg = &most;
	rules.judge_size = sizeof(most);
	feed = datafeed_new(&rules);
	most = 0; /* it has a copy */
	replace(110, "", 20);
	same_num(look(feed, false), DATAFEED_TAKEN, "what the judge takes");
	replace(111, "", 20);
	same_num(look(feed, false), DATAFEED_REFUSED, "what he does not");
	same_num(look(feed, true), DATAFEED_REFUSED, "by nobody's word");
	datafeed_state(feed, now, &state);
	same_str(state.figures.why, "lists-everything", "his word is known");
	same_num((long long)state.figures.entries, 111, "how many there were");
	same_num((long long)state.entries, 110, "how many are in use");
	same_num((long long)state.taken, 1, "how often they were taken");
	same_num((long long)state.refused, 2, "and not");
	ok(state.known, "what was taken is in use");
	datafeed_free(feed);
}

/* Of a few entries half is not much. */
static void
test_few(const struct datafeed_rules *rules)
{
	struct datafeed *feed = datafeed_new(rules);

	replace(DATAFEED_FEW, "", 20);
	same_num(look(feed, false), DATAFEED_TAKEN, "a small list");
	replace(1, "", 20);
	same_num(look(feed, false), DATAFEED_TAKEN, "may lose nearly all");
	replace(DATAFEED_FEW, "", 20);
	same_num(look(feed, false), DATAFEED_TAKEN, "and get it back");
	replace(2 * DATAFEED_FEW, "", 20);
	same_num(look(feed, false), DATAFEED_TAKEN, "twice as many");
	replace(5 * DATAFEED_FEW, "", 20);
	same_num(look(feed, false), DATAFEED_GROWN, "but not many more");
	datafeed_free(feed);
}

/* By its own word data may be older than its file, and by ours of any age. */
static void
test_made(struct datafeed_rules rules)
{
	struct datafeed *feed = datafeed_new(&rules);
	struct datafeed_state state;

	replace(10, "$TIMESTAMP 2026:11:29:11:00\n", 20);
	same_num(look(feed, false), DATAFEED_TAKEN, "data made at eleven");
	datafeed_state(feed, now, &state);
	same_num(state.written, 1795950000, "is as old as that");
	same_num(state.expires, 1795950000 + AGE, "and is over so much later");
	datafeed_free(feed);
	feed = datafeed_new(&rules);
	replace(10, "", -7200);
	same_num(look(feed, false), DATAFEED_TAKEN, "a file of a time to come");
	same_num(datafeed_written(feed), now, "is as old as it can be");
	datafeed_free(feed);
	rules.max_age = 0;
	feed = datafeed_new(&rules);
	replace(10, "$TIMESTAMP 2001:01:01\n", 20);
	same_num(look(feed, false), DATAFEED_TAKEN, "data of any age");
	same_num(in_use(feed), 10, "is in use");
	datafeed_state(feed, now, &state);
	same_num(state.expires, 0, "for ever");
	datafeed_free(feed);
}

/* A value that is not fetched any more shows, however new the others are. */
static void
test_parts(struct datafeed_rules rules)
{
	char second[sizeof(path) + 2], more[sizeof(path) + 2];
	struct datafeed *feed, *adopter;
	struct datafeed_state state;

	snprintf(second, sizeof(second), "%s2", path);
	snprintf(more, sizeof(more), "%s3", path);
	rules.nsets = 2;
	rules.set[1] =
	    (struct data_source){.format = DATA_IP4SET, .nfiles = 2, .file = {second, more}};
	replace_at(path, 1, "", 20);
	replace_at(second, 1, "", 3000);
	replace_at(more, 1, "", 4000);
	feed = datafeed_new(&rules);
	same_num(look(feed, false), DATAFEED_TAKEN, "two values, of three files");
	datafeed_state(feed, now, &state);
	same_num(
	    state.written, now - 3000, "are as old as the oldest value, by its newest file");
	same_str(state.oldest, second, "it is known which");
	adopter = datafeed_new(&rules);
	datafeed_adopt(adopter, feed);
	datafeed_state(adopter, now, &state);
	same_num(state.written, now - 3000, "who begins with that data has its age");
	same_str(state.oldest, second, "and its file");
	now += AGE - 3000 + 1;
	same_num(in_use(feed), -1, "one that is too old makes all so");
	replace_at(path, 1, "", 5);
	same_num(look(feed, false), DATAFEED_TAKEN, "another one that is new");
	same_num(in_use(feed), -1, "does not mend it");
	replace_at(more, 1, "", 5);
	same_num(look(feed, false), DATAFEED_TAKEN, "a file that is read as one with it");
	same_num(in_use(feed), 3, "does");
	replace_at(second, 1, "$TIMESTAMP 2026:11:29:11:59\n", 5);
	same_num(look(feed, false), DATAFEED_TAKEN, "one by its own word");
	datafeed_state(feed, now, &state);
	same_num(state.written, NOW - 60, "is as old as that");
	replace_at(path, 1, "$TIMESTAMP 2026:11:29:12:01\n", 5);
	same_num(look(feed, false), DATAFEED_TAKEN, "a newer word of another one");
	same_num(datafeed_written(feed), NOW - 60, "changes nothing of it");
	datafeed_free(adopter);
	datafeed_free(feed);
	(void)unlink(second);
	(void)unlink(more);
	now = NOW;
}

/* Rules that are others begin with what there is. */
static void
test_adopted(struct datafeed_rules rules)
{
	struct datafeed *from = datafeed_new(&rules), *feed;

	replace(100, "", 20);
	(void)look(from, false);
	rules.grow = 300;
	feed = datafeed_new(&rules);
	datafeed_adopt(feed, from);
	same_num(in_use(feed), 100, "what another one has");
	same_num(look(feed, false), DATAFEED_SAME, "is not read again");
	datafeed_free(feed);
	replace(250, "", 20);
	same_num(look(from, false), DATAFEED_GROWN, "far more are not taken by some rules");
	feed = datafeed_new(&rules);
	datafeed_adopt(feed, from);
	same_num(in_use(feed), 100, "what another one has, which is not what there is");
	same_num(look(feed, false), DATAFEED_TAKEN, "is looked at by other rules");
	same_num(in_use(feed), 250, "and taken");
	same_num(in_use(from), 100, "the other one stays as it is");
	datafeed_free(feed);
	datafeed_free(from);
}

static void
test_said(const struct datafeed_rules *rules)
{
	struct datafeed *feed = datafeed_new(rules);
	struct datafeed_state state;

	same_num(datafeed_say(feed, now, &state), 0, "nothing is known");
	replace(10, "", 20);
	(void)look(feed, false);
	same_num(datafeed_say(feed, now, &state), DATAFEED_SAY_NEWS, "it was taken");
	same_num(datafeed_say(feed, now, &state), 0, "which is told once");
	same_num(datafeed_say(feed, now + AGE, &state), DATAFEED_SAY_AGE, "it is too old");
	ok(!state.known, "nobody knows whom it has");
	same_num(datafeed_say(feed, now + AGE, &state), 0, "which is told once");
	same_num(datafeed_say(feed, now, &state), DATAFEED_SAY_AGE, "it is not");
	ok(state.known, "and is in use");
	(void)unlink(path);
	(void)look(feed, false);
	same_num(datafeed_say(feed, now, &state), DATAFEED_SAY_NEWS, "it is gone");
	same_num(state.last, DATAFEED_MISSING, "which is news");
	same_str(state.figures.file, path, "of that file");
	datafeed_free(feed);
}

static void
test_held(struct datafeed *feed)
{
	int64_t until = now + AGE;
	uint64_t changes = datafeed_changes();
	struct datalist *held = datafeed_get(feed, now, &until);
	struct codeset codes;
	struct ipaddr addr;

	same_num(until - now, AGE - 2, "until when it is not too old");
	ok(ipaddr_parse(&addr, "10.0.0.10"), "an address");
	replace(10, "", 30);
	same_num(look(feed, false), DATAFEED_TAKEN, "other data");
	same_num((long)(datafeed_changes() - changes), 1, "that is counted");
	datalist_find(held, &addr, &codes);
	same_num(codes.n, 1, "who has the old one may go on with it");
	datalist_unref(&held);
	until = now;
	held = datafeed_get(feed, now, &until);
	same_num(until, now, "an earlier end stays");
	datalist_find(held, &addr, &codes);
	same_num(codes.n, 0, "who comes later has the new one");
	datalist_unref(&held);
}

int
main(void)
{
	struct datafeed_rules rules = {.nsets = 1,
	    .set = {{.format = DATA_IP4SET, .nfiles = 1, .file = {path}}},
	    .shrink = 50,
	    .grow = 200,
	    .max_age = AGE};
	struct datafeed *feed;

	if (mkdtemp(folder) == NULL)
		return 1;
	snprintf(path, sizeof(path), "%s/data", folder);
	snprintf(other, sizeof(other), "%s/other", folder);
	feed = datafeed_new(&rules);
	same_num(look(feed, false), DATAFEED_MISSING, "there is no file");
	same_num(in_use(feed), -1, "nobody knows whom the list has");
	same_num(datafeed_written(feed), 0, "nor how old it is");
	test_replaced(feed);
	test_forced(feed);
	test_wide(feed);
	test_age(feed);
	test_settling(feed);
	test_held(feed);
	datafeed_free(feed);
	now = NOW;
	test_judge(rules);
	test_huge(&rules);
	test_large(rules);
	test_clock(&rules);
	test_start(&rules);
	test_again(&rules);
	test_zeros(&rules);
	test_few(&rules);
	test_made(rules);
	test_parts(rules);
	test_adopted(rules);
	test_said(&rules);
	(void)unlink(path);
	(void)rmdir(folder);
	return done();
}
