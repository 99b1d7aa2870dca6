/* SPDX-License-Identifier: BSD-2-Clause */
/* own/probes.c - two tables: clients, and those who write to users of ours. */
#include "config.h"

#include "own/probes.h"

#include <stdlib.h>
#include <string.h>

#include "base/assoc.h"
#include "base/strbuf.h"
#include "own/dropboxes.h"

/* A client is an address; of IPv6 a /64, of which one host may have any. */
#define CLIENT_BITS6 64
#define GROUP_BITS6 48 /* what one customer may have */

#define GOOD_PER_CLIENT 4 /* there are more who write to us than who test us */

struct client {
	struct assoc_entry entry;
	struct ipaddr addr;
	struct prober prober;
	struct guesser guesser;
};

struct regular {
	struct assoc_entry entry;
	uint32_t first, last; /* messages, in seconds */
	uint32_t counted;     /* the last one that was long after another, ... */
	uint32_t messages;    /* ... and how many of these there were */
	uint32_t known;       /* when a recipient was taken */
	uint32_t told;        /* when other nodes were told of it */
};

/* What other nodes have said of a client, as struct probes_word has it. */
struct word {
	struct assoc_entry entry;
	uint32_t good, users, known;
};

struct probes {
	struct dropboxes *boxes;
	struct assoc *clients, *regulars, *words; /* all of one secret */
	bool heard; /* there may be words: without other nodes there never are */
	struct prober_limits limits;
	unsigned users;
	probeform_is_own *own;
	const void *arg;
	probes_watcher *watcher; /* or NULL */
	void *watcher_arg;
	probes_users_watcher *users_watcher; /* or NULL */
	void *users_arg;
};

_Static_assert(sizeof(struct client) <= 384, "65,536 clients have 24 MiB");

struct probes *
probes_new(size_t clients, probeform_is_own *own, const void *arg)
{
	struct probes *p = calloc(1, sizeof(*p));

	if (p == NULL)
		return NULL;
	p->limits = PROBER_LIMITS;
	p->users = GUESSER_USERS;
	p->own = own;
	p->arg = arg;
	if ((p->clients = assoc_new(clients, sizeof(struct client))) != NULL &&
	    (p->boxes = dropboxes_new()) != NULL &&
	    (p->words = assoc_new(PROBES_WORDS, sizeof(struct word))) != NULL &&
	    (p->regulars = assoc_new(clients * GOOD_PER_CLIENT, sizeof(struct regular))) !=
		NULL) {
		assoc_share_secret(p->regulars, p->clients);
		assoc_share_secret(p->words, p->clients);
		return p;
	}
	probes_free(p);
	return NULL;
}

void
probes_free(struct probes *p)
{
	if (p == NULL)
		return;
	assoc_free(p->clients);
	dropboxes_free(p->boxes);
	assoc_free(p->regulars);
	assoc_free(p->words);
	free(p);
}

void
probes_configure(struct probes *p, const struct prober_limits *limits, unsigned users)
{
	p->limits = *limits;
	p->users = users;
}

void
probes_watch(struct probes *p, probes_watcher *watcher, void *arg)
{
	p->watcher = watcher;
	p->watcher_arg = arg;
}

void
probes_use_secret(struct probes *p, const uint8_t secret[ASSOC_SECRET_SIZE])
{
	struct client *c;

	dropboxes_use_secret(p->boxes, secret);
	/* Each of these would be counted a second time. */
	for (size_t i = 0; (c = assoc_at(p->clients, i)) != NULL; i++)
		if (c->entry.key != 0) /* memory that nobody has used stays the system's */
			guesser_clear(&c->guesser);
}

void
probes_watch_users(struct probes *p, probes_users_watcher *watcher, void *arg)
{
	p->users_watcher = watcher;
	p->users_arg = arg;
}

/* A client, by what its keys are made of. */
struct hashes {
	uint64_t client, group; /* group: of its network; only where it is in one */
	bool grouped;
};

static struct hashes
hash(const struct probes *p, const struct ipaddr *addr)
{
	struct ipaddr client, group;

	if (addr->bits == 32)
		return (struct hashes){.client = assoc_key(p->clients, addr, sizeof(*addr))};
	client = ipaddr_network(addr, 32, CLIENT_BITS6);
	group = ipaddr_network(addr, 32, GROUP_BITS6);
	return (struct hashes){.client = assoc_key(p->clients, &client, sizeof(client)),
	    .group = assoc_key(p->clients, &group, sizeof(group)),
	    .grouped = true};
}

static uint64_t
key_of(const struct assoc *table, const struct hashes *h)
{
	return h->grouped ? assoc_key_within(table, h->group, h->client) : h->client;
}

/* --- Known good clients --- */

