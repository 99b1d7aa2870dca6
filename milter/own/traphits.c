/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * own/traphits.c - for each client, the last traps of each kind that it has hit: as many as
 * may be wanted.
 */
#include "config.h"

#include "own/traphits.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/assoc.h"
#include "base/strbuf.h"
#include "own/probeform.h"
#include "own/providers.h"

#define WINDOW_S (TRAPHITS_DAYS * 86400U)

/* Hits on one trap, with times in seconds. */
struct place {
	uint64_t trap; /* hash of its id; 0: nobody's */
	uint32_t first, last, times;
	uint32_t sender; /* hash of the last one */
};

struct client {
	struct assoc_entry entry;
	struct place place[TRAPHITS_KINDS][TRAPHITS_TRAPS_MAX];
};

struct traphits {
	struct assoc *clients;
	struct traphits_limits limits;
};

_Static_assert(sizeof(struct client) <= 512, "65,536 clients have 32 MiB");

const char *
traphits_word_name(enum traphits_word word)
{
	static const char *const names[TRAPHITS_WORDS] = {
	    [TRAPHITS_NOTED] = "noted",
	    [TRAPHITS_LISTED] = "listed",
	    [TRAPHITS_SCORED] = "scored",
	    [TRAPHITS_BACKSCATTER] = "backscatter",
	    [TRAPHITS_LOCAL] = "local",
	    [TRAPHITS_EXCUSED] = "excused",
	    [TRAPHITS_GOOD] = "good",
	    [TRAPHITS_PROVIDER] = "provider",
	    [TRAPHITS_FORWARDED] = "forwarded",
	};

	return names[word];
}

struct traphits *
traphits_new(size_t clients)
{
	struct traphits *hits = calloc(1, sizeof(*hits));

	if (hits == NULL)
		return NULL;
	hits->limits = (struct traphits_limits){.traps = 2, .times = 3};
	if ((hits->clients = assoc_new(clients, sizeof(struct client))) != NULL)
		return hits;
	free(hits);
	return NULL;
}

void
traphits_configure(struct traphits *hits, const struct traphits_limits *limits)
{
	hits->limits = *limits;
}

void
traphits_free(struct traphits *hits)
{
	if (hits == NULL)
		return;
	assoc_free(hits->clients);
	free(hits);
}

/* A client is an address; of IPv6 a /64, of which one host may have any, in the part of the
 * table that its /48 has. */
static uint64_t
key_of(const struct traphits *hits, const struct ipaddr *client)
{
	struct ipaddr network = *client, group = *client;

	if (client->bits == 32)
		return assoc_key(hits->clients, client, sizeof(*client));
	ipaddr_mask(&network, 64);
	ipaddr_mask(&group, 48);
	return assoc_key_within(hits->clients, assoc_key(hits->clients, &group, sizeof(group)),
	    assoc_key(hits->clients, &network, sizeof(network)));
}

/* --- Who is not meant --- */

/* Whether a sender has been rewritten by a forwarder, as SRS does it. */
static bool
is_forwarded(const struct mailbox *from)
{
	return (strncasecmp(from->local, "srs0", 4) == 0 ||
		   strncasecmp(from->local, "srs1", 4) == 0) &&
	    from->local[4] != '\0' && strchr("=+-", from->local[4]) != NULL;
}

/* Why a hit does not count; TRAPHITS_NOTED: it does. */
static enum traphits_word
excuse(const struct traphit *hit, const struct mailbox *from)
{
	if (!ipaddr_is_global(hit->client))
		return TRAPHITS_LOCAL;
	if (hit->excused)
		return TRAPHITS_EXCUSED;
	if (hit->good)
		return TRAPHITS_GOOD;
	if (hit->host != NULL && providers_have_host(hit->host))
		return TRAPHITS_PROVIDER;
	return is_forwarded(from) ? TRAPHITS_FORWARDED : TRAPHITS_NOTED;
}

/* --- Who is --- */

/* Whether it still counts; of two clocks one may be ahead. */
static bool
is_fresh(const struct place *p, uint32_t since, uint32_t now)
{
	return p->last > since && (p->last >= now || now - p->last <= WINDOW_S);
}

/* The place of a trap, else the one that is worth least. */
static struct place *
find_place(struct place *places, uint64_t trap)
{
	struct place *found = &places[0];

	for (size_t i = 0; i < TRAPHITS_TRAPS_MAX; i++) {
		if (places[i].trap == trap)
			return &places[i];
		if (places[i].last < found->last)
			found = &places[i];
	}
	return found;
}

