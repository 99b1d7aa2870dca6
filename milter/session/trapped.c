/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * session/trapped.c - a trap that is hit has no effect until the session is over, and its
 * address is in nothing that is written.
 */
#include "config.h"

#include "session/trapped.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "own/own.h"
#include "session/attempts.h"
#include "session/client.h"
#include "verdict/record.h"

bool
trapped_note(struct trapped *t, const struct traps *traps, const char *recipient,
    const struct client *c, bool deferred)
{
	const char *sender = c->orig_from != NULL ? c->orig_from : c->from;
	struct trapped_hit *hit = &t->hit[t->n], *last = &t->hit[TRAPPED_MAX - 1], old = *last;
	const struct trap *trap;
	bool is_trap = traps_find(traps, recipient, &trap);

	if (trap == NULL)
		return false;
	free(hit->sender);
	*hit = (struct trapped_hit){.trap = trap,
	    .sender = strdup(sender != NULL ? sender : ""),
	    .at = (uint32_t)clock_wall(),
	    .deferred = deferred};
	if (is_trap && t->n == TRAPPED_MAX) {
		*last = *hit;
		*hit = old;
	} else if (is_trap) {
		t->n++;
	}
	return is_trap;
}

static void
say(const struct trapped_hit *hit, const struct traps *traps, const struct client *c,
    enum traphits_word word)
{
	char address[IPADDR_STRLEN], from[TRAPS_SHOWN_SIZE], helo[TRAPS_SHOWN_SIZE];
	const struct trap *said = c->helo != NULL ? traps_match_domain(traps, c->helo) : NULL;
	struct logline line;

	logline_event(&line, "trap-hit");
	logline_str(&line, "client", ipaddr_format(&c->address, address));
	logline_str(&line, "name", c->name);
	logline_str(&line, "helo", said != NULL ? traps_show_domain(said, helo) : c->helo);
	record_path(&line, "from", trapped_hide_path(hit->sender, traps, from));
	logline_str(&line, "trap", hit->trap->id);
	logline_str(&line, "kind", trap_kind_name(hit->trap->kind));
	logline_str(&line, "seeded", hit->trap->note);
	logline_str(&line, "result", traphits_word_name(word));
	logline_end(&line, LOG_LEVEL_INFO);
}

void
trapped_end(struct trapped *t, const struct traps *traps, struct own *own, struct client *c)
{
	bool excused = t->n > 0 && attempts_are_excused(c);

	for (unsigned i = 0; i < t->n; i++) {
		struct trapped_hit *hit = &t->hit[i];
		const struct own_trapped trapped = {
		    .client = &c->address,
		    .trap = hit->trap,
		    .sender = hit->sender,
		    .name = c->name,
		    .confirmed = c->host == HOST_CONFIRMED,
		    .excused = excused,
		    .deferred = hit->deferred,
		    .at = hit->at,
		};

		say(hit, traps, c, own_trapped(own, &trapped));
	}
	for (unsigned i = 0; i <= TRAPPED_MAX; i++)
		free(t->hit[i].sender);
	*t = (struct trapped){.n = 0};
}

const char *
trapped_hide_path(const char *path, const struct traps *traps, char shown[TRAPS_SHOWN_SIZE])
{
	const struct trap *trap;
	bool is_trap = path != NULL && traps_find(traps, path, &trap);

	if (path == NULL || trap == NULL)
		return path;
	traps_show(traps, trap, path, shown);
	return is_trap ? shown : path;
}

/* Hide an address that was read in one way, *path, and may have been typed in another. */
static void
hide_pair(const char **path, const char **typed, const struct traps *traps,
    char shown[TRAPS_SHOWN_SIZE])
{
	char other[TRAPS_SHOWN_SIZE];
	const char *by_typed = trapped_hide_path(*typed, traps, other);
	const char *by_path = trapped_hide_path(*path, traps, shown);

	if (by_path != shown && by_typed != other)
		return;
	if (by_typed == other)
		memcpy(shown, other, sizeof(other));
	*path = shown;
	*typed = NULL;
}

void
trapped_hide(struct record *r, const struct traps *traps, struct trapped_shown *shown)
{
	const struct trap *helo = r->helo != NULL ? traps_match_domain(traps, r->helo) : NULL;

	hide_pair(&r->to, &r->orig_to, traps, shown->to);
	hide_pair(&r->from, &r->orig_from, traps, shown->from);
	if (helo != NULL)
		r->helo = traps_show_domain(helo, shown->helo);
}
