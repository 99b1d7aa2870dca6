/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * dns/dns.c - questions for records: which server is asked, which one next, and
 * which answer is told.  A question stays with all servers it was sent to, so
 * that a late answer is as good as any.
 *
 * Nobody's done is called from within a channel: what has ended is put in a
 * row, and told after the channel has returned.  So a done may ask again, or
 * free us.
 */
#include "config.h"

#include "dns/dns.h"

#include <sys/queue.h>
#include <sys/random.h>

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/counter.h"
#include "base/log.h"
#include "base/strbuf.h"
#include "dns/channel.h"
#include "dns/peer.h"
#include "dns/server.h"
#include "dns/system.h"
#include "dns/timing.h"
#include "lists/listing.h"
#include "loop/loop.h"

#define END_MS 6200   /* when a question ends without an answer */
#define LOOK_MS 2000  /* from look to look at /etc/resolv.conf */
#define SENDS_MAX 3   /* servers asked for one question */
#define SPARE_MAX 256 /* questions kept for reuse: they come and go by the thousand */
#define OUT_OF_MEMORY "out of memory"

/* A question at one server. */
struct send {
	struct dnstry try;
	struct question *question;
	struct dnspeer *peer;
	unsigned server; /* its number */
	bool open;
	bool silent; /* and the server was told so */
};

struct question {
	STAILQ_ENTRY(question) row; /* of those that have ended, or are spare */
	struct dns *dns;
	struct dnspeers *servers;
	dns_done *done;
	void *arg;
	struct dns_reply reply; /* its records are ours */
	struct ipaddr near;
	struct dns_preference prefer; /* of who asked, until it has ended */
	uint32_t zone;                /* of dns/timing.h */
	int64_t deadline;
	struct send sends[SENDS_MAX];
	unsigned nsends, nopen, port;
	unsigned only;      /* the number of the only server to ask, if there is one of it */
	uint8_t flags;      /* enum dns_flag */
	bool uncounted;     /* no client asks */
	bool heard;         /* an answer, of no use */
	bool ended, told;   /* told, it stays until no send is open */
	bool ours;          /* no stranger has made up the name */
	unsigned char type; /* enum dns_type */
	char name[DNSWIRE_NAME_SIZE]; /* in the letter case it is sent in */
};

STAILQ_HEAD(row, question);

struct dns {
	struct loop *loop;
	bool system;                /* the servers are those of /etc/resolv.conf, ... */
	struct dnssystem_file file; /* ... that is this one, ... */
	int64_t look;               /* ... and is looked at again then */
	char *text;                 /* the servers, with commas between */
	struct dnspeers *servers;
	struct dnspeers *retired; /* whose questions are still open */
	struct timer *later;      /* tells what ended within dns_ask() */
	struct row ended;
	size_t nended;
	struct row spare;
	size_t nspare;
	bool telling;
	bool ending;        /* freed, but for itself while telling */
	size_t random_left; /* bytes of random not used yet */
	unsigned char random[64 * DNSWIRE_RANDOM_SIZE];
	char known[DNSWIRE_NAME_SIZE]; /* the last name of ours answered well */
};

static const struct dns_reply failed = {.status = DNS_FAILED, .rcode = DNS_NO_RCODE};

static struct question *
take_spare(struct dns *dns)
{
	struct question *q = STAILQ_FIRST(&dns->spare);

	STAILQ_REMOVE_HEAD(&dns->spare, row);
	dns->nspare--;
	return q;
}

static void
question_free(struct question *q)
{
	if (q->dns->ending || q->dns->nspare == SPARE_MAX) {
		free(q);
		return;
	}
	STAILQ_INSERT_HEAD(&q->dns->spare, q, row);
	q->dns->nspare++;
}

static struct question *
question_new(struct dns *dns, dns_done *done, void *arg)
{
	struct question *q = dns->nspare > 0 ? take_spare(dns) : malloc(sizeof(*q));

	if (q == NULL)
		return NULL;
	q->dns = dns;
	q->servers = dns->servers;
	q->done = done;
	q->arg = arg;
	q->reply = failed;
	q->only = DNS_ANY_SERVER;
	q->zone = 0;
	q->flags = 0;
	q->type = DNS_A;
	q->ours = true;
	q->prefer = (struct dns_preference){0};
	q->nsends = q->nopen = 0;
	q->uncounted = false;
	q->heard = q->ended = q->told = false;
	return q;
}

