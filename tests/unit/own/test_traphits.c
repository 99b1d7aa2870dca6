/* SPDX-License-Identifier: BSD-2-Clause */
/* test_traphits.c - who is listed for having written to traps, and who never is. */
#include "config.h"

#include "own/traphits.h"

#include <stdlib.h>
#include <string.h>

#include "tap.h"

#define NOW 1795000000U
#define MINUTE 60U
#define HOUR 3600U
#define DAY 86400U
#define STEPS 8
#define OTHER "<news@other.example>"
#define CLIENTS 1024

static const struct trap traps[] = {
    {"page", "", TRAP_PRISTINE},
    {"mid", "", TRAP_PRISTINE},
    {"news", "", TRAP_PRISTINE},
    {"form", "", TRAP_PRISTINE},
    {"bob", "", TRAP_RECYCLED},
    {"eve", "", TRAP_RECYCLED},
};

enum { PAGE, MID, NEWS, FORM, BOB, EVE };

#define SPAM "<offer@spam.example>"

/* One hit, so long after the one before. */
struct step {
	unsigned trap;
	uint32_t after;
	const char *sender; /* NULL: SPAM */
	bool deferred;
};

#define HIT(which, seconds)                         \
	{                                           \
		.trap = (which), .after = (seconds) \
	}
#define FROM(which, seconds, whom)                                    \
	{                                                             \
		.trap = (which), .after = (seconds), .sender = (whom) \
	}
#define LATER(which, seconds)                                         \
	{                                                             \
		.trap = (which), .after = (seconds), .deferred = true \
	}

