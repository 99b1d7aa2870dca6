/* SPDX-License-Identifier: BSD-2-Clause */
/* web/phrases.c - values stay where they are in the text of their file, joined in place. */
#include "config.h"

#include "web/phrases.h"

#include <dirent.h>
#include <errno.h>
#include <jansson.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "base/strbuf.h"
#include "base/textfile.h"
#include "web/language.h"

#define ENGLISH "en"
#define FILES (TOPIC_MAX + 2) /* of a language: page.txt, terms.txt, and one of each topic */

struct language {
	char tag[LANGUAGE_TAG_MAX];
	char *file[FILES]; /* the texts that the others point into */
	unsigned nfiles;
	const char *word[WORD_MAX];
	const char *term[TOPIC_MAX];
	const char *part[TOPIC_MAX][PART_MAX];
};

struct phrases {
	char *style;
	unsigned n;
	const char *tags[PHRASES_LANGUAGES];
	struct language language[PHRASES_LANGUAGES];
};

/* A file that is read: what its keys are, and where their values go. */
struct source {
	char path[PATH_MAX];
	const char *(*key)(unsigned); /* the name of number i; NULL: there is none */
	unsigned n;
	const char **value;
	char *why;
	size_t whysize;
};

static const char *
word_name(unsigned i)
{
	return word_key((enum word)i);
}

static const char *
part_name(unsigned i)
{
	return part_key((enum part)i);
}

static const char *
term_name(unsigned i)
{
	return topic_has_page((enum topic)i) ? topic_name((enum topic)i) : NULL;
}

/* --- A file --- */

/* The number of the key that a line begins with; n: it has none. */
static unsigned
find_key(const struct source *s, const char *line)
{
	unsigned i;

	for (i = 0; i < s->n; i++) {
		const char *key = s->key(i);
		size_t len = key != NULL ? strlen(key) : 0;

		if (key != NULL && strncmp(line, key, len) == 0 && line[len] == ':')
			break;
	}
	return i;
}

/* Without blanks at its end. */
static void
trim(char *line)
{
	size_t len = strlen(line);

	while (
	    len > 0 && (line[len - 1] == ' ' || line[len - 1] == '\t' || line[len - 1] == '\r'))
		line[--len] = '\0';
}

/* Put more of a value behind what it has, which ends at *end. */
static void
join(char **end, bool empty, char separator, const char *more)
{
	size_t len = strlen(more);

	if (!empty)
		*(*end)++ = separator;
	memmove(*end, more, len + 1);
	*end += len;
}

/* Read a text into its values, in place. */
static bool
read_lines(const struct source *s, char *text)
{
	bool paragraph = false;
	char *begin = NULL, *end = NULL, *line, *next;
	unsigned number = 1;

	for (line = text; line != NULL; line = next, number++) {
		size_t blank;

		if ((next = strchr(line, '\n')) != NULL)
			*next++ = '\0';
		trim(line);
		blank = strspn(line, " \t");
		if (line[0] == '\0' || line[0] == '#') {
			paragraph |= line[0] == '\0';
		} else if (blank > 0 && begin != NULL) {
			bool item = strncmp(line + blank, "- ", 2) == 0;

			join(&end, end == begin, paragraph || item ? '\n' : ' ', line + blank);
			paragraph = false;
		} else {
			unsigned i = find_key(s, line);

			if (i == s->n || s->value[i] != NULL)
				return strbuf_fail(s->why, s->whysize, "%s:%u: %s", s->path,
				    number,
				    i == s->n ? "there is no such key"
					      : "the key is there twice");
			begin = line + strlen(s->key(i)) + 1;
			begin += strspn(begin, " \t");
			end = begin + strlen(begin);
			s->value[i] = begin;
			paragraph = false;
		}
	}
	return true;
}

static bool
has_all(const struct source *s)
{
	for (unsigned i = 0; i < s->n; i++)
		if (s->key(i) != NULL && (s->value[i] == NULL || s->value[i][0] == '\0'))
			return strbuf_fail(
			    s->why, s->whysize, "%s: %s is missing", s->path, s->key(i));
	return true;
}

static bool
is_utf8(const char *text)
{
	json_t *string = json_string(text);
	bool good = string != NULL;

	json_decref(string);
	return good;
}

