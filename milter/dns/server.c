/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * dns/server.c - reads the address and port of a DNS server.  An IPv6 address
 * with a port needs its brackets, as nobody could tell the two apart.
 */
#include "config.h"

#include "dns/server.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "base/strbuf.h"

#define DEFAULT_PORT 53
#define TEXT_MAX (IPADDR_STRLEN + sizeof("[]:65535,"))

static bool
read_port(uint16_t *out, const char *text)
{
	unsigned n = 0;

	for (const char *p = text; *p != '\0'; p++) {
		if (!ascii_is_digit(*p) || n > UINT16_MAX)
			return false;
		n = n * 10 + (unsigned)(*p - '0');
	}
	*out = (uint16_t)n;
	return n > 0 && n <= UINT16_MAX;
}

bool
dnsserver_parse(struct dnsserver *out, const char *text)
{
	bool bracket = text[0] == '[';
	const char *host = text + bracket;
	size_t len = strcspn(host, bracket ? "]" : ":");
	const char *rest = host + len + bracket;

	out->port = DEFAULT_PORT;
	if (!bracket && ipaddr_parse(&out->address, text))
		return true;
	if (host[len] == '\0' || !ipaddr_parse_part(&out->address, host, len))
		return false;
	/* Brackets are IPv6's alone. */
	if (bracket != (memchr(host, ':', len) != NULL))
		return false;
	return *rest == '\0' || (*rest == ':' && read_port(&out->port, rest + 1));
}

/* Of an IPv6 address; 0: there is no such interface. */
static size_t
fill6(struct sockaddr_storage *out, const struct dnsserver *server, const char *interface)
{
	struct sockaddr_in6 in6 = {.sin6_family = AF_INET6, .sin6_port = htons(server->port)};

	memcpy(&in6.sin6_addr, server->address.byte, sizeof(in6.sin6_addr));
	if (interface != NULL && (in6.sin6_scope_id = if_nametoindex(interface)) == 0)
		return 0;
	memcpy(out, &in6, sizeof(in6));
	return sizeof(in6);
}

size_t
dnsserver_socket(struct sockaddr_storage *out, const char *text)
{
	struct sockaddr_in in = {.sin_family = AF_INET};
	const char *interface = strchr(text, '%');
	struct dnsserver server;
	char bare[TEXT_MAX];
	struct strbuf sb;

	strbuf_init(&sb, bare, sizeof(bare));
	strbuf_addn(&sb, text, interface != NULL ? (size_t)(interface - text) : strlen(text));
	if (sb.cut || !dnsserver_parse(&server, bare))
		return 0;
	if (server.address.bits == 128)
		return fill6(out, &server, interface != NULL ? interface + 1 : NULL);
	in.sin_port = htons(server.port);
	memcpy(&in.sin_addr, server.address.byte, sizeof(in.sin_addr));
	memcpy(out, &in, sizeof(in));
	return sizeof(in);
}

char *
dnsserver_join(char *const *servers, size_t *n, struct strbuf *why)
{
	char address[IPADDR_STRLEN], *text;
	struct dnsserver s;
	struct strbuf all;

	for (*n = 0; servers[*n] != NULL; ++*n) {
		if (!dnsserver_parse(&s, servers[*n])) {
			strbuf_add(why, "not the address of a DNS server: ");
			strbuf_add_value(why, servers[*n], IPADDR_STRLEN);
			return NULL;
		}
	}
	text = malloc(*n * TEXT_MAX + 1);
	if (text == NULL)
		return NULL;
	strbuf_init(&all, text, *n * TEXT_MAX + 1);
	for (size_t i = 0; i < *n; i++) {
		dnsserver_parse(&s, servers[i]);
		strbuf_addf(&all, s.address.bits == 32 ? "%s%s:%u" : "%s[%s]:%u",
		    i > 0 ? "," : "", ipaddr_format(&s.address, address), s.port);
	}
	return text;
}
