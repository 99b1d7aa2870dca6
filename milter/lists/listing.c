/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * lists/listing.c - what a DNS list is asked, and what its answers mean.  Only a code
 * that the list's own table declares ever speaks for or against a client.
 */
#include "config.h"

#include "lists/listing.h"

#include <stdlib.h>
#include <string.h>

#include "base/domain.h"
#include "base/strbuf.h"

#define LOOPBACK 0x7f000001U
#define NAME_MAX_DNS 253U /* without the last dot */

/* The more severe of two scores either way, or both together. */
static void
stretch(int *end, int score, bool sum)
{
	if (sum)
		*end += score;
	else if (abs(score) > abs(*end))
		*end = score;
}

void
listing_seal(struct listing *list)
{
	list->best = 0;
	list->worst = 0;
	for (unsigned i = 0; i < list->nanswers; i++) {
		int score = list->answers[i].score;

		stretch(score < 0 ? &list->best : &list->worst, score, list->sum);
	}
}

enum list_state
listing_health(const struct listing *list)
{
	return (enum list_state)atomic_load(list->state);
}

bool
listing_is_held(const struct listing *list)
{
	return list->held != NULL && atomic_load(list->held);
}

enum list_state
listing_state(const struct listing *list)
{
	return listing_is_held(list) ? LIST_SUSPENDED : listing_health(list);
}

enum list_state
listing_data_state(const struct listing *list)
{
	return listing_is_held(list) ? LIST_SUSPENDED
				     : (enum list_state)atomic_load(list->data_state);
}

enum list_state
listing_fact_state(const struct listing *list, const struct fact *fact)
{
	return fact->source == FACT_FROM_DATA ? listing_data_state(list) : listing_state(list);
}

const char *
list_state_name(enum list_state state)
{
	switch (state) {
	case LIST_NEW:
		return "new";
	case LIST_GOOD:
	case LIST_RESTORED:
		return "good";
	case LIST_DOUBTED:
	case LIST_RECOVERING:
		return "doubted";
	case LIST_SILENT:
		return "silent";
	case LIST_SUSPENDED:
		break;
	}
	return "suspended";
}

bool
listing_keeps(const struct listing *list, const struct fact *fact)
{
	enum list_state state = listing_state(list);

	return fact->state != FACT_LISTED ||
	    (state != LIST_RESTORED && state != LIST_RECOVERING);
}

void
listing_free(struct listing *list)
{
	if (list == NULL)
		return;
	for (unsigned i = 0; i < list->nanswers; i++) {
		free(list->answers[i].unless);
		free(list->answers[i].name);
		free(list->answers[i].text);
	}
	for (unsigned i = 0; i < SERVERS_MAX; i++)
		free(list->servers[i]);
	free(list->answers);
	free(list->label);
	free(list->name);
	free(list->zone);
	free(list->removal);
	free(list->text);
	free(list->test_listed);
	free(list->test_clear);
	if (list->data != NULL)
		list->data_drop(&list->data);
	free(list);
}

bool
listing_is_local(const struct listing *list)
{
	return list->own || (list->data != NULL && list->zone[0] == '\0');
}

/* Whether it would be asked; everywhere: about what everybody can reach, or a name that exists. */
static bool
covers(const struct listing *list, const struct subject *subject, bool everywhere)
{
	if (list->role != subject->role)
		return false;
	if (list->role != ROLE_ADDRESS)
		return everywhere;
	if (!list->private && !everywhere)
		return false;
	return (subject->key.bits == 32 && list->ipv4) ||
	    (subject->key.bits == 128 && list->ipv6);
}

static bool
is_everywhere(const struct subject *subject)
{
	return subject->role == ROLE_ADDRESS ? ipaddr_is_global(&subject->key)
					     : subject_exists(subject);
}

bool
listing_covers(const struct listing *list, const struct subject *subject)
{
	return list->role == subject->role && covers(list, subject, is_everywhere(subject));
}

