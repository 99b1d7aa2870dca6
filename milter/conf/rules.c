/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * conf/rules.c - policies, each with what it inherits, the lists it names and the
 * domains it is for.
 */
#include "config.h"

#include "conf/rules.h"

#include <stdlib.h>
#include <string.h>

#include "base/idn.h"
#include "base/mailbox.h"
#include "base/strbuf.h"
#include "conf/checker.h"
#include "conf/domainindex.h"
#include "conf/inheritance.h"
#include "conf/lint.h"
#include "conf/lintask.h"
#include "conf/lintlist.h"
#include "conf/lists.h"
#include "conf/places.h"
#include "verdict/census.h"

#define WHY_MAX 300

/* How a policy says what a result of the sender policy does. */
static const struct {
	const char *word;
	enum spf_result result;
} spf_words[] = {
    {"spf_fail", SPF_FAIL},
    {"spf_softfail", SPF_SOFTFAIL},
    {"spf_permerror", SPF_PERMERROR},
    {"spf_temperror", SPF_TEMPERROR},
};

struct builder {
	struct rules *rules;
	struct report *report;
	const struct section *file;
	const struct texts *texts;
	bool shadow;
	struct lists *lists;
	struct domain_index *index;
	struct policy **built; /* of each section of the file; NULL: none */
	struct place drop_at;  /* of the default policy */
};

/* Two votes count once where one list is asked twice, or holds the other. */
static bool
is_same_vote(const struct builder *b, const struct policy *policy, unsigned i, unsigned k)
{
	const struct roster *roster = b->rules->roster;
	const char *one = roster->list[policy->vote[i].list]->label;
	const char *other = roster->list[policy->vote[k].list]->label;

	return strcmp(one, other) == 0 || lists_contains(b->lists, one, other) ||
	    lists_contains(b->lists, other, one);
}

/* A vote joins groups that had nothing to do with each other until it came. */
static void
join_groups(const struct builder *b, struct policy *policy, unsigned i)
{
	for (unsigned k = 0; k < i; k++) {
		unsigned from = policy->vote[k].group, to = policy->vote[i].group;

		if (from == to || !is_same_vote(b, policy, i, k))
			continue;
		if (from < to) {
			from = policy->vote[i].group;
			to = policy->vote[k].group;
		}
		for (unsigned n = 0; n <= i; n++)
			if (policy->vote[n].group == from)
				policy->vote[n].group = to;
	}
}

/* Vote by each listing of a label; value is how the policy names it. */
static void
add_votes(const struct builder *b, struct policy *policy, const struct value **votes,
    const struct listed *listed, int weight, const struct value *value)
{
	for (unsigned i = listed->first; i < listed->first + listed->n; i++) {
		unsigned n = policy->nvotes++;

		policy->lists |= (listset)1 << i;
		policy->vote[n] = (struct vote){i, weight, n};
		votes[n] = value;
		join_groups(b, policy, n);
	}
}

/*
 * A list that a policy names.  What it inherits, the other policy has been told
 * about already: quiet says so.
 */
static void
build_vote(const struct builder *b, struct policy *policy, const struct value **votes,
    const struct value *value, bool quiet)
{
	char label[CHECKER_LABEL_MAX + 1], why[WHY_MAX];
	unsigned before = b->rules->roster->n;
	struct listed listed;
	int64_t weight;

	/* What cannot be read has been said. */
	if (!checker_split_vote(value->text, label, &weight, why, sizeof(why)))
		return;
	if (quiet && !lists_is_good(b->lists, label))
		return;
	if (!lists_use(b->lists, label, &value->place, &listed))
		return;
	if (listset_has(policy->lists, listed.first)) {
		if (!quiet)
			report_mistake(
			    b->report, &value->place, "lists: \"%s\" is named twice", label);
		return;
	}
	if (b->rules->roster->n > before)
		lintlist_check(
		    b->lists, b->rules->roster->list[listed.first], &value->place, b->report);
	add_votes(b, policy, votes, &listed, (int)weight, value);
}

