/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * spf/identity.c - what strangers say they are, as far as it can be a domain.
 * The HELO and our own name serve macros alone, and may be left out.
 */
#include "config.h"

#include "spf/identity.h"

#include <stdlib.h>
#include <string.h>

#include "spf/answer.h"

#define NO_NAME "unknown" /* ours, where we have none (RFC 7208, 7.3) */

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
