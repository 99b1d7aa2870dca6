/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * base/textfile.c - files of the administrator: who may write and read them, and
 * their comments.  libConfuse 3.3 miscounts lines after a comment, refuses one
 * inside of braces, and is left in the middle of a string by a bad one: so
 * comments and bad strings never get there.
 */
#include "config.h"

#include "base/textfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/strbuf.h"

#define BYTES_MAX (16 << 20)

static const char *
fault_of(const struct stat *st, enum textfile_kind kind)
{
	if (!S_ISREG(st->st_mode))
		return "not a regular file";
	if ((st->st_mode & S_IWOTH) != 0)
		return "everybody may write to it";
	if (kind == TEXTFILE_SECRET && (st->st_mode & S_IRWXO) != 0)
		return "everybody may read it: its mode must be 0600 or 0640";
	if (kind == TEXTFILE_SECRET && (st->st_mode & (S_IWGRP | S_IXGRP)) != 0)
		return "its group may write to it: its mode must be 0600 or 0640";
	if (st->st_size > BYTES_MAX)
		return "too long";
	return NULL;
}

/* Fill text; false when the file ends early, grows, or cannot be read. */
static bool
read_all(int fd, char *text, size_t size)
{
	size_t got = 0;
	ssize_t n;

	while (got < size) {
		n = read(fd, text + got, size - got);
		if (n == -1 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		got += (size_t)n;
	}
	return true;
}

static bool
has_control(const char *text, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		unsigned char c = (unsigned char)text[i];

		if ((c < ' ' && c != '\n' && c != '\t' && c != '\r') || c == 0x7f)
			return true;
	}
	return false;
}

static char *
read_checked(int fd, enum textfile_kind kind, char *why, size_t whysize)
{
	struct stat st;
	const char *fault = fstat(fd, &st) == -1 ? strerror(errno) : fault_of(&st, kind);
	size_t size = fault == NULL ? (size_t)st.st_size : 0;
	char *text = fault == NULL ? calloc(1, size + 1) : NULL;

	if (fault == NULL && text == NULL)
		fault = "out of memory";
	else if (fault == NULL && !read_all(fd, text, size))
		fault = "cannot be read, or is being written";
	else if (fault == NULL && has_control(text, size))
		fault = "holds control characters";
	if (fault == NULL)
		return text;
	free(text);
	strbuf_fail(why, whysize, "%s", fault);
	return NULL;
}

/* Landlock withholds the opening of a file, and not the look at what its mode says. */
const char *
textfile_why(const char *path, int error)
{
	if (error == EACCES && access(path, R_OK) == 0)
		return TEXTFILE_SANDBOXED;
	return strerror(error);
}

char *
textfile_read(const char *path, enum textfile_kind kind, char *why, size_t whysize)
{
	/* Without waiting: a FIFO would keep us here until somebody writes to it. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	char *text;

	if (fd == -1) {
		strbuf_fail(why, whysize, "%s", textfile_why(path, errno));
		return NULL;
	}
	text = read_checked(fd, kind, why, whysize);
	close(fd);
	return text;
}

bool
textfile_secret(const char *path, char *out, size_t size, char *why, size_t whysize)
{
	char *text = textfile_read(path, TEXTFILE_SECRET, why, whysize);
	size_t len, rest;
	bool good = false;

	if (text == NULL)
		return false;
	len = strcspn(text, "\r\n");
	rest = strspn(text + len, "\r\n");
	if (text[len + rest] != '\0')
		strbuf_fail(why, whysize, "holds more than one line");
	else if (len == 0)
		strbuf_fail(why, whysize, "holds nothing");
	else if (len >= size)
		strbuf_fail(why, whysize, "its line is too long");
	else
		good = true;
	if (good) {
		memcpy(out, text, len);
		out[len] = '\0';
	}
	explicit_bzero(text, strlen(text));
	free(text);
	return good;
}

bool
textfile_is_public(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && (st.st_mode & S_IROTH) != 0;
}

struct scan {
	char *at;
	unsigned line;
	const char *fault;
	unsigned depth;  /* braces that are open */
	unsigned opened; /* line of the first of them */
};

static void
blank_line(struct scan *s)
{
	while (*s->at != '\0' && *s->at != '\n')
		*s->at++ = ' ';
}

static void
blank_comment(struct scan *s)
{
	unsigned lines = 0;
	char *end = strstr(s->at + 2, "*/");

	if (end == NULL) {
		s->fault = "this comment is not closed";
		return;
	}
	for (; s->at < end + 2; s->at++) {
		if (*s->at == '\n')
			lines++;
		else
			*s->at = ' ';
	}
	s->line += lines;
}

