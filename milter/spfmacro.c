/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * spfmacro.c - counts the parts of what a macro stands for, and compares them
 * with the number in it.
 */
#include "config.h"

#include "spfmacro.h"

#include <ctype.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#define DELIMITERS ".-+,/_="
#define NUMBER_MAX 1000000 /* larger ones are no more than this */

struct macro {
	char letter;
	unsigned number; /* 0: there is none, or it is wrong as it is */
	bool reversed;
	const char *delimiters; /* so many bytes; none: a dot */
	size_t n;
	size_t len; /* of all of it */
};

/* Read "%{d2r.-}"; false: it is no macro. */
static bool
read_macro(const char *text, struct macro *m)
{
	const char *p = text + 2;

	*m = (struct macro){0};
	if (strncmp(text, "%{", 2) != 0 || !isalpha((unsigned char)*p))
		return false;
	m->letter = *p++;
	for (; isdigit((unsigned char)*p); p++)
		if (m->number < NUMBER_MAX)
			m->number = m->number * 10 + (unsigned)(*p - '0');
	m->reversed = *p == 'r' || *p == 'R';
	p += m->reversed;
	m->delimiters = p;
	m->n = strspn(p, DELIMITERS);
	p += m->n;
	m->len = (size_t)(p - text) + 1;
	return *p == '}';
}

static unsigned
count_parts(const char *value, size_t len, const struct macro *m)
{
	const char *delimiters = m->n > 0 ? m->delimiters : ".";
	size_t n = m->n > 0 ? m->n : 1;
	unsigned parts = 1;

	for (size_t i = 0; i < len; i++)
		parts += memchr(delimiters, value[i], n) != NULL;
	return parts;
}

/* How many parts a macro stands for; as many as can be, where it is not known. */
static unsigned
parts_of(const struct macro *m, const struct spf_values *v)
{
	const char *at = strrchr(v->sender, '@');
	char address[IPADDR_LABELS];

	switch (tolower((unsigned char)m->letter)) {
	case 's':
		return count_parts(v->sender, strlen(v->sender), m);
	case 'l':
		return count_parts(v->sender, at != NULL ? (size_t)(at - v->sender) : 0, m);
	case 'o':
		return at != NULL ? count_parts(at + 1, strlen(at + 1), m) : 1;
	case 'd':
		return count_parts(v->domain, strlen(v->domain), m);
	case 'h':
		return count_parts(v->helo, strlen(v->helo), m);
	case 'v':
		return v->client.bits == 32 ? count_parts("in-addr", 7, m) : 1;
	case 'i':
		ipaddr_reverse(&v->client, address);
		return count_parts(address, strlen(address), m);
	default:
		return NUMBER_MAX * 10;
	}
}

static void
add_without_number(struct strbuf *out, const struct macro *m)
{
	strbuf_add(out, "%{");
	strbuf_addc(out, m->letter);
	if (m->reversed)
		strbuf_addc(out, 'r');
	strbuf_addn(out, m->delimiters, m->n);
	strbuf_addc(out, '}');
}

void
spfmacro_mend(struct strbuf *out, const char *record, const struct spf_values *values)
{
	const char *p = record;
	struct macro m;

	while (*p != '\0') {
		if (p[0] == '%' && p[1] == '%') {
			strbuf_addn(out, p, 2);
			p += 2;
		} else if (!read_macro(p, &m)) {
			strbuf_addc(out, *p++);
		} else {
			if (m.number > 0 && m.number >= parts_of(&m, values))
				add_without_number(out, &m);
			else
				strbuf_addn(out, p, m.len);
			p += m.len;
		}
	}
}
