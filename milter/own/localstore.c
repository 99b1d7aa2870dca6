/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * own/localstore.c - a queue, and the thread that empties it.  Whoever asks what is known
 * empties it first.  After a file could not be written, all entries are written again: what
 * was dropped meanwhile are hits, and lines of the audit.
 */
#include "config.h"

#include "own/localstore.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/condition.h"
#include "base/log.h"
#include "base/strbuf.h"
#include "os/thread.h"

#define EXPIRE_MS 3600000
#define EXPIRE_HITS 16384 /* that are written until what is too much is looked for */
#define RETRY_MS 10000    /* between two attempts to open or write what could not be */
#define OPERATORS 2       /* who have to say the same of a client */
#define READ_MAX 1000     /* lines of the audit of one client */
#define WITNESSES_MAX 8   /* operators that are told apart */

/* What waits: an entry that has changed, or a hit. */
struct item {
	struct item *next;
	bool is_hit;
	enum local_change change;
	enum local_reason reason;
	struct local_entry entry;
	struct local_hit hit;
};

struct localstore {
	struct locallist *list;
	char *folder; /* or NULL */
	bool no_names;
	pthread_t thread;
	bool running;

	pthread_mutex_t file_lock; /* guards what follows, as far as the other lock */
	struct localfile *file;    /* NULL: it cannot be opened */
	bool behind;               /* entries are to be written that are not in the queue */
	bool aside;                /* a damaged file was set aside since one was written */
	int64_t again;             /* no attempt before then, in clock_ms() */
	int64_t expired;           /* when it was looked for what is old, in clock_ms() */
	unsigned written;          /* hits since then */

	pthread_mutex_t lock; /* guards the rest; taken inside the other, and of the list */
	pthread_cond_t changed;
	struct item *first, **last;
	unsigned n;
	bool stopping, ended;

	atomic_bool troubled;
	atomic_uint_least64_t dropped, hits[LOCAL_REASONS];
};

/* --- The queue --- */

static void
add(struct localstore *s, const struct item *item)
{
	struct item *copy = malloc(sizeof(*copy));
	bool taken;

	if (copy != NULL) {
		*copy = *item;
		copy->next = NULL;
	}
	pthread_mutex_lock(&s->lock);
	taken = copy != NULL && s->n < LOCALSTORE_QUEUE_MAX && !s->stopping;
	if (taken) {
		*s->last = copy;
		s->last = &copy->next;
		if (s->n++ == 0)
			pthread_cond_signal(&s->changed);
	}
	pthread_mutex_unlock(&s->lock);
	if (!taken) {
		free(copy);
		atomic_fetch_add(&s->dropped, 1);
	}
}

static void
on_change(void *arg, const struct local_entry *entry, enum local_change change,
    enum local_reason reason)
{
	add(arg, &(struct item){.change = change, .reason = reason, .entry = *entry});
}

static void
free_items(struct item *item)
{
	while (item != NULL) {
		struct item *next = item->next;

		free(item);
		item = next;
	}
}

static struct item *
take_all(struct localstore *s)
{
	struct item *all;

	pthread_mutex_lock(&s->lock);
	all = s->first;
	s->first = NULL;
	s->last = &s->first;
	s->n = 0;
	pthread_mutex_unlock(&s->lock);
	return all;
}

/* Leave the domain of a sender, and nothing else that names somebody. */
static void
leave_out_names(struct local_hit *hit)
{
	const char *at = strrchr(hit->sender, '@');

	memmove(hit->sender, at != NULL ? at : "", at != NULL ? strlen(at) + 1 : 1);
	hit->sender[strcspn(hit->sender, ">")] = '\0';
	hit->name[0] = hit->helo[0] = '\0';
}

void
localstore_hit(struct localstore *s, const struct local_hit *hit)
{
	struct item item = {.is_hit = true, .hit = *hit};

	atomic_fetch_add(&s->hits[hit->reason], 1);
	if (s->no_names)
		leave_out_names(&item.hit);
	add(s, &item);
}

/* --- What goes wrong --- */

static void
say(struct localstore *s, const char *event, const char *error, const char *hint)
{
	struct logline line;

	logline_event(&line, event);
	logline_str(&line, "path", s->folder != NULL ? s->folder : "memory");
	logline_words(&line, "error", error);
	logline_words(&line, "hint", hint);
	logline_end(&line, LOG_LEVEL_ERROR);
}