listset
roster_covering(const struct roster *roster, const struct subject *subject)
{
	bool everywhere = is_everywhere(subject);
	listset lists = 0;

	for (unsigned i = 0; i < roster->n; i++)
		if (covers(roster->list[i], subject, everywhere))
			lists |= (listset)1 << i;
	return lists;
}

const char *
listing_asked_name(const struct listing *list, const struct subject *subject)
{
	return list->registered ? domain_registered(subject->name) : subject->name;
}

bool
listing_query(const struct listing *list, const struct subject *subject, char *out, size_t size)
{
	const char *asked = NULL;
	char labels[IPADDR_LABELS];
	struct strbuf name;

	strbuf_init(&name, out, size);
	if (!subject_exists(subject))
		return false;
	if (subject->name == NULL)
		ipaddr_reverse(&subject->key, labels);
	else if ((asked = listing_asked_name(list, subject)) == NULL)
		return false;
	strbuf_add(&name, asked != NULL ? asked : labels);
	strbuf_addc(&name, '.');
	strbuf_add(&name, list->zone);
	return !name.cut && name.len <= NAME_MAX_DNS;
}

const char *
anomaly_name(enum anomaly anomaly)
{
	switch (anomaly) {
	case ANOMALY_NONE:
		return "none";
	case ANOMALY_UNDECLARED:
		return "undeclared";
	case ANOMALY_LOOPBACK:
		return "loopback";
	case ANOMALY_ERROR_CODE:
		return "error-code";
	case ANOMALY_OUTSIDE:
		break;
	}
	return "outside";
}

static bool
answer_minds(const struct answer *answer, uint32_t code)
{
	for (unsigned i = 0; i < answer->nunless; i++)
		if (codes_hold(&answer->unless[i], code))
			return true;
	return false;
}

bool
listing_declares(const struct listing *list, uint32_t code)
{
	for (unsigned i = 0; i < list->nanswers; i++)
		if (codes_hold(&list->answers[i].codes, code) ||
		    answer_minds(&list->answers[i], code))
			return true;
	return false;
}

static enum anomaly
judge(const struct listing *list, uint32_t code)
{
	if (code < CODES_FIRST || code > CODES_LAST)
		return ANOMALY_OUTSIDE;
	if (code >= ERRORS_FIRST)
		return ANOMALY_ERROR_CODE;
	if (listing_declares(list, code))
		return ANOMALY_NONE;
	return code == LOOPBACK ? ANOMALY_LOOPBACK : ANOMALY_UNDECLARED;
}

uint32_t
listing_worth(const void *listing, uint32_t code)
{
	static const uint32_t worth[] = {[ANOMALY_UNDECLARED] = 0,
	    [ANOMALY_LOOPBACK] = 1,
	    [ANOMALY_NONE] = 2,
	    [ANOMALY_ERROR_CODE] = 3,
	    [ANOMALY_OUTSIDE] = 4};

	return worth[judge(listing, code)];
}

/* Add the codes the table declares, or those it does not. */
static void
add_codes(const struct listing *list, const uint32_t *codes, size_t n, bool declared,
    struct fact *fact)
{
	for (size_t i = 0; i < n; i++)
		if (listing_declares(list, codes[i]) == declared)
			fact_add_code(fact, codes[i]);
}

enum anomaly
listing_read(const struct listing *list, const uint32_t *codes, size_t n, struct fact *fact,
    uint32_t *bad)
{
	enum anomaly worst = ANOMALY_NONE;
	bool declared = false;

	*bad = 0;
	for (size_t i = 0; i < n; i++) {
		enum anomaly anomaly = judge(list, codes[i]);

		declared |= anomaly == ANOMALY_NONE;
		if (anomaly > worst) {
			worst = anomaly;
			*bad = codes[i];
		}
	}
	fact->ncodes = 0;
	fact->state = FACT_ERROR;
	if (worst < ANOMALY_LOOPBACK && declared) {
		fact->state = FACT_LISTED;
		/* Declared ones first, lest a long answer crowd out what counts. */
		add_codes(list, codes, n, true, fact);
		add_codes(list, codes, n, false, fact);
	}
	return worst;
}

