/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_log.c - lines: whole, bounded, and nobody's but ours.  syslog(3) is
 * replaced by functions of this file that note what they are given.
 */
#include "config.h"

#include "base/log.h"

#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <unistd.h>

#include "base/counter.h"
#include "tap.h"

#define THREADS 4
#define LINES 250
#define TEXT_MAX (LOG_LINE_MAX + 100)

/* What syslog(3) was given last.  Its numbers are those of RFC 5424. */
static char sent[TEXT_MAX], opened[64];
static int priority = -1, facility = -1;

/* Whether syslog(3) stands still until it is let go. */
static atomic_bool stalled;
static sem_t throttle;

static void note_order(const char *);

void openlog(const char *, int, int);
void syslog(int, const char *, ...) __attribute__((format(printf, 2, 3)));
void __syslog_chk(int, int, const char *, ...) __attribute__((format(printf, 3, 4)));

void
openlog(const char *ident, int option, int where)
{
	(void)option;
	snprintf(opened, sizeof(opened), "%s", ident);
	facility = where >> 3;
}

static void __attribute__((format(printf, 2, 0))) take(int level, const char *fmt, va_list ap)
{
	if (atomic_load(&stalled))
		sem_wait(&throttle);
	vsnprintf(sent, sizeof(sent), fmt, ap);
	priority = level;
	note_order(sent);
}

void
syslog(int level, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	take(level, fmt, ap);
	va_end(ap);
}

/* What syslog() becomes where the C library checks its arguments. */
void
__syslog_chk(int level, int flag, const char *fmt, ...)
{
	va_list ap;

	(void)flag;
	va_start(ap, fmt);
	take(level, fmt, ap);
	va_end(ap);
}

/* The line that logging wrote into a fresh stream, without "relayguard[PID]: ". */
static const char *
written(FILE *stream, char out[TEXT_MAX])
{
	char prefix[64];
	size_t len;

	snprintf(prefix, sizeof(prefix), "relayguard[%ld]: ", (long)getpid());
	rewind(stream);
	len = fread(out, 1, TEXT_MAX - 1, stream);
	out[len] = '\0';
	if (len == 0 || out[len - 1] != '\n' || strncmp(out, prefix, strlen(prefix)) != 0)
		return "(no line of ours)";
	out[len - 1] = '\0';
	return out + strlen(prefix);
}

/* Who has name and number of the process by himself is not told them once more. */
static void
test_journal(void)
{
	char out[TEXT_MAX], here[64];
	FILE *stream = tmpfile();
	struct stat st;

	if (!ok(stream != NULL && fstat(fileno(stream), &st) == 0, "a stream"))
		return;
	snprintf(here, sizeof(here), "%ju:%ju", (uintmax_t)st.st_dev, (uintmax_t)st.st_ino);
	log_to_stream(stream);
	setenv("JOURNAL_STREAM", "1:1", 1);
	log_event(LOG_LEVEL_INFO, "test", NULL, NULL);
	same_str(written(stream, out), "event=test", "the journal is elsewhere");
	setenv("JOURNAL_STREAM", here, 1);
	rewind(stream);
	log_event(LOG_LEVEL_INFO, "once", NULL, NULL);
	rewind(stream);
	same_str(fgets(out, sizeof(out), stream), "event=once\n", "it is here");
	unsetenv("JOURNAL_STREAM");
	log_to_stream(NULL);
	fclose(stream);
}

static const struct {
	const char *label, *key, *value, *line;
} events[] = {
    {"no value", "key", NULL, "event=test"},
    {"empty", "key", "", "event=test"},
    {"plain", "client", "198.51.100.7", "event=test client=198.51.100.7"},
    {"forged line", "helo", "a\nevent=b", "event=test helo=\"a\\u000aevent=b\""},
    {"forged key", "helo", "a verdict=pass", "event=test helo=\"a verdict=pass\""},
    {"percent signs", "helo", "%s%n", "event=test helo=%s%n"},
    {"8-bit", "helo", "\xff", "event=test helo=\"\\u00ff\""},
};

static void
test_events(void)
{
	char text[TEXT_MAX];
	size_t i;

	for (i = 0; i < sizeof(events) / sizeof(events[0]); i++) {
		FILE *stream = tmpfile();

		log_to_stream(stream);
		log_event(LOG_LEVEL_INFO, "test", events[i].key, events[i].value);
		same_str(written(stream, text), events[i].line, events[i].label);
		log_to_stream(NULL);
		fclose(stream);
	}
}

static void
test_fields(void)
{
	FILE *stream = tmpfile();
	struct logline line;
	char text[TEXT_MAX];

	log_to_stream(stream);
	logline_begin(&line, "ref", "7F3K2Q9M");
	logline_str(&line, "verdict", "refuse");
	logline_str(&line, "name", NULL);
	logline_num(&line, "ms", -3);
	logline_num(&line, "most", INT64_MIN);
	logline_words(&line, "error", "Connection refused");
	logline_words(&line, "why", NULL);
	errno = EDOM;
	logline_end(&line, LOG_LEVEL_INFO);
	same_num(errno, EDOM, "errno is left alone");
	same_str(written(stream, text),
	    "ref=7F3K2Q9M verdict=refuse ms=-3 most=-9223372036854775808 "
	    "error=connection-refused",
	    "a line of fields");
	log_to_stream(NULL);
	fclose(stream);
}