/* Said once, until it can be written again. */
static void
fail(struct localstore *s, const char *error)
{
	localfile_close(s->file);
	s->file = NULL;
	s->behind = true;
	s->again = clock_ms() + RETRY_MS;
	if (!atomic_exchange(&s->troubled, true))
		say(s, "own-store-failed", error,
		    "see that its user can write there, and the disk; then it goes on");
}

static void
restore(struct localstore *s)
{
	s->aside = false;
	if (atomic_exchange(&s->troubled, false))
		log_event(LOG_LEVEL_INFO, "own-store-restored", "path",
		    s->folder != NULL ? s->folder : "memory");
}

/* A file that is none any more is set aside, once until another one could be written. */
static bool
set_aside(struct localstore *s, enum database_fault fault, const char *error)
{
	if (fault != DATABASE_CORRUPT || s->folder == NULL || s->aside)
		return false;
	localfile_close(s->file);
	s->file = NULL;
	s->aside = s->behind = true;
	localfile_set_aside(s->folder);
	say(s, "own-store-corrupt", error, "it is set aside as local.db.corrupt");
	return true;
}

/* Somebody has removed it: what goes there is read by nobody, and lost at the end. */
static void
leave_gone(struct localstore *s)
{
	localfile_close(s->file);
	s->file = NULL;
	s->behind = true;
	say(s, "own-store-gone", "somebody has removed or replaced local.db",
	    "stop relayguard before that; another one is begun");
}

/* False: there is no file now. */
static bool
open_file(struct localstore *s)
{
	enum database_fault fault = DATABASE_GOOD;
	const char *error = "";

	if (s->file != NULL && !localfile_is_there(s->file, s->folder))
		leave_gone(s);
	if (s->file != NULL)
		return true;
	if (clock_ms() < s->again)
		return false;
	s->file = localfile_open(s->folder, &fault, &error);
	if (s->file == NULL && set_aside(s, fault, error))
		s->file = localfile_open(s->folder, &fault, &error);
	if (s->file == NULL)
		fail(s, error);
	return s->file != NULL;
}

/* --- Writing --- */

static struct local_audit
audit_of(const struct ipaddr *client, enum local_deed deed, const char *by, int64_t now)
{
	struct local_audit a = {.time = now, .client = *client, .deed = deed};

	(void)strbuf_copy(a.by, sizeof(a.by), by);
	(void)strbuf_copy(a.version, sizeof(a.version), PACKAGE_VERSION);
	return a;
}

static enum database_fault
write_change(struct localstore *s, const struct item *item, const char **error)
{
	struct local_audit a =
	    audit_of(&item->entry.client, LOCAL_DEED_LISTED, "relayguard", item->entry.changed);
	enum database_fault fault = localfile_put(s->file, &item->entry, error);

	if (fault != DATABASE_GOOD || item->change != LOCAL_LISTED)
		return fault;
	(void)strbuf_copy(a.reason, sizeof(a.reason), local_reason_name(item->reason));
	(void)strbuf_copy(a.rule, sizeof(a.rule), item->entry.rule[item->reason]);
	a.until = item->entry.until[item->reason];
	return localfile_audit(s->file, &a, error);
}

/* Entries that are written again, for the file may not have them. */
struct rewriting {
	struct localstore *store;
	enum database_fault fault;
	const char **error;
};

static void
rewrite(void *arg, const struct local_entry *entry)
{
	struct rewriting *r = arg;

	if (r->fault == DATABASE_GOOD)
		r->fault = localfile_put(r->store->file, entry, r->error);
}

static enum database_fault
write_items(struct localstore *s, const struct item *item, int64_t now, const char **error)
{
	struct rewriting r = {s, localfile_begin(s->file, error), error};
	bool due = s->expired == 0 || clock_ms() - s->expired >= EXPIRE_MS ||
	    s->written >= EXPIRE_HITS;

	if (r.fault == DATABASE_GOOD && s->behind)
		locallist_each(s->list, 0, rewrite, &r); /* removals, too */
	for (; r.fault == DATABASE_GOOD && item != NULL; item = item->next) {
		s->written += item->is_hit;
		r.fault = item->is_hit ? localfile_hit(s->file, &item->hit, error)
				       : write_change(s, item, error);
	}
	if (r.fault == DATABASE_GOOD && due) {
		s->expired = clock_ms();
		s->written = 0;
		r.fault = localfile_expire(s->file, now, error);
	}
	return localfile_end(s->file, r.fault, error);
}

