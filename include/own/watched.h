/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * own/watched.h - whether an address of ours is on a list, by what the list has said time and
 * again.  Pure.  Times are seconds since 1970, and may step.
 *
 * One answer is no news: it takes two that are WATCH_APART_S apart, as what lists say of a
 * moment may be a slip of theirs, or of one of their servers.  No answer is none: who is not
 * known is not clear.
 */
#ifndef RELAYGUARD_OWN_WATCHED_H
#define RELAYGUARD_OWN_WATCHED_H

#include <stdbool.h>
#include <stdint.h>

#include "base/ipaddr.h"

#define WATCH_APART_S 600
#define WATCH_UNKNOWN_S 86400 /* when not to know is worth a word */
#define WATCH_SUBJECTS_MAX 64

/* What is watched, as the configuration has it. */
struct watch_subject {
	char *text; /* an address as ipaddr_format() writes it, or a name in lower case */
	struct ipaddr address; /* of no bits: it is a name */
};

struct watch_options {
	unsigned n; /* 0: nothing is watched */
	struct watch_subject subject[WATCH_SUBJECTS_MAX];
	int64_t every; /* seconds between two questions */
	bool all;      /* of all lists that are known, not only those that policies name */
};

void watch_options_clear(struct watch_options *);

/* What a list in good health has said; WATCH_NOTHING: nothing that could be believed. */
enum watch_answer { WATCH_NOTHING, WATCH_CLEAR, WATCH_LISTED };

/* All zero: nothing is known yet. */
struct watched {
	enum watch_answer settled; /* what holds; WATCH_NOTHING: that was never known */
	int64_t since;             /* when that came to be */
	int64_t doubt;             /* since when it says the opposite; 0: it does not */
	int64_t known;             /* when it has said anything; 0: never */
	bool silent;               /* the last time it has said nothing */
};

/* What has changed for good. */
enum watch_change { WATCH_SAME, WATCH_GOT_LISTED, WATCH_GOT_CLEAR };

/* Note an answer.  That nothing was known before, and it is clear, is no change. */
enum watch_change watched_hear(struct watched *, enum watch_answer, int64_t now);

/* "listed" until it is known not to be so; "clear" if the last answer says so; else "not
 * known". */
const char *watched_word(const struct watched *);

/* Whether to ask again soon: there is an answer that wants another one, or there never was
 * any. */
bool watched_wants_more(const struct watched *);

/* How long a list has said nothing of anything that is watched. */
struct watch_silence {
	int64_t
	    since; /* when it has said something last, or has not begun to; 0: never asked */
	bool told;
};

enum watch_silence_change { SILENCE_SAME, SILENCE_LONG, SILENCE_OVER };

/* Note whether it has said anything this time. */
enum watch_silence_change watch_silence_hear(struct watch_silence *, bool said, int64_t now);

#endif
