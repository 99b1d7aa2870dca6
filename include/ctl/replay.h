/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ctl/replay.h - a decision of the store, as another configuration would have it: the same
 * client, message and answers of lists.  Nobody is asked anything.  One thread; pure but for
 * memory.
 *
 * What then was not found out, and would matter now, is a gap: a list that was not asked, or
 * not waited for.
 */
#ifndef RELAYGUARD_CTL_REPLAY_H
#define RELAYGUARD_CTL_REPLAY_H

#include <stdbool.h>

#include "ctl/logentry.h"
#include "lists/listing.h"
#include "store/dayfile.h"
#include "verdict/verdict.h"

struct conf;

/* Why it cannot be known what would have been decided. */
enum replay_gap {
	REPLAY_KNOWN,   /* it can */
	REPLAY_LISTS,   /* what lists would have said that had not been heard */
	REPLAY_SPF,     /* what SPF says of the sender */
	REPLAY_HOST,    /* whether the client's name leads back to it */
	REPLAY_CONNECT, /* who the recipients would have been, for whom nobody waited */
	REPLAY_APART,   /* it was put off to be sent by itself, whatever was decided */
	REPLAY_CUT,     /* the line has lost its end */
	REPLAY_GAPS
};

/* The two configurations: then is the one under which decisions were made, and tells which
 * lists had nothing to say; both are borrowed. */
struct replay {
	const struct conf *then, *now;
};

struct replayed {
	enum replay_gap gap;
	listset open;                /* REPLAY_LISTS: of which it hangs, in the roster of now */
	enum action then, now;       /* but for the shadow mode of then, which keeps no row */
	const struct policy *policy; /* of now */
	struct verdict verdict;      /* where it is known */
};

/* The entry is that of the row's line. */
void replay_decide(const struct replay *, const struct store_row *, const struct logentry *,
    struct replayed *);

#endif
