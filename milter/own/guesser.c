/* SPDX-License-Identifier: BSD-2-Clause */
/* own/guesser.c - the first few names are enough to tell whether there are many. */
#include "config.h"

#include "own/guesser.h"

void
guesser_clear(struct guesser *g)
{
	*g = (struct guesser){.since = 0};
}

unsigned
guesser_note(struct guesser *g, uint16_t user, uint32_t now)
{
	unsigned n = 0;

	if (g->since != 0 && now > g->since && now - g->since > GUESSER_S)
		guesser_clear(g);
	if (g->since == 0)
		g->since = now;
	g->attempts++;
	while (n < GUESSER_USERS_MAX && g->user[n] != 0 && g->user[n] != user)
		n++;
	if (n < GUESSER_USERS_MAX)
		g->user[n] = user;
	while (n < GUESSER_USERS_MAX && g->user[n] != 0)
		n++;
	return n;
}
