/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * spfrecord.c - reads a policy term by term, as far as needed to leave out what
 * is of no effect.  The syntax is RFC 7208's (section 12); where libspf2 lets
 * pass what is a syntax error there, it is one here.
 */
#include "config.h"

#include "spfrecord.h"

#include <arpa/inet.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "strbuf.h"

#define POLICY_VERSION "v=spf1"
#define COMPILED_MAX 511 /* bytes libspf2 has for the mechanisms of a record */
#define COMPILED_HEAD 4  /* bytes of each mechanism, of each text, each macro in it */
#define COMPILED_ALIGN 8 /* 4 on some machines */

/* A mechanism or a modifier. */
struct term {
	const char *text;
	size_t len;
	const char *name; /* behind the qualifier */
	size_t name_len;
	char sign;         /* what ends the name: ':', '/', '=', or 0 */
	const char *value; /* behind the sign */
	size_t value_len;
};

struct reader {
	const struct ipaddr *client;
	struct strbuf out;
	const char *redirect; /* the term, to be written last; or NULL */
	size_t redirect_len;
	bool explained; /* there was an exp= */
	bool settled;   /* what follows is never looked at */
	size_t compiled;
};

static bool
is_policy(const char *text, size_t len)
{
	size_t n = strlen(POLICY_VERSION);

	return len >= n && strncasecmp(text, POLICY_VERSION, n) == 0 &&
	    (len == n || text[n] == ' ');
}

/* Printable, and with a meaning for every "%" (RFC 7208, 7.1). */
static bool
is_plain(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (text[i] < 0x20 || text[i] > 0x7e)
			return false;
		if (text[i] != '%')
			continue;
		if (++i == len || text[i] == '\0' || strchr("{%_-", text[i]) == NULL)
			return false;
	}
	return true;
}

/* The next term of the text, which goes on behind it; false: there is none. */
static bool
next_term(const char **text, const char *end, struct term *t)
{
	const char *p = *text;

	while (p < end && *p == ' ')
		p++;
	t->text = p;
	while (p < end && *p != ' ')
		p++;
	t->len = (size_t)(p - t->text);
	*text = p;
	t->name = t->text;
	if (t->len > 0 && strchr("+-?~", *t->name) != NULL)
		t->name++;
	for (t->name_len = 0; t->name + t->name_len < p; t->name_len++)
		if (strchr(":/=", t->name[t->name_len]) != NULL)
			break;
	t->value = t->name + t->name_len;
	t->sign = '\0';
	if (t->value < p)
		t->sign = *t->value++;
	t->value_len = (size_t)(p - t->value);
	return t->len > 0;
}

static bool
is_called(const struct term *t, const char *name)
{
	return t->name_len == strlen(name) && strncasecmp(t->name, name, t->name_len) == 0;
}

/* "0" to "32" or "128", without a zero in front. */
static bool
read_length(const char *text, size_t n, unsigned max, unsigned *length)
{
	*length = 0;
	if (n == 0 || n > 3 || (n > 1 && text[0] == '0'))
		return false;
	for (size_t i = 0; i < n; i++) {
		if (text[i] < '0' || text[i] > '9')
			return false;
		*length = *length * 10 + (unsigned)(text[i] - '0');
	}
	return *length <= max;
}

/* Read the network of an ip4 or ip6; bits says which. */
static bool
read_network(const struct term *t, uint8_t bits, struct ipaddr *net, unsigned *length)
{
	const char *slash = memchr(t->value, '/', t->value_len);
	size_t n = slash != NULL ? (size_t)(slash - t->value) : t->value_len;
	char address[INET6_ADDRSTRLEN];

	*net = (struct ipaddr){.bits = bits};
	*length = bits;
	if (slash != NULL && !read_length(slash + 1, t->value_len - n - 1, bits, length))
		return false;
	if (t->sign != ':' || n >= sizeof(address))
		return false;
	memcpy(address, t->value, n);
	address[n] = '\0';
	return inet_pton(bits == 32 ? AF_INET : AF_INET6, address, net->byte) == 1;
}

/* How many bytes libspf2 needs for so many. */
static size_t
aligned(size_t n)
{
	return (n + COMPILED_ALIGN - 1) / COMPILED_ALIGN * COMPILED_ALIGN;
}