/* Write what waits, with the file's lock held; false: it cannot be, and is dropped. */
static bool
drain(struct localstore *s)
{
	struct item *all = take_all(s);
	int64_t now = clock_wall();
	const char *error = "";
	enum database_fault fault = DATABASE_FAILED;

	if (open_file(s)) {
		fault = write_items(s, all, now, &error);
		if (set_aside(s, fault, error) && open_file(s))
			fault = write_items(s, all, now, &error);
		if (fault == DATABASE_GOOD) {
			s->behind = false;
			restore(s);
		} else if (s->file != NULL) {
			fail(s, error);
		}
	}
	for (const struct item *i = all; fault != DATABASE_GOOD && i != NULL; i = i->next)
		atomic_fetch_add(&s->dropped, 1);
	free_items(all);
	return fault == DATABASE_GOOD;
}

/* --- The thread --- */

/* Wait until there is something and a little longer for more, or until it is time to look for
 * what is old or to try again; false: it is to end. */
static bool
await(struct localstore *s)
{
	int64_t next = atomic_load(&s->troubled) ? RETRY_MS : EXPIRE_MS;
	struct timespec until = condition_deadline(clock_ms() + next);
	int error = 0;

	while (s->n == 0 && !s->stopping && error == 0)
		error = pthread_cond_timedwait(&s->changed, &s->lock, &until);
	until = condition_deadline(clock_ms() + LOCALSTORE_BATCH_MS);
	for (error = 0; s->n > 0 && !s->stopping && error == 0;)
		error = pthread_cond_timedwait(&s->changed, &s->lock, &until);
	return !s->stopping;
}

static void *
work(void *arg)
{
	struct localstore *s = arg;
	int64_t looked = clock_ms();
	bool goes_on = true;

	while (goes_on) {
		pthread_mutex_lock(&s->lock);
		goes_on = await(s);
		pthread_mutex_unlock(&s->lock);
		pthread_mutex_lock(&s->file_lock);
		(void)drain(s);
		pthread_mutex_unlock(&s->file_lock);
		if (clock_ms() - looked < EXPIRE_MS)
			continue;
		looked = clock_ms();
		locallist_expire(s->list, (uint32_t)clock_wall());
	}
	pthread_mutex_lock(&s->file_lock);
	localfile_close(s->file);
	s->file = NULL;
	pthread_mutex_unlock(&s->file_lock);
	pthread_mutex_lock(&s->lock);
	s->ended = true;
	pthread_cond_broadcast(&s->changed);
	pthread_mutex_unlock(&s->lock);
	return NULL;
}

/* --- Its life --- */

struct localstore *
localstore_new(struct locallist *list, const char *folder, bool no_names)
{
	struct localstore *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return NULL;
	s->list = list;
	s->no_names = no_names;
	s->last = &s->first;
	if (folder != NULL && (s->folder = strdup(folder)) == NULL) {
		free(s);
		return NULL;
	}
	atomic_init(&s->troubled, false);
	atomic_init(&s->dropped, 0);
	for (unsigned i = 0; i < LOCAL_REASONS; i++)
		atomic_init(&s->hits[i], 0);
	pthread_mutex_init(&s->file_lock, NULL);
	pthread_mutex_init(&s->lock, NULL);
	condition_init(&s->changed);
	locallist_watch(list, on_change, s);
	return s;
}

static void
take_entry(void *arg, const struct local_entry *entry)
{
	(void)locallist_put(arg, entry, (uint32_t)clock_wall());
}

static void
load(struct localstore *s)
{
	const char *error = "";
	enum database_fault fault;

	if (!open_file(s))
		return;
	fault = localfile_load(s->file, take_entry, s->list, &error);
	if (fault != DATABASE_GOOD && !set_aside(s, fault, error))
		fail(s, error);
}

