/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * data/dataset.c - a line at a time.  What rbldnsd leaves out with a warning is left out here,
 * and so is what would list something else than its author meant.
 */
#include "config.h"

#include "data/dataset.h"

#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "base/domain.h"
#include "base/number.h"
#include "base/prefix.h"
#include "data/datastamp.h"
#include "data/droplist.h"
#include "data/ip6text.h"

#define WHY_MAX 300
#define LOOPBACK_NET 0x7f000000U /* of a code of one octet */

struct dataset_reader {
	enum data_format format; /* of the whole */
	enum data_format now;    /* of the section */
	const char *subzone;
	const struct dataset_sink *sink;
	int64_t time, made, expires, records;
	bool open;         /* there is a section */
	bool wanted;       /* and it is of the subzone */
	uint32_t code;     /* of entries that follow and have none */
	bool common_known; /* the set has said what its entries have in common */
	uint32_t common;
	int64_t range_max; /* addresses that an entry may have; 0: as many as it likes */
	char name[DOMAIN_NAME_SIZE]; /* of the entry */
};

/* How a line went. */
enum outcome {
	LINE_READ,
	LINE_STOPPED, /* the sink could not go on */
	LINE_SKIPPED,
	LINE_FATAL /* the set cannot be read */
};

struct dataset_reader *
dataset_reader_new(
    enum data_format format, const char *subzone, const struct dataset_sink *sink, int64_t now)
{
	struct dataset_reader *r = calloc(1, sizeof(*r));

	if (r == NULL)
		return NULL;
	r->format = format;
	r->subzone = subzone;
	r->sink = sink;
	r->time = now;
	r->records = -1;
	return r;
}

void
dataset_reader_free(struct dataset_reader *r)
{
	free(r);
}

static enum outcome
passed(bool good)
{
	return good ? LINE_READ : LINE_STOPPED;
}

static enum outcome
skip(const char **why, const char *what)
{
	*why = what;
	return LINE_SKIPPED;
}

