/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fake_dns.c - dns.h out of a script, for tests.  It is made of the loop's
 * timers alone, and so works on the real loop as well as on the fake one.
 */
#include "config.h"

#include "dns.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "dnsserver.h"
#include "fakes/fake_dns.h"
#include "ipaddr.h"
#include "loop.h"
#include "strbuf.h"

#define LESSONS_MAX 4096
#define NAME_MAX_LEN 256
#define SERVERS_KNOWN 8

struct lesson {
	char name[NAME_MAX_LEN];
	bool any; /* server, or else that one */
	struct dnsserver server;
	struct dns_reply reply;
	int64_t after_ms;
};

struct asked {
	struct asked *next;
	char name[NAME_MAX_LEN];
	unsigned times;
};

struct dns {
	struct loop *loop;
	struct query *queries;
	struct dnsserver server[SERVERS_KNOWN];
	size_t nservers;
};

struct query {
	struct query *next;
	struct dns *dns;
	struct timer *timer;
	struct dns_reply reply;
	dns_done *done;
	void *arg;
};

static struct lesson lessons[LESSONS_MAX];
static size_t nlessons;
static struct asked *all_asked;
static fake_dns_player *player;

bool
fake_dns_teach(
    const char *name, const char *server, const struct dns_reply *reply, int64_t after_ms)
{
	struct lesson *l = &lessons[nlessons];

	if (nlessons == LESSONS_MAX || !strbuf_copy(l->name, sizeof(l->name), name))
		return false;
	l->any = server == NULL;
	if (server != NULL && !dnsserver_parse(&l->server, server))
		return false;
	l->reply = *reply;
	l->after_ms = after_ms;
	nlessons++;
	return true;
}

void
fake_dns_play(fake_dns_player *p)
{
	player = p;
}

static bool
is_zone(const char *pattern)
{
	return strncmp(pattern, "*.", 2) == 0;
}

static bool
names(const char *pattern, const char *name)
{
	size_t n = strlen(name), tail = strlen(pattern) - 1;

	if (!is_zone(pattern))
		return strcasecmp(pattern, name) == 0;
	return n > tail && strcasecmp(name + n - tail, pattern + 1) == 0;
}

unsigned
fake_dns_asked(const char *name)
{
	unsigned times = 0;

	for (const struct asked *a = all_asked; a != NULL; a = a->next)
		if (names(name, a->name))
			times += a->times;
	return times;
}

void
fake_dns_reset(void)
{
	struct asked *a;

	nlessons = 0;
	player = NULL;
	while ((a = all_asked) != NULL) {
		all_asked = a->next;
		free(a);
	}
}

static void
note(const char *name)
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
	a->times++;
}

static bool
serves(const struct dns *dns, const struct lesson *l)
{
	for (size_t i = 0; i < dns->nservers; i++)
		if (dns->server[i].port == l->server.port &&
		    ipaddr_compare(&dns->server[i].address, &l->server.address) == 0)
			return true;
	return l->any;
}

static const struct lesson *
recall(const struct dns *dns, const char *name, bool zone)
{
	for (size_t i = nlessons; i-- > 0;)
		if (is_zone(lessons[i].name) == zone && names(lessons[i].name, name) &&
		    serves(dns, &lessons[i]))
			return &lessons[i];
	return NULL;
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
dns_ask(struct dns *dns, const char *name, dns_done *done, void *arg)
{
	static const struct lesson nothing = {
	    .reply = {.status = DNS_ABSENT, .ttl = 300}, .after_ms = 1};
	const struct lesson *l = recall(dns, name, false);
	struct query *query = calloc(1, sizeof(*query));
	int64_t after_ms;

	note(name);
	if (l == NULL && (l = recall(dns, name, true)) == NULL)
		l = &nothing;
	if (query == NULL || (query->timer = timer_new(dns->loop, on_time, query)) == NULL)
		abort();
	query->dns = dns;
	query->reply = l->reply;
	after_ms = l->after_ms;
	if (player != NULL)
		player(name, &query->reply, &after_ms);
	query->done = done;
	query->arg = arg;
	query->next = dns->queries;
	dns->queries = query;
	timer_start(query->timer, after_ms);
}

void
dns_refresh(struct dns *dns)
{
	(void)dns;
	note("/etc/resolv.conf");
}

void
dns_free(struct dns *dns)
{
	static const struct dns_reply ended = {.status = DNS_FAILED};

	if (dns == NULL)
		return;
	while (dns->queries != NULL) {
		dns->queries->reply = ended;
		finish(dns->queries);
	}
	free(dns);
}
