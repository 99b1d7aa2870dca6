/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * dns_user.c - carries questions of a test to the I/O thread, and answers back.
 * The latch orders what both threads see.
 */
#include "config.h"

#include "fakes/dns_user.h"

#include <assert.h>
#include <stdlib.h>

#include "base/clock.h"

#define LONG_MS 30000

static void
start(struct dns_user *u, loop_fn *fn)
{
	event_flag_init(&u->event_flag);
	loop_call(u->loop, fn, u);
}

bool
dns_user_wait(struct dns_user *u)
{
	bool open = event_flag_wait(u->loop, &u->event_flag, clock_ms() + LONG_MS);

	event_flag_destroy(&u->event_flag);
	return open;
}

bool
dns_user_run(struct dns_user *u, loop_fn *fn)
{
	start(u, fn);
	return dns_user_wait(u);
}

static void
make(void *arg)
{
	struct dns_user *u = arg;

	u->dns = dns_new(u->loop, u->servers, u->why, sizeof(u->why));
	event_flag_set(&u->event_flag);
}

bool
dns_user_begin(struct dns_user *u, struct loop *loop, char *const *servers)
{
	*u = (struct dns_user){.loop = loop, .servers = servers, .server = DNS_ANY_SERVER};
	return dns_user_run(u, make) && u->dns != NULL;
}

static void
unmake(void *arg)
{
	struct dns_user *u = arg;

	dns_free(u->dns);
	u->dns = NULL;
	event_flag_set(&u->event_flag);
}

static void
forget(struct dns_user *u)
{
	for (size_t i = 0; u->told != NULL && i < u->n; i++)
		dnsrecord_free(u->told[i].reply.records);
	free(u->told);
	u->told = NULL;
}

void
dns_user_end(struct dns_user *u)
{
	dns_user_run(u, unmake);
	forget(u);
}

static void
take(void *arg, const struct dns_reply *reply)
{
	struct dns_told *t = arg;

	if (t->times++ == 0)
		t->reply = *reply;
	if (t->times == 1 && reply->records != NULL) {
		t->reply.records = dnsrecord_copy(reply->records);
		assert(t->reply.records != NULL);
	}
	t->within |= t->user->asking;
	if (--t->user->open == 0)
		event_flag_set(&t->user->event_flag);
}

static void
ask(void *arg)
{
	struct dns_user *u = arg;
	struct dns_list list = {.zone = u->zone};

	u->asking = true;
	for (size_t i = 0; i < u->n; i++) {
		if (u->types == NULL)
			dns_ask_list(
			    u->dns, &list, u->names[i], u->server, u->flags, take, &u->told[i]);
		else
			dns_query(u->dns, u->types[i], u->names[i], NULL, 0, take, &u->told[i]);
	}
	u->asking = false;
}

void
dns_user_start_query(
    struct dns_user *u, const enum dns_type *types, const char *const *names, size_t n)
{
	forget(u);
	u->told = calloc(n, sizeof(*u->told));
	assert(u->told != NULL);
	u->types = types;
	u->names = names;
	u->n = u->open = n;
	for (size_t i = 0; i < n; i++)
		u->told[i] = (struct dns_told){.user = u, .reply = {.status = DNS_TIMEOUT}};
	start(u, ask);
}

void
dns_user_start(struct dns_user *u, const char *const *names, size_t n)
{
	dns_user_start_query(u, NULL, names, n);
}

bool
dns_user_query(
    struct dns_user *u, const enum dns_type *types, const char *const *names, size_t n)
{
	dns_user_start_query(u, types, names, n);
	return dns_user_wait(u);
}

bool
dns_user_ask(struct dns_user *u, const char *const *names, size_t n)
{
	dns_user_start(u, names, n);
	return dns_user_wait(u);
}

struct dns_reply
dns_user_ask_one(struct dns_user *u, const char *name)
{
	dns_user_ask(u, &name, 1);
	return u->told[0].reply;
}
