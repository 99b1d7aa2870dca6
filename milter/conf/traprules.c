/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * conf/traprules.c - traps, from sections and from lines of files: "ADDRESS ID KIND NOTE".
 * Nothing that is reported here quotes an address, for at a reload it goes to the log.
 */
#include "config.h"

#include "conf/traprules.h"

#include <stdlib.h>
#include <string.h>

#include "base/strbuf.h"
#include "base/textfile.h"
#include "conf/checker.h"

#define WHY_MAX 300
#define WRONG_MAX 10   /* lines of a file that are told of */
#define DOUBLES_MAX 10 /* addresses that stand there twice, and are told of */

struct builder {
	struct traps *traps;
	const struct section *section;
	const struct word *files;
	struct report *report;
	size_t n;
	bool full; /* that there are too many has been said */
};

/* The files by number: the configuration itself, then those that it names. */
static struct place
place_of(const struct builder *b, unsigned file, unsigned line)
{
	return (struct place){
	    file == 0 ? b->section->place.file : b->files->values[file - 1].text, line};
}

/* --- One trap --- */

/* What shows a trap's address though nothing is to; NULL: nothing does. */
static const char *
fault_of(const struct trap_address *at, const struct trap *trap)
{
	const char *local = at->box.local, *domain = at->box.domain;
	char address[MAILBOX_LOCAL_MAX + MAILBOX_DOMAIN_MAX + 2];
	struct strbuf sb;

	strbuf_init(&sb, address, sizeof(address));
	if (local[0] != '\0')
		strbuf_addf(&sb, "%s@", local);
	strbuf_add(&sb, domain);
	if (strcasecmp(trap->id, local) == 0 || strcasestr(trap->id, domain) != NULL)
		return "its id is a part of its address, and is shown where that is not to be";
	if (strcasestr(trap->note, address) != NULL)
		return "its note has its address in it, and is shown where that is not to be";
	return NULL;
}

/* Add a trap; false: there is a fault, a sentence in why. */
static bool
add_trap(struct builder *b, const char *text, const struct trap *trap, unsigned file,
    unsigned line, char *why, size_t whysize)
{
	struct trap_address at;
	const char *fault;

	if (!trap_address_parse(&at, text, why, whysize))
		return false;
	if ((fault = fault_of(&at, trap)) != NULL)
		return strbuf_fail(why, whysize, "%s", fault);
	if (b->n == TRAPS_MAX) {
		b->full = true;
		return strbuf_fail(why, whysize, "there are more than %d traps", TRAPS_MAX);
	}
	b->n++;
	return traps_add(b->traps, &at, trap, file, line) ||
	    strbuf_fail(why, whysize, "out of memory");
}

/* --- Those of the configuration --- */

static bool
is_said(const struct builder *b, const struct section *sec, const char *word)
{
	if (section_word(sec, word)->n > 0)
		return true;
	report_mistake(b->report, &sec->place, "trap \"%s\" has no %s", sec->title, word);
	return false;
}

static void
add_values(struct builder *b, const struct section *sec, const char *name)
{
	const struct word *word = section_word(sec, name);
	const struct trap trap = {
	    .id = sec->title,
	    .note = section_text(sec, "note"),
	    .kind = (enum trap_kind)section_number(sec, "kind"),
	};
	char why[WHY_MAX];

	for (unsigned i = 0; i < word->n && !b->full; i++) {
		const struct value *value = &word->values[i];

		/* What is none has been said. */
		if (keyword_check(word->keyword, value->text, why, sizeof(why)) &&
		    !add_trap(b, value->text, &trap, 0, value->place.line, why, sizeof(why)))
			report_mistake(b->report, &value->place, "%s: %s", name, why);
	}
}

static void
add_section(struct builder *b, const struct section *sec)
{
	bool whole = is_said(b, sec, "kind");

	whole = is_said(b, sec, "note") && whole;
	if (section_word(sec, "recipients")->n + section_word(sec, "domains")->n == 0)
		report_warning(b->report, &sec->place,
		    "trap \"%s\" has neither recipients nor domains", sec->title);
	if (!whole)
		return;
	add_values(b, sec, "recipients");
	add_values(b, sec, "domains");
}

/* --- Those of files --- */

/* The next word of a line, with a NUL behind it; empty: there is none. */
static char *
take_word(char **line)
{
	char *word = *line + strspn(*line, " \t"), *end = word + strcspn(word, " \t");

	*line = *end != '\0' ? end + 1 : end;
	*end = '\0';
	return word;
}

/* Cut the blanks, and the CR, from the end. */
static void
trim(char *text)
{
	size_t len = strlen(text);

	while (len > 0 && strchr(" \t\r", text[len - 1]) != NULL)
		len--;
	text[len] = '\0';
}

