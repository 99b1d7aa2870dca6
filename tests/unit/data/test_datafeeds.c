/* SPDX-License-Identifier: BSD-2-Clause */
/* test_datafeeds.c - which lists share a feed, and how long it is kept. */
#include "config.h"

#include "data/datafeeds.h"

#include "tap.h"

static bool
judge(const void *arg, const struct datalist *list, char *why, size_t whysize)
{
	(void)arg;
	(void)list;
	(void)why;
	(void)whysize;
	return true;
}

static const struct datafeed_rules plain = {.label = "zen",
    .nsets = 1,
    .set = {{.format = DATA_COMBINED,
	.subzone = "a",
	.nfiles = 2,
	.file = {"/nowhere/a", "/nowhere/b"}}},
    .shrink = 50,
    .grow = 200,
    .max_age = 60,
    .judge = judge,
    .judge_arg = "12",
    .judge_size = 2};

/* Change one thing of the rules. */
static struct datafeed_rules
changed(unsigned what)
{
	struct datafeed_rules rules = plain;

	switch (what) {
	case 0:
		rules.label = "other";
		break;
	case 1:
		rules.nsets = 2;
		rules.set[1] = rules.set[0];
		break;
	case 2:
		rules.set[0].format = DATA_IP4SET;
		break;
	case 3:
		rules.set[0].subzone = NULL;
		break;
	case 4:
		rules.set[0].file[1] = "/nowhere/c";
		break;
	case 5:
		rules.set[0].nfiles = 1;
		break;
	case 6:
		rules.shrink++;
		break;
	case 7:
		rules.grow++;
		break;
	case 8:
		rules.max_age++;
		break;
	case 9:
		rules.judge = NULL;
		break;
	case 10:
		rules.set[0].size_max = 1;
		break;
	default:
		rules.judge_arg = "13";
	}
	return rules;
}

static void
test_equal(void)
{
	struct datafeed *first = datafeeds_open(&plain), *again = datafeeds_open(&plain);

	ok(first != NULL && first == again, "equal rules have one feed");
	for (unsigned i = 0; i <= 11; i++) {
		struct datafeed_rules rules = changed(i);
		struct datafeed *feed = datafeeds_open(&rules);

		ok(feed != NULL && feed != first, "others have another: %u", i);
		datafeed_unref(&feed);
	}
	datafeed_unref(&first);
	ok(first == NULL, "the pointer is cleared");
	datafeeds_sweep();
	first = datafeeds_next(NULL);
	ok(first == again, "what somebody has stays");
	datafeed_unref(&first);
	datafeed_unref(&again);
}

/* How many there are. */
static unsigned
count(void)
{
	unsigned n = 0;

	for (struct datafeed *feed = NULL; (feed = datafeeds_next(feed)) != NULL;)
		n++;
	return n;
}

static void
test_kept(void)
{
	struct datafeed_rules rules = changed(0);
	struct datafeed *a = datafeeds_open(&plain), *b = datafeeds_open(&rules), *held;

	same_num(count(), 2, "two feeds");
	held = datafeed_ref(b);
	datafeed_unref(&b);
	same_num(count(), 2, "one has a reference left");
	datafeed_unref(&held);
	same_num(count(), 1, "nobody has it");
	held = datafeeds_open(&rules);
	same_num(count(), 2, "it is there for who opens it again");
	datafeed_unref(&held);
	datafeed_unref(&a);
	datafeeds_sweep();
	same_num(count(), 0, "all are gone");
}

int
main(void)
{
	test_equal();
	datafeeds_sweep();
	test_kept();
	return done();
}
