/* SPDX-License-Identifier: BSD-2-Clause */
/* own/witnesses.c - names that are told apart, of those who gave evidence. */
#include "config.h"

#include "own/witnesses.h"

#include <string.h>

/* The last comes first, and what one has said last counts. */
static void
hear(void *arg, const struct local_audit *a)
{
	struct witnesses *w = arg;

	if (a->deed == LOCAL_DEED_REMOVED || a->deed == LOCAL_DEED_HELD) {
		w->removed = a->time > w->removed ? a->time : w->removed;
		w->over = true;
	}
	if (w->over || a->time < w->removed || a->deed != LOCAL_DEED_NOMINATED ||
	    a->evidence[0] == '\0' || a->until <= w->now)
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

static void
see(void *arg, const struct local_count *count)
{
	struct witnesses *w = arg;

	w->observed |= count->reason != LOCAL_NOMINATED && count->last > w->removed &&
	    w->now - count->last <= LOCAL_KEEP_S;
}

enum database_fault
witnesses_find(struct witnesses *w, struct localfile *file, struct locallist *list,
    const struct ipaddr *client, int64_t now, const char **error)
{
	const struct local_reader reader = {.count = see, .audit = hear, .arg = w};
	enum database_fault fault;
	struct local_entry e;

	*w = (struct witnesses){.now = now};
	if (locallist_find(list, client, (uint32_t)now, &e))
		w->observed = (e.reasons & ~(1U << LOCAL_NOMINATED)) != 0;
	w->removed = e.removed[0]; /* which may have been at another node */
	fault = localfile_audits(file, client, true, LOCALFILE_READ_MAX, &reader, error);
	return fault == DATABASE_GOOD ? localfile_counts(file, client, &reader, error) : fault;
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
