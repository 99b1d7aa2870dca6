/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * conf/listbuilder.c - one list, from what is said of it: its answers, its zone with the
 * key in it, and how it is to be asked.
 */
#include "config.h"

#include "conf/listbuilder.h"

#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "conf/checker.h"
#include "conf/datarules.h"
#include "lists/listid.h"

#define WHY_MAX 300

static void
build_unless(struct answer *out, const struct layers *l, struct report *report)
{
	const struct word *word = section_word(layers_pick(l, "unless"), "unless");
	char why[WHY_MAX];

	if (word->n == 0)
		return;
	if ((out->unless = calloc(word->n, sizeof(struct codes))) == NULL) {
		report_no_memory(report);
		return;
	}
	/* What is no pattern has been said. */
	for (size_t i = 0; i < word->n; i++)
		out->nunless += codes_parse(
		    &out->unless[out->nunless], word->values[i].text, why, sizeof(why));
}

/* Where the word is written that counts. */
static struct listing_place
find_word(const struct layers *l, const char *word)
{
	const struct section *sec = layers_pick(l, word);

	return (struct listing_place){
	    section_word(sec, word)->set ? section_place(sec, word).line : 0, sec == l->base};
}

static void
build_answer(struct answer *out, const struct layers *l, bool allow, struct report *report)
{
	const struct section *front = layers_front(l);
	const char *category = layers_text(l, "category");
	char why[WHY_MAX];

	codes_parse(&out->codes, front->title, why, sizeof(why));
	if (category == NULL)
		report_mistake(report, &front->place, "this answer has no category");
	else
		out->category = category_parse(category);
	if (layers_text(l, "score") == NULL)
		report_mistake(report, &front->place, "this answer has no score");
	out->score = (int)layers_number(l, "score");
	out->score_at = find_word(l, "score");
	out->text_at = find_word(l, "text");
	if (allow && out->score > 0) {
		struct place place = section_place(layers_pick(l, "score"), "score");

		report_mistake(report, &place,
		    "score: a list of kind \"allow\" only speaks for clients: 0 at most");
	}
	out->alone = layers_number(l, "alone") != 0;
	build_unless(out, l, report);
	out->name = values_copy(layers_text(l, "name"), report);
	out->text = values_copy(layers_text(l, "text"), report);
}

static void
build_answers(struct listing *list, const struct layers *l, struct report *report)
{
	const struct section *front = layers_front(l);
	bool allow = list->kind == KIND_ALLOW;
	size_t n;
	struct layers *answers = layers_make(l->own, l->base, "answer", &n);

	if (answers == NULL)
		report_no_memory(report);
	else if (n == 0)
		report_mistake(
		    report, &front->place, "list \"%s\" has no answer", front->title);
	else if (n > ANSWERS_MAX)
		report_mistake(
		    report, &front->place, "a list has %d answers at most", ANSWERS_MAX);
	else if ((list->answers = calloc(n, sizeof(struct answer))) == NULL)
		report_no_memory(report);
	else
		for (; list->nanswers < n; list->nanswers++)
			build_answer(&list->answers[list->nanswers], &answers[list->nanswers],
			    allow, report);
	free(answers);
}

/* Whether the list needs a key, and has none. */
static bool
lacks_key(const struct layers *l, bool keyed)
{
	const char *needs = layers_text(l, "needs");
	bool own_zone = layers_pick(l, "zone") == l->own;
	bool own_needs = layers_pick(l, "needs") == l->own;

	if (layers_text(l, "key_file") != NULL)
		return false;
	/* Who writes a zone of his own over the registry's may do without. */
	return keyed ||
	    (needs != NULL && strcmp(needs, "key") == 0 && (!own_zone || own_needs));
}

/* Read the key of a zone, empty if it has none; false, and a mistake, if it
 * ought to have one. */
