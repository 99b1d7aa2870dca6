/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_watch.c - which traffic raises which alarm: the days and the waves of a
 * mail server raise none that costs a list its word, a list that begins to hold
 * everybody does within one window.
 */
#include "config.h"

#include "health/tripwire.h"

#include <stdlib.h>

#include "tap.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define SEEDS 5
#define PHASES 4

static const struct ipaddr NOBODY; /* vouches by name */

/* What may come of a phase, in all its runs. */
enum outcome {
	QUIET,     /* no alarm at all */
	HARMLESS,  /* at most suspicion */
	FLOODED,   /* a flood within one window, until the end of the phase */
	SUSPECTED, /* suspicion, and no more, at the end */
	CALMED     /* no flood within ten addresses, and none after */
};

struct phase {
	unsigned addresses; /* 0: no such phase */
	unsigned listed;    /* percent */
	enum outcome outcome;
};

static const struct {
	const char *label;
	struct phase phase[PHASES];
} rows[] = {
    {"a third", {{100000, 35, QUIET}}},
    {"none", {{10000, 0, QUIET}}},
    {"half", {{10000, 50, QUIET}}},
    {"a list that knows most", {{1000, 75, HARMLESS}, {10000, 75, HARMLESS}}},
    {"the best list of bad years", {{1000, 90, HARMLESS}, {20000, 90, QUIET}}},
    {"all lists of bad years", {{5000, 97, HARMLESS}, {20000, 97, QUIET}}},
    {"all are listed from the start", {{5000, 100, HARMLESS}}},
    {"it begins to list the world", {{1000, 35, QUIET}, {2000, 100, FLOODED}}},
    {"the same, with half listed before", {{1000, 50, QUIET}, {2000, 100, FLOODED}}},
    {"the same, with next to none before", {{1000, 1, QUIET}, {2000, 100, FLOODED}}},
    {"the same, soon after the start", {{320, 35, QUIET}, {2000, 100, FLOODED}}},
    {"it does so for long, and ends",
	{{1000, 35, QUIET}, {10000, 100, FLOODED}, {300, 35, CALMED}, {5000, 35, QUIET}}},
    {"it does so again",
	{{500, 35, QUIET}, {2000, 100, FLOODED}, {300, 35, CALMED}, {2000, 100, FLOODED}}},
    {"before there is a history", {{60, 35, QUIET}, {2000, 100, SUSPECTED}}},
    {"most were listed before", {{2000, 75, HARMLESS}, {2000, 100, SUSPECTED}}},
    {"a wave of bots", {{2000, 35, QUIET}, {5000, 90, HARMLESS}, {2000, 35, QUIET}}},
    {"a wave after quiet years", {{5000, 2, QUIET}, {5000, 88, HARMLESS}}},
    {"an allow list trusts the world", {{2000, 10, QUIET}, {2000, 100, FLOODED}}},
    {"days and nights",
	{{2000, 30, QUIET}, {2000, 70, HARMLESS}, {2000, 30, QUIET}, {2000, 85, HARMLESS}}},
};

/* The same numbers everywhere: xorshift. */
static uint32_t
next_random(uint32_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 17;
	*state ^= *state << 5;
	return *state;
}

static struct ipaddr
ipv4(uint32_t value)
{
	return (struct ipaddr){.bits = 32,
	    .byte = {(uint8_t)(value >> 24), (uint8_t)(value >> 16), (uint8_t)(value >> 8),
		(uint8_t)value}};
}

/* How often each alarm stood in a phase, and how it ended. */
struct partial_sum {
	unsigned times[ALERT_VOUCHED + 1];
	unsigned first_flood, last_flood; /* after so many addresses; 0: none */
	enum alert last;
};

static struct partial_sum
run(struct tripwire *w, const struct phase *phase, uint32_t *state)
{
	struct partial_sum partial = {.first_flood = 0};

	for (unsigned i = 1; i <= phase->addresses; i++) {
		struct ipaddr addr = ipv4(next_random(state));
		bool listed = next_random(state) % 100 < phase->listed;

		tripwire_answer(w, &addr, listed);
		partial.last = tripwire_alert(w);
		partial.times[partial.last]++;
		if (partial.last != ALERT_FLOOD)
			continue;
		partial.last_flood = i;
		if (partial.first_flood == 0)
			partial.first_flood = i;
	}
	return partial;
}

