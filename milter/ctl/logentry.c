/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ctl/logentry.c - takes apart what verdict/logrecord.c has put together.  A HELO or a sender may
 * hold a text that looks like a decision: it is in quotes in our lines, and in lines of others
 * it stands behind words that no line of ours begins with.
 */
#include "config.h"

#include "ctl/logentry.h"

#include <string.h>

#include "base/ascii.h"
#include "base/number.h"
#include "base/random.h"
#include "ctl/logstamp.h"

#define IDENT "relayguard"
#define ADJACENT " verdict="
#define NUMBER_MAX 1000000000

static const struct {
	const char *name;
	enum logkey key;
} keys[] = {
    {"ref", LOGKEY_REF},
    {"verdict", LOGKEY_VERDICT},
    {"meant", LOGKEY_MEANT},
    {"apart", LOGKEY_APART},
    {"softened", LOGKEY_SOFTENED},
    {"reason", LOGKEY_REASON},
    {"client", LOGKEY_CLIENT},
    {"name", LOGKEY_NAME},
    {"helo", LOGKEY_HELO},
    {"from", LOGKEY_FROM},
    {"orig-from", LOGKEY_ORIG_FROM},
    {"to", LOGKEY_TO},
    {"orig-to", LOGKEY_ORIG_TO},
    {"policy", LOGKEY_POLICY},
    {"score", LOGKEY_SCORE},
    {"groups", LOGKEY_GROUPS},
    {"lists", LOGKEY_LISTS},
    {"shadowed", LOGKEY_SHADOWED},
    {"shadow-unknown", LOGKEY_SHADOW_UNKNOWN},
    {"spf", LOGKEY_SPF},
    {"iprev", LOGKEY_IPREV},
    {"host", LOGKEY_IPREV}, /* as it was called */
    {"doubted", LOGKEY_DOUBTED},
    {"unproven", LOGKEY_UNPROVEN},
    {"suspended", LOGKEY_SUSPENDED},
    {"unknown", LOGKEY_UNKNOWN},
    {"not-awaited", LOGKEY_NOT_AWAITED},
    {"not-needed", LOGKEY_NOT_NEEDED},
    {"unasked", LOGKEY_UNASKED},
    {"ask", LOGKEY_ASK},
    {"cache", LOGKEY_CACHE},
    {"from-cache", LOGKEY_CACHE}, /* as it was called */
    {"note", LOGKEY_NOTE},
    {"ms", LOGKEY_MS},
};

#define KEYS (sizeof(keys) / sizeof(keys[0]))

/* --- What stands before our words --- */

/* Go past "relayguard[123]: " or RFC 5424's "relayguard 123 - - "; false: it is neither, or
 * not the last before end. */
static bool
is_tag(const char *at, const char *end)
{
	if (!ascii_take(&at, IDENT))
		return false;
	if (*at == '[' || *at == ' ') {
		bool bracket = *at++ == '[';

		while (ascii_is_digit(*at))
			at++;
		return ascii_take(&at, bracket ? "]: " : " - - ") && at == end;
	}
	return ascii_take(&at, ": ") && at == end;
}

/*
 * Whether the line up to end is what syslog puts in front, or nothing: behind a word that is
 * another program's, or that holds what somebody said, may stand anything.
 */
static bool
is_ours(const char *line, const char *end)
{
	if (line == end)
		return true;
	if (*line == '<' && (line = strchr(line, '>')) != NULL)
		line++;
	while (line != NULL && line < end && !is_tag(line, end)) {
		size_t len = strcspn(line, " =<>[\"");

		if (line[len] != ' ' || (len > 0 && line[len - 1] == ':'))
			return false;
		line += len + 1;
	}
	return line != NULL && line < end;
}

static bool
is_ref(const char *at)
{
	for (int i = 0; i < REF_LEN; i++)
		if (!ascii_is_digit(at[i]) && (at[i] < 'A' || at[i] > 'Z'))
			return false;
	return true;
}

/* Where the decision begins, with its reference; NULL: there is none. */
static const char *
find_decision(const char *line)
{
	const char *at = strstr(line, ADJACENT), *begin;

	if (at == NULL || at - line < REF_LEN || !is_ref(at - REF_LEN))
		return NULL;
	begin = at - REF_LEN;
	if (begin - line >= 4 && strncmp(begin - 4, "ref=", 4) == 0)
		begin -= 4;
	return is_ours(line, begin) ? begin : NULL;
}

/* --- Keys and values --- */