static void
build_exempt(
    struct policy *policy, const struct inheritance *inheritance, struct report *report)
{
	const struct word *word =
	    section_word(inheritance_pick(inheritance, "exempt"), "exempt");
	char text[MAILBOX_LOCAL_MAX + MAILBOX_DOMAIN_MAX + 2];
	struct mailbox box;
	struct strbuf sb;

	if (word->n == 0)
		return;
	if ((policy->exempt = calloc(word->n, sizeof(char *))) == NULL) {
		report_no_memory(report);
		return;
	}
	for (size_t i = 0; i < word->n; i++) {
		if (!mailbox_parse(&box, word->values[i].text))
			continue;
		strbuf_init(&sb, text, sizeof(text));
		strbuf_addf(&sb, box.domain[0] != '\0' ? "%s@%s" : "%s", box.local, box.domain);
		if ((policy->exempt[policy->nexempt] = values_copy(text, report)) != NULL)
			policy->nexempt++;
	}
}

static struct spf_rule
read_spf(const struct inheritance *inheritance, const char *word)
{
	int64_t number = inheritance_number(inheritance, word);

	if (number > 0)
		return (struct spf_rule){SPF_SCORE, (int)number};
	return (struct spf_rule){number == CHECKER_SPF_REFUSE ? SPF_REFUSE
		: number == CHECKER_SPF_DEFER                 ? SPF_DEFER
							      : SPF_IGNORE,
	    0};
}

static void
build_thresholds(struct policy *policy, const struct inheritance *inheritance)
{
	policy->drop = (int)inheritance_number(inheritance, "drop");
	policy->refuse = (int)inheritance_number(inheritance, "refuse");
	policy->quarantine = (int)inheritance_number(inheritance, "quarantine");
	policy->defer = (int)inheritance_number(inheritance, "defer");
	policy->tag = (int)inheritance_number(inheritance, "tag");
	policy->agree = (int)inheritance_number(inheritance, "agree");
	policy->drop_code = (unsigned)inheritance_number(inheritance, "drop_code");
	policy->refuse_code = (unsigned)inheritance_number(inheritance, "refuse_code");
	for (size_t i = 0; i < sizeof(spf_words) / sizeof(spf_words[0]); i++)
		policy->spf[spf_words[i].result] = read_spf(inheritance, spf_words[i].word);
}

/* The lists of the policy by that label. */
static listset
find_lists(const struct builder *b, const struct policy *policy, const char *label)
{
	const struct roster *roster = b->rules->roster;
	listset lists = policy->lists;

	for (unsigned i = 0; i < roster->n; i++)
		if (strcmp(roster->list[i]->label, label) != 0)
			lists &= ~((listset)1 << i);
	return lists;
}

/* Whether all lists are asked, and else who first. */
static void
build_asking(
    const struct builder *b, struct policy *policy, const struct inheritance *inheritance)
{
	const struct word *first =
	    section_word(inheritance_pick(inheritance, "first"), "first");
	struct place place = inheritance_place(inheritance, "first");
	int64_t ask = inheritance_number(inheritance, "ask");
	struct place ask_at = ask != CHECKER_ASK_AS_ROOT ? inheritance_place(inheritance, "ask")
							 : section_place(b->file, "ask");

	policy->needed = (ask != CHECKER_ASK_AS_ROOT ? ask : section_number(b->file, "ask")) ==
	    CHECKER_ASK_NEEDED;
	for (size_t i = 0; i < first->n; i++) {
		listset lists = find_lists(b, policy, first->values[i].text);

		policy->first |= lists;
		if (lists == 0 && inheritance_own(inheritance, "first"))
			report_mistake(b->report, &first->values[i].place,
			    "first: \"%s\" is not among the lists of the policy",
			    first->values[i].text);
	}
	if (policy->needed)
		lintask_policy(b->rules->roster, policy, &ask_at, b->report);
	if (!policy->needed && first->n > 0 && inheritance_own(inheritance, "first"))
		report_warning(
		    b->report, &place, "first: is of no use without ask = \"needed\"");
}

