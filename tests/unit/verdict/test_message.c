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
join(struct message *l, enum action action, int score, const struct policy *policy)
{
	struct verdict verdict = {.action = action,
	    .meant = action,
	    .reason = REASON_LISTS,
	    .score = score,
	    .threshold = 2};
	struct header_facts facts = {.authserv_id = ID,
	    .ref = "7F3K2Q9M",
	    .client = &client,
	    .roster = roster,
	    .policy = policy,
	    .verdict = &verdict};

	message_join(l, &facts);
}

static void
test_nobody(struct message *l)
{
	struct reply reply;

	ok(message_own(l) == NULL && message_results(l) == NULL && message_why(l) == NULL,
	    "nothing is done to a message nobody has joined");
	ok(!message_is_forged(l, &reply), "nor is it forged");
	ok(message_admits(l, ACTION_PASS) && message_admits(l, ACTION_QUARANTINE),
	    "anybody may be the first");
}

static void
test_fields(struct message *l)
{
	join(l, ACTION_PASS, 0, &mild);
	ok(message_own(l) == NULL && message_results(l) == NULL, "a good one: no field");
	join(l, ACTION_TAG, 2, &mild);
	ok(message_own(l) != NULL && strstr(message_own(l), "score=2/2") != NULL,
	    "a tagged one joins it: the mark of that one");
	ok(message_results(l) != NULL, "and the results");
	join(l, ACTION_PASS, 0, &mild);
	ok(strstr(message_own(l), "score=2/2") != NULL,
	    "a good one after it: the worst counts");
	message_clear(l);
	ok(message_own(l) == NULL && message_results(l) == NULL, "the next message: no field");
	join(l, ACTION_PASS, 0, &open_book);
	ok(message_own(l) == NULL && message_results(l) != NULL,
	    "results for everybody: no mark, but results");
	message_clear(l);
}

static void
test_held(struct message *l)
{
	struct reply reply;

	join(l, ACTION_PASS, 0, &mild);
	ok(message_admits(l, ACTION_TAG) && !message_admits(l, ACTION_QUARANTINE),
	    "not held: nobody may join for whom it would be");
	message_clear(l);
	join(l, ACTION_QUARANTINE, 3, &strict);
	ok(message_admits(l, ACTION_QUARANTINE) && !message_admits(l, ACTION_PASS) &&
		!message_admits(l, ACTION_TAG),
	    "held: only those for whom it is");
	ok(message_why(l) != NULL && strstr(message_why(l), "7F3K2Q9M") != NULL &&
		strstr(message_why(l), "strict.example") != NULL,
	    "held: the reason has reference and policy");
	ok(message_own(l) != NULL, "held: it is marked, too");
	message_explain(&reply, "7F3K2Q9M");
	same_str(reply.code, "452", "sent apart: the code");
	same_str(reply.enhanced, "4.5.3", "sent apart: the enhanced code");
	ok(reply.n == 1 && strstr(reply.line[0], "Ref 7F3K2Q9M") != NULL,
	    "sent apart: a line with the reference");
	message_clear(l);
	ok(message_why(l) == NULL && message_admits(l, ACTION_PASS), "the next one is free");
}

static void
test_forged(struct message *l)
{
	const char *name;
	uint32_t number;
	struct reply reply;

	message_note(l, ID, "Subject", "hello");
	message_note(l, ID, "Authentication-Results", "other.example; spf=pass");
	message_note(l, ID, "Authentication-Results", "mx.example; spf=pass");
	ok(message_take_forged(l, &name, &number) && number == 2, "the second is forged");
	same_str(name, "Authentication-Results", "its name");
	ok(!message_take_forged(l, &name, &number), "no other is");
	for (int i = 0; i <= HEADER_FORGED_MAX; i++)
		message_note(l, ID, "X-RelayGuard", "verdict=pass");
	ok(message_is_forged(l, &reply), "more than can be removed");
	ok(strcmp(reply.code, "550") == 0 && reply.n == 1, "is refused with words");
	message_clear(l);
	ok(!message_is_forged(l, &reply) && !message_take_forged(l, &name, &number),
	    "the next message is not");
}

int
main(void)
{
	struct message *l = message_new();

	roster = roster_new();
	ipaddr_parse(&client, "198.51.100.7");
	test_nobody(l);
	test_fields(l);
	test_held(l);
	test_forged(l);
	message_free(l);
	roster_unref(&roster);
	return done();
}
