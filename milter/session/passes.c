/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * session/passes.c - a sorted array of each kind, searched once for each length of a network
 * that there is.  What is over stays until room is wanted, and is not found.
 */
#include "config.h"

#include "session/passes.h"

#include <pthread.h>
#include <sodium.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/strbuf.h"
#include "session/pass.h"

#define LENGTHS 129
#define BY_PAGE "page"

struct table {
	atomic_size_t n; /* of them all; changes with the lock */
	struct pass *pass[PASSES_MAX];
	unsigned used[LENGTHS]; /* how many there are of a length */
};

struct passes {
	pthread_rwlock_t lock; /* guards the tables */
	struct table table[PASS_KINDS];
	struct {
		void (*changed)(void *arg); /* NULL: there is no such keeper */
		void *arg;
	} keeper[PASS_KEEPERS];
};

struct passes *
passes_new(void)
{
	struct passes *p = calloc(1, sizeof(*p));

	if (p == NULL)
		return NULL;
	for (unsigned kind = 0; kind < PASS_KINDS; kind++)
		atomic_init(&p->table[kind].n, 0);
	(void)!sodium_init(); /* it only chooses the fastest ways */
	pthread_rwlock_init(&p->lock, NULL);
	return p;
}

void
passes_free(struct passes *p)
{
	if (p == NULL)
		return;
	for (unsigned kind = 0; kind < PASS_KINDS; kind++)
		for (size_t i = 0; i < p->table[kind].n; i++)
			free(p->table[kind].pass[i]);
	pthread_rwlock_destroy(&p->lock);
	free(p);
}

/* --- A table; whoever calls has the lock --- */

static int
compare(const struct network *a, const struct network *b)
{
	if (a->len != b->len)
		return a->len < b->len ? -1 : 1;
	return ipaddr_compare(&a->addr, &b->addr);
}

/* The place of a network, or where it would be; whether it is there. */
static bool
find_place(const struct table *t, const struct network *network, size_t *place)
{
	size_t low = 0, high = t->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = compare(&t->pass[middle]->network, network);

		if (order == 0) {
			*place = middle;
			return true;
		}
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	*place = low;
	return false;
}

static void
remove_at(struct table *t, size_t place)
{
	struct pass *gone = t->pass[place];

	t->used[gone->network.len]--;
	t->n--;
	memmove(&t->pass[place], &t->pass[place + 1], (t->n - place) * sizeof(t->pass[0]));
	free(gone);
}

static void
insert_at(struct table *t, size_t place, struct pass *pass)
{
	memmove(&t->pass[place + 1], &t->pass[place], (t->n - place) * sizeof(t->pass[0]));
	t->pass[place] = pass;
	t->used[pass->network.len]++;
	t->n++;
}

static int64_t
known_until(const struct pass *pass)
{
	return pass->kept > pass->until ? pass->kept : pass->until;
}

static void
remove_old(struct table *t)
{
	int64_t now = clock_ms();
	size_t kept = 0;

	for (size_t i = 0; i < t->n; i++) {
		if (known_until(t->pass[i]) > now) {
			t->pass[kept++] = t->pass[i];
			continue;
		}
		t->used[t->pass[i]->network.len]--;
		free(t->pass[i]);
	}
	t->n = kept;
}

/* Make room in a table that is full, by the oldest that is not good any more. */
static void
remove_oldest(struct table *t)
{
	int64_t now = clock_ms(), first = INT64_MAX;
	size_t oldest = t->n;

	for (size_t i = 0; t->n == PASSES_MAX && i < t->n; i++)
		if (t->pass[i]->until <= now && t->pass[i]->kept < first) {
			first = t->pass[i]->kept;
			oldest = i;
		}
	if (oldest < t->n)
		remove_at(t, oldest);
}

/* Put a pass (copied) where its network has none; false: there is no room. */
static bool
put(struct table *t, const struct pass *pass)
{
	struct pass *copy = t->n < PASSES_MAX ? malloc(sizeof(*copy)) : NULL;
	size_t place;

	if (copy == NULL)
		return false;
	*copy = *pass;
	(void)find_place(t, &pass->network, &place);
	insert_at(t, place, copy);
	return true;
}