static const struct row {
	const char *what;
	enum traphits_word want; /* of the last hit; all others are "noted", or the same */
	unsigned n;
	struct step step[STEPS];
	const char *client; /* NULL: 192.0.2.1 */
	const char *host;
	bool excused, good, users;
} rows[] = {
    /* Listed when: two hits on two different traps, or three on one with an hour between. */
    {"one hit", TRAPHITS_NOTED, .n = 1, .step = {HIT(PAGE, 0)}},
    {"two hits on two traps", TRAPHITS_LISTED, .n = 2, .step = {HIT(PAGE, 0), HIT(MID, 0)}},
    {"two traps, six days apart", TRAPHITS_LISTED, .n = 2,
	.step = {HIT(PAGE, 0), HIT(MID, 6 * DAY)}},
    {"two traps, eight days apart", TRAPHITS_NOTED, .n = 2,
	.step = {HIT(PAGE, 0), HIT(MID, 8 * DAY)}},
    {"two hits on one trap", TRAPHITS_NOTED, .n = 2,
	.step = {HIT(PAGE, 0), HIT(PAGE, 2 * HOUR)}},
    {"three hits on one, an hour between first and last", TRAPHITS_LISTED, .n = 3,
	.step = {HIT(PAGE, 0), HIT(PAGE, MINUTE), HIT(PAGE, HOUR - MINUTE)}},
    {"three hits on one within a minute less", TRAPHITS_NOTED, .n = 3,
	.step = {HIT(PAGE, 0), HIT(PAGE, MINUTE), HIT(PAGE, HOUR - 2 * MINUTE)}},
    {"many hits on one within an hour", TRAPHITS_NOTED, .n = 8,
	.step = {HIT(PAGE, 0), HIT(PAGE, MINUTE), HIT(PAGE, MINUTE), HIT(PAGE, MINUTE),
	    HIT(PAGE, MINUTE), HIT(PAGE, MINUTE), HIT(PAGE, MINUTE), HIT(PAGE, MINUTE)}},
    {"once a week, for weeks", TRAPHITS_LISTED, .n = 3,
	.step = {HIT(PAGE, 0), HIT(PAGE, 7 * DAY), HIT(PAGE, 7 * DAY)}},
    {"once a month", TRAPHITS_NOTED, .n = 4,
	.step = {HIT(PAGE, 0), HIT(PAGE, 30 * DAY), HIT(PAGE, 30 * DAY), HIT(PAGE, 30 * DAY)}},
    {"three traps", TRAPHITS_LISTED, .n = 3,
	.step = {HIT(PAGE, 0), HIT(MID, 0), HIT(NEWS, DAY)}},
    {"a clock that goes back", TRAPHITS_LISTED, .n = 2,
	.step = {HIT(PAGE, 0), HIT(MID, (uint32_t)-5)}},
    {"two of one mail, put off", TRAPHITS_LISTED, .n = 2,
	.step = {LATER(PAGE, 0), LATER(MID, 0)}},

    /* What is put off comes again by itself. */
    {"one mail, put off for a day", TRAPHITS_NOTED, .n = 5,
	.step = {LATER(PAGE, 0), LATER(PAGE, HOUR), LATER(PAGE, HOUR), LATER(PAGE, 6 * HOUR),
	    HIT(PAGE, 12 * HOUR)}},

    /* Recycled ones never list. */
    {"one recycled", TRAPHITS_NOTED, .n = 1, .step = {HIT(BOB, 0)}},
    {"two recycled", TRAPHITS_SCORED, .n = 2, .step = {HIT(BOB, 0), HIT(EVE, 0)}},
    {"one recycled, three times", TRAPHITS_SCORED, .n = 3,
	.step = {HIT(BOB, 0), HIT(BOB, DAY), HIT(BOB, DAY)}},
    {"one recycled, one pristine", TRAPHITS_NOTED, .n = 2, .step = {HIT(BOB, 0), HIT(PAGE, 0)}},

    /* A null sender is backscatter, never the trap reason. */
    {"a bounce", TRAPHITS_NOTED, .n = 1, .step = {FROM(PAGE, 0, "<>")}},
    {"bounces to two traps", TRAPHITS_BACKSCATTER, .n = 2,
	.step = {FROM(PAGE, 0, "<>"), FROM(MID, 0, "<>")}},
    {"bounces to two recycled ones", TRAPHITS_BACKSCATTER, .n = 2,
	.step = {FROM(BOB, 0, "<>"), FROM(EVE, 0, "<>")}},
    {"questions whether a forged sender is there", TRAPHITS_BACKSCATTER, .n = 2,
	.step = {FROM(PAGE, 0, "<double-bounce@far.example>"),
	    FROM(MID, 0, "<double-bounce@far.example>")}},
    {"a bounce and a mail", TRAPHITS_NOTED, .n = 2, .step = {FROM(PAGE, 0, "<>"), HIT(MID, 0)}},
    {"a mail and a bounce", TRAPHITS_NOTED, .n = 2, .step = {HIT(PAGE, 0), FROM(MID, 0, "<>")}},
    {"bounces to one, three times", TRAPHITS_BACKSCATTER, .n = 3,
	.step = {FROM(PAGE, 0, "<>"), FROM(PAGE, HOUR, "<>"), FROM(PAGE, HOUR, "<>")}},
    {"a sender that cannot be read is no bounce", TRAPHITS_LISTED, .n = 2,
	.step = {FROM(PAGE, 0, "<a\001@b>"), FROM(MID, 0, "<a\001@b>")}},
    {"a sender without a domain is no bounce", TRAPHITS_LISTED, .n = 2,
	.step = {FROM(PAGE, 0, "<root>"), FROM(MID, 0, "<@x.example>")}},

    /* Never: whoever is excused, known good, a forwarder, a big provider, or near. */
    {"excused", TRAPHITS_EXCUSED, .n = 2, .step = {HIT(PAGE, 0), HIT(MID, 0)}, .excused = true},
    {"known good", TRAPHITS_GOOD, .n = 2, .step = {HIT(PAGE, 0), HIT(MID, 0)}, .good = true},
    /* Who has written before has users, one of whom may know some traps. */
    {"a user who knows two traps", TRAPHITS_NOTED, .n = 2, .step = {HIT(PAGE, 0), HIT(MID, 0)},
	.users = true},
    {"and writes to them for days", TRAPHITS_NOTED, .n = 6,
	.step = {HIT(PAGE, 0), HIT(PAGE, DAY), HIT(PAGE, DAY), HIT(MID, 0), HIT(MID, DAY),
	    HIT(MID, DAY)},
	.users = true},
    {"one who knows four", TRAPHITS_NOTED, .n = 5,
	.step = {HIT(PAGE, 0), HIT(MID, 0), HIT(NEWS, 0), HIT(FORM, 0), HIT(PAGE, DAY)},
	.users = true},
    {"one with a new sender each time", TRAPHITS_NOTED, .n = 4,
	.step = {FROM(PAGE, 0, "<b-1@x.example>"), FROM(MID, 0, "<b-2@x.example>"),
	    FROM(NEWS, 0, "<b+3@x.example>"), FROM(FORM, 0, "<b4@x.example>")},
	.users = true},
    {"four traps, of two senders", TRAPHITS_LISTED, .n = 4,
	.step = {HIT(PAGE, 0), HIT(MID, 0), HIT(NEWS, DAY), FROM(FORM, DAY, OTHER)},
	.users = true},
    {"three traps, of two senders", TRAPHITS_NOTED, .n = 3,
	.step = {HIT(PAGE, 0), HIT(MID, 0), FROM(NEWS, DAY, OTHER)}, .users = true},
    {"SRS0", TRAPHITS_FORWARDED, .n = 2,
	.step = {FROM(PAGE, 0, "<SRS0=x=Y=far.example=a@fwd.example>"),
	    FROM(MID, 0, "<srs0+x=Y=far.example=a@fwd.example>")}},
    {"SRS1", TRAPHITS_FORWARDED, .n = 2,
	.step = {FROM(PAGE, 0, "<SRS1=x=fwd.example==x=Y=far.example=a@fwd2.example>"),
	    FROM(MID, 0, "<SRS1-x=fwd.example==x=Y=far.example=a@fwd2.example>")}},
    {"no SRS", TRAPHITS_LISTED, .n = 2,
	.step = {FROM(PAGE, 0, "<srs0@x.example>"), FROM(MID, 0, "<srs@x.example>")}},
    {"a host of a big provider", TRAPHITS_PROVIDER, .n = 2, .step = {HIT(PAGE, 0), HIT(MID, 0)},
	.host = "mail-wm1-f54.google.com"},
    {"another host", TRAPHITS_LISTED, .n = 2, .step = {HIT(PAGE, 0), HIT(MID, 0)},
	.host = "mail.spam.example"},
    {"of a private network", TRAPHITS_LOCAL, .n = 2, .step = {HIT(PAGE, 0), HIT(MID, 0)},
	.client = "10.0.0.1"},
    {"this host", TRAPHITS_LOCAL, .n = 2, .step = {HIT(PAGE, 0), HIT(MID, 0)},
	.client = "127.0.0.1"},
    {"IPv6", TRAPHITS_LISTED, .n = 2, .step = {HIT(PAGE, 0), HIT(MID, 0)},
	.client = "2001:db8::1"},
};

