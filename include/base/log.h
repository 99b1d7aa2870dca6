/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * base/log.h - one line of key=value for each event.  Any thread, and never blocks
 * once log_start() was called.
 *
 * Lines go to syslog, facility mail, or to a stream, with the same words.
 * Every value passes through strbuf_add_value(): nobody outside can forge a
 * line, or a key in one.
 */
#ifndef RELAYGUARD_BASE_LOG_H
#define RELAYGUARD_BASE_LOG_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/strbuf.h"

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARNING, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };

#define LOG_LINE_MAX 2000 /* bytes of a line, as Postfix and syslog bound theirs */
#define LOG_VALUE_MAX 256 /* bytes written of one value, without quotes */

struct logline {
	struct strbuf text;
	size_t whole; /* bytes of the fields behind which another still fits */
	char storage[LOG_LINE_MAX];
};

/* Whose lines they are, from now on and before log_start().  Before: "relayguard". */
void log_name(const char *);

/* Send lines to syslog, from now on.  Before: to stderr. */
void log_to_syslog(void);

/* Send lines to a stream, which the caller keeps open; each is flushed.  They begin with our
 * name and number, but in systemd's journal, which has those by itself. */
void log_to_stream(FILE *);

/*
 * Have a thread write what cannot be written without waiting: from now on
 * nobody waits for syslog, or for who reads the stream.  What is more than a
 * queue can hold is dropped, counted, and told of when there is room again.
 * Before: lines are written by who logs them.  False: there can be no thread.
 */
bool log_start(void);

/*
 * Write what is queued, for as long as ms, and end the thread; false: it could
 * not be written.  Then the thread is there still, and so must the stream be.
 */
bool log_stop(int ms);

/* Whether lines of LOG_LEVEL_DEBUG are written; they are not by default. */
void log_set_verbose(bool);

/* Begin a line with its first field: a decision's reference, say, or event=NAME. */
void logline_begin(struct logline *, const char *key, const char *value);
void logline_event(struct logline *, const char *name);

/* Add a field; a value that is NULL or empty leaves it out. */
void logline_str(struct logline *, const char *key, const char *value);
void logline_num(struct logline *, const char *key, int64_t value);

/* Add one in words of ours or of the system's: with hyphens for blanks, and the first letter
 * a small one, so that readers which know no quotes have all of it. */
void logline_words(struct logline *, const char *key, const char *words);

/* End the line where it has room for no more: with whole fields. */
void logline_close(struct logline *);

/* Close the line and write it, whole, as one event. */
void logline_end(struct logline *, enum log_level);

/* A whole line of one event with one text, for what has no more to say. */
void log_event(enum log_level, const char *event, const char *key, const char *value);

/* The same of an error, in words as logline_words() has them. */
void log_error(enum log_level, const char *event, const char *error);

#endif
