/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * conf/parser.c - libConfuse takes files apart, with a grammar made from the table of
 * keywords; what it found is copied, with the line of each value.
 */
#include "config.h"

#include "conf/parser.h"

#include <assert.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <confuse.h>

#include "base/ascii.h"
#include "base/strbuf.h"
#include "base/textfile.h"
#include "conf/keyword.h"

#define WHY_MAX 300
#define UNKNOWN_MAX 10             /* words that are not known, and are told of */
#define UNKNOWN "no such option '" /* how libConfuse says that of one */
#define SECTION_WORDS 48           /* of a section, with the sections in it */

/* A list word of every section whose default libConfuse reads at the opening
 * brace: the only way to learn the line of that. */
#define BEGIN "{"

/* What stands before and behind the default values of a list word: values that were
 * added to these come after it, and those that were set have it taken away.  No file
 * can hold it. */
#define MARK "\001"

#define LIST_WORDS 48
#define LIST_DEFAULT 64 /* bytes */

/* What libConfuse is to expect; it copies all but the default values. */
struct grammar {
	cfg_opt_t cache[SECTION_WORDS], control[SECTION_WORDS], store[SECTION_WORDS],
	    own[SECTION_WORDS], watch[SECTION_WORDS], dns[SECTION_WORDS], limits[SECTION_WORDS],
	    spf[SECTION_WORDS], health[SECTION_WORDS], list[SECTION_WORDS],
	    answer[SECTION_WORDS], allow[SECTION_WORDS], deny[SECTION_WORDS],
	    traps[SECTION_WORDS], trap[SECTION_WORDS], policy[SECTION_WORDS], registry[2],
	    root[2 * SECTION_WORDS];          /* words and sections */
	char lists[LIST_WORDS][LIST_DEFAULT]; /* the default values of list words */
	unsigned nlists;
};

/* What is being read: libConfuse's callbacks take no argument, and its scanner
 * is one for the process. */
static struct {
	const char *file;
	struct report *report;
	struct section *out;
	size_t notes;        /* that were there before those of the titled section being read */
	char fault[WHY_MAX]; /* what libConfuse minds first; empty: nothing */
	unsigned line;       /* where */
} reading;

/* Sections of which there may be very many. */
static bool
is_split(const char *kind)
{
	return strcmp(kind, "policy") == 0 || strcmp(kind, "list") == 0;
}

/*
 * What may be set but once: a word that is no list; and a list, by its first value,
 * which a mark stands for as long as it is the default.  Defaults of sections without a
 * title are read before the file is, and have no line.
 */
static int
note_value(cfg_t *cfg, cfg_opt_t *opt, const char *value, void *result)
{
	struct place place = {reading.file, (unsigned)cfg->line};
	unsigned n = cfg_opt_size(opt);
	bool list = (opt->flags & CFGF_LIST) != 0;
	bool once = !list || n <= 1;

	if (opt == cfg->opts && is_split(cfg_name(cfg)))
		reading.notes = report_notes(reading.report);
	*(const char **)result = value;
	/* libConfuse goes on: without a default value it would end the process. */
	if (place.line != 0 && strcmp(value, MARK) != 0 &&
	    !report_note(reading.report, opt, n > 0 ? n - 1 : 0, &place,
		once ? cfg_opt_name(opt) : NULL))
		report_no_memory(reading.report);
	return 0;
}

static void note_error(cfg_t *, const char *, va_list) __attribute__((format(printf, 2, 0)));

static void
note_error(cfg_t *cfg, const char *fmt, va_list ap)
{
	if (reading.fault[0] != '\0')
		return;
	vsnprintf(reading.fault, sizeof(reading.fault), fmt, ap);
	reading.line = cfg != NULL ? (unsigned)cfg->line : 0;
}

