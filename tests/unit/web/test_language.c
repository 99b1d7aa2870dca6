/* SPDX-License-Identifier: BSD-2-Clause */
/* test_language.c - what browsers ask for, and what they get. */
#include "config.h"

#include "web/language.h"

#include "tap.h"

static const char *const tags[] = {"en", "zh-Hans", "es", "pt", "ru", "fr", "de", "ja"};
#define N (sizeof(tags) / sizeof(tags[0]))

static const struct {
	const char *field, *want;
} rows[] = {
    {"", "en"},
    {"de", "de"},
    {"DE", "de"},
    {"de-AT,de;q=0.9,en;q=0.8", "de"},
    {"en;q=0.8, de;q=0.9", "de"},
    {"en;q=0.9, de;q=0.9", "en"},
    {"de;q=0.9, en;q=0.9", "de"},
    {"pt-BR,pt;q=0.9", "pt"},
    {"zh-CN,zh;q=0.9,en;q=0.8", "zh-Hans"},
    {"zh", "zh-Hans"},
    {"zh-Hans-TW", "zh-Hans"},
    {"zh-TW", "en"},
    {"zh-Hant", "en"},
    {"zh-HK,ja;q=0.5", "ja"},
    {"nl,fr;q=0.4", "fr"},
    {"nl", "en"},
    {"*", "en"},
    {"*;q=0.1,ru;q=0.5", "ru"},
    {"ru;q=0", "en"},
    {"ru;q=0.001", "ru"},
    {"ru;q=0.0001", "en"},
    {"ru;q=1.000", "ru"},
    {"ru;q=1.001", "en"},
    {"ru;q=2", "en"},
    {"ru;q=", "en"},
    {"ru;q", "en"},
    {"ru;v=1", "en"},
    {"ru ; Q=0.5 , fr;q=0.4", "ru"},
    {"d", "en"},
    {"deutsch", "en"},
    {"de-", "de"},
    {"-de", "en"},
    {",,,de", "de"},
    {"de;q=0.5;x=1,fr;q=0.2", "fr"},
    {"\xff\xfe,de", "de"},
};

int
main(void)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		same_str(tags[language_choose(rows[i].field, strlen(rows[i].field), tags, N)],
		    rows[i].want, rows[i].field);
	same_num(language_find("zh-Hans", 7, tags, N), 1, "a tag");
	same_num(language_find("zh", 2, tags, N), N, "a part of one");
	same_num(language_find("", 0, tags, N), N, "nothing");
	return done();
}
