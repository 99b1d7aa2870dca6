/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * own/locallist.c - a set-associative table.  What is over stays until its place is wanted,
 * for whoever comes again is listed for longer.
 */
#include "config.h"

#include "own/locallist.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/assoc.h"
#include "base/strbuf.h"

#define DAY_S 86400U
#define SHARES 65536     /* counters of networks; two may meet in one by chance */
#define STEP_S 600       /* an end is moved by no less, or each hit would be a change */
#define CHUNK 256        /* entries read at a time, while others wait */
#define NETWORK_BITS6 48 /* of which a share is counted */

/* A client for one reason. */
struct stay {
	uint32_t since, until;
	uint8_t times, rule;
};

struct record {
	struct assoc_entry entry;
	struct ipaddr client;
	uint32_t changed, held;
	uint32_t removed[LOCAL_REMOVALS];
	struct stay stay[LOCAL_REASONS];
};

_Static_assert(sizeof(struct record) <= 128, "65,536 clients have 8 MiB");

struct locallist {
	pthread_mutex_t lock; /* guards what follows, but for the watchers */
	struct assoc *table;
	size_t share_max;
	uint32_t *share; /* entries of the networks that have such a counter */
	uint32_t life[LOCAL_LIVES];
	char rule[LOCAL_RULES][LOCAL_RULE_SIZE]; /* the first is "" */
	unsigned nrules;
	struct local_figures figures; /* since the start */
	local_watcher *watcher[LOCAL_WATCHERS];
	void *arg[LOCAL_WATCHERS];
	unsigned nwatchers;
};

static const char *const names[LOCAL_REASONS] = {
    [LOCAL_PROBE] = "probe",
    [LOCAL_TRAP] = "trap",
    [LOCAL_DICTIONARY] = "dictionary",
    [LOCAL_BACKSCATTER] = "backscatter",
    [LOCAL_NOMINATED] = "nominated",
    [LOCAL_HELO] = "helo",
};

const char *
local_reason_name(enum local_reason reason)
{
	return names[reason];
}

enum local_reason
local_reason_parse(const char *name)
{
	unsigned i = 0;

	while (i < LOCAL_REASONS && strcmp(name, names[i]) != 0)
		i++;
	return (enum local_reason)i;
}

struct locallist *
locallist_new(size_t clients)
{
	struct locallist *l = calloc(1, sizeof(*l));

	if (l == NULL)
		return NULL;
	pthread_mutex_init(&l->lock, NULL);
	l->nrules = 1;
	l->share_max = clients / LOCALLIST_SHARE;
	locallist_configure(
	    l, (const uint32_t[LOCAL_LIVES]){DAY_S, 2 * DAY_S, 4 * DAY_S, 7 * DAY_S});
	l->table = assoc_new(clients, sizeof(struct record));
	l->share = calloc(SHARES, sizeof(l->share[0]));
	if (l->table != NULL && l->share != NULL)
		return l;
	locallist_free(l);
	return NULL;
}

void
locallist_free(struct locallist *l)
{
	if (l == NULL)
		return;
	assoc_free(l->table);
	free(l->share);
	pthread_mutex_destroy(&l->lock);
	free(l);
}

void
locallist_configure(struct locallist *l, const uint32_t life[LOCAL_LIVES])
{
	pthread_mutex_lock(&l->lock);
	memcpy(l->life, life, sizeof(l->life));
	pthread_mutex_unlock(&l->lock);
}

void
locallist_watch(struct locallist *l, local_watcher *watcher, void *arg)
{
	l->watcher[l->nwatchers] = watcher;
	l->arg[l->nwatchers++] = arg;
}

/* --- Places --- */

/* A client is an address; of IPv6 a /64, of which one host may have any. */
static struct ipaddr
client_of(const struct ipaddr *addr)
{
	struct ipaddr client = *addr;

	ipaddr_mask(&client, addr->bits == 32 ? 32 : 64);
	return client;
}

static uint64_t
key_of(const struct locallist *l, const struct ipaddr *client)
{
	return assoc_key(l->table, client, sizeof(*client));
}

