/* SPDX-License-Identifier: BSD-2-Clause */
/* test_guesser.c - ten different names within a day, and not one name ten times. */
#include "config.h"

#include "own/guesser.h"

#include "tap.h"

#define NOW 1795000000U

int
main(void)
{
	struct guesser g = {.since = 0};

	for (uint32_t i = 0; i < 50; i++)
		ok(!guesser_note(&g, 7, NOW + i), "one name, time %u", i);
	same_num(g.attempts, 50, "all are counted");
	for (uint32_t i = 1; i < GUESSER_USERS - 1; i++)
		ok(!guesser_note(&g, 7 + i, NOW), "%u names", i + 1);
	ok(guesser_note(&g, 100, NOW), "ten names");
	ok(guesser_note(&g, 7, NOW), "and it goes on");
	guesser_clear(&g);
	ok(!guesser_note(&g, 101, NOW), "who knows somebody begins anew");
	for (uint32_t i = 0; i < 3 * GUESSER_USERS; i++)
		ok(!guesser_note(&g, 200 + i, NOW + (i + 1) * GUESSER_S / 5),
		    "a few a day are mistakes: %u", i);
	return done();
}
