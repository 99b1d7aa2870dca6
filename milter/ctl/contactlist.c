/* SPDX-License-Identifier: BSD-2-Clause */
/* ctl/contactlist.c - what others have written into DNS and registries is copied if it is a
 * plain mailbox, in letters that a shell and a terminal take for no more than that. */
#include "config.h"

#include "ctl/contactlist.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/ascii.h"
#include "base/domain.h"
#include "base/strbuf.h"

#define LACNIC "lacnic.net"

static const char *const names[CONTACT_SOURCES] = {
    [CONTACT_RDAP] = "rdap",
    [CONTACT_ABUSIX] = "abusix",
    [CONTACT_ABUSENET] = "abuse.net",
    [CONTACT_GUESS] = "guess",
};

const char *
contact_source_name(enum contact_source source)
{
	return names[source];
}

enum contact_source
contact_source_parse(const char *name)
{
	enum contact_source source = CONTACT_RDAP;

	while (source < CONTACT_SOURCES && (name == NULL || strcmp(names[source], name) != 0))
		source++;
	return source;
}

static bool
is_local(const char *text, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!ascii_is_alnum(text[i]) && strchr("._+-=", text[i]) == NULL)
			return false;
	return n > 0 && n <= 64 && text[0] != '-';
}

/* Copy a mailbox, with its domain in lower case; false: it is none. */
static bool
copy_mailbox(char out[CONTACTLIST_ADDRESS_MAX + 1], const char *text, size_t n)
{
	const char *at = memchr(text, '@', n);
	char given[DOMAIN_NAME_SIZE], domain[DOMAIN_NAME_SIZE];
	struct strbuf sb;

	if (at == NULL || !is_local(text, (size_t)(at - text)))
		return false;
	strbuf_init(&sb, given, sizeof(given));
	strbuf_addn(&sb, at + 1, n - (size_t)(at + 1 - text));
	if (sb.cut || strlen(given) != sb.len || !domain_normalise(given, domain))
		return false;
	strbuf_init(&sb, out, CONTACTLIST_ADDRESS_MAX + 1);
	strbuf_addn(&sb, text, (size_t)(at + 1 - text));
	strbuf_add(&sb, domain);
	return !sb.cut;
}

/* The better of two is kept. */
static bool
is_better(const struct contact *a, const struct contact *b)
{
	return a->source < b->source || (a->source == b->source && a->pref < b->pref);
}

bool
contactlist_add(
    struct contactlist *l, const char *address, size_t n, const struct contact *about)
{
	struct contact c = *about;

	while (n > 0 && strchr(" \t", address[0]) != NULL)
		address++, n--;
	while (n > 0 && strchr(" \t", address[n - 1]) != NULL)
		n--;
	if (!copy_mailbox(c.address, address, n)) {
		l->unusable++;
		return false;
	}
	if (strcmp(strchr(c.address, '@') + 1, LACNIC) == 0) {
		l->withdrawn++;
		return false;
	}
	for (size_t i = 0; i < l->n; i++)
		if (strcasecmp(l->contact[i].address, c.address) == 0) {
			if (is_better(&c, &l->contact[i]))
				l->contact[i] = c;
			return true;
		}
	if (l->n == CONTACTLIST_MAX)
		return false;
	l->contact[l->n++] = c;
	return true;
}

void
contactlist_add_text(struct contactlist *l, const char *text, const struct contact *about)
{
	while (*text != '\0') {
		size_t n = strcspn(text, ",");

		if (strspn(text, " \t") < n)
			(void)contactlist_add(l, text, n, about);
		text += n;
		text += *text == ',';
	}
}

static int
by_worth(const void *a, const void *b)
{
	const struct contact *one = a, *other = b;

	if (is_better(one, other) || is_better(other, one))
		return is_better(one, other) ? -1 : 1;
	return strcmp(one->address, other->address);
}

void
contactlist_sort(struct contactlist *l)
{
	qsort(l->contact, l->n, sizeof(l->contact[0]), by_worth);
}
