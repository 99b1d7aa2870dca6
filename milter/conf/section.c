/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * conf/section.c - what a file says, apart from how it was parsed and from what is
 * made of it; one file laid over another; and the values that outlive them.
 */
#include "config.h"

#include "conf/section.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/bulk.h"
#include "base/textfile.h"
#include "lists/listing.h"

#define WHY_MAX 300

unsigned
word_line(const struct word *word, unsigned value)
{
	if (!word->set || (word->added && value < word->ndefaults))
		return 0;
	return word->values[value].place.line;
}

/* The words of a kind, which stand together, after its title; how many there are. */
static unsigned
list_words(struct word *out, const char *kind)
{
	const struct keyword *k;
	unsigned n = 0;

	for (size_t i = 0; (k = keyword_at(i)) != NULL; i++) {
		bool same = strcmp(k->section, kind) == 0;

		if (!same && n > 0)
			break;
		if (!same || k->name == NULL)
			continue;
		if (out != NULL)
			out[n].keyword = k;
		n++;
	}
	return n;
}

bool
section_init(
    struct section *sec, const char *kind, const char *title, const struct place *place)
{
	*sec = (struct section){.kind = kind, .place = *place};
	if (title != NULL && (sec->title = strdup(title)) == NULL)
		return false;
	if ((sec->words = calloc(list_words(NULL, kind) + 1, sizeof(struct word))) == NULL)
		return false;
	sec->nwords = list_words(sec->words, kind);
	/* The parser's own copy of the name goes when the parser goes. */
	if (sec->nwords > 0)
		sec->kind = sec->words[0].keyword->section;
	return true;
}

static void
clear_word(struct word *word)
{
	for (size_t i = 0; i < word->n; i++)
		free(word->values[i].text);
	free(word->values);
}

void
section_clear(struct section *sec)
{
	for (size_t i = 0; i < sec->nwords; i++)
		clear_word(&sec->words[i]);
	for (size_t i = 0; i < sec->nsections; i++)
		section_clear(&sec->sections[i]);
	free(sec->words);
	free(sec->sections);
	free(sec->index);
	free(sec->title);
	*sec = (struct section){.kind = sec->kind};
}

static struct word *
find_word(const struct section *sec, const char *name)
{
	for (size_t i = 0; i < sec->nwords; i++)
		if (strcmp(sec->words[i].keyword->name, name) == 0)
			return &sec->words[i];
	assert(!"a word that conf/keyword.c does not have");
	return NULL;
}

bool
section_add(struct section *sec, const char *name, const char *text, const struct place *place)
{
	struct word *word = find_word(sec, name);
	struct value *values = bulk_next(word->values, word->n, sizeof(*values));

	if (values == NULL)
		return false;
	word->values = values;
	values[word->n] = (struct value){.text = strdup(text), .place = *place};
	if (values[word->n].text == NULL)
		return false;
	word->n++;
	return true;
}

void
section_mark(struct section *sec, const char *name)
{
	find_word(sec, name)->set = true;
}

void
section_extend(struct section *sec, const char *name)
{
	struct word *word = find_word(sec, name);

	word->added = true;
	word->ndefaults = word->n;
}

/* Move the values of a word behind those of another section. */
static bool
join_values(struct section *sec, const char *name, const struct word *from)
{
	struct word *word = find_word(sec, name), old = *word;

	bool good = true;

	word->values = NULL;
	word->n = 0;
	for (size_t i = 0; good && i < from->n; i++) {
		const struct value *value = &from->values[i];
		const struct place place = {value->place.file, word_line(from, i)};

		good = section_add(sec, name, value->text, &place);
		if (good)
			word->values[i].inherited = true;
	}
	for (size_t i = old.ndefaults; good && i < old.n; i++)
		good = section_add(sec, name, old.values[i].text, &old.values[i].place);
	clear_word(&old);
	return good;
}

bool
section_join(struct section *sec, const char *name, const struct section *from)
{
	struct word *word = find_word(sec, name);

	if (!word->added || from == sec)
		return true;
	word->added = false;
	return join_values(sec, name, find_word(from, name));
}

struct section *
section_enter(
    struct section *sec, const char *kind, const char *title, const struct place *place)
{
	struct section *grown = bulk_next(sec->sections, sec->nsections, sizeof(*grown));

