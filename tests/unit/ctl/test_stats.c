/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_stats.c - a small log, counted by hand.
 *
 *   1  refused by a alone            a decisive, sole
 *   2  the same client logs in later  a: later good
 *   3  refused by a and b, 8 of 5     a decisive (3 is left), b not (5 is left)
 *   4  in shadow, by b and c:helo     both decisive; meant
 *   5  passes, b below; d in shadow would have refused
 *   6  passes, a for a client of w
 *   7  by agreement 2 of 2, 10 of 5   both decisive
 *   8  deferred by a doubt
 *   9  denied here, no list asked
 *  10  an administrator lets the client of 3 through: not good for that
 */
#include "config.h"

#include "ctl/advice.h"
#include "ctl/stats.h"

#include "tap.h"

#define AT(day, hour) "2026-11-" day "T" hour ":30:00+01:00 mx relayguard[1]: ref=KF3K2Q9M "

static const char *const lines[] = {
    AT("02", "03") "verdict=refuse reason=lists client=192.0.2.1 policy=default score=5/5 "
		   "lists=a:127.0.0.2*5 unknown=e,f unasked=f ms=10",
    AT("03", "04") "verdict=pass reason=auth client=192.0.2.1 policy=default ms=0",
    AT("03", "05") "verdict=refuse reason=lists client=192.0.2.2 policy=strict score=8/5 "
		   "lists=a:127.0.0.2*5,b:127.0.0.2*3 ms=20",
    AT("03",
	"06") "verdict=pass meant=drop reason=lists client=192.0.2.3 policy=strict score=6/5 "
	      "lists=b:127.0.0.2*3,c:helo:127.0.0.2*3,c:sender:127.0.0.2*2 suspended=e ms=30",
    AT("03",
	"07") "verdict=pass reason=lists client=192.0.2.4 policy=default score=3/5 "
	      "lists=b:127.0.0.2*3 shadowed=d:127.0.0.2*2 shadow-unknown=g not-awaited=e ms=40",
    AT("03", "08") "verdict=pass reason=lists client=192.0.2.5 policy=default score=1/5 "
		   "lists=a:127.0.0.2*5,w:127.0.0.2*-4 ms=50",
    AT("04", "09") "verdict=refuse reason=lists client=192.0.2.6 policy=default score=10/5 "
		   "groups=2/2 lists=a:127.0.0.2*5,b:127.0.0.2*5 ms=60",
    AT("04", "10") "verdict=defer softened=refuse reason=lists client=192.0.2.7 policy=default "
		   "score=5/5 lists=a:127.0.0.2*5 doubted=a ms=70",
    AT("04", "11") "verdict=refuse reason=deny client=192.0.2.8 policy=default ms=80",
    AT("04", "12") "verdict=pass reason=administrator client=192.0.2.2 policy=default",
};

static const struct {
	const char *label;
	unsigned seen, listed, against, favour, sole, decisive, clients, passed, unknown,
	    doubted, suspended, shadowed, acts, shadow_unknown;
} want[] = {
    {"a", 5, 5, 5, 0, 1, 4, 5, 2, 0, 1, 0, 0, 0, 0},
    {"e", 3, 0, 0, 0, 0, 0, 0, 0, 1, 0, 1, 0, 0, 0},
    {"f", 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0},
    {"b", 4, 4, 4, 0, 0, 2, 4, 0, 0, 0, 0, 0, 0, 0},
    {"c", 1, 1, 1, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0},
    {"d", 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 1, 0},
    {"g", 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1},
    {"w", 1, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0},
};

static int
list_of(struct stats *s, const char *label)
{
	return names_number(&s->lists, label, strlen(label));
}

