/* SPDX-License-Identifier: BSD-2-Clause */
/* redis/node.c - reads addresses as servers write them: IPv6 has no brackets there. */
#include "config.h"

#include "redis/node.h"

#include <string.h>

#include "base/ascii.h"
#include "base/number.h"
#include "base/strbuf.h"

int64_t
redisnode_port(const char *text)
{
	int64_t port = number_read(&text, UINT16_MAX);

	return *text == '\0' ? port : -1;
}

bool
redisnode_take(
    struct endpoint *out, const char *host, long long port, const struct endpoint *from)
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
redirect_parse(struct redirect *out, const char *error, const struct endpoint *from)
{
	bool asking = ascii_take(&error, "ASK ");
	const char *port;
	char host[IPADDR_STRLEN];
	struct redirect found = {.asking = asking};
	struct strbuf text;
	int64_t slot;

	if (!asking && !ascii_take(&error, "MOVED "))
		return false;
	slot = number_read(&error, REDIS_SLOTS - 1);
	port = strrchr(error, ':');
	if (slot < 0 || *error != ' ' || port == NULL)
		return false;
	strbuf_init(&text, host, sizeof(host));
	strbuf_addn(&text, error + 1, (size_t)(port - error - 1));
	found.slot = (unsigned)slot;
	if (text.cut || !redisnode_take(&found.node, host, redisnode_port(port + 1), from))
		return false;
	*out = found;
	return true;
}
