/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * base/mailbox.c - find the mailbox in what a client typed.  Whatever could be read
 * in two ways is not read at all: the policy of a domain must not be chosen by
 * a guess.
 */
#include "config.h"

#include "base/mailbox.h"

#include <string.h>

#include "base/ascii.h"
#include "base/idn.h"

/* What is still to be read: from at to before end. */
struct cursor {
	const char *at, *end;
};

static bool take_mailbox(struct cursor, struct mailbox *);
static bool is_blank(char);
static bool is_control(char);
static void trim(struct cursor *);
static bool take_brackets(struct cursor *);
static bool skip_route(struct cursor *);
static bool take_local(struct cursor *, struct mailbox *);
static bool is_dubious(char);
static bool take_domain(struct cursor, char *out, size_t size);
static bool is_literal(const char *);

bool
mailbox_parse(struct mailbox *out, const char *path)
{
	struct cursor in = {path, path};
	bool good;

	*out = (struct mailbox){0};
	if (path == NULL)
		return false;
	in.end += strlen(path);
	trim(&in);
	if (in.at == in.end || !take_brackets(&in))
		return false;
	if (in.at == in.end)
		return true;
	good = take_mailbox(in, out);
	if (!good)
		*out = (struct mailbox){0};
	return good;
}

static bool
take_mailbox(struct cursor in, struct mailbox *out)
{
	if (!skip_route(&in))
		return false;
	if (!take_local(&in, out))
		return false;
	/* Two empty parts are the null path, and nothing else may pass for it. */
	if (in.at == in.end)
		return out->local[0] != '\0';
	in.at++;
	return take_domain(in, out->domain, sizeof(out->domain));
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static bool
is_control(char c)
{
	unsigned char byte = (unsigned char)c;

	return byte < ' ' || byte == 0x7f;
}

static void
trim(struct cursor *in)
{
	while (in->at < in->end && is_blank(*in->at))
		in->at++;
	while (in->at < in->end && is_blank(in->end[-1]))
		in->end--;
}

/* The brackets may be missing, but not one of them alone. */
static bool
take_brackets(struct cursor *in)
{
	if (*in->at != '<')
		return true;
	if (in->end - in->at < 2 || in->end[-1] != '>')
		return false;
	in->at++;
	in->end--;
	trim(in);
	return true;
}

/*
 * "@relay,@other:" in front says by which way, and is to be ignored (RFC 5321, C).
 * Without the colon it is a mailbox without a local part, which MTAs let pass.
 */
static bool
skip_route(struct cursor *in)
{
	const char *begin = in->at;
	bool literal = false;

	if (*in->at != '@')
		return true;
	for (; in->at < in->end; in->at++) {
		if (is_control(*in->at))
			return false;
		if (*in->at == '[' || *in->at == ']')
			literal = *in->at == '[';
		else if (*in->at == ':' && !literal)
			break;
	}
	if (in->at == in->end) {
		in->at = begin;
		return true;
	}
	in->at++;
	return in->at < in->end;
}

/*
 * Read up to the @ or the end, and stay there.  The same mailbox can be typed
 * with quotes and without, so they and the backslashes go.  What is too long is
 * cut: the domain is good without it.
 */
static bool
take_local(struct cursor *in, struct mailbox *out)
{
	bool quoted = false;
	size_t n = 0; /* the rest of it is NULs */

	while (in->at < in->end && (quoted || *in->at != '@')) {
		char c = *in->at++;

		if (c == '"') {
			quoted = !quoted;
			continue;
		}
		if (c == '\\') {
			if (in->at == in->end)
				return false;
			c = *in->at++;
		} else if (!quoted && (c == '<' || c == '>' || c == ' ')) {
			return false;
		} else if (!quoted && is_dubious(c)) {
			out->dubious = true;
		}
		if (is_control(c))
			return false;
		if (n < MAILBOX_LOCAL_MAX)
			out->local[n++] = ascii_lower(c);
	}
	return !quoted;
}

/* The specials of RFC 5322, 3.2.3, but for those that are read here; and what relays read. */
static bool
is_dubious(char c)
{
	switch (c) {
	case '(':
	case ')':
	case '[':
	case ']':
	case ':':
	case ';':
	case ',':
	case '%':
	case '!':
		return true;
	default:
		return false;
	}
}

static bool
take_domain(struct cursor in, char *out, size_t size)
{
	size_t len = idn_lower(in.at, (size_t)(in.end - in.at), out, size);

	/* Labels of any length: who is written to is for the MTA to know. */
	return out[0] == '[' ? is_literal(out) : ascii_name_fault(out, len, size) == NULL;
}

static bool
is_literal(const char *literal)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyz0123456789-.:";
	size_t len = strspn(literal + 1, allowed);

	return len > 0 && strcmp(literal + 1 + len, "]") == 0;
}