/* The counter of a client's network; NULL: nobody has two of IPv4 as cheaply. */
static uint32_t *
share_of(const struct locallist *l, const struct ipaddr *client)
{
	struct ipaddr network = *client;

	if (client->bits == 32)
		return NULL;
	ipaddr_mask(&network, NETWORK_BITS6);
	return &l->share[assoc_key(l->table, &network, sizeof(network)) % SHARES];
}

/* The reasons that hold, as bits. */
static uint8_t
reasons_at(const struct record *r, uint32_t now)
{
	unsigned reasons = 0;

	for (unsigned i = 0; i < LOCAL_REASONS; i++)
		if (now < r->stay[i].until)
			reasons |= 1U << i;
	return (uint8_t)reasons;
}

/* The seconds from one time to another; none where a clock has gone back. */
static uint32_t
passed(uint32_t from, uint32_t to)
{
	return to > from ? to - from : 0;
}

/* When the last of its reasons ends, or ended. */
static uint32_t
end_of(const struct record *r)
{
	uint32_t end = 0;

	for (unsigned i = 0; i < LOCAL_REASONS; i++)
		if (r->stay[i].until > end)
			end = r->stay[i].until;
	return end;
}

/* What an entry is worth: that of its strongest reason, 0 where it is over. */
static unsigned
worth(const struct record *r, uint32_t now)
{
	static const uint8_t strength[LOCAL_REASONS] = {
	    [LOCAL_HELO] = 1,
	    [LOCAL_DICTIONARY] = 2,
	    [LOCAL_BACKSCATTER] = 3,
	    [LOCAL_PROBE] = 4,
	    [LOCAL_TRAP] = 5,
	    [LOCAL_NOMINATED] = 6,
	};
	uint8_t reasons = reasons_at(r, now);
	unsigned best = 0;

	for (unsigned i = 0; i < LOCAL_REASONS; i++)
		if ((reasons >> i & 1) != 0 && strength[i] > best)
			best = strength[i];
	return best;
}

/* Whether one is to go rather than another. */
static bool
goes_before(const struct record *one, const struct record *other, uint32_t now)
{
	unsigned a = worth(one, now), b = worth(other, now);

	if (one->entry.key == 0 || other->entry.key == 0)
		return one->entry.key == 0 && other->entry.key != 0;
	if (a != b)
		return a < b;
	return one->changed < other->changed;
}

/* The place of which somebody has to go; NULL: the client's network has had its share. */
static struct record *
find_place(struct locallist *l, uint64_t key, const struct ipaddr *client, uint32_t now)
{
	const uint32_t *share = share_of(l, client);
	bool full = share != NULL && *share >= l->share_max;
	struct record *place = NULL, *r;

	for (size_t i = 0; (r = assoc_way(l->table, key, i)) != NULL; i++) {
		if (full && (r->entry.key == 0 || share_of(l, &r->client) != share))
			continue;
		if (place == NULL || goes_before(r, place, now))
			place = r;
	}
	return place;
}

static void
leave_place(struct locallist *l, struct record *r)
{
	uint32_t *share = share_of(l, &r->client);

	if (r->entry.key != 0 && share != NULL)
		--*share;
	*r = (struct record){.entry = {.key = 0}};
}

/* The record of a client, which may be new; NULL: there is no place for it. */
static struct record *
take(struct locallist *l, const struct ipaddr *client, uint32_t now)
{
	uint64_t key = key_of(l, client);
	struct record *r = assoc_find(l->table, key);
	uint32_t *share = share_of(l, client);

	if (r != NULL)
		return r;
	r = find_place(l, key, client, now);
	if (r == NULL || worth(r, now) > 0)
		l->figures.full++;
	if (r == NULL)
		return NULL;
	leave_place(l, r);
	r->entry.key = key;
	r->client = *client;
	if (share != NULL)
		++*share;
	return r;
}

/* --- Copies --- */

