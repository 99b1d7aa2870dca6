/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_dns_ids.c - questions for one name, at once, of one port and with one id, as chance
 * has it now and then: each answer finds the question of its letter case.
 */
#include "config.h"

#include "dns/dns.h"

#include <string.h>
#include <sys/random.h>

#include "fakes/dns_check.h"
#include "fakes/dns_user.h"
#include "fakes/dnsd.h"
#include "loop/loop.h"

#include "tap.h"

#define QUESTIONS 20
#define ROUNDS 10

/* Chance that has one id and one port, but many letter cases. */
ssize_t
getrandom(void *buf, size_t size, unsigned flags)
{
	static uint32_t state = 1;
	unsigned char *byte = buf;

	(void)flags;
	memset(buf, 0, size);
	if (size % (64 * DNSWIRE_RANDOM_SIZE) != 0)
		return (ssize_t)size; /* ids */
	for (size_t i = 0; i < size; i++) {
		state = state * 1664525 + 1013904223;
		byte[i] = i % DNSWIRE_RANDOM_SIZE < DNSWIRE_RANDOM_SIZE - 1
		    ? (unsigned char)(state >> 24)
		    : 0;
	}
	return (ssize_t)size;
}

int
main(void)
{
	struct loop *loop = loop_new();
	struct dnsd *d = dnsd_start();
	const char *names[QUESTIONS];
	struct dns_user u;
	unsigned found = 0;

	if (loop == NULL || !loop_start(loop))
		return 99;
	dnsd_teach(d, "one.example", "127.0.0.2");
	dns_check_begin(&u, loop, d);
	for (unsigned i = 0; i < QUESTIONS; i++)
		names[i] = "one.example";
	for (unsigned round = 0; round < ROUNDS; round++) {
		dns_user_ask(&u, names, QUESTIONS);
		for (unsigned i = 0; i < QUESTIONS; i++)
			found += u.told[i].reply.status == DNS_FOUND;
	}
	same_num(found, ROUNDS * QUESTIONS, "one id: every question has its answer");
	dns_user_end(&u);
	loop_stop(loop);
	loop_free(loop);
	dnsd_stop(d);
	return done();
}
