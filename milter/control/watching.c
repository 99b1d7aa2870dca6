/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * control/watching.c - rows, or changes with their numbers, so that who was away for a while
 * can have those that he has missed: "after" is "SERIES.NUMBER", as it was told.
 */
#include "config.h"

#include "control/watching.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>

#include "base/clock.h"
#include "base/number.h"
#include "base/random.h"
#include "control/facts.h"
#include "control/status.h"
#include "session/watch.h"

#define PAUSE_MS 200
#define TEXT_MAX 1024
#define AFTER_MAX INT64_C(999999999999)

static json_t *
time_of(int64_t wall)
{
	char text[CLOCK_TEXT_SIZE];

	return wall != 0 ? json_string(clock_text(wall, text)) : json_null();
}

static bool
say_row(struct request *r, const struct watch_row *row)
{
	const struct watched *w = &row->watched;
	const char *word = watched_word(w),
		   *category =
		       row->category != CATEGORY_MAX ? category_name(row->category) : NULL;
	bool listed = w->settled == WATCH_LISTED, allow = row->kind == KIND_ALLOW;
	char text[TEXT_MAX], since[CLOCK_TEXT_SIZE];

	(void)snprintf(text, sizeof(text), "%s %s: %s%s%s%s%s%s%s%s\n", row->subject, row->list,
	    word, listed ? " as " : "", listed ? category : "",
	    row->scope != SCOPE_ADDRESS && listed ? ", with all of a " : "",
	    row->scope != SCOPE_ADDRESS && listed ? watch_scope_name(row->scope) : "",
	    w->settled != WATCH_NOTHING ? ", since " : "",
	    w->settled != WATCH_NOTHING ? clock_text(w->since, since) : "",
	    listed && allow ? " (it speaks for you)" : "");
	return request_reply(r,
	    json_pack("{s:s, s:s, s:s, s:b, s:s, s:s?, s:o, s:o, s:o, s:o, s:b, s:s}",
		"subject", row->subject, "list", row->list, "state", word, "speaks_for_you",
		allow, "scope", watch_scope_name(row->scope), "category",
		listed ? category : NULL, "codes", facts_codes(&row->fact), "since",
		time_of(w->since), "known", time_of(w->known), "doubted_since",
		time_of(w->doubt), "silent", w->silent, "text", text));
}

/* Say all rows; whether all is well, and known. */
static int
say_rows(struct request *r, struct watch *w)
{
	struct watch_row row;
	bool good = true;

	for (size_t i = 0; watch_row(w, i, &row); i++) {
		bool well = strcmp(watched_word(&row.watched), "clear") == 0;

		bool known = strcmp(watched_word(&row.watched), "not known") != 0;

		/* What a list says that nobody else asks is news; that it says nothing is none. */
		if (row.kind != KIND_ALLOW && (known || !row.seldom))
			good = good && well;
		if (!say_row(r, &row))
			break;
	}
	return good ? EX_OK : 1;
}

static bool
say_news(struct request *r, const struct watch *w, const struct watch_news *news)
{
	char after[64], text[TEXT_MAX], at[CLOCK_TEXT_SIZE];

	(void)snprintf(after, sizeof(after), "%s.%" PRIu64, watch_series(w), news->number);
	(void)clock_text(news->time, at);
	(void)snprintf(text, sizeof(text), "%s %s %s %s\n", at, watch_event_name(news->event),
	    news->subject[0] != '\0' ? news->subject : "-", news->list);
	return request_reply(r,
	    json_pack("{s:s, s:s, s:s, s:s, s:s, s:s?, s:s?, s:s}", "after", after, "time", at,
		"change", watch_event_name(news->event), "subject", news->subject, "list",
		news->list, "scope", news->scope, "category", news->category, "text", text));
}

/* Read "SERIES.NUMBER"; of another series, which has ended, all is news.  False: it is none. */
static bool
read_after(struct watch *w, const char *text, uint64_t *number)
{
	const char *at = text + REF_LEN + 1;
	uint64_t bits;
	char series[REF_LEN + 1];
	int64_t n;

	if (strlen(text) <= REF_LEN + 1 || text[REF_LEN] != '.')
		return false;
	memcpy(series, text, REF_LEN);
	series[REF_LEN] = '\0';
	n = number_plain(&at, AFTER_MAX);
	if (!ref_read(series, &bits) || n < 0 || *at != '\0')
		return false;
	*number = strcmp(series, watch_series(w)) == 0 && (uint64_t)n <= watch_last(w)
	    ? (uint64_t)n
	    : 0;
	return true;
}

static int
follow(struct request *r, struct watch *w, uint64_t number)
{
	const struct timespec pause = {.tv_nsec = PAUSE_MS * 1000000L};
	struct watch_news news;

	while (request_is_wanted(r)) {
		while (watch_next(w, number, &news)) {
			number = news.number;
			if (!say_news(r, w, &news))
				return EX_OK;
		}
		nanosleep(&pause, NULL);
	}
	return EX_OK;
}

int
verb_watch(struct request *r, const json_t *args, void *arg)
{
	const struct verbs_context *context = arg;
	struct watch *w = context->sessions->watch;
	bool bad = false, changes = request_flag(args, "changes", &bad);
	const char *after = request_text(args, "after", &bad);
	uint64_t number = watch_last(w);

	if (bad || (after != NULL && (!changes || !read_after(w, after, &number)))) {
		request_error(r, "after: must be what a change was told with, with changes");
		return EX_USAGE;
	}
	return changes ? follow(r, w, number) : say_rows(r, w);
}
