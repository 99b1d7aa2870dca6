/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * data/datafeed.c - new data is built beside what is in use, and takes its place at once.  Files
 * that were not taken are left alone until they are others.
 *
 * What was in use is kept until the next look, by when nobody has it any more: it is never freed
 * by a session, which would wait.
 */
#include "config.h"

#include "data/datafeed.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/bulk.h"
#include "base/clock.h"
#include "base/strbuf.h"
#include "base/textfile.h"

#define GROWN_TIMES 2 /* of what may be: so much more is not even read, nor room made for it */
#define RETRY_S 60    /* so often files are tried again that cannot be read */
#define SET_S 60      /* a clock that differs by so much from the time that goes by was set */

/* When a set was written: its newest file, and by its own word; 0: it has none. */
struct age {
	int64_t newest, made;
};

struct datafeed {
	struct datafeed_rules rules; /* of texts of its own */
	pthread_mutex_t looking;     /* guards what a look has for itself: */
	struct filestamps seen;      /* at the last look that came to something */
	int64_t tried;               /* when that was, or another try of the same files */
	bool unsettled; /* what is in use may be a part of what was being written */
	struct age age[DATAFEED_SETS_MAX]; /* of what is in use */
	int64_t clock;               /* in use then: clock_wall() less clock_ms(), in seconds */
	struct datalist *retired;    /* was in use until then, or NULL */
	pthread_mutex_t lock;        /* guards the rest: */
	struct datalist *list;       /* in use, or NULL */
	int64_t expires;             /* of it, by its own word; 0: never */
	unsigned oldest;             /* set of it */
	struct datafeed_state state; /* but for what depends on the time, or the above */
	uint64_t told;               /* how many looks have been told of, */
	bool told_expired;           /* and that it was too old */
	int64_t since;  /* when the look began that is under way, in clock_ms(); 0: none is */
	bool told_busy; /* that it takes so long */
};

static atomic_ullong changes; /* of what is in use, in all feeds */

struct datafeed *
datafeed_new(const struct datafeed_rules *rules)
{
	struct datafeed *feed = calloc(1, sizeof(*feed));

	if (feed == NULL)
		return NULL;
	(void)pthread_mutex_init(&feed->looking, NULL);
	(void)pthread_mutex_init(&feed->lock, NULL);
	if (feedrules_copy(&feed->rules, rules))
		return feed;
	datafeed_free(feed);
	return NULL;
}

void
datafeed_free(struct datafeed *feed)
{
	if (feed == NULL)
		return;
	datalist_unref(&feed->list);
	datalist_unref(&feed->retired);
	(void)pthread_mutex_destroy(&feed->looking);
	(void)pthread_mutex_destroy(&feed->lock);
	feedrules_clear(&feed->rules);
	free(feed);
}

const struct datafeed_rules *
datafeed_rules(const struct datafeed *feed)
{
	return &feed->rules;
}

const char *
datafeed_news_name(enum datafeed_news news)
{
	static const char *const names[DATAFEED_NEWS] = {
	    [DATAFEED_SAME] = "same",
	    [DATAFEED_TAKEN] = "taken",
	    [DATAFEED_MISSING] = "missing",
	    [DATAFEED_UNREADABLE] = "unreadable",
	    [DATAFEED_LARGE] = "large",
	    [DATAFEED_CUT] = "cut",
	    [DATAFEED_EMPTY] = "empty",
	    [DATAFEED_SHRUNK] = "shrunk",
	    [DATAFEED_GROWN] = "grown",
	    [DATAFEED_REFUSED] = "refused",
	};

	assert(news < DATAFEED_NEWS);
	return names[news];
}

/* --- Whether files are others --- */

/*
 * Whether files that could not be read are to be tried again: what was against it may be over,
 * be it who may read them, memory, or a clock that is behind theirs.
 */
static bool
are_due(const struct datafeed *feed, int64_t now)
{
	int64_t since = now - feed->tried;

	return feed->state.last == DATAFEED_UNREADABLE && (since < 0 || since >= RETRY_S);
}