static bool
as_wanted(const struct phase *phase, const struct partial_sum *partial)
{
	unsigned floods = partial->times[ALERT_FLOOD];

	switch (phase->outcome) {
	case QUIET:
		return partial->times[ALERT_NONE] == phase->addresses;
	case HARMLESS:
		return floods == 0 && partial->times[ALERT_VOUCHED] == 0;
	case FLOODED:
		return partial->first_flood > 0 && partial->first_flood <= TRIPWIRE_WINDOW &&
		    floods == phase->addresses - partial->first_flood + 1;
	case SUSPECTED:
		return floods == 0 && partial->last == ALERT_SUSPECT;
	case CALMED:
		return partial->last_flood <= 10 && partial->last == ALERT_NONE;
	}
	return false;
}

static void
test_traffic(void)
{
	for (size_t i = 0; i < COUNT(rows); i++) {
		unsigned wrong[PHASES] = {0};

		for (uint32_t seed = 1; seed <= SEEDS; seed++) {
			struct tripwire *w = tripwire_new();
			uint32_t state = seed * 2654435761U;

			for (unsigned k = 0; w != NULL && k < PHASES; k++) {
				struct partial_sum partial = run(w, &rows[i].phase[k], &state);

				wrong[k] += rows[i].phase[k].addresses > 0 &&
				    !as_wanted(&rows[i].phase[k], &partial);
			}
			tripwire_free(w);
		}
		for (unsigned k = 0; k < PHASES && rows[i].phase[k].addresses > 0; k++)
			ok(wrong[k] == 0, "%s: %u %% listed, as wanted but for %u of %d runs",
			    rows[i].label, rows[i].phase[k].listed, wrong[k], SEEDS);
	}
}

/* Answers about so many new addresses, none of them listed but the last ones. */
static struct tripwire *
tripwire_of(unsigned clear, unsigned listed)
{
	struct tripwire *w = tripwire_new();

	if (w == NULL)
		abort();
	for (unsigned i = 0; i < clear + listed; i++) {
		struct ipaddr addr = ipv4(0x0a000000 + (i << 8));

		tripwire_answer(w, &addr, i >= clear);
	}
	return w;
}

static void
test_bounds(void)
{
	static const struct {
		const char *label;
		unsigned clear, listed;
		enum alert alert;
		unsigned share, usual;
	} list[] = {
	    {"nothing", 0, 0, ALERT_NONE, 0, 0},
	    {"too few to suspect", 0, 39, ALERT_NONE, 100, 0},
	    {"just enough", 0, 40, ALERT_SUSPECT, 100, 0},
	    {"two of forty are clear", 2, 38, ALERT_SUSPECT, 95, 0},
	    {"three of forty are clear", 3, 37, ALERT_NONE, 92, 0},
	    {"a full window without a history", 0, 200, ALERT_SUSPECT, 100, 0},
	    {"three are clear", 303, 197, ALERT_SUSPECT, 98, 0},
	    {"two are clear", 302, 198, ALERT_FLOOD, 99, 0},
	    {"a history of lies is none", 0, 5000, ALERT_SUSPECT, 100, 0},
	};

	for (size_t i = 0; i < COUNT(list); i++) {
		struct tripwire *w = tripwire_of(list[i].clear, list[i].listed);

		same_str(
		    alert_name(tripwire_alert(w)), alert_name(list[i].alert), list[i].label);
		same_num(tripwire_share(w), list[i].share, list[i].label);
		same_num(tripwire_usual(w), list[i].usual, list[i].label);
		tripwire_free(w);
	}
	tripwire_free(NULL);
}

