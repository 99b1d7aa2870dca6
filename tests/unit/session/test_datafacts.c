/* SPDX-License-Identifier: BSD-2-Clause */
/* test_datafacts.c - entries in files as the answers of lists: of which version, and of whom. */
#include "config.h"

#include "session/datafacts.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "data/datafeed.h"
#include "health/datahealth.h"
#include "lists/listid.h"
#include "tap.h"

#define NOW 1795000000
#define MAX_AGE 3600
#define THREADS 3
#define ROUNDS 20000
#define REPLACED 20

enum { BL, GONE, SENDER, HELO, ASKED, LISTS }; /* ASKED is asked in DNS alone */

static char folder[] = "/tmp/test_datafacts.XXXXXX";
static char addresses[64], names[64], missing[64];

static struct answer answers[] = {
    {.codes = {0x7f000002, 0x7f000004, 0}, .score = 5},
};
static struct listing lists[LISTS] = {
    [BL] = {.label = (char[]){"bl"}, .zone = (char[]){"bl.example"}, .ipv4 = true},
    [GONE] = {.label = (char[]){"gone"}, .zone = (char[]){""}, .ipv4 = true},
    [SENDER] = {.label = (char[]){"dbl"},
	.zone = (char[]){""},
	.role = ROLE_SENDER,
	.registered = true},
    [HELO] = {.label = (char[]){"dbl"}, .zone = (char[]){""}, .role = ROLE_HELO},
    [ASKED] = {.label = (char[]){"asked"}, .zone = (char[]){"asked.example"}, .ipv4 = true},
};
static struct roster roster = {.n = LISTS};

static void
complain(void *arg, const char *file, unsigned line, const char *why, bool fatal)
{
	(void)arg;
	printf("# %s:%u: %s%s\n", file, line, why, fatal ? "!" : "");
}

/* Write a file as one that is so many seconds old. */
static void
write_file(const char *path, const char *text, int64_t ago)
{
	const struct timespec times[2] = {
	    {.tv_sec = clock_wall() - ago}, {.tv_sec = clock_wall() - ago}};
	FILE *file = fopen(path, "w");

	if (file == NULL || fputs(text, file) < 0 || fclose(file) != 0 ||
	    utimensat(AT_FDCWD, path, times, 0) != 0)
		exit(1);
}

static struct datafeed *
feed_of(const char *path, enum data_format format)
{
	struct datafeed *feed = datafeed_new(&(struct datafeed_rules){.label = "test",
	    .nsets = 1,
	    .set = {{.format = format, .nfiles = 1, .file = {path}}},
	    .max_age = MAX_AGE});
	struct datafeed_figures figures;

	if (feed == NULL)
		exit(1);
	(void)datafeed_look(feed, clock_wall(), false, complain, NULL, &figures);
	return feed;
}

static void
begin(void)
{
	if (mkdtemp(folder) == NULL)
		exit(1);
	snprintf(addresses, sizeof(addresses), "%s/addresses", folder);
	snprintf(names, sizeof(names), "%s/names", folder);
	snprintf(missing, sizeof(missing), "%s/missing", folder);
	write_file(addresses,
	    "127.0.0.2\n192.0.2.0/24 :3\n!192.0.2.9\n192.0.2.77 :9\n192.0.2.78 :255.255.255\n",
	    60);
	write_file(names, "spam.example.net\n.bad.example :4\n", 60);
	lists[BL].data = feed_of(addresses, DATA_IP4TRIE);
	lists[GONE].data = feed_of(missing, DATA_IP4SET);
	lists[SENDER].data = lists[HELO].data = feed_of(names, DATA_DNSET);
	for (unsigned i = 0; i < LISTS; i++) {
		lists[i].nanswers = 1;
		lists[i].answers = answers;
		roster.list[i] = &lists[i];
		if (!listid_give(&lists[i], lists[i].zone))
			exit(1);
	}
}

static struct fact
ask(unsigned list, const char *text)
{
	struct subject subject = {.role = ROLE_ADDRESS};
	struct fact facts[LISTS] = {{0}};
	listset bit = (listset)1 << list;
	struct datafacts data;

	if (!ipaddr_parse(&subject.key, text))
		subject = subject_name(lists[list].role, text);
	datafacts_take(&data, &roster, ~(listset)0);
	if ((datafacts_settled(&data) & bit) == 0)
		facts[list].state = FACT_ERROR + 1; /* somebody is to be asked */
	else
		datafacts_find(&data, bit, &subject, NULL, facts);
	datafacts_drop(&data);
	return facts[list];
}

static const struct {
	unsigned list;
	const char *subject;
	enum fact_state state;
	uint32_t code;
} rows[] = {
    {BL, "127.0.0.2", FACT_LISTED, 0x7f000002},
    {BL, "192.0.2.7", FACT_LISTED, 0x7f000003},
    {BL, "192.0.2.9", FACT_CLEAR, 0},
    {BL, "198.51.100.7", FACT_CLEAR, 0},
    {BL, "192.0.2.77", FACT_ERROR, 0}, /* a code that the table lacks */
    {BL, "2001:db8::7", FACT_CLEAR, 0},
    {GONE, "192.0.2.7", FACT_UNKNOWN, 0},
    {SENDER, "spam.example.net", FACT_CLEAR, 0},           /* it is asked about example.net, */
    {SENDER, "mail.bad.example", FACT_LISTED, 0x7f000004}, /* and about bad.example */
    {HELO, "spam.example.net", FACT_LISTED, 0x7f000002},
    {HELO, "mail.bad.example", FACT_LISTED, 0x7f000004},
    {HELO, "good.example", FACT_CLEAR, 0},
    {ASKED, "192.0.2.7", FACT_ERROR + 1, 0},
};

