/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * verdict/summary.c - the parts of a verdict in few bytes.  A label has no colon, comma,
 * plus or asterisk in it, so that programs can take the text apart again.
 */
#include "config.h"

#include "verdict/summary.h"

#include <string.h>

#define MORE ",..." /* in the place of what does not fit */

void
summary_score(struct strbuf *sb, const struct verdict *verdict)
{
	strbuf_add_num(sb, verdict->score);
	strbuf_addc(sb, '/');
	strbuf_add_num(sb, verdict->threshold);
}

/* Begin an entry behind those that are there, with the label of a list. */
static struct strbuf
begin_entry(const struct strbuf *sb, const struct listing *list)
{
	struct strbuf entry = *sb;

	entry.size -= strlen(MORE);
	if (entry.len > 0)
		strbuf_addc(&entry, ',');
	strbuf_add(&entry, list->label);
	if (list->role != ROLE_ADDRESS) {
		strbuf_addc(&entry, ':');
		strbuf_add(&entry, role_name(list->role));
	}
	return entry;
}

/* Keep the entry if all of it fits; else this is the end. */
static bool
keep_entry(struct strbuf *sb, const struct strbuf *entry)
{
	if (!entry->cut) {
		sb->len = entry->len;
		return true;
	}
	sb->data[sb->len] = '\0';
	strbuf_add(sb, MORE);
	return false;
}

/* What else the list has said. */
static void
add_others(
    struct strbuf *entry, const struct listing *list, const struct fact *fact, uint32_t first)
{
	for (unsigned i = 0; i < fact->ncodes; i++) {
		if (fact->code[i] == first || !listing_declares(list, fact->code[i]))
			continue;
		strbuf_addc(entry, '+');
		strbuf_add_code(entry, fact->code[i]);
	}
}

void
summary_hits(struct strbuf *sb, const struct roster *roster, const struct fact *facts,
    const struct hit *hit, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		const struct listing *list = roster->list[hit[i].list];
		struct strbuf entry = begin_entry(sb, list);

		strbuf_addc(&entry, ':');
		strbuf_add_code(&entry, hit[i].code);
		add_others(&entry, list, &facts[hit[i].list], hit[i].code);
		strbuf_addc(&entry, '*');
		strbuf_add_num(&entry, hit[i].score);
		if (!keep_entry(sb, &entry))
			break;
	}
}

void
summary_lists(struct strbuf *sb, const struct roster *roster, listset lists)
{
	for (unsigned i = 0; i < roster->n; i++) {
		struct strbuf entry;

		if (!listset_has(lists, i))
			continue;
		entry = begin_entry(sb, roster->list[i]);
		if (!keep_entry(sb, &entry))
			break;
	}
}
