/* SPDX-License-Identifier: BSD-2-Clause */
/* session/pass.c - sets of numbers are joined by their union, ends by the first one. */
#include "config.h"

#include "session/pass.h"

void
pass_abuse(struct pass *pass, int64_t now)
{
	pass->abused = true;
	pass->until = pass->until < now ? pass->until : now;
	pass->kept = now + PASS_ABUSED_MS;
}

/* Add to a set of numbers what it has not, as far as there is room; whether it has grown. */
static bool
unite(uint32_t *set, unsigned *n, unsigned max, const uint32_t *more, unsigned nmore)
{
	unsigned before = *n;

	for (unsigned i = 0; i < nmore; i++) {
		unsigned k = 0;

		while (k < *n && set[k] != more[i])
			k++;
		if (k == *n && k < max)
			set[(*n)++] = more[i];
	}
	return *n > before;
}

/* Take over that another has ended; whether that is new. */
static bool
unite_ends(struct pass *have, const struct pass *more, int64_t now)
{
	bool news = (more->ended && !have->ended) || (more->abused && !have->abused) ||
	    more->abuses > have->abuses;

	if (more->abused && !have->abused)
		pass_abuse(have, now);
	have->ended |= more->ended;
	if (have->ended && have->until > now)
		have->until = now;
	have->abuses = more->abuses > have->abuses ? more->abuses : have->abuses;
	return news;
}

bool
pass_join(struct pass *have, const struct pass *more, int64_t now)
{
	unsigned changed = have->changed, abuses = have->abuses;
	struct pass other = *more;
	bool news = false;

	if (have->again - more->again > PASS_AGAIN_MS / 2)
		return false; /* that one was before */
	if (more->again - have->again > PASS_AGAIN_MS / 2) {
		*have = *more;
		have->changed = changed;
		have->abuses = abuses > have->abuses ? abuses : have->abuses;
		return true;
	}
	if (more->id < have->id) {
		other = *have;
		*have = *more;
		have->changed = changed;
		news = true;
	}
	news |=
	    unite(have->message, &have->messages, PASS_MESSAGES, other.message, other.messages);
	news |= unite(have->recipient, &have->recipients, PASS_RECIPIENTS, other.recipient,
	    other.recipients);
	return unite_ends(have, &other, now) || news;
}

bool
pass_has(const struct pass *have, const struct pass *in, int64_t now)
{
	struct pass copy = *in;

	return !pass_join(&copy, have, now);
}
