/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * session/watchfile.c - words with one blank between them; "-" stands for nothing.  The first
 * line says what it is, and the last one that all is there.
 */
#include "config.h"

#include "session/watchfile.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/bulk.h"
#include "base/domain.h"
#include "base/number.h"
#include "base/strbuf.h"

#define HEAD "relayguard-watch-1"
#define TAIL "end"
#define NOTHING "-"
#define WORDS_MAX 12
#define TIME_MAX INT64_C(99999999999)
#define NUMBER_MAX INT64_C(999999999999)
#define FILE_MODE 0640
#define SIZE_MAX_BYTES (4 << 20)

static const char *const kinds[] = {
    [KIND_ADDRESS] = "address", [KIND_DOMAIN] = "domain", [KIND_ALLOW] = "allow"};

static const char *const answers[] = {
    [WATCH_NOTHING] = NOTHING, [WATCH_CLEAR] = "clear", [WATCH_LISTED] = "listed"};

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

/* --- Reading --- */

/* Cut a line into words; how many there are, or one more than that may be. */
static size_t
split(char *line, const char *words[WORDS_MAX])
{
	size_t n = 0;
	char *word;

	while ((word = strsep(&line, " ")) != NULL) {
		if (n == WORDS_MAX)
			return n + 1;
		words[n++] = word;
	}
	return n;
}

static bool
read_number(const char *word, int64_t max, int64_t *out)
{
	const char *at = word;

	*out = number_plain(&at, max);
	return *out >= 0 && *at == '\0';
}

/* The place of a word in a table. */
static bool
read_word(const char *word, const char *const *table, size_t n, unsigned *out)
{
	for (*out = 0; *out < n; ++*out)
		if (strcmp(word, table[*out]) == 0)
			return true;
	return false;
}

static bool
read_scope(const char *word, enum scope *out)
{
	for (*out = SCOPE_ADDRESS; *out <= SCOPE_PROVIDER; ++*out)
		if (strcmp(word, watch_scope_name(*out)) == 0)
			return true;
	return false;
}

static bool
read_category(const char *word, enum category *out)
{
	*out = strcmp(word, NOTHING) == 0 ? CATEGORY_MAX : category_parse(word);
	return *out != CATEGORY_MAX || strcmp(word, NOTHING) == 0;
}

/* An address or a name, in the form that the configuration has it in. */
static bool
read_subject(const char *word, char out[SUBJECT_NAME_SIZE])
{
	char text[DOMAIN_NAME_SIZE];
	struct ipaddr address;

	_Static_assert(DOMAIN_NAME_SIZE >= IPADDR_STRLEN, "an address fits, too");
	if (ipaddr_parse(&address, word))
		(void)ipaddr_format(&address, text);
	else if (!domain_normalise(word, text))
		return false;
	return strcmp(word, text) == 0 && strbuf_copy(out, SUBJECT_NAME_SIZE, word);
}

static bool
read_label(const char *word, char out[CHECKER_LABEL_MAX + 1])
{
	char why[128];

	return checker_label(word, why, sizeof(why)) &&
	    strbuf_copy(out, CHECKER_LABEL_MAX + 1, word);
}

/* "SUBJECT LIST KIND SCOPE CATEGORY ANSWER SINCE DOUBT KNOWN" */
static bool
read_row(struct watchfile *f, const char *const *word, size_t n)
{
	struct watch_row row = {.watched = {.silent = true}}, *rows;
	struct watched *w = &row.watched;
	unsigned kind, answer;

	if (n != 9 || f->nrows == WATCHFILE_ROWS_MAX || !read_subject(word[0], row.subject) ||
	    !read_label(word[1], row.list) || !read_word(word[2], kinds, COUNT(kinds), &kind) ||
	    !read_scope(word[3], &row.scope) || !read_category(word[4], &row.category) ||
	    !read_word(word[5], answers, COUNT(answers), &answer) ||
	    !read_number(word[6], TIME_MAX, &w->since) ||
	    !read_number(word[7], TIME_MAX, &w->doubt) ||
	    !read_number(word[8], TIME_MAX, &w->known) ||
	    (answer == WATCH_LISTED && row.category == CATEGORY_MAX) ||
	    (rows = bulk_next(f->row, f->nrows, sizeof(rows[0]))) == NULL)
		return false;
	row.kind = (enum list_kind)kind;
	w->settled = (enum watch_answer)answer;
	f->row = rows;
	rows[f->nrows++] = row;
	return true;
}

