/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * own/exportdocument.c - what strangers have no part in: all that is written are addresses,
 * names of reasons, times, and what the administrator has given.
 */
#include "config.h"

#include "own/exportdocument.h"

#include <inttypes.h>
#include <string.h>

#include "base/clock.h"
#include "base/setting.h"
#include "base/template.h"

bool
export_name_check(const char *name, char *why, size_t whysize)
{
	size_t len =
	    strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");

	if (len > 0 && len <= EXPORT_NAME_MAX && name[len] == '\0' &&
	    strspn(name, "0123456789_") == 0)
		return true;
	return strbuf_fail(why, whysize,
	    "must be 1 to %d letters, digits or _, the first a letter", EXPORT_NAME_MAX);
}

bool
export_contact_check(const char *contact, char *why, size_t whysize)
{
	const char *at = strrchr(contact, '@');
	size_t local = at != NULL ? (size_t)(at - contact) : 0;

	if (local > 0 && local < 64 && strlen(contact) <= EXPORT_CONTACT_MAX &&
	    strcspn(contact, " \"'\\;{}()<>,") == strlen(contact) &&
	    setting_domain(at + 1, SETTING_DOMAIN_MAX, why, whysize) &&
	    setting_printable(contact, EXPORT_CONTACT_MAX, why, whysize))
		return true;
	return strbuf_fail(why, whysize, "must be a mailbox, as abuse@example.net");
}

const char *
export_network_text(const struct network *net, char out[EXPORT_NETWORK_SIZE])
{
	struct strbuf sb;
	char text[IPADDR_STRLEN];

	strbuf_init(&sb, out, EXPORT_NETWORK_SIZE);
	strbuf_add(&sb, ipaddr_format(&net->addr, text));
	strbuf_addc(&sb, '/');
	strbuf_add_num(&sb, net->len);
	return out;
}

int64_t
export_end(const struct export_document *doc, const struct export_entry *e)
{
	return e->until != 0 && e->until < doc->until ? e->until : doc->until;
}

static void
add_time(struct strbuf *sb, const char *word, int64_t time)
{
	char text[CLOCK_TEXT_SIZE];

	if (time == 0)
		return;
	strbuf_add(sb, word);
	strbuf_add(sb, clock_text(time, text));
}

void
export_add_reasons(struct strbuf *sb, const struct export_entry *e, unsigned reasons)
{
	const char *plus = "";

	for (unsigned r = 0; r < EXPORT_REASONS; r++)
		if ((e->reasons & reasons & 1U << r) != 0) {
			strbuf_add(sb, plus);
			strbuf_add(sb, export_reason_name(r));
			plus = "+";
		}
	add_time(sb, " since ", e->since);
	add_time(sb, " until ", e->until);
}

void
export_add_url(struct strbuf *sb, const struct export_document *doc, const char *ip)
{
	const char *filling[BLANKS] = {[BLANK_IP] = ip};

	for (unsigned b = 0; b < BLANKS; b++)
		if (filling[b] == NULL)
			filling[b] = "";
	if (doc->url != NULL)
		template_fill(sb, doc->url, strlen(doc->url), filling, false);
}

void
export_write_head(
    FILE *out, const struct export_document *doc, const char *format, const char *mark)
{
	char now[CLOCK_TEXT_SIZE], until[CLOCK_TEXT_SIZE];

	fprintf(out,
	    "%s " EXPORT_HEAD " format=%s serial=%" PRIu32
	    " time=%s until=%s not-after=%" PRId64 " count=%zu\n",
	    mark, format, doc->serial, clock_text(doc->now, now), clock_text(doc->until, until),
	    doc->until, doc->list->n);
	fprintf(out,
	    "%s What was seen at this server, for mail (port 25) alone. Contact: %s%s%s\n",
	    mark, doc->contact, doc->url != NULL ? ", " : "", doc->url != NULL ? doc->url : "");
}

void
export_write_end(FILE *out, const struct export_document *doc, const char *mark)
{
	fprintf(out, "%s " EXPORT_END " count=%zu\n", mark, doc->list->n);
}

size_t
export_count(const struct export_document *doc, unsigned bits)
{
	size_t n = 0;

	for (size_t i = 0; i < doc->list->n; i++)
		n += doc->list->entry[i].net.addr.bits == bits;
	return n;
}
