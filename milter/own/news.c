/* SPDX-License-Identifier: BSD-2-Clause */
/* own/news.c - words with one blank between them; there is one way to write each. */
#include "config.h"

#include "own/news.h"

#include <inttypes.h>
#include <string.h>

#include "base/ascii.h"
#include "base/number.h"
#include "base/strbuf.h"

#define WORD_MAX 64

/* A rule is a word of ours, but it may come from a file. */
static bool
is_rule(const char *text)
{
	for (; *text != '\0'; text++)
		if (!ascii_is_letter(*text) && !ascii_is_digit(*text) && *text != '-' &&
		    *text != '+')
			return false;
	return true;
}

/* What a record begins with. */
static const char *const words[NEWS_KINDS] = {
    [NEWS_ENTRY] = "entry",
    [NEWS_ATTEMPT] = "try",
    [NEWS_TRAP] = "trap",
    [NEWS_USERS] = "users",
    [NEWS_WORD] = "word",
    [NEWS_WITNESS] = "witness",
};

/* --- Writing: what follows the word --- */

static void
write_address(struct strbuf *sb, const struct ipaddr *client)
{
	char address[IPADDR_STRLEN];

	strbuf_addf(sb, " %s", ipaddr_format(client, address));
}

static void
write_entry(struct strbuf *sb, const struct local_entry *e)
{
	write_address(sb, &e->client);
	strbuf_addf(sb, " %" PRIu32 " %" PRIu32, e->changed, e->held);
	for (unsigned i = 0; i < LOCAL_REMOVALS; i++)
		strbuf_addf(sb, "%c%" PRIu32, i == 0 ? ' ' : ',', e->removed[i]);
	for (unsigned i = 0; i < LOCAL_REASONS; i++)
		if (e->until[i] != 0)
			strbuf_addf(sb, " %s:%" PRIu32 ":%" PRIu32 ":%u:%s",
			    local_reason_name((enum local_reason)i), e->since[i], e->until[i],
			    e->times[i], is_rule(e->rule[i]) ? e->rule[i] : "");
}

static void
write_attempt(struct strbuf *sb, const struct probes_attempt *a)
{
	write_address(sb, &a->client);
	strbuf_addf(sb, " %d %d %016" PRIx64 " %016" PRIx64 " %d", (int)a->what.form,
	    (int)a->what.sender, a->what.target, a->what.recipient, (int)a->box);
}

static void
write_mark(struct strbuf *sb, const struct traphits_mark *m)
{
	write_address(sb, &m->client);
	strbuf_addf(sb, " %d %016" PRIx64 " %" PRIu32 " %d", (int)m->kind, m->trap, m->sender,
	    m->deferred);
}

static void
write_users(struct strbuf *sb, const struct probes_users *u)
{
	write_address(sb, &u->client);
	for (unsigned i = 0; i < u->n; i++)
		strbuf_addf(sb, "%c%u", i == 0 ? ' ' : ',', (unsigned)u->user[i]);
}

static void
write_voucher(struct strbuf *sb, const struct probes_word *w)
{
	write_address(sb, &w->client);
	strbuf_addf(sb, " %" PRIu32 " %" PRIu32 " %" PRIu32, w->good, w->users, w->known);
}

static void
write_witness(struct strbuf *sb, const struct witness *w)
{
	write_address(sb, &w->client);
	strbuf_addf(sb, " %" PRId64 " %" PRId64 " ", w->time, w->until);
	for (const char *at = w->by; *at != '\0'; at++)
		strbuf_addf(sb, "%02x", (unsigned char)*at);
}

void
news_write(const struct news *news, char out[FLEET_RECORD_MAX + 1])
{
	struct strbuf sb;

	strbuf_init(&sb, out, FLEET_RECORD_MAX + 1);
	strbuf_add(&sb, words[news->kind]);
	switch (news->kind) {
	case NEWS_ENTRY:
		write_entry(&sb, &news->entry);
		break;
	case NEWS_ATTEMPT:
		write_attempt(&sb, &news->attempt);
		break;
	case NEWS_TRAP:
		write_mark(&sb, &news->mark);
		break;
	case NEWS_USERS:
		write_users(&sb, &news->users);
		break;
	case NEWS_WORD:
		write_voucher(&sb, &news->word);
		break;
	case NEWS_WITNESS:
		write_witness(&sb, &news->witness);
		break;
	case NEWS_KINDS:
		break;
	}
}

/* --- Reading --- */