static bool
read_key(const struct layers *l, char key[CHECKER_KEY_MAX + 1], const struct place *vote,
    struct report *report)
{
	static const char bytes[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789_-";
	const struct section *sec = layers_pick(l, "key_file");
	struct place place = section_place(sec, "key_file");
	bool keyed = strstr(layers_text(l, "zone"), CHECKER_KEY) != NULL;

	key[0] = '\0';
	if (lacks_key(l, keyed)) {
		report_mistake(report, vote, "list \"%s\" needs a key: set its key_file",
		    layers_front(l)->title);
		return false;
	}
	if (section_text(sec, "key_file") == NULL)
		return true;
	if (!keyed) {
		report_mistake(report, &place,
		    "key_file: the zone has no %s where the key would go", CHECKER_KEY);
		return false;
	}
	if (!values_secret(sec, "key_file", key, CHECKER_KEY_MAX + 1, report))
		return false;
	if (key[strspn(key, bytes)] == '\0')
		return true;
	report_mistake(report, &place, "key_file: a key is letters, digits, - and _");
	return false;
}

/*
 * Facts in Redis are kept under label and tag: a label that gets another zone,
 * or has another on another node, must not inherit what the old one said.
 * Two zones of one label that meet by chance are not worth more.
 */
static uint32_t
tag_of(const char *template)
{
	return ascii_hash(ASCII_HASH, template, ascii_bare_length(template), true);
}

/* A list that is not asked. */
static void
build_nowhere(struct listing *list, struct report *report)
{
	if ((list->zone = values_copy("", report)) == NULL || !listid_give(list, ""))
		report_no_memory(report);
}

/* Whether a list is not asked for what its data does not tell: it has no zone, or the registry
 * knows one that cannot be asked without a key. */
static bool
is_data_alone(const struct layers *l)
{
	const char *zone = layers_text(l, "zone");

	if (!datarules_given(l))
		return false;
	return zone == NULL || zone[0] == '\0' ||
	    (layers_pick(l, "zone") == l->base && l->own != NULL &&
		lacks_key(l, strstr(zone, CHECKER_KEY) != NULL));
}

static void
build_zone(struct listing *list, const struct layers *l, const struct place *vote,
    struct report *report)
{
	const struct section *front = layers_front(l);
	const char *template = layers_text(l, "zone");
	struct place place = section_place(layers_pick(l, "zone"), "zone");
	char zone[CHECKER_ZONE_MAX + 2], key[CHECKER_KEY_MAX + 1], why[WHY_MAX];

