/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * conf/netline.c - a line of a file of networks.  Nobody is told that a file is for another
 * program but by what is in it: "192.0.2.1 OK" is one client that Postfix lets in, and
 * would be refused here with the text "OK".
 */
#include "config.h"

#include "conf/netline.h"

#include <string.h>
#include <strings.h>

#include "base/ascii.h"
#include "base/ipaddr.h"
#include "base/strbuf.h"

#define SHOWN_MAX 64 /* bytes of a network or a word in a complaint */

/* What a word means to the program that it is for. */
enum meaning {
	MEANS_NOTHING, /* it is a note */
	MEANS_PASS,
	MEANS_REFUSE,
	MEANS_ELSE
};

/* Actions: access(5), cidr_table(5), postscreen(8), and the access map of Sendmail. */
static const struct {
	const char *word;
	enum meaning meaning;
} actions[] = {
    {"OK", MEANS_PASS},
    {"PERMIT", MEANS_PASS},
    {"RELAY", MEANS_PASS},
    {"REJECT", MEANS_REFUSE},
    {"BCC", MEANS_ELSE},
    {"DEFER", MEANS_ELSE},
    {"DEFER_IF_PERMIT", MEANS_ELSE},
    {"DEFER_IF_REJECT", MEANS_ELSE},
    {"DISCARD", MEANS_ELSE},
    {"DUNNO", MEANS_ELSE},
    {"FILTER", MEANS_ELSE},
    {"HOLD", MEANS_ELSE},
    {"INFO", MEANS_ELSE},
    {"PREPEND", MEANS_ELSE},
    {"QUARANTINE", MEANS_ELSE},
    {"REDIRECT", MEANS_ELSE},
    {"SKIP", MEANS_ELSE},
    {"WARN", MEANS_ELSE},
    /* With a colon these are actions, and without it the beginnings of sentences. */
    {"ERROR:", MEANS_ELSE},
    {"SPAM:", MEANS_ELSE},
    /* Restrictions of Postfix, which access(5) may name too. */
    {"permit_", MEANS_ELSE},
    {"reject_", MEANS_ELSE},
    {"defer_", MEANS_ELSE},
    {"check_", MEANS_ELSE},
};

/* Whether text begins with a word: all of one, or that far where it ends in : or _. */
static bool
begins_with(const char *text, const char *word)
{
	size_t len = strlen(word);

	if (strncasecmp(text, word, len) != 0)
		return false;
	return word[len - 1] == ':' || word[len - 1] == '_' || text[len] == '\0' ||
	    text[len] == ' ' || text[len] == ':';
}

/* "550", "550 5.7.1", "450-4.7.1": a reply, and how long; 0: none. */
static size_t
reply_length(const char *note)
{
	size_t digits = strspn(note, "0123456789");

	if (digits == 0 || digits > 3 ||
	    (note[digits] != '\0' && strchr(" -", note[digits]) == NULL))
		return 0;
	/* Postfix takes a number of any length as OK, but a note may be one, too. */
	return digits == 3 || note[digits] == '\0' ? digits : 0;
}

/* Whether an address, a network or a mask begins here, perhaps after a dash or comma. */
static bool
begins_with_address(const char *note)
{
	struct ipaddr ignored;

	if (note[0] == '/' && ascii_is_digit(note[1]))
		return true;
	note += strspn(note, "-, ");
	return ipaddr_parse_part(&ignored, note, strcspn(note, " ,/;-"));
}

/* What the note begins with, and how many bytes of it. */
static enum meaning
meaning_of(const char *note, size_t *len)
{
	*len = strcspn(note, " ");
	for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++)
		if (begins_with(note, actions[i].word))
			return actions[i].meaning;
	if (reply_length(note) > 0)
		return note[0] == '5' && reply_length(note) == 3 ? MEANS_REFUSE : MEANS_ELSE;
	if (begins_with_address(note) || strchr(":;", note[0]) != NULL ||
	    note[strlen(note) - 1] == ';')
		return MEANS_ELSE;
	return MEANS_NOTHING;
}