/* One client is one, however often and from whichever of its addresses it comes. */
static void
test_distinct(void)
{
	struct tripwire *w = tripwire_of(20, 0);
	struct ipaddr addr = ipv4(0xc6336401), net;

	for (int i = 0; i < 1000; i++)
		tripwire_answer(w, &addr, true);
	same_num(tripwire_share(w), 4, "an address counts once");
	tripwire_answer(w, &addr, false);
	same_num(tripwire_share(w), 0, "with its latest answer");
	tripwire_answer(w, &addr, true);
	same_num(tripwire_share(w), 4, "and again");
	for (uint32_t i = 0; i < 256; i++) {
		net = ipv4(0xc6336400 + i);
		tripwire_answer(w, &net, true);
	}
	same_num(tripwire_share(w), 4, "and so does its /24");
	if (!ipaddr_parse(&net, "2001:db8::"))
		abort();
	for (int i = 0; i < 1000; i++) {
		net.byte[15] = (uint8_t)i;
		net.byte[7] = (uint8_t)i;
		net.byte[6] = (uint8_t)(i >> 8);
		tripwire_answer(w, &net, true);
	}
	same_num(tripwire_share(w), 9, "a /48 is one client");
	net.byte[5] = 1;
	tripwire_answer(w, &net, true);
	same_num(tripwire_share(w), 13, "another /48 is another");
	tripwire_free(w);
}

/* What a window holds, found out in the plainest way: the newest address last. */
struct plain {
	struct {
		uint32_t addr;
		bool listed;
	} window[TRIPWIRE_WINDOW + 1];
	unsigned n;
};

/* Note an answer; returns the share that is listed. */
static unsigned
plain_answer(struct plain *p, uint32_t addr, bool listed)
{
	unsigned i = 0, sum = 0;

	while (i < p->n && p->window[i].addr != addr)
		i++;
	p->window[i].addr = addr;
	p->window[i].listed = listed;
	p->n += i == p->n;
	if (p->n > TRIPWIRE_WINDOW)
		memmove(p->window, p->window + 1, --p->n * sizeof(p->window[0]));
	for (i = 0; i < p->n; i++)
		sum += p->window[i].listed;
	return sum * 100 / p->n;
}

/* Addresses come again, within a window and later. */
static void
test_window(void)
{
	static const uint32_t pools[] = {1, 40, TRIPWIRE_WINDOW, TRIPWIRE_WINDOW + 1, 1000};
	uint32_t state = 3;

	for (size_t k = 0; k < COUNT(pools); k++) {
		struct plain plain = {.n = 0};
		struct tripwire *w = tripwire_of(0, 0);
		unsigned wrong = 0;

		for (unsigned i = 0; i < 5000; i++) {
			uint32_t value = 0x0a000000 + (next_random(&state) % pools[k] << 8);
			bool listed = next_random(&state) % 1000 < i / 5;
			struct ipaddr addr = ipv4(value);

			tripwire_answer(w, &addr, listed);
			wrong += tripwire_share(w) != plain_answer(&plain, value, listed);
		}
		ok(wrong == 0, "a window of %u addresses: share wrong %u times", pools[k],
		    wrong);
		tripwire_free(w);
	}
}

/* Good clients that are listed, so many in each window. */
static void
meet(struct tripwire *w, unsigned windows, unsigned good, uint32_t *state)
{
	for (unsigned i = 0; i < windows * TRIPWIRE_WINDOW; i++) {
		struct ipaddr addr = ipv4(next_random(state));

		tripwire_answer(w, &addr, i % 3 == 0);
		if (good > 0 && i % (TRIPWIRE_WINDOW / good) == 0)
			tripwire_vouched(w, &NOBODY, &addr, 0);
	}
}