static bool
read_file(struct language *l, struct source *s)
{
	char *text = textfile_read(s->path, TEXTFILE_PLAIN, s->why, s->whysize);
	char reason[256];

	if (text == NULL) {
		(void)strbuf_copy(reason, sizeof(reason), s->why);
		return strbuf_fail(s->why, s->whysize, "%s: %s", s->path, reason);
	}
	l->file[l->nfiles++] = text;
	if (!is_utf8(text))
		return strbuf_fail(s->why, s->whysize, "%s: it is not in UTF-8", s->path);
	return read_lines(s, text) && has_all(s);
}

/* --- A language --- */

/* The blanks of a text, a bit each; false: it has one that is none. */
static bool
find_slots(const char *text, unsigned *slots)
{
	*slots = 0;
	while ((text = strstr(text, "%{")) != NULL) {
		enum slot s = slot_take(&text);

		if (s == SLOT_MAX)
			return false;
		*slots |= 1U << s;
	}
	return true;
}

/* Whether each text has the blanks of the English one. */
static bool
has_slots(const struct source *s, const char *const *english)
{
	for (unsigned i = 0; i < s->n; i++) {
		unsigned have, want;

		if (s->key(i) == NULL)
			continue;
		if (!find_slots(s->value[i], &have) || !find_slots(english[i], &want) ||
		    have != want)
			return strbuf_fail(s->why, s->whysize,
			    "%s: %s has other blanks (%%{name}) than in English", s->path,
			    s->key(i));
	}
	return true;
}

/* Whether a text has a word in it; ASCII's case does not count. */
static bool
has_word(const char *text, const char *word)
{
	size_t len = strlen(word);

	for (; *text != '\0'; text++) {
		size_t i = 0;

		while (i < len && ascii_lower(text[i]) == ascii_lower(word[i]))
			i++;
		if (i == len)
			return true;
	}
	return false;
}

/* A file of one topic is not to be taken for another's: it names it, and so does its title. */
static bool
is_about(const struct source *s, const struct language *l, enum topic t)
{
	if (strcmp(s->value[PART_TOPIC], topic_name(t)) != 0)
		return strbuf_fail(s->why, s->whysize, "%s: it is about %s, not %s", s->path,
		    s->value[PART_TOPIC], topic_name(t));
	if (!has_word(s->value[PART_TITLE], l->term[t]))
		return strbuf_fail(s->why, s->whysize,
		    "%s: its title does not name the topic as terms.txt does: %s", s->path,
		    l->term[t]);
	return true;
}

static bool
are_different(const struct source *s)
{
	for (unsigned i = 0; i < s->n; i++)
		for (unsigned k = 0; k < i; k++)
			if (s->key(i) != NULL && s->key(k) != NULL &&
			    strcmp(s->value[i], s->value[k]) == 0)
				return strbuf_fail(s->why, s->whysize,
				    "%s: %s and %s have the same name", s->path, s->key(k),
				    s->key(i));
	return true;
}

/* Read one file of a language, and hold it against English. */
static bool
load_file(struct language *l, struct source *s, const char *folder, const char *name,
    const char *const *english)
{
	struct strbuf sb;

	strbuf_init(&sb, s->path, sizeof(s->path));
	strbuf_addf(&sb, "%s/%s/%s.txt", folder, l->tag, name);
	if (sb.cut)
		return strbuf_fail(s->why, s->whysize, "%s: the name is too long", folder);
	return read_file(l, s) && has_slots(s, english);
}

static bool
load_topic(struct language *l, const struct language *english, const char *folder, enum topic t,
    char *why, size_t whysize)
{
	struct source s = {.key = part_name,
	    .n = PART_MAX,
	    .value = l->part[t],
	    .why = why,
	    .whysize = whysize};

	return load_file(l, &s, folder, topic_name(t), english->part[t]) && is_about(&s, l, t);
}

