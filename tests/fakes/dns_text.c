/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * dns_text.c - makes a text of records, by their NUL as most users read them,
 * and by their length, which must be the same.
 */
#include "config.h"

#include "fakes/dns_text.h"

#include <arpa/inet.h>

#include <string.h>

#include "base/strbuf.h"

static void
add(struct strbuf *out, enum dns_type type, const struct dns_record *r)
{
	char address[INET6_ADDRSTRLEN];

	if (type == DNS_MX)
		strbuf_addf(out, "%u:", r->preference);
	if (type != DNS_AAAA)
		strbuf_add(out, (const char *)r->data);
	else if (r->len == 16)
		strbuf_add(out, inet_ntop(AF_INET6, r->data, address, sizeof(address)));
	if (type != DNS_AAAA && strlen((const char *)r->data) != r->len)
		strbuf_add(out, " (of another length)");
}

const char *
dns_text(enum dns_type type, const struct dns_records *all, char *text, size_t size)
{
	struct strbuf out;

	strbuf_init(&out, text, size);
	for (size_t i = 0; i < all->n; i++) {
		strbuf_add(&out, i > 0 ? "|" : "");
		add(&out, type, &all->record[i]);
	}
	return text;
}
