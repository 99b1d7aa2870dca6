/* SPDX-License-Identifier: BSD-2-Clause */
/* test_dataword.c - formats and files, and what is none. */
#include "config.h"

#include "conf/dataword.h"

#include "tap.h"

#define TEN "0123456789"
#define HUNDRED TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN

static const struct {
	const char *text;
	enum data_format format; /* DATA_FORMATS: it is no value */
	const char *subzone;
	unsigned nfiles;
	const char *first, *last;
} rows[] = {
    {"/a", DATA_CIDR, NULL, 1, "/a", "/a"},
    {"/a,/b", DATA_CIDR, NULL, 2, "/a", "/b"},
    {"/a:b", DATA_CIDR, NULL, 1, "/a:b", "/a:b"},
    {"cidr:/a", DATA_CIDR, NULL, 1, "/a", "/a"},
    {"ip4set:/a,/b,/c", DATA_IP4SET, NULL, 3, "/a", "/c"},
    {"ip4trie:/a", DATA_IP4TRIE, NULL, 1, "/a", "/a"},
    {"ip4tset:/a", DATA_IP4TSET, NULL, 1, "/a", "/a"},
    {"ip6trie:/a", DATA_IP6TRIE, NULL, 1, "/a", "/a"},
    {"ip6tset:/a", DATA_IP6TSET, NULL, 1, "/a", "/a"},
    {"dnset:/a", DATA_DNSET, NULL, 1, "/a", "/a"},
    {"generic:/a", DATA_GENERIC, NULL, 1, "/a", "/a"},
    {"combined:/a", DATA_COMBINED, NULL, 1, "/a", "/a"},
    {"combined@Proxies:/a", DATA_COMBINED, "proxies", 1, "/a", "/a"},
    {"combined@a.b:/a:c", DATA_COMBINED, "a.b", 1, "/a:c", "/a:c"},
    {"/1,/2,/3,/4,/5,/6,/7,/8", DATA_CIDR, NULL, 8, "/1", "/8"},
    {"/1,/2,/3,/4,/5,/6,/7,/8,/9", DATA_FORMATS, NULL, 0, NULL, NULL},
    {"", DATA_FORMATS, NULL, 0, NULL, NULL},
    {"a", DATA_FORMATS, NULL, 0, NULL, NULL},
    {"ip4set:", DATA_FORMATS, NULL, 0, NULL, NULL},
    {"ip4set:a", DATA_FORMATS, NULL, 0, NULL, NULL},
    {"ip4set:/a,", DATA_FORMATS, NULL, 0, NULL, NULL},
    {"ip4set:/a,,/b", DATA_FORMATS, NULL, 0, NULL, NULL},
    {"ip4set /a", DATA_FORMATS, NULL, 0, NULL, NULL},
    {"IP4SET:/a", DATA_FORMATS, NULL, 0, NULL, NULL},
    {"ip4:/a", DATA_FORMATS, NULL, 0, NULL, NULL},
    {":/a", DATA_FORMATS, NULL, 0, NULL, NULL},
    {"ip4set@a:/a", DATA_FORMATS, NULL, 0, NULL, NULL},
    {"combined@:/a", DATA_FORMATS, NULL, 0, NULL, NULL},
    {"combined@a b:/a", DATA_FORMATS, NULL, 0, NULL, NULL},
    {"/a\n", DATA_FORMATS, NULL, 0, NULL, NULL},
    {"/" HUNDRED HUNDRED, DATA_FORMATS, NULL, 0, NULL, NULL},
    {"combined@" HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED
	    HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED ":/a",
	DATA_FORMATS, NULL, 0, NULL, NULL},
};

int
main(void)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct dataword word;
		char why[300] = "";
		bool good = dataword_parse(&word, rows[i].text, why, sizeof(why));

		same_num(good, rows[i].format != DATA_FORMATS, rows[i].text);
		ok(good == (why[0] == '\0'), "%.40s: a sentence where it is none",
		    rows[i].text);
		if (!good || rows[i].nfiles == 0)
			continue;
		same_num(word.source.format, rows[i].format, "its format");
		same_str(word.source.subzone, rows[i].subzone, "its subzone");
		same_num(word.source.nfiles, rows[i].nfiles, "its files");
		same_str(word.source.file[0], rows[i].first, "the first of them");
		same_str(word.source.file[rows[i].nfiles - 1], rows[i].last, "and the last");
	}
	return done();
}
