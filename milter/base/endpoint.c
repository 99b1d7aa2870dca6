/* SPDX-License-Identifier: BSD-2-Clause */
/* base/endpoint.c - the one rule for brackets, read and written. */
#include "config.h"

#include "base/endpoint.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <string.h>

#include "base/number.h"
#include "base/strbuf.h"

bool
endpoint_host(const char **at, struct ipaddr *out)
{
	bool bracket = **at == '[';
	const char *host = *at + bracket;
	size_t len = strcspn(host, bracket ? "]" : ":/");

	if ((bracket && host[len] != ']') || bracket != (memchr(host, ':', len) != NULL) ||
	    !ipaddr_parse_part(out, host, len))
		return false;
	*at = host + len + bracket;
	return true;
}

bool
endpoint_port(const char **at, uint16_t *port)
{
	int64_t number;

	if (**at != ':')
		return true;
	++*at;
	number = number_read(at, UINT16_MAX);
	*port = (uint16_t)number;
	return number > 0;
}

bool
endpoint_parse(struct endpoint *out, const char *text, uint16_t port, bool bare)
{
	out->port = port;
	if (bare && ipaddr_parse(&out->address, text))
		return true;
	return endpoint_host(&text, &out->address) && endpoint_port(&text, &out->port) &&
	    *text == '\0';
}

bool
endpoint_equal(const struct endpoint *a, const struct endpoint *b)
{
	return a->port == b->port && ipaddr_compare(&a->address, &b->address) == 0;
}

const char *
endpoint_format(const struct endpoint *e, char out[ENDPOINT_STRLEN])
{
	char address[IPADDR_STRLEN];
	struct strbuf text;

	strbuf_init(&text, out, ENDPOINT_STRLEN);
	strbuf_addf(&text, e->address.bits == 128 ? "[%s]:%u" : "%s:%u",
	    ipaddr_format(&e->address, address), (unsigned)e->port);
	return out;
}

unsigned
endpoint_sockaddr(const struct endpoint *e, struct sockaddr_storage *out)
{
	struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons(e->port)};
	struct sockaddr_in6 in6 = {.sin6_family = AF_INET6, .sin6_port = htons(e->port)};
	bool v4 = e->address.bits == 32;

	memcpy(&in.sin_addr, e->address.byte, sizeof(in.sin_addr));
	memcpy(&in6.sin6_addr, e->address.byte, sizeof(in6.sin6_addr));
	memcpy(out, v4 ? (void *)&in : &in6, v4 ? sizeof(in) : sizeof(in6));
	return v4 ? sizeof(in) : sizeof(in6);
}
