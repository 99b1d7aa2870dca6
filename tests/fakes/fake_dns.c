/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fake_dns.c - dns/dns.h out of a script, for tests.  It is made of the loop's
 * timers alone, and so works on the real loop as well as on the fake one.
 */
#include "config.h"

#include "dns/dns.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/ipaddr.h"
#include "base/strbuf.h"
#include "dns/server.h"
#include "dns/wire.h"
#include "fakes/fake_dns.h"
#include "loop/loop.h"

#define LESSONS_MAX 4096
#define NAME_MAX_LEN 256
#define SERVERS_KNOWN 8
#define TYPES (DNS_TXT + 1)

struct lesson {
	char name[NAME_MAX_LEN];
	bool all; /* types, or else this one */
	enum dns_type type;
	bool any; /* server, or else that one */
	struct endpoint server;
	struct dns_reply reply;
	int64_t after_ms;
};

struct asked {
	struct asked *next;
	char name[NAME_MAX_LEN];
	unsigned times[TYPES];
};

struct dns {
	struct loop *loop;
	struct query *queries;
	struct endpoint server[SERVERS_KNOWN];
	size_t nservers;
};

struct query {
	struct query *next;
	struct dns *dns;
	unsigned only; /* the number of the server that is asked, or DNS_ANY_SERVER */
	bool dnssec;
	struct timer *timer;
	struct dns_reply reply;
	const struct dns_records *records; /* its, whatever it says now */
	dns_done *done;
	void *arg;
};

static const struct dns_reply ended = {.status = DNS_FAILED, .rcode = DNS_NO_RCODE};
static struct lesson lessons[LESSONS_MAX];
static size_t nlessons;
static struct asked *all_asked;
static fake_dns_player *player;
static fake_dns_resolver *resolver;

struct dns_reply
fake_dns_reply(enum dns_status status)
{
	struct dns_reply reply = {.status = status};

	switch (status) {
	case DNS_FOUND:
		break;
	case DNS_ABSENT:
		reply.rcode = DNS_NXDOMAIN;
		reply.soa = true;
		reply.ttl = 300;
		break;
	case DNS_FAILED:
		reply.rcode = DNS_SERVFAIL;
		break;
	case DNS_TIMEOUT:
		reply.rcode = DNS_NO_RCODE;
		break;
	}
	return reply;
}

/* A copy that has its records for itself. */
static struct dns_reply
copy_reply(const struct dns_reply *reply)
{
	struct dns_reply copy = *reply;

	if (reply->records != NULL && (copy.records = dnsrecord_copy(reply->records)) == NULL)
		abort();
	return copy;
}

static bool
teach(const struct lesson *kind, const char *name, const char *server,
    const struct dns_reply *reply, int64_t after_ms)
{
	struct lesson *l = &lessons[nlessons];

	if (nlessons == LESSONS_MAX)
		return false;
	*l = *kind;
	l->any = server == NULL;
	if (!strbuf_copy(l->name, sizeof(l->name), name) ||
	    (server != NULL && !dnsserver_parse(&l->server, server)))
		return false;
	l->reply = copy_reply(reply);
	l->after_ms = after_ms;
	nlessons++;
	return true;
}

bool
fake_dns_teach(
    const char *name, const char *server, const struct dns_reply *reply, int64_t after_ms)
{
	struct lesson l = {.all = reply->status != DNS_FOUND, .type = DNS_A};

	return teach(&l, name, server, reply, after_ms);
}

bool
fake_dns_teach_type(enum dns_type type, const char *name, const char *server,
    const struct dns_reply *reply, int64_t after_ms)
{
	struct lesson l = {.type = type};

	return teach(&l, name, server, reply, after_ms);
}

void
fake_dns_play(fake_dns_player *p)
{
	player = p;
}

void
fake_dns_resolve(fake_dns_resolver *r)
{
	resolver = r;
}

static bool
is_zone(const char *pattern)
{
	return strncmp(pattern, "*.", 2) == 0;
}

bool
fake_dns_names(const char *pattern, const char *name)
{
	size_t n = strlen(name), tail = strlen(pattern) - 1;

	if (!is_zone(pattern))
		return strcasecmp(pattern, name) == 0;
	return n > tail && strcasecmp(name + n - tail, pattern + 1) == 0;
}

unsigned
fake_dns_asked_type(enum dns_type type, const char *name)
{
	unsigned times = 0;

	for (const struct asked *a = all_asked; a != NULL; a = a->next)
		if (fake_dns_names(name, a->name))
			times += a->times[type];
	return times;
}

unsigned
fake_dns_asked(const char *name)
{
	unsigned times = 0;

	for (unsigned type = 0; type < TYPES; type++)
		times += fake_dns_asked_type(type, name);
	return times;
}

void
fake_dns_reset(void)
{
	struct asked *a;

	while (nlessons > 0)
		dnsrecord_free(lessons[--nlessons].reply.records);
	player = NULL;
	resolver = NULL;
	while ((a = all_asked) != NULL) {
		all_asked = a->next;
		free(a);
	}
}

static void
note(enum dns_type type, const char *name)
{
	struct asked *a;

	for (a = all_asked; a != NULL; a = a->next)
		if (strcasecmp(a->name, name) == 0)
			break;
	if (a == NULL) {
		if ((a = calloc(1, sizeof(*a))) == NULL)
			abort();
		strbuf_copy(a->name, sizeof(a->name), name);
		a->next = all_asked;
		all_asked = a;
	}
	a->times[type]++;
}

