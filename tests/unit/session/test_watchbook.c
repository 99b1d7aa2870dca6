/* SPDX-License-Identifier: BSD-2-Clause */
/* test_watchbook.c - rounds in which lists speak of own addresses, or do not. */
#include "config.h"

#include "session/watchbook.h"

#include <string.h>

#include "base/clock.h"
#include "session/watchfile.h"
#include "tap.h"

static char zen_label[] = "zen", dbl_label[] = "dbl";
static const struct listing zen = {.label = zen_label}, dbl = {.label = dbl_label};

static enum watch_change
hear(struct watchbook *b, const char *subject, const struct listing *list,
    enum watch_answer answer)
{
	static const struct fact fact = {.state = FACT_CLEAR};
	enum category category = CATEGORY_SPAM_SOURCE;

	return watchbook_hear(b, subject, list, &fact, answer, &category);
}

static size_t
rows(struct watchbook *b)
{
	struct watch_row row;
	size_t n = 0;

	while (watchbook_row(b, n, &row))
		n++;
	return n;
}

/* Who is not asked about any more is forgotten at the end of the round. */
static void
test_rounds(struct watchbook *b)
{
	char label[CHECKER_LABEL_MAX + 1];
	int64_t since;

	watchbook_begin(b);
	hear(b, "192.0.2.1", &zen, WATCH_CLEAR);
	hear(b, "192.0.2.1", &dbl, WATCH_NOTHING);
	hear(b, "192.0.2.2", &zen, WATCH_LISTED);
	ok(!watchbook_forget(b), "nothing is forgotten of what was asked about");
	same_num((long long)rows(b), 3, "a row for each subject and list");
	ok(watchbook_knows(b, "192.0.2.1") && !watchbook_knows(b, "192.0.2.3"),
	    "it is known who is watched");
	ok(watchbook_wants(b, "192.0.2.2", "zen"), "one answer is no news: another is wanted");
	ok(!watchbook_wants(b, "192.0.2.3", "zen"), "none about who is not watched");
	ok(watchbook_silence(b, 0, label, &since) && strcmp(label, "zen") == 0 && since == 0,
	    "a list that has spoken is not silent");
	ok(!watchbook_silence(b, 2, label, &since), "there are two lists");
	same_num(
	    watchbook_end_list(b, 1, label), SILENCE_SAME, "a silence of a moment is none");
	same_str(label, "dbl", "it is of that list");
	watchbook_begin(b);
	hear(b, "192.0.2.2", &zen, WATCH_LISTED);
	ok(watchbook_forget(b), "who was not asked about any more is forgotten");
	same_num((long long)rows(b), 1, "and his rows are gone");
}

/* What is copied comes back in another one, changes and their numbers included. */
static void
test_copy(struct watchbook *b)
{
	struct watchbook *again = watchbook_new();
	struct watch_news news = {.event = WATCH_LISTED_NOW, .subject = "192.0.2.2"};
	struct watchfile f = {.nrows = 0};

	for (int i = 0; i < WATCH_NEWS_MAX + 2; i++)
		watchbook_add(b, &news);
	ok(watchbook_copy(b, &f), "all is copied");
	watchbook_remember(again, &f);
	watchfile_clear(&f);
	same_str(watchbook_series(again), watchbook_series(b), "the series goes on");
	same_num((long long)rows(again), 1, "with its row");
	same_num((long long)watchbook_last(again), WATCH_NEWS_MAX + 2, "and its last change");
	ok(watchbook_next(again, 0, &news) && news.number == 3, "the oldest that is kept");
	ok(!watchbook_next(again, WATCH_NEWS_MAX + 2, &news), "none is behind the last one");
	watchbook_free(again);
}

int
main(void)
{
	struct watchbook *b = watchbook_new();

	test_rounds(b);
	test_copy(b);
	watchbook_free(b);
	return done();
}