static uint8_t
keep_rule(struct locallist *l, const char *text)
{
	char rule[LOCAL_RULE_SIZE];

	(void)strbuf_copy(rule, sizeof(rule), text);
	for (unsigned i = 0; i < l->nrules; i++)
		if (strcmp(l->rule[i], rule) == 0)
			return (uint8_t)i;
	if (l->nrules == LOCAL_RULES)
		return 0;
	memcpy(l->rule[l->nrules], rule, sizeof(rule));
	return (uint8_t)l->nrules++;
}

static void
copy(const struct locallist *l, const struct record *r, uint32_t now, struct local_entry *e)
{
	*e = (struct local_entry){.client = r->client,
	    .reasons = reasons_at(r, now),
	    .held = r->held,
	    .changed = r->changed};
	memcpy(e->removed, r->removed, sizeof(e->removed));
	for (unsigned i = 0; i < LOCAL_REASONS; i++) {
		e->since[i] = r->stay[i].since;
		e->until[i] = r->stay[i].until;
		e->times[i] = r->stay[i].times;
		memcpy(e->rule[i], l->rule[r->stay[i].rule], LOCAL_RULE_SIZE);
	}
}

static void
tell(const struct locallist *l, const struct record *r, enum local_change change,
    enum local_reason reason, uint32_t now)
{
	struct local_entry e;

	if (change == LOCAL_SAME)
		return;
	copy(l, r, now, &e);
	for (unsigned i = 0; i < l->nwatchers; i++)
		l->watcher[i](l->arg[i], &e, change, reason);
}

/* --- Listing --- */

static uint32_t
life_of(const struct locallist *l, unsigned times)
{
	return l->life[times < LOCAL_LIVES ? times - 1 : LOCAL_LIVES - 1];
}

static void
add_time(struct stay *s)
{
	s->times += s->times < UINT8_MAX;
}

/* Who goes on for as long as a listing lasts is listed for longer. */
static void
renew(const struct locallist *l, struct stay *s, uint32_t now)
{
	if (passed(s->since, now) >= life_of(l, s->times))
		add_time(s);
}

static void
begin(struct stay *s, uint32_t now)
{
	if (s->until != 0 && passed(s->until, now) > LOCAL_KEEP_S)
		s->times = 0;
	add_time(s);
	s->since = now;
}

/* List for a reason until then; 0: for the lifetime that is due. */
static enum local_change
list_for(struct locallist *l, struct record *r, struct stay *s, const char *rule, uint32_t now,
    uint32_t until)
{
	bool anew = now >= s->until, dated = until != 0;

	if (anew)
		begin(s, now);
	else
		renew(l, s, now);
	if (!dated)
		until = now + life_of(l, s->times);
	if (!anew && !dated && until < s->until + STEP_S)
		return LOCAL_SAME;
	s->until = until;
	s->rule = keep_rule(l, rule);
	r->changed = now;
	return anew ? LOCAL_LISTED : LOCAL_RENEWED;
}

static enum local_change
list(struct locallist *l, const struct ipaddr *addr, enum local_reason reason, const char *rule,
    uint32_t now, uint32_t until)
{
	struct ipaddr client = client_of(addr);
	enum local_change change = LOCAL_FULL;
	struct record *r;

	if (!ipaddr_is_global(addr))
		return LOCAL_REFUSED;
	pthread_mutex_lock(&l->lock);
	if ((r = take(l, &client, now)) != NULL) {
		change = list_for(l, r, &r->stay[reason], rule, now, until);
		l->figures.listed[reason] += change == LOCAL_LISTED;
		tell(l, r, change, reason, now);
	}
	pthread_mutex_unlock(&l->lock);
	return change;
}

enum local_change
locallist_list(struct locallist *l, const struct ipaddr *addr, enum local_reason reason,
    const char *rule, uint32_t now)
{
	return list(l, addr, reason, rule, now, 0);
}

enum local_change
locallist_list_until(struct locallist *l, const struct ipaddr *addr, enum local_reason reason,
    const char *rule, uint32_t now, uint32_t until)
{
	return until > now ? list(l, addr, reason, rule, now, until) : LOCAL_SAME;
}

