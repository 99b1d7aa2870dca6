/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * rules.c - lists and policies.  A list is built when the first policy names
 * it: what nobody names is neither asked nor able to stop a start.
 */
#include "config.h"

#include "rules.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "identity.h"
#include "mailbox.h"
#include "setting.h"
#include "strbuf.h"
#include "textfile.h"

#define WHY_MAX 300

/* What a list of the file or the registry has become. */
enum state { LIST_UNUSED, LIST_BUILT, LIST_WRONG };

struct builder {
	struct rules *rules;
	struct report *report;
	bool shadow;
	struct layers *lists;
	size_t nlists;
	struct {
		enum state state;
		unsigned index; /* in the roster */
	} * made;               /* one for each list */
};

static void
out_of_memory(struct report *report)
{
	struct place nowhere = {"relayguard", 0};

	report_mistake(report, &nowhere, "out of memory");
}

/* A copy; NULL of NULL. */
static char *
copy(const char *text, struct report *report)
{
	char *new = text != NULL ? strdup(text) : NULL;

	if (text != NULL && new == NULL)
		out_of_memory(report);
	return new;
}

void
rules_servers(char **out, const struct section *sec, struct report *report)
{
	const struct word *word = section_word(sec, "servers");

	for (size_t i = 0; i < word->n && i < SERVERS_MAX; i++)
		out[i] = copy(word->values[i].text, report);
	if (word->n > SERVERS_MAX)
		report_mistake(report, &word->values[SERVERS_MAX].place, "servers: %d at most",
		    SERVERS_MAX);
}

bool
rules_secret(
    const struct section *sec, const char *word, char *out, size_t size, struct report *report)
{
	struct place place = section_place(sec, word);
	const char *path = section_text(sec, word);
	char why[WHY_MAX];

	if (textfile_secret(path, out, size, why, sizeof(why)))
		return true;
	report_mistake(report, &place, "%s: %s: %s", word, path, why);
	return false;
}

static void
build_answer(struct answer *out, const struct layers *l, struct report *report)
{
	const struct section *front = layers_front(l);
	const char *category = layers_text(l, "category");
	char why[WHY_MAX];

	answer_parse(out, front->title, why, sizeof(why));
	if (category == NULL)
		report_mistake(report, &front->place, "this answer has no category");
	else
		out->category = category_parse(category);
	if (layers_text(l, "score") == NULL)
		report_mistake(report, &front->place, "this answer has no score");
	out->score = (int)layers_number(l, "score");
	out->name = copy(layers_text(l, "name"), report);
	out->text = copy(layers_text(l, "text"), report);
}

static void
build_answers(struct listing *list, const struct layers *l, struct report *report)
{
	const struct section *front = layers_front(l);
	size_t n;
	struct layers *answers = layers_make(l->own, l->base, "answer", &n);

	if (answers == NULL)
		out_of_memory(report);
	else if (n == 0)
		report_mistake(
		    report, &front->place, "list \"%s\" has no answer", front->title);
	else if (n > ANSWERS_MAX)
		report_mistake(
		    report, &front->place, "a list has %d answers at most", ANSWERS_MAX);
	else if ((list->answers = calloc(n, sizeof(struct answer))) == NULL)
		out_of_memory(report);
	else
		for (; list->nanswers < n; list->nanswers++)
			build_answer(
			    &list->answers[list->nanswers], &answers[list->nanswers], report);
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
read_key(const struct layers *l, char key[KEYWORD_KEY_MAX + 1], const struct place *vote,
    struct report *report)
{
	static const char bytes[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789_-";
	const struct section *sec = layers_pick(l, "key_file");
	struct place place = section_place(sec, "key_file");
	bool keyed = strstr(layers_text(l, "zone"), KEYWORD_KEY) != NULL;

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
		    "key_file: the zone has no %s where the key would go", KEYWORD_KEY);
		return false;
	}
	if (!rules_secret(sec, "key_file", key, KEYWORD_KEY_MAX + 1, report))
		return false;
	if (key[strspn(key, bytes)] == '\0')
		return true;
	report_mistake(report, &place, "key_file: a key is letters, digits, - and _");
	return false;
}

/*
 * Facts in Redis are kept under label and tag: a label that gets another zone,
 * or has another on another node, must not inherit what the old one said.
 * FNV-1a; two zones of one label that meet by chance are not worth more.
 */
static uint32_t
tag_of(const char *template)
{
	uint32_t tag = 2166136261U;
	size_t len = strlen(template);

	if (len > 0 && template[len - 1] == '.')
		len--;
	for (size_t i = 0; i < len; i++)
		tag = (tag ^ (uint8_t)tolower((unsigned char)template[i])) * 16777619U;
	return tag;
}