/* The default of a list word between its marks. */
static char *
mark_default(struct grammar *g, const char *def)
{
	char *out = g->lists[g->nlists];
	int len = def != NULL ? (int)strlen(def) - 2 : 0; /* without its braces */

	assert(g->nlists < LIST_WORDS);
	g->nlists++;
	len = snprintf(out, LIST_DEFAULT, "{\"" MARK "\"%s%.*s, \"" MARK "\"}",
	    len > 0 ? ", " : "", len, def != NULL ? def + 1 : "");
	assert(len < LIST_DEFAULT);
	return out;
}

/* Write the words of a section; the end, where its sections may follow. */
static cfg_opt_t *
write_words(struct grammar *g, cfg_opt_t *out, const char *section)
{
	const struct keyword *k;
	const cfg_opt_t *first = out;

	*out++ = (cfg_opt_t)CFG_STR_LIST_CB(BEGIN, (char *)"{x}", CFGF_NONE, note_value);
	for (size_t i = 0; (k = keyword_at(i)) != NULL; i++) {
		if (k->name == NULL || strcmp(k->section, section) != 0)
			continue;
		assert(out - first < SECTION_WORDS - 3);
		if (k->list)
			*out++ = (cfg_opt_t)CFG_STR_LIST_CB(
			    k->name, mark_default(g, k->def), CFGF_NONE, note_value);
		else
			*out++ = (cfg_opt_t)CFG_STR_CB(k->name, k->def, CFGF_NONE, note_value);
	}
	*out = (cfg_opt_t)CFG_END();
	return out;
}

static void
write_grammar(struct grammar *g)
{
	const int titled = CFGF_MULTI | CFGF_TITLE | CFGF_NO_TITLE_DUPES;
	cfg_opt_t *end;

	write_words(g, g->cache, "cache");
	write_words(g, g->control, "control");
	write_words(g, g->store, "store");
	write_words(g, g->own, "own");
	write_words(g, g->watch, "watch");
	write_words(g, g->dns, "dns");
	write_words(g, g->health, "health");
	write_words(g, g->limits, "limits");
	write_words(g, g->allow, "allow");
	write_words(g, g->deny, "deny");
	write_words(g, g->policy, "policy");
	write_words(g, g->answer, "answer");
	write_words(g, g->trap, "trap");
	end = write_words(g, g->traps, "traps");
	*end++ = (cfg_opt_t)CFG_SEC("trap", g->trap, titled);
	*end = (cfg_opt_t)CFG_END();
	end = write_words(g, g->list, "list");
	*end++ = (cfg_opt_t)CFG_SEC("answer", g->answer, titled);
	*end = (cfg_opt_t)CFG_END();
	g->registry[0] = (cfg_opt_t)CFG_SEC("list", g->list, titled);
	g->registry[1] = (cfg_opt_t)CFG_END();
	write_words(g, g->spf, "spf");
	end = write_words(g, g->root, "root");
	*end++ = (cfg_opt_t)CFG_SEC("cache", g->cache, CFGF_NONE);
	*end++ = (cfg_opt_t)CFG_SEC("control", g->control, CFGF_NONE);
	*end++ = (cfg_opt_t)CFG_SEC("store", g->store, CFGF_NONE);
	*end++ = (cfg_opt_t)CFG_SEC("own", g->own, CFGF_NONE);
	*end++ = (cfg_opt_t)CFG_SEC("watch", g->watch, CFGF_NONE);
	*end++ = (cfg_opt_t)CFG_SEC("dns", g->dns, CFGF_NONE);
	*end++ = (cfg_opt_t)CFG_SEC("health", g->health, CFGF_NONE);
	*end++ = (cfg_opt_t)CFG_SEC("limits", g->limits, CFGF_NONE);
	*end++ = (cfg_opt_t)CFG_SEC("spf", g->spf, CFGF_NONE);
	*end++ = (cfg_opt_t)CFG_SEC("list", g->list, titled);
	*end++ = (cfg_opt_t)CFG_SEC("allow", g->allow, CFGF_NONE);
	*end++ = (cfg_opt_t)CFG_SEC("deny", g->deny, CFGF_NONE);
	*end++ = (cfg_opt_t)CFG_SEC("traps", g->traps, CFGF_NONE);
	*end++ = (cfg_opt_t)CFG_SEC("policy", g->policy, titled);
	*end = (cfg_opt_t)CFG_END();
}

