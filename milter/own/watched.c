/* SPDX-License-Identifier: BSD-2-Clause */
/* own/watched.c - a state, and how long it has been contradicted. */
#include "config.h"

#include "own/watched.h"

#include <stdlib.h>

void
watch_options_clear(struct watch_options *o)
{
	for (unsigned i = 0; i < o->n; i++)
		free(o->subject[i].text);
	o->n = 0;
}

static void
settle(struct watched *w, enum watch_answer answer, int64_t now)
{
	w->settled = answer;
	w->since = now;
	w->doubt = 0;
}

enum watch_change
watched_hear(struct watched *w, enum watch_answer answer, int64_t now)
{
	w->silent = answer == WATCH_NOTHING;
	if (w->silent)
		return WATCH_SAME;
	w->known = now;
	if (w->settled == answer) {
		w->doubt = 0;
		return WATCH_SAME;
	}
	if (w->settled == WATCH_NOTHING && answer == WATCH_CLEAR) {
		settle(w, answer, now);
		return WATCH_SAME;
	}
	if (w->doubt == 0 || w->doubt > now) /* or the clock was put back */
		w->doubt = now;
	if (now - w->doubt < WATCH_APART_S)
		return WATCH_SAME;
	settle(w, answer, now);
	return answer == WATCH_LISTED ? WATCH_GOT_LISTED : WATCH_GOT_CLEAR;
}

const char *
watched_word(const struct watched *w)
{
	if (w->settled == WATCH_LISTED)
		return "listed";
	return w->settled == WATCH_CLEAR && w->doubt == 0 && !w->silent ? "clear" : "not known";
}

bool
watched_wants_more(const struct watched *w)
{
	return w->doubt != 0 || w->known == 0;
}

enum watch_silence_change
watch_silence_hear(struct watch_silence *s, bool said, int64_t now)
{
	bool told = s->told;

	if (said || s->since == 0 || s->since > now)
		s->since = now;
	if (said) {
		s->told = false;
		return told ? SILENCE_OVER : SILENCE_SAME;
	}
	s->told = told || now - s->since > WATCH_UNKNOWN_S;
	return s->told && !told ? SILENCE_LONG : SILENCE_SAME;
}
