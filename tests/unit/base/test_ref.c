/* SPDX-License-Identifier: BSD-2-Clause */
/* test_ref.c - references are eight characters of the alphabet, and differ. */
#include "config.h"

#include "base/ref.h"

#include <sys/wait.h>
#include <unistd.h>

#include "tap.h"

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

int
main(void)
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
	return done();
}
