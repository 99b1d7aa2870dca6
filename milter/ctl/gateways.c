/* SPDX-License-Identifier: BSD-2-Clause */
/* ctl/gateways.c - as Linux tells its routes. */
#include "config.h"

#include "ctl/gateways.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROUTES4 "/proc/net/route"
#define ROUTES6 "/proc/net/ipv6_route"

/* A line "eth0 00000000 0102A8C0 ...", whose addresses are numbers as this machine has them. */
static bool
read_route4(const char *line, struct ipaddr *gateway)
{
	uint32_t address;

	if (sscanf(line, "%*s %*8x %8" SCNx32, &address) != 1 || address == 0)
		return false;
	*gateway = (struct ipaddr){.bits = 32};
	memcpy(gateway->byte, &address, sizeof(address));
	return true;
}

/* A line of network, length, source, length, and next hop, each in 32 digits. */
static bool
read_route6(const char *line, struct ipaddr *gateway)
{
	char hop[33];
	unsigned any = 0;

	if (sscanf(line, "%*32s %*2s %*32s %*2s %32s", hop) != 1 || strlen(hop) != 32)
		return false;
	*gateway = (struct ipaddr){.bits = 128};
	for (unsigned i = 0; i < 16; i++) {
		const char digits[3] = {hop[2 * i], hop[2 * i + 1], '\0'};

		gateway->byte[i] = (uint8_t)strtoul(digits, NULL, 16);
		any |= gateway->byte[i];
	}
	return any != 0;
}

/* A table that is not there has none. */
static bool
each_of(const char *path, bool (*read)(const char *line, struct ipaddr *), gateways_fn *fn,
    void *arg)
{
	FILE *in = fopen(path, "re");
	char line[512];
	bool good = true;

	if (in == NULL)
		return true;
	while (good && fgets(line, sizeof(line), in) != NULL) {
		struct ipaddr gateway;

		good = !read(line, &gateway) || fn(arg, &gateway);
	}
	(void)fclose(in);
	return good;
}

bool
gateways_each(gateways_fn *fn, void *arg)
{
	return each_of(ROUTES4, read_route4, fn, arg) && each_of(ROUTES6, read_route6, fn, arg);
}