static void
build_zone(struct listing *list, const struct layers *l, const struct place *vote,
    struct report *report)
{
	const struct section *front = layers_front(l);
	const char *template = layers_text(l, "zone");
	struct place place = section_place(layers_pick(l, "zone"), "zone");
	char zone[KEYWORD_ZONE_MAX + 2], key[KEYWORD_KEY_MAX + 1], why[WHY_MAX];

	if (template == NULL) {
		report_mistake(report, &front->place, "list \"%s\" has no zone", front->title);
		return;
	}
	if (read_key(l, key, vote, report)) {
		/* What is wrong even without the key has been said. */
		if (keyword_zone(template, key, zone, why, sizeof(why)))
			list->zone = copy(zone, report);
		else if (keyword_zone(template, "k", zone, why, sizeof(why)))
			report_mistake(report, &place, "zone: is too long with its key");
		explicit_bzero(zone, sizeof(zone));
	}
	explicit_bzero(key, sizeof(key));
	if (!identity_give(list, template))
		out_of_memory(report);
	list->tag = tag_of(template);
}

/* A list that is dead, or asked under another label, is not to be asked. */
static void
check_zone(const struct builder *b, const struct listing *list, const struct layers *l,
    const struct place *vote)
{
	const struct roster *roster = b->rules->roster;
	struct place place = l->own != NULL && section_text(l->own, "zone") != NULL
	    ? section_place(l->own, "zone")
	    : *vote;

	for (size_t i = 0; i < b->nlists; i++) {
		const char *dead = layers_text(&b->lists[i], "dead");
		const char *zone = layers_text(&b->lists[i], "zone");

		if (dead != NULL && dead[0] != '\0' && zone != NULL &&
		    setting_below_domain(list->zone, zone))
			report_mistake(b->report, &place, "zone: this list is dead: %s", dead);
	}
	for (unsigned i = 0; i < roster->n; i++)
		if (setting_same_domain(list->zone, roster->list[i]->zone))
			report_mistake(b->report, &place,
			    "lists \"%s\" and \"%s\" have the same zone",
			    roster->list[i]->label, list->label);
}

/* A list that a policy names; NULL, and a mistake, where it is no good. */
static struct listing *
build_list(struct builder *b, const struct layers *l, const struct place *vote)
{
	unsigned before = report_mistakes(b->report);
	const char *name = layers_text(l, "name");
	struct listing *list = calloc(1, sizeof(*list));

	if (list == NULL) {
		out_of_memory(b->report);
		return NULL;
	}
	list->label = copy(layers_front(l)->title, b->report);
	list->name = copy(name != NULL ? name : layers_front(l)->title, b->report);
	list->removal = copy(layers_text(l, "removal"), b->report);
	list->text = copy(layers_text(l, "text"), b->report);
	list->ipv4 = layers_number(l, "ipv4") != 0;
	list->ipv6 = layers_number(l, "ipv6") != 0;
	list->test_entry = layers_number(l, "test_entry") != 0;
	rules_servers(list->servers, layers_pick(l, "servers"), b->report);
	build_answers(list, l, b->report);
	if (list->label != NULL)
		build_zone(list, l, vote, b->report);
	if (list->zone != NULL)
		check_zone(b, list, l, vote);
	if (list->zone == NULL || report_mistakes(b->report) != before) {
		listing_free(list);
		return NULL;
	}
	listing_seal(list);
	return list;
}

/* Put list i into the roster, if it is not there; false: it is no good. */
static bool
enlist(struct builder *b, size_t i, const struct place *vote)
{
	struct roster *roster = b->rules->roster;
	struct listing *list;

	if (b->made[i].state != LIST_UNUSED)
		return b->made[i].state == LIST_BUILT;
	b->made[i].state = LIST_WRONG;
	if (roster->n == LISTS_MAX) {
		report_mistake(b->report, vote, "policies name more than %d lists", LISTS_MAX);
		return false;
	}
	if ((list = build_list(b, &b->lists[i], vote)) == NULL)
		return false;
	b->made[i].state = LIST_BUILT;
	b->made[i].index = roster->n;
	roster->list[roster->n++] = list;
	return true;
}

/* The list of a label, in the roster; NULL, and a mistake: it cannot be used. */
static const struct listing *
resolve(struct builder *b, const char *label, const struct place *vote, unsigned *index)
{
	const char *dead;
	size_t i = 0;

	while (i < b->nlists && strcmp(layers_front(&b->lists[i])->title, label) != 0)
		i++;
	if (i == b->nlists) {
		report_mistake(b->report, vote, "lists: there is no list \"%s\"", label);
		return NULL;
	}
	dead = layers_text(&b->lists[i], "dead");
	if (dead != NULL && dead[0] != '\0') {
		report_mistake(b->report, vote, "lists: \"%s\" is dead: %s", label, dead);
		return NULL;
	}
	if (!enlist(b, i, vote))
		return NULL;
	*index = b->made[i].index;
	return b->rules->roster->list[*index];
}

