/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_reftag.c - tags as another program makes them, keys as files have them, and what is
 * no tag of either key.
 */
#include "config.h"

#include "base/reftag.h"

#include <stdio.h>
#include <string.h>

#include "tap.h"

#define HEX "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
#define BASE64 "ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8="
#define CHANGED 1795824000 /* 2026-11-28T00:00:00Z */

static const struct {
	const char *label, *text;
	unsigned n; /* keys; 0: it is none */
} files[] = {
    {"hexadecimal", HEX "\n", 1},
    {"base64", BASE64 "\n", 1},
    {"no end of the line", HEX, 1},
    {"blanks around it", HEX " \r\n\n", 1},
    {"an old key", BASE64 "\n" HEX " 2026-11-28\n", 2},
    {"an old key, blanks", BASE64 "\n\n" HEX " \t2026-11-28 \n", 2},
    {"nothing", "", 0},
    {"an empty line first", "\n" HEX "\n", 0},
    {"a digit less", "00" HEX + 3, 0},
    {"a byte more", HEX "00\n", 0},
    {"not hexadecimal", "x" HEX, 0},
    {"31 bytes of base64", "ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pg==\n", 0},
    {"two keys on a line", HEX " " BASE64 "\n", 0},
    {"an old key without a day", HEX "\n" BASE64 "\n", 0},
    {"a day that there is none of", HEX "\n" BASE64 " 2026-02-30\n", 0},
    {"a day with more behind it", HEX "\n" BASE64 " 2026-11-280\n", 0},
    {"no month", HEX "\n" BASE64 " 2026-00-28\n", 0},
    {"an old key that is none", HEX "\nold 2026-11-28\n", 0},
    {"three keys", HEX "\n" BASE64 " 2026-11-28\n" HEX " 2026-11-27\n", 0},
};

static void
test_files(void)
{
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		struct reftag_keys keys;
		char why[160] = "";
		bool good = reftag_read(&keys, files[i].text, why, sizeof(why));

		ok(good == (files[i].n > 0) && (good ? keys.n == files[i].n : why[0] != '\0'),
		    "%s: %s", files[i].label, why);
		ok(strstr(why, "0a0b") == NULL && strstr(why, "ICEi") == NULL,
		    "%s: no key is told", files[i].label);
	}
}

/* Tags that Python's hmac has made. */
static const struct {
	const char *label, *text;
	int64_t now;
	const char *ref; /* NULL: it is none */
} tags[] = {
    {"of the key", "ZF3K2Q9M-R48P2", CHANGED, "ZF3K2Q9M"},
    {"of the old one", "ZF3K2Q9M-NF1EQ", CHANGED, "ZF3K2Q9M"},
    {"small letters", "zf3k2q9m-r48p2", CHANGED, "ZF3K2Q9M"},
    {"of the old one, the last second", "ZF3K2Q9M-NF1EQ", CHANGED + 31 * 86400 - 1, "ZF3K2Q9M"},
    {"of the old one, too late", "ZF3K2Q9M-NF1EQ", CHANGED + 31 * 86400, NULL},
    {"of the key, later", "ZF3K2Q9M-R48P2", CHANGED + 310 * 86400, "ZF3K2Q9M"},
    {"the last letter is another", "ZF3K2Q9M-R48P3", CHANGED, NULL},
    {"the first one is", "ZF3K2Q9M-S48P2", CHANGED, NULL},
    {"another reference", "YF3K2Q9M-R48P2", CHANGED, NULL},
    {"that of another reference", "ABCDEFGH-R48P2", CHANGED, NULL},
    {"its own", "ABCDEFGH-6FGCA", CHANGED, "ABCDEFGH"},
    {"no tag", "ZF3K2Q9M", CHANGED, NULL},
    {"an empty tag", "ZF3K2Q9M-", CHANGED, NULL},
    {"a letter less", "ZF3K2Q9M-R48P", CHANGED, NULL},
    {"a letter more", "ZF3K2Q9M-R48P22", CHANGED, NULL},
    {"another mark", "ZF3K2Q9M+R48P2", CHANGED, NULL},
    {"no reference", "1F3K2Q9M-R48P2", CHANGED, NULL},
    {"no letter of references", "ZF3K2Q9U-R48P2", CHANGED, NULL},
    {"nothing", "", CHANGED, NULL},
};