static void
free_if_done(struct question *q)
{
	if (q->told && q->nopen == 0)
		question_free(q);
}

/* Every way a question ends goes through here; its reply is what is told. */
static void
finish(struct question *q)
{
	struct dns *dns = q->dns;

	if (!q->uncounted && (q->reply.status == DNS_FAILED || q->reply.status == DNS_TIMEOUT))
		counter_add(COUNTER_DNS_FAILURES);
	q->ended = true;
	q->prefer = (struct dns_preference){0};
	for (unsigned i = 0; i < q->nsends; i++)
		q->sends[i].try.quiet = true;
	STAILQ_INSERT_TAIL(&dns->ended, q, row);
	dns->nended++;
}

static void
tell_first(struct dns *dns)
{
	struct question *q = STAILQ_FIRST(&dns->ended);
	struct dns_reply reply = q->reply;
	dns_done *done = q->done;
	void *arg = q->arg;

	STAILQ_REMOVE_HEAD(&dns->ended, row);
	dns->nended--;
	q->told = true;
	free_if_done(q);
	done(arg, &reply);
	dnsrecord_free(reply.records);
}

/* Tell what has ended by now.  The caller's last use of dns: it may be freed in there. */
static void
tell(void *arg)
{
	struct dns *dns = arg;

	dns->telling = true;
	for (size_t n = dns->nended; n > 0 && !dns->ending; n--)
		tell_first(dns);
	dns->telling = false;
	if (dns->ending)
		free(dns);
}

static bool
was_sent_to(const struct question *q, unsigned server)
{
	for (unsigned i = 0; i < q->nsends; i++)
		if (q->sends[i].server == server)
			return true;
	return false;
}

/*
 * The number of whom to ask next: the first server that is up, or, where none is, the
 * first; but none twice.  DNS_ANY_SERVER: there is none.
 */
static unsigned
choose(const struct question *q)
{
	unsigned other = DNS_ANY_SERVER;
	bool any_up = false;

	if (q->only < q->servers->n)
		return q->nsends == 0 ? q->only : DNS_ANY_SERVER;
	for (unsigned i = 0; q->nsends < SENDS_MAX && i < q->servers->n; i++) {
		bool up = dnspeer_up(q->servers->peers[i]), fresh = !was_sent_to(q, i);

		if (up && fresh)
			return i;
		any_up |= up;
		if (fresh && other == DNS_ANY_SERVER)
			other = i;
	}
	return any_up ? DNS_ANY_SERVER : other;
}

static void on_done(struct dnstry *, const struct dns_reply *);
static void on_late(struct dnstry *);

/* Ask the next server.  False: there is none.  It may have ended when this returns. */
static bool
send_next(struct question *q, int64_t now)
{
	unsigned server = choose(q);
	struct send *s;

	if (server == DNS_ANY_SERVER || now >= q->deadline)
		return false;
	s = &q->sends[q->nsends];
	*s = (struct send){.try = {.type = q->type,
			       .name = q->name,
			       .prefer = &q->prefer,
			       .flags = q->flags,
			       .zone = q->zone,
			       .since = now,
			       .deadline = q->deadline,
			       .done = on_done,
			       .late = on_late,
			       .arg = s},
	    .question = q,
	    .peer = q->servers->peers[server],
	    .server = server,
	    .open = true};
	q->nsends++;
	q->nopen++;
	q->servers->open++;
	dnspeer_ask(s->peer, &s->try, q->port);
	return true;
}

static void
note_silent(struct send *s)
{
	if (!s->silent)
		dnspeer_silent(s->peer, s->try.since);
	s->silent = true;
}

/* A server has nothing to say, or nothing of use; there may be others. */
static void
go_on(struct question *q, unsigned server, bool heard, const struct dns_reply *reply)
{
	/* What was heard, use or not, says more than silence. */
	if (heard || !q->heard)
		q->reply = (struct dns_reply){.status = reply->status,
		    .unsent = reply->unsent,
		    .is_signed = reply->is_signed,
		    .rcode = reply->rcode,
		    .server = server};
	q->heard |= heard;
	if (!send_next(q, clock_ms()) && q->nopen == 0)
		finish(q);
}