static void
check_list(struct stats *s, size_t i)
{
	int n = list_of(s, want[i].label);
	const struct list_stats *l = &s->list[n];
	const struct {
		const char *what;
		uint64_t got, want;
	} figures[] = {{"seen", l->seen, want[i].seen}, {"listed", l->listed, want[i].listed},
	    {"against", l->against, want[i].against}, {"favour", l->favour, want[i].favour},
	    {"sole", l->sole, want[i].sole}, {"decisive", l->decisive, want[i].decisive},
	    {"clients", l->clients, want[i].clients},
	    {"passed", l->clients_passed, want[i].passed},
	    {"unknown", l->unknown, want[i].unknown}, {"doubted", l->doubted, want[i].doubted},
	    {"suspended", l->suspended, want[i].suspended},
	    {"shadowed", l->shadowed, want[i].shadowed}, {"acts", l->shadow_acts, want[i].acts},
	    {"shadow unknown", l->shadow_unknown, want[i].shadow_unknown}};
	char label[40];

	for (size_t j = 0; j < sizeof(figures) / sizeof(figures[0]); j++) {
		snprintf(label, sizeof(label), "%s: %s", want[i].label, figures[j].what);
		same_num((long long)figures[j].got, (long long)figures[j].want, label);
	}
}

static void
add(struct stats *s, const char *line)
{
	struct logentry e;

	same_num(logentry_parse(&e, line, 1795914000), LOGMERGE_ENTRY, "a decision");
	stats_add(s, &e);
}

static void
check_total(struct stats *s)
{
	int a = list_of(s, "a"), b = list_of(s, "b"), d = list_of(s, "d");
	int policy = names_number(&s->policies, "strict", 6), order[STATS_POLICIES_MAX + 1];
	int reason = names_number(&s->reasons, "lists", 5);
	uint64_t shared;

	same_num((long long)s->decisions, 10, "decisions");
	same_num((long long)s->weighed, 7, "weighed");
	same_num((long long)s->refused, 5, "refused, or meant to be");
	same_num((long long)s->softened, 1, "softened");
	same_num((long long)s->done[ACTION_PASS], 5, "passed");
	same_num((long long)s->done[ACTION_REFUSE], 4, "done: refused");
	same_num((long long)s->meant[ACTION_DROP], 1, "meant to be dropped");
	same_num(s->first, 1793590200, "the first");
	same_num(s->last, 1793795400, "the last");
	same_num((long long)s->week[0][3], 1, "Monday, three o'clock");
	same_num((long long)s->week_refused[2][11], 1, "Wednesday, eleven o'clock");
	same_num((long long)s->week_refused[1][4], 0, "who logged in was not refused");
	same_num(stats_wait(s, 50), 40, "the median");
	same_num(stats_wait(s, 95), 80, "95 percent");
	same_num((long long)s->list[a].shared[b], 2, "a and b");
	same_num((long long)s->list[b].shared[a], 2, "b and a");
	same_num((long long)s->list[b].shared[d], 1, "b, and d in shadow");
	same_num((long long)s->list[a].shared[a], 5, "a and itself");
	same_num(stats_nearest(s, b, &shared), a, "who is nearest to b");
	same_num((long long)shared, 2, "how near");
	same_num((long long)s->policy[policy].done[ACTION_PASS], 1, "strict: passed");
	same_num((long long)s->policy[policy].shadowed, 1, "strict: in shadow mode");
	same_num(stats_order_policies(s, order), 2, "two policies");
	same_str(stats_policy_name(s, order[0]), "default", "the larger first");
	same_num((long long)s->reason[reason].all, 7, "by lists");
	same_num((long long)s->reason[reason].refused, 4, "by lists: refused");
}

/* More of everything than there is room for, and lines without figures. */
static void
test_bounds(void)
{
	struct stats *s = stats_new();
	int order[STATS_REASONS_MAX + 1];
	char line[300];

	same_num(stats_wait(s, 50), -1, "nobody has waited");
	for (int i = 0; i < 300; i++) {
		snprintf(line, sizeof(line),
		    "ref=KF3K2Q9M verdict=pass reason=r%d client=192.0.2.1 policy=p%d "
		    "lists=l%d:127.0.0.2*1 ms=99999999",
		    i, i, i);
		add(s, line);
	}
	same_num((long long)s->unlisted, 300 - LISTS_MAX, "lists without room");
	same_num(
	    (long long)s->policy[STATS_POLICIES_MAX].done[ACTION_PASS], 100, "other policies");
	same_num(stats_order_reasons(s, order), STATS_REASONS_MAX + 1,
	    "all reasons, and the others");
	same_str(stats_reason_name(s, order[0]), "...", "the others are most");
	same_num(stats_wait(s, 50), STATS_MS_MAX, "a long wait");
	same_num((long long)s->undated, 300, "without a stamp");
	same_num(s->first, 0, "no first");
	stats_free(s);
}

