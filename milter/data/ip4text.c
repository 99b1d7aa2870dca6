/* SPDX-License-Identifier: BSD-2-Clause */
/* data/ip4text.c - what rbldnsd takes for IPv4, and what it does not. */
#include "config.h"

#include "data/ip4text.h"

#include "base/ascii.h"

/* The bits of an address past the first len. */
static uint32_t
host_mask(unsigned len)
{
	return len < 32 ? UINT32_MAX >> len : 0;
}

/* A number up to max, with as many zeros in front as there may be. */
static bool
read_number(const char **at, unsigned max, unsigned *out)
{
	const char *c = *at;

	if (!ascii_is_digit(*c))
		return false;
	for (*out = 0; ascii_is_digit(*c); c++)
		if ((*out = *out * 10 + (unsigned)(*c - '0')) > max)
			return false;
	*at = c;
	return true;
}

/* One to four octets, the highest first; how many bits they are, or 0. */
static unsigned
read_octets(const char **at, uint32_t *out)
{
	unsigned bits = 0, octet;

	*out = 0;
	for (;; (*at)++) {
		if (!read_number(at, UINT8_MAX, &octet))
			return 0;
		bits += 8;
		*out |= (uint32_t)octet << (32 - bits);
		if (bits == 32 || **at != '.')
			return bits;
	}
}

bool
ip4text_address(const char **at, uint32_t *out)
{
	return read_octets(at, out) == 32;
}

/* What follows the octets of a network. */
static bool
read_length(const char **at, struct ip4range *range, unsigned bits)
{
	range->len = bits;
	if (ascii_take(at, "/") ? !read_number(at, 32, &range->len) : bits == 8)
		return false;
	range->last = range->first | host_mask(range->len);
	return (range->first & host_mask(range->len)) == 0;
}

bool
ip4text_network(const char **at, struct ip4range *range)
{
	unsigned bits = read_octets(at, &range->first);

	return bits != 0 && read_length(at, range, bits);
}

/* What follows the first octets of a range, and its hyphen. */
static bool
read_last(const char **at, struct ip4range *range, unsigned bits)
{
	unsigned last = read_octets(at, &range->last);

	/* "127.0.0.1-9": another last octet. */
	if (last == 8)
		range->last = range->last >> (bits - 8) | (range->first & ~host_mask(bits - 8));
	else if (last != bits)
		return false;
	range->last |= host_mask(bits);
	range->len = 32;
	return range->first <= range->last;
}

bool
ip4text_range(const char **at, struct ip4range *range)
{
	unsigned bits = read_octets(at, &range->first);

	if (bits == 0)
		return false;
	if (ascii_take(at, "-"))
		return read_last(at, range, bits);
	return read_length(at, range, bits) && range->len > 0;
}

bool
ip4text_value(const char **at, uint32_t *out, unsigned *octets)
{
	unsigned bits = read_octets(at, out);
	uint32_t last;

	if (bits == 0)
		return false;
	*octets = bits / 8;
	last = *out >> (32 - bits) & UINT8_MAX;
	*out = (*out & ~host_mask(bits - 8)) | last;
	return true;
}
