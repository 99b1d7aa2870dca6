/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_logmerge.c - files of a log: plain and by gzip, in the order of their times, with lines
 * that are too long, and files that are cut or not there.
 */
#include "config.h"

#include "ctl/logmerge.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>
#include <zlib.h>

#include "ctl/logentry.h"
#include "ctl/logfile.h"
#include "tap.h"

#define NOW 1795914000
#define AT(minute) "2026-11-09T01:" minute ":00Z mx relayguard[1]: "
#define LINE(ref) "ref=" ref " verdict=pass reason=lists client=192.0.2.1\n"

static char folder[] = "/tmp/relayguard-logmerge.XXXXXX";
static char path[3][64];
static unsigned ticks;

static void
count_tick(const struct logmerge *merge, void *arg)
{
	(void)merge;
	++*(unsigned *)arg;
}

/* A file of that text, so often; mode is zlib's: "wbT" for a plain one. */
static void
write_file(int i, const char *mode, const char *text, unsigned times)
{
	gzFile gz;

	snprintf(path[i], sizeof(path[i]), "%s/%d", folder, i);
	gz = gzopen(path[i], mode);
	for (; times > 0; times--)
		gzputs(gz, text);
	gzclose(gz);
}

static struct logmerge *
open_files(int n)
{
	char *files[4] = {path[0], path[1], path[2], NULL};
	const char *bad;

	files[n] = NULL;
	ticks = 0;
	return logmerge_open(logentry_kind(), files, NOW, count_tick, &ticks, &bad);
}

/* The first letters of all references. */
static void
read_all(struct logmerge *m, char *out, size_t size)
{
	const struct logentry *e;
	size_t n = 0;

	while ((e = logmerge_next(m)) != NULL)
		if (n < size - 1)
			out[n++] = *e->value[LOGKEY_REF].at;
	out[n] = '\0';
}

static void
test_order(void)
{
	struct logmerge *m;
	char refs[20];

	write_file(0, "wbT",
	    AT("03") LINE("CAAAAAAA") "no stamp\n" LINE("DAAAAAAA") AT("08") LINE("HAAAAAAA"),
	    1);
	write_file(1, "wb",
	    AT("01") LINE("AAAAAAAA") AT("02") LINE("BAAAAAAA") AT("05") LINE("FAAAAAAA"), 1);
	write_file(2, "wbT",
	    AT("04") LINE("EAAAAAAA") AT("06") "ref=GAAAAAAA verdict=no\n" AT("07")
		LINE("GAAAAAAA"),
	    1);
	m = open_files(3);
	read_all(m, refs, sizeof(refs));
	same_str(refs, "ABCDEFGH",
	    "as if it were one file; what has no stamp follows the line before");
	same_num((long long)logmerge_bad(m), 1, "one that cannot be read");
	same_num((long long)logmerge_entries(m), 8, "decisions");
	same_num(logmerge_percent(m), 100, "all is read");
	logmerge_close(m);
	logmerge_close(NULL);
}

static void
test_long(void)
{
	static char text[LOGFILE_LINE_MAX + 200];
	struct logfile *file;

	memset(text, 'x', sizeof(text));
	text[LOGFILE_LINE_MAX - 1] = '\n';
	text[LOGFILE_LINE_MAX] = '\0';
	write_file(0, "wbT", text, 20);
	file = logfile_open(path[0]);
	for (int i = 0; i < 20; i++)
		if (strlen(logfile_next(file)) != LOGFILE_LINE_MAX - 1)
			ok(false, "line %d", i);
	ok(logfile_next(file) == NULL, "the longest that there may be, twenty times");
	same_str(logfile_error(file), NULL, "no error");
	logfile_close(file);

	text[LOGFILE_LINE_MAX - 1] = 'x';
	strcpy(text + LOGFILE_LINE_MAX, "\nshort\n");
	write_file(0, "wbT", text, 20);
	file = logfile_open(path[0]);
	for (int i = 0; i < 20; i++)
		if (strcmp(logfile_next(file), "short") != 0)
			ok(false, "line %d", i);
	ok(logfile_next(file) == NULL, "one byte more is left out");
	logfile_close(file);
	logfile_close(NULL);
}

static void
test_faults(void)
{
	char *files[] = {path[0], path[1], NULL};
	const char *bad = NULL, *at = NULL, *why = NULL;
	struct logmerge *m;
	char refs[8];

	write_file(0, "wb", AT("01") LINE("AAAAAAAA"), 5000);
	ok(truncate(path[0], 200) == 0, "a file is cut");
	m = open_files(1);
	read_all(m, refs, sizeof(refs));
	ok(logmerge_error(m, 0, &at, &why) && why != NULL, "that is seen");
	same_str(at, path[0], "in which file");
	ok(!logmerge_error(m, 1, &at, &why), "there is no other");
	ok(ticks > 0, "it was told of lines");
	logmerge_close(m);
	unlink(path[1]);
	ok(logmerge_open(logentry_kind(), files, NOW, count_tick, &ticks, &bad) == NULL &&
		errno == ENOENT,
	    "no file");
	same_str(bad, path[1], "which");
	ok(logfile_open(folder) == NULL && errno == EISDIR, "a folder");
}

int
main(void)
{
	if (mkdtemp(folder) == NULL)
		return 1;
	test_order();
	test_long();
	test_faults();
	for (int i = 0; i < 3; i++)
		unlink(path[i]);
	rmdir(folder);
	return done();
}