/* Whether who is refused may take a pass, and for what beside the usual. */
static void
build_pass(struct policy *policy, const struct inheritance *inheritance, struct report *report)
{
	const struct word *word =
	    section_word(inheritance_pick(inheritance, "pass_categories"), "pass_categories");
	struct place place = inheritance_place(inheritance, "pass_categories");

	policy->pass = inheritance_number(inheritance, "pass") != 0;
	for (unsigned i = 0; i < word->n; i++) {
		enum category category = category_parse(word->values[i].text);

		/* What is none has been said. */
		if (category != CATEGORY_MAX)
			policy->pass_also |= UINT32_C(1) << category;
	}
	if (!policy->pass && word->n > 0 && inheritance_own(inheritance, "pass_categories"))
		report_warning(
		    report, &place, "pass_categories: is of no use without pass = yes");
}

/* At connect no recipient is known yet: one policy can be meant, and no other. */
static void
build_drop_at(
    struct policy *policy, const struct inheritance *inheritance, struct report *report)
{
	bool at_connect = inheritance_number(inheritance, "drop_at") != 0;
	bool is_default = strcmp(policy->name, "default") == 0;
	struct place place = inheritance_place(inheritance, "drop_at");

	policy->drop_at_connect = at_connect && is_default && policy->drop > 0;
	if (at_connect && !is_default && inheritance_own(inheritance, "drop_at"))
		report_mistake(report, &place,
		    "drop_at: at connect no recipient is known: only for policy \"default\"");
	else if (at_connect && is_default && policy->drop == 0)
		report_warning(report, &place, "drop_at: nothing is dropped: set drop");
}

/* The text of the policy, or of the first that it inherits from and that has one;
 * a file goes before a word. */
static const char *
find_text(const struct builder *b, const struct inheritance *inheritance)
{
	for (unsigned i = 0; i < inheritance->n; i++) {
		const char *text = texts_find(b->texts, "policy", inheritance->sec[i]->title);

		if (text == NULL)
			text = section_text(inheritance->sec[i], "text");
		if (text != NULL)
			return text;
	}
	return NULL;
}

/* A name without a dot is hardly a domain that mail is for: one of files was meant. */
static void
warn_of_nobody(const struct builder *b, const struct policy *policy, const struct section *sec)
{
	if (strchr(policy->name, '.') == NULL && strcmp(policy->name, "localhost") != 0 &&
	    !sec->inherited)
		report_warning(b->report, &sec->place,
		    "policy \"%s\" is for a domain of that name alone, which hardly has mail: "
		    "set domains",
		    policy->name);
}

/* The domains of a file, else that of the title. */
static void
index_domains(const struct builder *b, struct policy *policy, const struct section *sec)
{
	const char *path = section_text(sec, "domains");
	struct place place = section_place(sec, "domains");
	char ignored[WHY_MAX];

	if (path != NULL) {
		policy->domains = values_copy(path, b->report);
		domain_index_read(b->index, policy, path, &place);
	} else if (strcmp(policy->name, "default") != 0 &&
	    checker_policy_name(policy->name, ignored, sizeof(ignored))) {
		domain_index_add(b->index, policy, &sec->place);
		warn_of_nobody(b, policy, sec);
	}
}

/* The name in ASCII without a last dot, as domains are that the MTA gives us. */
static char *
bare_name(const char *title, struct report *report)
{
	char ascii[IDN_NAME_SIZE + 1], *name;
	size_t len = strlen(title);

	if (idn_is_wanted(title, len) && idn_lower(title, len, ascii, sizeof(ascii)) > 0)
		return values_copy(ascii, report);
	name = values_copy(title, report);
	if (name != NULL && len > 1 && name[len - 1] == '.')
		name[len - 1] = '\0';
	return name;
}

/* Keep where it was written, which is asked for when the sections are gone. */
static void
keep_places(const struct builder *b, struct policy *policy, const struct section *sec)
{
	if ((policy->places = places_new(sec)) == NULL)
		report_no_memory(b->report);
	if (texts_find(b->texts, "policy", sec->title) != NULL)
		policy->text_file = values_copy(sec->title, b->report);
	b->built[sec - b->file->sections] = policy;
}

