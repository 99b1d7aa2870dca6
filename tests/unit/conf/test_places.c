/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_places.c - each word and each value is known by the line that it stands in, whoever
 * inherits it, and what nobody wrote by none.
 */
#include "config.h"

#include "conf/places.h"

#include <stdio.h>
#include <stdlib.h>

#include "conf/conf.h"
#include "fakes/conf_user.h"
#include "tap.h"

/* Lines count from 1; ~ is the folder. */
static const char text[] = "list \"ours\" { zone = \"ours.example\" answer \"127.0.0.2\" {\n"
			   "category = \"local\"\n"
			   "score = 5 } }\n"
			   "list \"known\" { removal = \"https://removal.example/\" }\n" /* 4 */
			   "policy \"a.example\" { inherit = \"default\"\n"
			   "  lists += {\n"
			   "    \"wide\" }\n"
			   "  exempt += { \"extra\" }\n" /* 8 */
			   "}\n"
			   "policy \"b.example\" {\n"
			   "  inherit = \"a.example\"\n"
			   "  refuse = 7 exempt = { }\n" /* 12 */
			   "  domains = \"~/domains\"\n"
			   "}\n"
			   "policy \"default\" {\n"
			   "  lists = { \"known*2\",\n" /* 16 */
			   "    \"ours\" }\n"
			   "  tag = 2 refuse = 6\n"
			   "  exempt += { \"one\",\n"
			   "    \"two\" }\n" /* 20 */
			   "}\n"
			   "deny {\n"
			   "removal = \"https://deny.example/\" }\n"
			   "mode = \"shadow\"\n";

static const struct {
	const char *domain, *word;
	unsigned value, line;
	const char *owner;
} rows[] = {
    {"a.example", "inherit", 0, 5, "a.example"},
    {"a.example", "lists", 0, 16, "a.example"},
    {"a.example", "lists", 1, 17, "a.example"},
    {"a.example", "lists", 2, 7, "a.example"},
    {"a.example", "lists", 3, 0, "a.example"},
    {"a.example", "tag", 0, 18, "default"},
    {"a.example", "refuse", 0, 18, "default"},
    {"a.example", "drop", 0, 0, "default"},
    {"a.example", "exempt", 0, 0, "a.example"},
    {"a.example", "exempt", 2, 19, "a.example"},
    {"a.example", "exempt", 3, 20, "a.example"},
    {"a.example", "exempt", 4, 8, "a.example"},
    {"in.a.file", "inherit", 0, 11, "b.example"},
    {"in.a.file", "refuse", 0, 12, "b.example"},
    {"in.a.file", "exempt", 0, 10, "b.example"},
    {"in.a.file", "lists", 2, 7, "a.example"},
    {"in.a.file", "tag", 0, 18, "default"},
    {"other.example", "lists", 1, 17, "default"},
    {"other.example", "exempt", 1, 0, "default"},
    {"other.example", "exempt", 3, 20, "default"},
};

static void
test_words(const struct conf *conf)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct policy *owner = NULL;
		unsigned line =
		    places_policy_line(policies_find(conf->policies, rows[i].domain),
			rows[i].word, rows[i].value, &owner);
		char label[100];

		snprintf(label, sizeof(label), "%s: value %u of %s", rows[i].domain,
		    rows[i].value, rows[i].word);
		same_num(line, rows[i].line, label);
		same_str(owner->name, rows[i].owner, label);
	}
}

/* Where a policy begins, and why a domain has it. */
static void
test_policies(const struct conf *conf)
{
	const struct policy *policy = policies_find(conf->policies, "in.a.file");
	struct domainset_entry entry = {.line = 0};

	same_num(places_begin(policy->places), 10, "a policy begins");
	same_str(policy->parent->name, "a.example", "it inherits");
	same_str(policy->parent->parent->name, "default", "and so does that one");
	ok(policy->parent->parent->parent == NULL, "but no more");
	same_str(policy->domains, conf_user_path("domains"), "its domains are in a file");
	ok(policies_entry(conf->policies, "x.file", &entry), "a domain of the file");
	same_num(entry.line, 3, "by the line of its parent there");
	ok(policies_entry(conf->policies, "a.example", &entry), "a domain by its title");
	same_num(entry.line, 5, "by the line of the section");
}

/* What is said of lists, in the file and in the registry. */
static void
test_lists(const struct conf *conf)
{
	const struct listing *known = conf->roster->list[0];

	for (unsigned i = 0; i < conf->roster->n; i++) {
		const struct listing *list = conf->roster->list[i];

		if (strcmp(list->label, "known") == 0)
			known = list;
		if (strcmp(list->label, "wide") == 0)
			ok(list->at.known && list->at.line == 14 &&
				list->answers[0].score_at.known &&
				list->answers[0].score_at.line == 16,
			    "a list of the registry alone");
		if (strcmp(list->label, "ours") == 0)
			ok(!list->at.known && list->at.line == 1 &&
				list->answers[0].score_at.line == 3 && list->text_at.line == 0,
			    "a list of the file alone");
	}
	ok(!known->at.known && known->at.line == 4 && known->removal_at.line == 4 &&
		!known->removal_at.known,
	    "a list of both: its own words");
	ok(known->answers[0].score_at.known && known->answers[0].score_at.line == 6,
	    "and the others of the registry");
}

static void
test_rest(const struct conf *conf)
{
	same_str(conf->path, conf_user_path("relayguard.conf"), "the file");
	ok(conf->known != NULL, "the registry");
	same_num(places_line(conf->places.root, "root", "mode", 0), 24, "a word of the file");
	same_num(places_line(conf->places.root, "root", "lines", 0), 0, "that is not there");
	same_num(places_line(conf->places.deny, "deny", "removal", 0), 23, "in a section");
	same_num(places_line(conf->places.deny, "deny", "files", 0), 0, "that is not there");
}

int
main(void)
{
	char got[4096];
	struct conf *conf;

	conf_user_begin();
	conf_user_write("domains", "# theirs\nin.a.file\n.file\n", 0644);
	conf = conf_user_load(text, CONF_REGISTRY, got, sizeof(got));
	printf("# %s\n", got);
	if (ok(conf != NULL, "loads")) {
		test_words(conf);
		test_policies(conf);
		test_lists(conf);
		test_rest(conf);
	}
	conf_unref(&conf);
	conf_user_end();
	return done();
}