/* Read a line, which is changed; false: a sentence in why. */
static bool
read_line(struct builder *b, char *line, unsigned file, unsigned number, char why[WHY_MAX])
{
	const char *address, *id, *kind;
	int64_t value;

	trim(line);
	address = take_word(&line);
	if (address[0] == '\0' || address[0] == '#')
		return true;
	id = take_word(&line);
	kind = take_word(&line);
	line += strspn(line, " \t");
	if (line[0] == '\0')
		return strbuf_fail(why, WHY_MAX,
		    "must be an address or a domain, its id, its kind, and a note of where it "
		    "was seeded, and when");
	return checker_trap_id(id, why, WHY_MAX) &&
	    checker_trap_kind(kind, 0, 0, &value, why, WHY_MAX) &&
	    checker_trap_note(line, why, WHY_MAX) &&
	    add_trap(b, address, &(struct trap){id, line, (enum trap_kind)value}, file, number,
		why, WHY_MAX);
}

static void
read_lines(struct builder *b, char *text, unsigned file)
{
	size_t before = b->n;
	unsigned number = 0, wrong = 0;
	char *line, why[WHY_MAX];

	while ((line = strsep(&text, "\n")) != NULL && wrong < WRONG_MAX && !b->full) {
		struct place place = place_of(b, file, ++number);

		if (read_line(b, line, file, number, why))
			continue;
		report_mistake(b->report, &place, "%s", why);
		wrong++;
	}
	if (b->n == before && wrong == 0)
		report_warning(b->report, &b->files->values[file - 1].place,
		    "files: %s holds no trap", b->files->values[file - 1].text);
}

static void
read_file(struct builder *b, unsigned file)
{
	const struct value *value = &b->files->values[file - 1];
	char why[WHY_MAX];
	char *text = textfile_read(value->text, TEXTFILE_PLAIN, why, sizeof(why));

	if (text == NULL)
		report_mistake(b->report, &value->place, "files: %s: %s", value->text, why);
	else
		read_lines(b, text, file);
	if (text != NULL && textfile_is_public(value->text))
		report_warning(b->report, &value->place,
		    "files: %s: everybody on this host may read it, and learn the traps: its "
		    "mode should be 0640",
		    value->text);
	free(text);
}

/* --- All of them --- */

/* Who reads the configuration learns the traps that stand in it. */
static void
warn_of_readers(const struct builder *b)
{
	const struct section *sec = b->section;

	if (sec->nsections > 0 && textfile_is_public(sec->place.file))
		report_warning(b->report, &sec->sections[0].place,
		    "traps: everybody on this host may read this file, and learn the traps: put "
		    "them into a file with mode 0640, and name that in files");
}

static void
warn_of_idleness(const struct builder *b)
{
	const struct place *first =
	    b->files->n > 0 ? &b->files->values[0].place : &b->section->sections[0].place;

	report_warning(
	    b->report, first, "traps: nobody is listed for them, for own has enabled = false");
}

static void
check_doubles(const struct builder *b)
{
	unsigned doubles = 0;

	for (size_t i = 1; i < traps_count(b->traps) && doubles < DOUBLES_MAX; i++) {
		struct traps_row one = traps_at(b->traps, i - 1), two = traps_at(b->traps, i);
		struct place first = place_of(b, one.file, one.line);
		struct place second = place_of(b, two.file, two.line);

		if (strcmp(one.address, two.address) != 0)
			continue;
		doubles++;
		report_mistake(b->report, &second,
		    "trap \"%s\" has an address that is trap \"%s\" already, by line %u of %s",
		    two.trap->id, one.trap->id, first.line, first.file);
	}
}

static void
build(struct builder *b, const struct traplint_known *known)
{
	unsigned before = report_mistakes(b->report);
	size_t n = 0;

	for (size_t i = 0; i < b->section->nsections; i++)
		add_section(b, &b->section->sections[i]);
	for (unsigned i = 0; i < b->files->n; i++)
		read_file(b, i + 1);
	if (!traps_seal(b->traps))
		report_no_memory(b->report);
	warn_of_readers(b);
	if (known->idle)
		warn_of_idleness(b);
	check_doubles(b);
	/* What is left out for a mistake would only be missed. */
	if (report_mistakes(b->report) == before)
		n = traps_count(b->traps);
	for (size_t i = 0; i < n; i++) {
		struct traps_row row = traps_at(b->traps, i);
		struct place place = place_of(b, row.file, row.line);

		traplint_check(&row, known, &place, b->report);
	}
}

struct traps *
traprules_build(
    const struct section *sec, const struct traplint_known *known, struct report *report)
{
	struct builder b = {
	    .section = sec, .files = section_word(sec, "files"), .report = report};

	if (sec->nsections == 0 && b.files->n == 0)
		return NULL;
	if ((b.traps = traps_new()) == NULL) {
		report_no_memory(report);
		return NULL;
	}
	build(&b, known);
	return b.traps;
}