	if (is_data_alone(l)) {
		build_nowhere(list, report);
		return;
	}
	if (template == NULL || template[0] == '\0') {
		report_mistake(report, &front->place, "list \"%s\" has no zone", front->title);
		return;
	}
	if (read_key(l, key, vote, report)) {
		/* What is wrong even without the key has been said. */
		if (checker_fill_zone(template, key, zone, why, sizeof(why)))
			list->zone = values_copy(zone, report);
		else if (checker_fill_zone(template, "k", zone, why, sizeof(why)))
			report_mistake(report, &place, "zone: is too long with its key");
		explicit_bzero(zone, sizeof(zone));
	}
	explicit_bzero(key, sizeof(key));
	if (!listid_give(list, template))
		report_no_memory(report);
	list->tag = tag_of(template);
	list->keyed = strstr(template, CHECKER_KEY) != NULL;
}

/* A list of own evidence has no zone: one that has is meant to be asked. */
static void
build_own(struct listing *list, const struct layers *l, struct report *report)
{
	const struct section *zone = layers_pick(l, "zone");
	struct place place = section_place(zone, "zone");

	if (section_text(zone, "zone") != NULL)
		report_mistake(report, &place,
		    "zone: list \"%s\" is of own evidence, and has none: give yours another label",
		    list->label);
	place = section_place(layers_pick(l, "data"), "data");
	if (datarules_given(l))
		report_mistake(report, &place,
		    "data: list \"%s\" is of own evidence, and has none: give yours another label",
		    list->label);
	if (list->kind != KIND_ADDRESS)
		report_mistake(report, &layers_front(l)->place,
		    "list \"%s\" is of own evidence, which is about addresses alone",
		    list->label);
	build_nowhere(list, report);
}

/* Whether a section is the base of a list whose kind is another one on top of it. */
static bool
is_recast(const struct layers *l, const struct section *sec)
{
	return sec == l->base &&
	    (layers_number(l, "kind") == KIND_DOMAIN) !=
	    (section_number(sec, "kind") == KIND_DOMAIN);
}

/* Words that mean nothing for a list of its kind. */
static void
check_words(const struct listing *list, const struct layers *l, struct report *report)
{
	static const char *const of_domains[] = {
	    "asks", "registered", "suffixes", "test_listed", "test_clear", NULL};
	static const char *const of_addresses[] = {"ipv4", "ipv6", "canary", "private", NULL};
	bool domains = list->kind == KIND_DOMAIN;

	for (const char *const *word = domains ? of_addresses : of_domains; *word != NULL;
	     word++) {
		const struct section *sec = layers_pick(l, *word);
		struct place place = section_place(sec, *word);

		/* Where the kind is changed, conf/lists.c says so: that word is right there. */
		if (section_word(sec, *word)->set && !is_recast(l, sec))
			report_mistake(report, &place, "%s: is not for a list of %s", *word,
			    domains ? "domains" : "addresses");
	}
}

/* What is said of a list beside its zone and its answers. */
static void
describe(struct listing *list, const struct layers *l, struct report *report)
{
	const char *name = layers_text(l, "name");
	const char *removal = layers_text(l, "removal");

	list->at = (struct listing_place){layers_front(l)->place.line, l->own == NULL};
	list->text_at = find_word(l, "text");
	list->removal_at = find_word(l, removal != NULL ? "removal" : "lookup");
	list->label = values_copy(layers_front(l)->title, report);
	list->name = values_copy(name != NULL ? name : layers_front(l)->title, report);
	/* Where nobody is taken off, one can at least see why. */
	list->removal =
	    values_copy(removal != NULL ? removal : layers_text(l, "lookup"), report);
	list->text = values_copy(layers_text(l, "text"), report);
	list->kind = (enum list_kind)layers_number(l, "kind");
	list->scope = (enum scope)layers_number(l, "scope");
	list->origin = (enum origin)layers_number(l, "entries");
	list->free_queries = (unsigned)layers_number(l, "free");
	list->public_resolvers = layers_number(l, "public_resolvers") != 0;
	list->sum = layers_number(l, "codes") != 0;
	list->shadow = layers_number(l, "mode") != 0;
	list->test_entry = layers_number(l, "test_entry") != 0;
	values_servers(list->servers, layers_pick(l, "servers"), report);
}

static void
describe_questions(
    struct listing *list, enum role role, const struct layers *l, struct report *report)
{
	list->role = role;
	if (role == ROLE_ADDRESS) {
		list->ncanaries = values_networks(list->canary, CANARY_NETS_MAX,
		    section_word(layers_pick(l, "canary"), "canary"), prefix_parse, report);
		list->ipv4 = layers_number(l, "ipv4") != 0;
		list->ipv6 = layers_number(l, "ipv6") != 0;
		list->private = layers_number(l, "private") != 0;
		return;
	}
	list->registered = layers_number(l, "registered") != 0;
	list->suffixes = layers_number(l, "suffixes") != 0;
	list->test_listed = values_copy(layers_text(l, "test_listed"), report);
	list->test_clear = values_copy(layers_text(l, "test_clear"), report);
}

bool
list_builder_asks(const struct layers *l, enum role role)
{
	const struct word *word = section_word(layers_pick(l, "asks"), "asks");

	if (layers_number(l, "kind") != KIND_DOMAIN)
		return role == ROLE_ADDRESS;
	for (size_t i = 0; i < word->n; i++)
		if (strcmp(word->values[i].text, role_name(role)) == 0)
			return true;
	return false;
}

struct listing *
list_builder_build(
    const struct layers *l, enum role role, const struct place *vote, struct report *report)
{
	unsigned before = report_mistakes(report);
	struct listing *list = calloc(1, sizeof(*list));

	if (list == NULL) {
		report_no_memory(report);
		return NULL;
	}
	describe(list, l, report);
	describe_questions(list, role, l, report);
	check_words(list, l, report);
	build_answers(list, l, report);
	list->own = layers_number(l, "source") != 0;
	if (list->label != NULL && list->own)
		build_own(list, l, report);
	else if (list->label != NULL) {
		build_zone(list, l, vote, report);
		datarules_build(list, l, report);
	}
	if (list->zone == NULL || report_mistakes(report) != before) {
		listing_free(list);
		return NULL;
	}
	listing_seal(list);
	return list;
}