	assert(sec->index == NULL);
	if (grown == NULL)
		return NULL;
	sec->sections = grown;
	return section_init(&grown[sec->nsections++], kind, title, place)
	    ? &grown[sec->nsections - 1]
	    : NULL;
}

/* A value that may be a secret is not shown, even where it is in the wrong place. */
static void
say_wrong(struct report *report, const struct keyword *k, const struct place *place,
    const char *why, const char *value)
{
	const char *word = k->name != NULL ? k->name : k->section;

	if (keyword_is_telling(k))
		report_value(report, place, word, why, value);
	else
		report_mistake(report, place, "%s: %s", word, why);
}

static void
check_word(const struct word *word, struct report *report)
{
	char why[WHY_MAX];

	for (size_t i = 0; i < word->n; i++)
		if (!keyword_check(word->keyword, word->values[i].text, why, sizeof(why)))
			say_wrong(report, word->keyword, &word->values[i].place, why,
			    word->values[i].text);
}

void
section_check(const struct section *sec, struct report *report)
{
	const struct keyword *title = keyword_find(sec->kind, NULL);
	char why[WHY_MAX];

	if (title != NULL && !keyword_check(title, sec->title, why, sizeof(why)))
		say_wrong(report, title, &sec->place, why, sec->title);
	for (size_t i = 0; i < sec->nwords; i++)
		check_word(&sec->words[i], report);
	for (size_t i = 0; i < sec->nsections; i++)
		section_check(&sec->sections[i], report);
}

void
section_files(const struct section *sec, void (*fn)(void *arg, const char *path), void *arg)
{
	for (size_t i = 0; i < sec->nwords; i++) {
		const struct word *word = &sec->words[i];

		for (size_t n = 0; n < word->n && keyword_is_file(word->keyword); n++)
			fn(arg, word->values[n].text);
	}
	for (size_t i = 0; i < sec->nsections; i++)
		section_files(&sec->sections[i], fn, arg);
}

const struct word *
section_word(const struct section *sec, const char *name)
{
	return find_word(sec, name);
}

const char *
section_text(const struct section *sec, const char *name)
{
	const struct word *word = find_word(sec, name);

	if (word->n > 0)
		return word->values[0].text;
	return word->keyword->list ? NULL : word->keyword->def;
}

int64_t
section_number(const struct section *sec, const char *name)
{
	return keyword_number(find_word(sec, name)->keyword, section_text(sec, name));
}

struct place
section_place(const struct section *sec, const char *name)
{
	const struct word *word = find_word(sec, name);

	return word->n > 0 ? word->values[0].place : sec->place;
}

/* By kind, then by title. */
static int
compare_titles(const struct section *a, const struct section *b)
{
	int order = strcmp(a->kind, b->kind);

	if (order != 0)
		return order;
	return strcmp(a->title != NULL ? a->title : "", b->title != NULL ? b->title : "");
}

/* Of two of the same the first one comes first. */
static int
compare_sections(const void *va, const void *vb)
{
	const struct section *a = *(const struct section *const *)va,
			     *b = *(const struct section *const *)vb;
	int order = compare_titles(a, b);

	return order != 0 ? order : (a > b) - (a < b);
}

bool
section_index(struct section *sec)
{
	if (sec->nsections == 0)
		return true;
	if ((sec->index = calloc(sec->nsections, sizeof(sec->index[0]))) == NULL)
		return false;
	for (size_t i = 0; i < sec->nsections; i++)
		sec->index[i] = &sec->sections[i];
	qsort(sec->index, sec->nsections, sizeof(sec->index[0]), compare_sections);
	return true;
}

bool
section_double(const struct section *sec, size_t *at, const struct section **first,
    const struct section **second)
{
	while (sec->index != NULL && ++*at < sec->nsections) {
		*first = sec->index[*at - 1];
		*second = sec->index[*at];
		if ((*first)->title != NULL && compare_titles(*first, *second) == 0)
			return true;
	}
	return false;
}

