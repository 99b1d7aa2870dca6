/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * base/number.c - the one place where digits become a number, and where none can
 * overflow.
 */
#include "config.h"

#include "base/number.h"

#include <assert.h>

#include "base/ascii.h"

int64_t
number_read(const char **at, int64_t max)
{
	const char *c = *at;
	int64_t n = 0;

	assert(max < 1000000000000000000);
	for (int64_t room = max; room > 0 && ascii_is_digit(*c); room /= 10)
		n = n * 10 + (*c++ - '0');
	if (c == *at || ascii_is_digit(*c) || n > max)
		return -1;
	*at = c;
	return n;
}

int64_t
number_plain(const char **at, int64_t max)
{
	return **at == '0' && ascii_is_digit((*at)[1]) ? -1 : number_read(at, max);
}

bool
number_octets(const char **at, unsigned n, uint32_t *out)
{
	*out = 0;
	for (unsigned i = 0; i < n; i++) {
		int64_t octet;

		if (i > 0 && **at != '.')
			return false;
		*at += i > 0;
		if ((octet = number_plain(at, UINT8_MAX)) < 0)
			return false;
		*out = *out << 8 | (uint32_t)octet;
	}
	return true;
}
