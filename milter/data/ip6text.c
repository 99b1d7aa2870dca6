/* SPDX-License-Identifier: BSD-2-Clause */
/* data/ip6text.c - inet_pton(3) would have all eight groups. */
#include "config.h"

#include "data/ip6text.h"

#include <string.h>

#include "base/ascii.h"
#include "base/number.h"

#define GROUPS 8

static int
hex_value(char c)
{
	if (ascii_is_digit(c))
		return c - '0';
	c = ascii_lower(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* One to four digits. */
static bool
read_group(const char **at, uint8_t byte[2])
{
	unsigned group = 0, digits = 0;

	for (; hex_value(**at) >= 0; (*at)++, digits++) {
		if (digits == 4)
			return false;
		group = group << 4 | (unsigned)hex_value(**at);
	}
	byte[0] = (uint8_t)(group >> 8);
	byte[1] = (uint8_t)(group & 0xff);
	return digits > 0;
}

/* Move the groups after a "::" to the end. */
static bool
fill_gap(uint8_t byte[16], unsigned gap, unsigned groups)
{
	if (groups == GROUPS)
		return false;
	memmove(byte + 16 - (size_t)(groups - gap) * 2, byte + (size_t)gap * 2,
	    (size_t)(groups - gap) * 2);
	memset(byte + (size_t)gap * 2, 0, (size_t)(GROUPS - groups) * 2);
	return true;
}

bool
ip6text_groups(const char **at, struct network *net)
{
	unsigned groups = 0, gap = GROUPS;
	bool more = true;

	*net = (struct network){.addr = {.bits = 128}};
	if (ascii_take(at, "::")) {
		gap = 0;
		more = hex_value(**at) >= 0;
	}
	while (more && groups < GROUPS) {
		if (!read_group(at, net->addr.byte + (size_t)groups * 2))
			return false;
		groups++;
		more = false;
		if (gap == GROUPS && groups < GROUPS && ascii_take(at, "::")) {
			gap = groups;
			more = hex_value(**at) >= 0;
		} else if (groups < GROUPS) {
			more = ascii_take(at, ":");
		}
	}
	net->len = gap < GROUPS ? 128 : groups * 16;
	return gap == GROUPS || fill_gap(net->addr.byte, gap, groups);
}

bool
ip6text_network(const char **at, struct network *net)
{
	struct ipaddr masked;
	int64_t len;

	if (!ip6text_groups(at, net))
		return false;
	if (ascii_take(at, "/")) {
		if ((len = number_read(at, 128)) < 0)
			return false;
		net->len = (unsigned)len;
	} else if (net->len == 16) {
		return false;
	}
	masked = net->addr;
	ipaddr_mask(&masked, net->len);
	return ipaddr_compare(&masked, &net->addr) == 0;
}
