/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * reply_check.c - what holds of every reply, read as its client reads it.
 */
#include "config.h"

#include "fakes/reply_check.h"

#include <stdio.h>
#include <string.h>

const char *
reply_sent(const struct reply *r, unsigned line, char out[REPLY_LINE_MAX])
{
	size_t len = 0;

	for (const char *at = r->line[line]; *at != '\0'; at++) {
		out[len++] = *at;
		at += at[0] == '%' && at[1] == '%';
	}
	out[len] = '\0';
	return out;
}

size_t
reply_size(const struct reply *r, unsigned line)
{
	char sent[REPLY_LINE_MAX];

	return strlen(r->code) + 1 + strlen(r->enhanced) + 1 +
	    strlen(reply_sent(r, line, sent));
}

size_t
reply_total(const struct reply *r)
{
	size_t total = 0;

	for (unsigned i = 0; i < r->n; i++)
		total += reply_size(r, i);
	return total;
}

/* Whether each % has its twin, and all is printable. */
static bool
is_clean(const char *line)
{
	for (; *line != '\0'; line++) {
		if (*line < ' ' || *line > '~')
			return false;
		if (*line == '%' && *++line != '%')
			return false;
	}
	return true;
}

static bool
ends_with(const char *text, const char *end)
{
	size_t len = strlen(text), n = strlen(end);

	return len >= n && strcmp(text + len - n, end) == 0;
}

static const char *
line_fault(const struct reply *r, unsigned i, const char *ref)
{
	char sent[REPLY_LINE_MAX];
	const char *last;

	if (memchr(r->line[i], '\0', REPLY_LINE_MAX) == NULL)
		return "a line without an end";
	if (r->line[i][0] == '\0' || r->line[i][0] == ' ' || ends_with(r->line[i], " ") ||
	    !is_clean(r->line[i]))
		return "a line that is not clean";
	reply_sent(r, i, sent);
	if (strlen(sent) > REPLY_TEXT_MAX)
		return "a line that is too long";
	last = strrchr(sent, ' ');
	if (strstr(last != NULL ? last : sent, "://") != NULL)
		return "a URL at the end of a line";
	if ((i == 0 || i == r->n - 1) && !ends_with(sent, ref))
		return "no reference at the end of the first or last line";
	return NULL;
}

const char *
reply_fault(const struct reply *r, unsigned lines, const char *ref, const char *url)
{
	char sent[REPLY_LINE_MAX], end[REPLY_LINE_MAX + 32];
	const char *fault = NULL;

	if (r->n < 1 || r->n > lines)
		return "another number of lines";
	for (unsigned i = 0; i < r->n && fault == NULL; i++)
		fault = line_fault(r, i, ref);
	if (fault != NULL)
		return fault;
	if (reply_size(r, 0) > REPLY_FIRST_MAX)
		return "a first line that is too long";
	if (reply_total(r) > REPLY_TOTAL_MAX)
		return "too much together";
	snprintf(end, sizeof(end), " %s Ref %s", url != NULL ? url : "", ref);
	if (url != NULL && r->n > 1 && !ends_with(reply_sent(r, r->n - 1, sent), end))
		return "a last line without its URL";
	return NULL;
}