/* A list of whole networks hits the innocent: it ought not to decide alone. */
static void
warn_of_width(const struct builder *b, const struct policy *policy, const struct listing *list,
    int weight, const struct place *vote)
{
	for (unsigned i = 0; i < list->nanswers; i++) {
		const struct answer *a = &list->answers[i];

		if (a->category != CATEGORY_POLICY_RANGE || policy->refuse == 0 ||
		    a->score * weight < policy->refuse)
			continue;
		report_warning(b->report, vote,
		    "list \"%s\" holds whole networks, and here it refuses by itself",
		    list->label);
		return;
	}
}

static void
add_vote(struct builder *b, struct policy *policy, const struct value *value)
{
	char label[KEYWORD_LABEL_MAX + 1], why[WHY_MAX];
	const struct listing *list;
	int64_t weight;
	unsigned index;

	/* What cannot be read has been said. */
	if (!keyword_vote(value->text, label, &weight, why, sizeof(why)) ||
	    (list = resolve(b, label, &value->place, &index)) == NULL)
		return;
	if ((policy->lists >> index & 1) != 0) {
		report_mistake(b->report, &value->place, "lists: \"%s\" is named twice", label);
		return;
	}
	policy->lists |= (listset)1 << index;
	policy->vote[policy->nvotes++] = (struct vote){index, (int)weight};
	warn_of_width(b, policy, list, (int)weight, &value->place);
}

static void
build_exempt(struct policy *policy, const struct word *word, struct report *report)
{
	char text[MAILBOX_LOCAL_MAX + MAILBOX_DOMAIN_MAX + 2];
	struct mailbox box;
	struct strbuf sb;

	if (word->n == 0)
		return;
	if ((policy->exempt = calloc(word->n, sizeof(char *))) == NULL) {
		out_of_memory(report);
		return;
	}
	for (size_t i = 0; i < word->n; i++) {
		if (!mailbox_parse(&box, word->values[i].text))
			continue;
		strbuf_init(&sb, text, sizeof(text));
		strbuf_addf(&sb, box.domain[0] != '\0' ? "%s@%s" : "%s", box.local, box.domain);
		if ((policy->exempt[policy->nexempt] = copy(text, report)) != NULL)
			policy->nexempt++;
	}
}

/* The name without a last dot, which no domain that the MTA gives us has. */
static char *
bare_name(const char *title, struct report *report)
{
	char *name = copy(title, report);
	size_t len = name != NULL ? strlen(name) : 0;

	if (len > 1 && name[len - 1] == '.')
		name[len - 1] = '\0';
	return name;
}

static void
build_policy(struct builder *b, const struct section *sec)
{
	const struct word *lists = section_word(sec, "lists");
	struct policy *policy = calloc(1, sizeof(*policy));
	struct place place;

	if (policy == NULL || (policy->name = bare_name(sec->title, b->report)) == NULL) {
		out_of_memory(b->report);
		policy_free(policy);
		return;
	}
	policy->shadow = b->shadow || section_number(sec, "mode") != 0;
	policy->refuse = (int)section_number(sec, "refuse");
	policy->defer = (int)section_number(sec, "defer");
	policy->doubt = (enum doubt)section_number(sec, "doubt");
	policy->text = copy(section_text(sec, "text"), b->report);
	for (size_t i = 0; i < lists->n; i++)
		add_vote(b, policy, &lists->values[i]);
	build_exempt(policy, section_word(sec, "exempt"), b->report);
	if (policy->refuse > 0 && policy->defer >= policy->refuse) {
		place = section_place(sec, "defer");
		report_warning(b->report, &place,
		    "defer: never happens, as %d is refused already", policy->refuse);
	}
	if (!policies_add(b->rules->policies, policy)) {
		report_mistake(
		    b->report, &sec->place, "policy \"%s\" is there twice", sec->title);
		policy_free(policy);
	}
}

static void
build_policies(struct builder *b, const struct section *file)
{
	struct place start = {file->place.file, 1};

	for (size_t i = 0; i < file->nsections; i++)
		if (strcmp(file->sections[i].kind, "policy") == 0)
			build_policy(b, &file->sections[i]);
	if (policies_find(b->rules->policies, "default") == NULL)
		report_mistake(b->report, &start,
		    "there is no default policy: write policy \"default\" { lists = { } }");
}

void
rules_build(struct rules *rules, const struct section *file, const struct section *registry,
    bool shadow, struct report *report)
{
	struct builder b = {.rules = rules, .report = report, .shadow = shadow};

	rules->roster = roster_new();
	rules->policies = policies_new();
	b.lists = layers_make(file, registry, "list", &b.nlists);
	b.made = calloc(b.nlists + 1, sizeof(*b.made));
	if (rules->roster != NULL && rules->policies != NULL && b.lists != NULL &&
	    b.made != NULL)
		build_policies(&b, file);
	else
		out_of_memory(report);
	free(b.lists);
	free(b.made);
}
