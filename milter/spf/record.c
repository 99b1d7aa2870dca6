/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * spf/record.c - writes a policy anew, term by term, without what is of no effect
 * and in the words that libspf2 gets right.  Of a macro it counts the parts of what
 * that stands for, and compares them with the number in it.
 */
#include "config.h"

#include "spf/record.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "base/ascii.h"
#include "spf/syntax.h"

#define POLICY_VERSION "v=spf1"
#define COMPILED_MAX 511 /* bytes libspf2 has for the mechanisms of a record */
#define COMPILED_HEAD 4  /* bytes of each mechanism, of each text, each macro in it */
#define COMPILED_ALIGN 8 /* 4 on some machines */
#define FOREIGN ",/"     /* delimiters that libspf2 does not know */

static const char itself[] = "%{d}"; /* the domain whose policy it is */

struct reader {
	const struct ipaddr *client;
	struct strbuf out;
	struct spf_term redirect; /* to be written last, ... */
	bool redirected;          /* ... if there is one */
	bool explained;           /* there was an exp= */
	bool settled;             /* what follows is never looked at */
	size_t compiled;
};

static bool
is_policy(const char *text, size_t len)
{
	size_t n = strlen(POLICY_VERSION);

	return len >= n && strncasecmp(text, POLICY_VERSION, n) == 0 &&
	    (len == n || text[n] == ' ');
}

/* How many bytes libspf2 needs for so many. */
static size_t
aligned(size_t n)
{
	return (n + COMPILED_ALIGN - 1) / COMPILED_ALIGN * COMPILED_ALIGN;
}

/* No less than libspf2 needs for a mechanism. */
static size_t
compiled_size(const struct spf_term *t)
{
	size_t size = COMPILED_HEAD, literal = 0;
	struct spf_macro m;

	if (t->length4 < 32 || t->length6 < 128)
		size += aligned(COMPILED_HEAD);
	for (size_t i = 0; i < t->domain_len; i++) {
		if (spfsyntax_macro(&m, t->domain + i, t->domain_len - i)) {
			size += aligned(COMPILED_HEAD + literal) + aligned(COMPILED_HEAD);
			literal = 0;
			i += m.len - 1;
			continue;
		}
		/* "%-" is "%20" */
		literal += t->domain[i] == '%' ? 3 : 1;
		i += t->domain[i] == '%';
	}
	return size + aligned(COMPILED_HEAD + literal);
}

static void
write_term(struct strbuf *out, const struct spf_term *t)
{
	strbuf_addc(out, ' ');
	if (t->qualifier != '\0')
		strbuf_addc(out, t->qualifier);
	strbuf_add(out, spfsyntax_name(t->kind));
	if (t->domain != NULL) {
		strbuf_addc(out, t->kind == SPF_TERM_REDIRECT ? '=' : ':');
		strbuf_addn(out, t->domain, t->domain_len);
	}
	if (t->length4 < 32)
		strbuf_addf(out, "/%u", t->length4);
	if (t->length6 < 128)
		strbuf_addf(out, "//%u", t->length6);
}

/* Keep a mechanism, unless libspf2 might lose it. */
static bool
keep(struct reader *r, const struct spf_term *t)
{
	if (r->settled)
		return true;
	if (r->compiled + COMPILED_HEAD > COMPILED_MAX)
		return false;
	r->compiled += compiled_size(t);
	r->settled = t->kind == SPF_TERM_ALL;
	write_term(&r->out, t);
	return true;
}

/* Host bits are of no effect, and "/0" holds everybody (RFC 7208, 5.6). */
static bool
take_network(struct reader *r, const struct spf_term *t)
{
	struct spf_term all = {.kind = SPF_TERM_ALL, .length4 = 32, .length6 = 128};

	all.qualifier = t->qualifier != '\0' ? t->qualifier : '+';
	return !ipaddr_within(
		   r->client, &t->network, t->kind == SPF_TERM_IP4 ? t->length4 : t->length6) ||
	    keep(r, &all);
}