/* What speaks for a client, here and at other nodes; each may be NULL. */
struct praise {
	struct regular *regular;
	struct word *word;
};

static struct praise
find_praise(const struct probes *p, const struct hashes *h)
{
	return (struct praise){.regular = assoc_find(p->regulars, key_of(p->regulars, h)),
	    .word = p->heard ? assoc_find(p->words, key_of(p->words, h)) : NULL};
}

static struct praise
praise_of(const struct probes *p, const struct ipaddr *client)
{
	struct hashes h = hash(p, client);

	return find_praise(p, &h);
}

/* Whether what the last message has shown counts still; 0: there is none. */
static bool
is_shown(uint32_t last, uint32_t now)
{
	return last != 0 && now <= last + PROBES_GOOD_DAYS * PROBER_DAY_S;
}

static bool
is_good(const struct regular *r, uint32_t now)
{
	return r->messages >= PROBES_GOOD_MESSAGES && is_shown(r->last, now);
}

static bool
has_users(const struct regular *r, uint32_t now)
{
	return r->messages > 0 && now >= r->first + PROBES_APART_S && is_shown(r->last, now);
}

void
probes_accepted(struct probes *p, const struct ipaddr *client, uint32_t now)
{
	struct hashes h = hash(p, client);
	struct regular *r = assoc_take(p->regulars, key_of(p->regulars, &h), now);

	if (r->messages == 0 || now > r->last + PROBES_GOOD_DAYS * PROBER_DAY_S) {
		r->first = r->counted = now;
		r->messages = 1;
	} else if (now >= r->counted + PROBES_APART_S) {
		r->counted = now;
		r->messages++;
	}
	r->last = now > r->last ? now : r->last;
	if (is_good(r, now))
		r->entry.keep = now + PROBES_GOOD_DAYS * PROBER_DAY_S;
}

static bool
is_known_good(const struct praise *k, uint32_t now)
{
	return (k->regular != NULL && is_good(k->regular, now)) ||
	    (k->word != NULL && is_shown(k->word->good, now));
}

static bool
is_of_users(const struct praise *k, uint32_t now)
{
	return (k->regular != NULL && has_users(k->regular, now)) ||
	    (k->word != NULL && is_shown(k->word->users, now));
}

bool
probes_is_good(const struct probes *p, const struct ipaddr *client, uint32_t now)
{
	struct praise k = praise_of(p, client);

	return is_known_good(&k, now);
}

bool
probes_has_users(const struct probes *p, const struct ipaddr *client, uint32_t now)
{
	struct praise k = praise_of(p, client);

	return is_of_users(&k, now);
}

/* Who is caught at something has to begin anew. */
static void
forget_messages(const struct praise *k)
{
	if (k->regular != NULL)
		k->regular->messages = 0;
	if (k->word != NULL)
		k->word->good = k->word->users = 0;
}

/* It knows somebody. */
static void
forget_users(struct probes *p, const struct hashes *h)
{
	struct client *c = assoc_find(p->clients, key_of(p->clients, h));

	if (c != NULL)
		guesser_clear(&c->guesser);
}

void
probes_taken(struct probes *p, const struct ipaddr *client, uint32_t now)
{
	struct hashes h = hash(p, client);
	struct regular *r = assoc_take(p->regulars, key_of(p->regulars, &h), now);

	r->known = now;
	forget_users(p, &h);
}

static bool
is_recent(uint32_t known, uint32_t now)
{
	return known != 0 && now <= known + GUESSER_S;
}

static bool
knows_somebody(const struct praise *k, uint32_t now)
{
	return (k->regular != NULL && is_recent(k->regular->known, now)) ||
	    (k->word != NULL && is_recent(k->word->known, now));
}

bool
probes_knows(const struct probes *p, const struct ipaddr *client, uint32_t now)
{
	struct praise k = praise_of(p, client);

	return knows_somebody(&k, now);
}

bool
probes_vouch(
    struct probes *p, const struct ipaddr *client, uint32_t now, struct probes_word *word)
{
	struct regular *r = praise_of(p, client).regular;

	if (r == NULL || (r->told != 0 && now < r->told + PROBES_WORD_S))
		return false;
	*word = (struct probes_word){.client = *client,
	    .good = is_good(r, now) ? r->last : 0,
	    .users = has_users(r, now) ? r->last : 0,
	    .known = is_recent(r->known, now) ? r->known : 0};
	if (word->good == 0 && word->users == 0 && word->known == 0)
		return false;
	r->told = now;
	return true;
}