static uint32_t number; /* of hits, as the last one has it */

static struct ipaddr
address(const char *text)
{
	struct ipaddr addr;

	if (!ipaddr_parse(&addr, text))
		printf("# %s is no address\n", text);
	return addr;
}

static enum traphits_word
hit(struct traphits *hits, const char *client, unsigned trap, uint32_t now)
{
	struct ipaddr addr = address(client);

	return traphits_note(hits,
	    &(struct traphit){.client = &addr, .trap = &traps[trap], .sender = SPAM}, now,
	    &number);
}

static void
try_row(const struct row *row)
{
	struct traphits *hits = traphits_new(CLIENTS);
	struct ipaddr client = address(row->client != NULL ? row->client : "192.0.2.1");
	enum traphits_word word = TRAPHITS_WORDS;
	uint32_t now = NOW;
	bool early = false;

	for (unsigned i = 0; i < row->n; i++) {
		const struct step *step = &row->step[i];
		const struct traphit one = {
		    .client = &client,
		    .trap = &traps[step->trap],
		    .sender = step->sender != NULL ? step->sender : SPAM,
		    .host = row->host,
		    .excused = row->excused,
		    .good = row->good,
		    .users = row->users,
		    .deferred = step->deferred,
		};

		early |= i > 0 && word == TRAPHITS_LISTED && row->want != word;
		word = traphits_note(hits, &one, now += step->after, &number);
	}
	ok(!early, "%s: never in between", row->what);
	same_str(traphits_word_name(word), traphits_word_name(row->want), row->what);
	traphits_free(hits);
}

