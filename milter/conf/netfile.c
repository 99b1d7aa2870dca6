/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * conf/netfile.c - a file of networks, millions of lines of it.  What is odd about many lines
 * is said once.
 */
#include "config.h"

#include "conf/netfile.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/textfile.h"
#include "conf/lintnet.h"

#define LINE_LEN_MAX 1024 /* bytes of a line, without its end */
#define MISTAKES_MAX 10   /* that are told of one file */
#define WHY_MAX 300

enum end { END_OF_LINE, END_OF_FILE, END_LONG, END_NUL, END_FAILED };

/* A file that is being read. */
struct reader {
	struct prefix_set *set;
	enum netline_sense sense;
	struct report *report;
	struct place place; /* of the line */
	unsigned mistakes;
	size_t networks;
	unsigned action;   /* the first line whose note began with an action; 0: none */
	bool json;         /* some line was JSON */
	bool whole;        /* and the last one, by which a list ends */
	long long records; /* networks that the list has, by its last line; -1: not said */
	struct lintnet_counts odd;
};

static void
complain(struct reader *in, const char *why)
{
	report_mistake(in->report, &in->place, "%s", why);
	in->mistakes++;
}

static enum end
read_line(FILE *file, char line[LINE_LEN_MAX + 1])
{
	size_t len = 0;
	int c;

	while ((c = getc_unlocked(file)) != EOF && c != '\n') {
		if (c == '\0')
			return END_NUL;
		if (len == LINE_LEN_MAX)
			return END_LONG;
		line[len++] = (char)c;
	}
	line[len] = '\0';
	if (ferror(file))
		return END_FAILED;
	return c == EOF && len == 0 ? END_OF_FILE : END_OF_LINE;
}

static void
add_network(struct reader *in, const struct netline *line)
{
	if (!prefix_add(in->set, &line->network, line->note)) {
		complain(in, "memory is out");
		return;
	}
	in->networks++;
	lintnet_count(&in->odd, &line->network, &in->place);
}

static void
take_line(struct reader *in, char *text)
{
	struct netline line;
	char why[WHY_MAX];

	if (!netline_read(&line, text, in->sense, why, sizeof(why))) {
		complain(in, why);
		return;
	}
	if (line.action && in->action == 0)
		in->action = in->place.line;
	in->json |= line.json;
	if (line.given) {
		in->whole = false;
		add_network(in, &line);
	} else if (line.json) {
		in->whole = true;
		in->records = line.drop.records;
	}
}

/* Read all lines, but for what comes after one that cannot be, or too many mistakes. */
static void
read_lines(struct reader *in, FILE *file)
{
	static const char *const faults[] = {
	    [END_LONG] = "the line is too long",
	    [END_NUL] = "the line holds a NUL byte",
	    [END_FAILED] = "the file cannot be read any further",
	};
	char line[LINE_LEN_MAX + 1];
	enum end end;

	while (in->place.line++, (end = read_line(file, line)) == END_OF_LINE) {
		if (in->mistakes == MISTAKES_MAX) {
			complain(in, "so many lines were wrong that the rest is not read");
			return;
		}
		take_line(in, line);
	}
	if (end != END_OF_FILE)
		complain(in, faults[end]);
}

/* Say what is odd about the file as a whole, if nothing is wrong with it. */
static void
warn(struct reader *in, const struct place *named)
{
	struct place place = {in->place.file, in->action};

	if (in->action > 0)
		report_warning(in->report, &place,
		    "the action of another program is left out, here and wherever it means what "
		    "the file is for");
	lintnet_say(&in->odd, in->report);
	if (in->json && !in->whole)
		report_warning(in->report, named,
		    "files: %s does not end as Spamhaus's lists do: is all of it there?",
		    in->place.file);
	else if (in->records >= 0 && (size_t)in->records != in->networks)
		report_warning(in->report, named,
		    "files: %s holds %zu networks, and its last line says %lld", in->place.file,
		    in->networks, in->records);
}

/* What is against reading the file; NULL: nothing. */
static const char *
check_status(int fd, const char *path)
{
	struct stat status;

	if (fd < 0 || fstat(fd, &status) != 0)
		return textfile_why(path, errno);
	if (!S_ISREG(status.st_mode))
		return "not a regular file";
	if ((status.st_mode & S_IWOTH) != 0)
		return "everybody may write to it";
	return NULL;
}

size_t
netfile_read(struct prefix_set *set, const char *path, enum netline_sense sense,
    const struct place *named, struct report *report)
{
	/* Without waiting: a FIFO would keep us here until somebody writes to it. */
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	const char *fault = check_status(fd, path);
	FILE *file = fault == NULL ? fdopen(fd, "r") : NULL;
	struct reader in = {
	    set, sense, report, .place = {path, 0}, .records = -1, .odd.sense = sense};

	if (file == NULL) {
		report_mistake(report, named, "files: %s: %s", path,
		    fault != NULL ? fault : strerror(errno));
		if (fd >= 0)
			close(fd);
		return 0;
	}
	read_lines(&in, file);
	fclose(file);
	if (in.mistakes == 0)
		warn(&in, named);
	return in.networks;
}
