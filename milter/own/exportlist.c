/* SPDX-License-Identifier: BSD-2-Clause */
/* own/exportlist.c - an array of networks, sorted, and compared as two of them are merged. */
#include "config.h"

#include "own/exportlist.h"

#include <stdlib.h>
#include <string.h>

#include "base/bulk.h"
#include "base/strbuf.h"

const char *
export_reason_name(unsigned reason)
{
	return reason == EXPORT_DENIED ? "denied" : local_reason_name(reason);
}

unsigned
export_reason_parse(const char *name)
{
	return strcmp(name, "denied") == 0              ? EXPORT_DENIED
	    : local_reason_parse(name) == LOCAL_REASONS ? EXPORT_REASONS
							: local_reason_parse(name);
}

void
exportlist_add(struct export_list *list, const struct export_entry *e)
{
	struct export_entry *grown = NULL;

	if (!list->failed && list->n < EXPORTLIST_MAX)
		grown = bulk_next(list->entry, list->n, sizeof(*grown));
	if (grown == NULL) {
		list->failed = true;
		return;
	}
	list->entry = grown;
	list->entry[list->n++] = *e;
}

void
exportlist_clear(struct export_list *list)
{
	free(list->entry);
	*list = (struct export_list){0};
}

/* --- Their order --- */

static int
compare(const struct export_entry *a, const struct export_entry *b)
{
	int order = ipaddr_compare(&a->net.addr, &b->net.addr);

	if (order == 0)
		order = (a->net.len > b->net.len) - (a->net.len < b->net.len);
	return order;
}

/* Of equal networks in one order always, whatever qsort(3) does. */
static int
in_order(const void *a, const void *b)
{
	const struct export_entry *one = a, *other = b;
	int order = compare(one, other);

	return order != 0 ? order
			  : (one->reasons > other->reasons) - (one->reasons < other->reasons);
}

static bool
holds(const struct network *outer, const struct network *inner)
{
	return outer->len <= inner->len &&
	    ipaddr_within(&inner->addr, &outer->addr, outer->len);
}

static void
join(struct export_entry *into, const struct export_entry *from)
{
	into->reasons |= from->reasons;
	if (from->since != 0 && (into->since == 0 || from->since < into->since))
		into->since = from->since;
	if (into->until != 0 && (from->until == 0 || from->until > into->until))
		into->until = from->until;
}

void
exportlist_sort(struct export_list *list)
{
	size_t kept = 0;

	if (list->n > 0)
		qsort(list->entry, list->n, sizeof(list->entry[0]), in_order);
	for (size_t i = 0; i < list->n; i++) {
		const struct export_entry *e = &list->entry[i];
		struct export_entry *last = kept > 0 ? &list->entry[kept - 1] : NULL;

		if (last != NULL && compare(last, e) == 0)
			join(last, e);
		else if (last == NULL || !holds(&last->net, &e->net))
			list->entry[kept++] = *e;
	}
	list->n = kept;
}

/* --- What must not be there --- */

/* A network that is cut, and where its parts go. */
struct cutting {
	struct export_list *out;
	const struct export_entry *entry;
};

static bool
take_part(void *arg, const struct network *part, const char *reason)
{
	const struct cutting *c = arg;
	struct export_entry e = *c->entry;

	(void)reason;
	e.net = *part;
	exportlist_add(c->out, &e);
	return !c->out->failed;
}

size_t
exportlist_subtract(struct export_list *list, const struct prefix_set *keep)
{
	struct export_list left = {.failed = list->failed};
	size_t hurt = 0;

	for (size_t i = 0; !left.failed && i < list->n; i++) {
		const struct export_entry *e = &list->entry[i];
		struct cutting cutting = {&left, e};
		size_t before = left.n;

		(void)prefix_subtract(keep, &e->net, take_part, &cutting);
		hurt += left.n != before + 1 || left.entry[before].net.len != e->net.len;
	}
	free(list->entry);
	*list = left;
	return hurt;
}

