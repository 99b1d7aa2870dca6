/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * spf/share.c - counts checks by a word for each client and each domain.  A share
 * is there while a check counts for it, be it under way or waiting.
 */
#include "config.h"

#include "spf/share.h"

#include <assert.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "base/domain.h"
#include "base/ipaddr.h"
#include "base/strbuf.h"

#define NETWORK6 8 /* bytes of an IPv6 address that one client has */
#define KEY_SIZE (DOMAIN_NAME_SIZE + 1)

struct spfshare {
	struct spfshares *all;
	unsigned refs, begun;
	char key[KEY_SIZE];
};

struct spfshares {
	void *tree; /* of tsearch(3) */
	unsigned each;
};

static int
compare(const void *a, const void *b)
{
	return strcmp(((const struct spfshare *)a)->key, ((const struct spfshare *)b)->key);
}

struct spfshares *
spfshares_new(void)
{
	struct spfshares *all = calloc(1, sizeof(*all));

	if (all != NULL)
		all->each = 1;
	return all;
}

void
spfshares_free(struct spfshares *all)
{
	assert(all == NULL || all->tree == NULL);
	free(all);
}

void
spfshares_resize(struct spfshares *all, unsigned each)
{
	all->each = each > 0 ? each : 1;
}

static struct spfshare *
take(struct spfshares *all, const char *key)
{
	struct spfshare *share = calloc(1, sizeof(*share)), **found;

	if (share == NULL)
		return NULL;
	share->all = all;
	(void)strbuf_copy(share->key, sizeof(share->key), key);
	found = tsearch(share, &all->tree, compare);
	if (found == NULL || *found != share)
		free(share);
	if (found == NULL)
		return NULL;
	(*found)->refs++;
	return *found;
}

static void
release(struct spfshare *share)
{
	if (share == NULL || --share->refs > 0)
		return;
	tdelete(share, &share->all->tree, compare);
	free(share);
}

static void
write_client(char key[KEY_SIZE], const struct ipaddr *client)
{
	struct ipaddr network = *client;

	if (network.bits == 128)
		memset(network.byte + NETWORK6, 0, sizeof(network.byte) - NETWORK6);
	ipaddr_format(&network, key);
}

/* Behind an "@", so that it is nobody's address. */
static void
write_domain(char key[KEY_SIZE], const struct spf_identity *who)
{
	const char *at = strrchr(who->sender, '@'), *name = at != NULL ? at + 1 : who->helo;
	char normal[DOMAIN_NAME_SIZE];
	const char *registered = NULL;

	if (domain_normalise(name, normal)) {
		registered = domain_registered(normal);
		name = registered != NULL ? registered : normal;
	}
	key[0] = '@';
	(void)strbuf_copy(key + 1, KEY_SIZE - 1, name);
}

bool
spfshare_claim(struct spf_claim *claim, struct spfshares *all, const struct spf_identity *who)
{
	char client[KEY_SIZE], domain[KEY_SIZE];

	write_client(client, &who->client);
	write_domain(domain, who);
	*claim = (struct spf_claim){.share = {take(all, client), take(all, domain)}};
	if (claim->share[0] != NULL && claim->share[1] != NULL)
		return true;
	spfshare_end(claim);
	return false;
}

bool
spfshare_may_begin(const struct spf_claim *claim)
{
	for (unsigned i = 0; i < 2; i++)
		if (claim->share[i]->begun >= claim->share[i]->all->each)
			return false;
	return true;
}

bool
spfshare_is_in_way(const struct spf_claim *running, const struct spf_claim *waiting)
{
	for (unsigned i = 0; i < 2; i++)
		if (running->share[i] == waiting->share[i] &&
		    waiting->share[i]->begun >= waiting->share[i]->all->each)
			return true;
	return false;
}

void
spfshare_begin(struct spf_claim *claim)
{
	assert(!claim->begun);
	claim->begun = true;
	for (unsigned i = 0; i < 2; i++)
		claim->share[i]->begun++;
}

void
spfshare_end(struct spf_claim *claim)
{
	for (unsigned i = 0; i < 2; i++) {
		if (claim->begun)
			claim->share[i]->begun--;
		release(claim->share[i]);
	}
	*claim = (struct spf_claim){0};
}
