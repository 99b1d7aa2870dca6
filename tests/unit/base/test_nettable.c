/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_nettable.c - networks are found as a search through all of them finds
 * them.  TEST_SEED=n repeats a run.
 */
#include "config.h"

#include "base/nettable.h"

#include <sched.h>
#include <stdlib.h>
#include <time.h>

#include "base/bulk.h"
#include "base/ipaddr.h"
#include "tap.h"

#define NETWORKS 3000
#define LOOKUPS 20000

struct naive {
	struct ipaddr addr;
	unsigned len;
	char reason[16];
};

static uint32_t
next_random(void)
{
	static uint64_t state;

	if (state == 0) {
		const char *given = getenv("TEST_SEED");

		state = given != NULL ? strtoull(given, NULL, 10) : (uint64_t)time(NULL);
		printf("# TEST_SEED=%llu\n", (unsigned long long)state);
	}
	state = state * 6364136223846793005U + 1442695040888963407U;
	return (uint32_t)(state >> 33);
}

/* Few distinct bytes, so that networks lie within each other and repeat. */
static struct ipaddr
random_address(void)
{
	struct ipaddr addr = {.bits = next_random() % 2 == 0 ? 32 : 128};
	unsigned i, dense = next_random() % 2;

	for (i = 0; i < addr.bits / 8U; i++)
		addr.byte[i] =
		    (uint8_t)(dense ? next_random() % 3 * 127 : next_random() % 2 << 7);
	return addr;
}

static void
random_network(struct naive *net, unsigned number)
{
	unsigned i;

	net->addr = random_address();
	net->len = next_random() % (net->addr.bits + 1U);
	for (i = net->len; i < net->addr.bits; i++)
		net->addr.byte[i / 8] &= (uint8_t) ~(0x80U >> i % 8);
	snprintf(net->reason, sizeof(net->reason), "%u", number / 3);
}

/* The longest; of equal ones the first. */
static const struct naive *
find_naive(const struct naive *nets, size_t n, const struct ipaddr *addr)
{
	const struct naive *best = NULL;
	size_t i;

	for (i = 0; i < n; i++)
		if (ipaddr_within(addr, &nets[i].addr, nets[i].len) &&
		    (best == NULL || nets[i].len > best->len))
			best = &nets[i];
	return best;
}

static bool
agrees(struct nettable *const *tables, const struct naive *nets, const struct ipaddr *addr)
{
	const struct naive *want = find_naive(nets, NETWORKS, addr);
	const char *reason = NULL;
	char text[IPADDR_STRLEN];
	unsigned len = 0;
	bool found = nettable_find(tables[addr->bits == 128], addr->byte, &len, &reason);

	if (found == (want != NULL) &&
	    (!found || (len == want->len && strcmp(reason, want->reason) == 0)))
		return true;
	printf("# %s: got %d, want %d\n", ipaddr_format(addr, text), found ? (int)len : -1,
	    want != NULL ? (int)want->len : -1);
	return false;
}

static void
fill(struct nettable *const *tables, struct naive *nets)
{
	size_t i, wrong = 0;

	for (i = 0; i < NETWORKS; i++) {
		struct naive *net = &nets[i];

		random_network(net, (unsigned)i);
		wrong += !nettable_add(
		    tables[net->addr.bits == 128], net->addr.byte, net->len, net->reason);
	}
	same_num((long long)wrong, 0, "random networks are added");
	ok(nettable_seal(tables[0]) && nettable_seal(tables[1]), "and sealed");
	ok(nettable_count(tables[0]) + nettable_count(tables[1]) < NETWORKS,
	    "some of them were there already");
}

/* Turn to the address before; before the first one is the last. */
static void
step_back(struct ipaddr *addr)
{
	unsigned at = addr->bits / 8U;

	while (at > 0 && addr->byte[--at]-- == 0)
		continue;
}

static void
test_random(struct nettable *const *tables)
{
	static struct naive nets[NETWORKS];
	struct ipaddr addr;
	size_t i, wrong = 0;

	fill(tables, nets);
	for (i = 0; i < LOOKUPS; i++) {
		addr = random_address();
		wrong += !agrees(tables, nets, &addr);
	}
	same_num((long long)wrong, 0, "random addresses are found as a search of all does");
	for (i = 0; i < NETWORKS; i++) {
		addr = nets[i].addr;
		wrong += !agrees(tables, nets, &addr);
		step_back(&addr);
		wrong += !agrees(tables, nets, &addr);
	}
	same_num((long long)wrong, 0, "so are both sides of where each network begins");
}

/* More of the same than are sorted at once. */
static void
test_same(unsigned bits)
{
	static const uint8_t addr[16] = {0x20, 0x01, 0x0d, 0xb8};
	struct nettable *table = nettable_new(bits);
	const char *reason = NULL;
	size_t wrong = 0;
	unsigned len;

	for (unsigned i = 0; i < NETWORKS; i++)
		wrong += !nettable_add(table, addr, 32, i == 0 ? "first" : "later");
	same_num((long long)wrong, 0, "one network many times");
	ok(nettable_seal(table) && nettable_count(table) == 1, "is there once");
	ok(nettable_find(table, addr, &len, &reason), "and is found");
	same_str(reason, "first", "the first one stays");
	nettable_free(table);
}

/* One network in the other, as deep as it gets. */
static void
test_depth(unsigned bits)
{
	struct nettable *table = nettable_new(bits);
	struct ipaddr addr = {.bits = (uint8_t)bits};
	const char *reason;
	unsigned len, got = 0;
	bool good = true;

	for (len = bits + 1; len-- > 0;)
		good &= nettable_add(table, addr.byte, len, NULL);
	good &= nettable_seal(table) && nettable_count(table) == bits + 1;
	for (len = 0; len < bits; len++) {
		memset(addr.byte, 0, sizeof(addr.byte));
		addr.byte[len / 8] = (uint8_t)(0x80U >> len % 8);
		good &= nettable_find(table, addr.byte, &got, &reason) && got == len;
	}
	ok(good, "all lengths of %u bits within each other", bits);
	nettable_free(table);
}

static unsigned yields;

/* In the place of the system's: how often others may have the processor. */
int
sched_yield(void)
{
	yields++;
	return 0;
}

/* While it is made ready it never keeps the processor for long. */
static void
test_turns(unsigned bits)
{
	struct nettable *table = nettable_new(bits);
	size_t n = 64UL * BULK_TURN;
	bool good = true;

	for (size_t i = 0; i < n; i++) {
		uint32_t address[4] = {next_random(), next_random(), (uint32_t)i, (uint32_t)i};

		good &= nettable_add(table, (const uint8_t *)address, bits, NULL);
	}
	yields = 0;
	good &= nettable_seal(table);
	ok(good && yields >= 5 * n / BULK_TURN - 5, "%u bits: %u turns are given away", bits,
	    yields);
	nettable_free(table);
}

int
main(void)
{
	struct nettable *tables[2] = {nettable_new(32), nettable_new(128)};

	test_random(tables);
	test_same(32);
	test_same(128);
	test_depth(32);
	test_depth(128);
	test_turns(32);
	test_turns(128);
	nettable_free(tables[0]);
	nettable_free(tables[1]);
	nettable_free(NULL);
	return done();
}
