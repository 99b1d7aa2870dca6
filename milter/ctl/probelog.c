/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ctl/probelog.c - the lines, as Postfix 3.7 and 3.10, Sendmail 8.17 and Exim 4.96 write them.
 */
#include "config.h"

#include "ctl/probelog.h"

#include <string.h>

#include "base/ascii.h"
#include "base/strbuf.h"
#include "ctl/logstamp.h"

#define DENIED_POSTFIX ">: Relay access denied"
#define DENIED_EXIM ">: relay not permitted"

/* --- Pieces of a line --- */

/* Take what stands before a word, and go past both; false: it is not there, or is too long. */
static bool
take_until(const char **at, const char *word, char *out, size_t size)
{
	const char *end = strstr(*at, word);
	struct strbuf sb;

	if (end == NULL)
		return false;
	strbuf_init(&sb, out, size);
	strbuf_addn(&sb, *at, (size_t)(end - *at));
	*at = end + strlen(word);
	return !sb.cut;
}

/* Go past a word, wherever it is; false: it is not there. */
static bool
skip_past(const char **at, const char *word)
{
	const char *found = strstr(*at, word);

	if (found != NULL)
		*at = found + strlen(word);
	return found != NULL;
}

/* "[192.0.2.1]", "[IPv6:2001:db8::1]", "[2001:db8::1]". */
static bool
take_address(const char **at, struct ipaddr *out)
{
	size_t len;

	if (!ascii_take(at, "["))
		return false;
	(void)ascii_take(at, "IPv6:");
	len = strcspn(*at, "]");
	if (!ipaddr_parse_part(out, *at, len))
		return false;
	*at += len;
	return ascii_take(at, "]");
}

/* Go past a queue id; false: there is none. */
static bool
skip_id(const char **at)
{
	size_t len = strcspn(*at, ": ");

	if (len == 0 || (*at)[len] != ':' || (*at)[len + 1] != ' ')
		return false;
	*at += len + 2;
	return true;
}

/* The same as a path, in the brackets that the log has taken off or put round it. */
static bool
take_path(const char **at, const char *word, char out[PROBELOG_TEXT_MAX])
{
	out[0] = '<';
	if (!take_until(at, word, out + 1, PROBELOG_TEXT_MAX - 2))
		return false;
	strcat(out, ">");
	return true;
}

/* Whether a text up to end ends with a word. */
static bool
ends_with(const char *text, const char *end, const char *word)
{
	size_t len = strlen(word);

	return (size_t)(end - text) >= len && memcmp(end - len, word, len) == 0;
}

/* --- Postfix --- */

/* NAME[192.0.2.1], perhaps with :PORT. */
static bool
take_client(const char **at, struct ipaddr *out)
{
	*at += strcspn(*at, "[ ");
	if (!take_address(at, out))
		return false;
	*at += **at == ':' && ascii_is_digit((*at)[1]) ? 1 + strspn(*at + 1, "0123456789") : 0;
	return true;
}

/* "554 5.7.1 <R>: Relay access denied; from=<S> to=<R> proto=ESMTP helo=<H>": R of the reply
 * is without quotes. */
static bool
read_denied(struct probelog_entry *e, const char *at)
{
	const char *reply = at;
	size_t len;

	if (!skip_past(&at, "; from=<") ||
	    !ends_with(reply, at - strlen("; from=<"), DENIED_POSTFIX) ||
	    !take_path(&at, "> to=<", e->sender) || !take_path(&at, "> proto=", e->recipient))
		return false;
	e->has_sender = true;
	e->has_helo = skip_past(&at, " helo=<") && (len = strlen(at)) > 0 &&
	    at[len - 1] == '>' && len <= sizeof(e->helo);
	if (e->has_helo) {
		memcpy(e->helo, at, len - 1);
		e->helo[len - 1] = '\0';
	}
	return true;
}

static bool
read_postfix(struct probelog_entry *e, const char *at)
{
	if (!skip_id(&at))
		return false;
	if (ascii_take(&at, "client=")) {
		e->accepted = true;
		return take_client(&at, &e->client);
	}
	return ascii_take(&at, "reject: RCPT from ") && take_client(&at, &e->client) &&
	    ascii_take(&at, ": ") && read_denied(e, at);
}

/* --- Sendmail --- */

/* NAME [192.0.2.1] (may be forged), and a comma behind it or nothing. */
static bool
read_relay(struct probelog_entry *e, const char *at)
{
	at += strcspn(at, "[,");
	return take_address(&at, &e->client);
}

/*
 * "arg1=<R>, relay=NAME [IP], reject=550 5.7.1 <R>... Relaying denied": R may hold all of
 * that.  It stands there twice, and behind the second time is nothing that R can hold.
 */
static bool
read_ruleset(struct probelog_entry *e, const char *at)
{
	const char *relay = at, *reply;
	size_t len;

	while ((relay = strstr(relay, ", relay=")) != NULL) {
		len = (size_t)(relay - at);
		relay += strlen(", relay=");
		if ((reply = strstr(relay, ", reject=")) == NULL)
			return false;
		reply += strlen(", reject=");
		reply += strspn(reply, "0123456789. ");
		if (strncmp(reply, at, len) == 0 && len < sizeof(e->recipient) &&
		    strncmp(reply + len, "... Relaying ", strlen("... Relaying ")) == 0 &&
		    strpbrk(reply + len, "<>") == NULL) {
			memcpy(e->recipient, at, len);
			e->recipient[len] = '\0';
			return read_relay(e, relay);
		}
	}
	return false;
}

