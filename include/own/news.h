/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * own/news.h - what nodes tell each other, as text (own/fleet.h): an entry of the own list as
 * it has become, and what the others have to know to judge a client as well.  Pure.
 *
 * "entry ADDRESS CHANGED HELD REMOVED,REMOVED,REMOVED REASON:SINCE:UNTIL:TIMES:RULE ...",
 * and "try ADDRESS FORM SENDER TARGET RECIPIENT BOX": numbers, of which the last three are
 * hashes by the key that all nodes share.  "trap ADDRESS KIND TRAP SENDER DEFERRED", a hit, and
 * "users ADDRESS USER,USER ...", whom nobody knows, have such hashes as well.  "word ADDRESS
 * GOOD USERS KNOWN" is what speaks for a client, as times, and "witness ADDRESS TIME UNTIL NAME"
 * what an operator says of it, with his name in hexadecimal.
 */
#ifndef RELAYGUARD_OWN_NEWS_H
#define RELAYGUARD_OWN_NEWS_H

#include <stdbool.h>
#include <stdint.h>

#include "own/fleet.h"
#include "own/locallist.h"
#include "own/probes.h"
#include "own/traphits.h"
#include "own/witnesses.h"

enum news_kind {
	NEWS_ENTRY,
	NEWS_ATTEMPT,
	NEWS_TRAP,
	NEWS_USERS,
	NEWS_WORD,
	NEWS_WITNESS,
	NEWS_KINDS
};

struct news {
	enum news_kind kind;
	union {
		struct local_entry entry;
		struct probes_attempt attempt;
		struct traphits_mark mark;
		struct probes_users users;
		struct probes_word word;
		struct witness witness;
	};
};

#define NEWS_AHEAD_S 3600              /* how far times may be ahead, */
#define NEWS_UNTIL_S (367 * 24 * 3600) /* and the end of a listing */

/* Write a record. */
void news_write(const struct news *, char out[FLEET_RECORD_MAX + 1]);

/* Read a record, which anybody may have written, and whose times are by a clock that is so many
 * seconds ahead of the one by which it is now; they become those of the latter.  False: anything
 * in it is odd. */
bool news_read(struct news *, const char *record, int64_t ahead, uint32_t now);

#endif
