/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * base/idn.c - internationalized names, by libidn2.  Strangers choose them: what goes to the
 * library is bounded, and what comes of it must be a name in DNS like any other.
 */
#include "config.h"

#include "base/idn.h"

#include <string.h>

#include <idn2.h>

#include "base/ascii.h"

#define UTF8_MAX 1024 /* bytes of what can come to 253 in ASCII: less than that */
#define LABEL_MAX 63

bool
idn_is_wanted(const char *name, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)name[i] > 0x7f)
			return true;
	return false;
}

/* Letters, digits, hyphens and underscores in labels that are not too long. */
static bool
is_name(const char *name, size_t len)
{
	for (size_t at = 0, label; at <= len; at += label + 1) {
		label = ascii_label_length(name + at, len - at);
		if (label == 0 || label > LABEL_MAX ||
		    (at + label < len && name[at + label] != '.'))
			return false;
	}
	return true;
}

static bool
take(const char *ascii, char out[IDN_NAME_SIZE])
{
	size_t len = ascii_bare_length(ascii);

	if (len >= IDN_NAME_SIZE || !is_name(ascii, len))
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

bool
idn_to_ascii_dotted(const char *name, char out[IDN_NAME_SIZE + 1])
{
	size_t dot = name[0] == '.';

	out[0] = '.';
	if (idn_to_ascii(name + dot, strlen(name + dot), out + dot))
		return true;
	out[0] = '\0';
	return false;
}