/* A term whose length is 0, in the words of SPFRECORD_ANY. */
static bool
keep_any(struct reader *r, const struct spf_term *t)
{
	char domain[SPFRECORD_MAX + 1];
	struct spf_term any = *t;
	struct strbuf sb;

	strbuf_init(&sb, domain, sizeof(domain));
	strbuf_add(&sb, SPFRECORD_ANY);
	if (t->domain != NULL)
		strbuf_addn(&sb, t->domain, t->domain_len);
	else
		strbuf_add(&sb, itself);
	any.domain = domain;
	any.domain_len = sb.len;
	any.length4 = 32;
	any.length6 = 128;
	return !sb.cut && keep(r, &any);
}

/*
 * That of the other family is of no effect: only addresses of the client's are
 * asked for (RFC 7208, 5).  A length of 0, which libspf2 takes for an error, is a
 * match where there is any address (5.3, 5.4).
 */
static bool
take_hosts(struct reader *r, const struct spf_term *t)
{
	struct spf_term mine = *t;

	if (r->client->bits == 32)
		mine.length6 = 128;
	else
		mine.length4 = 32;
	return mine.length4 == 0 || mine.length6 == 0 ? keep_any(r, &mine) : keep(r, &mine);
}

/*
 * libspf2 follows a redirect where it stands; it is for when nothing has matched.
 * It may be there once, as may an explanation (RFC 7208, 6), which nobody wants.
 */
static bool
take_once(struct reader *r, const struct spf_term *t)
{
	bool *taken = t->kind == SPF_TERM_REDIRECT ? &r->redirected : &r->explained;

	if (*taken)
		return false;
	*taken = true;
	if (t->kind == SPF_TERM_REDIRECT)
		r->redirect = *t;
	return true;
}

static bool
take(struct reader *r, const struct spf_term *t)
{
	switch (t->kind) {
	case SPF_TERM_IP4:
	case SPF_TERM_IP6:
		return take_network(r, t);
	case SPF_TERM_A:
	case SPF_TERM_MX:
		return take_hosts(r, t);
	case SPF_TERM_REDIRECT:
	case SPF_TERM_EXP:
		return take_once(r, t);
	case SPF_TERM_UNKNOWN:
		/* Of no effect (RFC 7208, 6); libspf2 does not take every name of one. */
		return true;
	case SPF_TERM_ALL:
	case SPF_TERM_INCLUDE:
	case SPF_TERM_PTR:
	case SPF_TERM_EXISTS:
		break;
	}
	return keep(r, t);
}

/* An error anywhere is one of all of it (RFC 7208, 4.6). */
static bool
take_all(struct reader *r, const char *p, const char *end)
{
	struct spf_term t;

	while (p < end) {
		const char *space = memchr(p, ' ', (size_t)(end - p));
		size_t len = (size_t)((space != NULL ? space : end) - p);

		if (len > 0 && (!spfsyntax_term(&t, p, len) || !take(r, &t)))
			return false;
		p += len + 1;
	}
	return (!r->redirected || keep(r, &r->redirect)) && !r->out.cut;
}

enum spfrecord
spfrecord_reduce(
    const char *text, size_t len, const struct ipaddr *client, char out[SPFRECORD_MAX + 1])
{
	struct reader r = {.client = client};

	if (!is_policy(text, len))
		return SPFRECORD_OTHER;
	if (len > SPFRECORD_MAX)
		return SPFRECORD_BAD;
	strbuf_init(&r.out, out, SPFRECORD_MAX + 1);
	strbuf_add(&r.out, POLICY_VERSION);
	return take_all(&r, text + strlen(POLICY_VERSION), text + len) ? SPFRECORD_GOOD
								       : SPFRECORD_BAD;
}

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
spfrecord_mend(struct strbuf *out, const char *record, const struct spf_values *values)
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