/* --- Taking them --- */

/* What files have come to. */
struct loading {
	struct datalist *list;
	int64_t made[DATAFEED_SETS_MAX], expires;
	const char *cut; /* the file that ends too early */
	bool again;      /* the files were tried before, */
	bool told;       /* and which of their lines are left out was told */
	datalist_complaint *complain;
	void *arg;
	struct datafeed_figures *figures;
};

static void
on_complaint(void *arg, const char *file, unsigned line, const char *why, bool fatal)
{
	const struct loading *l = arg;
	struct strbuf sb;

	if (!l->told)
		l->complain(l->arg, file, line, why, fatal);
	if (!fatal)
		return;
	l->figures->file = file;
	l->figures->line = line;
	strbuf_init(&sb, l->figures->why, sizeof(l->figures->why));
	strbuf_add(&sb, why);
}

static void
note_reading(struct loading *l, unsigned set, const struct data_reading *reading)
{
	l->figures->skipped += reading->skipped;
	if (l->cut == NULL)
		l->cut = reading->cut;
	l->made[set] = reading->made;
	if (reading->expires > 0 && (l->expires == 0 || reading->expires < l->expires))
		l->expires = reading->expires;
}

/* The most entries that files may have that had so many before; 0: any number. */
static uint64_t
most_entries(const struct datafeed_rules *rules, uint64_t before)
{
	uint64_t most = before * rules->grow / 100;

	if (before == 0 || rules->grow == 0)
		return 0;
	return most < before + DATAFEED_FEW ? before + DATAFEED_FEW - 1 : most;
}

/* Whether there are far fewer or far more entries than there were. */
static enum datafeed_news
compare_size(const struct datafeed_rules *rules, uint64_t entries, uint64_t before)
{
	uint64_t most = most_entries(rules, before);

	if (most > 0 && entries > most)
		return DATAFEED_GROWN;
	if (entries + DATAFEED_FEW <= before && entries * 100 < before * rules->shrink)
		return DATAFEED_SHRUNK;
	return DATAFEED_TAKEN;
}

/*
 * Whether an entry covers far more than was ever listed: a slip in the length of a network shows
 * in no number of entries.
 */
static bool
is_far_wider(const struct datafeed_rules *rules, uint64_t covered, uint64_t before)
{
	return rules->grow > 0 && covered >= before + DATAFEED_WIDE &&
	    covered > before * rules->grow / 100;
}

/* Read all files; most: entries that they may have, or 0.  TAKEN: they could be read. */
static enum datafeed_news
load(const struct datafeed *feed, int64_t now, uint64_t most, struct loading *l)
{
	bool good = (l->list = datalist_new()) != NULL;

	if (good)
		datalist_limit(l->list, most * GROWN_TIMES);
	for (unsigned i = 0; good && i < feed->rules.nsets; i++) {
		struct data_reading reading;

		good =
		    datalist_read(l->list, &feed->rules.set[i], now, on_complaint, l, &reading);
		note_reading(l, i, &reading);
	}
	if (l->list != NULL)
		l->figures->entries = datalist_count(l->list);
	if (!good && most > 0 && l->figures->entries == most * GROWN_TIMES) {
		l->figures->line = 0;
		l->figures->why[0] = '\0';
		return DATAFEED_GROWN;
	}
	return good ? DATAFEED_TAKEN : DATAFEED_UNREADABLE;
}