bool
localstore_start(struct localstore *s)
{
	pthread_mutex_lock(&s->file_lock);
	load(s);
	pthread_mutex_unlock(&s->file_lock);
	s->running = thread_start(&s->thread, NULL, work, s);
	return s->running;
}

bool
localstore_is_up(const struct localstore *s)
{
	return !atomic_load(&s->troubled);
}

uint64_t
localstore_hits(const struct localstore *s, enum local_reason reason)
{
	return atomic_load(&s->hits[reason]);
}

uint64_t
localstore_dropped(const struct localstore *s)
{
	return atomic_load(&s->dropped);
}

bool
localstore_stop(struct localstore *s)
{
	struct timespec until = condition_deadline(clock_ms() + LOCALSTORE_STOP_MS);
	int error = 0;
	bool ended;

	pthread_mutex_lock(&s->lock);
	s->stopping = true;
	pthread_cond_broadcast(&s->changed);
	while (s->running && !s->ended && error == 0)
		error = pthread_cond_timedwait(&s->changed, &s->lock, &until);
	ended = s->ended || !s->running;
	pthread_mutex_unlock(&s->lock);
	if (ended && s->running) {
		pthread_join(s->thread, NULL);
		s->running = false;
	}
	return ended;
}

void
localstore_free(struct localstore *s)
{
	if (s == NULL || !localstore_stop(s))
		return;
	free_items(s->first);
	localfile_close(s->file);
	pthread_cond_destroy(&s->changed);
	pthread_mutex_destroy(&s->lock);
	pthread_mutex_destroy(&s->file_lock);
	free(s->folder);
	free(s);
}

/* --- What operators do --- */

/* Write a line of the audit, with what waits before it. */
static bool
write_audit(struct localstore *s, const struct local_audit *a)
{
	const char *error = "";

	if (!drain(s))
		return false;
	if (localfile_audit(s->file, a, &error) == DATABASE_GOOD)
		return true;
	fail(s, error);
	return false;
}

enum local_removal
localstore_remove(
    struct localstore *s, const struct ipaddr *client, const char *by, int64_t now)
{
	enum local_removal removal = locallist_remove(s->list, client, (uint32_t)now);
	struct local_audit a = audit_of(client,
	    removal == LOCAL_REMOVAL_HELD ? LOCAL_DEED_HELD : LOCAL_DEED_REMOVED, by, now);

	if (removal == LOCAL_REMOVAL_NONE)
		return removal;
	pthread_mutex_lock(&s->file_lock);
	(void)write_audit(s, &a);
	pthread_mutex_unlock(&s->file_lock);
	return removal;
}

/* Who has nominated a client with evidence, and until when all of that holds. */
struct witnesses {
	int64_t now, until;
	int64_t removed; /* what was said or seen before then counts no more; 0: never */
	char by[WITNESSES_MAX][LOCAL_BY_SIZE];
	unsigned n;
	bool observed; /* it was seen here, too */
};

static void
hear_witness(void *arg, const struct local_audit *a)
{
	struct witnesses *w = arg;

	if (a->deed == LOCAL_DEED_REMOVED || a->deed == LOCAL_DEED_HELD)
		w->removed = a->time > w->removed ? a->time : w->removed;
	if (w->removed != 0 || a->deed != LOCAL_DEED_NOMINATED || a->evidence[0] == '\0' ||
	    a->until <= w->now)
		return;
	for (unsigned i = 0; i < w->n; i++)
		if (strcmp(w->by[i], a->by) == 0)
			return; /* what one has said last counts */
	if (w->n == WITNESSES_MAX)
		return;
	memcpy(w->by[w->n++], a->by, LOCAL_BY_SIZE);
	if (w->until == 0 || a->until < w->until)
		w->until = a->until;
}

static void
see_count(void *arg, const struct local_count *count)
{
	struct witnesses *w = arg;

	w->observed |= count->reason != LOCAL_NOMINATED && count->last > w->removed &&
	    w->now - count->last <= LOCAL_KEEP_S;
}

/* Those of an entry that are no nominations. */
static bool
is_observed(struct locallist *list, const struct ipaddr *client, int64_t now)
{
	struct local_entry e;

	return locallist_find(list, client, (uint32_t)now, &e) &&
	    (e.reasons & ~(1U << LOCAL_NOMINATED)) != 0;
}

