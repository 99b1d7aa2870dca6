/* SPDX-License-Identifier: BSD-2-Clause */
/* lookup/stalemx.c - MX, then the addresses of its hosts; what came of it is kept for a day. */
#include "config.h"

#include "lookup/stalemx.h"

#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/assoc.h"
#include "base/clock.h"
#include "base/domain.h"
#include "base/log.h"
#include "base/loglimit.h"
#include "base/strbuf.h"
#include "dns/dns.h"
#include "loop/loop.h"
#include "upstream/upstream.h"

#define DOMAINS 1024
#define KEEP_S 86400
#define EVERY_MS 1000
#define HOSTS_MAX 8 /* of a domain, the first by preference */

struct known {
	struct assoc_entry entry;
	uint32_t until; /* in seconds of clock_wall() */
	bool leads_here;
};

struct stalemx {
	struct loop *loop;
	struct upstream *upstream;
	struct loglimit asked;
	pthread_mutex_t lock; /* guards the table */
	struct assoc *table;
};

/* A domain that is looked up; all but the call belongs to the I/O thread. */
struct search {
	struct stalemx *stalemx;
	char domain[DOMAIN_NAME_SIZE], name[DOMAIN_NAME_SIZE];
	struct ipaddr address;
	unsigned open; /* questions, and one for who still asks */
	bool found;
	struct call call;
};

struct stalemx *
stalemx_new(struct loop *loop, struct upstream *upstream)
{
	struct stalemx *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return NULL;
	s->loop = loop;
	s->upstream = upstream;
	if ((s->table = assoc_new(DOMAINS, sizeof(struct known))) == NULL) {
		free(s);
		return NULL;
	}
	pthread_mutex_init(&s->lock, NULL);
	return s;
}

void
stalemx_free(struct stalemx *s)
{
	if (s == NULL)
		return;
	assoc_free(s->table);
	pthread_mutex_destroy(&s->lock);
	free(s);
}

/* Keep what has come of a search; until then it is kept that there is one. */
static void
keep(struct stalemx *s, const char *domain, bool leads_here)
{
	uint32_t now = (uint32_t)clock_wall();
	struct known *k;

	pthread_mutex_lock(&s->lock);
	k = assoc_take(s->table, assoc_key(s->table, domain, strlen(domain)), now);
	k->until = now + KEEP_S;
	k->leads_here = leads_here;
	pthread_mutex_unlock(&s->lock);
}

/* A question is over; the last one ends the search. */
static void
leave(struct search *search)
{
	struct logline line;

	if (--search->open > 0)
		return;
	if (search->found) {
		keep(search->stalemx, search->domain, true);
		logline_event(&line, "stale-mx");
		logline_str(&line, "domain", search->domain);
		logline_end(&line, LOG_LEVEL_WARNING);
	}
	free(search);
}

static void
on_address(void *arg, const struct dns_reply *reply)
{
	struct search *search = arg;

	search->found |= dnswire_has_address(reply, &search->address);
	leave(search);
}

/* Whether a host is this server: by its name, or else by its address, which is asked for. */
static void
look_at(struct search *search, struct dns *dns, const char *host)
{
	if (search->name[0] != '\0' && strcasecmp(host, search->name) == 0) {
		search->found = true;
		return;
	}
	if (search->address.bits == 0)
		return;
	search->open++;
	dns_query(dns, search->address.bits == 32 ? DNS_A : DNS_AAAA, host, &search->address,
	    DNS_UNCOUNTED, on_address, search);
}

static void
on_mx(void *arg, const struct dns_reply *reply)
{
	struct search *search = arg;
	struct dns *dns = upstream_resolver(search->stalemx->upstream);
	size_t n = reply->records != NULL ? reply->records->n : 0;

	if (dns != NULL && reply->status == DNS_FOUND)
		for (size_t i = 0; i < n && i < HOSTS_MAX; i++)
			look_at(search, dns, (const char *)reply->records->record[i].data);
	else if (dns != NULL && reply->status == DNS_ABSENT)
		look_at(search, dns, search->domain); /* RFC 5321, 5.1 */
	leave(search);
}

static void
begin(void *arg)
{
	struct search *search = arg;
	struct dns *dns = upstream_resolver(search->stalemx->upstream);

	search->open = 1;
	if (dns == NULL)
		leave(search);
	else
		dns_query(dns, DNS_MX, search->domain, NULL, DNS_UNCOUNTED, on_mx, search);
}

static void
start(struct stalemx *s, const char *domain, const char *name, const struct ipaddr *address)
{
	struct search *search = calloc(1, sizeof(*search));

	if (search == NULL)
		return;
	search->stalemx = s;
	(void)strbuf_copy(search->domain, sizeof(search->domain), domain);
	(void)strbuf_copy(search->name, sizeof(search->name), name != NULL ? name : "");
	if (ipaddr_is_global(address))
		search->address = *address;
	keep(s, domain, false);
	loop_post(s->loop, &search->call, begin, search);
}

bool
stalemx_leads_here(
    struct stalemx *s, const char *domain, const char *name, const struct ipaddr *address)
{
	bool known, leads_here;
	struct known *k;

	pthread_mutex_lock(&s->lock);
	k = assoc_find(s->table, assoc_key(s->table, domain, strlen(domain)));
	known = k != NULL && clock_wall() < k->until;
	leads_here = known && k->leads_here;
	pthread_mutex_unlock(&s->lock);
	if (!known && loglimit_count(&s->asked, EVERY_MS) > 0)
		start(s, domain, name, address);
	return leads_here;
}