static enum outcome
fail(const char **why, const char *what)
{
	*why = what;
	return LINE_FATAL;
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static bool
is_comment(char c)
{
	return c == '#' || c == ';';
}

static const char *
past_blanks(const char *text)
{
	while (is_blank(*text))
		text++;
	return text;
}

/* Whether an address may end before it. */
static bool
ends_address(const char *at)
{
	return *at == '\0' || *at == ':' || is_blank(*at) || is_comment(*at);
}

static bool
begin_section(struct dataset_reader *r, enum data_format format, bool wanted)
{
	r->now = format;
	r->open = true;
	r->wanted = wanted;
	r->code = r->common = DATA_CODE_DEFAULT;
	r->common_known = false;
	return !wanted || r->sink->begin(r->sink->arg, format);
}

static bool
end_section(struct dataset_reader *r)
{
	bool good = !r->open || !r->wanted || r->sink->end(r->sink->arg, r->common);

	r->open = false;
	return good;
}

bool
dataset_reader_file(struct dataset_reader *r)
{
	r->code = DATA_CODE_DEFAULT;
	if (r->format == DATA_COMBINED)
		return end_section(r);
	return r->open || begin_section(r, r->format, true);
}

bool
dataset_reader_end(struct dataset_reader *r)
{
	return end_section(r);
}

int64_t
dataset_reader_made(const struct dataset_reader *r)
{
	return r->made;
}

int64_t
dataset_reader_expires(const struct dataset_reader *r)
{
	return r->expires;
}

int64_t
dataset_reader_records(const struct dataset_reader *r)
{
	return r->records;
}

/* Read the code of a value, ":2:why" or "why": of what has none it is that one. */
static bool
read_value(const char *at, uint32_t fallback, uint32_t *code)
{
	unsigned octets;

	*code = fallback;
	if (!ascii_take(&at, ":"))
		return true;
	if (!ip4text_value(&at, code, &octets) || *code == 0)
		return false;
	if (octets == 1)
		*code |= LOOPBACK_NET;
	at = past_blanks(at);
	return *at == '\0' || *at == ':';
}

/* A line that begins with a colon is the value of those after it that have none. */
static enum outcome
read_default(struct dataset_reader *r, const char *text, const char **why)
{
	bool common = r->now == DATA_IP4TSET || r->now == DATA_IP6TSET;
	uint32_t code;

	if (common && r->common_known)
		return LINE_READ;
	if (!read_value(text, DATA_CODE_DEFAULT, &code))
		return skip(why, "is no value like :127.0.0.2:text");
	if (!common) {
		r->code = code;
		return LINE_READ;
	}
	r->common = code;
	r->common_known = true;
	return LINE_READ;
}

/* Go past the mark of what is not listed. */
static const char *
take_exclusion(const char *at, struct data_entry *entry)
{
	entry->excluded = ascii_take(&at, "!");
	return entry->excluded ? past_blanks(at) : at;
}

/* Read what follows an address or a name, and hand on the entry. */
static enum outcome
finish(struct dataset_reader *r, struct data_entry *entry, const char *at, const char **why)
{
	at = past_blanks(at);
	if (entry->excluded)
		entry->code = 0;
	else if (*at == '\0' || is_comment(*at))
		entry->code = r->code;
	else if (!read_value(at, r->code, &entry->code))
		return skip(why, "has no value like :127.0.0.2:text");
	return passed(r->sink->entry(r->sink->arg, entry));
}

static enum outcome
read_ip4(struct dataset_reader *r, const char *text, const char **why)
{
	struct data_entry entry = {.kind = DATA_RANGE};
	struct ip4range *range = &entry.range;
	const char *at = take_exclusion(text, &entry);

	if (!(r->now == DATA_IP4SET ? ip4text_range(&at, range)
				    : ip4text_network(&at, range)) ||
	    !ends_address(at))
		return skip(why,
		    r->now == DATA_IP4SET ? "is no address, network or range of IPv4"
					  : "is no address or network of IPv4");
	if (r->range_max > 0 && (int64_t)range->last - range->first >= r->range_max)
		return skip(why, "has more addresses than $MAXRANGE4 allows");
	return finish(r, &entry, at, why);
}

static enum outcome
read_ip4tset(struct dataset_reader *r, const char *text, const char **why)
{
	struct data_entry entry = {.kind = DATA_RANGE, .common = true};

	if (!ip4text_address(&text, &entry.range.first) || !ends_address(text))
		return skip(why, "is no address of IPv4");
	entry.range.last = entry.range.first;
	entry.range.len = 32;
	return passed(r->sink->entry(r->sink->arg, &entry));
}

/* A colon behind an address of IPv6 would be another group, but for one with a length. */
static enum outcome
read_ip6trie(struct dataset_reader *r, const char *text, const char **why)
{
	struct data_entry entry = {.kind = DATA_NETWORK};
	const char *begin = take_exclusion(text, &entry), *at = begin;

	if (!ip6text_network(&at, &entry.network) || !ends_address(at) ||
	    (*at == ':' && memchr(begin, '/', (size_t)(at - begin)) == NULL))
		return skip(why, "is no address or network of IPv6");
	return finish(r, &entry, at, why);
}

static enum outcome
read_ip6tset(struct dataset_reader *r, const char *text, const char **why)
{
	struct data_entry entry = {.kind = DATA_NETWORK};
	const char *at = take_exclusion(text, &entry);

	if (!ip6text_groups(&at, &entry.network) || *at == ':' || !ends_address(at) ||
	    entry.network.len != (entry.excluded ? 128 : 64))
		return skip(why,
		    entry.excluded ? "is no address of IPv6"
				   : "is no /64 of IPv6 in four groups");
	entry.common = !entry.excluded;
	return passed(r->sink->entry(r->sink->arg, &entry));
}

/* Copy the name that a text begins with, in lower case; what follows it, or NULL: it is none. */
static const char *
take_name(const char *at, char name[DOMAIN_NAME_SIZE])
{
	size_t n = strcspn(at, " \t"), len = n > 0 && at[n - 1] == '.' ? n - 1 : n, start = 0;

	if (len == 0 || len >= DOMAIN_NAME_SIZE)
		return NULL;
	for (size_t i = 0; i <= len; i++) {
		if (i < len && (at[i] <= ' ' || at[i] > '~' || at[i] == '\\'))
			return NULL;
		if (i < len && at[i] != '.')
			continue;
		if (i == start || i - start > ASCII_LABEL_MAX)
			return NULL;
		start = i + 1;
	}
	ascii_copy_lower(name, at, len);
	name[len] = '\0';
	return at + n;
}

static enum outcome
read_dnset(struct dataset_reader *r, const char *text, const char **why)
{
	struct data_entry entry = {.kind = DATA_NAME, .name = r->name};
	const char *at = take_exclusion(text, &entry);

	entry.below = ascii_take(&at, "*.");
	entry.itself = !entry.below;
	if (!entry.below)
		entry.below = ascii_take(&at, ".");
	if ((at = take_name(at, r->name)) == NULL)
		return skip(why, "is no name in DNS");
	return finish(r, &entry, at, why);
}

/* Go past a word and the blanks behind it; false: the text begins otherwise. */
static bool
take_word(const char **at, const char *word)
{
	const char *c = *at;

	for (; *word != '\0'; word++, c++)
		if (ascii_lower(*c) != *word)
			return false;
	if (!is_blank(*c))
		return false;
	*at = past_blanks(c);
	return true;
}

/* Go past the TTL and the class of a record, which may be missing. */
static void
skip_ttl(const char **at)
{
	if (ascii_is_digit(**at))
		*at = past_blanks(*at + strcspn(*at, " \t"));
	(void)take_word(at, "in");
}

static enum outcome
read_generic(struct dataset_reader *r, const char *text, const char **why)
{
	struct data_entry entry = {.kind = DATA_NAME, .name = r->name, .itself = true};
	bool apex = text[0] == '@' && is_blank(text[1]);
	const char *at = apex ? text + 1 : take_name(text, r->name);
	unsigned octets;

	if (at == NULL)
		return skip(why, "is no name in DNS");
	at = past_blanks(at);
	skip_ttl(&at);
	if (take_word(&at, "txt") || take_word(&at, "mx"))
		return LINE_READ;
	if (!take_word(&at, "a") || !ip4text_value(&at, &entry.code, &octets) ||
	    entry.code == 0)
		return skip(why, "is no record of A, TXT or MX");
	return apex ? LINE_READ : passed(r->sink->entry(r->sink->arg, &entry));
}

/* Hand on a network of either family. */
static enum outcome
take_network(struct dataset_reader *r, const char *text, const char **why)
{
	struct data_entry entry = {.code = r->code};
	char message[WHY_MAX];
	const uint8_t *byte = entry.network.addr.byte;

	if (!prefix_parse(&entry.network, text, message, sizeof(message)))
		return skip(why, "is no address or network");
	entry.kind = entry.network.addr.bits == 32 ? DATA_RANGE : DATA_NETWORK;
	if (entry.kind == DATA_RANGE) {
		unsigned len = entry.network.len;

		entry.range.first = (uint32_t)byte[0] << 24 | (uint32_t)byte[1] << 16 |
		    (uint32_t)byte[2] << 8 | byte[3];
		entry.range.last = entry.range.first | (len < 32 ? UINT32_MAX >> len : 0);
		entry.range.len = len;
	}
	return passed(r->sink->entry(r->sink->arg, &entry));
}

static enum outcome
read_cidr(struct dataset_reader *r, char *text, const char **why)
{
	struct droplist_line line;
	char message[WHY_MAX];

	if (text[0] != '{') {
		if ((text[0] == ':' && text[1] != ':') || text[0] == '$')
			return skip(
			    why, "is of rbldnsd's: name the format, like \"ip4set:/file\"");
		text[strcspn(text, " \t#;")] = '\0';
		return take_network(r, text, why);
	}
	if (!droplist_read(&line, text, message, sizeof(message)))
		return skip(why, "is no object of JSON with a network");
	if (line.network[0] != '\0')
		return take_network(r, line.network, why);
	r->records = line.records;
	return LINE_READ;
}

/* $MAXRANGE4: it may become smaller, and never larger. */
static enum outcome
set_range_max(struct dataset_reader *r, const char *at, const char **why)
{
	bool length = ascii_take(&at, "/");
	int64_t n = number_read(&at, length ? 32 : UINT32_MAX);

	if (n < (length ? 0 : 1) || *at != '\0')
		return skip(why, "is no $MAXRANGE4 like 256 or /24");
	if (length)
		n = (int64_t)1 << (32 - n);
	if (r->range_max > 0 && r->range_max < n)
		return skip(why, "is a larger $MAXRANGE4 than there was");
	r->range_max = n;
	return LINE_READ;
}

static enum outcome
set_stamp(struct dataset_reader *r, const char *at, const char **why)
{
	struct datastamp stamp;

	if (!datastamp_read(&stamp, at))
		return skip(why, "is no $TIMESTAMP like 2026:11:29:10:00:00 +3h");
	if (stamp.made > r->time)
		return fail(why, "its $TIMESTAMP is in the future");
	if (stamp.made > r->made)
		r->made = stamp.made;
	if (stamp.expires > 0 && (r->expires == 0 || stamp.expires < r->expires))
		r->expires = stamp.expires;
	return LINE_READ;
}

/* Whether the subzones of a section, which are changed, have the one that is asked for. */
static bool
has_subzone(const struct dataset_reader *r, char *at)
{
	const char *wanted = r->subzone != NULL ? r->subzone : "@";
	char *left = NULL;

	for (char *word = strtok_r(at, " \t", &left); word != NULL;
	     word = strtok_r(NULL, " \t", &left)) {
		size_t len = ascii_bare_length(word);

		if (is_comment(word[0]))
			break;
		word[len] = '\0';
		ascii_copy_lower(word, word, len);
		if (strcmp(word, wanted) == 0)
			return true;
	}
	return false;
}

/* $DATASET: the next section. */
static enum outcome
open_section(struct dataset_reader *r, char *at, const char **why)
{
	size_t n = strcspn(at, " \t");
	char *subzones = at + n + (at[n] != '\0');
	enum data_format format;

	if (r->format != DATA_COMBINED)
		return skip(why, "is a section, which combined alone has");
	at[n] = '\0';
	at[strcspn(at, ":")] = '\0';
	format = data_format_parse(at);
	if (format >= DATA_COMBINED)
		return fail(why, "the format of the section is not known");
	return passed(end_section(r) && begin_section(r, format, has_subzone(r, subzones)));
}

static enum outcome
read_special(struct dataset_reader *r, char *text, const char **why)
{
	const char *at = text;

	if (take_word(&at, "dataset"))
		return open_section(r, text + (at - text), why);
	if (take_word(&at, "maxrange4"))
		return set_range_max(r, at, why);
	if (take_word(&at, "timestamp"))
		return set_stamp(r, at, why);
	/* What only answers over DNS have: who serves it, for how long, and texts. */
	if (take_word(&at, "soa") || take_word(&at, "ns") || take_word(&at, "nameserver") ||
	    take_word(&at, "ttl") ||
	    ((ascii_is_digit(text[0]) || text[0] == '=') && is_blank(text[1])))
		return LINE_READ;
	return skip(why, "is no word that is known after $");
}

/* A line that has something to say, by the format of its section. */
static enum outcome
read_entry(struct dataset_reader *r, char *text, const char **why)
{
	switch (r->now) {
	case DATA_IP4SET:
	case DATA_IP4TRIE:
		return text[0] == ':' ? read_default(r, text, why) : read_ip4(r, text, why);
	case DATA_IP4TSET:
		return text[0] == ':' ? read_default(r, text, why) : read_ip4tset(r, text, why);
	case DATA_IP6TRIE:
		return text[0] == ':' && text[1] != ':' ? read_default(r, text, why)
							: read_ip6trie(r, text, why);
	case DATA_IP6TSET:
		return text[0] == ':' ? read_default(r, text, why) : read_ip6tset(r, text, why);
	case DATA_DNSET:
		return text[0] == ':' ? read_default(r, text, why) : read_dnset(r, text, why);
	case DATA_GENERIC:
		return read_generic(r, text, why);
	case DATA_CIDR:
		return read_cidr(r, text, why);
	case DATA_COMBINED:
	case DATA_FORMATS:
		break;
	}
	return LINE_READ;
}

/* The word of a line with a dollar sign, to which a comment may come first; NULL: it has none. */
static char *
special_of(const struct dataset_reader *r, char *text)
{
	if (r->format == DATA_CIDR)
		return NULL;
	if (text[0] == '$')
		return text + 1;
	return (is_comment(text[0]) || text[0] == ':') && text[1] == '$' ? text + 2 : NULL;
}

static enum outcome
read_line(struct dataset_reader *r, char *text, const char **why)
{
	char *special = special_of(r, text);

	if (special != NULL)
		return read_special(r, special, why);
	if (text[0] == '\0' || is_comment(text[0]))
		return LINE_READ;
	if (!r->open)
		return fail(why, "an entry comes before the first $DATASET");
	return r->wanted ? read_entry(r, text, why) : LINE_READ;
}

bool
dataset_reader_line(struct dataset_reader *r, char *text, const char **why)
{
	size_t len;
	enum outcome outcome;

	*why = NULL;
	text += past_blanks(text) - text;
	len = strlen(text);
	if (len > 0 && text[len - 1] == '\r')
		len--;
	while (len > 0 && is_blank(text[len - 1]))
		len--;
	text[len] = '\0';
	outcome = read_line(r, text, why);
	if (outcome == LINE_SKIPPED)
		r->sink->skip(r->sink->arg, *why);
	return outcome == LINE_READ || outcome == LINE_SKIPPED;
}
