/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * spf/syntax.c - reads a term by the grammar of RFC 7208, section 12.  Where that
 * leaves a choice, a length at the end of a mechanism is no part of its domain.
 */
#include "config.h"

#include "spf/syntax.h"

#include <string.h>
#include <strings.h>

#include <arpa/inet.h>

#include "base/ascii.h"
#include "base/number.h"

#define EVERYWHERE "slodiphv"
#define EXPLAINING "crt" /* only in an explanation's text (7.2), and what nobody knows */
#define DELIMITERS ".-+,/_="

/* What may be behind the name of a mechanism. */
enum domain { DOMAIN_NONE, DOMAIN_MAYBE, DOMAIN_NEEDED };

static const struct {
	const char *name;
	char sign; /* before the domain */
	enum domain domain;
} kinds[] = {
    [SPF_TERM_ALL] = {"all", ':', DOMAIN_NONE},
    [SPF_TERM_INCLUDE] = {"include", ':', DOMAIN_NEEDED},
    [SPF_TERM_A] = {"a", ':', DOMAIN_MAYBE},
    [SPF_TERM_MX] = {"mx", ':', DOMAIN_MAYBE},
    [SPF_TERM_PTR] = {"ptr", ':', DOMAIN_MAYBE},
    [SPF_TERM_IP4] = {"ip4", ':', DOMAIN_NONE},
    [SPF_TERM_IP6] = {"ip6", ':', DOMAIN_NONE},
    [SPF_TERM_EXISTS] = {"exists", ':', DOMAIN_NEEDED},
    [SPF_TERM_REDIRECT] = {"redirect", '=', DOMAIN_NEEDED},
    [SPF_TERM_EXP] = {"exp", '=', DOMAIN_NEEDED},
    [SPF_TERM_UNKNOWN] = {"", '=', DOMAIN_NONE},
};

const char *
spfsyntax_name(enum spf_kind kind)
{
	return kinds[kind].name;
}

static bool
is_one_of(const char *set, char c)
{
	return c != '\0' && strchr(set, c) != NULL;
}

/* --- Macros --- */

bool
spfsyntax_macro(struct spf_macro *m, const char *text, size_t len)
{
	const char *p = text + 2, *end = text + len, *digits;

	*m = (struct spf_macro){0};
	if (len < 4 || memcmp(text, "%{", 2) != 0 ||
	    !is_one_of(EVERYWHERE EXPLAINING, ascii_lower(*p)))
		return false;
	m->letter = *p++;
	for (digits = p; p < end && ascii_is_digit(*p); p++)
		if (m->number < SPFSYNTAX_NUMBER_MAX)
			m->number = m->number * 10 + (unsigned)(*p - '0');
	if (m->number > SPFSYNTAX_NUMBER_MAX)
		m->number = SPFSYNTAX_NUMBER_MAX;
	if (p > digits && m->number == 0)
		return false; /* 7.3 */
	m->reversed = p < end && ascii_lower(*p) == 'r';
	p += m->reversed;
	for (m->delimiters = p; p < end && is_one_of(DELIMITERS, *p); p++)
		m->n++;
	m->len = (size_t)(p - text) + 1;
	return p < end && *p == '}';
}

/* The length of a macro-expand at the beginning of a text; 0: there is none. */
static size_t
expand_length(const char *text, size_t len, const char *letters)
{
	struct spf_macro m;

	if (len > 1 && is_one_of("%_-", text[1]))
		return 2;
	if (!spfsyntax_macro(&m, text, len) || !is_one_of(letters, ascii_lower(m.letter)))
		return 0;
	return m.len;
}

/* *rest: what is behind the last macro-expand, where it is one. */
static bool
is_macro_string(const char *text, size_t len, const char *letters, size_t *rest)
{
	size_t n;

	*rest = 0;
	for (size_t i = 0; i < len; i += n) {
		n = text[i] < 0x21 || text[i] > 0x7e ? 0 : 1;
		if (text[i] == '%') {
			n = expand_length(text + i, len - i, letters);
			*rest = i + n;
		}
		if (n == 0)
			return false;
	}
	return true;
}

/* --- Domains --- */

/* Of letters, digits and, within, hyphens; not of digits alone. */
static bool
is_toplabel(const char *text, size_t len)
{
	bool number = true;

	for (size_t i = 0; i < len; i++) {
		if (!ascii_is_alnum(text[i]) && text[i] != '-')
			return false;
		number = number && ascii_is_digit(text[i]);
	}
	return len > 0 && !number && text[0] != '-' && text[len - 1] != '-';
}

/* Whether it is "." toplabel [ "." ] at its end. */
static bool
ends_in_toplabel(const char *text, size_t len)
{
	size_t n = 0;

	if (len > 0 && text[len - 1] == '.')
		len--;
	while (n < len && text[len - 1 - n] != '.')
		n++;
	return n < len && is_toplabel(text + len - n, n);
}

