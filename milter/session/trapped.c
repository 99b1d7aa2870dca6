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
#include "base/mailbox.h"
#include "base/strbuf.h"
#include "own/localstore.h"
#include "own/own.h"
#include "own/probeform.h"
#include "session/attempts.h"
#include "session/client.h"
#include "verdict/logrecord.h"

bool
trapped_note(struct trapped *t, const struct traps *traps, const char *recipient,
    const struct client *c, const char *ref, bool deferred)
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
	(void)strbuf_copy(hit->ref, sizeof(hit->ref), ref);
	if (is_trap && t->n == TRAPPED_MAX) {
		*last = *hit;
		*hit = old;
	} else if (is_trap) {
		t->n++;
	}
	return is_trap;
}

/* A hit, as it may be shown to others. */
struct shown {
	const char *helo, *from;
	char helo_text[TRAPS_SHOWN_SIZE], from_text[TRAPS_SHOWN_SIZE];
};

static void
show(struct shown *shown, const struct trapped_hit *hit, const struct traps *traps,
    const struct client *c)
{
	const struct trap *said = c->helo != NULL ? traps_match_domain(traps, c->helo) : NULL;

	shown->helo = said != NULL ? traps_show_domain(said, shown->helo_text) : c->helo;
	shown->from = trapped_hide_path(hit->sender, traps, shown->from_text);
}

static void
say(const struct trapped_hit *hit, const struct shown *shown, const struct client *c,
    enum traphits_word word)
{
	char address[IPADDR_STRLEN];
	struct logline line;

	logline_event(&line, "trap-hit");
	logline_str(&line, "client", ipaddr_format(&c->address, address));
	logline_str(&line, "name", c->name);
	logline_str(&line, "helo", shown->helo);
	logrecord_path(&line, "from", shown->from);
	logline_str(&line, "trap", hit->trap->id);
	logline_str(&line, "kind", trap_kind_name(hit->trap->kind));
	logline_str(&line, "seeded", hit->trap->note);
	logline_str(&line, "result", traphits_word_name(word));
	if (hit->ref[0] != '\0')
		logline_str(&line, "ref", hit->ref);
	logline_end(&line, LOG_LEVEL_INFO);
}

/* What a hit is evidence of, be it enough or not; LOCAL_REASONS: of nothing. */
static enum local_reason
reason_of(const struct trapped_hit *hit, enum traphits_word word)
{
	struct mailbox from;

	if (word > TRAPHITS_BACKSCATTER)
		return LOCAL_REASONS;
	if (mailbox_parse(&from, hit->sender) && probeform_is_notice(&from))
		return LOCAL_BACKSCATTER;
	return hit->trap->kind == TRAP_PRISTINE ? LOCAL_TRAP : LOCAL_DICTIONARY;
}

static void
keep(const struct trapped_hit *hit, const struct shown *shown, const struct client *c,
    enum local_reason reason, struct localstore *store)
{
	struct local_hit kept = {.time = hit->at, .client = c->address, .reason = reason};

	if (store == NULL || reason == LOCAL_REASONS)
		return;
	(void)strbuf_copy(kept.what, sizeof(kept.what), hit->trap->id);
	(void)strbuf_copy(kept.name, sizeof(kept.name), c->name != NULL ? c->name : "");
	(void)strbuf_copy(kept.helo, sizeof(kept.helo), shown->helo != NULL ? shown->helo : "");
	(void)strbuf_copy(
	    kept.sender, sizeof(kept.sender), shown->from != NULL ? shown->from : "");
	(void)strbuf_copy(kept.ref, sizeof(kept.ref), hit->ref);
	localstore_hit(store, &kept);
}

/* Whether the client's name counts.  Only that of a provider does, so only for that DNS is
 * asked, as the session is over; who pretends to have it is told apart by the provider's own
 * servers, and not by silence. */
static bool
is_confirmed(struct client *c)
{
	enum host host;

	if (!c->provider)
		return false;
	host = client_confirm_host(c);
	return host == HOST_CONFIRMED || host == HOST_UNKNOWN;
}

static void
end_hit(const struct trapped_hit *hit, const struct traps *traps,
    const struct trapped_listeners *to, struct client *c, bool excused)
{
	const struct own_trapped trapped = {
	    .client = &c->address,
	    .trap = hit->trap,
	    .sender = hit->sender,
	    .name = c->name,
	    .confirmed = !excused && is_confirmed(c),
	    .excused = excused,
	    .deferred = hit->deferred,
	    .at = hit->at,
	};
	enum traphits_word word = own_trapped(to->own, &trapped);
	struct shown shown;

	show(&shown, hit, traps, c);
	say(hit, &shown, c, word);
	keep(hit, &shown, c, reason_of(hit, word), to->store);
}

void
trapped_end(struct trapped *t, const struct traps *traps, const struct trapped_listeners *to,
    struct client *c)
{
	bool excused = t->n > 0 && attempts_are_excused(c, true);

	for (unsigned i = 0; i < t->n; i++)
		end_hit(&t->hit[i], traps, to, c, excused);
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
trapped_hide(struct logrecord *r, const struct traps *traps, struct trapped_shown *shown)
{
	const struct trap *helo = r->helo != NULL ? traps_match_domain(traps, r->helo) : NULL;

	hide_pair(&r->to, &r->orig_to, traps, shown->to);
	hide_pair(&r->from, &r->orig_from, traps, shown->from);
	if (helo != NULL)
		r->helo = traps_show_domain(helo, shown->helo);
}
