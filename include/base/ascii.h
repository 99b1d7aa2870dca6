/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * base/ascii.h - bytes as SMTP and DNS see them.  Pure; any thread.
 *
 * isalnum(3) and its like ask the locale, which has no say in either; none of these
 * does, and every byte may be given, also those above 127, which are nothing here.
 */
#ifndef RELAYGUARD_BASE_ASCII_H
#define RELAYGUARD_BASE_ASCII_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ASCII_CASE 0x20 /* the bit by which the two cases of a letter differ */

static inline bool
ascii_is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static inline bool
ascii_is_letter(char c)
{
	int small = c | ASCII_CASE;

	return small >= 'a' && small <= 'z';
}

static inline bool
ascii_is_alnum(char c)
{
	return ascii_is_letter(c) || ascii_is_digit(c);
}

/* Letters, digits, hyphens (RFC 1123, 2.1), and the underscore, which some have. */
static inline bool
ascii_is_label(char c)
{
	return ascii_is_alnum(c) || c == '-' || c == '_';
}

static inline char
ascii_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c | ASCII_CASE) : c;
}

/* Copy n bytes in lower case; no NUL is added. */
void ascii_copy_lower(char *out, const char *text, size_t n);

#define ASCII_LABEL_MAX 63 /* bytes of a label in DNS */

/* What is wrong with the first n bytes as a name without a last dot; NULL: nothing. */
const char *ascii_name_fault(const char *name, size_t n, size_t label_max);

/* Go past a word that a text begins with; false: it begins otherwise. */
bool ascii_take(const char **at, const char *word);

/* The length of a name in DNS, without a last dot. */
size_t ascii_bare_length(const char *name);

/*
 * How many bytes at the start of a text a terminal may take for a command: one of ASCII's
 * control characters, or, in UTF-8, two of U+0080 to U+009F, of which the second may be cut
 * off.  0: none.
 */
size_t ascii_control_length(const char *text);

#define ASCII_HASH 2166136261U /* of nothing */

/* The hash (FNV-1a) of what has that one, and n bytes more; lower: in lower case. */
uint32_t ascii_hash(uint32_t hash, const void *bytes, size_t n, bool lower);

#endif
