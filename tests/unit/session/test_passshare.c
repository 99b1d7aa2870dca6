/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_passshare.c - three nodes and one Redis, on the frozen clock: a pass of one is good at
 * all, what it lets through counts at all, and there is no second one, whatever Redis does.
 */
#include "config.h"

#include "session/passshare.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "fakes/fake_loop.h"
#include "fakes/fake_redis.h"
#include "loop/loop.h"
#include "loop/promise.h"
#include "session/passes.h"
#include "upstream/upstream.h"

#include "tap.h"

#define WALL 1800000000
#define AWAKE_MS 60000
#define SOON_MS 3000
#define CHECK_MS 90000 /* until it is seen that a stream was lost */
#define NODES 3
#define STREAM "rg1:{pass}:news"
#define DOMAIN "b.example"

static char host[] = "127.0.0.1";

struct node {
	struct passes *passes;
	struct passshare *share;
};

static struct loop *loop;
static struct upstream *upstream;
static struct promises *promises;
static struct node node[NODES];

static void
begin(unsigned at)
{
	node[at].passes = passes_new();
	node[at].share = passshare_new(loop, upstream, promises, node[at].passes);
	passshare_use(node[at].share, true);
}

static void
end(unsigned at)
{
	passshare_free(node[at].share);
	passes_free(node[at].passes);
}

static struct ipaddr
addr_of(const char *text)
{
	struct ipaddr addr;

	if (!ipaddr_parse(&addr, text))
		addr.bits = 0;
	return addr;
}

static enum pass_claim
claim(unsigned at, const char *client)
{
	const struct ipaddr addr = addr_of(client);
	const struct network network = passes_network(&addr);

	return passshare_claim(node[at].share, &network, clock_ms() + 1000);
}

static enum pass_answer
grant(unsigned at, const char *client)
{
	struct ipaddr addr = addr_of(client);
	struct pass pass;

	return passes_grant(node[at].passes, &addr, DOMAIN, &pass);
}

/* As the page does it. */
static bool
give(unsigned at, const char *client)
{
	return claim(at, client) != PASS_CLAIM_TAKEN && grant(at, client) == PASS_GRANTED;
}

static bool
spend(unsigned at, const char *client, const char *local)
{
	struct ipaddr addr = addr_of(client);
	struct mailbox to = {.domain = DOMAIN};

	snprintf(to.local, sizeof(to.local), "%s", local);
	return passes_spend(node[at].passes, &addr, &to, false);
}

static struct pass
known(unsigned at, const char *client)
{
	struct ipaddr addr = addr_of(client);
	struct pass pass = {.messages = 0};

	(void)passes_granted(node[at].passes, &addr, &pass);
	return pass;
}

static void
listed(unsigned at, const char *client)
{
	struct ipaddr addr = addr_of(client);

	passes_note_listed(node[at].passes, &addr);
}

/* Of days all machines sleep through but the last minute: each second is a tick otherwise. */
static void
wait_ms(int64_t ms)
{
	if (ms > AWAKE_MS)
		clock_advance(ms - AWAKE_MS);
	fake_loop_pass(loop, ms < AWAKE_MS ? ms : AWAKE_MS);
}

static void
test_shared(void)
{
	static const char client[] = "198.51.100.7";
	unsigned n = 0;

	ok(give(0, client), "a pass at one node");
	ok(!give(1, client), "there is no second one at another, at once");
	wait_ms(SOON_MS);
	same_num(grant(1, client), PASS_USED, "soon it knows of it");
	ok(known(1, client).until > 0 && strcmp(known(2, client).domain, DOMAIN) == 0,
	    "as do all");
	same_num(known(1, client).until / 60000, known(0, client).until / 60000,
	    "it ends when it does");
	for (unsigned i = 0; i < 20; i++) {
		n += spend(i % NODES, "198.51.100.200", "bob");
		wait_ms(SOON_MS);
	}
	same_num(n, PASS_MESSAGES, "messages at all nodes together");
	wait_ms(PASS_MS);
	ok(!give(2, client), "it is over, and there is no other");
	wait_ms(PASS_AGAIN_MS - PASS_MS);
	ok(give(2, client), "after 30 days there is");
	wait_ms(SOON_MS);
	ok(spend(0, client, "bob"), "at all nodes");
}