/* Keep an answer until it is told. */
static void
keep(struct question *q, unsigned server, const struct dns_reply *reply)
{
	q->reply = *reply;
	if (reply->records != NULL &&
	    (q->reply.records = dnsrecord_copy(reply->records)) == NULL)
		q->reply = failed;
	q->reply.server = server;
}

static void
on_done(struct dnstry *t, const struct dns_reply *reply)
{
	bool heard = t->heard != 0;
	struct send *s = t->arg;
	struct question *q = s->question;
	struct dns *dns = q->dns;

	s->open = false;
	q->nopen--;
	q->servers->open--;
	if (!dns->ending && heard)
		dnspeer_heard(s->peer, t->heard);
	else if (!dns->ending)
		note_silent(s);
	if (q->ended) {
		free_if_done(q);
	} else if (dns->ending) {
		finish(q);
	} else if (reply->status == DNS_FOUND || reply->status == DNS_ABSENT) {
		/* Servers of a stranger may be silent just when they like. */
		if (heard && q->ours)
			(void)strbuf_copy(dns->known, sizeof(dns->known), q->name);
		keep(q, s->server, reply);
		finish(q);
	} else {
		go_on(q, s->server, heard, reply);
	}
}

/* The server takes longer than it does: the next one's turn, if there is one. */
static void
on_late(struct dnstry *t)
{
	struct send *s = t->arg;

	if (t->heard == 0)
		note_silent(s);
	if (!s->question->ended)
		(void)send_next(s->question, clock_ms());
}

/* Enough random bytes for one question. */
static const unsigned char *
draw(struct dns *dns)
{
	if (dns->random_left == 0) {
		/* Without signals it is never cut short; without any, old ones must do. */
		(void)!getrandom(dns->random, sizeof(dns->random), 0);
		dns->random_left = sizeof(dns->random);
	}
	dns->random_left -= DNSWIRE_RANDOM_SIZE;
	return dns->random + dns->random_left;
}

/* Free the servers that nobody asks any more. */
static void
reap(struct dns *dns)
{
	struct dnspeers **at = &dns->retired, *all;

	while ((all = *at) != NULL) {
		if (all->open > 0) {
			at = &all->next;
			continue;
		}
		*at = all->next;
		dnspeers_free(all);
	}
}

/* After a channel has worked, and for the last time so for a retired one. */
static void
settle(void *arg)
{
	reap(arg);
	tell(arg);
}

/* Use these servers from now on (text is ours), unless they are the same; false: no memory. */
static bool
use(struct dns *dns, char *text)
{
	struct dnspeers *fresh;

	if (text != NULL && dns->text != NULL && strcmp(text, dns->text) == 0) {
		free(text);
		return true;
	}
	fresh = text != NULL ? dnspeers_new(dns->loop, text, dns->known, settle, dns) : NULL;
	if (fresh == NULL) {
		free(text);
		return false;
	}
	if (dns->servers != NULL) {
		log_event(LOG_LEVEL_INFO, "dns-servers", "servers", text);
		dns->servers->next = dns->retired;
		dns->retired = dns->servers;
	}
	dns->servers = fresh;
	free(dns->text);
	dns->text = text;
	reap(dns);
	return true;
}

/* Fill one that is all zero; false: why says what if it is not memory. */
static bool
fill(struct dns *dns, struct loop *loop, char *const *servers, struct strbuf *why)
{
	size_t n;

	dns->loop = loop;
	STAILQ_INIT(&dns->ended);
	STAILQ_INIT(&dns->spare);
	dns->system = servers == NULL || servers[0] == NULL;
	dnssystem_note(&dns->file, NULL);
	dns->later = timer_new(loop, tell, dns);
	return dns->later != NULL &&
	    use(dns, dns->system ? dnssystem_servers() : dnsserver_join(servers, &n, why));
}

struct dns *
dns_new(struct loop *loop, char *const *servers, char *why, size_t whysize)
{
	struct dns *dns = calloc(1, sizeof(*dns));
	struct strbuf reason;

	strbuf_init(&reason, why, whysize);
	if (dns != NULL && fill(dns, loop, servers, &reason))
		return dns;
	if (reason.len == 0)
		strbuf_add(&reason, OUT_OF_MEMORY);
	dns_free(dns);
	return NULL;
}

