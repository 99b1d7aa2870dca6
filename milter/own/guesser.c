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
guesser_users(const struct guesser *g)
{
	unsigned n = 0;

	while (n < GUESSER_USERS_MAX && g->user[n] != 0)
		n++;
	return n;
}

bool
guesser_has(const struct guesser *g, uint16_t user)
{
	for (unsigned n = 0; n < GUESSER_USERS_MAX && g->user[n] != 0; n++)
		if (g->user[n] == user)
			return true;
	return false;
}

unsigned
guesser_note(struct guesser *g, uint16_t user, uint32_t now)
{
	unsigned n;

	if (g->since != 0 && now > g->since && now - g->since > GUESSER_S)
		guesser_clear(g);
	if (g->since == 0)
		g->since = now;
	g->attempts++;
	n = guesser_users(g);
	if (n < GUESSER_USERS_MAX && !guesser_has(g, user))
		g->user[n++] = user;
	return n;
}
