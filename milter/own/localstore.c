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
#include "base/log.h"
#include "base/strbuf.h"
#include "os/thread.h"
#include "own/localqueue.h"
#include "own/witnesses.h"

#define EXPIRE_MS 3600000
#define EXPIRE_HITS 16384 /* that are written until what is too much is looked for */
#define RETRY_MS 10000    /* between two attempts to open or write what could not be */
#define ELSEWHERE "at another node"

struct localstore {
	struct locallist *list;
	char *folder; /* or NULL */
	bool no_names;
	pthread_t thread;
	bool running;

	struct localqueue *queue;
	localstore_watcher *watcher; /* or NULL */
	void *watcher_arg;

	pthread_mutex_t lock;   /* guards what follows, and whoever empties the queue */
	struct localfile *file; /* NULL: it cannot be opened */
	bool behind;            /* entries are to be written that are not in the queue */
	bool aside;             /* a damaged file was set aside since one was written */
	int64_t again;          /* no attempt before then, in clock_ms() */
	int64_t expired;        /* when it was looked for what is old, in clock_ms() */
	unsigned written;       /* hits since then */

	atomic_bool troubled;
	atomic_uint_least64_t dropped, hits[LOCAL_REASONS];
};

/* --- What is to be written --- */

static void
add(struct localstore *s, const struct localitem *item)
{
	if (!localqueue_add(s->queue, item))
		atomic_fetch_add(&s->dropped, 1);
}

