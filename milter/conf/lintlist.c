/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * conf/lintlist.c - warnings of one list: what it says of itself, and whether it is the one
 * that was meant.
 */
#include "config.h"

#include "conf/lintlist.h"

#include <string.h>
#include <strings.h>

#include "base/domain.h"
#include "base/setting.h"
#include "base/strbuf.h"
#include "conf/checker.h"

#define LOOPBACK 0x7f000001U
#define OWNER_MIN 4 /* bytes of a name that can hardly be there twice by chance */
#define NAMED_MAX 3 /* lists that are named one by one */

/* A zone without its key and without its top-level domain. */
struct stem {
	const char *text;
	size_t len;
	const char *top; /* with its dot */
};

static bool
find_stem(struct stem *stem, const char *zone)
{
	const char *key = strstr(zone, CHECKER_KEY);

	if (key != NULL)
		zone = key + strlen(CHECKER_KEY) + 1;
	stem->text = zone;
	stem->top = strrchr(zone, '.');
	stem->len = stem->top != NULL ? (size_t)(stem->top - zone) : 0;
	return stem->len > 0;
}

/* Whether two zones are the same but for what they end in. */
static bool
is_elsewhere(const char *zone, const char *known)
{
	struct stem a, b;

	return find_stem(&a, zone) && find_stem(&b, known) && a.len == b.len &&
	    strncasecmp(a.text, b.text, a.len) == 0 && !setting_same_domain(a.top, b.top);
}

/* Whether the owners of two zones have the same name in different places. */
static bool
is_other_owner(const char *zone, const char *known)
{
	char a[DOMAIN_NAME_SIZE], b[DOMAIN_NAME_SIZE];
	struct stem stem;
	const char *x, *y;
	size_t len;

	if (!find_stem(&stem, known) || !domain_normalise(zone, a) ||
	    !domain_normalise(stem.text, b) || (x = domain_registered(a)) == NULL ||
	    (y = domain_registered(b)) == NULL || strcmp(x, y) == 0)
		return false;
	len = strcspn(x, ".");
	return len >= OWNER_MIN && len == strcspn(y, ".") && strncmp(x, y, len) == 0;
}

/* Whether a known list has its zone below the same registered domain. */
static bool
is_known_owner(const struct lists *lists, const char *zone)
{
	char normal[DOMAIN_NAME_SIZE];
	const struct layers *l;
	const char *owner = domain_normalise(zone, normal) ? domain_registered(normal) : NULL;

	for (size_t i = 0; owner != NULL && (l = lists_at(lists, i)) != NULL; i++) {
		const char *known = l->base != NULL ? section_text(l->base, "zone") : NULL;
		struct stem stem;

		if (known != NULL && find_stem(&stem, known) &&
		    setting_below_domain(stem.text, owner))
			return true;
	}
	return false;
}

/* bl.spamcop.org is not bl.spamcop.net, and may be anybody's. */
static void
warn_of_zone(const struct lists *lists, const struct layers *own, struct report *report)
{
	const char *zone = own->own != NULL ? section_text(own->own, "zone") : NULL;
	const struct layers *l;
	const char *dead;
	struct place place;
	bool known_owner;

	if (zone == NULL)
		return;
	place = section_place(own->own, "zone");
	known_owner = is_known_owner(lists, zone);
	for (size_t i = 0; (l = lists_at(lists, i)) != NULL; i++) {
		const char *known = l->base != NULL ? section_text(l->base, "zone") : NULL;

		if (known == NULL || setting_same_domain(zone, known) ||
		    !(is_elsewhere(zone, known) ||
			(!known_owner && is_other_owner(zone, known))))
			continue;
		dead = section_text(l->base, "dead");
		report_warning(report, &place, "zone: the list that is known is at \"%s\"%s%s",
		    known, dead != NULL && dead[0] != '\0' ? ", and is dead: " : "",
		    dead != NULL ? dead : "");
		return;
	}
}

/* The configuration may be read by others than a file for a key may. */
static void
warn_of_key(const struct lists *lists, const struct layers *own, struct report *report)
{
	const char *zone = own->own != NULL ? section_text(own->own, "zone") : NULL;
	const struct layers *l;

	if (zone == NULL || strstr(zone, CHECKER_KEY) != NULL)
		return;
	for (size_t i = 0; (l = lists_at(lists, i)) != NULL; i++) {
		const char *known = l->base != NULL ? section_text(l->base, "zone") : NULL;
		struct place place = section_place(own->own, "zone");
		struct stem stem;

		if (known == NULL || strstr(known, CHECKER_KEY) == NULL ||
		    !find_stem(&stem, known) || setting_same_domain(zone, stem.text) ||
		    !setting_below_domain(zone, stem.text))
			continue;
		report_warning(report, &place,
		    "zone: a key in here can be read by whoever reads this file: write \"%s\", "
		    "and put it into a key_file",
		    known);
		return;
	}
}

/* Dying lists answer 127.0.0.1 to all. */
static void
warn_of_loopback(const struct listing *list, const struct place *place, struct report *report)
{
	for (unsigned i = 0; i < list->nanswers; i++) {
		const struct answer *a = &list->answers[i];

		if (a->bits != 0 || a->low == a->high || a->low > LOOPBACK ||
		    a->high < LOOPBACK)
			continue;
		report_warning(report, place,
		    "list \"%s\": a range of answers holds 127.0.0.1, which dying lists answer "
		    "to all",
		    list->label);
		return;
	}
}

void
lintlist_check(const struct lists *lists, const struct listing *list, const struct place *vote,
    struct report *report)
{
	const struct layers *l = lists_layers(lists, list->label);
	const char *needs = layers_text(l, "needs");

	if (needs != NULL && strcmp(needs, "registration") == 0)
		report_warning(report, vote,
		    "list \"%s\" answers only those who have registered with it: once that is "
		    "done, set needs = \"\"",
		    list->label);
	warn_of_loopback(list, &layers_front(l)->place, report);
	warn_of_zone(lists, l, report);
	warn_of_key(lists, l, report);
}

/* Whether a list before that one in the roster has its label, and is in the set. */
static bool
is_named(const struct roster *roster, listset set, unsigned i)
{
	for (unsigned k = 0; k < i; k++)
		if ((set >> k & 1) != 0 &&
		    strcmp(roster->list[k]->label, roster->list[i]->label) == 0)
			return true;
	return false;
}

unsigned
lintlist_name(const struct roster *roster, listset set, char *out, size_t size)
{
	unsigned n = 0, told = 0;
	struct strbuf sb;

	for (unsigned i = 0; i < roster->n; i++)
		if ((set >> i & 1) != 0 && is_named(roster, set, i))
			set &= ~((listset)1 << i);
	for (listset rest = set; rest != 0; rest &= rest - 1)
		n++;
	strbuf_init(&sb, out, size);
	strbuf_add(&sb, n == 1 ? "list" : "lists");
	for (unsigned i = 0; i < roster->n && told < NAMED_MAX; i++) {
		if ((set >> i & 1) == 0)
			continue;
		if (told > 0)
			strbuf_add(&sb, told + 1 == n ? " and" : ",");
		strbuf_addf(&sb, " \"%s\"", roster->list[i]->label);
		told++;
	}
	if (n > told)
		strbuf_addf(&sb, " and %u more", n - told);
	return n;
}
