/* SPDX-License-Identifier: BSD-2-Clause */
/* own/own.c - from events to listings.  What is kept of clients is in own/probes.c. */
#include "config.h"

#include "own/own.h"

#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/loglimit.h"
#include "own/doubts.h"
#include "own/locallist.h"
#include "own/probes.h"

#define SAY_MS 1000  /* between two lines of clients that are listed */
#define MARKS_MAX 32 /* hits of a client on traps that other nodes are told */
#define HITS_MAX 32 /* a second that are worth keeping, of those who are caught and of others */

/* Hits of this second. */
struct hits {
	uint32_t second;
	unsigned n;
};

struct own {
	pthread_mutex_t lock; /* guards what follows, but for the list and the limit */
	bool enabled, helo;
	struct probes *probes;
	struct hits caught, others;
	struct traphits *traps;
	const struct own_recipient *judged; /* while it is, for what is ours */
	struct own_tellers tellers;
	bool waits; /* for others to speak for who is to be listed */
	struct doubts doubts;
	struct locallist *list;
	struct loglimit said;
};

/* What a client was caught at; reason: LOCAL_REASONS: nothing. */
struct catch
{
	enum local_reason reason;
	const char *rule;
	uint32_t attempts;
};

/* "550 5.1.1 ..." of Sendmail, whose text begins with both codes. */
static bool
says_unknown(const char *text)
{
	return strstr(text, "User unknown") != NULL;
}

enum own_outcome
own_outcome(const char *code, const char *text)
{
	if (text != NULL && strcmp(text, "Relay access denied") == 0)
		return OWN_RELAY_DENIED;
	if ((code != NULL && strcmp(code, "5.1.1") == 0) ||
	    (text != NULL && says_unknown(text)))
		return OWN_UNKNOWN_USER;
	return OWN_REFUSED;
}

static bool
is_ours(const void *arg, const char *domain)
{
	const struct own_recipient *r = ((const struct own *)arg)->judged;

	return r->is_ours != NULL && r->is_ours(r->ours, domain);
}

struct own *
own_new(struct locallist *list, size_t clients)
{
	struct own *o = calloc(1, sizeof(*o));

	if (o == NULL)
		return NULL;
	o->probes = probes_new(clients, is_ours, o);
	o->traps = traphits_new(OWN_TRAPPED);
	if (o->probes == NULL || o->traps == NULL) {
		probes_free(o->probes);
		traphits_free(o->traps);
		free(o);
		return NULL;
	}
	o->list = list;
	pthread_mutex_init(&o->lock, NULL);
	return o;
}

void
own_free(struct own *o)
{
	if (o == NULL)
		return;
	probes_free(o->probes);
	traphits_free(o->traps);
	pthread_mutex_destroy(&o->lock);
	free(o);
}

void
own_configure(struct own *o, const struct own_options *options)
{
	const struct prober_limits limits = {.forms = options->forms,
	    .senders = options->senders,
	    .both = options->both,
	    .drop_box = options->drop_box};

	pthread_mutex_lock(&o->lock);
	o->enabled = options->enabled;
	o->helo = options->helo;
	traphits_configure(o->traps,
	    &(struct traphits_limits){.traps = options->traps, .times = options->trap_hits});
	probes_configure(o->probes, &limits, options->dictionary);
	pthread_mutex_unlock(&o->lock);
}

static struct probes_refusal
refusal_of(const struct own_recipient *r)
{
	return (struct probes_refusal){.client = *r->client,
	    .recipient = r->recipient,
	    .sender = r->sender,
	    .helo = r->helo,
	    .form = r->form};
}

/* Whether the attempt of that time has met a rule. */
static struct catch caught_now(const struct prober *prober, uint32_t now)
{
	return (struct catch){.reason = prober->met == now ? LOCAL_PROBE : LOCAL_REASONS,
	    .rule = prober_rule_name(prober->rule),
	    .attempts = prober->attempts};
}

/* An attempt to relay; more of them renew a listing only if they meet a rule themselves. */
static struct catch judge_relay(struct own *o, const struct own_recipient *r, uint32_t now)
{
	const struct probes_refusal refusal = refusal_of(r);
	const struct prober *prober;

