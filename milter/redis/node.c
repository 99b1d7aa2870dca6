/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * redis/node.c - reads addresses of servers: one form is written by people, with
 * brackets round IPv6, another by servers, without.
 */
#include "config.h"

#include "redis/node.h"

#include <string.h>

#include "base/ascii.h"
#include "base/strbuf.h"

/* Read the decimal number of the len bytes at text, at most max. */
static bool
read_number(const char *text, size_t len, long long max, long long *out)
{
	long long n = 0;

	if (len == 0 || len > 5)
		return false;
	for (size_t i = 0; i < len; i++) {
		if (!ascii_is_digit(text[i]))
			return false;
		n = n * 10 + (text[i] - '0');
	}
	*out = n;
	return n <= max;
}

bool
redisnode_port(long long *port, const char *text)
{
	return read_number(text, strlen(text), UINT16_MAX, port) && *port > 0;
}

bool
redisnode_parse(struct redisnode *out, const char *text, uint16_t default_port)
{
	bool bracket = text[0] == '[';
	const char *host = text + bracket;
	size_t len = strcspn(host, bracket ? "]" : ":");
	const char *rest = host + len + bracket;
	long long port = default_port;

	if (bracket && host[len] != ']')
		return false;
	if (bracket != (memchr(host, ':', len) != NULL) ||
	    !ipaddr_parse_part(&out->address, host, len))
		return false;
	if (*rest == ':' ? !redisnode_port(&port, rest + 1) : *rest != '\0')
		return false;
	out->port = (uint16_t)port;
	return true;
}

bool
redisnode_take(
    struct redisnode *out, const char *host, long long port, const struct redisnode *from)
{
	if (port < 1 || port > UINT16_MAX)
		return false;
	if (host[0] == '\0' || strcmp(host, "?") == 0)
		out->address = from->address;
	else if (!ipaddr_parse(&out->address, host))
		return false;
	out->port = (uint16_t)port;
	return out->address.bits != 0;
}

bool
redisnode_equal(const struct redisnode *a, const struct redisnode *b)
{
	return a->port == b->port && ipaddr_compare(&a->address, &b->address) == 0;
}

const char *
redisnode_format(const struct redisnode *n, char out[REDISNODE_STRLEN])
{
	char address[IPADDR_STRLEN];
	struct strbuf text;

	strbuf_init(&text, out, REDISNODE_STRLEN);
	strbuf_addf(&text, n->address.bits == 128 ? "[%s]:%u" : "%s:%u",
	    ipaddr_format(&n->address, address), (unsigned)n->port);
	return out;
}

bool
redirect_parse(struct redirect *out, const char *error, const struct redisnode *from)
{
	bool asking = strncmp(error, "ASK ", 4) == 0;
	const char *number = error + (asking ? 4 : 6);
	char host[IPADDR_STRLEN];
	struct redirect found = {.asking = asking};
	const char *at, *colon;
	long long slot, port;

	if (!asking && strncmp(error, "MOVED ", 6) != 0)
		return false;
	at = strchr(number, ' ');
	colon = strrchr(number, ':');
	if (at == NULL || colon == NULL || colon <= at ||
	    !read_number(number, (size_t)(at - number), REDIS_SLOTS - 1, &slot) ||
	    !redisnode_port(&port, colon + 1))
		return false;
	at++;
	if ((size_t)(colon - at) >= sizeof(host))
		return false;
	memcpy(host, at, (size_t)(colon - at));
	host[colon - at] = '\0';
	found.slot = (unsigned)slot;
	if (!redisnode_take(&found.node, host, port, from))
		return false;
	*out = found;
	return true;
}
