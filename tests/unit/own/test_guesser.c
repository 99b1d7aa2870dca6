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
		same_num(guesser_note(&g, 7, NOW + i), 1, "one name");
	same_num(g.attempts, 50, "all are counted");
	for (uint16_t i = 1; i < GUESSER_USERS_MAX; i++)
		same_num(guesser_note(&g, (uint16_t)(7 + i), NOW), i + 1, "another name");
	same_num(guesser_note(&g, 100, NOW), GUESSER_USERS_MAX, "more are not told apart");
	same_num(guesser_note(&g, 7, NOW), GUESSER_USERS_MAX, "and it goes on");
	guesser_clear(&g);
	same_num(guesser_note(&g, 101, NOW), 1, "who knows somebody begins anew");
	for (uint16_t i = 0; i < 3 * GUESSER_USERS; i++)
		ok(guesser_note(&g, (uint16_t)(200 + i), NOW + (i + 1U) * GUESSER_S / 5) <
			GUESSER_USERS,
		    "a few a day are mistakes: %u", i);
	return done();
}
