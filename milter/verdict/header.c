/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * verdict/header.c - fields of the header in our name.  What others have written there is
 * read as generously as any reader of it might; what we write is read by machines
 * that may be simple, so that nothing from outside stands in it but letters,
 * digits, dots and dashes.
 */
#include "config.h"

#include "verdict/header.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <strings.h>

#include "base/ascii.h"
#include "base/strbuf.h"
#include "verdict/summary.h"

#define HEAD_MAX 512 /* bytes before the results; nobody honest writes as many */
#define ENCODED "=?" /* how an encoded word begins (RFC 2047) */
#define FOLD_AT 78   /* bytes of a folded line, where that can be had */
#define PART_MAX 420 /* bytes of one part, which is never folded: a line has 998 */
#define DOMAIN_MAX 253

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* The end of the comment (RFC 5322, 3.2.2) that begins at text; NULL: it has none. */
static const char *
comment_end(const char *text)
{
	unsigned depth = 0;

	for (; *text != '\0'; text++) {
		if (*text == '(')
			depth++;
		else if (*text == '\\' && text[1] != '\0')
			text++;
		else if (*text == ')' && --depth == 0)
			return text + 1;
	}
	return NULL;
}

/*
 * Read what stands before the first semicolon: quotes and folds are taken away,
 * and in the place of each comment comes what is given.
 */
static void
read_head(struct strbuf *head, const char *text, const char *comment)
{
	bool quoted = false, comments = true; /* there may be another that is closed */

	for (; *text != '\0' && (quoted || *text != ';') && !head->cut; text++) {
		const char *end = NULL;

		if (!quoted && *text == '(' && comments)
			comments = (end = comment_end(text)) != NULL;
		if (end != NULL) {
			strbuf_add(head, comment);
			text = end - 1;
		} else if (*text == '"') {
			quoted = !quoted;
		} else if (*text == '\\' && text[1] != '\0') {
			strbuf_addc(head, *++text);
		} else if (*text != '\r' && *text != '\n') {
			strbuf_addc(head, *text);
		}
	}
}

/* Whether a byte may be one of a name. */
static bool
is_name_byte(char c)
{
	return c == '.' || ascii_is_label(c);
}

/* Whether the name stands in a text, not as the end of a longer one. */
static bool
has_name(const char *text, const char *name)
{
	size_t len = strlen(name);
	bool inside = false; /* a longer name */

	text += strspn(text, ".");
	for (; *text != '\0'; text++) {
		if (!inside && strncasecmp(text, name, len) == 0 &&
		    !is_name_byte(text[len + (text[len] == '.')])) /* a last dot is none */
			return true;
		inside = is_name_byte(*text);
	}
	return false;
}

/* Whether what stands before the first semicolon has our name in it, or hides what it has. */
static bool
head_is_ours(const char *value, const char *comment, const char *authserv_id)
{
	char storage[HEAD_MAX];
	struct strbuf head;

	strbuf_init(&head, storage, sizeof(storage));
	read_head(&head, value, comment);
	return head.cut || strstr(head.data, ENCODED) != NULL ||
	    has_name(head.data, authserv_id);
}

/*
 * Whether a value of Authentication-Results says that it is ours to any reader: to
 * one who knows of comments, to one who just takes them out, and to one who skips
 * what is odd.  Nobody else writes our name there, or a word that must be decoded.
 */
static bool
is_ours(const char *value, const char *authserv_id)
{
	return head_is_ours(value, " ", authserv_id) || head_is_ours(value, "", authserv_id);
}

/* Whether a field has that name; blanks before the colon do not belong to it. */
static bool
is_named(const char *name, const char *want)
{
	size_t len = strlen(name);

	while (len > 0 && is_blank(name[len - 1]))
		len--;
	return len == strlen(want) && strncasecmp(name, want, len) == 0;
}

bool
header_note(struct header *header, const char *authserv_id, const char *name, const char *value)
{
	bool results = is_named(name, HEADER_RESULTS);
	uint32_t number;

	if (!results && !is_named(name, HEADER_OWN))
		return true;
	number = results ? ++header->results : ++header->own;
	if (results && !is_ours(value, authserv_id))
		return true;
	if (header->nforged == HEADER_FORGED_MAX)
		return false;
	header->forged[header->nforged++] = number << 1 | results;
	return true;
}