/* --- Keepers; whoever calls has the lock --- */

/* One of the page's has changed, by what a keeper has (PASS_KEEPERS: by nobody's), who need
 * not take it. */
static void
note_change(struct passes *p, struct pass *pass, enum pass_keeper by)
{
	for (enum pass_keeper k = 0; k < PASS_KEEPERS; k++) {
		if (k == by || p->keeper[k].changed == NULL)
			continue;
		pass->changed |= 1U << k;
		p->keeper[k].changed(p->keeper[k].arg);
	}
}

/* --- The administrator's --- */

bool
passes_add(struct passes *p, const struct pass *pass, struct pass *before)
{
	struct table *t = &p->table[PASS_ADMINISTRATOR];
	size_t place;
	bool good;

	*before = (struct pass){.until = 0};
	pthread_rwlock_wrlock(&p->lock);
	remove_old(t);
	if (find_place(t, &pass->network, &place)) {
		*before = *t->pass[place];
		*t->pass[place] = *pass;
		good = true;
	} else {
		good = put(t, pass);
	}
	pthread_rwlock_unlock(&p->lock);
	return good;
}

/* One of the page's stays, so that the network is not given another. */
static bool
end_granted(struct passes *p, const struct network *network)
{
	struct table *t = &p->table[PASS_PAGE];
	size_t place;

	if (!find_place(t, network, &place) || t->pass[place]->until <= clock_ms())
		return false;
	t->pass[place]->until = clock_ms();
	t->pass[place]->ended = true;
	note_change(p, t->pass[place], PASS_KEEPERS);
	return true;
}

bool
passes_end(struct passes *p, const struct network *network)
{
	struct table *t = &p->table[PASS_ADMINISTRATOR];
	bool known;
	size_t place;

	pthread_rwlock_wrlock(&p->lock);
	remove_old(t);
	known = find_place(t, network, &place);
	if (known)
		remove_at(t, place);
	known |= end_granted(p, network);
	pthread_rwlock_unlock(&p->lock);
	return known;
}

static bool
find_good(const struct table *t, const struct ipaddr *addr, struct pass *out)
{
	int64_t now = clock_ms();

	for (int len = addr->bits; len >= 0; len--) {
		struct network network = {.addr = *addr, .len = (unsigned)len};
		size_t place;

		if (t->used[len] == 0)
			continue;
		ipaddr_mask(&network.addr, network.len);
		if (!find_place(t, &network, &place) || t->pass[place]->until <= now)
			continue;
		*out = *t->pass[place];
		return true;
	}
	return false;
}

/* Whether there is nothing to be found, for which nobody need wait. */
static bool
is_empty(const struct passes *p, enum pass_kind kind, const struct ipaddr *addr)
{
	return addr->bits == 0 ||
	    atomic_load_explicit(&p->table[kind].n, memory_order_relaxed) == 0;
}

bool
passes_find(struct passes *p, const struct ipaddr *addr, struct pass *out)
{
	bool found;

	if (is_empty(p, PASS_ADMINISTRATOR, addr))
		return false;
	pthread_rwlock_rdlock(&p->lock);
	found = find_good(&p->table[PASS_ADMINISTRATOR], addr, out);
	pthread_rwlock_unlock(&p->lock);
	return found;
}

/* --- The page's --- */

struct network
passes_network(const struct ipaddr *addr)
{
	struct network network = {.addr = *addr, .len = addr->bits == 32 ? 24 : 64};

	ipaddr_mask(&network.addr, network.len);
	return network;
}

static enum pass_answer
grant(struct table *t, struct pass *pass)
{
	struct pass *before;
	size_t place;

	remove_old(t);
	if (!find_place(t, &pass->network, &place)) {
		remove_oldest(t);
		return put(t, pass) ? PASS_GRANTED : PASS_FULL;
	}
	before = t->pass[place];
	if (before->abuses >= PASS_ABUSES)
		return PASS_ABUSED;
	if (before->again > clock_ms())
		return PASS_USED;
	pass->abuses = before->abuses;
	*before = *pass;
	return PASS_GRANTED;
}