/* "LIST SINCE TOLD" */
static bool
read_list(struct watchfile *f, const char *const *word, size_t n)
{
	struct watchfile_list *l = &f->list[f->nlists];
	int64_t told;

	if (n != 3 || f->nlists == LISTS_MAX || !read_label(word[0], l->list) ||
	    !read_number(word[1], TIME_MAX, &l->silence.since) ||
	    !read_number(word[2], 1, &told))
		return false;
	l->silence.told = told != 0;
	f->nlists++;
	return true;
}

static bool
read_event(const char *word, enum watch_event *out)
{
	for (*out = WATCH_LISTED_NOW; *out <= WATCH_KNOWN; ++*out)
		if (strcmp(word, watch_event_name(*out)) == 0)
			return true;
	return false;
}

/* "NUMBER TIME EVENT SUBJECT LIST SCOPE CATEGORY": one after the other, to the last. */
static bool
read_news(struct watchfile *f, const char *const *word, size_t n)
{
	struct watch_news *news = &f->news[f->nnews];
	enum category category;
	enum scope scope;
	int64_t number;

	if (n != 7 || f->nnews == WATCH_NEWS_MAX ||
	    !read_number(word[0], NUMBER_MAX, &number) ||
	    !read_number(word[1], TIME_MAX, &news->time) ||
	    !read_event(word[2], &news->event) || !read_label(word[4], news->list) ||
	    !read_category(word[6], &category))
		return false;
	if (strcmp(word[3], NOTHING) != 0 && !read_subject(word[3], news->subject))
		return false;
	if (strcmp(word[5], NOTHING) != 0) {
		if (!read_scope(word[5], &scope))
			return false;
		news->scope = watch_scope_name(scope);
	}
	news->category = category != CATEGORY_MAX ? category_name(category) : NULL;
	news->number = (uint64_t)number;
	if (f->nnews > 0 && news->number != f->news[f->nnews - 1].number + 1)
		return false;
	f->nnews++;
	return true;
}

/* "relayguard-watch-1 SERIES LAST" */
static bool
read_head(struct watchfile *f, char *line)
{
	const char *word[WORDS_MAX];
	uint64_t bits;
	int64_t last;

	if (split(line, word) != 3 || strcmp(word[0], HEAD) != 0 || !ref_read(word[1], &bits) ||
	    !strbuf_copy(f->series, sizeof(f->series), word[1]) ||
	    !read_number(word[2], NUMBER_MAX, &last))
		return false;
	f->last = (uint64_t)last;
	return true;
}

static bool
read_line(struct watchfile *f, char *line)
{
	static const struct {
		const char *word;
		bool (*read)(struct watchfile *, const char *const *, size_t);
	} lines[] = {{"row", read_row}, {"list", read_list}, {"news", read_news}};
	const char *word[WORDS_MAX];
	size_t n = split(line, word);

	for (size_t i = 0; i < COUNT(lines) && n <= WORDS_MAX; i++)
		if (strcmp(word[0], lines[i].word) == 0)
			return lines[i].read(f, word + 1, n - 1);
	return false;
}

/* Whether the changes end with the last one. */
static bool
is_whole(const struct watchfile *f)
{
	return f->nnews == 0 ? f->last == 0 : f->news[f->nnews - 1].number == f->last;
}

bool
watchfile_read(struct watchfile *f, char *text)
{
	char *rest = text, *line = strsep(&rest, "\n");

	*f = (struct watchfile){.nrows = 0};
	if (!read_head(f, line))
		return false;
	while ((line = strsep(&rest, "\n")) != NULL) {
		if (strcmp(line, TAIL) == 0)
			return rest != NULL && rest[0] == '\0' && is_whole(f);
		if (!read_line(f, line))
			return false;
	}
	return false;
}