static struct place
place_of(cfg_opt_t *opt, unsigned index, const struct place *otherwise)
{
	struct place place = *otherwise;

	report_find(reading.report, opt, index, &place);
	return place;
}

static bool
take_values(struct section *out, cfg_opt_t *opt)
{
	const char *name = cfg_opt_name(opt);
	bool written = (opt->flags & CFGF_MODIFIED) != 0;

	/* The default of a word that is no list is known without libConfuse. */
	if (strcmp(name, BEGIN) == 0 || (!written && (opt->flags & CFGF_LIST) == 0))
		return true;
	if (written)
		section_mark(out, name);
	for (unsigned i = 0; i < cfg_opt_size(opt); i++) {
		const char *text = cfg_opt_getnstr(opt, i);
		struct place place = place_of(opt, i, &out->place);

		if (text != NULL && strcmp(text, MARK) == 0) {
			/* The last of the two: what comes before it is the default. */
			if (written && i > 0)
				section_extend(out, name);
		} else if (text != NULL && !section_add(out, name, text, &place)) {
			return false;
		}
	}
	return true;
}

static bool take_section(struct section *, cfg_t *);

/* Copy a section in a section. */
static bool
take_sub(struct section *out, cfg_opt_t *opt, cfg_t *sub)
{
	struct place place = place_of(cfg_getopt(sub, BEGIN), 0, &out->place);
	struct section *new = section_enter(out, cfg_opt_name(opt), cfg_title(sub), &place);

	return new != NULL &&take_section(new, sub);
}

/* Copy what libConfuse has of a section. */
static bool
take_section(struct section *out, cfg_t *cfg)
{
	for (unsigned i = 0; i < cfg_num(cfg); i++) {
		cfg_opt_t *opt = cfg_getnopt(cfg, i);

		if (opt->type != CFGT_SEC && !take_values(out, opt))
			return false;
		for (unsigned n = 0; opt->type == CFGT_SEC && n < cfg_opt_size(opt); n++)
			if (!take_sub(out, opt, cfg_opt_getnsec(opt, n)))
				return false;
	}
	return section_index(out);
}

/*
 * A titled section has been read: it is copied and taken away at once.  libConfuse
 * would look at the titles of all that it has for each new one, and has 8 KB of each.
 */
static int
split_line(cfg_t *cfg, cfg_opt_t *opt)
{
	bool good;

	(void)cfg;
	report_settle(reading.report, reading.notes);
	good = take_sub(reading.out, opt, cfg_opt_getnsec(opt, 0));
	report_forget(reading.report, reading.notes);
	if (!good)
		report_no_memory(reading.report);
	return good && cfg_opt_rmnsec(opt, 0) == CFG_SUCCESS ? 0 : -1;
}

/* What libConfuse cannot see any more: two sections of one title. */
static void
check_titles(const struct section *out)
{
	const struct section *first, *second;

	for (size_t i = 0; section_double(out, &i, &first, &second);)
		report_mistake(reading.report, &second->place,
		    "found duplicate title '%s', first in line %u", second->title,
		    first->place.line);
}

/* Copy all that is left when a file has been read to its end. */
static bool
take_rest(struct section *out, cfg_t *cfg)
{
	report_settle(reading.report, 0);
	if (!take_section(out, cfg)) {
		report_no_memory(reading.report);
		return false;
	}
	check_titles(out);
	return true;
}