static void
test_good_clients(void)
{
	uint32_t state = 7;
	struct tripwire *w = tripwire_new();
	struct ipaddr addr = ipv4(0xc6336401);

	if (w == NULL)
		abort();
	meet(w, 5, 0, &state);
	for (int i = 0; i < 100; i++)
		tripwire_vouched(w, &NOBODY, &addr, 0);
	same_num(tripwire_alert(w), ALERT_NONE, "good: one voter is one");
	for (uint32_t i = 2; i <= TRIPWIRE_VOUCHED; i++) {
		same_num(tripwire_alert(w), ALERT_NONE, "good: not yet enough");
		addr = ipv4(0xc6330000 + (i << 8));
		tripwire_vouched(w, &NOBODY, &addr, 0);
	}
	same_num(tripwire_alert(w), ALERT_VOUCHED, "good: enough, none being usual");
	meet(w, 1, 0, &state);
	same_num(tripwire_alert(w), ALERT_NONE, "good: a window later they are forgotten");
	same_num(tripwire_usual(w) / 10, 3, "good: the history is what it was");
	tripwire_free(w);

	w = tripwire_new();
	if (w == NULL)
		abort();
	meet(w, 1, 10, &state);
	same_num(tripwire_alert(w), ALERT_NONE, "good: without a history ten prove nothing");
	meet(w, 20, 10, &state);
	same_num(tripwire_alert(w), ALERT_NONE, "good: ten are usual");
	meet(w, 1, 50, &state);
	same_num(tripwire_alert(w), ALERT_VOUCHED, "good: fifty are not");
	meet(w, 2, 10, &state);
	same_num(tripwire_alert(w), ALERT_NONE, "good: ten are usual still");
	meet(w, 20, 200, &state);
	same_num(tripwire_alert(w), ALERT_VOUCHED, "good: all, for as long as it lasts");
	tripwire_free(w);

	w = tripwire_of(0, 0);
	for (uint32_t i = 0; i < 100; i++) {
		addr = ipv4(0xc6330000 + (i << 8));
		tripwire_vouched(w, &NOBODY, &addr, 0);
	}
	same_num(tripwire_alert(w), ALERT_VOUCHED, "good: a hundred, and no answer at all");
	same_num(tripwire_share(w), 0, "good: no share of nothing");
	tripwire_free(w);
}

/* Who has vouched has no other vote for a day, whatever comes between. */
static void
test_votes(void)
{
	static const struct {
		const char *label;
		int64_t second; /* when the first voters come again, in ms */
		enum alert alert;
	} list[] = {
	    {"votes: the same ones within a minute", 60000, ALERT_NONE},
	    {"votes: the same ones within a day", 86399999, ALERT_NONE},
	    {"votes: the same ones a day later", 86400000, ALERT_VOUCHED},
	};
	uint32_t state = 11;

	for (size_t i = 0; i < COUNT(list); i++) {
		struct tripwire *w = tripwire_of(0, 0);

		for (int again = 0; again < 2; again++) {
			meet(w, 5, 0, &state); /* votes are forgotten, not who had them */
			for (uint32_t k = 1; k <= TRIPWIRE_VOUCHED; k++) {
				struct ipaddr net = ipv4(0xc6330000 + (k << 8));

				tripwire_vouched(w, &NOBODY, &net, again ? list[i].second : 0);
			}
		}
		same_num(tripwire_alert(w), list[i].alert, list[i].label);
		tripwire_free(w);
	}
}

/* A user is one voter wherever he comes from, and a network whoever is behind it. */
static void
test_voters(void)
{
	static const struct {
		const char *label;
		uint32_t user_step, net_step;
		enum alert alert;
	} list[] = {
	    {"voters: one user in many networks", 0, 0x100, ALERT_NONE},
	    {"voters: many users behind one address", 1, 0, ALERT_NONE},
	    {"voters: many users in one /24", 1, 1, ALERT_NONE},
	    {"voters: many users in as many networks", 1, 0x100, ALERT_VOUCHED},
	};
	uint32_t state = 13;

	for (size_t i = 0; i < COUNT(list); i++) {
		struct tripwire *w = tripwire_of(0, 0);

		meet(w, 5, 0, &state);
		for (uint32_t k = 0; k < 20; k++) {
			struct ipaddr user = {.bits = 128};
			struct ipaddr client = ipv4(0xc6330100 + k * list[i].net_step);

			user.byte[0] = (uint8_t)(1 + k * list[i].user_step);
			tripwire_vouched(w, &user, &client, 0);
		}
		same_num(tripwire_alert(w), list[i].alert, list[i].label);
		tripwire_free(w);
	}
}

int
main(void)
{
	test_traffic();
	test_bounds();
	test_distinct();
	test_window();
	test_good_clients();
	test_votes();
	test_voters();
	for (unsigned i = 0; i <= ALERT_VOUCHED; i++)
		for (unsigned k = 0; k < i; k++)
			ok(strcmp(alert_name((enum alert)i), alert_name((enum alert)k)) != 0,
			    "alarms have names of their own");
	return done();
}
