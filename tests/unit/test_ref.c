/* SPDX-License-Identifier: BSD-2-Clause */
/* test_ref.c - references are eight characters of the alphabet, and differ. */
#include "config.h"

#include "ref.h"

#include "tap.h"

int
main(void)
{
	char one[REF_LEN + 1], other[REF_LEN + 1];
	bool good = true, differ = true;

	for (int i = 0; i < 1000; i++) {
		ref_make(one);
		ref_make(other);
		good = good && strlen(one) == REF_LEN &&
		    strspn(one, "0123456789ABCDEFGHJKMNPQRSTVWXYZ") == REF_LEN;
		differ = differ && strcmp(one, other) != 0;
	}
	ok(good, "eight characters of the alphabet, a thousand times");
	ok(differ, "no two the same");
	return done();
}