void
watchfile_clear(struct watchfile *f)
{
	free(f->row);
	*f = (struct watchfile){.nrows = 0};
}

/* --- Writing --- */

static const char *
or_nothing(const char *text)
{
	return text != NULL && text[0] != '\0' ? text : NOTHING;
}

static void
write_row(FILE *out, const struct watch_row *row)
{
	const struct watched *w = &row->watched;

	fprintf(out, "row %s %s %s %s %s %s %" PRId64 " %" PRId64 " %" PRId64 "\n",
	    row->subject, row->list, kinds[row->kind], watch_scope_name(row->scope),
	    row->category != CATEGORY_MAX ? category_name(row->category) : NOTHING,
	    answers[w->settled], w->since, w->doubt, w->known);
}

static void
write_all(FILE *out, const struct watchfile *f)
{
	fprintf(out, HEAD " %s %" PRIu64 "\n", f->series, f->last);
	for (size_t i = 0; i < f->nrows; i++)
		write_row(out, &f->row[i]);
	for (size_t i = 0; i < f->nlists; i++)
		fprintf(out, "list %s %" PRId64 " %d\n", f->list[i].list,
		    f->list[i].silence.since, f->list[i].silence.told);
	for (size_t i = 0; i < f->nnews; i++) {
		const struct watch_news *news = &f->news[i];

		fprintf(out, "news %" PRIu64 " %" PRId64 " %s %s %s %s %s\n", news->number,
		    news->time, watch_event_name(news->event), or_nothing(news->subject),
		    news->list, or_nothing(news->scope), or_nothing(news->category));
	}
	fputs(TAIL "\n", out);
}

/* --- The file --- */

static bool
path_of(const char *folder, const char *ending, char out[PATH_MAX])
{
	struct strbuf sb;

	strbuf_init(&sb, out, PATH_MAX);
	strbuf_addf(&sb, "%s/" WATCHFILE_NAME "%s", folder, ending);
	return !sb.cut;
}

/* All of a file of ours, with a NUL; NULL, and errno. */
static char *
read_file(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	FILE *in = fd >= 0 ? fdopen(fd, "r") : NULL;
	struct stat st;
	char *text = NULL;

	if (in == NULL)
		return NULL;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size <= SIZE_MAX_BYTES &&
	    (text = calloc(1, (size_t)st.st_size + 1)) != NULL &&
	    fread(text, 1, (size_t)st.st_size, in) != (size_t)st.st_size) {
		free(text);
		text = NULL;
	}
	if (text == NULL)
		errno = EIO;
	(void)fclose(in);
	return text;
}

bool
watchfile_load(struct watchfile *f, const char *folder, char *why, size_t whysize)
{
	char path[PATH_MAX], *text;
	bool good;

	*f = (struct watchfile){.nrows = 0};
	if (!path_of(folder, "", path))
		return strbuf_fail(why, whysize, "its path is too long");
	if ((text = read_file(path)) == NULL)
		return strbuf_fail(why, whysize, "%s", errno != ENOENT ? strerror(errno) : "");
	good = watchfile_read(f, text);
	free(text);
	return good || strbuf_fail(why, whysize, "it is damaged");
}

/* Write and close; whether all is on the disk. */
static bool
write_file(const struct watchfile *f, const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, FILE_MODE);
	FILE *out = fd >= 0 ? fdopen(fd, "w") : NULL;
	bool good;

	if (out == NULL)
		return false;
	write_all(out, f);
	good = fflush(out) == 0 && !ferror(out) && fsync(fd) == 0;
	return fclose(out) == 0 && good;
}

bool
watchfile_save(const struct watchfile *f, const char *folder, char *why, size_t whysize)
{
	char path[PATH_MAX], beside[PATH_MAX];

	if (!path_of(folder, "", path) || !path_of(folder, ".new", beside))
		return strbuf_fail(why, whysize, "its path is too long");
	if (write_file(f, beside) && rename(beside, path) == 0)
		return true;
	(void)strbuf_fail(why, whysize, "%s", strerror(errno));
	(void)unlink(beside);
	return false;
}
