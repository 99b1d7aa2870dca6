/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ctl/stats.c - what one decision adds to each count.
 */
#include "config.h"

#include "ctl/stats.h"

#include <stdlib.h>

#define HOUR_S 3600
#define MONDAY 3 /* days from a Monday to the first of January 1970 */

_Static_assert(
    STATS_POLICIES_MAX <= NAMES_MAX && STATS_REASONS_MAX <= NAMES_MAX && LISTS_MAX <= NAMES_MAX,
    "each has a name");

struct stats *
stats_new(void)
{
	struct stats *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return NULL;
	s->lists.max = LISTS_MAX;
	s->policies.max = STATS_POLICIES_MAX;
	s->reasons.max = STATS_REASONS_MAX;
	if ((s->clients = clients_new(CLIENTS_MAX)) == NULL) {
		free(s);
		return NULL;
	}
	return s;
}

void
stats_free(struct stats *s)
{
	if (s == NULL)
		return;
	names_free(&s->lists);
	names_free(&s->policies);
	names_free(&s->reasons);
	clients_free(s->clients);
	free(s);
}

/* What some lists say of a client, by their numbers. */
struct words {
	listset against, favour; /* of which a list may be in neither: it adds nothing */
	int score[LISTS_MAX];    /* the most severe, where it was asked about several names */
};

/* The number of a list; -1, and counted: there is no room for it. */
static int
number_of(struct stats *s, const struct logitem *item)
{
	int list = names_number(&s->lists, item->label.at, item->label.len);

	s->unlisted += list < 0;
	return list;
}

/* The lists that a key names, and what they say where it tells; all are seen. */
static listset
read_lists(struct stats *s, const struct logentry *entry, enum logkey key, struct words *words)
{
	struct slice rest = entry->value[key];
	struct logitem item;
	listset lists = 0;

	while (logitem_next(&rest, &item)) {
		int list = number_of(s, &item);

		if (list < 0)
			continue;
		if (words != NULL &&
		    (!listset_has(lists, list) || item.score > words->score[list]))
			words->score[list] = item.score;
		lists |= (listset)1 << list;
	}
	for (int i = 0; words != NULL && i < s->lists.n; i++) {
		if (listset_has(lists, i) && words->score[i] > 0)
			words->against |= (listset)1 << i;
		else if (listset_has(lists, i) && words->score[i] < 0)
			words->favour |= (listset)1 << i;
	}
	return lists;
}

static bool
is_refused(const struct logentry *entry)
{
	return entry->meant >= ACTION_REFUSE;
}

static bool
rests_on_lists(const struct logentry *entry)
{
	return slice_is(&entry->value[LOGKEY_REASON], "lists");
}

/*
 * Whether something milder would have been done without the list: its score takes the sum
 * below the threshold, or too few agree then.  Where so many lists speak as groups are
 * counted, each of them is a group.
 */
static bool
is_decisive(const struct logentry *entry, const struct words *words, int list)
{
	if (entry->meant == ACTION_PASS || !rests_on_lists(entry) || entry->threshold <= 0 ||
	    entry->score < entry->threshold)
		return false;
	return entry->score - words->score[list] < entry->threshold ||
	    (is_refused(entry) && entry->agree > 0 && entry->groups == entry->agree &&
		listset_count(words->against) == entry->groups);
}

/* Whether a list in shadow would have had something done. */
static bool
would_act(const struct logentry *entry, const struct words *words, int list)
{
	return entry->meant == ACTION_PASS && rests_on_lists(entry) && entry->threshold > 0 &&
	    entry->score < entry->threshold &&
	    entry->score + words->score[list] >= entry->threshold;
}

static void
count_words(struct stats *s, const struct logentry *entry, const struct words *words)
{
	bool sole =
	    is_refused(entry) && rests_on_lists(entry) && listset_count(words->against) == 1;

	for (int i = 0; i < s->lists.n; i++) {
		struct list_stats *l = &s->list[i];

		l->favour += listset_has(words->favour, i);
		if (!listset_has(words->against, i))
			continue;
		l->against++;
		l->sole += sole;
		l->decisive += is_decisive(entry, words, i);
	}
}

static void
count_shadows(
    struct stats *s, const struct logentry *entry, const struct words *words, listset shadowed)
{
	for (int i = 0; i < s->lists.n; i++)
		if (listset_has(shadowed, i)) {
			s->list[i].shadowed++;
			s->list[i].shadow_acts += would_act(entry, words, i);
		}
}

static void
count_overlap(struct stats *s, listset lists)
{
	for (int i = 0; i < s->lists.n; i++)
		for (int j = 0; listset_has(lists, i) && j < s->lists.n; j++)
			s->list[i].shared[j] += listset_has(lists, j);
}