static void
on_change(void *arg, const struct local_entry *entry, enum local_change change,
    enum local_reason reason)
{
	add(arg,
	    &(struct localitem){
		.kind = LOCALITEM_ENTRY, .entry = *entry, .change = change, .reason = reason});
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
	struct localitem item = {.kind = LOCALITEM_HIT, .hit = *hit};

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
write_change(struct localstore *s, const struct localitem *item, const char **error)
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

static enum local_change
list_nominated(
    struct localstore *s, const struct ipaddr *client, const struct witnesses *w, int64_t now)
{
	return locallist_list_until(s->list, client, LOCAL_NOMINATED, witnesses_rule(w),
	    (uint32_t)now, (uint32_t)w->until);
}

/* What was said at another node may suffice with what was said here. */
static enum database_fault
write_witness(struct localstore *s, const struct witness *said, const char **error)
{
	struct local_audit a =
	    audit_of(&said->client, LOCAL_DEED_NOMINATED, said->by, said->time);
	int64_t now = clock_wall();
	enum database_fault fault;
	struct witnesses w;
	bool is_new;

	(void)strbuf_copy(a.reason, sizeof(a.reason), local_reason_name(LOCAL_NOMINATED));
	(void)strbuf_copy(a.evidence, sizeof(a.evidence), ELSEWHERE);
	a.until = said->until;
	fault = localfile_audit_once(s->file, &a, &is_new, error);
	if (fault != DATABASE_GOOD || !is_new)
		return fault;
	fault = witnesses_find(&w, s->file, s->list, &said->client, now, error);
	if (fault == DATABASE_GOOD && witnesses_suffice(&w))
		(void)list_nominated(s, &said->client, &w, now);
	return fault;
}

static enum database_fault
write_item(struct localstore *s, const struct localitem *item, const char **error)
{
	switch (item->kind) {
	case LOCALITEM_ENTRY:
		return write_change(s, item, error);
	case LOCALITEM_HIT:
		return localfile_hit(s->file, &item->hit, error);
	case LOCALITEM_WITNESS:
		return write_witness(s, &item->witness, error);
	}
	return DATABASE_GOOD;
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
write_items(struct localstore *s, const struct localitem *item, int64_t now, const char **error)
{
	struct rewriting r = {s, localfile_begin(s->file, error), error};
	bool due = s->expired == 0 || clock_ms() - s->expired >= EXPIRE_MS ||
	    s->written >= EXPIRE_HITS;

	if (r.fault == DATABASE_GOOD && s->behind)
		locallist_each(s->list, 0, rewrite, &r); /* removals, too */
	for (; r.fault == DATABASE_GOOD && item != NULL; item = item->next) {
		s->written += item->kind == LOCALITEM_HIT;
		r.fault = write_item(s, item, error);
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
	struct localitem *all = localqueue_take(s->queue);
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
	for (const struct localitem *i = all; fault != DATABASE_GOOD && i != NULL; i = i->next)
		atomic_fetch_add(&s->dropped, 1);
	localqueue_free_items(all);
	return fault == DATABASE_GOOD;
}

/* --- The thread --- */

static void *
work(void *arg)
{
	struct localstore *s = arg;
	int64_t looked = clock_ms();
	bool goes_on = true;

	while (goes_on) {
		goes_on = localqueue_await(s->queue,
		    atomic_load(&s->troubled) ? RETRY_MS : EXPIRE_MS, LOCALSTORE_BATCH_MS);
		pthread_mutex_lock(&s->lock);
		(void)drain(s);
		pthread_mutex_unlock(&s->lock);
		if (clock_ms() - looked < EXPIRE_MS)
			continue;
		looked = clock_ms();
		locallist_expire(s->list, (uint32_t)clock_wall());
	}
	pthread_mutex_lock(&s->lock);
	localfile_close(s->file);
	s->file = NULL;
	pthread_mutex_unlock(&s->lock);
	localqueue_end(s->queue);
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
	if ((folder != NULL && (s->folder = strdup(folder)) == NULL) ||
	    (s->queue = localqueue_new()) == NULL) {
		free(s->folder);
		free(s);
		return NULL;
	}
	atomic_init(&s->troubled, false);
	atomic_init(&s->dropped, 0);
	for (unsigned i = 0; i < LOCAL_REASONS; i++)
		atomic_init(&s->hits[i], 0);
	pthread_mutex_init(&s->lock, NULL);
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
	pthread_mutex_lock(&s->lock);
	load(s);
	pthread_mutex_unlock(&s->lock);
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
	bool ended = !s->running || localqueue_stop(s->queue, LOCALSTORE_STOP_MS);

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
	localqueue_free(s->queue);
	localfile_close(s->file);
	pthread_mutex_destroy(&s->lock);
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
	pthread_mutex_lock(&s->lock);
	(void)write_audit(s, &a);
	pthread_mutex_unlock(&s->lock);
	return removal;
}

/* Write it down, and find who has said the same; false: that cannot be done. */
static bool
note(struct localstore *s, const struct local_audit *a, struct witnesses *w, int64_t now)
{
	const char *error = "";
	bool good = write_audit(s, a) &&
	    witnesses_find(w, s->file, s->list, &a->client, now, &error) == DATABASE_GOOD;

	if (!good && s->file != NULL)
		fail(s, error);
	return good;
}

static void
tell(const struct localstore *s, const struct local_audit *a)
{
	struct witness w = {.client = a->client, .time = a->time, .until = a->until};

	memcpy(w.by, a->by, sizeof(w.by));
	if (s->watcher != NULL && a->evidence[0] != '\0')
		s->watcher(s->watcher_arg, &w);
}

static enum local_nominated
nominate(
    struct localstore *s, const struct ipaddr *client, const struct witnesses *w, int64_t now)
{
	enum local_change change = list_nominated(s, client, w, now);

	/* Who nominates is not told that it is done before it is. */
	pthread_mutex_lock(&s->lock);
	(void)drain(s);
	pthread_mutex_unlock(&s->lock);
	if (change == LOCAL_FULL)
		return LOCAL_NOMINATED_FULL;
	return change == LOCAL_REFUSED ? LOCAL_NOMINATED_REFUSED : LOCAL_NOMINATED_LISTED;
}

enum local_nominated
localstore_nominate(struct localstore *s, const struct local_nomination *n, int64_t now)
{
	struct local_audit a = audit_of(&n->client, LOCAL_DEED_NOMINATED, n->by, now);
	struct witnesses w;
	bool good;

	if (!ipaddr_is_global(&n->client))
		return LOCAL_NOMINATED_REFUSED;
	(void)strbuf_copy(a.why, sizeof(a.why), n->why);
	(void)strbuf_copy(
	    a.evidence, sizeof(a.evidence), n->evidence != NULL ? n->evidence : "");
	(void)strbuf_copy(a.reason, sizeof(a.reason), local_reason_name(LOCAL_NOMINATED));
	a.until = n->until;
	pthread_mutex_lock(&s->lock);
	good = note(s, &a, &w, now);
	pthread_mutex_unlock(&s->lock);
	if (!good)
		return LOCAL_NOMINATED_FAILED;
	tell(s, &a);
	if (a.evidence[0] == '\0')
		return LOCAL_NOMINATED_NOTED;
	if (!witnesses_suffice(&w))
		return LOCAL_NOMINATED_WAITS;
	return nominate(s, &n->client, &w, now);
}

void
localstore_watch(struct localstore *s, localstore_watcher *watcher, void *arg)
{
	s->watcher = watcher;
	s->watcher_arg = arg;
}

void
localstore_heard(struct localstore *s, const struct witness *w)
{
	add(s, &(struct localitem){.kind = LOCALITEM_WITNESS, .witness = *w});
}

/* --- What is known --- */

bool
localstore_read(struct localstore *s, const struct ipaddr *client,
    const struct local_reader *reader, const char **error)
{
	bool good;

	*error = "the file cannot be written";
	pthread_mutex_lock(&s->lock);
	(void)drain(s);
	good = s->file != NULL &&
	    localfile_counts(s->file, client, reader, error) == DATABASE_GOOD &&
	    localfile_hits(s->file, client, reader, error) == DATABASE_GOOD &&
	    localfile_audits(s->file, client, false, LOCALFILE_READ_MAX, reader, error) ==
		DATABASE_GOOD;
	pthread_mutex_unlock(&s->lock);
	return good;
}

bool
localstore_requests(
    struct localstore *s, unsigned max, const struct local_reader *reader, const char **error)
{
	bool good;

	*error = "the file cannot be written";
	pthread_mutex_lock(&s->lock);
	(void)drain(s);
	good = s->file != NULL &&
	    localfile_audits(s->file, NULL, true, max, reader, error) == DATABASE_GOOD;
	pthread_mutex_unlock(&s->lock);
	return good;
}

bool
localstore_forget(
    struct localstore *s, const struct ipaddr *client, unsigned *rows, const char **error)
{
	bool good;

	*rows = 0;
	*error = "the file cannot be written";
	pthread_mutex_lock(&s->lock);
	good = drain(s) && localfile_forget(s->file, client, rows, error) == DATABASE_GOOD;
	pthread_mutex_unlock(&s->lock);
	return good;
}
