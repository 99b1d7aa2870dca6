/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * spf/record.c - writes a policy anew, term by term, without what is of no effect
 * and in the words that libspf2 gets right.
 */
#include "config.h"

#include "spf/record.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "base/strbuf.h"
#include "spf/syntax.h"

#define POLICY_VERSION "v=spf1"
#define COMPILED_MAX 511 /* bytes libspf2 has for the mechanisms of a record */
#define COMPILED_HEAD 4  /* bytes of each mechanism, of each text, each macro in it */
#define COMPILED_ALIGN 8 /* 4 on some machines */

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