	if (probes_refused(o->probes, &refusal, now, &prober) != PROBES_NONE)
		return (struct catch){.reason = LOCAL_REASONS};
	return caught_now(prober, now);
}

static struct catch catch_users(const struct guesser *g, bool guesses)
{
	return (struct catch){.reason = guesses ? LOCAL_DICTIONARY : LOCAL_REASONS,
	    .rule = "unknown-users",
	    .attempts = g != NULL ? g->attempts : 0};
}

static struct catch judge_user(struct own *o, const struct own_recipient *r, uint32_t now)
{
	const struct probes_refusal refusal = refusal_of(r);
	bool guesses;
	const struct guesser *g = probes_unknown(o->probes, &refusal, now, &guesses);

	return catch_users(g, guesses);
}

static struct catch judge(struct own *o, const struct own_recipient *r, uint32_t now)
{
	switch (r->outcome) {
	case OWN_TAKEN:
		probes_taken(o->probes, r->client, now);
		break;
	case OWN_RELAY_DENIED:
		return judge_relay(o, r, now);
	case OWN_UNKNOWN_USER:
		return judge_user(o, r, now);
	case OWN_REFUSED:
		break;
	}
	return (struct catch){.reason = LOCAL_REASONS};
}

static struct catch judge_helo(const struct own *o, const struct own_recipient *r, uint32_t now)
{
	bool forged = o->helo && r->helo_is_ours && !probes_is_good(o->probes, r->client, now);

	return (struct catch){
	    .reason = forged ? LOCAL_HELO : LOCAL_REASONS, .rule = "our-name", .attempts = 1};
}

static void
say(struct own *o, const struct ipaddr *client, const struct catch *c)
{
	unsigned clients = loglimit_count(&o->said, SAY_MS);
	char address[IPADDR_STRLEN];
	struct logline line;

	if (clients == 0)
		return;
	logline_event(&line, "own-listed");
	logline_str(&line, "client", ipaddr_format(client, address));
	logline_str(&line, "reason", local_reason_name(c->reason));
	logline_str(&line, "rule", c->rule);
	logline_num(&line, "attempts", c->attempts);
	if (clients > 1)
		logline_num(&line, "clients", clients);
	logline_end(&line, LOG_LEVEL_INFO);
}

static void
list_now(struct own *o, const struct ipaddr *client, const struct catch *c, uint32_t now)
{
	if (locallist_list(o->list, client, c->reason, c->rule, now) == LOCAL_LISTED)
		say(o, client, c);
}

/* List, or wait for what others have to say. */
static void
list(struct own *o, const struct ipaddr *client, const struct catch *c, uint32_t now)
{
	struct doubt doubt;
	bool waits;

	if (c->reason == LOCAL_REASONS)
		return;
	doubt = (struct doubt){
	    *client, c->reason, c->rule, c->attempts, now, clock_ms() + OWN_WAIT_MS, false};
	pthread_mutex_lock(&o->lock);
	doubt.users = probes_has_users(o->probes, client, now);
	waits = o->waits && doubts_add(&o->doubts, &doubt);
	pthread_mutex_unlock(&o->lock);
	if (!waits)
		list_now(o, client, c, now);
}

/* Whether there is room for one more: a flood is known by its first hits. */
static bool
take_hit(struct hits *hits, uint32_t now)
{
	if (hits->second != now)
		*hits = (struct hits){.second = now};
	return hits->n < HITS_MAX && ++hits->n > 0;
}

/* What a recipient is evidence for: attempts are counted where they are. */
static uint8_t
evidence_of(struct own *o, const struct own_recipient *r, const struct catch *caught,
    const struct catch *forged, uint32_t now)
{
	bool listed = caught->reason != LOCAL_REASONS || forged->reason != LOCAL_REASONS;
	unsigned reasons = 0;

	if (caught->attempts > 0)
		reasons |=
		    1U << (r->outcome == OWN_RELAY_DENIED ? LOCAL_PROBE : LOCAL_DICTIONARY);
	if (forged->reason != LOCAL_REASONS)
		reasons |= 1U << forged->reason;
	if (reasons == 0 || !take_hit(listed ? &o->caught : &o->others, now))
		return 0;
	return (uint8_t)reasons;
}

