/* SPDX-License-Identifier: BSD-2-Clause */
/* test_tail.c - which decisions somebody who watches has asked for. */
#include "config.h"

#include "control/tail.h"

#include "tap.h"

#define LINE                                                                  \
	"ref=7F3K2Q9M verdict=refuse reason=lists client=198.51.100.7 "       \
	"from=a@b.example to=\"lists=forged:1 verdict=pass\" policy=default " \
	"score=8/5 lists=zen:127.0.0.4*5,names:helo:127.0.0.2*3 shadowed=dark:127.0.0.2*1 ms=2"

static const struct {
	const char *label, *verdict, *list;
	bool want;
} rows[] = {
    {"anything", NULL, NULL, true},
    {"its verdict", "refuse", NULL, true},
    {"another verdict", "pass", NULL, false},
    {"a part of it", "ref", NULL, false},
    {"the first list", NULL, "zen", true},
    {"the second", NULL, "names", true},
    {"one in shadow", NULL, "dark", true},
    {"a part of a label", NULL, "ze", false},
    {"the end of one", NULL, "en", false},
    {"a role", NULL, "helo", false},
    {"what a client has written", NULL, "forged", false},
    {"both", "refuse", "names", true},
    {"one of both", "pass", "names", false},
    {"an empty label", NULL, "", false},
};

int
main(void)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		same_num(tail_matches(LINE, rows[i].verdict, rows[i].list), rows[i].want,
		    rows[i].label);
	ok(!tail_matches("ref=7F3K2Q9M", "pass", NULL), "a line without a verdict");
	ok(!tail_matches("ref=7F3K2Q9M verdict=pass", NULL, "zen"), "a line without lists");
	ok(tail_matches("event=watch-listed subject=192.0.2.1 list=zen", NULL, "zen"),
	    "what is watched");
	ok(!tail_matches("event=watch-listed subject=192.0.2.1 list=zen", NULL, "bl"),
	    "by another list");
	return done();
}
