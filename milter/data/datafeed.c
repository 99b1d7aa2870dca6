/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * data/datafeed.c - new data is built beside what is in use, and takes its place at once.  Files
 * that were not taken are left alone until they are others.
 */
#include "config.h"

#include "data/datafeed.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/bulk.h"

#define SETTLING_S 2 /* so long a file has to be as it is, lest it is still being written */

/* What tells that a file is another one. */
struct stamp {
	dev_t device;
	ino_t inode;
	off_t size;
	struct timespec written;
};

struct stamps {
	struct stamp file[DATAFEED_SETS_MAX * DATA_FILES_MAX];
	int64_t newest; /* when the last one was written */
	bool there;     /* all are */
};

struct datafeed {
	struct datafeed_rules rules;
	struct stamps seen; /* at the last look that came to something */
	bool looked;        /* there was one */
	pthread_mutex_t lock;
	struct datalist *list;    /* in use, or NULL */
	int64_t written, expires; /* of it; expires 0: never, by its own word */
};

struct datafeed *
datafeed_new(const struct datafeed_rules *rules)
{
	struct datafeed *feed = calloc(1, sizeof(*feed));

	if (feed == NULL)
		return NULL;
	feed->rules = *rules;
	(void)pthread_mutex_init(&feed->lock, NULL);
	return feed;
}

void
datafeed_free(struct datafeed *feed)
{
	if (feed == NULL)
		return;
	datalist_unref(&feed->list);
	(void)pthread_mutex_destroy(&feed->lock);
	free(feed);
}

const char *
datafeed_news_name(enum datafeed_news news)
{
	static const char *const names[DATAFEED_NEWS] = {
	    [DATAFEED_SAME] = "same",
	    [DATAFEED_TAKEN] = "taken",
	    [DATAFEED_MISSING] = "missing",
	    [DATAFEED_UNREADABLE] = "unreadable",
	    [DATAFEED_CUT] = "cut",
	    [DATAFEED_EMPTY] = "empty",
	    [DATAFEED_SHRUNK] = "shrunk",
	    [DATAFEED_GROWN] = "grown",
	};

	assert(news < DATAFEED_NEWS);
	return names[news];
}

static void
stamp_file(struct stamps *stamps, size_t i, const char *path)
{
	struct stat status;

	if (stat(path, &status) != 0) {
		stamps->there = false;
		return;
	}
	stamps->file[i] =
	    (struct stamp){status.st_dev, status.st_ino, status.st_size, status.st_mtim};
	if (status.st_mtim.tv_sec > stamps->newest)
		stamps->newest = status.st_mtim.tv_sec;
}

static void
take_stamps(const struct datafeed *feed, struct stamps *stamps)
{
	size_t n = 0;

	*stamps = (struct stamps){.there = true};
	for (unsigned set = 0; set < feed->rules.nsets; set++)
		for (unsigned i = 0; i < feed->rules.set[set].nfiles; i++)
			stamp_file(stamps, n++, feed->rules.set[set].file[i]);
}

static bool
is_same_file(const struct stamp *a, const struct stamp *b)
{
	return a->device == b->device && a->inode == b->inode && a->size == b->size &&
	    a->written.tv_sec == b->written.tv_sec && a->written.tv_nsec == b->written.tv_nsec;
}

static bool
are_same(const struct stamps *a, const struct stamps *b)
{
	bool same = a->there == b->there;

	for (size_t i = 0; i < sizeof(a->file) / sizeof(a->file[0]); i++)
		same = same && is_same_file(&a->file[i], &b->file[i]);
	return same;
}

/* What files have come to. */
struct loading {
	struct datalist *list;
	int64_t expires;
	bool cut;
	size_t skipped;
};

static bool
load(const struct datafeed *feed, int64_t now, datalist_complaint *complain, void *arg,
    struct loading *l)
{
	struct data_reading reading;
	bool good;

	*l = (struct loading){.list = datalist_new()};
	good = l->list != NULL;
	for (unsigned i = 0; good && i < feed->rules.nsets; i++) {
		good =
		    datalist_read(l->list, &feed->rules.set[i], now, complain, arg, &reading);
		l->cut |= reading.cut;
		l->skipped += reading.skipped;
		if (reading.expires > 0 && (l->expires == 0 || reading.expires < l->expires))
			l->expires = reading.expires;
	}
	return good;
}

/* What is against taking data with so many entries, where there were others before. */
static enum datafeed_news
judge(const struct datafeed_rules *rules, const struct loading *l, size_t before, bool forced)
{
	size_t entries = datalist_count(l->list);

	if (l->cut)
		return DATAFEED_CUT;
	if (entries == 0)
		return DATAFEED_EMPTY;
	if (before == 0 || forced)
		return DATAFEED_TAKEN;
	if (rules->shrink > 0 && entries * 100 < before * rules->shrink)
		return DATAFEED_SHRUNK;
	if (rules->grow > 0 && entries * 100 > before * rules->grow)
		return DATAFEED_GROWN;
	return DATAFEED_TAKEN;
}

/* Have new data take the place of what is in use, which its readers may have for a while. */
static void
use(struct datafeed *feed, struct loading *l, int64_t written)
{
	struct datalist *old;

	(void)pthread_mutex_lock(&feed->lock);
	old = feed->list;
	feed->list = l->list;
	feed->written = written;
	feed->expires = l->expires;
	(void)pthread_mutex_unlock(&feed->lock);
	l->list = NULL;
	datalist_unref(&old);
}

static enum datafeed_news
load_and_use(struct datafeed *feed, int64_t now, bool forced, datalist_complaint *complain,
    void *arg, struct datafeed_figures *figures)
{
	struct loading l;
	enum datafeed_news news = DATAFEED_UNREADABLE;

	figures->before = feed->list != NULL ? datalist_count(feed->list) : 0;
	if (load(feed, now, complain, arg, &l)) {
		figures->entries = datalist_count(l.list);
		figures->skipped = l.skipped;
		news = judge(&feed->rules, &l, figures->before, forced);
	}
	if (news == DATAFEED_TAKEN)
		use(feed, &l, feed->seen.newest);
	datalist_unref(&l.list);
	bulk_settle();
	return news;
}

enum datafeed_news
datafeed_look(struct datafeed *feed, int64_t now, bool forced, datalist_complaint *complain,
    void *arg, struct datafeed_figures *figures)
{
	struct stamps stamps;

	*figures = (struct datafeed_figures){0};
	take_stamps(feed, &stamps);
	if (!forced && feed->looked &&
	    (are_same(&stamps, &feed->seen) ||
		(stamps.newest <= now && now - stamps.newest < SETTLING_S)))
		return DATAFEED_SAME;
	feed->seen = stamps;
	feed->looked = true;
	if (!stamps.there)
		return DATAFEED_MISSING;
	return load_and_use(feed, now, forced, complain, arg, figures);
}

struct datalist *
datafeed_get(struct datafeed *feed, int64_t now)
{
	struct datalist *list = NULL;

	(void)pthread_mutex_lock(&feed->lock);
	if (feed->list != NULL && now - feed->written <= feed->rules.max_age &&
	    (feed->expires == 0 || now <= feed->expires))
		list = datalist_ref(feed->list);
	(void)pthread_mutex_unlock(&feed->lock);
	return list;
}

int64_t
datafeed_written(struct datafeed *feed)
{
	int64_t written;

	(void)pthread_mutex_lock(&feed->lock);
	written = feed->list != NULL ? feed->written : 0;
	(void)pthread_mutex_unlock(&feed->lock);
	return written;
}