/* Copy what comes before the next of ends, and go to it; false: that is nothing, or long. */
static bool
read_word(const char **at, const char *ends, char out[WORD_MAX])
{
	size_t len = strcspn(*at, ends);

	if (len == 0 || len >= WORD_MAX)
		return false;
	memcpy(out, *at, len);
	out[len] = '\0';
	*at += len;
	return true;
}

static bool
skip(const char **at, char c)
{
	if (**at != c)
		return false;
	++*at;
	return true;
}

static bool
read_count(const char **at, uint32_t max, uint32_t *out)
{
	int64_t n = number_plain(at, max);

	*out = n < 0 ? 0 : (uint32_t)n;
	return n >= 0;
}

/* By whose clock times are, and what it is by ours. */
struct clocks {
	int64_t ahead;
	uint32_t now;
};

/* A time, which is not later than so many seconds from now; 0 is never. */
static bool
read_time(const char **at, const struct clocks *c, uint32_t later, uint32_t *out)
{
	int64_t n = number_plain(at, UINT32_MAX);

	if (n > 0)
		n = n - c->ahead > 0 ? n - c->ahead : 1;
	*out = n < 0 ? 0 : (uint32_t)n;
	return n >= 0 && n <= (int64_t)c->now + later;
}

static bool
read_address(const char **at, struct ipaddr *out)
{
	char word[WORD_MAX];

	return read_word(at, " ", word) && ipaddr_parse(out, word) && ipaddr_is_global(out);
}

/* "REASON:SINCE:UNTIL:TIMES:RULE", each reason once. */
static bool
read_stay(const char **at, const struct clocks *c, struct local_entry *e)
{
	enum local_reason reason;
	char word[WORD_MAX];
	uint32_t times;

	if (!read_word(at, ":", word) || (reason = local_reason_parse(word)) == LOCAL_REASONS ||
	    e->until[reason] != 0)
		return false;
	if (!skip(at, ':') || !read_time(at, c, NEWS_AHEAD_S, &e->since[reason]) ||
	    !skip(at, ':') || !read_time(at, c, NEWS_UNTIL_S, &e->until[reason]) ||
	    !skip(at, ':') || !read_count(at, UINT8_MAX, &times) || !skip(at, ':') ||
	    e->until[reason] == 0 || times == 0)
		return false;
	e->times[reason] = (uint8_t)times;
	if (**at == ' ' || **at == '\0')
		return true;
	return read_word(at, " ", word) && is_rule(word) &&
	    strbuf_copy(e->rule[reason], LOCAL_RULE_SIZE, word);
}

static bool
read_entry(const char *at, const struct clocks *c, struct local_entry *e)
{
	*e = (struct local_entry){.reasons = 0};
	if (!read_address(&at, &e->client) || !skip(&at, ' ') ||
	    !read_time(&at, c, NEWS_AHEAD_S, &e->changed) || !skip(&at, ' ') ||
	    !read_time(&at, c, NEWS_AHEAD_S + LOCAL_HOLD_S, &e->held))
		return false;
	for (unsigned i = 0; i < LOCAL_REMOVALS; i++)
		if (!skip(&at, i == 0 ? ' ' : ',') ||
		    !read_time(&at, c, NEWS_AHEAD_S, &e->removed[i]))
			return false;
	while (*at != '\0')
		if (!skip(&at, ' ') || !read_stay(&at, c, e))
			return false;
	return true;
}

/* So many figures, none of them a capital. */
static bool
read_hex(const char **at, unsigned figures, uint64_t *out)
{
	static const char digits[] = "0123456789abcdef";

	*out = 0;
	for (; figures > 0; figures--, ++*at) {
		const char *digit = **at != '\0' ? strchr(digits, **at) : NULL;

		if (digit == NULL)
			return false;
		*out = *out << 4 | (uint64_t)(digit - digits);
	}
	return true;
}

static bool
read_id(const char **at, uint64_t *out)
{
	return read_hex(at, 16, out);
}

static bool
read_attempt(const char *at, struct probes_attempt *a)
{
	uint32_t form, sender, box;

	*a = (struct probes_attempt){.box = 0};
	if (!read_address(&at, &a->client) || !skip(&at, ' ') ||
	    !read_count(&at, PROBE_FORMS - 1, &form) || !skip(&at, ' ') ||
	    !read_count(&at, PROBE_SENDERS, &sender) || !skip(&at, ' ') ||
	    !read_id(&at, &a->what.target) || !skip(&at, ' ') ||
	    !read_id(&at, &a->what.recipient) || !skip(&at, ' ') ||
	    !read_count(&at, UINT16_MAX, &box))
		return false;
	a->what.form = (enum probe_form)form;
	a->what.sender = (enum probe_sender)sender;
	a->box = (uint16_t)box;
	return *at == '\0';
}

