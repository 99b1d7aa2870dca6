/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * spf/macro.c - counts the parts of what a macro stands for, compares them with
 * the number in it, and leaves out what is of no effect.
 */
#include "config.h"

#include "spf/macro.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "base/ascii.h"
#include "spf/syntax.h"

#define FOREIGN ",/" /* delimiters that libspf2 does not know */

/* What a macro stands for. */
struct value {
	const char *text; /* NULL: it is not known */
	size_t len;
};

static struct value
value_of(char letter, const struct spf_values *v, char address[IPADDR_LABELS])
{
	const char *at = strrchr(v->sender, '@'), *text = NULL;

	switch (ascii_lower(letter)) {
	case 's':
		text = v->sender;
		break;
	case 'l':
		return (struct value){v->sender, at != NULL ? (size_t)(at - v->sender) : 0};
	case 'o':
		text = at != NULL ? at + 1 : "";
		break;
	case 'd':
		text = v->domain;
		break;
	case 'h':
		text = v->helo;
		break;
	case 'v':
		text = v->client.bits == 32 ? "in-addr" : "ip6";
		break;
	case 'i':
		ipaddr_reverse(&v->client, address);
		text = address;
		break;
	default:
		break;
	}
	return (struct value){text, text != NULL ? strlen(text) : 0};
}

/* As many as can be, where the value is not known. */
static unsigned
count_parts(const struct value *value, const struct spf_macro *m)
{
	const char *delimiters = m->n > 0 ? m->delimiters : ".";
	size_t n = m->n > 0 ? m->n : 1;
	unsigned parts = 1;

	if (value->text == NULL)
		return SPFSYNTAX_NUMBER_MAX + 1;
	for (size_t i = 0; i < value->len; i++)
		parts += memchr(delimiters, value->text[i], n) != NULL;
	return parts;
}

static bool
is_foreign(char delimiter)
{
	return strchr(FOREIGN, delimiter) != NULL;
}

/* Whether a value is, or may be, parted by what libspf2 does not know: it has to err. */
static bool
is_beyond_it(const struct value *value, const struct spf_macro *m)
{
	for (size_t i = 0; i < m->n; i++)
		if (is_foreign(m->delimiters[i]) &&
		    (value->text == NULL ||
			memchr(value->text, m->delimiters[i], value->len) != NULL))
			return true;
	return false;
}

/*
 * A number that is no less than the parts there are, and delimiters that do not
 * occur, are of no effect.  Where none is left, there is but one part: to turn it
 * round changes nothing, while without delimiters it would be parted at its dots.
 */
static void
add_mended(struct strbuf *out, const struct spf_macro *m, const struct value *value)
{
	size_t foreign = 0;

	for (size_t i = 0; i < m->n; i++)
		foreign += is_foreign(m->delimiters[i]);
	strbuf_add(out, "%{");
	strbuf_addc(out, m->letter);
	if (m->number > 0 && m->number < count_parts(value, m))
		strbuf_addf(out, "%u", m->number);
	if (m->reversed && (m->n == 0 || foreign < m->n))
		strbuf_addc(out, 'r'); /* it does not know 'R' */
	for (size_t i = 0; i < m->n; i++)
		if (!is_foreign(m->delimiters[i]))
			strbuf_addc(out, m->delimiters[i]);
	strbuf_addc(out, '}');
}

static void
add_macro(struct strbuf *out, const char *text, const struct spf_macro *m,
    const struct spf_values *values)
{
	char address[IPADDR_LABELS];
	struct value value = value_of(m->letter, values, address);

	if (is_beyond_it(&value, m))
		strbuf_addn(out, text, m->len);
	else
		add_mended(out, m, &value);
}

void
spfmacro_mend(struct strbuf *out, const char *record, const struct spf_values *values)
{
	const char *p = record, *end = record + strlen(record);
	struct spf_macro m;

	while (p < end) {
		if (p[0] == '%' && p[1] == '%') {
			strbuf_addn(out, p, 2);
			p += 2;
		} else if (!spfsyntax_macro(&m, p, (size_t)(end - p))) {
			strbuf_addc(out, *p++);
		} else {
			add_macro(out, p, &m, values);
			p += m.len;
		}
	}
}