/* 64 KB in each of many fields: each value is bounded, and so is the line. */
static void
test_bounds(void)
{
	static char huge[65536];
	FILE *stream = tmpfile();
	char text[TEXT_MAX];
	struct logline line;
	const char *got;
	int i;

	memset(huge, 'a', sizeof(huge) - 1);
	log_to_stream(stream);
	log_event(LOG_LEVEL_INFO, "test", "helo", huge);
	got = written(stream, text);
	same_num((long long)strlen(got),
	    (long long)strlen("event=test helo=...") + LOG_VALUE_MAX, "a value is cut");
	log_to_stream(NULL);
	fclose(stream);

	stream = tmpfile();
	log_to_stream(stream);
	memset(huge, 0xc3, sizeof(huge) - 1);
	log_event(LOG_LEVEL_INFO, "test", "helo", huge);
	got = written(stream, text);
	ok(strlen(got) <= strlen("event=test helo=\"...\"") + LOG_VALUE_MAX,
	    "one that is escaped takes no more room");
	log_to_stream(NULL);
	fclose(stream);

	stream = tmpfile();
	log_to_stream(stream);
	memset(huge, '\n', sizeof(huge) - 1);
	logline_event(&line, "test");
	for (i = 0; i < 20; i++)
		logline_str(&line, "helo", huge);
	logline_end(&line, LOG_LEVEL_INFO);
	got = written(stream, text);
	ok(strlen(got) < LOG_LINE_MAX && strlen(got) > LOG_LINE_MAX - 2 * LOG_VALUE_MAX,
	    "a line is cut");
	same_str(
	    got + strlen(got) - 19, "\\u000a...\" more=...", "between two fields, which shows");
	ok(strchr(got, '\n') == NULL, "and is one line");
	log_to_stream(NULL);
	fclose(stream);
}

static void
test_levels(void)
{
	FILE *stream = tmpfile();
	char text[TEXT_MAX];

	log_to_stream(stream);
	log_event(LOG_LEVEL_DEBUG, "hidden", NULL, NULL);
	same_num(ftell(stream), 0, "no debug lines by default");
	log_set_verbose(true);
	log_event(LOG_LEVEL_DEBUG, "shown", NULL, NULL);
	same_str(written(stream, text), "event=shown", "debug lines where wanted");
	log_set_verbose(false);
	log_to_stream(NULL);
	fclose(stream);
}

static void *
write_lines(void *arg)
{
	int i;

	for (i = 0; i < LINES; i++)
		log_event(LOG_LEVEL_INFO, "thread", "text", "all of it, and nothing else");
	return arg;
}

static void
test_threads(void)
{
	FILE *stream = tmpfile();
	pthread_t threads[THREADS];
	char line[TEXT_MAX], want[TEXT_MAX];
	int i, started = 0, whole = 0, others = 0;

	log_to_stream(stream);
	for (i = 0; i < THREADS; i++)
		started += pthread_create(&threads[started], NULL, write_lines, NULL) == 0;
	for (i = 0; i < started; i++)
		pthread_join(threads[i], NULL);
	log_to_stream(NULL);
	snprintf(want, sizeof(want), "relayguard[%ld]: event=thread text=\"%s\"\n",
	    (long)getpid(), "all of it, and nothing else");
	rewind(stream);
	while (fgets(line, sizeof(line), stream) != NULL)
		strcmp(line, want) == 0 ? whole++ : others++;
	same_num(whole, started * LINES, "lines of all threads are whole");
	same_num(others, 0, "and nothing stands between them");
	fclose(stream);
}

static const struct {
	const char *label;
	enum log_level level;
	int priority;
} levels[] = {
    {"error", LOG_LEVEL_ERROR, 3},
    {"warning", LOG_LEVEL_WARNING, 4},
    {"info", LOG_LEVEL_INFO, 6},
    {"debug", LOG_LEVEL_DEBUG, 7},
};

static void
test_syslog(void)
{
	FILE *stream = tmpfile();
	size_t i;

	log_to_stream(stream);
	log_name("guard");
	log_to_syslog();
	same_str(opened, "guard", "syslog knows the name");
	same_num(facility, 2, "syslog has the facility mail");
	log_event(LOG_LEVEL_DEBUG, "hidden", NULL, NULL);
	same_num(priority, -1, "no debug lines in syslog");
	log_set_verbose(true);
	for (i = 0; i < sizeof(levels) / sizeof(levels[0]); i++) {
		log_event(levels[i].level, levels[i].label, "text", "100%s");
		same_num(priority, levels[i].priority, levels[i].label);
	}
	same_str(sent, "event=debug text=100%s", "the words are the same");
	same_num(ftell(stream), 0, "nothing goes to the stream any more");
	log_set_verbose(false);
	log_to_stream(NULL);
	fclose(stream);
}

