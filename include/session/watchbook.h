/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * session/watchbook.h - what is known of our own addresses and names on lists: a row for each
 * subject and list, how long each list has said nothing, and the last changes.  Any thread;
 * waits for a mutex that is never held for long.
 */
#ifndef RELAYGUARD_SESSION_WATCHBOOK_H
#define RELAYGUARD_SESSION_WATCHBOOK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "conf/checker.h"
#include "session/watchrow.h"

struct watchbook;
struct watchfile;

/* An empty one, with a name for its changes that no other has.  NULL: out of memory. */
struct watchbook *watchbook_new(void);
void watchbook_free(struct watchbook *);

/* Copy all into what is empty, which is to be cleared; false: out of memory. */
bool watchbook_copy(struct watchbook *, struct watchfile *);

/* Take what was known before the start, into what is empty.  What holds now is asked again. */
void watchbook_remember(struct watchbook *, const struct watchfile *);

/* Add a change, which gets its number and time. */
void watchbook_add(struct watchbook *, struct watch_news *);

/* As in session/watch.h. */
const char *watchbook_series(const struct watchbook *);
uint64_t watchbook_last(struct watchbook *);
bool watchbook_next(struct watchbook *, uint64_t number, struct watch_news *);
bool watchbook_row(struct watchbook *, size_t i, struct watch_row *);
bool watchbook_silence(
    struct watchbook *, size_t i, char list[CHECKER_LABEL_MAX + 1], int64_t *since);

/* Whether one answer more is wanted soon of a list about a subject; or of any about any. */
bool watchbook_wants(struct watchbook *, const char *subject, const char *list);
bool watchbook_wants_any(struct watchbook *);

/* Whether something is known of a subject. */
bool watchbook_knows(struct watchbook *, const char *subject);

/* A round begins; when it has ended, what no list was asked about in it is forgotten: whether
 * that was anything. */
void watchbook_begin(struct watchbook *);
bool watchbook_forget(struct watchbook *);

/*
 * Note what a list has said of a subject, and what that comes to; category: that of a listing,
 * and then of the last one.  Returns whether that is a change, and which.
 */
enum watch_change watchbook_hear(struct watchbook *, const char *subject,
    const struct listing *, const struct fact *, enum watch_answer, enum category *category);

/* At the end of a round: whether list number i, if there is one, has been silent for long, or is
 * no more; its label. */
enum watch_silence_change watchbook_end_list(
    struct watchbook *, size_t i, char list[CHECKER_LABEL_MAX + 1]);

#endif
