/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * dns/peer.c - tells a server that is gone from a question that is hard: what
 * has said anything since the question was sent is there, and a probe decides
 * before the log speaks of it.
 */
#include "config.h"

#include "dns/peer.h"

#include <stdlib.h>
#include <string.h>

#include "base/breaker.h"
#include "base/clock.h"
#include "base/strbuf.h"

#define SILENT_ROW 3  /* questions without an answer make a doubt */
#define PROBE_MS 1000 /* for a probe to be answered */
#define PROBES 2
#define UNUSED_MS (10 * 60000) /* nobody asks these servers any more */

/* Known to each server, or refused; without recursion it asks nobody else for that. */
#define OWN_NAME "localhost"

struct dnspeer {
	struct dnspeers *all;
	struct dnschannel *channel;
	struct breaker breaker;
	unsigned row;        /* questions without an answer, since it was last heard */
	bool doubted;        /* a probe is under way, the timer runs, or it is unused */
	bool unused;         /* it gets no probe until it or one beside it is asked */
	int64_t heard;       /* when it last was */
	struct timer *timer; /* to the next probe */
	const char *known;   /* a name that was answered, or "" */
	char asked[DNSWIRE_NAME_SIZE];
	struct dnstry probe[PROBES]; /* for what the server has itself, and the name asked */
	unsigned probing;            /* of these, how many are open */
	int64_t probed;              /* when the last probe was sent */
};

static void
send_probe(void *arg)
{
	struct dnspeer *p = arg;

	/* One of the last doubt may be under way yet, and answers for this one. */
	if (p->probing > 0)
		return;
	p->probed = clock_ms();
	(void)strbuf_copy(p->asked, sizeof(p->asked), p->known);
	p->probing = p->asked[0] != '\0' ? PROBES : 1;
	/* The last one to end may do so within the call. */
	for (unsigned i = 0, n = p->probing; i < n; i++) {
		p->probe[i].since = p->probed;
		p->probe[i].deadline = p->probed + PROBE_MS;
		dnschannel_probe(p->channel, &p->probe[i]);
	}
}

static void
mend(struct dnspeer *p, int64_t heard)
{
	p->heard = heard;
	p->row = 0;
	if (!p->doubted)
		return;
	p->doubted = p->unused = false;
	timer_stop(p->timer);
	breaker_mend(&p->breaker);
}

static void
on_probe(struct dnstry *t, const struct dns_reply *reply)
{
	struct dnspeer *p = t->arg;
	int64_t next;

	(void)reply;
	p->probing--;
	if (t->heard != 0) {
		mend(p, t->heard);
	} else if (p->doubted && p->probing == 0) {
		/* From probe to probe, so that one comes within five seconds. */
		next = p->probed + breaker_fail(&p->breaker, "no answer") - clock_ms();
		p->unused = clock_ms() - p->all->asked >= UNUSED_MS;
		if (!p->unused)
			timer_start(p->timer, next > 0 ? next : 0);
	}
}

static void
peer_free(struct dnspeer *p)
{
	p->doubted = false; /* a probe that ends with us says nothing */
	dnschannel_free(p->channel);
	timer_free(p->timer);
	free(p);
}

static struct dnspeer *
peer_new(struct loop *loop, const char *server, const char *known, loop_fn *after, void *arg)
{
	struct dnspeer *p = calloc(1, sizeof(*p));

	if (p == NULL)
		return NULL;
	breaker_init(&p->breaker, "dns", server);
	p->heard = INT64_MIN;
	p->known = known;
	p->probe[0] = (struct dnstry){.type = DNS_A,
	    .name = OWN_NAME,
	    .flags = DNS_NO_RECURSION,
	    .done = on_probe,
	    .arg = p};
	p->probe[1] =
	    (struct dnstry){.type = DNS_A, .name = p->asked, .done = on_probe, .arg = p};
	p->timer = timer_new(loop, send_probe, p);
	p->channel = dnschannel_new(loop, server, after, arg);
	if (p->timer == NULL || p->channel == NULL) {
		peer_free(p);
		return NULL;
	}
	return p;
}

struct dnspeers *
dnspeers_new(
    struct loop *loop, const char *servers, const char *known, loop_fn *after, void *arg)
{
	size_t most = strlen(servers) / 2 + 1; /* a letter and a comma each, or more */
	struct dnspeers *all = calloc(1, sizeof(*all) + most * sizeof(all->peers[0]));
	char *text = strdup(servers), *rest = NULL, *one = NULL;

	if (all != NULL && text != NULL)
		one = strtok_r(text, ",", &rest);
	for (; one != NULL; one = strtok_r(NULL, ",", &rest)) {
		struct dnspeer *p = peer_new(loop, one, known, after, arg);

		if (p == NULL)
			break;
		p->all = all;
		all->peers[all->n++] = p;
	}
	if (all != NULL && (text == NULL || one != NULL)) {
		dnspeers_free(all);
		all = NULL;
	}
	free(text);
	return all;
}

void
dnspeers_free(struct dnspeers *all)
{
	if (all == NULL)
		return;
	for (size_t i = 0; i < all->n; i++)
		peer_free(all->peers[i]);
	free(all);
}

bool
dnspeer_up(const struct dnspeer *p)
{
	return !p->doubted;
}

/* Probe those again that were left alone. */
static void
use_again(const struct dnspeers *all)
{
	for (size_t i = 0; i < all->n; i++) {
		if (!all->peers[i]->unused)
			continue;
		all->peers[i]->unused = false;
		send_probe(all->peers[i]);
	}
}

void
dnspeer_ask(struct dnspeer *p, struct dnstry *t, unsigned port)
{
	p->all->asked = t->since;
	use_again(p->all);
	dnschannel_ask(p->channel, t, port);
}

void
dnspeer_heard(struct dnspeer *p, int64_t when)
{
	mend(p, when);
	breaker_trust(&p->breaker);
}

void
dnspeer_silent(struct dnspeer *p, int64_t since)
{
	if (p->doubted || p->heard >= since || ++p->row < SILENT_ROW)
		return;
	p->doubted = true;
	send_probe(p);
}