/* The first that is not before the key. */
static const struct section *
look_up(const struct section *sec, const struct section *key)
{
	size_t low = 0, high = sec->nsections;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (compare_titles(sec->index[middle], key) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low < sec->nsections ? sec->index[low] : NULL;
}

const struct section *
section_find(const struct section *sec, const char *kind, const char *title)
{
	const struct section key = {.kind = kind, .title = (char *)(uintptr_t)title};
	const struct section *found =
	    sec != NULL && sec->index != NULL ? look_up(sec, &key) : NULL;

	if (found == NULL || strcmp(found->kind, kind) != 0)
		return NULL;
	return title == NULL || compare_titles(found, &key) == 0 ? found : NULL;
}

struct layers *
layers_make(const struct section *own, const struct section *base, const char *kind, size_t *n)
{
	size_t nbase = base != NULL ? base->nsections : 0,
	       nown = own != NULL ? own->nsections : 0;
	struct layers *out = calloc(nbase + nown + 1, sizeof(*out));

	*n = 0;
	for (size_t i = 0; out != NULL && i < nbase; i++) {
		const struct section *sec = &base->sections[i];

		if (strcmp(sec->kind, kind) == 0)
			out[(*n)++] = (struct layers){section_find(own, kind, sec->title), sec};
	}
	for (size_t i = 0; out != NULL && i < nown; i++) {
		const struct section *sec = &own->sections[i];

		if (strcmp(sec->kind, kind) == 0 &&
		    section_find(base, kind, sec->title) == NULL)
			out[(*n)++] = (struct layers){sec, NULL};
	}
	return out;
}

bool
layers_join(struct section *own, const struct section *base, const char *kind)
{
	for (size_t i = 0; i < own->nsections; i++) {
		struct section *sec = &own->sections[i];
		const struct section *under = section_find(base, kind, sec->title);

		if (strcmp(sec->kind, kind) != 0 || under == NULL)
			continue;
		for (size_t n = 0; n < sec->nwords; n++)
			if (!section_join(sec, sec->words[n].keyword->name, under))
				return false;
		if (!layers_join(sec, under, "answer"))
			return false;
	}
	return true;
}

const struct section *
layers_front(const struct layers *l)
{
	return l->own != NULL ? l->own : l->base;
}

const struct section *
layers_pick(const struct layers *l, const char *word)
{
	if (l->own == NULL || l->base == NULL || section_word(l->own, word)->set)
		return layers_front(l);
	return l->base;
}

const char *
layers_text(const struct layers *l, const char *word)
{
	return section_text(layers_pick(l, word), word);
}

int64_t
layers_number(const struct layers *l, const char *word)
{
	return section_number(layers_pick(l, word), word);
}

char *
values_copy(const char *text, struct report *report)
{
	char *new = text != NULL ? strdup(text) : NULL;

	if (text != NULL && new == NULL)
		report_no_memory(report);
	return new;
}

/* How many values of a word are to be read; a mistake where there are more. */
static size_t
count_values(const struct word *word, size_t max, struct report *report)
{
	if (word->n <= max)
		return word->n;
	report_mistake(
	    report, &word->values[max].place, "%s: %zu at most", word->keyword->name, max);
	return max;
}

void
values_servers(char **out, const struct section *sec, struct report *report)
{
	const struct word *word = section_word(sec, "servers");
	size_t n = count_values(word, SERVERS_MAX, report);

	for (size_t i = 0; i < n; i++)
		out[i] = values_copy(word->values[i].text, report);
}

unsigned
values_networks(struct network *out, size_t max, const struct word *word, network_reader *read,
    struct report *report)
{
	size_t values = count_values(word, max, report);
	char why[WHY_MAX];
	unsigned n = 0;

	/* What is no network has been said. */
	for (size_t i = 0; i < values; i++)
		n += read(&out[n], word->values[i].text, why, sizeof(why));
	return n;
}

bool
values_secret(
    const struct section *sec, const char *word, char *out, size_t size, struct report *report)
{
	struct place place = section_place(sec, word);
	const char *path = section_text(sec, word);
	char why[WHY_MAX];

	/* What is no path has been said, but not what it is: it may be the secret. */
	if (!keyword_check(section_word(sec, word)->keyword, path, why, sizeof(why)))
		return false;
	if (textfile_secret(path, out, size, why, sizeof(why)))
		return true;
	report_mistake(report, &place, "%s: %s: %s", word, path, why);
	return false;
}