static void
test_recipients(void)
{
	static const char client[] = "2001:db8:1:2::7";
	char local[16];
	unsigned n = 0;

	ok(give(1, client), "another one");
	wait_ms(SOON_MS);
	for (unsigned i = 0; i < 8; i++) {
		snprintf(local, sizeof(local), "user%u", i);
		n += spend(i % NODES, client, local);
		wait_ms(SOON_MS);
	}
	same_num(n, PASS_RECIPIENTS, "recipients at all nodes together");
	ok(spend(2, client, "user0"), "one of them again, first written to by way of another");
	ok(!fake_redis_saw("user0"), "nobody's name is in Redis");
}

/* Two that let messages through before they know of each other. */
static void
test_at_once(void)
{
	static const char client[] = "198.51.101.7";
	unsigned n = 0;

	ok(give(0, client), "one more");
	wait_ms(SOON_MS);
	for (unsigned i = 0; i < 4 * NODES; i++)
		n += spend(i % NODES, client, "bob");
	same_num(n, 4 * NODES, "each has let four through");
	wait_ms(SOON_MS);
	for (unsigned at = 0; at < NODES; at++)
		ok(!spend(at, client, "bob"), "then none does");
}

static void
test_abused(void)
{
	static const char client[] = "198.51.102.7";

	ok(give(0, client), "to be abused");
	wait_ms(SOON_MS);
	ok(spend(0, client, "bob"), "used at one");
	wait_ms(SOON_MS);
	listed(1, client);
	ok(!spend(1, client, "bob"), "listed at another: it ends there at once");
	wait_ms(SOON_MS);
	ok(!spend(0, client, "bob") && !spend(2, client, "bob"), "and soon everywhere");
	listed(2, client);
	same_num(known(2, client).abuses, 1, "one is abused once");
	wait_ms(PASS_AGAIN_MS);
	ok(give(2, client), "after 30 days another one");
	wait_ms(SOON_MS);
	ok(spend(1, client, "bob"), "is used");
	wait_ms(SOON_MS);
	listed(2, client);
	wait_ms(PASS_AGAIN_MS);
	for (unsigned at = 0; at < NODES; at++)
		same_num(grant(at, client), PASS_ABUSED, "after two there is none at any");
}

static void
test_ended(void)
{
	static const char client[] = "198.51.103.7";
	struct ipaddr addr = addr_of(client);
	struct network network = passes_network(&addr);

	ok(give(0, client), "to be ended");
	wait_ms(SOON_MS);
	ok(passes_end(node[1].passes, &network), "by an administrator, anywhere");
	wait_ms(SOON_MS);
	ok(!spend(0, client, "bob"), "it is over where it was taken");
}

/* A node that starts knows what there was; times go by what Redis says. */
static void
test_restart(void)
{
	static const char client[] = "198.51.104.7";
	unsigned n = 0;

	ok(give(0, client), "before the restart");
	for (unsigned i = 0; i < 4; i++)
		n += spend(0, client, "bob");
	wait_ms(SOON_MS + PASS_MS / 2);
	end(0);
	begin(0);
	ok(!give(0, client), "claimed, before anything was read");
	wait_ms(SOON_MS);
	same_num(known(0, client).until / 60000, known(1, client).until / 60000,
	    "it ends when it did");
	for (unsigned i = 0; i < 20; i++)
		n += spend(0, client, "bob");
	same_num(n, PASS_MESSAGES, "and counts on");
	wait_ms(SOON_MS);
	same_num(known(2, client).messages, PASS_MESSAGES, "which others hear");
}

/* Without Redis each node is for itself; what it did then is told later. */
static void
test_down(void)
{
	static const char client[] = "198.51.105.7", other[] = "198.51.106.7";
	unsigned n = 0;

	fake_redis_set_mode(FAKE_REDIS_DOWN, 0);
	same_num(claim(0, client), PASS_CLAIM_UNKNOWN, "nobody can say");
	ok(give(0, client) && give(0, other), "then this node does");
	ok(!give(0, client), "once");
	for (unsigned i = 0; i < 20; i++)
		n += spend(0, client, "bob");
	same_num(n, PASS_MESSAGES, "never more than one pass's messages");
	wait_ms(SOON_MS);
	ok(give(1, other), "another node knows nothing of it");
	ok(spend(0, other, "bob") && spend(1, other, "bob"), "both count");
	fake_redis_set_mode(FAKE_REDIS_UP, 1);
	wait_ms(SOON_MS);
	same_num(grant(1, client), PASS_USED, "until Redis is back");
	ok(!spend(2, client, "bob"), "what was spent is spent");
	ok(known(0, other).id == known(1, other).id && known(2, other).messages == 2,
	    "of two passes there is one, with what both have let through");
}