/* "from=<S>, size=..., relay=NAME [IP]": what is last is Sendmail's own. */
static bool
read_from(struct probelog_entry *e, const char *at)
{
	const char *relay = NULL;

	while ((at = strstr(at, ", relay=")) != NULL)
		relay = at += strlen(", relay=");
	e->accepted = true;
	return relay != NULL && read_relay(e, relay);
}

static bool
read_sendmail(struct probelog_entry *e, const char *at)
{
	if (!skip_id(&at))
		return false;
	if (ascii_take(&at, "from="))
		return read_from(e, at);
	return ascii_take(&at, "ruleset=check_rcpt, arg1=") && read_ruleset(e, at);
}

/* --- Exim --- */

/* "H=name (helo) [192.0.2.1]:25", of which name or helo may be missing. */
static bool
read_host(struct probelog_entry *e, const char **at)
{
	*at += strcspn(*at, " ([");
	*at += strspn(*at, " ");
	if (ascii_take(at, "(")) {
		if (!take_until(at, ") ", e->helo, sizeof(e->helo)))
			return false;
		e->has_helo = true;
	}
	return take_address(at, &e->client);
}

/*
 * "F=<S> rejected RCPT <R>: relay not permitted", with words of Exim's before it.  Where HELO
 * may hold anything, a HELO may hold the beginning of such a line: then a bracket follows.
 */
static bool
read_rejected(struct probelog_entry *e, const char *at)
{
	const char *from = strstr(at, " F=<"), *bracket = strpbrk(at, "()");

	if (from == NULL || (bracket != NULL && bracket < from))
		return false;
	at = from + strlen(" F=<");
	e->has_sender = take_path(&at, "> rejected RCPT <", e->sender);
	return e->has_sender && take_path(&at, DENIED_EXIM, e->recipient) && *at == '\0';
}

/* What stands between the time and the line's own words: a zone, a process, an id. */
static void
skip_exim(const char **at)
{
	while (**at != '\0' && strncmp(*at, "H=", 2) != 0 && strncmp(*at, "<= ", 3) != 0) {
		*at += strcspn(*at, " ");
		*at += strspn(*at, " ");
	}
}

static bool
read_exim(struct probelog_entry *e, const char *at)
{
	skip_exim(&at);
	if (ascii_take(&at, "<= ")) {
		at += strcspn(at, " ");
		e->accepted = true;
		return ascii_take(&at, " H=") && read_host(e, &at);
	}
	return ascii_take(&at, "H=") && read_host(e, &at) && read_rejected(e, at);
}

/* --- Which of them it is --- */

/* Whether a word of len bytes is the tag of a program, "postfix/smtpd[123]:". */
static bool
is_tag(const char *word, size_t len)
{
	return len > 0 && word[len - 1] == ':';
}

/* The tag of a line by syslog, and what it says; NULL: it has none. */
static const char *
find_tag(const char *line, const char **message)
{
	while (*line != '\0') {
		size_t len = strcspn(line, " ");

		if (is_tag(line, len)) {
			*message = line + len + (line[len] == ' ');
			return line;
		}
		if (memchr(line, '=', len) != NULL)
			return NULL;
		line += len + strspn(line + len, " ");
	}
	return NULL;
}

static bool
is_program(const char *tag, const char *name)
{
	return ascii_take(&tag, name) && (*tag == '[' || *tag == ':');
}

/* "postfix/smtpd", "postfix-out/submission/smtpd". */
static bool
is_smtpd(const char *tag)
{
	return strncmp(tag, "postfix", strlen("postfix")) == 0 &&
	    ends_with(tag, tag + strcspn(tag, "[:"), "/smtpd");
}

/* A line of Exim's own log begins with the time, "2026-11-29 01:12:00 ". */
static bool
is_mainlog(const char *line)
{
	return ascii_is_digit(line[0]) && strlen(line) > 20 && line[10] == ' ' &&
	    line[19] == ' ';
}

static bool
read_line(struct probelog_entry *e, const char *line)
{
	const char *message, *tag;

	if (is_mainlog(line))
		return read_exim(e, line + 20);
	if ((tag = find_tag(line, &message)) == NULL)
		return false;
	if (is_smtpd(tag))
		return read_postfix(e, message);
	if (is_program(tag, "sm-mta") || is_program(tag, "sendmail"))
		return read_sendmail(e, message);
	return is_program(tag, "exim") && read_exim(e, message);
}

enum logmerge_line
probelog_parse(struct probelog_entry *e, const char *line, int64_t now)
{
	e->accepted = e->has_sender = e->has_helo = false;
	if (!read_line(e, line))
		return LOGMERGE_OTHER;
	e->time = logstamp_read(line, now);
	return LOGMERGE_ENTRY;
}

static enum logmerge_line
parse(void *entry, const char *line, int64_t now, int64_t *time)
{
	struct probelog_entry *e = entry;
	enum logmerge_line kind = probelog_parse(e, line, now);

	if (kind == LOGMERGE_ENTRY)
		*time = e->time;
	return kind;
}

const struct logmerge_kind *
probelog_kind(void)
{
	static const struct logmerge_kind kind = {
	    .size = sizeof(struct probelog_entry), .parse = parse};

	return &kind;
}