bool
header_take_forged(struct header *header, const char **name, uint32_t *number)
{
	uint32_t field;

	if (header->nforged == 0)
		return false;
	field = header->forged[--header->nforged];
	*name = field & 1 ? HEADER_RESULTS : HEADER_OWN;
	*number = field >> 1;
	return true;
}

/* A value on its way into the header: part by part, each whole or away. */
struct writer {
	struct strbuf out;
	size_t column; /* of the line that is written now */
	char storage[PART_MAX];
	struct strbuf part;
};

static void
begin(struct writer *w, const char *field, char out[HEADER_VALUE_MAX])
{
	strbuf_init(&w->out, out, HEADER_VALUE_MAX);
	strbuf_init(&w->part, w->storage, sizeof(w->storage));
	w->column = strlen(field) + strlen(": ");
}

static struct strbuf *
begin_part(struct writer *w)
{
	strbuf_init(&w->part, w->storage, sizeof(w->storage));
	return &w->part;
}

/* Add the part behind others, which sep ends, on a new line if it does not fit. */
static void
end_part(struct writer *w, const char *sep)
{
	struct strbuf whole = w->out;
	size_t column = w->column + strlen(sep) + 1 + w->part.len;
	bool first = w->out.len == 0, fold = !first && column > FOLD_AT;

	if (!first)
		strbuf_addf(&whole, "%s%s", sep, fold ? "\n\t" : " ");
	strbuf_addn(&whole, w->part.data, w->part.len);
	if (w->part.cut || whole.cut) {
		w->out.data[w->out.len] = '\0';
		return;
	}
	w->out = whole;
	w->column = fold ? 1 + w->part.len : column - (first ? strlen(sep) + 1 : 0);
}

static void
add_pair(struct writer *w, const char *key, const char *value)
{
	struct strbuf *part = begin_part(w);

	if (value == NULL || value[0] == '\0')
		return;
	strbuf_addf(part, "%s=", key);
	strbuf_add_value(part, value, PART_MAX);
	end_part(w, "");
}

void
header_write_own(const struct header_facts *facts, char out[HEADER_VALUE_MAX])
{
	const struct verdict *verdict = facts->verdict;
	char text[SUMMARY_LISTS_MAX];
	struct strbuf sb;
	struct writer w;

	begin(&w, HEADER_OWN, out);
	add_pair(&w, "verdict", action_name(verdict->action));
	if (verdict->meant != verdict->action)
		add_pair(&w, "meant", action_name(verdict->meant));
	add_pair(&w, "reason", verdict_reason_name(verdict->reason));
	strbuf_init(&sb, text, sizeof(text));
	summary_score(&sb, verdict);
	add_pair(&w, "score", text);
	add_pair(&w, "policy", facts->policy->name);
	strbuf_init(&sb, text, sizeof(text));
	summary_hits(&sb, facts->roster, facts->facts, verdict->hit, verdict->nhits);
	add_pair(&w, "lists", text);
	if (verdict->spf != SPF_UNCHECKED)
		add_pair(&w, "spf", spf_result_name(verdict->spf));
	add_pair(&w, "ref", facts->ref);
}

/* Add a name that was seen outside: what no name has becomes a question mark. */
static void
add_name(struct strbuf *out, const char *name)
{
	for (size_t i = 0; i < DOMAIN_MAX && name[i] != '\0'; i++)
		strbuf_addc(out, is_name_byte(name[i]) ? name[i] : '?');
}

/* Add a value (RFC 2045, 5.1): in quotes, where it is not made of plain bytes alone. */
static void
add_value(struct strbuf *out, const char *value)
{
	char storage[DOMAIN_MAX + 1];
	struct strbuf clean;
	bool plain;

	strbuf_init(&clean, storage, sizeof(storage));
	add_name(&clean, value);
	plain = clean.len > 0 && strchr(clean.data, '?') == NULL;
	strbuf_addf(out, plain ? "%s" : "\"%s\"", clean.data);
}

