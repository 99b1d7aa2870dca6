/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_pagerules.c - what may be said of the page and its keys, and where it leads.
 */
#include "config.h"

#include "conf/pagerules.h"

#include "fakes/conf_user.h"
#include "tap.h"

#define KEY "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n"
#define STORE "store { path = \"~\" }\n"
#define KEYED "page_key_file = \"~/page.key\"\n"

static const struct conf_file files[] = {
    {"page.key", KEY, 0600},
    {"group.key", KEY, 0640},
    {"open.key", KEY, 0644},
    {"short.key", "0001\n", 0600},
    {"old.key", KEY "ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8= 2001-11-28\n", 0600},
};

static const struct conf_row rows[] = {
    {"no page", STORE CONF_DEFAULT, ""},
    {"a page", "page = \"https://mx.example/help\"\n" KEYED STORE CONF_DEFAULT, ""},
    {"its key readable by a group",
	"page = \"https://mx.example\"\npage_key_file = \"~/group.key\"\n" STORE CONF_DEFAULT,
	""},
    {"without a key", "page = \"https://mx.example\"\n" STORE CONF_DEFAULT,
	"1: warning: page: refusals do not lead there without page_key_file"},
    {"without a store", "page = \"https://mx.example\"\n" KEYED CONF_DEFAULT,
	"1: warning: page: refusals do not lead there without path in store"},
    {"not https", "page = \"http://mx.example\"\n" KEYED STORE CONF_DEFAULT,
	"1: warning: page: is not https"},
    {"a key alone", KEYED STORE CONF_DEFAULT,
	"1: warning: page_key_file: is of no use without page"},
    {"a key that others read",
	"page = \"https://mx.example\"\npage_key_file = \"~/open.key\"\n" STORE CONF_DEFAULT,
	"2: page_key_file: "},
    {"a key that is none",
	"page = \"https://mx.example\"\npage_key_file = \"~/short.key\"\n" STORE CONF_DEFAULT,
	"2: page_key_file: "},
    {"a key that is not there",
	"page = \"https://mx.example\"\npage_key_file = \"~/no.key\"\n" STORE CONF_DEFAULT,
	"2: page_key_file: "},
    {"an old key that is over",
	"page = \"https://mx.example\"\npage_key_file = \"~/old.key\"\n" STORE CONF_DEFAULT,
	"2: warning: page_key_file: the old key in "},
    {"no URL", "page = \"mx.example\"\n" KEYED STORE CONF_DEFAULT,
	"1: page: must begin with http:// or https://"},
    {"no host", "page = \"https:///r\"\n" KEYED STORE CONF_DEFAULT, "1: page: must be like"},
    {"a blank to fill in", "page = \"https://mx.example/%{ref}\"\n" KEYED STORE CONF_DEFAULT,
	"1: page: must be like"},
    {"a query", "page = \"https://mx.example/?a=b\"\n" KEYED STORE CONF_DEFAULT,
	"1: page: must be like"},
    {"longer than is wise",
	"page = \"https://mx.example/1234567890123456789012345678901234567890123\"\n" KEYED
	    STORE CONF_DEFAULT,
	"1: warning: page: beside more than 60 bytes"},
    {"too long",
	"page = \"https://mx.example/123456789012345678901234567890123456789012345678901234567890"
	"1234567890123456789012\"\n" KEYED STORE CONF_DEFAULT,
	"1: page: must be like"},
};

#define WHOLE "page = \"https://mx.example\"\n" KEYED STORE

static const struct conf_row passes[] = {
    {"passes", WHOLE "policy \"default\" { pass = yes pass_categories = { \"exploited\" } }\n",
	""},
    {"passes that nobody can take", "policy \"default\" {\npass = yes }\n",
	"2: warning: pass: nobody can take one"},
    {"no passes", "policy \"default\" {\npass = no }\n", ""},
    {"inherited",
	WHOLE CONF_DEFAULT
	"policy \"a.example\" { pass = yes }\n"
	"policy \"b.example\" { inherit = \"a.example\" pass_categories = { \"probe\" } }\n",
	""},
    {"categories of no pass", WHOLE "policy \"default\" {\npass_categories = { \"probe\" } }\n",
	"5: warning: pass_categories: is of no use without pass"},
    {"no category",
	WHOLE "policy \"default\" { pass = yes\npass_categories = { \"robot\" } }\n",
	"5: pass_categories: is none of the categories"},
};

static void
test_link(void)
{
	struct conf *conf;
	char out[400], at[PAGE_LINK_SIZE];

	conf = conf_user_load("page = \"https://mx.example/help//\"\n" KEYED STORE CONF_DEFAULT,
	    NULL, out, sizeof(out));
	if (!ok(conf != NULL, "it loads"))
		return;
	same_str(page_link(&conf->page, "ZF3K2Q9M", at),
	    "https://mx.example/help/r/ZF3K2Q9M-NF1EQ", "where a reference leads");
	conf_unref(&conf);
	conf = conf_user_load(
	    "page = \"https://mx.example\"\n" STORE CONF_DEFAULT, NULL, out, sizeof(out));
	if (ok(conf != NULL, "it loads without a key"))
		same_str(page_link(&conf->page, "ZF3K2Q9M", at), NULL, "it leads nowhere");
	conf_unref(&conf);
}

int
main(void)
{
	conf_user_begin();
	conf_user_write_all(files, sizeof(files) / sizeof(files[0]));
	CONF_USER_ROWS(rows, NULL);
	CONF_USER_ROWS(passes, NULL);
	test_link();
	conf_user_end();
	return done();
}