static bool
is_domain_spec(const char *text, size_t len)
{
	size_t rest;

	if (len == 0 || !is_macro_string(text, len, EVERYWHERE, &rest))
		return false;
	return rest == len || ends_in_toplabel(text + rest, len - rest);
}

/* --- Lengths of prefixes --- */

/* Up to max, without a zero in front. */
static bool
read_length(const char *text, size_t n, unsigned max, unsigned *length)
{
	char digits[4] = "";
	const char *at = digits;

	if (n >= sizeof(digits))
		return false;
	memcpy(digits, text, n);
	*length = (unsigned)number_plain(&at, max);
	return *length <= max && *at == '\0';
}

/* Take a length off the end of a text, if there is one; false: it is too large. */
static bool
take_length(const char *text, size_t *len, const char *sign, unsigned max, unsigned *length)
{
	size_t n = *len, signs = strlen(sign);

	while (n > 0 && ascii_is_digit(text[n - 1]))
		n--;
	if (n == *len || n < signs || memcmp(text + n - signs, sign, signs) != 0)
		return true;
	if (!read_length(text + n, *len - n, max, length))
		return false;
	*len = n - signs;
	return true;
}

/* Read the network of an ip4 or ip6; bits says which. */
static bool
read_network(struct spf_term *t, const char *text, size_t len, uint8_t bits)
{
	const char *slash = memchr(text, '/', len);
	size_t n = slash != NULL ? (size_t)(slash - text) : len;
	char address[INET6_ADDRSTRLEN];

	t->network = (struct ipaddr){.bits = bits};
	if (slash != NULL &&
	    !read_length(slash + 1, len - n - 1, bits, bits == 32 ? &t->length4 : &t->length6))
		return false;
	if (n >= sizeof(address))
		return false;
	memcpy(address, text, n);
	address[n] = '\0';
	return strlen(address) == n &&
	    inet_pton(bits == 32 ? AF_INET : AF_INET6, address, t->network.byte) == 1;
}

/* --- Terms --- */

/* UNKNOWN: it is none that has a meaning. */
static enum spf_kind
kind_of(const char *name, size_t n, char sign)
{
	enum spf_kind kind = SPF_TERM_ALL;

	while (kind != SPF_TERM_UNKNOWN &&
	    (kinds[kind].sign != sign || strlen(kinds[kind].name) != n ||
		strncasecmp(kinds[kind].name, name, n) != 0))
		kind++;
	return kind;
}

static bool
is_modifier_name(const char *name, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!ascii_is_alnum(name[i]) && !is_one_of("-_.", name[i]))
			return false;
	return n > 0 && ascii_is_letter(name[0]);
}

/*
 * Take the text for a domain, with its sign before it, or nothing.  With a last dot
 * it is the same name; but it is no end of the client's to libspf2, and has one part
 * more in macros.
 */
static bool
read_domain(struct spf_term *t, const char *text, size_t len)
{
	if (len == 0)
		return kinds[t->kind].domain != DOMAIN_NEEDED;
	if (kinds[t->kind].domain == DOMAIN_NONE || text[0] != kinds[t->kind].sign)
		return false;
	t->domain = text + 1;
	t->domain_len = len - 1;
	if (!is_domain_spec(t->domain, t->domain_len))
		return false;
	if (t->domain[t->domain_len - 1] == '.')
		t->domain_len--;
	return true;
}

/* What is behind the name, its sign with it. */
static bool
read_value(struct spf_term *t, const char *text, size_t len)
{
	size_t rest;

	switch (t->kind) {
	case SPF_TERM_IP4:
	case SPF_TERM_IP6:
		return len > 0 && text[0] == ':' &&
		    read_network(t, text + 1, len - 1, t->kind == SPF_TERM_IP4 ? 32 : 128);
	case SPF_TERM_UNKNOWN:
		return is_macro_string(text + 1, len - 1, EVERYWHERE EXPLAINING, &rest);
	case SPF_TERM_A:
	case SPF_TERM_MX:
		return take_length(text, &len, "//", 128, &t->length6) &&
		    take_length(text, &len, "/", 32, &t->length4) && read_domain(t, text, len);
	case SPF_TERM_ALL:
	case SPF_TERM_INCLUDE:
	case SPF_TERM_PTR:
	case SPF_TERM_EXISTS:
	case SPF_TERM_REDIRECT:
	case SPF_TERM_EXP:
		break;
	}
	return read_domain(t, text, len);
}

bool
spfsyntax_term(struct spf_term *t, const char *text, size_t len)
{
	bool modifier;
	size_t n = 0;

	*t = (struct spf_term){.length4 = 32, .length6 = 128};
	if (len > 0 && is_one_of("+-?~", *text)) {
		t->qualifier = *text++;
		len--;
	}
	while (n < len && !is_one_of(":/=", text[n]))
		n++;
	modifier = n < len && text[n] == '=';
	t->kind = kind_of(text, n, modifier ? '=' : ':');
	if (modifier ? t->qualifier != '\0' || !is_modifier_name(text, n)
		     : t->kind == SPF_TERM_UNKNOWN)
		return false;
	return read_value(t, text + n, len - n);
}