/* What is against taking data that could be read. */
static enum datafeed_news
judge(const struct datafeed *feed, const struct loading *l, bool forced)
{
	const struct datafeed_rules *rules = &feed->rules;
	struct datafeed_figures *figures = l->figures;
	enum datafeed_news news = DATAFEED_TAKEN;

	if (l->cut != NULL) {
		figures->file = l->cut;
		return DATAFEED_CUT;
	}
	if (figures->entries == 0)
		return DATAFEED_EMPTY;
	if (!forced)
		news = compare_size(rules, figures->entries, figures->before);
	if (news != DATAFEED_TAKEN)
		return news;
	if (rules->judge != NULL &&
	    !rules->judge(rules->judge_arg, l->list, figures->why, sizeof(figures->why)))
		return DATAFEED_REFUSED;
	if (forced || feed->list == NULL ||
	    !is_far_wider(rules, datalist_covered(l->list), datalist_covered(feed->list)))
		return DATAFEED_TAKEN;
	(void)strbuf_fail(figures->why, sizeof(figures->why), "far-more-addresses");
	return DATAFEED_GROWN;
}

/* When a set was written, if that is the time now. */
static int64_t
written_of(const struct age *age, int64_t now)
{
	/* A time to come would make it good for longer than it may be. */
	int64_t written = age->newest < now ? age->newest : now;

	return age->made > 0 && age->made < written ? age->made : written;
}

/*
 * Note when what is in use was written, if that is the time now, with the lock held.  Where one
 * set is not fetched any more, it does not help that the others are.
 */
static void
note_age(struct datafeed *feed, int64_t now)
{
	unsigned oldest = 0;

	for (unsigned i = 1; i < feed->rules.nsets; i++)
		if (written_of(&feed->age[i], now) < written_of(&feed->age[oldest], now))
			oldest = i;
	feed->clock = now - clock_ms() / 1000;
	feed->oldest = oldest;
	feed->state.written = written_of(&feed->age[oldest], now);
}

/* A clock that is set, as one that was far behind at the start, makes times to come past ones. */
static void
follow_clock(struct datafeed *feed, int64_t now)
{
	int64_t change = now - clock_ms() / 1000 - feed->clock;

	if (feed->list == NULL || (change > -SET_S && change < SET_S))
		return;
	(void)pthread_mutex_lock(&feed->lock);
	note_age(feed, now);
	(void)pthread_mutex_unlock(&feed->lock);
}

/* Have new data take the place of what is in use, which its readers may have for a while. */
static void
use(struct datafeed *feed, int64_t now, struct loading *l)
{
	for (unsigned i = 0; i < feed->rules.nsets; i++)
		feed->age[i] = (struct age){feed->seen.newest[i], l->made[i]};
	(void)pthread_mutex_lock(&feed->lock);
	feed->retired = feed->list;
	feed->list = l->list;
	feed->expires = l->expires;
	note_age(feed, now);
	feed->state.entries = l->figures->entries;
	feed->state.skipped = l->figures->skipped;
	feed->state.bytes = datalist_bytes(l->list);
	(void)pthread_mutex_unlock(&feed->lock);
	atomic_fetch_add_explicit(&changes, 1, memory_order_release);
	l->list = NULL;
}

static enum datafeed_news
load_and_use(struct datafeed *feed, int64_t now, bool forced, struct loading *l)
{
	bool any = forced || feed->unsettled; /* number of entries */
	uint64_t most = any ? 0 : most_entries(&feed->rules, l->figures->before);
	enum datafeed_news news = load(feed, now, most, l);

	if (news == DATAFEED_TAKEN)
		news = judge(feed, l, any);
	if (news == DATAFEED_TAKEN) {
		use(feed, now, l);
		feed->unsettled = filestamps_settle(&feed->seen, now);
	}
	datalist_unref(&l->list);
	bulk_settle();
	return news;
}

/* A file is not there, or where we may not look. */
static enum datafeed_news
note_missing(const struct filestamps *stamps, struct datafeed_figures *figures)
{
	struct strbuf sb;

	figures->file = stamps->missing;
	if (stamps->error == ENOENT)
		return DATAFEED_MISSING;
	strbuf_init(&sb, figures->why, sizeof(figures->why));
	strbuf_add(&sb, textfile_why(stamps->missing, stamps->error));
	return DATAFEED_UNREADABLE;
}

