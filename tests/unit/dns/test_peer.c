/* SPDX-License-Identifier: BSD-2-Clause */
/* test_dnspeer.c - which servers are probed, and for how long. */
#include "config.h"

#include "dns/peer.h"

#include "base/clock.h"
#include "fakes/fake_loop.h"
#include "loop/loop.h"

#include "tap.h"

#define MINUTE 60000

/* Channels to servers that hear nothing, or, once they are heard, answer at once. */
struct dnschannel {
	unsigned probes;
	bool heard;
} channels[2];

static unsigned nchannels;

struct dnschannel *
dnschannel_new(struct loop *loop, const char *server, loop_fn *after, void *arg)
{
	(void)loop;
	(void)server;
	(void)after;
	(void)arg;
	channels[nchannels % 2] = (struct dnschannel){0};
	return &channels[nchannels++ % 2];
}

void
dnschannel_free(struct dnschannel *c)
{
	(void)c;
}

void
dnschannel_ask(struct dnschannel *c, struct dnstry *t, unsigned port)
{
	(void)c;
	(void)t;
	(void)port;
}

void
dnschannel_probe(struct dnschannel *c, struct dnstry *t)
{
	struct dns_reply reply = {.status = DNS_TIMEOUT};

	c->probes++;
	t->heard = c->heard;
	t->done(t, &reply);
}

static struct loop *loop;

/* The probes of a server within so many minutes. */
static unsigned
probes_in(const struct dnschannel *c, int64_t minutes)
{
	unsigned before = c->probes;

	fake_loop_pass(loop, minutes * MINUTE);
	return c->probes - before;
}

static void
ask(struct dnspeer *p)
{
	struct dnstry question = {.name = "a.example", .since = clock_ms()};

	dnspeer_ask(p, &question, 0);
}

static void
test_unused(void)
{
	struct dnspeers *all = dnspeers_new(loop, "192.0.2.1:53,192.0.2.2:53", "", NULL, NULL);
	unsigned n;

	fake_loop_pass(loop, MINUTE);
	ask(all->peers[0]);
	for (int i = 0; i < 3; i++)
		dnspeer_silent(all->peers[0], clock_ms());
	ok(!dnspeer_up(all->peers[0]), "silent");
	n = probes_in(&channels[0], 9);
	ok(n >= 100, "it is probed as long as it may be wanted: %u", n);
	ask(all->peers[1]);
	n = probes_in(&channels[0], 9);
	ok(n >= 100, "as where those beside it are asked: %u", n);
	(void)probes_in(&channels[0], 2);
	same_num(probes_in(&channels[0], 600), 0, "nobody asks: no more");
	same_num(channels[1].probes, 0, "the other one is well");
	ask(all->peers[1]);
	n = probes_in(&channels[0], 1);
	ok(n >= 10, "one is asked: it is probed again: %u", n);
	(void)probes_in(&channels[0], 600);
	channels[0].heard = true;
	ask(all->peers[1]);
	ok(dnspeer_up(all->peers[0]), "and found");
	same_num(probes_in(&channels[0], 600), 0, "then there is no need of it");
	dnspeers_free(all);
}

int
main(void)
{
	clock_freeze(1000000, 1766300000);
	loop = loop_new();
	if (loop == NULL)
		return 99;
	test_unused();
	loop_free(loop);
	return done();
}
