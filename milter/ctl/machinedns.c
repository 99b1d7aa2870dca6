/* SPDX-License-Identifier: BSD-2-Clause */
/* ctl/machinedns.c - one question after the other, by ctl/doctorask.h. */
#include "config.h"

#include "ctl/machinedns.h"

#include <string.h>

#include "base/strbuf.h"
#include "ctl/doctorask.h"

#define ASK_MS 5000

const struct dns_reply *
machinedns_ask(struct machine *m, enum dns_type type, const char *name)
{
	static struct dns_room room;
	static struct doctorask_answer answer;
	const struct doctorask question = {.name = name, .type = type, .room = &room};

	doctorask_any(&question, m->resolver, m->nresolvers, machine_until(m, ASK_MS), &answer);
	return answer.reply.status == DNS_FOUND || answer.reply.status == DNS_ABSENT
	    ? &answer.reply
	    : NULL;
}

/* Whether an address is among those of a reply. */
static bool
has_address(const struct dns_reply *reply, const struct ipaddr *address)
{
	for (size_t i = 0; address->bits == 32 && i < reply->n; i++) {
		const uint32_t v4 = reply->address[i];
		const struct ipaddr found = {.bits = 32,
		    .byte = {(uint8_t)(v4 >> 24), (uint8_t)(v4 >> 16), (uint8_t)(v4 >> 8),
			(uint8_t)v4}};

		if (ipaddr_compare(&found, address) == 0)
			return true;
	}
	for (size_t i = 0;
	     address->bits == 128 && reply->records != NULL && i < reply->records->n; i++)
		if (memcmp(reply->records->record[i].data, address->byte, 16) == 0)
			return true;
	return false;
}

bool
machinedns_leads_to(
    struct machine *m, const char *name, const struct ipaddr *address, bool *known)
{
	static const enum dns_type types[] = {DNS_A, DNS_AAAA};

	*known = true;
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		const struct dns_reply *reply;

		if (address != NULL && address->bits != (types[i] == DNS_A ? 32 : 128))
			continue;
		reply = machinedns_ask(m, types[i], name);
		*known = *known && reply != NULL;
		if (reply != NULL && reply->status == DNS_FOUND &&
		    (address == NULL || has_address(reply, address)))
			return true;
	}
	return false;
}

enum machinedns_name
machinedns_name(struct machine *m, const struct ipaddr *address, char out[DNSWIRE_NAME_SIZE])
{
	char labels[IPADDR_LABELS], reverse[DNSWIRE_NAME_SIZE];
	const struct dns_reply *reply;
	struct strbuf sb;
	bool known;

	ipaddr_reverse(address, labels);
	strbuf_init(&sb, reverse, sizeof(reverse));
	strbuf_addf(&sb, "%s.%s.arpa", labels, address->bits == 32 ? "in-addr" : "ip6");
	out[0] = '\0';
	if ((reply = machinedns_ask(m, DNS_PTR, reverse)) == NULL)
		return MACHINEDNS_UNKNOWN;
	if (reply->records != NULL && reply->records->n > 0)
		(void)strbuf_copy(
		    out, DNSWIRE_NAME_SIZE, (const char *)reply->records->record[0].data);
	if (out[0] == '\0')
		return MACHINEDNS_NONE;
	if (machinedns_leads_to(m, out, address, &known))
		return MACHINEDNS_CONFIRMED;
	return known ? MACHINEDNS_STRAY : MACHINEDNS_UNKNOWN;
}
