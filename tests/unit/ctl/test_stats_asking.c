/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Report ranks the lists alike, whether all are asked about every client or, but for one session
 * in 20, as it is needed: where lists that are asked first would seem to be worth more.
 */
#include "config.h"

#include "ctl/stats.h"
#include "verdict/asking.h"
#include "verdict/logrecord.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/strbuf.h"
#include "lists/usage.h"
#include "tap.h"

#define CLIENTS 40000
#define SAMPLE 20
#define N 6

/* In the order of the policy; who holds most is not the first one. */
static const struct {
	char label[2];
	unsigned percent; /* of bad clients, of whom there are as many as good ones */
	int score;
} lists[N] = {
    {"a", 30, 5}, {"b", 80, 5}, {"c", 60, 2}, {"d", 45, 5}, {"e", 15, 5}, {"f", 5, 2}};

static struct listing listing[N];
static struct answer answer[N];
static struct list_usage usage[N];
static struct roster roster = {.n = N};
static struct policy policy = {
    .name = (char *)"default", .refuse = 5, .agree = 1, .needed = true, .nvotes = N};

static void
build(void)
{
	for (unsigned i = 0; i < N; i++) {
		answer[i] = (struct answer){.codes = {0x7f000002, 0x7f000002, 0},
		    .category = CATEGORY_SPAM_SOURCE,
		    .score = lists[i].score};
		listing[i] = (struct listing){.label = (char *)(uintptr_t)lists[i].label,
		    .nanswers = 1,
		    .answers = &answer[i],
		    .usage = &usage[i],
		    .worst = lists[i].score};
		roster.list[i] = &listing[i];
		policy.vote[i] = (struct vote){(uint8_t)i, 1, (uint8_t)i};
		policy.lists |= (listset)1 << i;
	}
}

static uint32_t
draw(uint32_t below)
{
	static uint32_t state = 20261129;

	state ^= state << 13;
	state ^= state >> 17;
	state ^= state << 5;
	return state % below;
}

/* Put a decision into the report, by its line in the log. */
static void
report(struct stats *stats, const struct ipaddr *client, const struct verdict_input *input)
{
	struct logentry entry;
	struct verdict verdict;
	struct logline line;
	char text[LOG_LINE_MAX + 100];
	struct strbuf sb;

	verdict_reach(&verdict, input);
	logrecord_line(&line,
	    &(struct logrecord){.ref = "KF3K2Q9M",
		.client = client,
		.roster = &roster,
		.facts = input->facts,
		.policy = &policy,
		.verdict = &verdict,
		.input = input});
	logline_close(&line);
	strbuf_init(&sb, text, sizeof(text));
	strbuf_addf(&sb, "2026-11-02T03:30:00+01:00 mx relayguard[1]: %s", line.text.data);
	if (logentry_parse(&entry, text, 1795914000) != LOGMERGE_ENTRY)
		abort();
	stats_add(stats, &entry);
}

/* What is known of a client where lists are asked as it is needed. */
static listset
ask(const struct fact *truth, struct fact *facts, struct verdict_input *input)
{
	static const struct asking asking = {.frugal = true, .lists = N, .candidates = 0x1b};
	listset next = asking_first(&asking, &roster, 0), pending = policy.lists;
	bool all = false;

	for (; next != 0; all = true) {
		for (unsigned i = 0; i < N; i++)
			if (listset_has(next, i)) {
				facts[i] = truth[i];
				pending &= ~((listset)1 << i);
			}
		next = asking_next(input, pending, pending, all);
	}
	return pending;
}

static void
visit(struct stats *every, struct stats *needed, uint32_t number)
{
	struct ipaddr client;
	char text[32];
	struct fact truth[N], facts[N] = {{0}};
	struct verdict_input input = {.roster = &roster, .facts = truth, .policy = &policy};
	bool bad = draw(2) == 0, drawn = draw(SAMPLE) == 0;

	snprintf(text, sizeof(text), "198.%u.%u.%u", 18 + (number >> 16), number >> 8 & 255,
	    number & 255);
	ipaddr_parse(&client, text);
	for (unsigned i = 0; i < N; i++) {
		truth[i] = (struct fact){.state = FACT_CLEAR};
		if (bad && draw(100) < lists[i].percent) {
			truth[i].state = FACT_LISTED;
			fact_add_code(&truth[i], 0x7f000002);
		}
		if (drawn)
			list_usage_drawn(&usage[i], (enum fact_state)truth[i].state);
	}
	report(every, &client, &input);
	if (!drawn) {
		input.facts = facts;
		input.frugal = true;
		input.pending = input.held = ask(truth, facts, &input);
	}
	report(needed, &client, &input);
}

int
main(void)
{
	struct stats *every = stats_new(), *needed = stats_new();
	int order[2][LISTS_MAX], n;

	build();
	for (uint32_t i = 0; i < CLIENTS; i++)
		visit(every, needed, i);
	n = stats_order_lists(every, order[0]);
	same_num(stats_order_lists(needed, order[1]), n, "as many lists");
	for (int i = 0; i < n; i++) {
		const struct list_stats *e = &every->list[order[0][i]];
		const struct list_stats *l = &needed->list[order[1][i]];
		double share = (double)l->listed / (double)needed->weighed * every->weighed;

		same_str(needed->lists.name[order[1][i]], every->lists.name[order[0][i]],
		    "the same list in this place");
		ok(share > 0.85 * (double)e->listed && share < 1.15 * (double)e->listed,
		    "%s: its share of clients: %.0f of %.0f", every->lists.name[order[0][i]],
		    share, (double)e->listed);
	}
	ok(needed->frugal > CLIENTS * 9 / 10 && every->frugal == 0, "most were not drawn");
	same_num((long long)needed->refused, (long long)every->refused, "as many are refused");
	stats_free(every);
	stats_free(needed);
	return done();
}