static void
count(struct place *p, const struct traphits_mark *mark, uint32_t since, uint32_t now)
{
	if (p->trap != mark->trap || !is_fresh(p, since, now)) {
		*p = (struct place){mark->trap, now, now, 1, mark->sender};
	} else if (!mark->deferred) {
		p->times++;
		p->first = now < p->first ? now : p->first;
		p->last = now > p->last ? now : p->last;
		p->sender = mark->sender;
	}
}

/* How many senders have hit the traps of a kind last. */
static unsigned
count_senders(const struct place *places, uint32_t since, uint32_t now)
{
	unsigned n = 0;

	for (size_t i = 0; i < TRAPHITS_TRAPS_MAX; i++) {
		bool seen = !is_fresh(&places[i], since, now);

		for (size_t k = 0; k < i; k++)
			seen |= is_fresh(&places[k], since, now) &&
			    places[k].sender == places[i].sender;
		n += !seen;
	}
	return n;
}

/* Whether the places of a kind are enough; *number: how many hits they have. */
static bool
is_enough(const struct traphits *hits, const struct place *places, uint32_t since, bool users,
    uint32_t now, uint32_t *number)
{
	unsigned traps = 0;
	bool again = false;

	*number = 0;
	for (size_t i = 0; i < TRAPHITS_TRAPS_MAX; i++) {
		const struct place *p = &places[i];

		if (!is_fresh(p, since, now))
			continue;
		traps++;
		*number += p->times;
		again |=
		    p->times >= hits->limits.times && p->last - p->first >= TRAPHITS_APART_S;
	}
	if (users)
		return traps == TRAPHITS_TRAPS_MAX &&
		    count_senders(places, since, now) >= TRAPHITS_SENDERS;
	return traps >= hits->limits.traps || again;
}

/* A sender by its domain and the beginning of its local part: who takes a new one for each
 * mail (VERP, BATV, a tag) is one. */
static uint32_t
hash_of(const struct traphits *hits, const struct mailbox *from)
{
	char text[MAILBOX_LOCAL_MAX + MAILBOX_DOMAIN_MAX + 2];
	struct strbuf sb;

	strbuf_init(&sb, text, sizeof(text));
	strbuf_addn(&sb, from->local, strcspn(from->local, "+-=0123456789"));
	strbuf_addf(&sb, "@%s", from->domain);
	return (uint32_t)assoc_key(hits->clients, text, strlen(text));
}

static enum traphits_kind
kind_of(const struct traphit *hit, const struct mailbox *from, bool readable)
{
	if (readable && probeform_is_notice(from))
		return TRAPHITS_BOUNCE;
	return hit->trap->kind == TRAP_PRISTINE ? TRAPHITS_PRISTINE : TRAPHITS_RECYCLED;
}

struct traphits_mark
traphits_mark(const struct traphits *hits, const struct traphit *hit)
{
	struct mailbox from;
	bool readable = mailbox_parse(&from, hit->sender);

	return (struct traphits_mark){.client = *hit->client,
	    .kind = kind_of(hit, &from, readable),
	    .trap = assoc_key(hits->clients, hit->trap->id, strlen(hit->trap->id)),
	    .sender = hash_of(hits, &from),
	    .deferred = hit->deferred};
}

enum traphits_word
traphits_heard(struct traphits *hits, const struct traphits_mark *mark, uint32_t since,
    bool users, uint32_t said, uint32_t *number)
{
	static const enum traphits_word words[TRAPHITS_KINDS] = {
	    [TRAPHITS_PRISTINE] = TRAPHITS_LISTED,
	    [TRAPHITS_RECYCLED] = TRAPHITS_SCORED,
	    [TRAPHITS_BOUNCE] = TRAPHITS_BACKSCATTER,
	};
	struct client *client = assoc_take(hits->clients, key_of(hits, &mark->client), said);
	struct place *places = client->place[mark->kind];

	count(find_place(places, mark->trap), mark, since, said);
	if (!is_enough(hits, places, since, users, said, number))
		return TRAPHITS_NOTED;
	if (mark->kind == TRAPHITS_PRISTINE)
		client->entry.keep = said + WINDOW_S;
	return words[mark->kind];
}

enum traphits_word
traphits_note(struct traphits *hits, const struct traphit *hit, uint32_t now, uint32_t *number)
{
	struct traphits_mark mark = traphits_mark(hits, hit);
	struct mailbox from;
	enum traphits_word why;

	*number = 0;
	(void)mailbox_parse(&from, hit->sender);
	why = excuse(hit, &from);
	return why == TRAPHITS_NOTED
	    ? traphits_heard(hits, &mark, hit->since, hit->users, now, number)
	    : why;
}

void
traphits_use_secret(struct traphits *hits, const uint8_t secret[ASSOC_SECRET_SIZE])
{
	assoc_use_secret(hits->clients, secret);
}
