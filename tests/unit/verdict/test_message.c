/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_letter.c - one message for several recipients: what is written into it,
 * whether it is held, and who may not be one of them.
 */
#include "config.h"

#include "verdict/message.h"

#include "tap.h"

#define ID "mx.example"

static struct roster *roster;
static struct ipaddr client;
static char default_name[] = "default", strict_name[] = "strict.example";
static struct policy mild = {.name = default_name, .tag = 2};
static struct policy strict = {.name = strict_name, .quarantine = 3};
static struct policy open_book = {.name = default_name, .results = true};

static void
join(struct letter *l, enum action action, int score, const struct policy *policy)
{
	struct verdict verdict = {.action = action,
	    .meant = action,
	    .ground = GROUND_LISTS,
	    .score = score,
	    .threshold = 2};
	struct stamp_facts facts = {.authserv_id = ID,
	    .ref = "7F3K2Q9M",
	    .client = &client,
	    .roster = roster,
	    .policy = policy,
	    .verdict = &verdict};

	letter_join(l, &facts);
}

static void
test_nobody(struct letter *l)
{
	struct reply reply;

	ok(letter_own(l) == NULL && letter_results(l) == NULL && letter_why(l) == NULL,
	    "nothing is done to a message nobody has joined");
	ok(!letter_is_forged(l, &reply), "nor is it forged");
	ok(letter_admits(l, ACTION_PASS) && letter_admits(l, ACTION_QUARANTINE),
	    "anybody may be the first");
}

static void
test_fields(struct letter *l)
{
	join(l, ACTION_PASS, 0, &mild);
	ok(letter_own(l) == NULL && letter_results(l) == NULL, "a good one: no field");
	join(l, ACTION_TAG, 2, &mild);
	ok(letter_own(l) != NULL && strstr(letter_own(l), "score=2/2") != NULL,
	    "a tagged one joins it: the mark of that one");
	ok(letter_results(l) != NULL, "and the results");
	join(l, ACTION_PASS, 0, &mild);
	ok(strstr(letter_own(l), "score=2/2") != NULL, "a good one after it: the worst counts");
	letter_clear(l);
	ok(letter_own(l) == NULL && letter_results(l) == NULL, "the next message: no field");
	join(l, ACTION_PASS, 0, &open_book);
	ok(letter_own(l) == NULL && letter_results(l) != NULL,
	    "results for everybody: no mark, but results");
	letter_clear(l);
}

static void
test_held(struct letter *l)
{
	struct reply reply;

	join(l, ACTION_PASS, 0, &mild);
	ok(letter_admits(l, ACTION_TAG) && !letter_admits(l, ACTION_QUARANTINE),
	    "not held: nobody may join for whom it would be");
	letter_clear(l);
	join(l, ACTION_QUARANTINE, 3, &strict);
	ok(letter_admits(l, ACTION_QUARANTINE) && !letter_admits(l, ACTION_PASS) &&
		!letter_admits(l, ACTION_TAG),
	    "held: only those for whom it is");
	ok(letter_why(l) != NULL && strstr(letter_why(l), "7F3K2Q9M") != NULL &&
		strstr(letter_why(l), "strict.example") != NULL,
	    "held: the reason has reference and policy");
	ok(letter_own(l) != NULL, "held: it is marked, too");
	letter_explain(&reply, "7F3K2Q9M");
	same_str(reply.code, "452", "sent apart: the code");
	same_str(reply.enhanced, "4.5.3", "sent apart: the enhanced code");
	ok(reply.n == 1 && strstr(reply.line[0], "Ref 7F3K2Q9M") != NULL,
	    "sent apart: a line with the reference");
	letter_clear(l);
	ok(letter_why(l) == NULL && letter_admits(l, ACTION_PASS), "the next one is free");
}

static void
test_forged(struct letter *l)
{
	const char *name;
	uint32_t number;
	struct reply reply;

	letter_note(l, ID, "Subject", "hello");
	letter_note(l, ID, "Authentication-Results", "other.example; spf=pass");
	letter_note(l, ID, "Authentication-Results", "mx.example; spf=pass");
	ok(letter_take_forged(l, &name, &number) && number == 2, "the second is forged");
	same_str(name, "Authentication-Results", "its name");
	ok(!letter_take_forged(l, &name, &number), "no other is");
	for (int i = 0; i <= STAMP_FORGED_MAX; i++)
		letter_note(l, ID, "X-RelayGuard", "verdict=pass");
	ok(letter_is_forged(l, &reply), "more than can be removed");
	ok(strcmp(reply.code, "550") == 0 && reply.n == 1, "is refused with words");
	letter_clear(l);
	ok(!letter_is_forged(l, &reply) && !letter_take_forged(l, &name, &number),
	    "the next message is not");
}

int
main(void)
{
	struct letter *l = letter_new();

	roster = roster_new();
	ipaddr_parse(&client, "198.51.100.7");
	test_nobody(l);
	test_fields(l);
	test_held(l);
	test_forged(l);
	letter_free(l);
	roster_unref(&roster);
	return done();
}
