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
#include "own/locallist.h"
#include "own/probes.h"

#define SAY_MS 1000 /* between two lines of clients that are listed */
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
	    .helo = r->helo};
}

/* Whether the attempt of that time has met a rule. */
static struct catch caught_now(const struct own *o, const struct ipaddr *client, uint32_t now)
{
	const struct prober *prober = probes_of(o->probes, client);

	return (struct catch){.reason = prober->met == now ? LOCAL_PROBE : LOCAL_REASONS,
	    .rule = prober_rule_name(prober->rule),
	    .attempts = prober->attempts};
}

/* An attempt to relay; more of them renew a listing only if they meet a rule themselves. */
static struct catch judge_relay(struct own *o, const struct own_recipient *r, uint32_t now)
{
	const struct probes_refusal refusal = refusal_of(r);

	if (probes_refused(o->probes, &refusal, now) != PROBES_NONE)
		return (struct catch){.reason = LOCAL_REASONS};
	return caught_now(o, r->client, now);
}

static struct catch judge_user(struct own *o, const struct own_recipient *r, uint32_t now)
{
	const struct probes_refusal refusal = refusal_of(r);
	bool guesses;
	const struct guesser *g = probes_unknown(o->probes, &refusal, now, &guesses);

	return (struct catch){.reason = guesses ? LOCAL_DICTIONARY : LOCAL_REASONS,
	    .rule = "unknown-users",
	    .attempts = g != NULL ? g->attempts : 0};
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
list(struct own *o, const struct ipaddr *client, const struct catch *c, uint32_t now)
{
	if (c->reason != LOCAL_REASONS &&
	    locallist_list(o->list, client, c->reason, c->rule, now) == LOCAL_LISTED)
		say(o, client, c);
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
own_heard(struct own *o, const struct probes_attempt *a, uint32_t said)
{
	struct catch caught = {.reason = LOCAL_REASONS};

	pthread_mutex_lock(&o->lock);
	if (o->enabled && said + PROBER_DAY_S > (uint32_t)clock_wall() &&
	    probes_heard(o->probes, a, said))
		caught = caught_now(o, &a->client, said);
	pthread_mutex_unlock(&o->lock);
	if (!is_removed_since(o, &a->client, said))
		list(o, &a->client, &caught, said);
}

void
own_watch(struct own *o, probes_watcher *watcher, void *arg)
{
	probes_watch(o->probes, watcher, arg);
}

void
own_use_secret(struct own *o, const uint8_t secret[ASSOC_SECRET_SIZE])
{
	pthread_mutex_lock(&o->lock);
	probes_use_secret(o->probes, secret);
	pthread_mutex_unlock(&o->lock);
}

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
	}
	pthread_mutex_unlock(&o->lock);
	caught = catch_of(word, hits);
	list(o, t->client, &caught, t->at);
	return word;
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