uint8_t
own_recipient(struct own *o, const struct own_recipient *r)
{
	struct catch caught = {.reason = LOCAL_REASONS}, forged = caught;
	uint32_t now = (uint32_t)clock_wall();
	uint8_t evidence = 0;

	if (r->excused || !ipaddr_is_global(r->client))
		return 0;
	pthread_mutex_lock(&o->lock);
	if (o->enabled) {
		o->judged = r;
		caught = judge(o, r, now);
		forged = judge_helo(o, r, now);
		evidence = evidence_of(o, r, &caught, &forged, now);
		o->judged = NULL;
	}
	pthread_mutex_unlock(&o->lock);
	list(o, r->client, &caught, now);
	list(o, r->client, &forged, now);
	return evidence;
}

/* Whether a client has got off the list since then. */
static bool
is_removed_since(struct own *o, const struct ipaddr *client, uint32_t said)
{
	struct local_entry e;

	(void)locallist_find(o->list, client, said, &e);
	return e.removed[0] >= said;
}

void
own_use_secret(struct own *o, const uint8_t secret[ASSOC_SECRET_SIZE])
{
	pthread_mutex_lock(&o->lock);
	probes_use_secret(o->probes, secret);
	traphits_use_secret(o->traps, secret);
	pthread_mutex_unlock(&o->lock);
}

static const enum local_reason reasons_of[TRAPHITS_KINDS] = {
    [TRAPHITS_PRISTINE] = LOCAL_TRAP,
    [TRAPHITS_RECYCLED] = LOCAL_DICTIONARY,
    [TRAPHITS_BOUNCE] = LOCAL_BACKSCATTER,
};

/* What a hit is evidence of. */
static struct catch catch_of(enum traphits_word word, uint32_t hits)
{
	switch (word) {
	case TRAPHITS_LISTED:
		return (struct catch){LOCAL_TRAP, "traps", hits};
	case TRAPHITS_SCORED:
		return (struct catch){LOCAL_DICTIONARY, "recycled-traps", hits};
	case TRAPHITS_BACKSCATTER:
		return (struct catch){LOCAL_BACKSCATTER, "bounces", hits};
	default:
		return (struct catch){.reason = LOCAL_REASONS};
	}
}

/* Tell other nodes of a hit that counts, unless they know already what it comes to: so many are
 * enough. */
static void
tell_mark(struct own *o, const struct traphit *hit, enum traphits_word word,
    const struct local_entry *entry, uint32_t hits)
{
	struct traphits_mark mark;

	if (o->tellers.mark == NULL || word > TRAPHITS_BACKSCATTER || hits > MARKS_MAX)
		return;
	mark = traphits_mark(o->traps, hit);
	if ((entry->reasons >> reasons_of[mark.kind] & 1) == 0)
		o->tellers.mark(o->tellers.arg, &mark);
}

enum traphits_word
own_trapped(struct own *o, const struct own_trapped *t)
{
	struct traphit hit = {.client = t->client,
	    .trap = t->trap,
	    .sender = t->sender,
	    .host = t->confirmed ? t->name : NULL,
	    .excused = t->excused,
	    .deferred = t->deferred};
	enum traphits_word word = TRAPHITS_EXCUSED;
	struct local_entry entry;
	struct catch caught;
	uint32_t hits = 0;

	(void)locallist_find(o->list, t->client, t->at, &entry);
	hit.since = entry.removed[0];
	pthread_mutex_lock(&o->lock);
	if (o->enabled) {
		hit.good = probes_is_good(o->probes, t->client, t->at);
		hit.users = probes_has_users(o->probes, t->client, t->at);
		word = traphits_note(o->traps, &hit, t->at, &hits);
		tell_mark(o, &hit, word, &entry, hits);
	}
	pthread_mutex_unlock(&o->lock);
	caught = catch_of(word, hits);
	list(o, t->client, &caught, t->at);
	return word;
}

/* --- Other nodes --- */

/* Whether what is known by now speaks for a client that was caught, be it that what it does next
 * is to be judged in another way; with the lock. */
static bool
is_spoken_for(const struct own *o, const struct doubt *d, uint32_t now)
{
	return probes_is_good(o->probes, &d->client, now) ||
	    (d->reason == LOCAL_DICTIONARY && probes_knows(o->probes, &d->client, now)) ||
	    (!d->users && probes_has_users(o->probes, &d->client, now));
}

