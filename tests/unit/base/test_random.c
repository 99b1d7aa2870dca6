/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_random.c - chance in times stays within its bounds; references are eight
 * characters of the alphabet, and differ.
 */
#include "config.h"

#include "base/random.h"

#include <sys/wait.h>
#include <unistd.h>

#include "tap.h"

static const struct {
	const char *label;
	int64_t ms;
	unsigned percent;
	int64_t low, high;
} rows[] = {
    {"a second", 1000, 20, 800, 1200},
    {"a day", 86400000, 10, 77760000, 95040000},
    {"nothing to spread", 0, 20, 0, 0},
    {"no spread", 1000, 0, 1000, 1000},
    {"all of it", 1000, 100, 0, 2000},
};

static void
test_times(void)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int64_t low = INT64_MAX, high = INT64_MIN;

		for (int n = 0; n < 1000; n++) {
			int64_t ms = jittered(rows[i].ms, rows[i].percent);

			low = ms < low ? ms : low;
			high = ms > high ? ms : high;
		}
		ok(low >= rows[i].low && high <= rows[i].high, "%s: within bounds",
		    rows[i].label);
		ok((low < high) == (rows[i].low < rows[i].high), "%s: by chance",
		    rows[i].label);
	}
}

/* What a child makes after it was forked. */
static void
make_in_child(char out[REF_LEN + 1])
{
	int ends[2];
	pid_t child;

	out[0] = '\0';
	if (pipe(ends) != 0)
		return;
	fflush(stdout); /* or tsan's child says it again */
	child = fork();
	if (child == 0) {
		char made[REF_LEN + 1];

		ref_make(made);
		_exit(write(ends[1], made, sizeof(made)) == (ssize_t)sizeof(made) ? 0 : 1);
	}
	close(ends[1]);
	if (read(ends[0], out, REF_LEN + 1) != REF_LEN + 1)
		out[0] = '\0';
	close(ends[0]);
	waitpid(child, NULL, 0);
}

static void
test_references(void)
{
	char one[REF_LEN + 1], other[REF_LEN + 1];
	bool good = true, differ = true, lettered = true;

	for (int i = 0; i < 1000; i++) {
		ref_make(one);
		ref_make(other);
		good = good && strlen(one) == REF_LEN &&
		    strspn(one, "0123456789ABCDEFGHJKMNPQRSTVWXYZ") == REF_LEN;
		lettered = lettered && one[0] > '9' && other[0] > '9';
		differ = differ && strcmp(one, other) != 0;
	}
	ok(good, "eight characters of the alphabet, a thousand times");
	ok(lettered, "none of which can be read as a number");
	ok(differ, "no two the same");
	make_in_child(one);
	ref_make(other);
	ok(strlen(one) == REF_LEN && strcmp(one, other) != 0,
	    "nor are a child's and its parent's");
}

static void
test_numbers(void)
{
	static const char *const none[] = {
	    "", "A000000", "A00000000", "00000001", "AIIIIIII", "A000 000", "198.51.1"};
	uint64_t number = 0, small = 0;

	ok(ref_read("A0000001", &number) && number == ((uint64_t)10 << 35 | 1),
	    "a reference is a number");
	ok(ref_read("ZZZZZZZZ", &number) && number == ((uint64_t)1 << 40) - 1, "of 40 bits");
	ok(ref_read("zzzzzzzz", &small) && small == number, "in letters of either case");
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		ok(!ref_read(none[i], &number), "'%s' is none", none[i]);
}

int
main(void)
{
	test_times();
	test_references();
	test_numbers();
	return done();
}