static enum datafeed_news
note_large(const struct filestamps *stamps, struct datafeed_figures *figures)
{
	figures->file = stamps->large;
	(void)strbuf_fail(figures->why, sizeof(figures->why), "has %" PRId64 " MB",
	    ((int64_t)stamps->size + (1 << 20) - 1) >> 20);
	return DATAFEED_LARGE;
}

/* Read the files, unless a look at them has shown that it is in vain. */
static enum datafeed_news
take(struct datafeed *feed, int64_t now, bool forced, struct loading *l)
{
	const struct filestamps *stamps = &feed->seen;

	if (stamps->missing != NULL)
		return note_missing(stamps, l->figures);
	if (stamps->large != NULL)
		return note_large(stamps, l->figures);
	return load_and_use(feed, now, forced, l);
}

static void
note_news(
    struct datafeed *feed, enum datafeed_news news, const struct datafeed_figures *figures)
{
	(void)pthread_mutex_lock(&feed->lock);
	feed->state.looked = true;
	feed->state.last = news;
	feed->state.figures = *figures;
	feed->state.taken += news == DATAFEED_TAKEN;
	feed->state.refused += news != DATAFEED_TAKEN;
	(void)pthread_mutex_unlock(&feed->lock);
}

/* Whether another try has failed as the one before did. */
static bool
is_old_news(const struct datafeed *feed, enum datafeed_news news, const struct loading *l)
{
	const struct datafeed_figures *was = &feed->state.figures, *is = l->figures;

	return l->again && news == feed->state.last && is->file == was->file &&
	    is->line == was->line && strcmp(is->why, was->why) == 0;
}

/* Look, as the only one. */
static enum datafeed_news
look(struct datafeed *feed, int64_t now, bool forced, struct loading *l)
{
	struct filestamps stamps;
	enum datafeed_news news;
	bool same;

	datalist_unref(&feed->retired);
	follow_clock(feed, now);
	filestamps_take(&stamps, feed->rules.set, feed->rules.nsets);
	same = !forced && feed->state.looked && filestamps_equal(&stamps, &feed->seen);
	if (same && !are_due(feed, now))
		return DATAFEED_SAME;
	if (!forced && feed->state.looked && filestamps_settle(&stamps, now))
		return DATAFEED_SAME;
	l->again = same;
	l->told = same && feed->state.figures.skipped > 0;
	feed->seen = stamps;
	feed->tried = now;
	l->figures->file = feed->rules.set[0].file[0];
	l->figures->before = feed->state.entries;
	news = take(feed, now, forced, l);
	if (is_old_news(feed, news, l))
		return DATAFEED_SAME;
	note_news(feed, news, l->figures);
	return news;
}

/* Note that a look begins, or ends. */
static void
note_since(struct datafeed *feed, int64_t since)
{
	(void)pthread_mutex_lock(&feed->lock);
	feed->since = since;
	feed->told_busy = false;
	(void)pthread_mutex_unlock(&feed->lock);
}

enum datafeed_news
datafeed_look(struct datafeed *feed, int64_t now, bool forced, datalist_complaint *complain,
    void *arg, struct datafeed_figures *figures)
{
	struct loading l = {.complain = complain, .arg = arg, .figures = figures};
	enum datafeed_news news;

	*figures = (struct datafeed_figures){0};
	(void)pthread_mutex_lock(&feed->looking);
	note_since(feed, clock_ms());
	news = look(feed, now, forced, &l);
	note_since(feed, 0);
	(void)pthread_mutex_unlock(&feed->looking);
	return news;
}

static int64_t
busy_for(const struct datafeed *feed, int64_t now)
{
	if (feed->since == 0)
		return 0;
	return now > feed->since ? now - feed->since : 1;
}

int64_t
datafeed_busy(struct datafeed *feed, int64_t now)
{
	int64_t ms;

	(void)pthread_mutex_lock(&feed->lock);
	ms = busy_for(feed, now);
	(void)pthread_mutex_unlock(&feed->lock);
	return ms;
}

