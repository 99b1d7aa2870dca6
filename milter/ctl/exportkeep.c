/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ctl/exportkeep.c - from the system and the configuration.
 */
#include "config.h"

#include "ctl/exportkeep.h"

#include <ifaddrs.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sysexits.h>

#include "base/endpoint.h"
#include "conf/conf.h"
#include "conf/netline.h"
#include "ctl/fileerror.h"
#include "ctl/gateways.h"
#include "own/exportlist.h"

#define RESOLV_CONF "/etc/resolv.conf"

static bool
add_address(struct prefix_set *set, const struct ipaddr *address, const char *what)
{
	const struct network net = {*address, address->bits};

	return address->bits == 0 || prefix_add(set, &net, what);
}

/* An address and a port, in figures; anything else is nobody's. */
static bool
add_server(struct prefix_set *set, const char *text, const char *what)
{
	struct endpoint end;

	return text == NULL || !endpoint_parse(&end, text, 1, true) ||
	    add_address(set, &end.address, what);
}

/* --- The machine --- */

static unsigned
mask_length(const struct ipaddr *mask)
{
	unsigned len = 0;

	while (len < mask->bits && (mask->byte[len / 8] & 0x80U >> len % 8) != 0)
		len++;
	return len;
}

static bool
add_interface(struct prefix_set *set, const struct ifaddrs *i)
{
	struct network net;
	struct ipaddr mask;

	if (!ipaddr_from_sockaddr(&net.addr, i->ifa_addr))
		return true;
	net.len = net.addr.bits;
	/* A mask is no address: one of IPv6 that begins with zeros may be read as one of IPv4. */
	if (ipaddr_from_sockaddr(&mask, i->ifa_netmask) && mask.bits == net.addr.bits &&
	    mask_length(&mask) > 0)
		net.len = mask_length(&mask);
	ipaddr_mask(&net.addr, net.len);
	return prefix_add(set, &net, "interface");
}

static bool
add_interfaces(struct prefix_set *set)
{
	struct ifaddrs *first;
	bool good = true;

	if (getifaddrs(&first) != 0)
		return false;
	for (const struct ifaddrs *i = first; good && i != NULL; i = i->ifa_next)
		good = i->ifa_addr == NULL || add_interface(set, i);
	freeifaddrs(first);
	return good;
}

static bool
read_resolver(const char *line, struct ipaddr *server)
{
	char text[64];

	return sscanf(line, " nameserver %63s", text) == 1 && ipaddr_parse(server, text);
}

/* The resolvers of this machine; a file that is not there has none. */
static bool
add_resolvers(struct prefix_set *set)
{
	FILE *in = fopen(RESOLV_CONF, "re");
	char line[512];
	bool good = true;

	if (in == NULL)
		return true;
	while (good && fgets(line, sizeof(line), in) != NULL) {
		struct ipaddr address = {0};

		good = !read_resolver(line, &address) || add_address(set, &address, "resolver");
	}
	(void)fclose(in);
	return good;
}

static bool
add_gateway(void *set, const struct ipaddr *gateway)
{
	return add_address(set, gateway, "gateway");
}

/* --- The configuration --- */

static bool
add_allowed(void *arg, const struct network *net, const char *reason)
{
	(void)reason;
	return prefix_add(arg, net, "allowed");
}

static bool
add_servers(struct prefix_set *set, char *const *servers, const char *what)
{
	bool good = true;

	for (; good && *servers != NULL; servers++)
		good = add_server(set, *servers, what);
	return good;
}

static bool
add_configured(struct prefix_set *set, const struct conf *conf)
{
	bool good = prefix_each(conf->allow.set, add_allowed, set) &&
	    (conf->own.networks == NULL || prefix_each(conf->own.networks, add_allowed, set)) &&
	    add_servers(set, conf->servers, "resolver") &&
	    add_server(set, conf->redis.host, "Redis");

	for (unsigned i = 0; good && i < conf->redis.nseeds; i++)
		good = add_address(set, &conf->redis.seed[i].address, "Redis");
	for (unsigned i = 0; good && i < conf->roster->n; i++)
		good = add_servers(set, conf->roster->list[i]->servers, "server of a list");
	return good;
}

bool
exportkeep_machine(struct prefix_set *set, const struct conf *conf)
{
	return exportlist_special(set) && add_interfaces(set) &&
	    gateways_each(add_gateway, set) && add_resolvers(set) && add_configured(set, conf);
}

int
exportkeep_file(struct prefix_set *set, const char *path)
{
	FILE *in = fopen(path, "re");
	char *line = NULL, why[200];
	size_t room = 0, lines = 0;
	bool good = true, memory = true;

	if (in == NULL)
		return fileerror_open(path);
	while (good && memory && getline(&line, &room, in) > 0) {
		struct netline net;

		lines++;
		line[strcspn(line, "\r\n")] = '\0';
		good = netline_read(&net, line, NETLINE_ALLOW, why, sizeof(why));
		memory = !good || !net.given || prefix_add(set, &net.network, "kept");
	}
	free(line);
	(void)fclose(in);
	if (!memory)
		return fileerror_open(NULL);
	if (!good)
		fprintf(stderr, "relayguardctl: %s:%zu: %s\n", path, lines, why);
	return good ? EX_OK : EX_DATAERR;
}
