/* SPDX-License-Identifier: BSD-2-Clause */
/* own/witnesses.c - names that are told apart, of those who gave evidence. */
#include "config.h"

#include "own/witnesses.h"

#include <string.h>

void
witnesses_hear(struct witnesses *w, const struct local_audit *a)
{
	if (a->deed == LOCAL_DEED_REMOVED || a->deed == LOCAL_DEED_HELD)
		w->removed = a->time > w->removed ? a->time : w->removed;
	if (w->removed != 0 || a->deed != LOCAL_DEED_NOMINATED || a->evidence[0] == '\0' ||
	    a->until <= w->now)
		return;
	for (unsigned i = 0; i < w->n; i++)
		if (strcmp(w->by[i], a->by) == 0)
			return;
	if (w->n == WITNESSES_MAX)
		return;
	memcpy(w->by[w->n++], a->by, LOCAL_BY_SIZE);
	if (w->until == 0 || a->until < w->until)
		w->until = a->until;
}

void
witnesses_see(struct witnesses *w, const struct local_count *count)
{
	w->observed |= count->reason != LOCAL_NOMINATED && count->last > w->removed &&
	    w->now - count->last <= LOCAL_KEEP_S;
}

bool
witnesses_suffice(const struct witnesses *w)
{
	return w->n >= WITNESSES_ENOUGH || (w->n > 0 && w->observed);
}

const char *
witnesses_rule(const struct witnesses *w)
{
	return w->n >= WITNESSES_ENOUGH ? "operators" : "operator+seen";
}
