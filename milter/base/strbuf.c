/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * base/strbuf.c - the one place where text is put together and escaped.  Nothing
 * here allocates, and nothing writes past the storage it was given.
 */
#include "config.h"

#include "base/strbuf.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/ascii.h"

static size_t plain_length(const char *, size_t);
static bool is_all_plain(const char *, size_t);
static size_t fitting(const char *, size_t);
static size_t width(char);
static void add_byte(struct strbuf *, unsigned char);
static void add_escaped(struct strbuf *, unsigned char);

void
strbuf_init(struct strbuf *sb, char *storage, size_t size)
{
	assert(size > 0);
	*sb = (struct strbuf){.data = storage, .size = size};
	storage[0] = '\0';
}

void
strbuf_addn(struct strbuf *sb, const char *text, size_t n)
{
	size_t room = sb->size - 1 - sb->len;

	if (n > room) {
		n = room;
		sb->cut = true;
	}
	memcpy(sb->data + sb->len, text, n);
	sb->len += n;
	sb->data[sb->len] = '\0';
}

void
strbuf_addc(struct strbuf *sb, char c)
{
	if (sb->len == sb->size - 1) {
		sb->cut = true;
		return;
	}
	sb->data[sb->len++] = c;
	sb->data[sb->len] = '\0';
}

void
strbuf_add(struct strbuf *sb, const char *text)
{
	strbuf_addn(sb, text, strlen(text));
}

void
strbuf_add_num(struct strbuf *sb, int64_t value)
{
	char text[20], *end = text + sizeof(text), *at = end; /* 19 digits and a sign */
	uint64_t left = value < 0 ? -(uint64_t)value : (uint64_t)value;

	do
		*--at = (char)('0' + left % 10);
	while ((left /= 10) > 0);
	if (value < 0)
		*--at = '-';
	strbuf_addn(sb, at, (size_t)(end - at));
}

void
strbuf_add_code(struct strbuf *sb, uint32_t code)
{
	for (int shift = 24; shift >= 0; shift -= 8) {
		strbuf_add_num(sb, code >> shift & 255);
		if (shift > 0)
			strbuf_addc(sb, '.');
	}
}

void
strbuf_addf(struct strbuf *sb, const char *fmt, ...)
{
	size_t size = sb->size - sb->len;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(sb->data + sb->len, size, fmt, ap);
	va_end(ap);
	if (n < 0) {
		sb->data[sb->len] = '\0';
		sb->cut = true;
	} else if ((size_t)n >= size) {
		sb->len = sb->size - 1;
		sb->cut = true;
	} else {
		sb->len += (size_t)n;
	}
}

void
strbuf_add_value(struct strbuf *sb, const char *value, size_t max)
{
	size_t n = plain_length(value, max), i;
	bool quote;

	if (n > 0 && value[n] == '\0') { /* as nearly all are */
		strbuf_addn(sb, value, n);
		return;
	}
	n = fitting(value, max);
	quote = !is_all_plain(value, n);
	if (quote)
		strbuf_addc(sb, '"');
	else
		strbuf_addn(sb, value, n);
	for (i = 0; quote && i < n; i++)
		add_escaped(sb, (unsigned char)value[i]);
	if (value[n] != '\0')
		strbuf_add(sb, "...");
	if (quote)
		strbuf_addc(sb, '"');
}

void
strbuf_add_visible(struct strbuf *sb, const char *text)
{
	for (; *text != '\0'; text++)
		add_byte(sb, (unsigned char)*text);
}

void
strbuf_add_url(struct strbuf *sb, const char *text)
{
	for (; *text != '\0'; text++) {
		unsigned char c = (unsigned char)*text;

		if (ascii_is_alnum(*text) || strchr("-._~", c) != NULL)
			strbuf_addc(sb, *text);
		else
			strbuf_addf(sb, "%%%02X", c);
	}
}

bool
strbuf_fail(char *out, size_t size, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(out, size, fmt, ap);
	va_end(ap);
	return false;
}

bool
strbuf_copy(char *out, size_t size, const char *text)
{
	struct strbuf sb;

	strbuf_init(&sb, out, size);
	/* One byte more than fits is enough to know that it does not. */
	strbuf_addn(&sb, text, strnlen(text, size));
	return !sb.cut;
}

/* How many bytes a value begins with that are, max at most. */
static size_t
plain_length(const char *value, size_t max)
{
	size_t n = 0;

	while (n < max && ascii_is_plain(value[n]))
		n++;
	return n;
}

static bool
is_all_plain(const char *value, size_t n)
{
	return n > 0 && plain_length(value, n) == n;
}

/* How many bytes of a value take no more than max where they are written. */
static size_t
fitting(const char *value, size_t max)
{
	size_t n = 0, used = 0;

	while (value[n] != '\0' && (used += width(value[n])) <= max)
		n++;
	return n;
}

/* Of what add_escaped() writes. */
static size_t
width(char c)
{
	if (c < ' ' || c > '~')
		return strlen("\\u0000");
	return c == '"' || c == '\\' ? 2 : 1;
}

static void
add_byte(struct strbuf *sb, unsigned char c)
{
	if (c < ' ' || c > '~')
		strbuf_addf(sb, "\\u%04x", c); /* as JSON has it: logfmt knows no other */
	else
		strbuf_addc(sb, (char)c);
}

static void
add_escaped(struct strbuf *sb, unsigned char c)
{
	if (c == '"' || c == '\\')
		strbuf_addc(sb, '\\');
	add_byte(sb, c);
}