/* Whether it is known by that decision that the client is good. */
static bool
is_good(const struct logentry *entry, const struct words *words)
{
	static const char *const good[] = {"auth", "allow", "host", "sender"};
	const struct slice *reason = &entry->value[LOGKEY_REASON];

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		if (slice_is(reason, good[i]))
			return true;
	return rests_on_lists(entry) && entry->meant == ACTION_PASS && words->favour != 0;
}

static void
count_clients(
    struct stats *s, const struct logentry *entry, const struct words *words, listset against)
{
	listset fresh = clients_list(s->clients, &entry->client, against, entry->time),
		passed = 0;

	if (is_good(entry, words))
		passed = clients_pass(s->clients, &entry->client, entry->time);
	for (int i = 0; i < s->lists.n; i++) {
		s->list[i].clients += listset_has(fresh, i);
		s->list[i].clients_passed += listset_has(passed, i);
	}
}

/* Of whom not all lists were asked tells nothing about those that were not, and of the others
 * too much. */
static bool
is_sample(const struct logentry *entry)
{
	return !slice_is(&entry->value[LOGKEY_ASK], "needed");
}

void
stats_add_client(struct stats *s, const struct logentry *entry)
{
	struct words words = {0}, shadow = {0};
	listset lists, shadowed;

	if (!is_sample(entry))
		return;
	lists = read_lists(s, entry, LOGKEY_LISTS, &words);
	shadowed = read_lists(s, entry, LOGKEY_SHADOWED, &shadow);
	count_overlap(s, lists | shadowed);
	count_clients(s, entry, &words, words.against | shadow.against);
}

static void
count_lists(struct stats *s, const struct logentry *entry)
{
	struct words words = {0}, shadow = {0};
	listset lists = read_lists(s, entry, LOGKEY_LISTS, &words);
	listset shadowed = read_lists(s, entry, LOGKEY_SHADOWED, &shadow);
	listset absent = read_lists(s, entry, LOGKEY_SHADOW_UNKNOWN, NULL);
	listset doubted = read_lists(s, entry, LOGKEY_DOUBTED, NULL) |
	    read_lists(s, entry, LOGKEY_UNPROVEN, NULL);
	listset suspended = read_lists(s, entry, LOGKEY_SUSPENDED, NULL);
	listset unasked = read_lists(s, entry, LOGKEY_UNASKED, NULL);
	listset unknown = read_lists(s, entry, LOGKEY_UNKNOWN, NULL) & ~unasked;
	listset seen = lists | shadowed | absent | doubted | suspended | unasked | unknown |
	    read_lists(s, entry, LOGKEY_NOT_AWAITED, NULL);

	count_words(s, entry, &words);
	count_shadows(s, entry, &shadow, shadowed);
	count_overlap(s, lists | shadowed);
	count_clients(s, entry, &words, words.against | shadow.against);
	for (int i = 0; i < s->lists.n; i++) {
		s->list[i].seen += listset_has(seen, i);
		s->list[i].listed += listset_has(lists, i);
		s->list[i].unknown += listset_has(unknown, i);
		s->list[i].doubted += listset_has(doubted, i);
		s->list[i].suspended += listset_has(suspended, i);
		s->list[i].shadow_unknown += listset_has(absent, i);
	}
}

void
stats_add_hour(struct stats *s, int64_t time, uint64_t decisions, uint64_t refused)
{
	int64_t hour = time / HOUR_S;
	int64_t day = (hour / STATS_HOURS + MONDAY) % STATS_WEEKDAYS;

	if (s->first == 0 || time < s->first)
		s->first = time;
	if (time > s->last)
		s->last = time;
	s->week[day][hour % STATS_HOURS] += decisions;
	s->week_refused[day][hour % STATS_HOURS] += refused;
}

static void
count_time(struct stats *s, const struct logentry *entry)
{
	if (entry->time == 0)
		s->undated++;
	else
		stats_add_hour(s, entry->time, 1, is_refused(entry));
}

static void
count_wait(struct stats *s, int64_t ms)
{
	if (ms < 0)
		return;
	s->ms[ms < STATS_MS_MAX ? ms : STATS_MS_MAX]++;
	s->timed++;
}

/* Whether it passed in shadow mode alone. */
static bool
is_shadowed(const struct logentry *entry)
{
	return entry->verdict == ACTION_PASS && entry->meant != ACTION_PASS;
}

static void
count_policy(struct stats *s, const struct logentry *entry)
{
	const struct slice *name = &entry->value[LOGKEY_POLICY];
	int i;

	if (name->len == 0)
		return; /* decided at connect, or before one was chosen */
	i = names_number(&s->policies, name->at, name->len);
	if (i < 0)
		i = STATS_POLICIES_MAX;
	s->policy[i].done[entry->verdict]++;
	s->policy[i].shadowed += is_shadowed(entry);
}