/* What others do is not a client's, but what a neighbour in its /64 does is. */
static void
test_clients(void)
{
	struct traphits *hits = traphits_new(CLIENTS);

	hit(hits, "192.0.2.1", PAGE, NOW);
	same_num(hit(hits, "192.0.2.2", MID, NOW), TRAPHITS_NOTED, "another address");
	hit(hits, "2001:db8:0:1::1", PAGE, NOW);
	same_num(hit(hits, "2001:db8:0:1::2", MID, NOW), TRAPHITS_LISTED, "the same /64");
	hit(hits, "2001:db8:0:2::1", PAGE, NOW);
	same_num(hit(hits, "2001:db8:0:3::1", MID, NOW), TRAPHITS_NOTED, "another /64");
	traphits_free(hits);
	traphits_free(NULL);
}

/* While it goes on each hit says so; after its removal it has to begin again. */
static void
test_removal(void)
{
	struct traphits *hits = traphits_new(CLIENTS);
	struct ipaddr addr = address("192.0.2.1");
	struct traphit one = {.client = &addr, .trap = &traps[MID], .sender = SPAM};

	hit(hits, "192.0.2.1", PAGE, NOW);
	hit(hits, "192.0.2.1", MID, NOW);
	same_num(
	    traphits_note(hits, &one, NOW + HOUR, &number), TRAPHITS_LISTED, "still listed");
	same_num(number, 3, "by three hits");
	one.since = NOW + 2 * HOUR;
	same_num(traphits_note(hits, &one, NOW + 3 * HOUR, &number), TRAPHITS_NOTED,
	    "it was removed");
	same_num(number, 1, "of its hits one is left");
	one.trap = &traps[PAGE];
	same_num(traphits_note(hits, &one, NOW + 4 * HOUR, &number), TRAPHITS_LISTED,
	    "listed again");
	traphits_free(hits);
}

/* More may be wanted. */
static void
test_limits(void)
{
	struct traphits *hits = traphits_new(CLIENTS);

	traphits_configure(hits, &(struct traphits_limits){.traps = 3, .times = 2});
	hit(hits, "192.0.2.1", PAGE, NOW);
	same_num(hit(hits, "192.0.2.1", MID, NOW), TRAPHITS_NOTED, "two of three");
	same_num(hit(hits, "192.0.2.1", NEWS, NOW), TRAPHITS_LISTED, "the third");
	hit(hits, "192.0.2.2", PAGE, NOW);
	same_num(hit(hits, "192.0.2.2", PAGE, NOW + HOUR), TRAPHITS_LISTED, "two on one");
	traphits_free(hits);
}

/* A client that is listed outlasts any number of those that have hit one trap each. */
static void
test_flood(void)
{
	struct traphits *hits = traphits_new(CLIENTS);
	char client[32];

	hit(hits, "192.0.2.1", PAGE, NOW);
	hit(hits, "192.0.2.1", MID, NOW);
	for (unsigned i = 0; i < 100 * CLIENTS; i++) {
		snprintf(client, sizeof(client), "11.%u.%u.1", i / 256 % 256, i % 256);
		hit(hits, client, PAGE, NOW + 1 + i / 1000);
	}
	same_num(hit(hits, "192.0.2.1", NEWS, NOW + HOUR), TRAPHITS_LISTED, "outlasts a flood");
	traphits_free(hits);
}

int
main(void)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		try_row(&rows[i]);
	test_clients();
	test_removal();
	test_limits();
	test_flood();
	return done();
}