void
probes_heard_word(struct probes *p, const struct probes_word *word, uint32_t now)
{
	struct hashes h = hash(p, &word->client);
	struct word *w = assoc_take(p->words, key_of(p->words, &h), now);

	p->heard = true;
	w->good = word->good > w->good ? word->good : w->good;
	w->users = word->users > w->users ? word->users : w->users;
	w->known = word->known > w->known ? word->known : w->known;
	if (is_recent(w->known, now))
		forget_users(p, &h);
}

/* --- Drop boxes --- */

/* Whether a client came to a mailbox that enough of them had tried.  A copier that sends to
 * its owner came before them, from whatever address. */
static bool
is_drop_box(struct probes *p, const struct probes_attempt *a, uint32_t now)
{
	unsigned before = dropboxes_visit(p->boxes, &a->client, a->what.recipient, a->box, now);

	return p->limits.drop_box != 0 && before >= p->limits.drop_box;
}

/* Whether somebody sends mail from a mailbox to itself. */
static bool
is_to_itself(const struct probeform *form, const struct mailbox *sender)
{
	return form->form == PROBE_PLAIN && sender->local[0] != '\0' &&
	    strcmp(form->mailbox.local, sender->local) == 0 &&
	    strcmp(form->mailbox.domain, sender->domain) == 0;
}

/* --- Attempts --- */

/* A mailbox, and the local part of who writes to it, or "". */
static uint64_t
mailbox_id(const struct probes *p, const struct mailbox *m, const char *from)
{
	char text[2 * MAILBOX_LOCAL_MAX + MAILBOX_DOMAIN_MAX + 3];
	struct strbuf sb;

	strbuf_init(&sb, text, sizeof(text));
	strbuf_add(&sb, from);
	strbuf_addc(&sb, '>');
	strbuf_add(&sb, m->local);
	strbuf_addc(&sb, '@');
	strbuf_add(&sb, m->domain);
	return dropboxes_key(p->boxes, text, sb.len);
}

/* Whether a forwarder has made the local part from the address of a sender (SRS0, SRS1). */
static bool
is_rewritten(const struct mailbox *m)
{
	return strncmp(m->local, "srs", 3) == 0 && (m->local[3] == '0' || m->local[3] == '1') &&
	    m->local[4] != '\0' && strchr("=+-", m->local[4]) != NULL;
}

static enum probes_excuse
excuse(const struct probes *p, const struct probes_refusal *r, const struct probeform *form,
    enum probe_sender sender, const struct praise *k, uint32_t now)
{
	if (!ipaddr_is_global(&r->client))
		return PROBES_LOCAL;
	if (p->own(p->arg, form->target))
		return PROBES_OURS;
	if (form->form == PROBE_PLAIN && sender == PROBE_SENDER_NULL)
		return PROBES_BOUNCE;
	if (is_rewritten(&form->mailbox))
		return PROBES_REWRITTEN;
	return is_known_good(k, now) ? PROBES_GOOD : PROBES_NONE;
}

static struct client *
take_client(struct probes *p, const struct hashes *h, const struct ipaddr *addr, uint32_t now)
{
	struct client *c = assoc_take(p->clients, key_of(p->clients, h), now);

	if (c->addr.bits == 0)
		c->addr = ipaddr_network(addr, 32, CLIENT_BITS6);
	return c;
}

/* Note an attempt that is evidence, here or at another node, of a client for whom that speaks. */
static const struct prober *
note(struct probes *p, const struct hashes *h, const struct praise *k,
    const struct probes_attempt *a, uint32_t now)
{
	struct client *client = take_client(p, h, &a->client, now);

	if (prober_note(&client->prober, &p->limits, &a->what, is_of_users(k, now), now) ==
		PROBER_NOT &&
	    a->box != 0 && is_drop_box(p, a, now))
		prober_meet(&client->prober, PROBER_DROP_BOX, now);
	if (client->prober.rule != PROBER_NOT)
		client->entry.keep = now + PROBES_KEEP_DAYS * PROBER_DAY_S;
	/* What one of its users has typed takes nothing from the others; and whom a notice goes
	 * to, somebody else chooses. */
	if (a->what.form != PROBE_PLAIN && a->what.form != PROBE_THROUGH &&
	    a->what.sender != PROBE_SENDER_NULL)
		forget_messages(k);
	return &client->prober;
}

/* A hash of a HELO that is no name; 0: it is one, or is not known. */
static uint16_t
helo_id(const struct probes *p, const char *helo)
{
	uint16_t id;

	if (helo == NULL || probeform_helo_is_name(helo))
		return 0;
	id = (uint16_t)dropboxes_key(p->boxes, helo, strlen(helo));
	return id != 0 ? id : 1;
}

