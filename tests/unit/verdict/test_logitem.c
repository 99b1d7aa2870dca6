/* SPDX-License-Identifier: BSD-2-Clause */
/* test_logitem.c - lists in a line of the log, one after the other. */
#include "config.h"

#include "verdict/logitem.h"

#include "tap.h"

static void
test_items(void)
{
	static const struct {
		const char *label, *role;
		uint32_t code[3];
		int score;
	} want[] = {{"zen", "", {0x7f000004, 0x7f000002}, 5}, {"dbl", "helo", {0x7f000102}, 3},
	    {"wl", "", {0x7f000a01}, -4}, {"bare", "", {0}, 0}, {"dbl", "name", {0}, 0},
	    {"odd", "", {0x7f000001}, 0}, {"odd", "x", {0}, 1}};
	char text[] = "zen:127.0.0.4+127.0.0.2*5,dbl:helo:127.0.1.2*3,wl:127.0.10.1*-4,bare,"
		      "dbl:name,odd:127.0.0.1+127.0.0,odd:x:y*1,...";
	struct slice rest = {text, strlen(text)};
	struct logitem item;
	uint32_t code;

	for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
		ok(logitem_next(&rest, &item) && slice_is(&item.label, want[i].label), "%s",
		    want[i].label);
		same_num(item.score, want[i].score, want[i].label);
		ok(slice_is(&item.role, want[i].role), "%s: %s", want[i].label, want[i].role);
		for (const uint32_t *c = want[i].code; *c != 0; c++)
			ok(logitem_code(&item.codes, &code) && code == *c, "%s: %#x",
			    want[i].label, (unsigned)*c);
		ok(!logitem_code(&item.codes, &code), "%s: no more", want[i].label);
	}
	ok(!logitem_next(&rest, &item), "dots are the end");
	rest = (struct slice){NULL, 0};
	ok(!logitem_next(&rest, &item), "nothing");
	rest = (struct slice){",", 1};
	ok(!logitem_next(&rest, &item), "a list without a name");
}

int
main(void)
{
	test_items();
	return done();
}