static bool
read_mark(const char *at, struct traphits_mark *m)
{
	uint32_t kind, deferred;

	*m = (struct traphits_mark){.deferred = false};
	if (!read_address(&at, &m->client) || !skip(&at, ' ') ||
	    !read_count(&at, TRAPHITS_KINDS - 1, &kind) || !skip(&at, ' ') ||
	    !read_id(&at, &m->trap) || !skip(&at, ' ') ||
	    !read_count(&at, UINT32_MAX, &m->sender) || !skip(&at, ' ') ||
	    !read_count(&at, 1, &deferred))
		return false;
	m->kind = (enum traphits_kind)kind;
	m->deferred = deferred != 0;
	return m->trap != 0 && *at == '\0';
}

static bool
read_users(const char *at, struct probes_users *u)
{
	uint32_t user;

	*u = (struct probes_users){.n = 0};
	if (!read_address(&at, &u->client))
		return false;
	do {
		if (!skip(&at, u->n == 0 ? ' ' : ',') || !read_count(&at, UINT16_MAX, &user) ||
		    user == 0)
			return false;
		u->user[u->n++] = (uint16_t)user;
	} while (*at != '\0' && u->n < GUESSER_USERS_MAX);
	return *at == '\0';
}

static bool
read_voucher(const char *at, const struct clocks *c, struct probes_word *w)
{
	*w = (struct probes_word){.good = 0};
	return read_address(&at, &w->client) && skip(&at, ' ') &&
	    read_time(&at, c, NEWS_AHEAD_S, &w->good) && skip(&at, ' ') &&
	    read_time(&at, c, NEWS_AHEAD_S, &w->users) && skip(&at, ' ') &&
	    read_time(&at, c, NEWS_AHEAD_S, &w->known) && *at == '\0';
}

/* A name that does nothing to a terminal, as those have that are given here. */
static bool
read_name(const char *at, char by[LOCAL_BY_SIZE])
{
	uint64_t byte;
	size_t n = 0;

	while (*at != '\0') {
		if (n == LOCAL_BY_SIZE - 1 || !read_hex(&at, 2, &byte) || byte == 0)
			return false;
		by[n++] = (char)byte;
	}
	by[n] = '\0';
	for (const char *c = by; *c != '\0'; c++)
		if (ascii_control_length(c) > 0)
			return false;
	return n > 0;
}

static bool
read_witness(const char *at, const struct clocks *c, struct witness *w)
{
	uint32_t time, until;

	*w = (struct witness){.time = 0};
	if (!read_address(&at, &w->client) || !skip(&at, ' ') ||
	    !read_time(&at, c, NEWS_AHEAD_S, &time) || !skip(&at, ' ') ||
	    !read_time(&at, c, NEWS_UNTIL_S, &until) || !skip(&at, ' '))
		return false;
	w->time = time;
	w->until = until;
	return time != 0 && until != 0 && read_name(at, w->by);
}

/* The kind of a record, and what follows its word and a blank; NEWS_KINDS: it is none. */
static enum news_kind
kind_of(const char *record, const char **at)
{
	for (unsigned kind = 0; kind < NEWS_KINDS; kind++) {
		*at = record;
		if (ascii_take(at, words[kind]) && skip(at, ' '))
			return (enum news_kind)kind;
	}
	return NEWS_KINDS;
}

bool
news_read(struct news *news, const char *record, int64_t ahead, uint32_t now)
{
	const struct clocks clocks = {ahead, now};
	const char *at;

	switch (news->kind = kind_of(record, &at)) {
	case NEWS_ENTRY:
		return read_entry(at, &clocks, &news->entry);
	case NEWS_ATTEMPT:
		return read_attempt(at, &news->attempt);
	case NEWS_TRAP:
		return read_mark(at, &news->mark);
	case NEWS_USERS:
		return read_users(at, &news->users);
	case NEWS_WORD:
		return read_voucher(at, &clocks, &news->word);
	case NEWS_WITNESS:
		return read_witness(at, &clocks, &news->witness);
	case NEWS_KINDS:
		break;
	}
	return false;
}
