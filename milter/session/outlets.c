/* SPDX-License-Identifier: BSD-2-Clause */
/* session/outlets.c - one line, by way of verdict/logrecord.h, to all who want it. */
#include "config.h"

#include "session/outlets.h"

#include <string.h>

#include "base/log.h"
#include "base/mailbox.h"
#include "base/reftag.h"
#include "base/strbuf.h"
#include "conf/conf.h"
#include "conf/places.h"
#include "session/tails.h"
#include "session/trapped.h"
#include "store/store.h"
#include "verdict/logrecord.h"

struct source {
	struct store *store;
	const struct conf *conf;
	const char *to, *from; /* before traps were hidden */
	bool hides_to, hides_from;
};

#define SEALED " sealed-%s=%s"
#define LINE_SIZE (LOG_LINE_MAX + 2 * (REFTAG_SEALED_SIZE + sizeof(SEALED)))

/* Whether a path is shown without its domain, as that is the trap. */
static bool
is_domainless(const char *before, const char *shown)
{
	return before != shown && shown != NULL && strchr(shown, '@') == NULL;
}

/* Add the domain of a path; in vain where it is not hidden, for that is to take as long. */
static void
add_sealed(struct strbuf *line, const struct reftag_keys *keys, const char *ref,
    const char *key, const char *path, bool wanted)
{
	char sealed[REFTAG_SEALED_SIZE];
	struct mailbox box;

	(void)mailbox_parse(&box, path);
	reftag_seal(keys, ref, box.domain, sealed);
	if (wanted)
		strbuf_addf(line, SEALED, key, sealed);
}

/* The line as it is kept: with what it hides, for the page alone, which would tell by what it
 * does not know that a domain is a trap. */
static const char *
seal(const struct source *s, const char *ref, const char *line, char out[LINE_SIZE])
{
	const struct reftag_keys *keys = &s->conf->page.keys;
	struct strbuf sb;

	if (keys->n == 0 || s->conf->traps == NULL)
		return line;
	strbuf_init(&sb, out, LINE_SIZE);
	strbuf_add(&sb, line);
	add_sealed(&sb, keys, ref, "to", s->to, s->hides_to);
	add_sealed(&sb, keys, ref, "from", s->from, s->hides_from);
	/* What is longer is not read. */
	return sb.cut || strlen(out) >= LOG_LINE_MAX ? line : out;
}

static void
keep(void *arg, const struct logrecord *r, const char *line)
{
	const struct source *s = arg;
	char at[PLACES_TEXT_SIZE], sealed[LINE_SIZE];

	store_put(s->store,
	    &(struct store_row){
		.ref = r->ref,
		.line = seal(s, r->ref, line, sealed),
		.policy = r->policy != NULL ? r->policy->name : NULL,
		.conf = s->conf->sum,
		.at = r->policy != NULL
		    ? places_text(at, s->conf->path, places_begin(r->policy->places))
		    : NULL,
	    });
}

/* Show the line to who watches. */
static void
show(struct tails *tails, const struct logrecord *record)
{
	struct logline line;

	if (record->quiet || !tails_are_wanted(tails))
		return;
	logrecord_line(&line, record);
	logline_close(&line);
	tails_put(tails, line.text.data);
}

void
outlets_write(
    struct store *store, struct tails *tails, const struct conf *conf, struct logrecord *record)
{
	struct source source = {
	    .store = store, .conf = conf, .to = record->to, .from = record->from};
	struct trapped_shown shown;
	const struct logrecord_keeper keeper = {
	    .nameless = store != NULL && store_is_nameless(store),
	    .keep = keep,
	    .arg = &source,
	};

	trapped_hide(record, conf->traps, &shown);
	source.hides_to = is_domainless(source.to, record->to);
	source.hides_from = is_domainless(source.from, record->from);
	logrecord_write(record, store != NULL ? &keeper : NULL);
	show(tails, record);
}
