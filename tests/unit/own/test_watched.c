/* SPDX-License-Identifier: BSD-2-Clause */
/* test_watched.c - answers of a list, and what they come to. */
#include "config.h"

#include "own/watched.h"

#include <string.h>

#include "tap.h"

#define NOW 1800000000
#define STEPS 8

/* L: listed, C: clear, -: nothing; at so many minutes.  What follows: the word, and L, C where
 * that is a change. */
static const struct {
	const char *label;
	struct {
		char answer;
		int minutes;
		const char *word;
		char change;
	} step[STEPS];
} rows[] = {
    {"clear from the start", {{'C', 0, "clear", 0}, {'C', 360, "clear", 0}}},
    {"nothing is not clear", {{'-', 0, "not known", 0}, {'-', 360, "not known", 0}}},
    {"listed from the start", {{'L', 0, "not known", 0}, {'L', 10, "listed", 'L'}}},
    {"nine minutes are too few",
	{{'C', 0, "clear", 0}, {'L', 100, "not known", 0}, {'L', 109, "not known", 0},
	    {'L', 110, "listed", 'L'}, {'L', 120, "listed", 0}}},
    {"a slip",
	{{'C', 0, "clear", 0}, {'L', 100, "not known", 0}, {'C', 110, "clear", 0},
	    {'L', 120, "not known", 0}, {'C', 130, "clear", 0}}},
    {"silence between two answers",
	{{'C', 0, "clear", 0}, {'L', 100, "not known", 0}, {'-', 110, "not known", 0},
	    {'L', 120, "listed", 'L'}}},
    {"silence is no end of it",
	{{'L', 0, "not known", 0}, {'L', 10, "listed", 'L'}, {'-', 400, "listed", 0},
	    {'-', 4000, "listed", 0}, {'L', 4010, "listed", 0}}},
    {"delisted",
	{{'L', 0, "not known", 0}, {'L', 10, "listed", 'L'}, {'C', 20, "listed", 0},
	    {'C', 30, "clear", 'C'}, {'C', 40, "clear", 0}}},
    {"not delisted by a slip",
	{{'L', 0, "not known", 0}, {'L', 10, "listed", 'L'}, {'C', 20, "listed", 0},
	    {'L', 30, "listed", 0}, {'C', 40, "listed", 0}, {'L', 50, "listed", 0}}},
    {"clear, then silent",
	{{'C', 0, "clear", 0}, {'-', 10, "not known", 0}, {'C', 20, "clear", 0}}},
    {"listed twice",
	{{'L', 0, "not known", 0}, {'L', 10, "listed", 'L'}, {'C', 20, "listed", 0},
	    {'C', 30, "clear", 'C'}, {'L', 40, "not known", 0}, {'L', 50, "listed", 'L'}}},
    {"the clock is put back",
	{{'L', 100, "not known", 0}, {'L', 0, "not known", 0}, {'L', 9, "not known", 0},
	    {'L', 10, "listed", 'L'}}},
};

static enum watch_answer
answer_of(char c)
{
	return c == 'L' ? WATCH_LISTED : c == 'C' ? WATCH_CLEAR : WATCH_NOTHING;
}

static void
test_row(size_t row)
{
	static const char changes[] = {
	    [WATCH_SAME] = 0, [WATCH_GOT_LISTED] = 'L', [WATCH_GOT_CLEAR] = 'C'};
	struct watched w = {.since = 0};

	for (size_t i = 0; i < STEPS && rows[row].step[i].word != NULL; i++) {
		char answer = rows[row].step[i].answer;
		enum watch_change change =
		    watched_hear(&w, answer_of(answer), NOW + 60 * rows[row].step[i].minutes);

		same_num(changes[change], rows[row].step[i].change, rows[row].label);
		same_str(watched_word(&w), rows[row].step[i].word, rows[row].label);
		ok(!watched_wants_more(&w) || strcmp(watched_word(&w), "clear") != 0,
		    "%s: in doubt it is not clear", rows[row].label);
	}
}

static void
test_silence(void)
{
	struct watch_silence s = {.since = 0};

	same_num(watch_silence_hear(&s, false, NOW), SILENCE_SAME, "at first");
	same_num(watch_silence_hear(&s, false, NOW + WATCH_UNKNOWN_S), SILENCE_SAME, "a day");
	same_num(
	    watch_silence_hear(&s, false, NOW + WATCH_UNKNOWN_S + 1), SILENCE_LONG, "more");
	same_num(
	    watch_silence_hear(&s, false, NOW + 9 * WATCH_UNKNOWN_S), SILENCE_SAME, "once");
	same_num(
	    watch_silence_hear(&s, true, NOW + 10 * WATCH_UNKNOWN_S), SILENCE_OVER, "over");
	same_num(
	    watch_silence_hear(&s, true, NOW + 20 * WATCH_UNKNOWN_S), SILENCE_SAME, "known");
	same_num(
	    watch_silence_hear(&s, false, NOW + 22 * WATCH_UNKNOWN_S), SILENCE_LONG, "again");
	same_num(watch_silence_hear(&s, false, NOW), SILENCE_SAME, "the clock is put back");
	same_num(s.since, NOW, "from then on");
}

int
main(void)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		test_row(i);
	test_silence();
	return done();
}
