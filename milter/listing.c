/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * listing.c - what a DNS list is asked, and what its answers mean.  Only a code
 * that the list's own table declares ever speaks for or against a client.
 */
#include "config.h"

#include "listing.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ascii.h"
#include "domain.h"
#include "strbuf.h"

#define CODES_FIRST 0x7f000000U  /* 127/8, where lists answer */
#define CODES_LAST 0x7fffffffU   /* the same, its end */
#define ERRORS_FIRST 0x7fffff00U /* 127.255.255.0/24, the end of it */
#define LOOPBACK 0x7f000001U
#define NAME_MAX_DNS 253U /* without the last dot */

static const struct {
	const char *name;
	const char *words;
	const char *advice;
} categories[CATEGORY_MAX] = {
#define X(id, name, words, advice) [CATEGORY_##id] = {name, words, advice},
    CATEGORY_TABLE(X)
#undef X
};

const char *
category_name(enum category category)
{
	assert(category < CATEGORY_MAX);
	return categories[category].name;
}

const char *
category_words(enum category category)
{
	assert(category < CATEGORY_MAX);
	return categories[category].words;
}

const char *
category_advice(enum category category)
{
	assert(category < CATEGORY_MAX);
	return categories[category].advice;
}

bool
category_is_intrusion(enum category category)
{
	return category == CATEGORY_OPEN_PROXY || category == CATEGORY_EXPLOITED ||
	    category == CATEGORY_BRUTEFORCE || category == CATEGORY_WEB_EXPLOIT ||
	    category == CATEGORY_BOTNET_CONTROLLER || category == CATEGORY_MALWARE;
}

enum category
category_parse(const char *name)
{
	unsigned i;

	for (i = 0; i < CATEGORY_MAX; i++)
		if (strcmp(categories[i].name, name) == 0)
			break;
	return (enum category)i;
}

/* Read a number from 0 to max without leading zeros; the text moves past it. */
static bool
take_number(const char **text, unsigned max, unsigned *out)
{
	const char *at = *text;

	*out = 0;
	while (ascii_is_digit(*at)) {
		*out = *out * 10 + (unsigned)(*at++ - '0');
		if (*out > max)
			return false;
	}
	if (at == *text || (**text == '0' && at - *text > 1))
		return false;
	*text = at;
	return true;
}

static bool
take_word(const char **text, const char *word)
{
	size_t len = strlen(word);

	if (strncmp(*text, word, len) != 0)
		return false;
	*text += len;
	return true;
}

/* Read so many octets, with a dot between two of them. */
static bool
take_octets(const char **text, int n, uint32_t *out)
{
	*out = 0;
	for (int i = 0; i < n; i++) {
		unsigned octet;

		if (i > 0 && !take_word(text, "."))
			return false;
		if (!take_number(text, 255, &octet))
			return false;
		*out = *out << 8 | octet;
	}
	return true;
}

/* What follows the first address: nothing, "/24", "-7" or "-127.0.0.7". */
static bool
take_extent(const char **text, struct answer *answer)
{
	unsigned number;
	uint32_t last;

	answer->high = answer->low;
	if (take_word(text, "/")) {
		if (!take_number(text, 32, &number) || number < 8)
			return false;
		last = number == 32 ? 0 : UINT32_MAX >> number;
		answer->high = answer->low | last;
		return (answer->low & last) == 0;
	}
	if (!take_word(text, "-"))
		return true;
	if (strchr(*text, '.') != NULL)
		return take_octets(text, 4, &answer->high);
	if (!take_number(text, 255, &number))
		return false;
	answer->high = (answer->low & ~UINT32_C(255)) | number;
	return true;
}

/* "127.1.0.&8": three octets, and bits of the fourth. */
static bool
parse_bits(struct answer *answer, const char *text)
{
	unsigned bits;

	if (!take_octets(&text, 3, &answer->low) || !take_word(&text, ".&"))
		return false;
	if (!take_number(&text, 255, &bits) || bits == 0)
		return false;
	answer->low <<= 8;
	answer->high = answer->low | 255;
	answer->bits = bits;
	return *text == '\0';
}

static bool
parse_range(struct answer *answer, const char *text)
{
	answer->bits = 0;
	return take_octets(&text, 4, &answer->low) && take_extent(&text, answer) &&
	    *text == '\0' && answer->low <= answer->high;
}

bool
answer_parse(struct answer *answer, const char *pattern, char *why, size_t whysize)
{
	bool bits = strchr(pattern, '&') != NULL;
	const char *fault = NULL;

	if (!(bits ? parse_bits(answer, pattern) : parse_range(answer, pattern)))
		fault = "is not like 127.0.0.2, 127.0.0.4-7, 127.0.2.0/24 or 127.1.0.&8";
	else if (answer->low < CODES_FIRST || answer->high > CODES_LAST)
		fault = "is not within 127.0.0.0/8";
	else if (answer->high >= ERRORS_FIRST)
		fault = "touches 127.255.255.0/24, where lists put their errors";
	if (fault != NULL)
		snprintf(why, whysize, "\"%.64s\" %s", pattern, fault);
	return fault == NULL;
}

