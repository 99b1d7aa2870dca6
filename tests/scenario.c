/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * scenario.c - run scenarios: real code from libmilter's callbacks down, on a
 * clock, a loop, a DNS and a Redis that do as the scenario says.  Each file
 * runs in a process of its own, an incident in two; the points of all make one TAP
 * stream.
 */
#include "config.h"

#include "scenario.h"

#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"
#include "base/logfield.h"
#include "base/random.h"

#define SECONDS_MAX 600 /* for a scenario that hangs; one takes a minute on a busy machine */

#define BLANK "%{n}" /* of a repeat */

static void do_repeat(struct scenario *);
static void run_text(struct scenario *, char *text, unsigned line);

static const struct directive {
	const char *verb;
	void (*run)(struct scenario *);
	bool outcome; /* may have => */
	bool detail;  /* what it looks at is not the verdict */
} directives[] = {
    {"conf", do_conf, true, false},
    {"reload", do_reload, true, false},
    {"file", do_file, false, false},
    {"dns", do_dns, false, false},
    {"list", do_list, false, false},
    {"resolver", do_resolver, false, false},
    {"seed", do_seed, false, false},
    {"redis", do_redis, false, false},
    {"wait", do_wait, false, false},
    {"stop", do_stop, false, false},
    {"repeat", do_repeat, false, false},
    {"restart", do_restart, false, false},
    {"node", do_node, false, false},
    {"mta", do_mta, false, false},
    {"macro", do_macro, false, false},
    {"connect", do_connect, true, false},
    {"helo", do_helo, true, false},
    {"auth", do_auth, false, false},
    {"mail", do_mail, true, false},
    {"rcpt", do_rcpt, true, false},
    {"refused", do_refused, true, false},
    {"ask", do_ask, true, false},
    {"field", do_field, false, false},
    {"data", do_data, true, false},
    {"unexplained", do_unexplained, false, false},
    {"abort", do_abort, true, false},
    {"quit", do_quit, true, false},
    {"traffic", do_traffic, true, false},
    {"reply", do_reply, false, true},
    {"delivered", do_delivered, false, true},
    {"undelivered", do_undelivered, false, false},
    {"held", do_held, false, false},
    {"log", do_log, false, true},
    {"nolog", do_nolog, false, true},
    {"error", do_error, false, false},
    {"asked", do_asked, false, true},
    {"reached", do_reached, false, true},
    {"resolves", do_resolves, false, true},
    {"took", do_took, false, true},
    {"stored", do_stored, false, true},
    {"counted", do_counted, false, true},
    {"trips", do_trips, false, true},
    {"open", do_open, false, false},
    {"secret", do_secret, false, false},
    {"suspended", do_suspended, false, true},
    {"restored", do_restored, false, true},
    {"state", do_state, false, true},
    {"tally", do_tally, false, false},
};

/* The next line of *text, ended by NUL; NULL: no more. */
static char *
next_line(char **text)
{
	char *line = *text, *end = line + strcspn(line, "\n");

	if (*line == '\0')
		return NULL;
	*text = end;
	if (*end != '\0')
		*(*text)++ = '\0';
	return line;
}

/* Take the indented and the empty lines that follow as one text, a tab less before each. */
static char *
take_block(char **text, unsigned *line)
{
	char *p = *text, *block;
	size_t size, n;
	FILE *out = open_memstream(&block, &size);

	if (out == NULL)
		abort();
	while (*p == ' ' || *p == '\t' || *p == '\n') {
		p += *p == '\t';
		n = strcspn(p, "\n");
		n += p[n] == '\n';
		fwrite(p, 1, n, out);
		p += n;
		++*line;
	}
	fclose(out);
	*text = p;
	return block;
}

/*
 * "directly DIRECTIVE" and "cached DIRECTIVE" are for the run that has the lists at
 * hand, or the one behind a resolver's cache.  NULL: this is the other one.
 */
static char *
choose(const struct scenario *s, char *line)
{
	const char *other = s->cached ? "directly " : "cached ",
		   *ours = s->cached ? "cached " : "directly ";

	if (strncmp(line, other, strlen(other)) == 0)
		return NULL;
	return strncmp(line, ours, strlen(ours)) == 0 ? line + strlen(ours) : line;
}

/* "[who] verb rest => want" */
static const struct directive *
read_directive(struct scenario *s, char *line)
{
	char *verb, *arrow;

	s->who = "";
	if (line[0] == '[' && (verb = strstr(line, "] ")) != NULL) {
		s->who = line + 1;
		*verb = '\0';
		line = verb + 2;
	}
	verb = next_word(&line);
	line += strspn(line, " \t");
	s->rest = line;
	s->want = NULL;
	for (size_t i = 0; i < sizeof(directives) / sizeof(directives[0]); i++) {
		if (strcmp(directives[i].verb, verb) != 0)
			continue;
		if (directives[i].outcome && (arrow = strstr(line, "=> ")) != NULL) {
			s->want = arrow + strlen("=> ");
			*arrow = '\0';
		}
		return &directives[i];
	}
	broken(s, "no such directive:", verb);
}

/* A text with %{n} replaced by a number; to be freed. */
static char *
number(const char *text, unsigned long n)
{
	const char *blank;
	size_t size;
	char *out;
	FILE *file = open_memstream(&out, &size);

	if (file == NULL)
		abort();
	for (; (blank = strstr(text, BLANK)) != NULL; text = blank + strlen(BLANK))
		fprintf(file, "%.*s%lu", (int)(blank - text), text, n);
	fputs(text, file);
	fclose(file);
	return out;
}