/*
 * Whether a row speaks, and the first code that meets it.  Where a fact may have had
 * no room for all records, nobody knows what the others were.
 */
static bool
speaks(const struct answer *answer, const struct fact *fact, uint32_t *code)
{
	bool conditional = answer->alone || answer->nunless > 0, met = false;

	if (conditional && fact->ncodes == FACT_CODES)
		return false;
	for (unsigned i = 0; i < fact->ncodes; i++) {
		bool meets = codes_hold(&answer->codes, fact->code[i]);

		if ((answer->alone && !meets) || answer_minds(answer, fact->code[i]))
			return false;
		if (meets && !met)
			*code = fact->code[i];
		met |= meets;
	}
	return met;
}

/* Whether a row speaks louder than another: against the client before for it. */
static bool
louder(const struct answer *a, const struct answer *than)
{
	if (a->score > 0 || than->score > 0)
		return a->score > than->score;
	return a->score < than->score;
}

const struct answer *
listing_answer(const struct listing *list, const struct fact *fact, uint32_t *code)
{
	const struct answer *loudest = NULL;

	if (fact->state != FACT_LISTED)
		return NULL;
	for (unsigned i = 0; i < list->nanswers; i++) {
		const struct answer *answer = &list->answers[i];
		uint32_t met;

		if (!speaks(answer, fact, &met))
			continue;
		if (loudest == NULL || louder(answer, loudest)) {
			loudest = answer;
			*code = met;
		}
	}
	return loudest;
}

int
listing_score(const struct listing *list, const struct fact *fact, const struct answer *loudest)
{
	uint32_t code;
	int sum = 0;

	if (!list->sum)
		return loudest->score;
	for (unsigned i = 0; i < list->nanswers; i++)
		if (speaks(&list->answers[i], fact, &code))
			sum += list->answers[i].score;
	return sum;
}

listset
roster_of(const struct roster *roster, enum role role)
{
	listset lists = 0;

	for (unsigned i = 0; i < roster->n; i++)
		if (roster->list[i]->role == role)
			lists |= (listset)1 << i;
	return lists;
}

/* Those of which that is so. */
static listset
select_lists(const struct roster *roster, bool (*is_so)(const struct listing *))
{
	listset lists = 0;

	for (unsigned i = 0; i < roster->n; i++)
		if (is_so(roster->list[i]))
			lists |= (listset)1 << i;
	return lists;
}

static bool
may_trust(const struct listing *list)
{
	return list->role == ROLE_ADDRESS && list->best < 0;
}

listset
roster_trusting(const struct roster *roster)
{
	return select_lists(roster, may_trust);
}

listset
roster_local(const struct roster *roster)
{
	return select_lists(roster, listing_is_local);
}

static bool
has_data(const struct listing *list)
{
	return list->data != NULL;
}

listset
roster_data(const struct roster *roster)
{
	return select_lists(roster, has_data);
}

static bool
is_own(const struct listing *list)
{
	return list->own;
}

listset
roster_own(const struct roster *roster)
{
	return select_lists(roster, is_own);
}

bool
roster_repeats(const struct roster *roster, unsigned i)
{
	for (unsigned k = 0; k < i; k++)
		if (strcmp(roster->list[k]->label, roster->list[i]->label) == 0)
			return true;
	return false;
}

struct roster *
roster_new(void)
{
	struct roster *roster = calloc(1, sizeof(*roster));

	if (roster != NULL)
		atomic_init(&roster->refs, 1);
	return roster;
}

struct roster *
roster_ref(struct roster *roster)
{
	atomic_fetch_add_explicit(&roster->refs, 1, memory_order_relaxed);
	return roster;
}

void
roster_unref(struct roster **roster)
{
	struct roster *dropped = *roster;

	*roster = NULL;
	if (dropped == NULL || atomic_fetch_sub(&dropped->refs, 1) != 1)
		return;
	for (unsigned i = 0; i < dropped->n; i++)
		listing_free(dropped->list[i]);
	free(dropped);
}