/* Begin to ask for a name that random bytes spell; whether it can be asked for. */
static bool
spell(struct question *q, const char *name, const unsigned char *random)
{
	if (!(q->ours ? dnswire_name : dnswire_any_name)(q->name, name, random))
		return false;
	if (dnswire_is_onion(q->name)) {
		q->reply.status = DNS_ABSENT;
		return false;
	}
	/* Three bits: as many as a name leaves. */
	q->port = random[DNSWIRE_RANDOM_SIZE - 1] / (256 / DNSCHANNEL_PORTS);
	return true;
}

/* Have the servers that /etc/resolv.conf has by now: DHCP and VPNs change it. */
static void
follow_system(struct dns *dns)
{
	int64_t now;

	if (!dns->system || dns->ending || (now = clock_ms()) < dns->look)
		return;
	dns->look = now + LOOK_MS;
	if (dnssystem_changed(&dns->file, NULL))
		dns_refresh(dns);
}

/* Ask for a name; q may be NULL: there was no memory. */
static void
ask(struct dns *dns, struct question *q, const char *name, dns_done *done, void *arg)
{
	int64_t now;

	if (q == NULL) {
		/* Better told here and now than never: somebody waits for every answer. */
		log_event(LOG_LEVEL_ERROR, "question-lost", "why", "out-of-memory");
		counter_add(COUNTER_DNS_FAILURES);
		done(arg, &failed);
		return;
	}
	q->reply.unsent = !spell(q, name, draw(dns));
	if (dns->ending || q->reply.unsent) {
		finish(q);
	} else {
		if (!q->uncounted)
			counter_add(COUNTER_DNS_QUERIES);
		now = clock_ms();
		q->deadline = now + END_MS;
		if (!send_next(q, now))
			finish(q);
	}
	if (dns->nended > 0)
		timer_start(dns->later, 0);
}

void
dns_ask(struct dns *dns, const char *name, dns_done *done, void *arg)
{
	dns_ask_server(dns, name, DNS_ANY_SERVER, 0, done, arg);
}

void
dns_ask_server(struct dns *dns, const char *name, unsigned server, unsigned flags,
    dns_done *done, void *arg)
{
	dns_ask_list(dns, NULL, name, server, flags, done, arg);
}

static void
use_flags(struct question *q, unsigned flags)
{
	q->uncounted = (flags & DNS_UNCOUNTED) != 0;
	q->flags = (uint8_t)(flags & ~DNS_UNCOUNTED);
}

void
dns_ask_list(struct dns *dns, const struct dns_list *list, const char *name, unsigned server,
    unsigned flags, dns_done *done, void *arg)
{
	struct question *q;

	follow_system(dns);
	q = question_new(dns, done, arg);
	if (q != NULL) {
		if (list != NULL) {
			q->prefer.worth = list->listing != NULL ? listing_worth : NULL;
			q->prefer.arg = list->listing;
			q->zone = dnstiming_zone(list->zone);
		}
		q->only = server;
		use_flags(q, flags);
	}
	ask(dns, q, name, done, arg);
}

void
dns_query(struct dns *dns, enum dns_type type, const char *name, const struct ipaddr *near,
    unsigned flags, dns_done *done, void *arg)
{
	struct question *q;

	follow_system(dns);
	q = question_new(dns, done, arg);
	if (q != NULL) {
		q->type = (unsigned char)type;
		q->ours = false;
		use_flags(q, flags);
		if (near != NULL) {
			q->near = *near;
			q->prefer.near = &q->near;
		}
	}
	ask(dns, q, name, done, arg);
}

size_t
dns_servers(const struct dns *dns)
{
	return dns->servers->n;
}

bool
dns_server_is_up(const struct dns *dns, size_t server)
{
	return dnspeer_up(dns->servers->peers[server]);
}

void
dns_refresh(struct dns *dns)
{
	if (dns->system && !use(dns, dnssystem_servers()))
		log_event(LOG_LEVEL_WARNING, "dns-not-refreshed", "why", "out-of-memory");
}

void
dns_free(struct dns *dns)
{
	if (dns == NULL)
		return;
	assert(!dns->ending);
	dns->ending = true;
	dnspeers_free(dns->servers);
	while (dns->retired != NULL) {
		struct dnspeers *all = dns->retired;

		dns->retired = all->next;
		dnspeers_free(all);
	}
	while (dns->nended > 0)
		tell_first(dns);
	while (dns->nspare > 0)
		free(take_spare(dns));
	timer_free(dns->later);
	free(dns->text);
	if (!dns->telling)
		free(dns);
}