static void
test_rows(void)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct fact fact = ask(rows[i].list, rows[i].subject);

		same_num(fact.state, rows[i].state, rows[i].subject);
		same_num(fact.ncodes > 0 ? fact.code[0] : 0, rows[i].code, rows[i].subject);
		if (fact.state <= FACT_ERROR && fact.state != FACT_UNKNOWN)
			ok(fact.source == FACT_FROM_DATA && fact.expires == clock_ms(),
			    "%s: by data, for this moment", rows[i].subject);
	}
}

/* What was taken stays what it was, until somebody looks again. */
static void
test_version(void)
{
	const struct subject subject = {
	    .role = ROLE_ADDRESS, .key = {.bits = 32, .byte = {192, 0, 2, 7}}};
	struct fact facts[LISTS] = {{0}};
	struct datafeed_figures figures;
	struct datafacts data;

	datafacts_take(&data, &roster, 1 << BL);
	ok(datafacts_hold(&data.moment), "it is what would be taken again");
	write_file(addresses, "127.0.0.2\n192.0.2.200\n", 30);
	same_num(datafeed_look(lists[BL].data, clock_wall(), true, complain, NULL, &figures),
	    DATAFEED_TAKEN, "another file is taken");
	ok(!datafacts_hold(&data.moment), "until then");
	datafacts_find(&data, 1 << BL, &subject, NULL, facts);
	same_num(facts[BL].state, FACT_LISTED, "who has the data from before looks into that");
	datafacts_drop(&data);
	same_num(ask(BL, "192.0.2.7").state, FACT_CLEAR, "a listing ends as the file says so");
	same_num(ask(BL, "192.0.2.200").state, FACT_LISTED, "and another one begins");
}

/* Somebody who comes all the time while files are replaced; one of two addresses is on each
 * version of them. */
static void *
come(void *arg)
{
	const struct subject subjects[] = {
	    {.role = ROLE_ADDRESS, .key = {.bits = 32, .byte = {198, 51, 100, 1}}},
	    {.role = ROLE_ADDRESS, .key = {.bits = 32, .byte = {198, 51, 100, 2}}},
	};
	struct datahealth *health = arg;
	intptr_t wrong = 0;

	for (unsigned round = 0; round < ROUNDS; round++) {
		struct fact facts[2][LISTS] = {{{0}}};
		struct datafacts data;

		datafacts_take(&data, &roster, 1 << BL);
		for (unsigned i = 0; i < 2; i++)
			datafacts_find(&data, 1 << BL, &subjects[i], health, facts[i]);
		datafacts_drop(&data);
		wrong +=
		    (facts[0][BL].state == FACT_LISTED) == (facts[1][BL].state == FACT_LISTED);
		datahealth_answers(health, &roster, 1 << BL, round % 2, &subjects[0].key);
	}
	return (void *)wrong; /* NULL: nothing was */
}

static void
test_threads(void)
{
	static const char *const versions[] = {
	    "198.51.100.1\n192.0.2.1\n", "198.51.100.2\n192.0.2.1\n"};
	struct datahealth *health = datahealth_new();
	struct datafeed_figures figures;
	pthread_t thread[THREADS];
	void *wrong;

	for (unsigned i = 0; i < REPLACED + 1; i++) {
		write_file(addresses, versions[i % 2], 20);
		same_num(
		    datafeed_look(lists[BL].data, clock_wall(), true, complain, NULL, &figures),
		    DATAFEED_TAKEN, "a file is replaced");
		for (unsigned k = 0; i == 0 && k < THREADS; k++)
			if (pthread_create(&thread[k], NULL, come, health) != 0)
				exit(1);
	}
	for (unsigned k = 0; k < THREADS; k++) {
		(void)pthread_join(thread[k], &wrong);
		ok(wrong == NULL, "who comes meanwhile sees one version of it at a time");
	}
	datahealth_free(health);
}

static void
test_age(void)
{
	struct datafacts data;

	datafacts_take(&data, &roster, ~(listset)0);
	datafacts_drop(&data);
	ok(datafacts_hold(&data.moment), "what is not too old");
	clock_advance((int64_t)(MAX_AGE + 1) * 1000);
	ok(!datafacts_hold(&data.moment), "does not hold longer than that");
	same_num(ask(BL, "192.0.2.1").state, FACT_ERROR + 1,
	    "data that is too old: its list is asked");
	same_num(ask(HELO, "spam.example.net").state, FACT_UNKNOWN,
	    "where there is nobody to ask, nobody knows");
}

int
main(void)
{
	clock_freeze(1000, NOW);
	begin();
	test_rows();
	test_version();
	test_threads();
	test_age();
	datafeed_free(lists[BL].data);
	datafeed_free(lists[GONE].data);
	datafeed_free(lists[HELO].data);
	(void)unlink(addresses);
	(void)unlink(names);
	(void)rmdir(folder);
	return done();
}