/* What follows an action: its text, without the enhanced code of a reply. */
static const char *
text_after(const char *note, size_t len)
{
	size_t code;

	note += len + strspn(note + len, " ");
	code = strspn(note, "0123456789.");
	if (code > 0 && strchr("45", note[0]) != NULL &&
	    (note[code] == ' ' || note[code] == '\0'))
		note += code + strspn(note + code, " ");
	return note[0] != '\0' ? note : NULL;
}

static bool
refuse(
    struct strbuf *why, const char *network, const char *word, size_t len, const char *sentence)
{
	char text[SHOWN_MAX + 1];
	struct strbuf sb;

	strbuf_init(&sb, text, sizeof(text));
	strbuf_addn(&sb, word, len);
	strbuf_add_value(why, network, SHOWN_MAX);
	strbuf_add(why, " is followed by ");
	strbuf_add_value(why, text, SHOWN_MAX);
	strbuf_add(why, sentence);
	return false;
}

static bool
judge_note(
    struct netline *line, const char *network, enum netline_sense sense, struct strbuf *why)
{
	enum meaning own = sense == NETLINE_ALLOW ? MEANS_PASS : MEANS_REFUSE;
	size_t len;
	enum meaning meaning = meaning_of(line->note, &len);

	if (meaning == MEANS_NOTHING)
		return true;
	if (meaning == MEANS_ELSE)
		return refuse(why, network, line->note, len,
		    ", which another program reads, and which is no note");
	if (meaning != own)
		return refuse(why, network, line->note, len,
		    sense == NETLINE_ALLOW
			? ", by which another program refuses what is allowed here"
			: ", by which another program lets in what is denied here");
	line->note = text_after(line->note, len);
	line->action = true;
	return true;
}

/* Printable, when tabs have become blanks. */
static bool
clean_note(char *note)
{
	for (; *note != '\0'; note++) {
		if (*note == '\t')
			*note = ' ';
		if (*note < ' ' || *note > '~')
			return false;
	}
	return true;
}

/* End the line where a comment begins, or the blanks before it and a CR. */
static void
cut_comment(char *line)
{
	char *mark = line + strcspn(line, "#;");
	size_t len;

	/* One inside a word belongs to it. */
	while (*mark != '\0' && mark > line && mark[-1] != ' ' && mark[-1] != '\t')
		mark += 1 + strcspn(mark + 1, "#;");
	len = (size_t)(mark - line);
	if (*mark == '\0' && len > 0 && line[len - 1] == '\r')
		len--;
	while (len > 0 && (line[len - 1] == ' ' || line[len - 1] == '\t'))
		len--;
	line[len] = '\0';
}

static bool
read_json(struct netline *line, const char *text, char *why, size_t whysize)
{
	line->json = true;
	if (!droplist_read(&line->drop, text, why, whysize))
		return false;
	if (line->drop.network[0] == '\0')
		return true;
	line->given = true;
	line->note = line->drop.note[0] != '\0' ? line->drop.note : NULL;
	return prefix_parse(&line->network, line->drop.network, why, whysize);
}

/* Read the note behind a network, which is changed. */
static bool
read_note(struct netline *line, const char *network, char *note, enum netline_sense sense,
    struct strbuf *why)
{
	line->note = note;
	if (clean_note(note))
		return judge_note(line, network, sense, why);
	strbuf_add_value(why, network, SHOWN_MAX);
	strbuf_add(why, " has a note with bytes that are not printable ASCII");
	return false;
}

bool
netline_read(
    struct netline *line, char *text, enum netline_sense sense, char *why, size_t whysize)
{
	struct strbuf message;
	char *note;

	*line = (struct netline){.drop.records = -1};
	text += strspn(text, " \t");
	if (text[0] == '{')
		return read_json(line, text, why, whysize);
	cut_comment(text);
	if (text[0] == '\0')
		return true;
	note = text + strcspn(text, " \t");
	if (*note != '\0')
		*note++ = '\0';
	note += strspn(note, " \t");
	line->given = true;
	if (!prefix_parse(&line->network, text, why, whysize))
		return false;
	strbuf_init(&message, why, whysize);
	return note[0] == '\0' || read_note(line, text, note, sense, &message);
}