/* No less than libspf2 needs for a mechanism. */
static size_t
compiled_size(const struct term *t)
{
	size_t size = COMPILED_HEAD, literal = 0;

	if (memchr(t->text, '/', t->len) != NULL)
		size += aligned(COMPILED_HEAD);
	for (size_t i = 0; i < t->value_len; i++) {
		if (t->value[i] != '%' || i + 1 == t->value_len || t->value[i + 1] != '{') {
			literal += t->value[i] == '%' ? 3 : 1;
			continue;
		}
		while (i < t->value_len && t->value[i] != '}')
			i++;
		size += aligned(COMPILED_HEAD + literal) + aligned(COMPILED_HEAD);
		literal = 0;
	}
	return size + aligned(COMPILED_HEAD + literal);
}

/* Keep a mechanism, unless libspf2 might lose it. */
static bool
keep(struct reader *r, const struct term *t)
{
	if (!r->settled && r->compiled + COMPILED_HEAD > COMPILED_MAX)
		return false;
	r->compiled += compiled_size(t);
	r->settled = r->settled || (is_called(t, "all") && t->sign == '\0');
	strbuf_addc(&r->out, ' ');
	strbuf_addn(&r->out, t->text, t->len);
	return true;
}

/* Host bits are of no effect, and "/0" holds everybody (RFC 7208, 5.6). */
static bool
take_network(struct reader *r, const struct term *t, uint8_t bits)
{
	static const char everybody[] = "+all";
	struct term all = {.text = everybody, .len = 4, .name = everybody + 1, .name_len = 3};
	struct ipaddr net;
	unsigned length;
	char text[sizeof(everybody)];

	if (!read_network(t, bits, &net, &length))
		return false;
	if (!ipaddr_within(r->client, &net, length))
		return true;
	memcpy(text, everybody, sizeof(text));
	if (t->name > t->text)
		text[0] = *t->text;
	all.text = text;
	all.value = text + 4;
	return keep(r, &all);
}

/* The two that have a meaning may be there once (RFC 7208, 6). */
static bool
take_modifier(struct reader *r, const struct term *t)
{
	if (is_called(t, "redirect")) {
		if (r->redirect != NULL || t->name > t->text)
			return false;
		r->redirect = t->text;
		r->redirect_len = t->len;
		return true;
	}
	if (is_called(t, "exp")) {
		if (r->explained)
			return false;
		r->explained = true;
	}
	strbuf_addc(&r->out, ' ');
	strbuf_addn(&r->out, t->text, t->len);
	return true;
}

static bool
take(struct reader *r, const struct term *t)
{
	if (t->sign == '=')
		return take_modifier(r, t);
	if (is_called(t, "redirect"))
		return false; /* libspf2 would follow it */
	if (is_called(t, "ip4"))
		return take_network(r, t, 32);
	if (is_called(t, "ip6"))
		return take_network(r, t, 128);
	return keep(r, t);
}

/* libspf2 follows a redirect where it stands; it is for when nothing has matched. */
static bool
finish(struct reader *r)
{
	const char *text = r->redirect;
	struct term t;

	if (text == NULL)
		return !r->out.cut;
	return next_term(&text, text + r->redirect_len, &t) && keep(r, &t) && !r->out.cut;
}

enum spfrecord
spfrecord_reduce(
    const char *text, size_t len, const struct ipaddr *client, char out[SPFRECORD_MAX + 1])
{
	const char *end = text + len, *p = text + strlen(POLICY_VERSION);
	struct reader r = {.client = client};
	struct term t;

	if (!is_policy(text, len))
		return SPFRECORD_OTHER;
	if (len > SPFRECORD_MAX || !is_plain(text, len))
		return SPFRECORD_BAD;
	strbuf_init(&r.out, out, SPFRECORD_MAX + 1);
	strbuf_add(&r.out, POLICY_VERSION);
	while (next_term(&p, end, &t))
		if (!take(&r, &t))
			return SPFRECORD_BAD;
	return finish(&r) ? SPFRECORD_GOOD : SPFRECORD_BAD;
}