/* An attempt by its sender, and what its recipient comes to. */
static struct probes_attempt
attempt_of(const struct probes *p, const struct probes_refusal *r, const struct probeform *to,
    const struct mailbox *from, enum probe_sender sender)
{
	return (struct probes_attempt){.client = r->client,
	    .what = {.form = probeform_count_as(to),
		.sender = sender,
		.target = dropboxes_key(p->boxes, to->target, strlen(to->target)),
		.recipient = mailbox_id(p, &to->mailbox, from->local)},
	    .box = is_to_itself(to, from) ? helo_id(p, r->helo) : 0};
}

const struct prober *
probes_heard(struct probes *p, const struct probes_attempt *a, uint32_t said)
{
	struct hashes h = hash(p, &a->client);
	struct praise k = find_praise(p, &h);

	return is_known_good(&k, said) ? NULL : note(p, &h, &k, a, said);
}

enum probes_excuse
probes_refused(struct probes *p, const struct probes_refusal *r, uint32_t now,
    const struct prober **prober)
{
	struct hashes h = hash(p, &r->client);
	struct praise k = find_praise(p, &h);
	const struct probeform *form = r->form;
	struct probeform read;
	struct mailbox from = {{0}, {0}, false};
	enum probe_sender sender = PROBE_SENDERS;
	struct probes_attempt attempt;
	enum probes_excuse why;

	if (form == NULL && probeform_parse(&read, r->recipient))
		form = &read;
	if (form == NULL)
		return PROBES_UNREADABLE;
	if (r->sender != NULL && mailbox_parse(&from, r->sender))
		sender = probeform_sender(&from, p->own, p->arg);
	if ((why = excuse(p, r, form, sender, &k, now)) != PROBES_NONE)
		return why;
	attempt = attempt_of(p, r, form, &from, sender);
	*prober = note(p, &h, &k, &attempt, now);
	if (p->watcher != NULL)
		p->watcher(p->watcher_arg, &attempt);
	return PROBES_NONE;
}

/* --- Users whom nobody knows --- */

static bool
is_notice(const struct probes_refusal *r)
{
	struct mailbox from;

	return r->sender != NULL && mailbox_parse(&from, r->sender) &&
	    probeform_is_notice(&from);
}

/* One alone is what everybody mistypes. */
static void
tell_users(const struct probes *p, const struct ipaddr *client, const struct guesser *g)
{
	struct probes_users u = {.client = *client, .n = guesser_users(g)};

	if (p->users_watcher == NULL || u.n < 2)
		return;
	memcpy(u.user, g->user, u.n * sizeof(u.user[0]));
	p->users_watcher(p->users_arg, &u);
}

const struct guesser *
probes_unknown(struct probes *p, const struct probes_refusal *r, uint32_t now, bool *guesses)
{
	struct hashes h = hash(p, &r->client);
	struct praise k = find_praise(p, &h);
	struct mailbox user;
	struct client *client;
	uint16_t id;
	unsigned users, before;

	*guesses = false;
	if (is_known_good(&k, now) || knows_somebody(&k, now) ||
	    !ipaddr_is_global(&r->client) || is_notice(r) ||
	    !mailbox_parse(&user, r->recipient) || is_rewritten(&user))
		return NULL;
	client = take_client(p, &h, &r->client, now);
	id = (uint16_t)mailbox_id(p, &user, "");
	id = id != 0 ? id : 1;
	before = guesser_users(&client->guesser);
	users = guesser_note(&client->guesser, id, now);
	if (users > before)
		tell_users(p, &r->client, &client->guesser);
	*guesses = p->users != 0 && users >= p->users;
	return &client->guesser;
}

const struct guesser *
probes_heard_users(struct probes *p, const struct probes_users *u, uint32_t said, bool *guesses)
{
	struct hashes h = hash(p, &u->client);
	struct praise k = find_praise(p, &h);
	struct client *client;

	*guesses = false;
	if (is_known_good(&k, said) || knows_somebody(&k, said))
		return NULL;
	client = take_client(p, &h, &u->client, said);
	for (unsigned i = 0; i < u->n; i++)
		if (!guesser_has(&client->guesser, u->user[i]))
			(void)guesser_note(&client->guesser, u->user[i], said);
	*guesses = p->users != 0 && guesser_users(&client->guesser) >= p->users;
	return &client->guesser;
}

const struct prober *
probes_of(const struct probes *p, const struct ipaddr *client)
{
	struct hashes h = hash(p, client);
	const struct client *c = assoc_find(p->clients, key_of(p->clients, &h));

	return c != NULL ? &c->prober : NULL;
}

void
probes_each(const struct probes *p,
    void (*fn)(void *arg, const struct ipaddr *client, const struct prober *), void *arg)
{
	const struct client *c;

	for (size_t i = 0; (c = assoc_at(p->clients, i)) != NULL; i++)
		if (c->entry.key != 0 && c->prober.rule != PROBER_NOT)
			fn(arg, &c->addr, &c->prober);
}
