/* SPDX-License-Identifier: BSD-2-Clause */
/* data/datawhere.c - of each section the entries that are most specific. */
#include "config.h"

#include "data/datawhere.h"

#include <string.h>

#include "base/clock.h"
#include "base/strbuf.h"

#define NAME_SIZE 256
#define LOOK_EVERY 4096 /* entries between two looks at the clock */

struct search {
	const struct ipaddr *addr;
	uint32_t ip4;         /* of an address of IPv4 */
	char name[NAME_SIZE]; /* as DNS is asked for it */
	size_t name_len;
	enum data_format format; /* of the section */
	unsigned level;          /* of the lines of the section; 0: there are none */
	unsigned first;          /* of them */
	int64_t deadline;
	unsigned entries;
	struct datawhere *out;
};

static bool
on_begin(void *arg, enum data_format format)
{
	struct search *s = arg;

	s->format = format;
	s->level = 0;
	s->first = s->out->n;
	return true;
}

static bool
on_end(void *arg, uint32_t common)
{
	(void)arg;
	(void)common;
	return true;
}

static void
on_complaint(void *arg, const char *file, unsigned line, const char *why, bool fatal)
{
	(void)arg;
	(void)file;
	(void)line;
	(void)why;
	(void)fatal;
}

/* How specific a range is in an ip4set: by the largest whole octet of addresses around one. */
static unsigned
octet_level(const struct ip4range *range, uint32_t addr)
{
	for (unsigned bits = 24; bits > 0; bits -= 8) {
		uint32_t mask = (UINT32_C(1) << bits) - 1;

		if (range->first <= (addr & ~mask) && (addr | mask) <= range->last)
			return 32 - bits;
	}
	return 32;
}

/* How specific a name is; 0: it does not hold the one that is searched. */
static unsigned
name_level(const struct search *s, const struct data_entry *entry)
{
	size_t len = strlen(entry->name);
	const char *end;

	if (len > s->name_len)
		return 0;
	end = s->name + s->name_len - len;
	if (memcmp(end, entry->name, len) != 0)
		return 0;
	if (len == s->name_len)
		return entry->itself ? NAME_SIZE + 1 : 0;
	return entry->below && end[-1] == '.' ? (unsigned)len + 1 : 0;
}

/* The same of any entry; what holds all addresses is 1. */
static unsigned
level_of(const struct search *s, const struct data_entry *entry)
{
	if (entry->kind == DATA_NAME)
		return name_level(s, entry);
	if (s->addr == NULL)
		return 0;
	if (entry->kind == DATA_NETWORK)
		return ipaddr_within(s->addr, &entry->network.addr, entry->network.len)
		    ? entry->network.len + 1
		    : 0;
	if (s->addr->bits != 32 || s->ip4 < entry->range.first || s->ip4 > entry->range.last)
		return 0;
	return 1 +
	    (s->format == DATA_IP4SET ? octet_level(&entry->range, s->ip4) : entry->range.len);
}

static bool
on_entry(void *arg, const struct data_entry *entry, const char *file, unsigned line)
{
	struct search *s = arg;
	unsigned level = level_of(s, entry);

	if (++s->entries % LOOK_EVERY == 0 && clock_ms() > s->deadline)
		return false;
	if (level == 0 || level < s->level)
		return true;
	if (level > s->level)
		s->out->n = s->first;
	s->level = level;
	if (s->out->n < DATAWHERE_MAX)
		s->out->line[s->out->n++] =
		    (struct datawhere_line){file, line, entry->excluded};
	return true;
}

/* Note what is searched; false: it is longer than any name. */
static bool
note_subject(struct search *s, const struct ipaddr *addr, const char *name)
{
	s->addr = addr;
	if (addr != NULL)
		ipaddr_reverse(addr, s->name);
	else if (!strbuf_copy(s->name, sizeof(s->name), name))
		return false;
	for (unsigned i = 0; addr != NULL && addr->bits == 32 && i < 4; i++)
		s->ip4 = s->ip4 << 8 | addr->byte[i];
	s->name_len = strlen(s->name);
	return true;
}

bool
datawhere_find(const struct data_source *source, const struct ipaddr *addr, const char *name,
    int64_t now, int64_t deadline, struct datawhere *out)
{
	struct search s = {.out = out, .deadline = deadline};
	const struct data_taker taker = {on_begin, on_entry, on_end, on_complaint, &s};
	struct data_reading reading;

	*out = (struct datawhere){0};
	return !note_subject(&s, addr, name) || datafile_read(source, &taker, now, &reading);
}