/* Take a value and the blank behind it; false: it does not end. */
static bool
take_value(const char **at, struct slice *value)
{
	bool quoted = **at == '"';

	*at += quoted;
	value->at = *at;
	if (quoted)
		for (; **at != '"'; ++*at) {
			if (**at == '\\')
				++*at;
			if (**at == '\0')
				return false;
		}
	else
		*at += strcspn(*at, " \r");
	value->len = (size_t)(*at - value->at);
	*at += quoted;
	*at += **at == '\r'; /* of who reads lines with CRLF: it is the last there is */
	if (**at != ' ')
		return **at == '\0';
	++*at;
	return true;
}

/* The place of a key in the table, LOGKEYS if it is not known: they come in this order, so that
 * it is mostly the one at hint, or soon after. */
static size_t
find_key(const char *name, size_t len, size_t hint)
{
	for (size_t i = 0; i < KEYS; i++) {
		size_t k = (hint + i) % KEYS;

		if (strncmp(keys[k].name, name, len) == 0 && keys[k].name[len] == '\0')
			return k;
	}
	return KEYS;
}

/* Take all that there is, up to where the line was cut. */
static void
take_fields(struct logentry *entry, const char *at)
{
	size_t hint = 0;

	while (*at != '\0') {
		size_t len = strcspn(at, "= "), k = find_key(at, len, hint);
		struct slice value;

		if (at[len] != '=') {
			entry->cut = true;
			return;
		}
		at += len + 1;
		if (!take_value(&at, &value)) {
			entry->cut = true;
			return;
		}
		if (k == KEYS)
			continue;
		if (entry->value[keys[k].key].at == NULL)
			entry->value[keys[k].key] = value;
		hint = k + 1;
	}
}

static bool
read_action(const struct slice *s, enum action *out)
{
	for (enum action action = ACTION_PASS; action < ACTIONS; action++)
		if (s->at != NULL && slice_is(s, action_name(action))) {
			*out = action;
			return true;
		}
	return false;
}

/* "8/5"; false, and nothing is read, where it is not there, or is something else. */
static bool
read_pair(const struct slice *s, int *first, int *second)
{
	const char *at = s->at;
	int a, b;

	if (at == NULL)
		return false;
	a = logitem_number(&at);
	if (!ascii_take(&at, "/"))
		return false;
	b = logitem_number(&at);
	if (at != s->at + s->len)
		return false;
	*first = a;
	*second = b;
	return true;
}

/* What the values mean; false: they are no decision's. */
static bool
read_values(struct logentry *entry)
{
	const struct slice *v = entry->value;
	int groups = 0, agree = 0;
	const char *ms = v[LOGKEY_MS].at;

	if (!read_action(&v[LOGKEY_VERDICT], &entry->verdict) || v[LOGKEY_REASON].len == 0 ||
	    v[LOGKEY_CLIENT].at == NULL ||
	    !ipaddr_parse_part(&entry->client, v[LOGKEY_CLIENT].at, v[LOGKEY_CLIENT].len))
		return false;
	if (!read_action(&v[LOGKEY_MEANT], &entry->meant))
		entry->meant = entry->verdict;
	(void)read_pair(&v[LOGKEY_SCORE], &entry->score, &entry->threshold);
	if (read_pair(&v[LOGKEY_GROUPS], &groups, &agree) && groups >= 0 && agree >= 0) {
		entry->groups = (unsigned)groups;
		entry->agree = (unsigned)agree;
	}
	entry->ms = ms != NULL ? number_read(&ms, NUMBER_MAX) : -1;
	return true;
}

/* Whether all is as the log writes it; what others may have done to the line's end is none
 * of it. */
static bool
is_printable(const char *text)
{
	const char *c = text;

	while (*c >= ' ' && *c <= '~')
		c++;
	return *c == '\0' || (*c == '\r' && c[1] == '\0');
}

enum logmerge_line
logentry_parse(struct logentry *entry, const char *line, int64_t now)
{
	const char *at = find_decision(line);

	if (at == NULL)
		return LOGMERGE_OTHER;
	memset(entry, 0, sizeof(*entry));
	if (!is_printable(at))
		return LOGMERGE_BAD;
	(void)ascii_take(&at, "ref=");
	entry->value[LOGKEY_REF] = (struct slice){at, REF_LEN};
	take_fields(entry, at + REF_LEN + 1);
	if (!read_values(entry))
		return LOGMERGE_BAD;
	entry->time = logstamp_read(line, now);
	return LOGMERGE_ENTRY;
}

static enum logmerge_line
parse(void *entry, const char *line, int64_t now, int64_t *time)
{
	struct logentry *e = entry;
	enum logmerge_line kind = logentry_parse(e, line, now);

	if (kind == LOGMERGE_ENTRY)
		*time = e->time;
	return kind;
}

const struct logmerge_kind *
logentry_kind(void)
{
	static const struct logmerge_kind kind = {
	    .size = sizeof(struct logentry), .parse = parse};

	return &kind;
}