bool
exportlist_special(struct prefix_set *set)
{
	static const char *const special[] = {
	    "0.0.0.0/8",
	    "10.0.0.0/8",
	    "100.64.0.0/10",
	    "127.0.0.0/8",
	    "169.254.0.0/16",
	    "172.16.0.0/12",
	    "192.0.0.0/24",
	    "192.0.2.0/24",
	    "192.88.99.0/24",
	    "192.168.0.0/16",
	    "198.18.0.0/15",
	    "198.51.100.0/24",
	    "203.0.113.0/24",
	    "224.0.0.0/3",
	    "::/3",
	    "2001::/23",
	    "2001:db8::/32",
	    "2002::/16",
	    "3fff::/20",
	    "4000::/2",
	    "8000::/1",
	};
	char why[1];
	bool good = true;

	for (size_t i = 0; good && i < sizeof(special) / sizeof(special[0]); i++) {
		struct network net;

		good = prefix_parse(&net, special[i], why, sizeof(why)) &&
		    prefix_add(set, &net, "special-use");
	}
	return good;
}

/* --- Guards --- */

bool
exportlist_guard_width(const struct export_list *list, const struct export_limits *limits,
    char *why, size_t whysize)
{
	uint64_t addresses = 0;

	for (size_t i = 0; i < list->n; i++) {
		const struct network *net = &list->entry[i].net;
		char text[IPADDR_STRLEN];

		if (net->len < (net->addr.bits == 32 ? limits->len4 : limits->len6))
			return strbuf_fail(why, whysize,
			    "%s/%u is too wide: at most /%u of IPv4 and /%u of IPv6 are exported",
			    ipaddr_format(&net->addr, text), net->len, limits->len4,
			    limits->len6);
		if (net->addr.bits == 32)
			addresses += UINT64_C(1) << (32 - net->len);
	}
	if (addresses <= EXPORT_ADDRESSES_MAX)
		return true;
	return strbuf_fail(why, whysize, "%llu addresses are too many: at most %u are exported",
	    (unsigned long long)addresses, EXPORT_ADDRESSES_MAX);
}

bool
exportlist_guard_count(const struct export_list *list, const struct export_limits *limits,
    char *why, size_t whysize)
{
	if (list->failed)
		return strbuf_fail(why, whysize,
		    "there are more than %u networks, or memory is out", EXPORTLIST_MAX);
	if (list->n <= limits->max)
		return true;
	return strbuf_fail(why, whysize,
	    "%zu networks are too many: at most %zu are exported (--max)", list->n,
	    limits->max);
}

struct export_change
exportlist_compare(const struct export_list *before, const struct export_list *now,
    export_teller *tell, void *arg)
{
	struct export_change change = {.before = before->n};

	for (size_t i = 0, j = 0; i < before->n || j < now->n;) {
		const struct export_entry *old = i < before->n ? &before->entry[i] : NULL;
		const struct export_entry *new = j < now->n ? &now->entry[j] : NULL;
		int order = old == NULL ? 1 : new == NULL ? -1 : compare(old, new);

		change.gone += order < 0;
		change.added += order > 0;
		if (order != 0 && tell != NULL)
			tell(arg, order < 0 ? '-' : '+', order < 0 ? old : new);
		i += order <= 0;
		j += order >= 0;
	}
	return change;
}

bool
exportlist_guard_change(const struct export_change *change, char *why, size_t whysize)
{
	size_t share = change->before * EXPORT_CHANGE_PERCENT / 100;
	size_t most = share > EXPORT_CHANGE_MIN ? share : EXPORT_CHANGE_MIN;

	if (change->added <= most && change->gone <= most)
		return true;
	return strbuf_fail(why, whysize,
	    "%zu networks come and %zu go, of %zu that were there: more than %zu are not "
	    "believed (--force, once, if that is right)",
	    change->added, change->gone, change->before, most);
}
