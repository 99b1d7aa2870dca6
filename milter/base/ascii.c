/* SPDX-License-Identifier: BSD-2-Clause */
/* base/ascii.c - what is done with many bytes at once. */
#include "config.h"

#include "base/ascii.h"

#include <string.h>

void
ascii_copy_lower(char *out, const char *text, size_t n)
{
	for (size_t i = 0; i < n; i++)
		out[i] = ascii_lower(text[i]);
}

bool
ascii_take(const char **at, const char *word)
{
	size_t len = strlen(word);
	bool there = strncmp(*at, word, len) == 0;

	*at += there ? len : 0;
	return there;
}

const char *
ascii_name_fault(const char *name, size_t n, size_t label_max)
{
	for (size_t at = 0, end; at <= n; at = end + 1) {
		for (end = at; end < n && ascii_is_label(name[end]);)
			end++;
		if (end < n && name[end] != '.')
			return "must be a name in DNS: letters, digits, - and _ between dots";
		if (end == at || end - at > label_max)
			return "its labels must have 1 to 63 bytes";
	}
	return NULL;
}

size_t
ascii_bare_length(const char *name)
{
	size_t len = strlen(name);

	return len > 0 && name[len - 1] == '.' ? len - 1 : len;
}

size_t
ascii_control_length(const char *text)
{
	unsigned char c = (unsigned char)text[0];
	unsigned char next = c != '\0' ? (unsigned char)text[1] : '\0';

	if (c == 0xc2 && next < 0xa0)
		return next != '\0' ? 2 : 1;
	return (c != '\0' && c < ' ') || c == 0x7f ? 1 : 0;
}

uint32_t
ascii_hash(uint32_t hash, const void *bytes, size_t n, bool lower)
{
	const char *c = bytes;

	for (size_t i = 0; i < n; i++)
		hash = (hash ^ (uint8_t)(lower ? ascii_lower(c[i]) : c[i])) * 16777619U;
	return hash;
}