/* Lines with numbers, as they come out: all that are not told of as dropped are there. */
static struct {
	long long next, dropped, disorder;
} order;

static void
note_order(const char *line)
{
	const char *number = strstr(line, "event=numbered n=");
	const char *dropped = strstr(line, "event=log-lines-dropped count=");
	long long n;

	if (dropped != NULL) {
		n = atoll(strrchr(line, '=') + 1);
		order.dropped += n;
		order.next += n;
	} else if (number != NULL) {
		n = atoll(strrchr(line, '=') + 1);
		order.disorder += n != order.next++;
	}
}

static void
log_numbered(long long from, long long to)
{
	struct logline line;

	for (long long n = from; n < to; n++) {
		logline_event(&line, "numbered");
		logline_num(&line, "n", n);
		logline_end(&line, LOG_LEVEL_INFO);
	}
}

static void
test_stalled_syslog(void)
{
	enum { MANY = 100000, MORE = 100 };
	uint64_t before = counter_get(COUNTER_LOG_DROPPED);

	memset(&order, 0, sizeof(order));
	sem_init(&throttle, 0, 0);
	log_name("guard");
	log_to_syslog();
	ok(log_start(), "a thread");
	log_numbered(0, MORE);
	ok(log_stop(20000), "all is written");
	same_num(order.next, MORE, "by the thread, which then ends");
	ok(log_stop(0), "ended twice");

	ok(log_start(), "another thread");
	atomic_store(&stalled, true);
	log_numbered(MORE, MANY);
	ok(counter_get(COUNTER_LOG_DROPPED) > before, "more lines than the queue holds");
	ok(!log_stop(20), "syslog stands still: the end does not wait for it");
	same_num(order.next, MORE, "nothing was written meanwhile");
	atomic_store(&stalled, false);
	sem_post(&throttle);
	ok(log_stop(20000), "it goes on: all is written");
	same_num(order.disorder, 0, "in order");
	same_num(order.next, MANY, "and what is missing was told of, in its place");
	same_num(order.dropped, (long long)(counter_get(COUNTER_LOG_DROPPED) - before),
	    "its number is right");
	log_numbered(MANY, MANY + 1);
	same_num(order.next, MANY + 1, "without the thread, a line is written at once");
	log_to_stream(NULL);
	sem_destroy(&throttle);
}

/* What comes out of the pipe, until its other end is closed. */
static void *
read_pipe(void *arg)
{
	FILE *in = arg;
	char line[TEXT_MAX];

	while (fgets(line, sizeof(line), in) != NULL)
		note_order(line);
	return NULL;
}

static void
test_full_pipe(void)
{
	enum { MANY = 60000, AGAIN = MANY + 1000 };
	uint64_t before = counter_get(COUNTER_LOG_DROPPED);
	pthread_t reader;
	FILE *in, *out;
	int ends[2];

	memset(&order, 0, sizeof(order));
	if (pipe(ends) != 0 || (in = fdopen(ends[0], "r")) == NULL ||
	    (out = fdopen(ends[1], "w")) == NULL) {
		ok(false, "a pipe");
		return;
	}
	log_to_stream(out);
	ok(log_start(), "a thread");
	log_numbered(0, MANY);
	ok(counter_get(COUNTER_LOG_DROPPED) > before, "more than the pipe and the queue hold");
	ok(!log_stop(20), "nobody reads: the end does not wait");
	if (pthread_create(&reader, NULL, read_pipe, in) != 0)
		return;
	ok(log_stop(20000), "somebody reads: all is written");
	ok(log_start(), "another thread");
	log_numbered(MANY, AGAIN);
	ok(log_stop(20000), "all is written");
	log_to_stream(NULL);
	fclose(out);
	pthread_join(reader, NULL);
	fclose(in);
	same_num(order.disorder, 0, "in order");
	same_num(order.next, AGAIN, "and what is missing was told of, in its place");
	same_num(order.dropped, (long long)(counter_get(COUNTER_LOG_DROPPED) - before),
	    "its number is right");
}

/* Several who log, one slow reader: whole lines, each once. */
static void
test_threads_and_queue(void)
{
	pthread_t threads[THREADS];
	int started = 0;

	memset(&order, 0, sizeof(order));
	sem_init(&throttle, 0, 0);
	log_name("guard");
	log_to_syslog();
	ok(log_start(), "a thread");
	atomic_store(&stalled, true);
	for (int i = 0; i < THREADS; i++)
		started += pthread_create(&threads[started], NULL, write_lines, NULL) == 0;
	for (int i = 0; i < started; i++)
		pthread_join(threads[i], NULL);
	log_numbered(0, 10);
	atomic_store(&stalled, false);
	sem_post(&throttle);
	ok(log_stop(20000), "all is written");
	same_str(sent, "event=numbered n=9", "the last one last");
	same_num(order.next, 10, "none is missing");
	log_to_stream(NULL);
	sem_destroy(&throttle);
}

int
main(void)
{
	test_events();
	test_journal();
	test_fields();
	test_bounds();
	test_levels();
	test_threads();
	test_syslog();
	test_stalled_syslog();
	test_full_pipe();
	test_threads_and_queue();
	return done();
}
