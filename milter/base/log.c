/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * base/log.c - where lines go, and how much is said.  The words are chosen by those
 * who have something to say; escaping, bounds and levels are settled here once.
 * A thread waits for syslog, or a stream nobody reads, so that mail need not.
 */
#include "config.h"

#include "base/log.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "base/ascii.h"
#include "base/clock.h"
#include "base/condition.h"
#include "base/counter.h"
#include "base/logqueue.h"

#define IDENT_MAX 64
#define PREFIX_MAX (IDENT_MAX + 32) /* the ident, "[PID]: " and the newline */
#define BATCH_MAX 4096              /* bytes of one write: a pipe takes them whole */
#define MORE " more=..."            /* in the place of fields for which there is no room */
#define NAP_MS 1                    /* of the thread, for lines to gather */

/* Guards all below, and the stream while a line is written at once. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed; /* a line waits, all are written, or the end has come */
static char ident[IDENT_MAX] = "relayguard";
static char prefix[PREFIX_MAX]; /* of a line in a stream; who has threads forks no more */
static bool to_syslog;
static FILE *stream; /* NULL: stderr */

static struct logqueue queue;
static int64_t dropped; /* lines since the last one that found room */
static bool writing;    /* the thread is writing lines */
static int64_t written; /* in clock_ms(), when the last line was */
static bool stopping;
static bool running; /* the thread is there */
static pthread_t writer;

static atomic_bool verbose;

static void add_key(struct logline *, const char *);
static void end_field(struct logline *);
static void *write_queued(void *);
static void put_line(enum log_level, const struct strbuf *);
static bool nobody_waits(void);
static void enqueue(enum log_level, const struct strbuf *);
static bool tell_dropped(void);
static void write_batch(void);
static void make_prefix(void);
static void add_line(struct strbuf *, const char *);
static void write_line(enum log_level, const char *);
static void write_whole(FILE *, const struct strbuf *);
static FILE *current_stream(void);
static int syslog_priority(enum log_level);

void
log_name(const char *name)
{
	pthread_mutex_lock(&lock);
	(void)strbuf_copy(ident, sizeof(ident), name);
	pthread_mutex_unlock(&lock);
}

