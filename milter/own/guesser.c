/* SPDX-License-Identifier: BSD-2-Clause */
/* own/guesser.c - the first few names are enough to tell whether there are many. */
#include "config.h"

#include "own/guesser.h"

void
guesser_clear(struct guesser *g)
{
	*g = (struct guesser){.since = 0};
}

bool
guesser_note(struct guesser *g, uint32_t user, uint32_t now)
{
	if (g->since != 0 && now > g->since && now - g->since > GUESSER_S)
		guesser_clear(g);
	if (g->since == 0)
		g->since = now;
	g->attempts++;
	for (unsigned i = 0; i < GUESSER_USERS; i++) {
		if (g->user[i] == user)
			break;
		if (g->user[i] == 0) {
			g->user[i] = user;
			break;
		}
	}
	return g->user[GUESSER_USERS - 1] != 0;
}