/* What is advised where so many clients come who are on these lists. */
static const struct {
	const char *label, *lists, *more;
	unsigned n;
	enum advice advice;
	const char *why;
} advices[] = {
    {"all rests on it", "a:127.0.0.2*5", "", 30, ADVICE_KEEP,
	"100% of what it lists rests on it"},
    {"one of two has to stay", "a:127.0.0.2*5,b:127.0.0.2*6", "", 30, ADVICE_KEEP,
	"of it and b one is enough"},
    {"the other one has not", "b:127.0.0.2*5,a:127.0.0.2*6", "", 30, ADVICE_DROP,
	"0.0% of what it lists rests on it; b has listed 100% of the same"},
    {"all rests on the other", "b:127.0.0.2*9,a:127.0.0.2*2", "", 30, ADVICE_DROP,
	"0.0% of what it lists rests on it; b has listed 100% of the same"},
    {"a few", "a:127.0.0.2*5", "", 19, ADVICE_FEW, "only 19 listings: too few to say"},
    {"it speaks for them", "a:127.0.0.2*-5", "", 30, ADVICE_ALLOW,
	"speaks for the client in 30 decisions"},
    {"no answer", "b:127.0.0.2*5", " unknown=a", 30, ADVICE_REPAIR,
	"no answer, or suspended, in 100% of decisions by lists"},
    {"no answer, but seldom", "b:127.0.0.2*5", " unknown=a", 19, ADVICE_IDLE,
	"it has listed nobody"},
    {"in shadow", "b:127.0.0.2*5", " shadowed=a:127.0.0.2*2", 30, ADVICE_TRIAL,
	"in shadow: 0 more decisions would rest on it; b has listed 100% of the same"},
};

static void
test_advice(void)
{
	for (size_t i = 0; i < sizeof(advices) / sizeof(advices[0]); i++) {
		struct stats *s = stats_new();
		char line[300], text[ADVICE_TEXT_MAX];
		struct strbuf sb;

		for (unsigned j = 0; j < advices[i].n; j++) {
			snprintf(line, sizeof(line),
			    "ref=KF3K2Q9M verdict=refuse reason=lists client=192.0.2.%u "
			    "score=%d/5 lists=%s%s",
			    j, strchr(advices[i].lists, ',') != NULL ? 11 : 5, advices[i].lists,
			    advices[i].more);
			add(s, line);
		}
		same_str(advice_name(advice_give(s, list_of(s, "a"))),
		    advice_name(advices[i].advice), advices[i].label);
		strbuf_init(&sb, text, sizeof(text));
		advice_explain(&sb, s, list_of(s, "a"));
		same_str(text, advices[i].why, "and why");
		for (unsigned j = 0; j < 3; j++) {
			snprintf(line, sizeof(line),
			    "ref=KF3K2Q9M verdict=pass reason=auth client=192.0.2.%u", j);
			add(s, line);
		}
		if (strncmp(advices[i].lists, "a:127.0.0.2*5", 13) == 0)
			same_str(advice_name(advice_give(s, list_of(s, "a"))), "review",
			    "three of them log in");
		stats_free(s);
	}
}

int
main(void)
{
	struct stats *s = stats_new();

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		add(s, lines[i]);
	for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++)
		check_list(s, i);
	check_total(s);
	stats_free(s);
	stats_free(NULL);
	test_bounds();
	test_advice();
	return done();
}