/* An address: one of IPv6 has colons, which take quotes. */
static void
add_address(struct strbuf *out, const struct ipaddr *addr)
{
	char text[IPADDR_STRLEN];

	strbuf_addf(out, addr->bits == 128 ? "\"%s\"" : "%s", ipaddr_format(addr, text));
}

/* What a list says that trusts addresses, and was asked about this one (RFC 8904). */
static void
add_dnswl(struct writer *w, const struct header_facts *facts, unsigned i)
{
	const struct listing *list = facts->roster->list[i];
	const struct fact *fact = &facts->facts[i];
	bool void_word = listset_has(facts->verdict->suspended, i);
	struct strbuf *part = begin_part(w);
	char code[INET_ADDRSTRLEN];
	struct in_addr in = {0};
	uint32_t said = 0;

	if (void_word || fact->state == FACT_ERROR)
		strbuf_add(part, "dnswl=temperror dns.zone=");
	else if (listing_answer(list, fact, &said) != NULL)
		strbuf_add(part, "dnswl=pass dns.zone=");
	else
		strbuf_add(part, "dnswl=none dns.zone=");
	add_value(part, list->keyed ? list->label : list->zone);
	in.s_addr = htonl(said);
	if (said != 0)
		strbuf_addf(part, " policy.ip=%s", inet_ntop(AF_INET, &in, code, sizeof(code)));
	end_part(w, ";");
}

/* Whether the word of a list goes into the header. */
static bool
is_shown(const struct header_facts *facts, unsigned i)
{
	const struct listing *list = facts->roster->list[i];
	const struct fact *fact = &facts->facts[i];

	/* Who was not asked (a fact that is clear and never expires), or not waited for,
	 * has said nothing. */
	return list->kind == KIND_ALLOW && !list->shadow &&
	    listset_has(facts->policy->lists, i) && fact->state != FACT_UNKNOWN &&
	    (fact->state != FACT_CLEAR || fact->expires != 0);
}

/* Whether the client's name leads back to it (RFC 8601, 2.7.3). */
static void
add_iprev(struct writer *w, const struct header_facts *facts)
{
	static const char *const results[HOSTS] = {
	    [HOST_CONFIRMED] = "pass",
	    [HOST_WRONG] = "fail",
	    [HOST_UNKNOWN] = "temperror",
	};
	const char *result = results[facts->verdict->host];
	struct strbuf *part = begin_part(w);

	if (result == NULL)
		return;
	strbuf_addf(part, "iprev=%s policy.iprev=", result);
	add_address(part, facts->client);
	if (facts->name != NULL && facts->name[0] != '\0') {
		strbuf_add(part, " (");
		add_name(part, facts->name);
		strbuf_addc(part, ')');
	}
	end_part(w, ";");
}

static void
add_spf(struct writer *w, const struct header_facts *facts)
{
	struct strbuf *part = begin_part(w);

	if (facts->verdict->spf == SPF_UNCHECKED)
		return;
	strbuf_addf(part, "spf=%s", spf_result_public(facts->verdict->spf));
	if (facts->spf_domain != NULL && facts->spf_domain[0] != '\0') {
		strbuf_add(part, facts->spf_helo ? " smtp.helo=" : " smtp.mailfrom=");
		add_value(part, facts->spf_domain);
	}
	end_part(w, ";");
}

void
header_write_results(const struct header_facts *facts, char out[HEADER_VALUE_MAX])
{
	struct writer w;
	size_t bare;

	begin(&w, HEADER_RESULTS, out);
	add_value(begin_part(&w), facts->authserv_id);
	end_part(&w, "");
	bare = w.out.len;
	add_spf(&w, facts);
	add_iprev(&w, facts);
	for (unsigned i = 0; i < facts->roster->n; i++)
		if (is_shown(facts, i))
			add_dnswl(&w, facts, i);
	if (w.out.len == bare) {
		strbuf_add(begin_part(&w), "none");
		end_part(&w, ";");
	}
}