static bool
load_language(struct language *l, const struct language *english, const char *folder, char *why,
    size_t whysize)
{
	struct source words = {
	    .key = word_name, .n = WORD_MAX, .value = l->word, .why = why, .whysize = whysize};
	struct source terms = {
	    .key = term_name, .n = TOPIC_MAX, .value = l->term, .why = why, .whysize = whysize};

	if (!load_file(l, &words, folder, "page", english->word) ||
	    !load_file(l, &terms, folder, "terms", english->term) || !are_different(&terms))
		return false;
	for (unsigned t = 0; t < TOPIC_MAX; t++)
		if (topic_has_page((enum topic)t) &&
		    !load_topic(l, english, folder, (enum topic)t, why, whysize))
			return false;
	return true;
}

/* --- All of them --- */

static int
compare_tags(const void *a, const void *b)
{
	const char *x = ((const struct language *)a)->tag,
		   *y = ((const struct language *)b)->tag;
	bool first = strcmp(x, ENGLISH) == 0, second = strcmp(y, ENGLISH) == 0;

	return first != second ? second - first : strcmp(x, y);
}

/* A folder whose name is that of a language: "de", "zh-Hans". */
static bool
is_tag(const char *name)
{
	size_t len = strspn(name, "-ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

	return len >= 2 && len < LANGUAGE_TAG_MAX && name[len] == '\0';
}

static bool
find_languages(struct phrases *t, const char *folder, char *why, size_t whysize)
{
	DIR *dir = opendir(folder);
	const struct dirent *entry;

	if (dir == NULL)
		return strbuf_fail(why, whysize, "%s: %s", folder, textfile_why(folder, errno));
	while (t->n < PHRASES_LANGUAGES && (entry = readdir(dir)) != NULL)
		if (is_tag(entry->d_name))
			(void)strbuf_copy(
			    t->language[t->n++].tag, LANGUAGE_TAG_MAX, entry->d_name);
	(void)closedir(dir);
	qsort(t->language, t->n, sizeof(t->language[0]), compare_tags);
	if (t->n == 0 || strcmp(t->language[PHRASES_ENGLISH].tag, ENGLISH) != 0)
		return strbuf_fail(why, whysize, "%s: there is no folder %s", folder, ENGLISH);
	for (unsigned i = 0; i < t->n; i++)
		t->tags[i] = t->language[i].tag;
	return true;
}

static bool
load_style(struct phrases *t, const char *folder, char *why, size_t whysize)
{
	char path[PATH_MAX], reason[256];
	struct strbuf sb;

	strbuf_init(&sb, path, sizeof(path));
	strbuf_addf(&sb, "%s/style.css", folder);
	if (sb.cut ||
	    (t->style = textfile_read(path, TEXTFILE_PLAIN, reason, sizeof(reason))) == NULL)
		return strbuf_fail(
		    why, whysize, "%s: %s", path, sb.cut ? "the name is too long" : reason);
	return true;
}

struct phrases *
phrases_load(const char *folder, char *why, size_t whysize)
{
	struct phrases *t = calloc(1, sizeof(*t));
	bool good;

	if (t == NULL) {
		(void)strbuf_fail(why, whysize, "out of memory");
		return NULL;
	}
	good = load_style(t, folder, why, whysize) && find_languages(t, folder, why, whysize);
	for (unsigned i = 0; good && i < t->n; i++)
		good = load_language(
		    &t->language[i], &t->language[PHRASES_ENGLISH], folder, why, whysize);
	if (good)
		return t;
	phrases_free(t);
	return NULL;
}

void
phrases_free(struct phrases *t)
{
	if (t == NULL)
		return;
	for (unsigned i = 0; i < t->n; i++)
		for (unsigned k = 0; k < t->language[i].nfiles; k++)
			free(t->language[i].file[k]);
	free(t->style);
	free(t);
}

const char *const *
phrases_tags(const struct phrases *t, unsigned *n)
{
	*n = t->n;
	return t->tags;
}

const char *
phrases_word(const struct phrases *t, unsigned language, enum word w)
{
	return t->language[language].word[w];
}

const char *
phrases_term(const struct phrases *t, unsigned language, enum topic topic)
{
	return t->language[language].term[topic];
}

const char *
phrases_part(const struct phrases *t, unsigned language, enum topic topic, enum part p)
{
	return t->language[language].part[topic][p];
}

const char *
phrases_style(const struct phrases *t)
{
	return t->style;
}