int64_t
datafeed_say_busy(struct datafeed *feed, int64_t now, int64_t longer)
{
	int64_t ms;

	(void)pthread_mutex_lock(&feed->lock);
	ms = busy_for(feed, now);
	if (ms <= longer || feed->told_busy)
		ms = 0;
	feed->told_busy = feed->told_busy || ms > 0;
	(void)pthread_mutex_unlock(&feed->lock);
	return ms;
}

/* What was not taken by the other's rules may be taken by these: it is looked at again. */
static void
adopt(struct datafeed *feed, struct datafeed *from)
{
	(void)pthread_mutex_lock(&from->lock);
	feed->list = datalist_ref(from->list);
	feed->expires = from->expires;
	feed->oldest = from->oldest;
	feed->told_expired = from->told_expired;
	feed->state = from->state;
	(void)pthread_mutex_unlock(&from->lock);
	feed->unsettled = from->unsettled;
	memcpy(feed->age, from->age, sizeof(feed->age));
	feed->clock = from->clock;
	feed->state.taken = feed->state.refused = 0;
	feed->state.figures.file = feed->rules.set[0].file[0];
	feed->state.looked = feed->state.last == DATAFEED_TAKEN;
	feed->seen = from->seen;
}

void
datafeed_adopt(struct datafeed *feed, struct datafeed *from)
{
	if (pthread_mutex_trylock(&from->looking) != 0)
		return;
	if (from->list != NULL)
		adopt(feed, from);
	(void)pthread_mutex_unlock(&from->looking);
}

/* --- What is in use --- */

/* When what is in use is too old; 0: never. */
static int64_t
expiry_of(const struct datafeed *feed)
{
	int64_t old = feed->state.written + feed->rules.max_age;

	if (feed->rules.max_age == 0 || (feed->expires > 0 && feed->expires < old))
		return feed->expires;
	return old;
}

static bool
is_known(const struct datafeed *feed, int64_t now)
{
	int64_t expiry = expiry_of(feed);

	return feed->list != NULL && (expiry == 0 || now <= expiry);
}

struct datalist *
datafeed_get(struct datafeed *feed, int64_t now, int64_t *until)
{
	struct datalist *list = NULL;
	int64_t expiry;

	(void)pthread_mutex_lock(&feed->lock);
	if (is_known(feed, now)) {
		list = datalist_ref(feed->list);
		expiry = expiry_of(feed);
		if (expiry != 0 && expiry < *until)
			*until = expiry;
	}
	(void)pthread_mutex_unlock(&feed->lock);
	return list;
}

uint64_t
datafeed_changes(void)
{
	return atomic_load_explicit(&changes, memory_order_acquire);
}

static void
copy_state(const struct datafeed *feed, int64_t now, struct datafeed_state *state)
{
	*state = feed->state;
	state->known = is_known(feed, now);
	state->expires = feed->list != NULL ? expiry_of(feed) : 0;
	state->oldest = feed->list != NULL ? feed->rules.set[feed->oldest].file[0] : NULL;
}

void
datafeed_state(struct datafeed *feed, int64_t now, struct datafeed_state *state)
{
	(void)pthread_mutex_lock(&feed->lock);
	copy_state(feed, now, state);
	(void)pthread_mutex_unlock(&feed->lock);
}

unsigned
datafeed_say(struct datafeed *feed, int64_t now, struct datafeed_state *state)
{
	unsigned say = 0;
	bool expired;

	(void)pthread_mutex_lock(&feed->lock);
	copy_state(feed, now, state);
	if (state->taken + state->refused > feed->told)
		say |= DATAFEED_SAY_NEWS;
	feed->told = state->taken + state->refused;
	expired = feed->list != NULL && !state->known;
	if (expired != feed->told_expired)
		say |= DATAFEED_SAY_AGE;
	feed->told_expired = expired;
	(void)pthread_mutex_unlock(&feed->lock);
	return say;
}

int64_t
datafeed_written(struct datafeed *feed)
{
	struct datafeed_state state;

	datafeed_state(feed, 0, &state);
	return state.written;
}