/* Below PASS_IDS. */
static uint64_t
new_id(void)
{
	uint64_t id;

	randombytes_buf(&id, sizeof(id));
	return id % PASS_IDS;
}

/* The place of one that is there. */
static struct pass *
pass_of(struct table *t, const struct network *network)
{
	size_t place;

	return find_place(t, network, &place) ? t->pass[place] : NULL;
}

enum pass_answer
passes_grant(struct passes *p, const struct ipaddr *addr, const char *domain, struct pass *pass)
{
	int64_t now = clock_ms();
	enum pass_answer answer;

	*pass = (struct pass){.network = passes_network(addr),
	    .until = now + PASS_MS,
	    .again = now + PASS_AGAIN_MS,
	    .kept = now + PASS_AGAIN_MS,
	    .id = new_id(),
	    .by = BY_PAGE};
	if (addr->bits == 0 || !strbuf_copy(pass->domain, sizeof(pass->domain), domain))
		return PASS_FULL;
	pthread_rwlock_wrlock(&p->lock);
	answer = grant(&p->table[PASS_PAGE], pass);
	if (answer == PASS_GRANTED)
		note_change(p, pass_of(&p->table[PASS_PAGE], &pass->network), PASS_KEEPERS);
	pthread_rwlock_unlock(&p->lock);
	return answer;
}

/* The last one of a client's network; NULL: none is known. */
static struct pass *
find_granted(struct passes *p, const struct ipaddr *addr)
{
	struct network network = passes_network(addr);
	struct pass *pass = pass_of(&p->table[PASS_PAGE], &network);

	return pass != NULL && known_until(pass) > clock_ms() ? pass : NULL;
}

bool
passes_granted(struct passes *p, const struct ipaddr *addr, struct pass *out)
{
	const struct pass *pass;

	if (is_empty(p, PASS_PAGE, addr))
		return false;
	pthread_rwlock_rdlock(&p->lock);
	if ((pass = find_granted(p, addr)) != NULL)
		*out = *pass;
	pthread_rwlock_unlock(&p->lock);
	return pass != NULL;
}

/* All nodes hash alike, each pass otherwise. */
static uint32_t
hash_recipient(const struct pass *pass, const struct mailbox *to)
{
	uint8_t key[crypto_shorthash_siphash24_KEYBYTES] = {0},
		out[crypto_shorthash_siphash24_BYTES];
	uint32_t hash;

	memcpy(key, &pass->id, sizeof(pass->id));
	crypto_shorthash_siphash24(out, (const uint8_t *)to->local, strlen(to->local), key);
	memcpy(&hash, out, sizeof(hash));
	return hash;
}

/* The place of a recipient among those of a pass, or where there is one for it. */
static unsigned
place_of(const struct pass *pass, uint32_t recipient)
{
	unsigned i = 0;

	while (i < pass->recipients && pass->recipient[i] != recipient)
		i++;
	return i;
}

/* Whether a pass is good for it; changes nothing. */
static bool
admits(const struct pass *pass, const struct mailbox *to, bool counted)
{
	return pass != NULL && pass->until > clock_ms() &&
	    strcmp(pass->domain, to->domain) == 0 &&
	    (counted || pass->messages < PASS_MESSAGES) &&
	    place_of(pass, hash_recipient(pass, to)) < PASS_RECIPIENTS;
}

bool
passes_admit(
    struct passes *p, const struct ipaddr *addr, const struct mailbox *to, bool counted)
{
	bool good;

	if (is_empty(p, PASS_PAGE, addr))
		return false;
	pthread_rwlock_rdlock(&p->lock);
	good = admits(find_granted(p, addr), to, counted);
	pthread_rwlock_unlock(&p->lock);
	return good;
}

