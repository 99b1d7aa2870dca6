/* SPDX-License-Identifier: BSD-2-Clause */
/* session/outlets.c - one line, by way of verdict/logrecord.h, to all who want it. */
#include "config.h"

#include "session/outlets.h"

#include "conf/conf.h"
#include "conf/places.h"
#include "session/tails.h"
#include "session/trapped.h"
#include "store/store.h"
#include "verdict/logrecord.h"

struct source {
	struct store *store;
	const struct conf *conf;
};

static void
keep(void *arg, const struct logrecord *r, const char *line)
{
	const struct source *s = arg;
	char at[PLACES_TEXT_SIZE];

	store_put(s->store,
	    &(struct store_row){
		.ref = r->ref,
		.line = line,
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
	struct source source = {store, conf};
	struct trapped_shown shown;
	const struct logrecord_keeper keeper = {
	    .nameless = store != NULL && store_is_nameless(store),
	    .keep = keep,
	    .arg = &source,
	};

	trapped_hide(record, conf->traps, &shown);
	logrecord_write(record, store != NULL ? &keeper : NULL);
	show(tails, record);
}
