/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * base/idn.c - internationalized names, by libidn2.  Strangers choose them: what goes to the
 * library is bounded, and what comes of it must be a name in DNS like any other.
 */
#include "config.h"

#include "base/idn.h"

#include <stdint.h>
#include <string.h>

#include <idn2.h>

#include "base/ascii.h"

#define UTF8_MAX 1024 /* bytes of what can come to 253 in ASCII: less than that */

bool
idn_is_wanted(const char *name, size_t len)
{
	uint64_t bits = 0, word;

	for (; len >= sizeof(word); name += sizeof(word), len -= sizeof(word)) {
		memcpy(&word, name, sizeof(word));
		bits |= word;
	}
	while (len > 0)
		bits |= (unsigned char)name[--len];
	return (bits & UINT64_C(0x8080808080808080)) != 0;
}

static bool
take(const char *ascii, char out[IDN_NAME_SIZE])
{
	size_t len = ascii_bare_length(ascii);

	if (len >= IDN_NAME_SIZE || ascii_name_fault(ascii, len, ASCII_LABEL_MAX) != NULL)
		return false;
	ascii_copy_lower(out, ascii, len);
	out[len] = '\0';
	return true;
}

bool
idn_to_ascii(const char *name, size_t len, char out[IDN_NAME_SIZE])
{
	char text[UTF8_MAX + 1];
	uint8_t *ascii = NULL;
	bool good;

	out[0] = '\0';
	if (len > UTF8_MAX || memchr(name, '\0', len) != NULL)
		return false;
	memcpy(text, name, len);
	text[len] = '\0';
	if (idn2_lookup_u8((const uint8_t *)text, &ascii,
		IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL) != IDN2_OK)
		return false;
	good = take((const char *)ascii, out);
	idn2_free(ascii);
	return good;
}

size_t
idn_lower(const char *name, size_t len, char *out, size_t size)
{
	size_t dot = len > 0 && name[0] == '.';
	char ascii[IDN_NAME_SIZE + 1] = ".";

	out[0] = '\0';
	if (idn_is_wanted(name, len)) {
		if (!idn_to_ascii(name + dot, len - dot, ascii + dot))
			return 0;
		name = ascii;
		len = strlen(ascii);
	}
	if (len > 1 && name[len - 1] == '.')
		len--;
	if (len >= size)
		return 0;
	ascii_copy_lower(out, name, len);
	out[len] = '\0';
	return len;
}
