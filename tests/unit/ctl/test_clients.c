/* SPDX-License-Identifier: BSD-2-Clause */
/* test_clients.c - who was on a list, and good within a week; many of them, and too many. */
#include "config.h"

#include "ctl/clients.h"

#include "tap.h"

#define MANY 100000U

static struct ipaddr
client(unsigned i)
{
	struct ipaddr addr = {
	    .bits = 32, .byte = {10, (uint8_t)(i >> 16), (uint8_t)(i >> 8), (uint8_t)i}};

	return addr;
}

static void
test_one(void)
{
	struct clients *c = clients_new(100);
	struct ipaddr a = client(1), b = client(2), six = {.bits = 128, .byte = {10, 0, 0, 1}};

	same_num((long long)clients_list(c, &a, 5, 1000), 5, "two lists");
	same_num((long long)clients_list(c, &a, 7, 2000), 2, "another one");
	same_num((long long)clients_pass(c, &b, 2000), 0, "somebody else");
	same_num(
	    (long long)clients_pass(c, &six, 2000), 0, "the same bytes, and another address");
	same_num((long long)clients_pass(c, &a, 1999), 0, "before it was listed");
	same_num((long long)clients_pass(c, &a, 2001 + CLIENTS_WINDOW_S), 0, "too late");
	same_num((long long)clients_pass(c, &a, 2000 + CLIENTS_WINDOW_S), 7, "within the week");
	same_num((long long)clients_pass(c, &a, 2000), 0, "counted once");
	same_num((long long)clients_list(c, &b, (listset)1 << 63 | 1, 5),
	    (long long)((listset)1 << 63 | 1), "the first and the last list");
	same_num((long long)clients_pass(c, &b, 5), (long long)((listset)1 << 63 | 1),
	    "in the same second");
	clients_free(c);
	clients_free(NULL);
}

static void
test_many(void)
{
	struct clients *c = clients_new(MANY);
	unsigned fresh = 0, again = 0, passed = 0;

	for (unsigned i = 0; i < MANY + 10; i++) {
		struct ipaddr addr = client(i);

		fresh += clients_list(c, &addr, 1, i) == 1;
	}
	for (unsigned i = 0; i < MANY; i++) {
		struct ipaddr addr = client(i);

		again += clients_list(c, &addr, 1, i) == 1;
		passed += clients_pass(c, &addr, i) == 1;
	}
	same_num(fresh, MANY, "as many as there is room for");
	same_num((long long)clients_left_out(c), 10, "the others are counted");
	same_num(again, 0, "each is known");
	same_num(passed, MANY, "each is found");
	clients_free(c);
}

int
main(void)
{
	test_one();
	test_many();
	return done();
}