/* "repeat 0-31": the lines below it, for each number. */
static void
do_repeat(struct scenario *s)
{
	const char *range = need_word(s);
	char *block = s->block, *end;
	unsigned long first = strtoul(range, &end, 10);
	unsigned long last = *end == '-' ? strtoul(end + 1, &end, 10) : 0;
	unsigned line = s->line;

	if (*end != '\0' || last < first)
		broken(s, "not a range as 0-31:", range);
	for (unsigned long n = first; n <= last; n++) {
		char *text = number(block, n);

		run_text(s, text, line);
		free(text);
	}
	s->block = block;
}

/* Where fewer lists are asked, what is decided is the same, and not all else is. */
static void
run_directive(struct scenario *s, const struct directive *d)
{
	bool silent = s->silent;

	s->silent = silent || (s->needed && d->detail);
	d->run(s);
	s->silent = silent;
}

static void
run_text(struct scenario *s, char *text, unsigned line)
{
	char *here, *whole, *block, *chosen;

	while ((here = next_line(&text)) != NULL) {
		s->line = ++line;
		if (here[0] == '#' || here[strspn(here, " \t")] == '\0')
			continue;
		s->whole = whole = strdup(here);
		if (here[0] == ' ' || here[0] == '\t')
			broken(s, "nothing takes a block here:", here);
		block = s->block = take_block(&text, &line);
		if ((chosen = choose(s, here)) != NULL)
			run_directive(s, read_directive(s, chosen));
		free(block);
		free(whole);
	}
	s->whole = "end";
}

static char *
read_file(const struct scenario *s)
{
	FILE *file = fopen(s->path, "r"), *out;
	char *text, buf[4096];
	size_t len, n;

	if (file == NULL)
		broken(s, "cannot be read", "");
	if ((out = open_memstream(&text, &len)) == NULL)
		abort();
	while ((n = fread(buf, 1, sizeof(buf), file)) > 0)
		fwrite(buf, 1, n, out);
	fclose(out);
	fclose(file);
	return text;
}

enum run { RUN_DIRECTLY, RUN_CACHED, RUN_EXPLAINING, RUN_DECIDING, RUN_NEEDED };

/* What was decided of whom, as a comment a line. */
static void
say_decisions(const struct scenario *s)
{
	static const char *const keys[] = {
	    "verdict", "meant", "apart", "reason", "client", "from", "to"};
	const char *line;

	fflush(s->log.stream);
	for (line = s->log.text; (line = strstr(line, "ref=")) != NULL; line++) {
		char *one = strndup(line, strcspn(line, "\n")), value[LOG_VALUE_MAX + 1];

		if (strstr(one, " verdict=") == one + strlen("ref=") + REF_LEN) {
			printf("# decided: %s:", strrchr(s->path, '/') + 1);
			for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
				if (logfield_find(one, keys[i], value, sizeof(value)))
					printf(" %s=%s", keys[i], value);
			putchar('\n');
		}
		free(one);
	}
}

static void
run_scenario(const char *path, enum run run, const char *dir)
{
	static struct scenario s;
	char *text;

	alarm(SECONDS_MAX);
	s.path = path;
	s.cached = run == RUN_CACHED;
	s.silent = s.explaining = run == RUN_EXPLAINING;
	s.needed = run == RUN_NEEDED;
	s.dir = dir;
	s.whole = "";
	daemon_services_open(&s);
	text = read_file(&s);
	run_text(&s, text, 0);
	check_secrets(&s);
	if (run == RUN_DECIDING || run == RUN_NEEDED)
		say_decisions(&s);
	daemon_services_close(&s);
	free(text);
}

static void
run_alone(const char *path, enum run run)
{
	char dir[DIR_SIZE];
	int status = -1;
	pid_t child;

	dir_make(dir);
	fflush(stdout);
	if ((child = fork()) == 0) {
		setvbuf(stdout, NULL, _IOLBF, 0);
		run_scenario(path, run, dir);
		points_end();
		exit(0); /* and not _exit(): the sanitizers look for leaks now */
	}
	if (child > 0)
		waitpid(child, &status, 0);
	points_join(path, status);
	dir_remove(dir);
}

/* These are run twice: directly, and behind a resolver's cache. */
static bool
is_incident(const char *path)
{
	return strstr(path, "incidents/") != NULL;
}

/* How the files are run: -e with explanations, -d saying what was decided, -n the same where
 * lists are asked as it is needed; without, each for itself. */
static enum run
read_option(const char *option)
{
	if (strcmp(option, "-e") == 0)
		return RUN_EXPLAINING;
	if (strcmp(option, "-d") == 0)
		return RUN_DECIDING;
	return strcmp(option, "-n") == 0 ? RUN_NEEDED : RUN_DIRECTLY;
}

int
main(int argc, char **argv)
{
	enum run run = argc > 1 ? read_option(argv[1]) : RUN_DIRECTLY;
	int first = 1 + (run != RUN_DIRECTLY);

	if (argc <= first) {
		fprintf(stderr, "usage: scenario [-d | -e | -n] FILE...\n");
		return 64;
	}
	points_begin();
	for (int i = first; i < argc; i++) {
		run_alone(argv[i], run);
		if (is_incident(argv[i]) && run == RUN_DIRECTLY)
			run_alone(argv[i], RUN_CACHED);
	}
	return points_done();
}