void
listing_seal(struct listing *list)
{
	list->best = 0;
	list->worst = 0;
	for (unsigned i = 0; i < list->nanswers; i++) {
		int score = list->answers[i].score;

		if (score < list->best)
			list->best = score;
		if (score > list->worst)
			list->worst = score;
	}
}

enum standing
listing_standing(const struct listing *list)
{
	return (enum standing)atomic_load(list->standing);
}

bool
listing_keeps(const struct listing *list, const struct fact *fact)
{
	enum standing standing = listing_standing(list);

	return fact->state != FACT_LISTED ||
	    (standing != STANDING_RESTORED && standing != STANDING_RECOVERING);
}

void
listing_free(struct listing *list)
{
	if (list == NULL)
		return;
	for (unsigned i = 0; i < list->nanswers; i++) {
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
	free(list);
}

bool
listing_covers(const struct listing *list, const struct subject *subject)
{
	if (list->role != subject->role)
		return false;
	if (list->role != ROLE_ADDRESS)
		return subject_exists(subject);
	return (subject->key.bits == 32 && list->ipv4) ||
	    (subject->key.bits == 128 && list->ipv6);
}

bool
listing_query(const struct listing *list, const struct subject *subject, char *out, size_t size)
{
	const char *asked = subject->name;
	char labels[IPADDR_LABELS];
	struct strbuf name;

	strbuf_init(&name, out, size);
	if (!subject_exists(subject))
		return false;
	if (asked == NULL)
		ipaddr_reverse(&subject->key, labels);
	else if (list->registered && (asked = domain_registered(asked)) == NULL)
		return false;
	strbuf_add(&name, asked != NULL ? asked : labels);
	strbuf_addc(&name, '.');
	strbuf_add(&name, list->zone);
	return !name.cut && name.len <= NAME_MAX_DNS;
}

const char *
oddity_name(enum oddity oddity)
{
	switch (oddity) {
	case ODDITY_NONE:
		return "none";
	case ODDITY_UNDECLARED:
		return "undeclared";
	case ODDITY_LOOPBACK:
		return "loopback";
	case ODDITY_ERROR_CODE:
		return "error-code";
	case ODDITY_OUTSIDE:
		break;
	}
	return "outside";
}

static bool
answer_meets(const struct answer *answer, uint32_t code)
{
	return code >= answer->low && code <= answer->high &&
	    (answer->bits == 0 || (code & answer->bits) != 0);
}

static bool
declares(const struct listing *list, uint32_t code)
{
	for (unsigned i = 0; i < list->nanswers; i++)
		if (answer_meets(&list->answers[i], code))
			return true;
	return false;
}

static enum oddity
judge(const struct listing *list, uint32_t code)
{
	if (code < CODES_FIRST || code > CODES_LAST)
		return ODDITY_OUTSIDE;
	if (code >= ERRORS_FIRST)
		return ODDITY_ERROR_CODE;
	if (declares(list, code))
		return ODDITY_NONE;
	return code == LOOPBACK ? ODDITY_LOOPBACK : ODDITY_UNDECLARED;
}

uint32_t
listing_worth(const void *listing, uint32_t code)
{
	static const uint32_t worth[] = {[ODDITY_UNDECLARED] = 0,
	    [ODDITY_LOOPBACK] = 1,
	    [ODDITY_NONE] = 2,
	    [ODDITY_ERROR_CODE] = 3,
	    [ODDITY_OUTSIDE] = 4};

	return worth[judge(listing, code)];
}

/* Add the codes the table declares, or those it does not. */
static void
add_codes(const struct listing *list, const uint32_t *codes, size_t n, bool declared,
    struct fact *fact)
{
	for (size_t i = 0; i < n; i++)
		if (declares(list, codes[i]) == declared)
			fact_add_code(fact, codes[i]);
}

enum oddity
listing_read(const struct listing *list, const uint32_t *codes, size_t n, struct fact *fact,
    uint32_t *bad)
{
	enum oddity worst = ODDITY_NONE;
	bool declared = false;

	*bad = 0;
	for (size_t i = 0; i < n; i++) {
		enum oddity oddity = judge(list, codes[i]);

		declared |= oddity == ODDITY_NONE;
		if (oddity > worst) {
			worst = oddity;
			*bad = codes[i];
		}
	}
	fact->ncodes = 0;
	fact->state = FACT_ERROR;
	if (worst < ODDITY_ERROR_CODE && declared) {
		fact->state = FACT_LISTED;
		/* Declared ones first, lest a long answer crowd out what counts. */
		add_codes(list, codes, n, true, fact);
		add_codes(list, codes, n, false, fact);
	}
	return worst;
}

/* The first code that meets a row; false: none does. */
static bool
fact_meets(const struct fact *fact, const struct answer *answer, uint32_t *code)
{
	for (unsigned i = 0; i < fact->ncodes; i++)
		if (answer_meets(answer, fact->code[i])) {
			*code = fact->code[i];
			return true;
		}
	return false;
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

		if (!fact_meets(fact, answer, &met))
			continue;
		if (loudest == NULL || louder(answer, loudest)) {
			loudest = answer;
			*code = met;
		}
	}
	return loudest;
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
