/* SPDX-License-Identifier: BSD-2-Clause */
/* test_pass.c - what two know of a pass, joined in either order. */
#include "config.h"

#include "session/pass.h"

#include <string.h>

#include "session/passnote.h"

#include "tap.h"

#define NOW INT64_C(100000000000)
#define NET "198.51.100.0/24 "

static const struct {
	const char *label, *one, *other, *both;
} rows[] = {
    {"the same", NET "b.example 5 60 2591940 good 0 1,2 3",
	NET "b.example 5 60 2591940 good 0 1,2 3", NET "b.example 5 60 2591940 good 0 1,2 3"},
    {"messages of both", NET "b.example 5 60 2591940 good 0 1 3",
	NET "b.example 5 60 2591940 good 0 1,2 3", NET "b.example 5 60 2591940 good 0 1,2 3"},
    {"no more than there are places",
	NET "b.example 5 60 2591940 good 0 1,2,3,4,5,6,7,8,9,10 1",
	NET "b.example 5 60 2591940 good 0 1,2,3 1",
	NET "b.example 5 60 2591940 good 0 1,2,3,4,5,6,7,8,9,10 1"},
    {"ended by one", NET "b.example 5 60 2591940 ended 0 1 3",
	NET "b.example 5 60 2591940 good 0 1 3", NET "b.example 5 60 2591940 ended 0 1 3"},
    {"abused at one", NET "b.example 5 60 31536000 abused 1 1 3",
	NET "b.example 5 60 2591940 good 0 1 3", NET "b.example 5 60 31536000 abused 1 1 3"},
    {"of two at once the lower id", NET "c.example 4 30 2591970 good 0 - -",
	NET "b.example 5 60 2591940 good 0 1 3", NET "c.example 4 30 2591970 good 0 1 3"},
    {"a later one", NET "b.example 5 2592000 1 good 1 1 3",
	NET "b.example 9 0 2592000 good 0 - -", NET "b.example 9 0 2592000 good 1 - -"},
};

static struct pass
read_pass(const char *note)
{
	struct pass pass;

	ok(passnote_read(&pass, note, 0, NOW), "read: %s", note);
	return pass;
}

static void
check(const char *label, const char *first, const char *second, const char *want)
{
	struct pass pass = read_pass(first), more = read_pass(second);
	char note[PASSNOTE_SIZE];
	bool news = pass_join(&pass, &more, NOW);

	passnote_write(&pass, NOW, note);
	same_str(note, want, label);
	same_num(news, strcmp(first, want) != 0, "whether that is new");
	ok(!pass_join(&pass, &more, NOW), "a second time it is not");
}

int
main(void)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const bool later = rows[i].both[sizeof(NET) - 1 + 10] == '9';

		check(rows[i].label, rows[i].one, rows[i].other, rows[i].both);
		/* What was before says nothing of the later one. */
		check(rows[i].label, rows[i].other, rows[i].one,
		    later ? rows[i].other : rows[i].both);
	}
	return done();
}
