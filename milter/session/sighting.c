/* SPDX-License-Identifier: BSD-2-Clause */
/* session/sighting.c - a client, and what it has tried, as texts. */
#include "config.h"

#include "session/sighting.h"

#include "base/clock.h"
#include "base/strbuf.h"
#include "conf/conf.h"
#include "own/localstore.h"
#include "own/probeform.h"
#include "own/traps.h"
#include "session/client.h"
#include "session/trapped.h"

static void
copy(char *out, size_t size, const char *text)
{
	(void)strbuf_copy(out, size, text != NULL ? text : "");
}

/* The form of a recipient, or what else was wrong. */
static const char *
word_of(enum local_reason reason, const char *recipient)
{
	struct probeform form;

	if (reason == LOCAL_HELO)
		return "our-name";
	if (reason == LOCAL_DICTIONARY)
		return "unknown-user";
	return probeform_parse(&form, recipient) ? probeform_name(form.form) : "";
}

/* What the client says of itself, where it may pretend to be a trap. */
static void
describe(struct local_hit *hit, const struct client *c)
{
	const char *sender = c->orig_from != NULL ? c->orig_from : c->from;
	const struct traps *traps = c->conf->traps;
	const struct trap *said = c->helo != NULL ? traps_match_domain(traps, c->helo) : NULL;
	char shown[TRAPS_SHOWN_SIZE];

	copy(hit->name, sizeof(hit->name), c->name);
	copy(hit->helo, sizeof(hit->helo),
	    said != NULL ? traps_show_domain(said, shown) : c->helo);
	copy(hit->sender, sizeof(hit->sender), trapped_hide_path(sender, traps, shown));
}

void
sighting_keep(
    struct localstore *store, const struct client *c, uint8_t reasons, const char *recipient)
{
	struct local_hit hit = {.client = c->address};

	if (store == NULL || reasons == 0)
		return;
	hit.time = clock_wall();
	describe(&hit, c);
	for (enum local_reason r = LOCAL_PROBE; r < LOCAL_REASONS; r++) {
		if ((reasons >> r & 1) == 0)
			continue;
		hit.reason = r;
		copy(hit.what, sizeof(hit.what), word_of(r, recipient));
		localstore_hit(store, &hit);
	}
}