static void
count(struct pass *pass, uint32_t recipient, bool counted)
{
	unsigned place = place_of(pass, recipient);

	if (!counted)
		pass->message[pass->messages++] = randombytes_random();
	pass->recipient[place] = recipient;
	if (place == pass->recipients)
		pass->recipients++;
}

bool
passes_spend(
    struct passes *p, const struct ipaddr *addr, const struct mailbox *to, bool counted)
{
	struct pass *pass;
	bool good;

	if (is_empty(p, PASS_PAGE, addr))
		return false;
	pthread_rwlock_wrlock(&p->lock);
	pass = find_granted(p, addr);
	good = admits(pass, to, counted);
	if (good) {
		count(pass, hash_recipient(pass, to), counted);
		note_change(p, pass, PASS_KEEPERS);
	}
	pthread_rwlock_unlock(&p->lock);
	return good;
}

void
passes_note_listed(struct passes *p, const struct ipaddr *addr)
{
	int64_t now = clock_ms();
	struct pass *pass;

	if (is_empty(p, PASS_PAGE, addr))
		return;
	pthread_rwlock_wrlock(&p->lock);
	pass = find_granted(p, addr);
	if (pass != NULL && pass->messages > 0 && !pass->abused) {
		pass_abuse(pass, now);
		pass->abuses++;
		note_change(p, pass, PASS_KEEPERS);
	}
	pthread_rwlock_unlock(&p->lock);
}

size_t
passes_list(struct passes *p, enum pass_kind kind, struct pass *out, size_t size)
{
	const struct table *t = &p->table[kind];
	int64_t now = clock_ms();
	size_t n = 0;

	pthread_rwlock_rdlock(&p->lock);
	for (size_t i = 0; i < t->n && n < size; i++)
		if (t->pass[i]->until > now)
			out[n++] = *t->pass[i];
	pthread_rwlock_unlock(&p->lock);
	return n;
}

/* --- Keepers --- */

void
passes_watch(struct passes *p, enum pass_keeper keeper, void (*fn)(void *arg), void *arg)
{
	p->keeper[keeper].changed = fn;
	p->keeper[keeper].arg = arg;
}

bool
passes_take(struct passes *p, enum pass_keeper keeper, struct pass *out)
{
	struct table *t = &p->table[PASS_PAGE];
	bool found = false;

	pthread_rwlock_wrlock(&p->lock);
	for (size_t i = 0; i < t->n && !found; i++) {
		found = (t->pass[i]->changed >> keeper & 1) != 0;
		if (found) {
			t->pass[i]->changed &= ~(1U << keeper);
			*out = *t->pass[i];
		}
	}
	pthread_rwlock_unlock(&p->lock);
	return found;
}

void
passes_take_again(struct passes *p, enum pass_keeper keeper, const struct network *network)
{
	struct table *t = &p->table[PASS_PAGE];

	pthread_rwlock_wrlock(&p->lock);
	for (size_t i = 0; i < t->n; i++)
		if (network == NULL || compare(&t->pass[i]->network, network) == 0)
			t->pass[i]->changed |= 1U << keeper;
	pthread_rwlock_unlock(&p->lock);
}

static bool
join(struct passes *p, enum pass_keeper keeper, const struct pass *pass)
{
	struct table *t = &p->table[PASS_PAGE];
	int64_t now = clock_ms();
	struct pass *have = pass_of(t, &pass->network);
	bool news;

	if (have == NULL) {
		remove_old(t);
		remove_oldest(t);
		if (!put(t, pass))
			return false;
		have = pass_of(t, &pass->network);
		have->changed = 0;
		news = true;
	} else {
		news = pass_join(have, pass, now);
	}
	if (pass_has(have, pass, now))
		have->changed &= ~(1U << keeper);
	if (news)
		note_change(p, have, keeper);
	return news;
}

bool
passes_join(struct passes *p, enum pass_keeper keeper, const struct pass *pass)
{
	bool news = false;

	pthread_rwlock_wrlock(&p->lock);
	if (known_until(pass) > clock_ms())
		news = join(p, keeper, pass);
	pthread_rwlock_unlock(&p->lock);
	return news;
}
