/* SPDX-License-Identifier: BSD-2-Clause */
/* ascii.c - what is done with many bytes at once. */
#include "config.h"

#include "ascii.h"

void
ascii_copy_lower(char *out, const char *text, size_t n)
{
	for (size_t i = 0; i < n; i++)
		out[i] = ascii_lower(text[i]);
}

size_t
ascii_label_length(const char *text, size_t n)
{
	size_t i = 0;

	while (i < n && ascii_is_label(text[i]))
		i++;
	return i;
}