void
log_to_syslog(void)
{
	pthread_mutex_lock(&lock);
	/* openlog(3) keeps the pointer.  The socket is opened now, before rights are dropped. */
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

bool
log_start(void)
{
	pthread_mutex_lock(&lock);
	condition_init(&changed);
	stopping = false;
	make_prefix();
	running = pthread_create(&writer, NULL, write_queued, NULL) == 0;
	pthread_mutex_unlock(&lock);
	return running;
}

bool
log_stop(int ms)
{
	struct timespec until = condition_deadline(clock_ms() + ms);
	bool done;
	int error = 0;

	pthread_mutex_lock(&lock);
	if (!running) {
		pthread_mutex_unlock(&lock);
		return true;
	}
	stopping = true;
	pthread_cond_broadcast(&changed);
	while ((writing || queue.used > 0 || dropped > 0) && error == 0)
		error = pthread_cond_timedwait(&changed, &lock, &until);
	done = !writing && queue.used == 0 && dropped == 0;
	running = !done;
	pthread_mutex_unlock(&lock);
	if (!done)
		return false;
	pthread_join(writer, NULL);
	pthread_cond_destroy(&changed);
	return true;
}

void
log_set_verbose(bool on)
{
	atomic_store(&verbose, on);
}

void
logline_begin(struct logline *line, const char *key, const char *value)
{
	strbuf_init(&line->text, line->storage, sizeof(line->storage));
	line->whole = 0;
	logline_str(line, key, value);
}

void
logline_event(struct logline *line, const char *name)
{
	logline_begin(line, "event", name);
}

void
logline_str(struct logline *line, const char *key, const char *value)
{
	if (value == NULL || value[0] == '\0')
		return;
	add_key(line, key);
	strbuf_add_value(&line->text, value, LOG_VALUE_MAX);
	end_field(line);
}

void
logline_words(struct logline *line, const char *key, const char *words)
{
	char text[LOG_VALUE_MAX + 2]; /* so that what is cut shows */

	if (words == NULL)
		return;
	(void)strbuf_copy(text, sizeof(text), words);
	for (char *c = text; *c != '\0'; c++)
		if (*c == ' ')
			*c = '-';
	if (text[0] != '\0' && ascii_lower(text[1]) == text[1])
		text[0] = ascii_lower(text[0]); /* but for a word that is all capitals */
	logline_str(line, key, text);
}

void
logline_num(struct logline *line, const char *key, int64_t value)
{
	add_key(line, key);
	strbuf_add_num(&line->text, value);
	end_field(line);
}

void
logline_close(struct logline *line)
{
	struct strbuf *text = &line->text;

	if (!text->cut)
		return;
	/* Half a field, or half of a key, would be an error to who reads the line. */
	text->len = line->whole;
	text->cut = false;
	strbuf_add(text, MORE);
}

void
logline_end(struct logline *line, enum log_level level)
{
	int saved = errno;

	if (level == LOG_LEVEL_DEBUG && !atomic_load(&verbose))
		return;
	logline_close(line);
	put_line(level, &line->text);
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

void
log_error(enum log_level level, const char *event, const char *error)
{
	struct logline line;

	logline_event(&line, event);
	logline_words(&line, "error", error);
	logline_end(&line, level);
}

static void
add_key(struct logline *line, const char *key)
{
	if (line->text.len > 0)
		strbuf_addc(&line->text, ' ');
	strbuf_add(&line->text, key);
	strbuf_addc(&line->text, '=');
}

static void
end_field(struct logline *line)
{
	const struct strbuf *text = &line->text;

	if (!text->cut && text->len + sizeof(MORE) <= text->size)
		line->whole = text->len;
}

/* The thread: what it writes, it writes without the lock, for as long as that takes. */
static void *
write_queued(void *arg)
{
	const struct timespec nap = {.tv_nsec = NAP_MS * 1000000L};

	pthread_mutex_lock(&lock);
	for (;;) {
		if (queue.used == 0 && !tell_dropped()) {
			if (stopping)
				break;
			pthread_cond_wait(&changed, &lock);
			continue;
		}
		writing = true;
		while (queue.used > 0)
			write_batch();
		writing = false;
		written = clock_ms();
		pthread_cond_broadcast(&changed);
		/* Waking up once for many lines costs less than once for each. */
		pthread_mutex_unlock(&lock);
		nanosleep(&nap, NULL);
		pthread_mutex_lock(&lock);
	}
	pthread_mutex_unlock(&lock);
	return arg;
}

static void
put_line(enum log_level level, const struct strbuf *text)
{
	pthread_mutex_lock(&lock);
	if (nobody_waits())
		write_line(level, text->data);
	else
		enqueue(level, text);
	pthread_mutex_unlock(&lock);
}

/*
 * Whether a line may be written at once: it is the first in this millisecond, it
 * would overtake no other, and can be got rid of without waiting.  A pipe that can
 * be written takes a page; whether syslog(3) would wait, nobody can say.
 */
static bool
nobody_waits(void)
{
	struct pollfd out = {.events = POLLOUT};

	if (!running)
		return true;
	if (to_syslog || writing || queue.used > 0 || dropped > 0 || clock_ms() == written)
		return false;
	out.fd = fileno(current_stream());
	return poll(&out, 1, 0) != 0;
}

static void
enqueue(enum log_level level, const struct strbuf *text)
{
	(void)tell_dropped();
	if (dropped > 0 || !logqueue_put(&queue, (unsigned char)level, text->data, text->len)) {
		dropped++;
		counter_add(COUNTER_LOG_DROPPED);
	}
	pthread_cond_broadcast(&changed);
}

/* Queue the line that stands in the place of those that found no room. */
static bool
tell_dropped(void)
{
	struct logline line;

	if (dropped == 0)
		return false;
	logline_event(&line, "log-lines-dropped");
	logline_num(&line, "count", dropped);
	if (!logqueue_put(&queue, LOG_LEVEL_WARNING, line.text.data, line.text.len))
		return false;
	dropped = 0;
	return true;
}

/*
 * The thread's, with the lock held but while it writes: a line for syslog, or as
 * many as leave in one write.
 */
static void
write_batch(void)
{
	char text[LOG_LINE_MAX], storage[BATCH_MAX];
	unsigned char level = LOG_LEVEL_INFO;
	FILE *out = to_syslog ? NULL : current_stream();
	struct strbuf batch;

	strbuf_init(&batch, storage, sizeof(storage));
	while (batch.len + PREFIX_MAX + LOG_LINE_MAX <= sizeof(storage) &&
	    logqueue_take(&queue, &level, text, sizeof(text))) {
		if (out == NULL)
			break;
		add_line(&batch, text);
	}
	pthread_mutex_unlock(&lock);
	if (out == NULL)
		syslog(syslog_priority(level), "%s", text);
	else
		write_whole(out, &batch);
	pthread_mutex_lock(&lock);
}

/* Whether it leads to systemd's journal, which has name and number of each process by itself
 * (systemd.exec(5), JOURNAL_STREAM). */
static bool
is_journal(FILE *out)
{
	const char *journal = getenv("JOURNAL_STREAM");
	char here[2 * 21 + 1];
	struct stat st;

	if (journal == NULL || fstat(fileno(out), &st) != 0)
		return false;
	(void)snprintf(
	    here, sizeof(here), "%ju:%ju", (uintmax_t)st.st_dev, (uintmax_t)st.st_ino);
	return strcmp(here, journal) == 0;
}

static void
make_prefix(void)
{
	struct strbuf sb;

	strbuf_init(&sb, prefix, sizeof(prefix));
	if (!is_journal(current_stream()))
		strbuf_addf(&sb, "%s[%ld]: ", ident, (long)getpid());
}

static void
add_line(struct strbuf *to, const char *text)
{
	strbuf_add(to, prefix);
	strbuf_add(to, text);
	strbuf_addc(to, '\n');
}

static void
write_line(enum log_level level, const char *text)
{
	char storage[PREFIX_MAX + LOG_LINE_MAX];
	struct strbuf whole;

	if (to_syslog) {
		syslog(syslog_priority(level), "%s", text);
		return;
	}
	if (!running)
		make_prefix();
	strbuf_init(&whole, storage, sizeof(storage));
	add_line(&whole, text);
	write_whole(current_stream(), &whole);
	written = clock_ms();
}

/* In one write, so that lines stay whole beside what other processes write to the file. */
static void
write_whole(FILE *out, const struct strbuf *lines)
{
	(void)fwrite(lines->data, 1, lines->len, out);
	(void)fflush(out);
}

static FILE *
current_stream(void)
{
	return stream != NULL ? stream : stderr;
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