/* Take a text apart; false: not to its end, for the fault. */
static bool
parse_once(struct section *out, const char *text, cfg_opt_t *words)
{
	cfg_t *cfg = cfg_init(words, CFGF_NONE);
	bool good;

	reading.fault[0] = '\0';
	reading.line = 0;
	if (cfg == NULL) {
		report_no_memory(reading.report);
		return false;
	}
	cfg_set_error_function(cfg, note_error);
	cfg_set_validate_func(cfg, "list", split_line);
	if (strcmp(out->kind, "root") == 0)
		cfg_set_validate_func(cfg, "policy", split_line);
	good = cfg_parse_buf(cfg, text) == CFG_SUCCESS && reading.fault[0] == '\0' &&
	    take_rest(out, cfg);
	report_forget(reading.report, 0);
	cfg_free(cfg);
	return good;
}

/* Blank out the word that is not known; false: that was not the fault. */
static bool
blank_unknown(char *text)
{
	char word[WHY_MAX];
	size_t len;

	if (strncmp(reading.fault, UNKNOWN, strlen(UNKNOWN)) != 0)
		return false;
	strbuf_copy(word, sizeof(word), reading.fault + strlen(UNKNOWN));
	len = strlen(word);
	if (len > 0 && word[len - 1] == '\'')
		word[len - 1] = '\0';
	return textfile_blank(text, reading.line, word);
}

static void
say_fault(void)
{
	struct place place = {reading.file, reading.line};

	/* libConfuse does not always say what it minds. */
	report_mistake(reading.report, &place, "%s",
	    reading.fault[0] != '\0' ? reading.fault : "cannot be taken apart");
}

/* An empty section in the place of what was read so far. */
static bool
begin_again(struct section *out)
{
	const struct place place = out->place;

	section_clear(out);
	if (section_init(out, out->kind, NULL, &place))
		return true;
	report_no_memory(reading.report);
	return false;
}

/* libConfuse ends at a word that it does not know: all is read again without that. */
static bool
parse_text(struct section *out, char *text, cfg_opt_t *words)
{
	struct report_mark before = report_mark(reading.report);

	for (unsigned n = 0; !parse_once(out, text, words); n++) {
		bool again = n < UNKNOWN_MAX && blank_unknown(text);

		/* What else was wrong is told when it is read again. */
		if (again)
			report_rewind(reading.report, &before);
		/* That memory is out has been said. */
		if (reading.fault[0] != '\0' ||
		    report_mistakes(reading.report) == before.mistakes)
			say_fault();
		if (!again || !begin_again(out))
			return false;
		before = report_mark(reading.report);
	}
	return true;
}

static uint32_t
sum_of(const char *text)
{
	return ascii_hash(ASCII_HASH, text, strlen(text), false);
}

bool
parser_sum(const char *path, uint32_t *sum)
{
	char why[WHY_MAX];
	char *text = textfile_read(path, TEXTFILE_PLAIN, why, sizeof(why));

	if (text != NULL)
		*sum = sum_of(text);
	free(text);
	return text != NULL;
}

static bool
read_file(struct section *out, const char *path, cfg_opt_t *words, uint32_t *sum,
    struct report *report)
{
	bool whole = false;
	struct place place = {path, 0};
	char why[WHY_MAX];
	char *text = textfile_read(path, TEXTFILE_PLAIN, why, sizeof(why));

	reading.file = path;
	reading.report = report;
	reading.out = out;
	if (text != NULL && sum != NULL)
		*sum = sum_of(text);
	if (text == NULL || !textfile_strip(text, &place.line, why, sizeof(why)))
		report_mistake(report, &place, "%s", why);
	else
		whole = parse_text(out, text, words);
	free(text);
	return whole;
}

bool
parser_read(struct section *out, const char *path, uint32_t *sum, struct report *report)
{
	struct grammar *grammar = calloc(1, sizeof(*grammar));
	bool whole;

	if (grammar == NULL) {
		report_no_memory(report);
		return false;
	}
	write_grammar(grammar);
	whole = read_file(out, path,
	    strcmp(out->kind, "root") == 0 ? grammar->root : grammar->registry, sum, report);
	free(grammar);
	return whole;
}