bool
locallist_find(
    struct locallist *l, const struct ipaddr *addr, uint32_t now, struct local_entry *e)
{
	struct ipaddr client = client_of(addr);
	const struct record *r;

	*e = (struct local_entry){.reasons = 0};
	pthread_mutex_lock(&l->lock);
	if ((r = assoc_find(l->table, key_of(l, &client))) != NULL)
		copy(l, r, now, e);
	pthread_mutex_unlock(&l->lock);
	return e->reasons != 0;
}

/* --- Removal --- */

/* No sooner than what it ends: the clock of the node that has listed it may be ahead. */
static uint32_t
removal_time(const struct record *r, uint32_t now)
{
	uint32_t at = now;

	for (unsigned i = 0; i < LOCAL_REASONS; i++)
		if (r->stay[i].since > at)
			at = r->stay[i].since;
	return at;
}

/* How many removals there were of late, and note another one. */
static unsigned
note_removal(struct record *r, uint32_t now)
{
	unsigned n = 0;

	for (unsigned i = 0; i < LOCAL_REMOVALS; i++)
		n += r->removed[i] != 0 && passed(r->removed[i], now) < LOCAL_REMOVALS_S;
	memmove(&r->removed[1], &r->removed[0], sizeof(r->removed) - sizeof(r->removed[0]));
	r->removed[0] = removal_time(r, now);
	return n;
}

static void
end_by(struct record *r, uint32_t end)
{
	for (unsigned i = 0; i < LOCAL_REASONS; i++)
		if (r->stay[i].until > end)
			r->stay[i].until = end;
}

static enum local_removal
remove_locked(struct locallist *l, struct record *r, uint32_t now)
{
	bool hold;

	if (now < r->held)
		return LOCAL_REMOVAL_HELD;
	hold = note_removal(r, now) + 1 >= LOCAL_REMOVALS;
	r->held = hold ? now + LOCAL_HOLD_S : 0;
	end_by(r, hold ? r->held : now);
	r->changed = now;
	l->figures.removals++;
	l->figures.holds += hold;
	tell(l, r, hold ? LOCAL_HELD : LOCAL_REMOVED, LOCAL_REASONS, now);
	return hold ? LOCAL_REMOVAL_HELD : LOCAL_REMOVAL_DONE;
}

enum local_removal
locallist_remove(struct locallist *l, const struct ipaddr *addr, uint32_t now)
{
	struct ipaddr client = client_of(addr);
	enum local_removal removal = LOCAL_REMOVAL_NONE;
	struct record *r;

	pthread_mutex_lock(&l->lock);
	r = assoc_find(l->table, key_of(l, &client));
	if (r != NULL && reasons_at(r, now) != 0)
		removal = remove_locked(l, r, now);
	pthread_mutex_unlock(&l->lock);
	return removal;
}

/* --- All of it --- */

static void
put_locked(struct locallist *l, struct record *r, const struct local_entry *e)
{
	r->changed = e->changed;
	r->held = e->held;
	memcpy(r->removed, e->removed, sizeof(r->removed));
	for (unsigned i = 0; i < LOCAL_REASONS; i++)
		r->stay[i] = (struct stay){.since = e->since[i],
		    .until = e->until[i],
		    .times = e->times[i] > 0 ? e->times[i] : e->until[i] != 0,
		    .rule = keep_rule(l, e->rule[i])};
}

bool
locallist_put(struct locallist *l, const struct local_entry *e, uint32_t now)
{
	struct ipaddr client = client_of(&e->client);
	struct record *r;
	bool good;

	if (!ipaddr_is_global(&client))
		return false;
	pthread_mutex_lock(&l->lock);
	r = assoc_find(l->table, key_of(l, &client));
	good = r == NULL || e->changed >= r->changed;
	if (good && (r = take(l, &client, now)) != NULL)
		put_locked(l, r, e);
	pthread_mutex_unlock(&l->lock);
	return good && r != NULL;
}