/* A stream that was lost, or is none. */
static void
test_lost(void)
{
	static const char client[] = "198.51.107.7";

	ok(give(0, client), "before the loss");
	wait_ms(SOON_MS);
	fake_redis_lose_stream(STREAM, 0);
	wait_ms(CHECK_MS);
	end(2);
	begin(2);
	wait_ms(SOON_MS);
	same_num(grant(2, client), PASS_USED, "told anew, and heard by a node that starts");
	fake_redis_break_stream(STREAM);
	wait_ms(CHECK_MS);
	ok(give(0, "198.51.108.7"), "after it was no stream");
	wait_ms(SOON_MS);
	ok(known(1, "198.51.108.7").until > 0, "they hear each other again");
}

/* Redis takes a claim, and its answer is lost: whose it is can be seen. */
static void
test_claims(void)
{
	static const char client[] = "198.51.113.7", other[] = "198.51.114.7";

	fake_redis_lose_answers(true);
	same_num(claim(0, client), PASS_CLAIM_GOOD, "put, though nobody said so");
	fake_redis_lose_answers(false);
	same_num(claim(1, client), PASS_CLAIM_TAKEN, "no other node has it");
	fake_redis_refuse(true);
	same_num(
	    claim(0, other), PASS_CLAIM_UNKNOWN, "a Redis that takes nothing says nothing");
	fake_redis_refuse(false);
	same_num(claim(1, other), PASS_CLAIM_GOOD, "so that nobody has it");
}

/* A clock that is wrong does not matter for what is heard at once. */
static void
test_clocks(void)
{
	static const char client[] = "198.51.112.7";

	fake_redis_lose_stream(STREAM, 3 * PASS_MS);
	wait_ms(CHECK_MS);
	ok(give(0, client), "while Redis's clock is three days slow");
	wait_ms(SOON_MS);
	ok(spend(1, client, "bob"), "it is good at once");
	same_num(known(1, client).until / 60000, known(0, client).until / 60000,
	    "and ends when it does");
	fake_redis_lose_stream(STREAM, 0);
	wait_ms(CHECK_MS);
}

static void
test_nonsense(void)
{
	static const char *const rows[] = {"", "1", "1 ",
	    "2 198.51.109.0/24 b 5 0 1 good 0 - -",
	    "1 198.51.109.0/23 b.example 5 0 2592000 good 0 - -", "\377\376"};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		(void)fake_redis_append(STREAM, rows[i]);
	wait_ms(SOON_MS);
	ok(give(1, "198.51.109.7"), "nonsense is nothing");
	wait_ms(SOON_MS);
	ok(spend(0, "198.51.109.7", "bob"), "and not in the way");
}

static void
test_unwanted(void)
{
	passshare_use(node[0].share, false);
	same_num(
	    claim(0, "198.51.109.7"), PASS_CLAIM_UNKNOWN, "who does not share asks nobody");
	ok(give(0, "198.51.110.7"), "nor tells");
	wait_ms(SOON_MS);
	ok(known(1, "198.51.110.7").until == 0, "anybody");
}

int
main(void)
{
	const struct redis_options options = {.host = host, .port = 6379, .command_ms = 100};

	clock_freeze(1000000, WALL);
	loop = loop_new();
	upstream = upstream_new(loop);
	promises = promises_new(loop);
	upstream_configure(upstream, NULL, &options);
	for (unsigned at = 0; at < NODES; at++)
		begin(at);
	wait_ms(SOON_MS);
	test_shared();
	test_recipients();
	test_at_once();
	test_abused();
	test_ended();
	test_restart();
	test_down();
	test_lost();
	test_claims();
	test_clocks();
	test_nonsense();
	test_unwanted();
	upstream_free(upstream);
	for (unsigned at = 0; at < NODES; at++)
		end(at);
	promises_free(promises);
	loop_free(loop);
	return done();
}