static void
test_tags(void)
{
	struct reftag_keys keys;
	char out[REFTAG_SIZE], ref[REF_LEN + 1], why[160];

	ok(reftag_read(&keys, BASE64 "\n" HEX " 2026-11-28\n", why, sizeof(why)), "two keys");
	same_num(keys.until, CHANGED + 31 * 86400, "30 days after that day");
	for (size_t i = 0; i < sizeof(tags) / sizeof(tags[0]); i++) {
		bool good = reftag_check(&keys, tags[i].text, tags[i].now, ref);

		same_str(good ? ref : NULL, tags[i].ref, tags[i].label);
	}
	reftag_make(&keys, "ZF3K2Q9M", out);
	same_str(out, "ZF3K2Q9M-R48P2", "the first key makes tags");
	reftag_clear(&keys);
	ok(!reftag_check(&keys, out, CHANGED, ref), "no key, no tag");
}

/* What is made is taken, and no other tag of that reference but one in many. */
static void
test_all(void)
{
	struct reftag_keys keys;
	char out[REFTAG_SIZE], ref[REF_LEN + 1], made[REF_LEN + 1], why[160];
	unsigned taken = 0, wrong = 0;

	ok(reftag_read(&keys, HEX, why, sizeof(why)), "a key");
	for (int i = 0; i < 1000; i++) {
		ref_make(made);
		reftag_make(&keys, made, out);
		taken += reftag_check(&keys, out, 0, ref) && strcmp(ref, made) == 0;
		for (int k = REF_LEN + 1; k < REFTAG_SIZE - 1; k++) {
			char kept = out[k];

			out[k] = kept == 'A' ? 'B' : 'A';
			wrong += reftag_check(&keys, out, 0, ref);
			out[k] = kept;
		}
	}
	same_num(taken, 1000, "each tag is taken");
	same_num(wrong, 0, "none with another letter is");
}

/* A text is opened beside its reference alone, by a key that is good. */
static void
test_seals(void)
{
	static const char text[] = "seeded.example";
	struct reftag_keys one, two, other;
	char sealed[REFTAG_SEALED_SIZE], again[REFTAG_SEALED_SIZE], out[REFTAG_SEALED_MAX + 1],
	    why[200], longest[REFTAG_SEALED_MAX + 2];

	ok(reftag_read(&one, HEX "\n", why, sizeof(why)) &&
		reftag_read(&two, BASE64 "\n" HEX " 2026-11-28\n", why, sizeof(why)) &&
		reftag_read(&other, BASE64 "\n", why, sizeof(why)),
	    "keys");
	reftag_seal(&one, "7F3K2Q9M", text, sealed);
	ok(strstr(sealed, "seeded") == NULL &&
		strspn(sealed,
		    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") ==
		    strlen(sealed),
	    "it is no more to be read: %s", sealed);
	ok(reftag_open(&one, "7F3K2Q9M", sealed, CHANGED, out), "its key opens it");
	same_str(out, text, "as it was");
	ok(reftag_open(&two, "7F3K2Q9M", sealed, CHANGED, out),
	    "and does once it is the old one");
	ok(!reftag_open(&two, "7F3K2Q9M", sealed, two.until, out), "for a while");
	ok(!reftag_open(&other, "7F3K2Q9M", sealed, CHANGED, out), "no other key does");
	ok(!reftag_open(&one, "7F3K2Q9N", sealed, CHANGED, out),
	    "nor beside another reference");
	reftag_seal(&one, "7F3K2Q9M", text, again);
	ok(strcmp(sealed, again) != 0, "equal texts do not look so");
	sealed[30] = sealed[30] == 'A' ? 'B' : 'A';
	ok(!reftag_open(&one, "7F3K2Q9M", sealed, CHANGED, out) && out[0] == '\0', "changed");
	ok(!reftag_open(&one, "7F3K2Q9M", "", CHANGED, out), "empty");
	ok(!reftag_open(&one, "7F3K2Q9M", "AAAA", CHANGED, out), "short");
	ok(!reftag_open(&one, "7F3K2Q9M", "a b=", CHANGED, out), "no seal");
	memset(longest, 'a', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	reftag_seal(&one, "7F3K2Q9M", longest, sealed);
	ok(reftag_open(&one, "7F3K2Q9M", sealed, CHANGED, out) &&
		strlen(out) == REFTAG_SEALED_MAX,
	    "the longest");
	reftag_seal(&one, "7F3K2Q9M", "", sealed);
	ok(reftag_open(&one, "7F3K2Q9M", sealed, CHANGED, out) && out[0] == '\0', "nothing");
}

int
main(void)
{
	test_files();
	test_tags();
	test_all();
	test_seals();
	return done();
}