/* Add a removal where it belongs, newest first; each once. */
static void
join_removal(uint32_t removed[LOCAL_REMOVALS], uint32_t at)
{
	for (unsigned i = 0; i < LOCAL_REMOVALS && at != 0; i++) {
		uint32_t before = removed[i];

		if (before == at)
			return;
		if (before > at)
			continue;
		removed[i] = at;
		at = before;
	}
}

static void
join_stay(struct locallist *l, struct stay *s, const struct local_entry *e, unsigned i)
{
	if (e->since[i] > s->since || (e->since[i] == s->since && e->until[i] > s->until)) {
		s->since = e->since[i];
		s->until = e->until[i];
		s->rule = keep_rule(l, e->rule[i]);
	}
	if (e->times[i] > s->times)
		s->times = e->times[i];
}

static void
join_locked(struct locallist *l, struct record *r, const struct local_entry *e)
{
	uint32_t end;

	if (e->removed[0] > r->removed[0] ||
	    (e->removed[0] == r->removed[0] && e->held > r->held))
		r->held = e->held;
	if (e->changed > r->changed)
		r->changed = e->changed;
	for (unsigned i = 0; i < LOCAL_REMOVALS; i++)
		join_removal(r->removed, e->removed[i]);
	end = r->held > r->removed[0] ? r->held : r->removed[0];
	for (unsigned i = 0; i < LOCAL_REASONS; i++) {
		join_stay(l, &r->stay[i], e, i);
		if (r->stay[i].since <= r->removed[0] && r->stay[i].until > end)
			r->stay[i].until = end;
	}
}

bool
locallist_join(struct locallist *l, const struct local_entry *e, uint32_t now)
{
	struct ipaddr client = client_of(&e->client);
	struct record *r;

	if (!ipaddr_is_global(&client))
		return false;
	pthread_mutex_lock(&l->lock);
	if ((r = take(l, &client, now)) != NULL) {
		join_locked(l, r, e);
		tell(l, r, LOCAL_JOINED, LOCAL_REASONS, now);
	}
	pthread_mutex_unlock(&l->lock);
	return r != NULL;
}

void
locallist_each(struct locallist *l, uint32_t now,
    void (*fn)(void *arg, const struct local_entry *), void *arg)
{
	struct local_entry *some = malloc(CHUNK * sizeof(*some));
	const struct record *r;
	size_t next = 0;

	do {
		size_t n = 0, end = next + CHUNK;

		pthread_mutex_lock(&l->lock);
		while (some != NULL && next < end && (r = assoc_at(l->table, next)) != NULL) {
			next++;
			if (r->entry.key != 0 && reasons_at(r, now) != 0)
				copy(l, r, now, &some[n++]);
		}
		end -= next;
		pthread_mutex_unlock(&l->lock);
		for (size_t i = 0; i < n; i++)
			fn(arg, &some[i]);
		if (end > 0)
			break;
	} while (some != NULL);
	free(some);
}

void
locallist_expire(struct locallist *l, uint32_t now)
{
	struct record *r = NULL;
	size_t i = 0;

	do {
		pthread_mutex_lock(&l->lock);
		for (size_t end = i + CHUNK; i < end && (r = assoc_at(l->table, i)) != NULL;
		     i++)
			if (r->entry.key != 0 && passed(end_of(r), now) > LOCAL_KEEP_S)
				leave_place(l, r);
		pthread_mutex_unlock(&l->lock);
	} while (r != NULL);
}

static void
count(void *arg, const struct local_entry *e)
{
	struct local_figures *f = arg;

	f->clients++;
	for (unsigned i = 0; i < LOCAL_REASONS; i++)
		f->entries[i] += e->reasons >> i & 1;
}

void
locallist_figures(struct locallist *l, uint32_t now, struct local_figures *f)
{
	pthread_mutex_lock(&l->lock);
	*f = l->figures;
	pthread_mutex_unlock(&l->lock);
	locallist_each(l, now, count, f);
}