/* Pass over a string; at is on its quote. */
static void
skip_string(struct scan *s)
{
	char quote = *s->at++;

	for (; *s->at != quote; s->at++) {
		if (*s->at == '\0' || *s->at == '\n') {
			s->fault = "a quote is not closed on this line";
			return;
		}
		if (quote == '"' && s->at[0] == '$' && s->at[1] == '{') {
			s->fault = "write %{word}, not ${word}";
			return;
		}
		if (*s->at != '\\')
			continue;
		s->at++;
		if (*s->at == '\n') {
			s->line++;
		} else if (*s->at == '\0' || strchr("\"\\n'", *s->at) == NULL) {
			s->fault = "no escapes are known but \\\" \\\\ and \\n";
			return;
		}
	}
	s->at++;
}

/* Pass over what begins here; within says whether a bare word has begun. */
static void
step(struct scan *s, bool within)
{
	char c = *s->at;

	if (c == '"' || c == '\'') {
		skip_string(s);
	} else if (c == '#' || (!within && c == '/' && s->at[1] == '/')) {
		blank_line(s);
	} else if (!within && c == '/' && s->at[1] == '*') {
		blank_comment(s);
	} else if (c == '$' && s->at[1] == '{') {
		s->fault = "write %{word}, not ${word}, and in quotes";
	} else {
		if (c == '{' && s->depth++ == 0)
			s->opened = s->line;
		if (c == '}' && s->depth > 0)
			s->depth--;
		s->line += c == '\n';
		s->at++;
	}
}

bool
textfile_strip(char *text, unsigned *line, char *why, size_t whysize)
{
	struct scan s = {.at = text, .line = 1};
	bool within = false;

	while (*s.at != '\0' && s.fault == NULL) {
		/* As libConfuse does: // in the middle of a word is part of it. */
		bool word = strchr(" #\"'\t\n\r={}()+,*", *s.at) == NULL;

		step(&s, within);
		within = word;
	}
	if (s.fault == NULL && s.depth > 0) {
		s.line = s.opened;
		s.fault = "a brace opened on this line is not closed";
	}
	*line = s.line;
	return s.fault == NULL || strbuf_fail(why, whysize, "%s", s.fault);
}

/* What ends a bare word, as in libConfuse. */
static const char ends[] = " \"'\t\n\r={}()+,";

static char *
skip_blanks(char *at)
{
	return at + strspn(at, " \t\r\n");
}

/* The end of a string or a bare word; at itself: neither begins here. */
static char *
skip_value(char *at)
{
	struct scan s = {.at = at};

	if (*at == '"' || *at == '\'')
		skip_string(&s);
	else
		s.at += strcspn(at, ends);
	return s.fault == NULL ? s.at : at;
}

/* The end of what stands in braces, with them; at itself: it has none. */
static char *
skip_braces(char *at)
{
	struct scan s = {.at = at};

	if (*at != '{')
		return at;
	do
		step(&s, true);
	while (*s.at != '\0' && s.fault == NULL && s.depth > 0);
	return s.fault == NULL && s.depth == 0 ? s.at : at;
}

/* The end of what follows a word: " = value", " += { ... }", " \"title\" { ... }"; NULL. */
static char *
skip_rest(char *at)
{
	char *value, *end;

	at = skip_blanks(at);
	if (*at == '=' || (at[0] == '+' && at[1] == '=')) {
		value = skip_blanks(at + (*at == '=' ? 1 : 2));
		end = *value == '{' ? skip_braces(value) : skip_value(value);
		return end > value ? end : NULL;
	}
	value = skip_blanks(*at == '{' ? at : skip_value(at));
	end = skip_braces(value);
	return end > value ? end : NULL;
}

static char *
find_line(char *text, unsigned line)
{
	while (text != NULL && line-- > 1)
		if ((text = strchr(text, '\n')) != NULL)
			text++;
	return text;
}

bool
textfile_blank(char *text, unsigned line, const char *word)
{
	size_t len = strlen(word);
	char *end = NULL, *at = line > 0 && len > 0 ? find_line(text, line) : NULL;

	for (; at != NULL && *at != '\0' && *at != '\n'; at++) {
		bool begins = at == text || strchr(ends, at[-1]) != NULL;

		if (begins && strncmp(at, word, len) == 0 && strchr(ends, at[len]) != NULL &&
		    (end = skip_rest(at + len)) != NULL)
			break;
	}
	for (; end != NULL && at < end; at++)
		if (*at != '\n')
			*at = ' ';
	return end != NULL;
}