/* Whether what was tried elsewhere at that time may count here, and whether somebody has to be
 * told that this node knows better; with the lock. */
static bool
may_count(struct own *o, const struct ipaddr *client, uint32_t said)
{
	uint32_t now = (uint32_t)clock_wall();
	struct probes_word word;

	if (!o->enabled || said + PROBER_DAY_S <= now)
		return false;
	if (o->tellers.word != NULL && probes_vouch(o->probes, client, now, &word))
		o->tellers.word(o->tellers.arg, &word);
	return true;
}

void
own_heard(struct own *o, const struct probes_attempt *a, uint32_t said)
{
	struct catch caught = {.reason = LOCAL_REASONS};
	const struct prober *prober;

	pthread_mutex_lock(&o->lock);
	if (may_count(o, &a->client, said) &&
	    (prober = probes_heard(o->probes, a, said)) != NULL)
		caught = caught_now(prober, said);
	pthread_mutex_unlock(&o->lock);
	if (!is_removed_since(o, &a->client, said))
		list(o, &a->client, &caught, said);
}

void
own_heard_users(struct own *o, const struct probes_users *u, uint32_t said)
{
	struct catch caught = {.reason = LOCAL_REASONS};

	pthread_mutex_lock(&o->lock);
	if (may_count(o, &u->client, said)) {
		bool guesses;
		const struct guesser *g = probes_heard_users(o->probes, u, said, &guesses);

		caught = catch_users(g, guesses);
	}
	pthread_mutex_unlock(&o->lock);
	if (!is_removed_since(o, &u->client, said))
		list(o, &u->client, &caught, said);
}

void
own_heard_mark(struct own *o, const struct traphits_mark *m, uint32_t said)
{
	struct catch caught = {.reason = LOCAL_REASONS};
	struct local_entry entry;
	uint32_t hits = 0;

	(void)locallist_find(o->list, &m->client, said, &entry);
	pthread_mutex_lock(&o->lock);
	if (entry.removed[0] < said && may_count(o, &m->client, said) &&
	    !probes_is_good(o->probes, &m->client, said))
		caught =
		    catch_of(traphits_heard(o->traps, m, entry.removed[0],
				 probes_has_users(o->probes, &m->client, said), said, &hits),
			hits);
	pthread_mutex_unlock(&o->lock);
	list(o, &m->client, &caught, said);
}

void
own_heard_word(struct own *o, const struct probes_word *word)
{
	pthread_mutex_lock(&o->lock);
	probes_heard_word(o->probes, word, (uint32_t)clock_wall());
	pthread_mutex_unlock(&o->lock);
}

void
own_watch(struct own *o, const struct own_tellers *tellers)
{
	o->tellers = *tellers;
	probes_watch(o->probes, tellers->attempt, tellers->arg);
	probes_watch_users(o->probes, tellers->users, tellers->arg);
}

/* The first who has waited, and for whom nobody has spoken. */
static bool
take_doubt(struct own *o, struct doubt *d)
{
	bool found, good;

	do {
		uint32_t now = (uint32_t)clock_wall();

		pthread_mutex_lock(&o->lock);
		found = doubts_take(&o->doubts, o->waits ? clock_ms() : INT64_MAX, d);
		good = found && is_spoken_for(o, d, now);
		pthread_mutex_unlock(&o->lock);
	} while (found && (good || is_removed_since(o, &d->client, d->at)));
	return found;
}

void
own_settle(struct own *o, bool wait)
{
	struct doubt d;

	pthread_mutex_lock(&o->lock);
	o->waits = wait;
	pthread_mutex_unlock(&o->lock);
	while (take_doubt(o, &d))
		list_now(o, &d.client, &(struct catch){d.reason, d.rule, d.attempts}, d.at);
}

void
own_message(struct own *o, const struct ipaddr *client)
{
	pthread_mutex_lock(&o->lock);
	if (o->enabled)
		probes_accepted(o->probes, client, (uint32_t)clock_wall());
	pthread_mutex_unlock(&o->lock);
}

bool
own_is_good(struct own *o, const struct ipaddr *client)
{
	bool good;

	pthread_mutex_lock(&o->lock);
	good = probes_is_good(o->probes, client, (uint32_t)clock_wall());
	pthread_mutex_unlock(&o->lock);
	return good;
}