/* Whether it is a lesson for who is asked; *server becomes the number of who answers. */
static bool
serves(const struct query *q, const struct lesson *l, unsigned *server)
{
	const struct dns *dns = q->dns;
	bool one = q->only < dns->nservers;

	*server = one ? q->only : 0;
	for (unsigned i = 0; i < dns->nservers; i++) {
		if (dns->server[i].port != l->server.port || (one && i != q->only) ||
		    ipaddr_compare(&dns->server[i].address, &l->server.address) != 0)
			continue;
		*server = i;
		return true;
	}
	return l->any;
}

/* The last lesson on a name, or on a zone, and if it is none of the type, "no records". */
static const struct lesson *
recall(const struct query *q, enum dns_type type, const char *name, bool zone, unsigned *server)
{
	static const struct lesson others = {
	    .reply = {.status = DNS_ABSENT, .soa = true, .ttl = 300}, .after_ms = 1};
	const struct lesson *l = NULL;

	for (size_t i = nlessons; i-- > 0;) {
		if (is_zone(lessons[i].name) != zone ||
		    !fake_dns_names(lessons[i].name, name) || !serves(q, &lessons[i], server))
			continue;
		if (lessons[i].all || lessons[i].type == type)
			return &lessons[i];
		l = &others;
	}
	return l;
}

/* Every question ends here, once. */
static void
finish(struct query *query)
{
	struct query **q = &query->dns->queries;

	while (*q != query)
		q = &(*q)->next;
	*q = query->next;
	timer_free(query->timer);
	query->done(query->arg, &query->reply);
	dnsrecord_free(query->records);
	free(query);
}

static void
on_time(void *arg)
{
	finish(arg);
}

struct dns *
dns_new(struct loop *loop, char *const *servers, char *why, size_t whysize)
{
	struct dns *dns = calloc(1, sizeof(*dns));

	if (dns == NULL)
		abort();
	dns->loop = loop;
	for (size_t i = 0; servers != NULL && servers[i] != NULL; i++) {
		if (i == SERVERS_KNOWN || !dnsserver_parse(&dns->server[i], servers[i])) {
			snprintf(why, whysize, "\"%s\" is not a server", servers[i]);
			free(dns);
			return NULL;
		}
		dns->nservers++;
	}
	return dns;
}

void
fake_dns_serve(const struct query *query, enum dns_type type, const char *name,
    struct dns_reply *reply, int64_t *after_ms)
{
	const struct lesson nothing = {.reply = fake_dns_reply(DNS_ABSENT), .after_ms = 1};
	unsigned server = query->only < query->dns->nservers ? query->only : 0;
	const struct lesson *l = recall(query, type, name, false, &server);
	const struct dns_records *records;

	if (l == NULL && (l = recall(query, type, name, true, &server)) == NULL)
		l = &nothing;
	*reply = copy_reply(&l->reply);
	records = reply->records;
	*after_ms = l->after_ms;
	if (player != NULL)
		player(type, name, reply, after_ms);
	if (reply->records == NULL)
		dnsrecord_free(records);
	reply->server = server;
}

static void
ask(struct query *query, enum dns_type type, const char *name)
{
	fake_dns_resolver *answer = resolver != NULL ? resolver : fake_dns_serve;
	int64_t after_ms;

	note(type, name);
	answer(query, type, name, &query->reply, &after_ms);
	query->records = query->reply.records;
	query->reply.is_signed &= query->dnssec;
	timer_start(query->timer, after_ms);
}

static struct query *
query_new(struct dns *dns, dns_done *done, void *arg)
{
	struct query *query = calloc(1, sizeof(*query));

	if (query == NULL || (query->timer = timer_new(dns->loop, on_time, query)) == NULL)
		abort();
	query->dns = dns;
	query->only = DNS_ANY_SERVER;
	query->done = done;
	query->arg = arg;
	query->next = dns->queries;
	dns->queries = query;
	return query;
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
	struct query *query = query_new(dns, done, arg);

	query->only = server;
	query->dnssec = (flags & DNS_DNSSEC_OK) != 0;
	ask(query, DNS_A, name);
}

void
dns_ask_list(struct dns *dns, const struct dns_list *list, const char *name, unsigned server,
    unsigned flags, dns_done *done, void *arg)
{
	(void)list; /* what was taught fits */
	dns_ask_server(dns, name, server, flags, done, arg);
}

size_t
dns_servers(const struct dns *dns)
{
	return dns->nservers > 0 ? dns->nservers : 1;
}

bool
dns_server_is_up(const struct dns *dns, size_t server)
{
	return server < dns_servers(dns);
}

void
dns_query(struct dns *dns, enum dns_type type, const char *name, const struct ipaddr *near,
    unsigned flags, dns_done *done, void *arg)
{
	static const unsigned char as_it_is[DNSWIRE_RANDOM_SIZE];
	struct query *query = query_new(dns, done, arg);
	char asked[DNSWIRE_NAME_SIZE];

	(void)flags;
	(void)near; /* what was taught fits */
	if (dnswire_any_name(asked, name, as_it_is)) {
		ask(query, type, asked);
	} else {
		query->reply = ended;
		query->reply.unsent = true;
		timer_start(query->timer, 0);
	}
}

void
dns_refresh(struct dns *dns)
{
	(void)dns;
	note(DNS_A, "/etc/resolv.conf");
}

void
dns_free(struct dns *dns)
{
	if (dns == NULL)
		return;
	while (dns->queries != NULL) {
		dns->queries->reply = ended;
		finish(dns->queries);
	}
	free(dns);
}