static void
count_reason(struct stats *s, const struct logentry *entry)
{
	const struct slice *name = &entry->value[LOGKEY_REASON];
	int i = names_number(&s->reasons, name->at, name->len);

	if (i < 0)
		i = STATS_REASONS_MAX;
	s->reason[i].all++;
	s->reason[i].refused += is_refused(entry);
}

void
stats_add(struct stats *s, const struct logentry *entry)
{
	s->decisions++;
	s->cut += entry->cut;
	s->done[entry->verdict]++;
	s->meant[entry->meant] += is_shadowed(entry);
	s->refused += is_refused(entry);
	s->frugal += !is_sample(entry);
	s->weighed += is_sample(entry) && entry->value[LOGKEY_SCORE].at != NULL;
	s->softened += entry->value[LOGKEY_SOFTENED].at != NULL;
	count_time(s, entry);
	count_wait(s, entry->ms);
	count_policy(s, entry);
	count_reason(s, entry);
	if (is_sample(entry))
		count_lists(s, entry);
}

int
stats_wait(const struct stats *s, unsigned percent)
{
	uint64_t need = (s->timed * percent + 99) / 100, n = 0;

	if (s->timed == 0)
		return -1;
	for (int ms = 0; ms < STATS_MS_MAX; ms++)
		if ((n += s->ms[ms]) >= need)
			return ms;
	return STATS_MS_MAX;
}

uint64_t
stats_asked(const struct list_stats *l)
{
	uint64_t n = 0;

	for (enum fact_state state = FACT_UNKNOWN; state < LIST_ANSWERS; state++)
		n += l->answers[state];
	return n;
}

uint64_t
stats_answered(const struct list_stats *l)
{
	return l->answers[FACT_CLEAR] + l->answers[FACT_LISTED];
}

int
stats_latency(const struct list_stats *l, unsigned percent)
{
	const struct histogram_bounds *bounds = list_usage_bounds();
	uint64_t all = 0, n = 0, need;

	for (unsigned i = 0; i <= bounds->n; i++)
		all += l->ms[i];
	if (all == 0)
		return -1;
	need = (all * percent + 99) / 100;
	for (unsigned i = 0; i < bounds->n; i++)
		if ((n += l->ms[i]) >= need)
			return (int)bounds->ms[i];
	return 2 * (int)bounds->ms[bounds->n - 1];
}

double
stats_percent(uint64_t part, uint64_t whole)
{
	return whole > 0 ? 100.0 * (double)part / (double)whole : 0;
}

uint64_t
stats_listed(const struct list_stats *l)
{
	return l->listed + l->shadowed;
}

/* Put n numbers in order, those with the most decisions first, without those that have none;
 * how many are left. */
static int
order(int *out, const uint64_t *count, int n)
{
	int used = 0;

	for (int i = 0; i < n; i++) {
		int place = used;

		for (; place > 0 && count[out[place - 1]] < count[i]; place--)
			out[place] = out[place - 1];
		out[place] = i;
		used++;
	}
	while (used > 0 && count[out[used - 1]] == 0)
		used--;
	return used;
}

int
stats_order_lists(const struct stats *s, int out[LISTS_MAX])
{
	uint64_t count[LISTS_MAX];

	for (int i = 0; i < s->lists.n;
	     i++) /* one that has listed nobody is of interest, too */
		count[i] = 1 + stats_listed(&s->list[i]);
	return order(out, count, s->lists.n);
}

int
stats_order_policies(const struct stats *s, int out[STATS_POLICIES_MAX + 1])
{
	uint64_t count[STATS_POLICIES_MAX + 1] = {0};

	for (int i = 0; i <= STATS_POLICIES_MAX; i++)
		for (int action = 0; action < ACTIONS; action++)
			count[i] += s->policy[i].done[action];
	return order(out, count, STATS_POLICIES_MAX + 1);
}

int
stats_order_reasons(const struct stats *s, int out[STATS_REASONS_MAX + 1])
{
	uint64_t count[STATS_REASONS_MAX + 1];

	for (int i = 0; i <= STATS_REASONS_MAX; i++)
		count[i] = s->reason[i].all;
	return order(out, count, STATS_REASONS_MAX + 1);
}

const char *
stats_policy_name(const struct stats *s, int policy)
{
	return policy < s->policies.n ? s->policies.name[policy] : "...";
}

const char *
stats_reason_name(const struct stats *s, int reason)
{
	return reason < s->reasons.n ? s->reasons.name[reason] : "...";
}

int
stats_nearest(const struct stats *s, int list, uint64_t *shared)
{
	int nearest = -1;

	*shared = 0;
	for (int i = 0; i < s->lists.n; i++)
		if (i != list && s->list[list].shared[i] > *shared) {
			*shared = s->list[list].shared[i];
			nearest = i;
		}
	return nearest;
}

bool
stats_is_counted(const struct stats *s)
{
	return !s->stored || s->counted;
}
