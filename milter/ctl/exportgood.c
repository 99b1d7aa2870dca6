/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ctl/exportgood.c - only of clients that are listed anything is kept: of the others there may
 * be millions.
 */
#include "config.h"

#include "ctl/exportgood.h"

#include <stdlib.h>
#include <sysexits.h>

#include "base/bulk.h"
#include "ctl/fileerror.h"
#include "ctl/logentry.h"
#include "ctl/logmerge.h"
#include "ctl/logstamp.h"
#include "ctl/probelog.h"
#include "ctl/progress.h"
#include "ctl/storelog.h"
#include "own/probes.h"

#define DAY_S 86400
#define GOOD_DAYS 2
#define SEEN_MAX (1U << 20)

/* Of a list as a set, to be found by address; NULL: memory is out. */
static struct prefix_set *
set_of(const struct export_list *list)
{
	struct prefix_set *set = prefix_new();
	bool good = set != NULL;

	for (size_t i = 0; good && i < list->n; i++)
		good = prefix_add(set, &list->entry[i].net, NULL);
	if (good && prefix_seal(set))
		return set;
	prefix_free(set);
	return NULL;
}

/* What a client is known by: of IPv6 its network, as it is listed. */
static struct ipaddr
known_by(const struct ipaddr *client)
{
	return ipaddr_network(client, 32, 64);
}

static bool
add_client(struct prefix_set *set, const struct ipaddr *client, const char *why)
{
	const struct network net = {known_by(client), client->bits == 128 ? 64 : 32};

	return prefix_add(set, &net, why);
}

/* --- The store --- */

struct looking {
	struct prefix_set *set, *listed;
	bool failed;
};

/* Whether any list spoke well of the client. */
static bool
is_vouched(const struct logentry *entry)
{
	struct slice rest = entry->value[LOGKEY_LISTS];
	struct logitem item;
	bool found = false;

	while (!found && logitem_next(&rest, &item))
		found = item.score < 0 && item.role.len == 0;
	return found;
}

static void
take_decision(void *arg, const struct store_row *row)
{
	struct looking *l = arg;
	struct prefix_match match;
	struct logentry entry;

	if (storelog_entry(&entry, row) && prefix_find(l->listed, &entry.client, &match) &&
	    is_vouched(&entry) && !add_client(l->set, &entry.client, "on an allow list"))
		l->failed = true;
}

static void
take_nothing(void *arg, const struct dayfile_count *count)
{
	(void)arg;
	(void)count;
}

int
exportgood_store(struct prefix_set *set, const struct export_list *list, const char *folder)
{
	struct looking l = {set, set_of(list), false};
	const struct dayfile_reader reader = {take_decision, take_nothing, &l};
	int status;

	if (l.listed == NULL)
		return fileerror_open(NULL);
	status = storelog_read(folder, storelog_since(EXPORTGOOD_DAYS), &reader);
	prefix_free(l.listed);
	return l.failed ? fileerror_open(NULL) : status;
}

/* --- Mail logs --- */

/* What a log tells of a client that is listed. */
struct seen {
	struct ipaddr client;
	int64_t day;
	bool refused;
};

struct seen_list {
	struct seen *seen;
	size_t n;
};

static int
by_client(const void *a, const void *b)
{
	const struct seen *one = a, *other = b;
	int order = ipaddr_compare(&one->client, &other->client);

	return order != 0 ? order : (one->day > other->day) - (one->day < other->day);
}

/* What has been seen of one client, in the order of the days. */
static bool
is_good(const struct seen *seen, size_t n)
{
	unsigned days = 0, refused = 0;

	for (size_t i = 0; i < n; i++) {
		days += i == 0 || seen[i].day != seen[i - 1].day;
		refused += seen[i].refused;
	}
	return refused == 0 && n >= PROBES_GOOD_MESSAGES && days >= GOOD_DAYS;
}

static bool
add_good(struct prefix_set *set, struct seen_list *l)
{
	bool good = true;

	if (l->n > 0)
		qsort(l->seen, l->n, sizeof(l->seen[0]), by_client);
	for (size_t i = 0, end; good && i < l->n; i = end) {
		for (end = i + 1; end < l->n &&
		     ipaddr_compare(&l->seen[end].client, &l->seen[i].client) == 0;)
			end++;
		if (is_good(&l->seen[i], end - i))
			good = add_client(set, &l->seen[i].client, "known good");
	}
	return good;
}

/* False: memory is out, or there is more than anybody would read. */
static bool
read_all(
    struct seen_list *l, const struct prefix_set *listed, struct logmerge *merge, int64_t since)
{
	const struct probelog_entry *e;
	struct prefix_match match;

	while ((e = logmerge_next(merge)) != NULL) {
		struct seen *grown;

		if (e->time < since || !prefix_find(listed, &e->client, &match))
			continue;
		grown = l->n < SEEN_MAX ? bulk_next(l->seen, l->n, sizeof(*grown)) : NULL;
		if (grown == NULL)
			return false;
		l->seen = grown;
		l->seen[l->n++] =
		    (struct seen){known_by(&e->client), e->time / DAY_S, !e->accepted};
	}
	return true;
}

static void
tick(const struct logmerge *merge, void *progress)
{
	progress_show(progress, logmerge_percent(merge), logmerge_entries(merge), "lines");
}

static int
read_logs(struct prefix_set *set, const struct prefix_set *listed, char *const *files)
{
	int64_t now = logstamp_now();
	struct seen_list l = {0};
	struct progress progress;
	struct logmerge *merge;
	const char *bad;
	int status;

	progress_begin(&progress);
	merge = logmerge_open(probelog_kind(), files, now, tick, &progress, &bad);
	if (merge == NULL)
		return fileerror_open(bad);
	if (read_all(&l, listed, merge, now - (int64_t)EXPORTGOOD_DAYS * DAY_S) &&
	    add_good(set, &l))
		status = logmerge_tell(merge);
	else
		status = fileerror_open(NULL);
	progress_end(&progress);
	logmerge_close(merge);
	bulk_free(l.seen, l.n * sizeof(*l.seen));
	return status;
}

int
exportgood_logs(struct prefix_set *set, const struct export_list *list, char *const *files)
{
	struct prefix_set *listed = set_of(list);
	int status = listed != NULL ? read_logs(set, listed, files) : fileerror_open(NULL);

	prefix_free(listed);
	return status;
}
