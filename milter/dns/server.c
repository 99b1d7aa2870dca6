/* SPDX-License-Identifier: BSD-2-Clause */
/* dns/server.c - the addresses and ports of DNS servers. */
#include "config.h"

#include "dns/server.h"

#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <stdlib.h>
#include <string.h>

#include "base/strbuf.h"

#define DEFAULT_PORT 53

bool
dnsserver_parse(struct endpoint *out, const char *text)
{
	return endpoint_parse(out, text, DEFAULT_PORT, true);
}

size_t
dnsserver_socket(struct sockaddr_storage *out, const char *text)
{
	size_t len = strcspn(text, "%"), size;
	struct sockaddr_in6 in6;
	struct endpoint server;
	char bare[ENDPOINT_STRLEN];
	struct strbuf sb;

	strbuf_init(&sb, bare, sizeof(bare));
	strbuf_addn(&sb, text, len);
	if (sb.cut || !dnsserver_parse(&server, bare))
		return 0;
	size = endpoint_sockaddr(&server, out);
	if (text[len] == '\0' || server.address.bits == 32)
		return size;
	memcpy(&in6, out, sizeof(in6));
	in6.sin6_scope_id = if_nametoindex(text + len + 1);
	memcpy(out, &in6, sizeof(in6));
	return in6.sin6_scope_id != 0 ? size : 0;
}

char *
dnsserver_join(char *const *servers, size_t *n, struct strbuf *why)
{
	char one[ENDPOINT_STRLEN], *text;
	struct endpoint s;
	struct strbuf all;

	for (*n = 0; servers[*n] != NULL; ++*n) {
		if (!dnsserver_parse(&s, servers[*n])) {
			strbuf_add(why, "not the address of a DNS server: ");
			strbuf_add_value(why, servers[*n], IPADDR_STRLEN);
			return NULL;
		}
	}
	text = malloc(*n * ENDPOINT_STRLEN + 1);
	if (text == NULL)
		return NULL;
	strbuf_init(&all, text, *n * ENDPOINT_STRLEN + 1);
	for (size_t i = 0; i < *n; i++) {
		dnsserver_parse(&s, servers[i]);
		strbuf_addf(&all, "%s%s", i > 0 ? "," : "", endpoint_format(&s, one));
	}
	return text;
}
