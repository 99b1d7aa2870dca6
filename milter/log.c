/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * log.c - where lines go, and how much is said.  The words are chosen by those
 * who have something to say; escaping, bounds and levels are settled here once.
 */
#include "config.h"

#include "log.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#define IDENT_MAX 64
#define PREFIX_MAX (IDENT_MAX + 32) /* the ident, "[PID]: " and the newline */

/* Guards the three below, and keeps the stream open while a line is written. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char ident[IDENT_MAX] = "relayguard";
static bool to_syslog;
static FILE *stream; /* NULL: stderr */

static atomic_bool verbose;

static int syslog_priority(enum log_level);
static bool write_to_stream(const char *);

void
log_to_syslog(const char *name)
{
	pthread_mutex_lock(&lock);
	/* openlog(3) keeps the pointer.  The socket is opened now, before rights are dropped. */
	(void)strbuf_copy(ident, sizeof(ident), name);
	openlog(ident, LOG_PID | LOG_NDELAY, LOG_MAIL);
	to_syslog = true;
	pthread_mutex_unlock(&lock);
}

void
log_to_stream(FILE *file)
{
	pthread_mutex_lock(&lock);
	stream = file;
	to_syslog = false;
	pthread_mutex_unlock(&lock);
}

void
log_set_verbose(bool on)
{
	atomic_store(&verbose, on);
}

void
logline_begin(struct logline *line, const char *word)
{
	strbuf_init(&line->text, line->storage, sizeof(line->storage));
	strbuf_add(&line->text, word);
}

void
logline_event(struct logline *line, const char *name)
{
	logline_begin(line, "event=");
	strbuf_add(&line->text, name);
}

void
logline_str(struct logline *line, const char *key, const char *value)
{
	if (value == NULL)
		return;
	strbuf_addf(&line->text, " %s=", key);
	strbuf_add_value(&line->text, value, LOG_VALUE_MAX);
}

void
logline_num(struct logline *line, const char *key, int64_t value)
{
	strbuf_addf(&line->text, " %s=%" PRId64, key, value);
}

void
logline_end(struct logline *line, enum log_level level)
{
	struct strbuf *text = &line->text;
	int saved = errno;

	if (level == LOG_LEVEL_DEBUG && !atomic_load(&verbose))
		return;
	if (text->cut)
		memcpy(text->data + text->len - 3, "...", 3);
	if (!write_to_stream(text->data))
		syslog(syslog_priority(level), "%s", text->data);
	errno = saved;
}

void
log_event(enum log_level level, const char *event, const char *key, const char *value)
{
	struct logline line;

	logline_event(&line, event);
	logline_str(&line, key, value);
	logline_end(&line, level);
}

static int
syslog_priority(enum log_level level)
{
	switch (level) {
	case LOG_LEVEL_ERROR:
		return LOG_ERR;
	case LOG_LEVEL_WARNING:
		return LOG_WARNING;
	case LOG_LEVEL_INFO:
		return LOG_INFO;
	case LOG_LEVEL_DEBUG:
		return LOG_DEBUG;
	}
	return LOG_INFO;
}

/*
 * False where lines go to syslog.  The line leaves in one write, so that it
 * stays whole beside what other processes write to the same file.
 */
static bool
write_to_stream(const char *text)
{
	char storage[PREFIX_MAX + LOG_LINE_MAX];
	struct strbuf whole;
	bool here;

	strbuf_init(&whole, storage, sizeof(storage));
	pthread_mutex_lock(&lock);
	here = !to_syslog;
	if (here) {
		FILE *out = stream != NULL ? stream : stderr;

		strbuf_addf(&whole, "%s[%ld]: %s\n", ident, (long)getpid(), text);
		(void)fwrite(whole.data, 1, whole.len, out);
		(void)fflush(out);
	}
	pthread_mutex_unlock(&lock);
	return here;
}
