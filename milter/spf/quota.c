/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * spf/quota.c - what strangers say they are, as far as it can be a domain: the HELO and
 * our own name serve macros alone, and may be left out.  Counts checks by a word for each
 * client and each domain: a quota is there while a check counts for it, be it under way
 * or waiting.
 */
#include "config.h"

#include "spf/quota.h"

#include <assert.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "base/domain.h"
#include "base/ipaddr.h"
#include "base/strbuf.h"
#include "spf/answer.h"

#define NO_NAME "unknown" /* ours, where we have none (RFC 7208, 7.3) */
#define NETWORK6 8        /* bytes of an IPv6 address that one client has */
#define KEY_SIZE (DOMAIN_NAME_SIZE + 1)

struct spfquota {
	struct spfquotas *all;
	unsigned refs, begun;
	char key[KEY_SIZE];
};

struct spfquotas {
	void *tree; /* of tsearch(3) */
	unsigned each;
};

/* No control bytes, and no more than max of others. */
static bool
is_plain(const char *text, size_t max)
{
	size_t len = strlen(text);

	for (size_t i = 0; i < len; i++)
		if ((unsigned char)text[i] < 0x20 || text[i] == 0x7f)
			return false;
	return len <= max;
}

static bool
is_loopback(const struct ipaddr *client)
{
	static const struct ipaddr net4 = {.bits = 32, .byte = {127}};
	static const struct ipaddr net6 = {.bits = 128, .byte = {[15] = 1}};

	return ipaddr_within(client, &net4, 8) || ipaddr_within(client, &net6, 128);
}

/* Of several labels, and no address in brackets. */
static bool
is_domain(const char *name)
{
	const char *dot = strchr(name, '.');

	return dot != NULL && dot[1] != '\0' && *name != '[' && spfbudget_is_name(name);
}

bool
spfidentity_has_policy(const struct ipaddr *client, const char *helo, const char *sender)
{
	const char *at = strrchr(sender, '@');

	if (client->bits == 0 || is_loopback(client) || !is_plain(sender, SPFWIRE_SENDER_MAX))
		return false;
	if (*sender == '\0')
		return is_domain(helo);
	return at != NULL && is_domain(at + 1);
}

bool
spfidentity_copy(struct spf_identity *id, const struct ipaddr *client, const char *helo,
    const char *sender, const char *receiver)
{
	id->client = *client;
	id->helo = strdup(is_plain(helo, SPFWIRE_NAME_MAX) ? helo : "");
	id->sender = strdup(sender);
	id->receiver = strdup(spfbudget_is_name(receiver) ? receiver : NO_NAME);
	if (id->helo != NULL && id->sender != NULL && id->receiver != NULL)
		return true;
	spfidentity_clear(id);
	return false;
}

void
spfidentity_clear(struct spf_identity *id)
{
	free(id->helo);
	free(id->sender);
	free(id->receiver);
	*id = (struct spf_identity){0};
}

int
spfidentity_compare(const struct spf_identity *a, const struct spf_identity *b)
{
	int order = ipaddr_compare(&a->client, &b->client);

	if (order == 0)
		order = strcmp(a->sender, b->sender);
	if (order == 0)
		order = strcmp(a->helo, b->helo);
	return order != 0 ? order : strcmp(a->receiver, b->receiver);
}

struct spf_message
spfidentity_check(const struct spf_identity *id, uint32_t number)
{
	return (struct spf_message){
	    .verb = SPF_CHECK,
	    .number = number,
	    .as.check = {id->client, id->helo, id->sender, id->receiver},
	};
}

static int
compare(const void *a, const void *b)
{
	return strcmp(((const struct spfquota *)a)->key, ((const struct spfquota *)b)->key);
}

struct spfquotas *
spfquotas_new(void)
{
	struct spfquotas *all = calloc(1, sizeof(*all));

	if (all != NULL)
		all->each = 1;
	return all;
}

void
spfquotas_free(struct spfquotas *all)
{
	assert(all == NULL || all->tree == NULL);
	free(all);
}

void
spfquotas_resize(struct spfquotas *all, unsigned each)
{
	all->each = each > 0 ? each : 1;
}

static struct spfquota *
take(struct spfquotas *all, const char *key)
{
	struct spfquota *quota = calloc(1, sizeof(*quota)), **found;

	if (quota == NULL)
		return NULL;
	quota->all = all;
	(void)strbuf_copy(quota->key, sizeof(quota->key), key);
	found = tsearch(quota, &all->tree, compare);
	if (found == NULL || *found != quota)
		free(quota);
	if (found == NULL)
		return NULL;
	(*found)->refs++;
	return *found;
}

static void
release(struct spfquota *quota)
{
	if (quota == NULL || --quota->refs > 0)
		return;
	tdelete(quota, &quota->all->tree, compare);
	free(quota);
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
spfquota_claim(struct spf_claim *claim, struct spfquotas *all, const struct spf_identity *who)
{
	char client[KEY_SIZE], domain[KEY_SIZE];

	write_client(client, &who->client);
	write_domain(domain, who);
	*claim = (struct spf_claim){.quota = {take(all, client), take(all, domain)}};
	if (claim->quota[0] != NULL && claim->quota[1] != NULL)
		return true;
	spfquota_end(claim);
	return false;
}

bool
spfquota_may_begin(const struct spf_claim *claim)
{
	for (unsigned i = 0; i < 2; i++)
		if (claim->quota[i]->begun >= claim->quota[i]->all->each)
			return false;
	return true;
}

bool
spfquota_is_in_way(const struct spf_claim *running, const struct spf_claim *waiting)
{
	for (unsigned i = 0; i < 2; i++)
		if (running->quota[i] == waiting->quota[i] &&
		    waiting->quota[i]->begun >= waiting->quota[i]->all->each)
			return true;
	return false;
}

void
spfquota_begin(struct spf_claim *claim)
{
	assert(!claim->begun);
	claim->begun = true;
	for (unsigned i = 0; i < 2; i++)
		claim->quota[i]->begun++;
}

void
spfquota_end(struct spf_claim *claim)
{
	for (unsigned i = 0; i < 2; i++) {
		if (claim->begun)
			claim->quota[i]->begun--;
		release(claim->quota[i]);
	}
	*claim = (struct spf_claim){0};
}
