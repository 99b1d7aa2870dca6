/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * tap.h - a test says what it found, in TAP: one line for each check, with the
 * label of the row it came from.
 */
#ifndef RELAYGUARD_TAP_H
#define RELAYGUARD_TAP_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static unsigned tap_count, tap_failures;

/* One check: whether it holds, and its label. */
static inline __attribute__((format(printf, 2, 3))) bool
ok(bool holds, const char *fmt, ...)
{
	va_list ap;

	printf("%s %u - ", holds ? "ok" : "not ok", ++tap_count);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	putchar('\n');
	fflush(stdout); /* so that the last check is known if what follows crashes */
	tap_failures += !holds;
	return holds;
}

/* Two numbers are equal; says both if not. */
static inline bool
same_num(long long got, long long want, const char *label)
{
	if (ok(got == want, "%s", label))
		return true;
	printf("# got %lld, want %lld\n", got, want);
	return false;
}

/* Two strings, each of which may be NULL, are equal; says both if not. */
static inline bool
same_str(const char *got, const char *want, const char *label)
{
	if (ok(got == want || (got != NULL && want != NULL && strcmp(got, want) == 0), "%s",
		label))
		return true;
	printf("# got  %s\n# want %s\n", got != NULL ? got : "(null)",
	    want != NULL ? want : "(null)");
	return false;
}

/* The plan; the value for main() to return. */
static inline int
done(void)
{
	printf("1..%u\n", tap_count);
	return tap_failures != 0;
}

#endif
