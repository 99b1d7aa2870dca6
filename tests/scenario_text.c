/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * scenario_text.c - the little language of scenarios: words, escapes, times
 * and patterns.
 */
#include "config.h"

#include "scenario.h"

#include <stdlib.h>
#include <string.h>

char *
next_word(char **text)
{
	char *word = *text + strspn(*text, " \t"), *end = word + strcspn(word, " \t");

	if (*word == '\0')
		return NULL;
	*text = end;
	if (*end != '\0')
		*(*text)++ = '\0';
	return word;
}

char *
need_word(struct scenario *s)
{
	char *word = next_word(&s->rest);

	if (word == NULL)
		broken(s, "something is missing in", s->whole);
	return word;
}

/* The text of \{text*times}; *p is behind the brace, and then behind the other one. */
static void
repeat(const struct scenario *s, const char **p, FILE *out)
{
	const char *end = strchr(*p, '}'), *star = end;
	long times;

	while (star != NULL && star > *p && *star != '*')
		star--;
	if (star == NULL || star == *p || (times = strtol(star + 1, NULL, 10)) < 1)
		broken(s, "\\{text*times} is not whole:", *p);
	while (times-- > 0)
		fwrite(*p, 1, (size_t)(star - *p), out);
	*p = end + 1;
}

static void
escape(const struct scenario *s, const char **p, FILE *out)
{
	static const char plain[] = "n\nr\rt\t\\\\";
	const char *found;
	unsigned byte;

	if (**p == 'x' && sscanf(*p + 1, "%2x", &byte) == 1) {
		fputc((int)byte, out);
		*p += 3;
	} else if (**p == '{') {
		++*p;
		repeat(s, p, out);
	} else if (**p != '\0' && (found = strchr(plain, **p)) != NULL) {
		fputc(found[1], out);
		++*p;
	} else {
		broken(s, "no such escape: \\", *p);
	}
}

char *
unescape(const struct scenario *s, const char *text)
{
	char *result;
	size_t len;
	FILE *out = open_memstream(&result, &len);

	if (out == NULL)
		abort();
	while (*text != '\0') {
		if (*text != '\\') {
			fputc(*text++, out);
			continue;
		}
		text++;
		escape(s, &text, out);
	}
	fclose(out);
	return result;
}

int64_t
duration(const struct scenario *s, const char *text)
{
	static const struct {
		const char *unit;
		int64_t ms;
	} units[] = {{"ms", 1}, {"s", 1000}, {"m", 60000}, {"h", 3600000}};
	char *end;
	int64_t n = strtoll(text, &end, 10);

	for (size_t i = 0; end != text && i < sizeof(units) / sizeof(units[0]); i++)
		if (strcmp(end, units[i].unit) == 0)
			return n * units[i].ms;
	broken(s, "not a time:", text);
}

bool
like(const char *pattern, const char *text)
{
	for (; *pattern != '\0'; pattern++, text++) {
		if (strncmp(pattern, "...", 3) == 0) {
			for (;; text++) {
				if (like(pattern + 3, text))
					return true;
				if (*text == '\0')
					return false;
			}
		}
		if (*pattern != *text)
			return false;
	}
	return *text == '\0';
}

/* A word of a line: key=value, where the value may be in quotes. */
static char *
line_word(const char **line)
{
	const char *word = *line + strspn(*line, " "), *end;
	bool quoted = false;

	for (end = word; *end != '\0' && (quoted || *end != ' '); end++) {
		if (quoted && *end == '\\' && end[1] != '\0')
			end++;
		else if (*end == '"')
			quoted = !quoted;
	}
	*line = end;
	return end > word ? strndup(word, (size_t)(end - word)) : NULL;
}

/* Find a word like this one; *line goes on behind it. */
static bool
find_word(const char *pattern, const char **line)
{
	bool found = false;
	char *word;

	while (!found && (word = line_word(line)) != NULL) {
		found = like(pattern, word);
		free(word);
	}
	return found;
}

bool
has_words(const char *pattern, const char *line)
{
	bool found = true;
	char *word;

	while (found && (word = line_word(&pattern)) != NULL) {
		if (strcmp(word, "...") != 0)
			found = find_word(word, &line);
		free(word);
	}
	return found;
}

void
paper_open(struct paper *p)
{
	if ((p->stream = open_memstream(&p->text, &p->len)) == NULL)
		abort();
}

void
paper_close(struct paper *p)
{
	fclose(p->stream);
	free(p->text);
}

char *
paper_line(struct paper *p)
{
	const char *line, *end;

	fflush(p->stream);
	if (p->read == p->len)
		return NULL;
	line = p->text + p->read;
	if ((end = memchr(line, '\n', p->len - p->read)) == NULL)
		end = p->text + p->len;
	p->read = (size_t)(end - p->text) + (*end == '\n');
	return strndup(line, (size_t)(end - line));
}