/* Write it down, and find who has said the same; false: that cannot be done. */
static bool
note(struct localstore *s, const struct local_audit *a, struct witnesses *w)
{
	const char *error = "";
	bool good = write_audit(s, a) &&
	    localfile_audits(s->file, &a->client, true, READ_MAX, hear_witness, w, &error) ==
		DATABASE_GOOD &&
	    localfile_counts(s->file, &a->client, see_count, w, &error) == DATABASE_GOOD;

	if (!good && s->file != NULL)
		fail(s, error);
	return good;
}

static enum local_nominated
list_nominated(
    struct localstore *s, const struct ipaddr *client, const struct witnesses *w, int64_t now)
{
	const char *rule = w->n >= OPERATORS ? "operators" : "operator+seen";
	enum local_change change = locallist_list_until(
	    s->list, client, LOCAL_NOMINATED, rule, (uint32_t)now, (uint32_t)w->until);

	/* Who nominates is not told that it is done before it is. */
	pthread_mutex_lock(&s->file_lock);
	(void)drain(s);
	pthread_mutex_unlock(&s->file_lock);
	if (change == LOCAL_FULL)
		return LOCAL_NOMINATED_FULL;
	return change == LOCAL_REFUSED ? LOCAL_NOMINATED_REFUSED : LOCAL_NOMINATED_LISTED;
}

enum local_nominated
localstore_nominate(struct localstore *s, const struct local_nomination *n, int64_t now)
{
	struct local_audit a = audit_of(&n->client, LOCAL_DEED_NOMINATED, n->by, now);
	struct witnesses w = {.now = now};
	bool good;

	if (!ipaddr_is_global(&n->client))
		return LOCAL_NOMINATED_REFUSED;
	(void)strbuf_copy(a.why, sizeof(a.why), n->why);
	(void)strbuf_copy(
	    a.evidence, sizeof(a.evidence), n->evidence != NULL ? n->evidence : "");
	(void)strbuf_copy(a.reason, sizeof(a.reason), local_reason_name(LOCAL_NOMINATED));
	a.until = n->until;
	pthread_mutex_lock(&s->file_lock);
	good = note(s, &a, &w);
	pthread_mutex_unlock(&s->file_lock);
	w.observed = w.observed || is_observed(s->list, &n->client, now);
	if (!good)
		return LOCAL_NOMINATED_FAILED;
	if (a.evidence[0] == '\0')
		return LOCAL_NOMINATED_NOTED;
	if (w.n < OPERATORS && !w.observed)
		return LOCAL_NOMINATED_WAITS;
	return list_nominated(s, &n->client, &w, now);
}

/* --- What is known --- */

bool
localstore_read(struct localstore *s, const struct ipaddr *client,
    const struct localstore_reader *reader, const char **error)
{
	bool good;

	*error = "the file cannot be written";
	pthread_mutex_lock(&s->file_lock);
	(void)drain(s);
	good = s->file != NULL &&
	    localfile_counts(s->file, client, reader->count, reader->arg, error) ==
		DATABASE_GOOD &&
	    localfile_hits(s->file, client, reader->hit, reader->arg, error) == DATABASE_GOOD &&
	    localfile_audits(s->file, client, false, READ_MAX, reader->audit, reader->arg,
		error) == DATABASE_GOOD;
	pthread_mutex_unlock(&s->file_lock);
	return good;
}

bool
localstore_requests(struct localstore *s, unsigned max, const struct localstore_reader *reader,
    const char **error)
{
	bool good;

	*error = "the file cannot be written";
	pthread_mutex_lock(&s->file_lock);
	(void)drain(s);
	good = s->file != NULL &&
	    localfile_audits(s->file, NULL, true, max, reader->audit, reader->arg, error) ==
		DATABASE_GOOD;
	pthread_mutex_unlock(&s->file_lock);
	return good;
}

bool
localstore_forget(
    struct localstore *s, const struct ipaddr *client, unsigned *rows, const char **error)
{
	bool good;

	*rows = 0;
	*error = "the file cannot be written";
	pthread_mutex_lock(&s->file_lock);
	good = drain(s) && localfile_forget(s->file, client, rows, error) == DATABASE_GOOD;
	pthread_mutex_unlock(&s->file_lock);
	return good;
}
