/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_texts.c - own texts in a folder: what their files may be called and hold,
 * and whose text goes first.
 */
#include "config.h"

#include "conf/texts.h"

#include <stdlib.h>
#include <unistd.h>

#include "fakes/conf_user.h"
#include "tap.h"

#define L100                                                                     \
	"0123456789012345678901234567890123456789012345678901234567890123456789" \
	"012345678901234567890123456789"

static const char CONF[] =
    "texts = \"~/texts\"\n"
    "list \"ours\" { zone = \"ours.example\" text = \"word\"\n"
    "answer \"127.0.0.2\" { category = \"local\" score = 5 text = \"answer\" } }\n"
    "policy \"default\" { lists = { \"ours\" } }\n"
    "policy \"a.example\" { inherit = \"default\" }\n"
    "policy \"b.example\" { text = \"own\" inherit = \"a.example\" }\n";

static const struct {
	const char *label;
	const char *name; /* of the file */
	const char *text;
	const char *want; /* what is said, after the path of the file; "": nothing */
} rows[] = {
    {"a category", "category.open-relay", "It is open.\n", ""},
    {"without a last newline", "list.ours", "Ours.", ""},
    {"CRLF", "list.ours", "One.\r\nTwo.\r\n", ""},
    {"blanks to fill in", "list.known", "[%{ip}] on %{list}, %{category}, %{ref}\n", ""},
    {"a hidden file", ".list.ours.swp", "\001", ""},
    {"no such category", "category.evil", "x\n", ": is not called category.NAME"},
    {"no such list", "list.nowhere", "x\n", ": is not called"},
    {"no such policy", "policy.nowhere", "x\n", ": is not called"},
    {"a policy", "policy.a.example", "x\n", ""},
    {"another name", "notes", "x\n", ": is not called"},
    {"notes for people", "README.txt", "x\n", ": warning: is left alone"},
    {"a copy of an editor", "list.ours~", "x\n", ": warning: is left alone"},
    {"one of another", "#list.ours#", "\001", ": warning: is left alone"},
    {"one of a third", "list.ours.bak", "x\n", ": warning: is left alone"},
    {"one that is being edited", "list.ours.swp", "\001", ": warning: is left alone"},
    {"a list that is called so", "list.bak", "x\n", ": warning: is left alone"},
    {"empty", "list.ours", "", ":1: the text is empty"},
    {"newlines", "list.ours", "\n\n", ":1: the text is empty"},
    {"an empty line", "list.ours", "One.\n\nThree.\n", ":2: the text is empty"},
    {"three lines", "list.ours", "One.\nTwo.\nThree.\n", ":3: a text has 2 lines at most"},
    {"8 bits", "list.ours", "One.\ngr\303\274n\n", ":2: the text has a byte"},
    {"control bytes", "list.ours", "a\001b\n", ": holds control characters"},
    {"a tab", "list.ours", "a\tb\n", ":1: the text has a byte"},
    {"another blank", "list.ours", "One.\n%{colour}\n", ":2: the text has a "},
    {"a long line", "list.ours", L100 L100 L100 "x\n", ":1: the text is longer than 300"},
    {"two that are long together", "list.ours", L100 L100 "\n" L100 L100 "\n",
	":1: the text is longer"},
    {"the longest", "list.ours", L100 L100 L100 "\n",
	":1: warning: its first line may have 324 bytes, and 200 are sent"},
};

static void
test_rows(void)
{
	char got[2048], path[128];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct conf *conf;

		snprintf(path, sizeof(path), "texts/%s", rows[i].name);
		conf_user_write(path, rows[i].text, 0644);
		conf = conf_user_load(CONF, CONF_REGISTRY, got, sizeof(got));
		snprintf(path, sizeof(path), "%s",
		    conf_user_path(rows[i].want[0] != '\0' ? "texts/" : ""));
		if (rows[i].want[0] == '\0')
			same_str(got, "", rows[i].label);
		else
			ok((conf == NULL) == (strstr(rows[i].want, "warning") == NULL) &&
				strncmp(got, path, strlen(path)) == 0 &&
				strncmp(got + strlen(path), rows[i].name,
				    strlen(rows[i].name)) == 0 &&
				strncmp(got + strlen(path) + strlen(rows[i].name), rows[i].want,
				    strlen(rows[i].want)) == 0,
			    "%s", rows[i].label);
		if (conf == NULL && rows[i].want[0] == '\0')
			printf("# %s\n", got);
		conf_unref(&conf);
		snprintf(path, sizeof(path), "texts/%s", rows[i].name);
		unlink(conf_user_path(path));
	}
	conf_user_write("texts/list.ours", "x\n", 0666);
	ok(conf_user_load(CONF, CONF_REGISTRY, got, sizeof(got)) == NULL &&
		strstr(got, "everybody may write") != NULL,
	    "everybody may write");
	unlink(conf_user_path("texts/list.ours"));
}

static void
test_order(void)
{
	char got[2048];
	struct conf *conf = conf_user_load(CONF, CONF_REGISTRY, got, sizeof(got));

	if (!ok(conf != NULL, "order: without files"))
		return;
	same_str(conf->roster->list[0]->text, "word", "order: the word of a list");
	ok(policies_find(conf->policies, "a.example")->text == NULL, "order: no text");
	same_str(policies_find(conf->policies, "b.example")->text, "own", "order: own word");
	conf_unref(&conf);
	conf_user_write("texts/list.ours", "file\n", 0644);
	conf_user_write("texts/policy.default", "all\nof us\n", 0644);
	conf_user_write("texts/policy.b.example", "b\n", 0644);
	conf_user_write("texts/category.local", "local\n", 0644);
	conf = conf_user_load(CONF, CONF_REGISTRY, got, sizeof(got));
	if (!ok(conf != NULL, "order: with files"))
		return;
	same_str(conf->roster->list[0]->text, "file", "order: a file goes before a word");
	same_str(
	    conf->roster->list[0]->answers[0].text, "answer", "order: an answer has its own");
	same_str(policies_find(conf->policies, "")->text, "all\nof us", "order: two lines");
	same_str(policies_find(conf->policies, "a.example")->text, "all\nof us",
	    "order: an heir has it too");
	same_str(policies_find(conf->policies, "b.example")->text, "b", "order: or its own");
	same_str(conf->category_text[CATEGORY_LOCAL], "local", "order: a category");
	ok(conf->category_text[CATEGORY_ALLOW] == NULL, "order: another has none");
	conf_unref(&conf);
}

int
main(void)
{
	conf_user_begin();
	mkdir(conf_user_path("texts"), 0755);
	test_rows();
	test_order();
	conf_user_end();
	return done();
}