static void
build_policy(struct builder *b, const struct section *sec)
{
	struct policy *policy = calloc(1, sizeof(*policy));
	unsigned before = report_mistakes(b->report);
	const struct value *votes[LISTS_MAX];
	struct inheritance inheritance;
	const struct word *lists;

	if (policy == NULL || (policy->name = bare_name(sec->title, b->report)) == NULL) {
		report_no_memory(b->report);
		policy_free(policy);
		return;
	}
	inheritance_find(&inheritance, b->file, sec, b->report);
	lists = section_word(inheritance_pick(&inheritance, "lists"), "lists");
	policy->shadow = b->shadow || inheritance_number(&inheritance, "mode") != 0;
	policy->results = inheritance_number(&inheritance, "results") != 0;
	policy->doubt = (enum doubt)inheritance_number(&inheritance, "doubt");
	policy->text = values_copy(find_text(b, &inheritance), b->report);
	build_thresholds(policy, &inheritance);
	build_pass(policy, &inheritance, b->report);
	build_drop_at(policy, &inheritance, b->report);
	if (policy->drop_at_connect)
		b->drop_at = inheritance_place(&inheritance, "drop_at");
	for (size_t i = 0; i < lists->n; i++)
		build_vote(b, policy, votes, &lists->values[i],
		    !inheritance_own(&inheritance, "lists") || lists->values[i].inherited);
	build_asking(b, policy, &inheritance);
	build_exempt(policy, &inheritance, b->report);
	b->rules->marks |= policy->tag > 0 || policy->results;
	b->rules->quarantines |= policy->quarantine > 0;
	/* What is left out for a mistake would only be missed. */
	if (report_mistakes(b->report) == before)
		lint_policy(b->lists, b->rules->roster, policy, votes, &inheritance, b->report);
	policy->census = census_of(policy->name);
	if (policies_add(b->rules->policies, policy)) {
		keep_places(b, policy, sec);
		index_domains(b, policy, sec);
	} else {
		report_no_memory(b->report);
		policy_free(policy);
	}
}

/* Let each policy know the one that it inherits from, which may stand below it. */
static void
link_parents(const struct builder *b)
{
	for (size_t i = 0; i < b->file->nsections; i++) {
		const struct section *up = b->built[i] != NULL
		    ? inheritance_parent(b->file, &b->file->sections[i])
		    : NULL;

		if (up != NULL)
			b->built[i]->parent = b->built[up - b->file->sections];
	}
}

static void
build_policies(struct builder *b)
{
	struct place start = {b->file->place.file, 1};

	for (size_t i = 0; i < b->file->nsections; i++)
		if (strcmp(b->file->sections[i].kind, "policy") == 0)
			build_policy(b, &b->file->sections[i]);
	link_parents(b);
	domain_index_settle(b->index, b->rules->policies);
	policies_seal(b->rules->policies);
	lint_drop_at(b->rules->policies, &b->drop_at, b->report);
	if (policies_find(b->rules->policies, "") == NULL)
		report_mistake(b->report, &start,
		    "there is no default policy: write policy \"default\" { lists = { } }");
}

/* The text of a file goes before that of a word. */
static void
give_texts(const struct builder *b)
{
	for (unsigned i = 0; i < b->rules->roster->n; i++) {
		struct listing *list = b->rules->roster->list[i];
		const char *text = texts_find(b->texts, "list", list->label);

		if (text == NULL)
			continue;
		free(list->text);
		list->text = values_copy(text, b->report);
		list->text_file = true;
	}
}

void
rules_build(struct rules *rules, const struct section *file, const struct section *registry,
    const struct texts *texts, bool shadow, struct report *report)
{
	struct builder b = {.rules = rules,
	    .report = report,
	    .file = file,
	    .texts = texts,
	    .shadow = shadow,
	    .built = calloc(file->nsections + 1, sizeof(struct policy *))};

	*rules = (struct rules){.roster = roster_new(), .policies = policies_new()};
	if (rules->roster != NULL)
		b.lists = lists_new(rules->roster, file, registry, report);
	b.index = domain_index_new(report);
	if (rules->policies != NULL && b.lists != NULL && b.index != NULL && b.built != NULL) {
		build_policies(&b);
		give_texts(&b);
	} else {
		report_no_memory(report);
	}
	lists_free(b.lists);
	domain_index_free(b.index);
	free(b.built);
}
