/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * spf/budget.c - counts terms by what they ask: a term asks for TXT, MX, PTR or
 * addresses, and one that asks for MX or PTR asks for addresses of what it gets.
 */
#include "config.h"

#include "spf/budget.h"

#include <string.h>
#include <strings.h>

#include "base/strbuf.h"

#define LABEL_MAX 63

void
spfbudget_init(struct spf_budget *b)
{
	*b = (struct spf_budget){0};
}

bool
spfbudget_is_name(const char *name)
{
	size_t label = 0, len = strlen(name);

	if (len == 0 || len >= DNSWIRE_NAME_SIZE)
		return false;
	for (size_t i = 0; i < len; i++) {
		if (name[i] < 0x21 || name[i] > 0x7e)
			return false;
		label = name[i] == '.' ? 0 : label + 1;
		if (label > LABEL_MAX)
			return false;
		/* No label is empty, but for the root's behind the last dot. */
		if (name[i] == '.' && (i == 0 || name[i - 1] == '.'))
			return false;
	}
	return true;
}

/* As a macro can make names that no resolver takes: nobody has them. */
static bool
can_be_asked(const char *name)
{
	static const unsigned char as_it_is[DNSWIRE_RANDOM_SIZE];
	char question[DNSWIRE_NAME_SIZE];

	return dnswire_any_name(question, name, as_it_is);
}

/* Whether an address of this name is part of the MX or PTR before it; once for each. */
static bool
was_given(struct spf_budget *b, const char *name)
{
	for (unsigned i = 0; i < b->nnames; i++) {
		if (*b->name[i] != '\0' && strcasecmp(b->name[i], name) == 0) {
			*b->name[i] = '\0';
			return true;
		}
	}
	return false;
}

/* Whether it is a term that asks, and not what it has got by an earlier question. */
static bool
is_term(struct spf_budget *b, const struct spf_ask *ask)
{
	bool given;

	switch (ask->type) {
	case DNS_A:
	case DNS_AAAA:
		given = was_given(b, ask->name);
		b->lenient = given && b->of_client;
		return !given;
	case DNS_PTR:
		b->lenient = true;
		return true;
	case DNS_TXT:
		b->lenient = false;
		return b->questions > 1;
	case DNS_MX:
		break;
	}
	b->lenient = false;
	return true;
}

enum spf_leave
spfbudget_ask(struct spf_budget *b, const struct spf_ask *ask)
{
	b->questions++;
	if (is_term(b, ask))
		b->terms++;
	if (b->terms > SPFBUDGET_TERMS || b->questions > SPFBUDGET_QUESTIONS)
		return SPF_LEAVE_OVER;
	return can_be_asked(ask->name) ? SPF_LEAVE_ASK : SPF_LEAVE_ABSENT;
}

/* Remember the names of an MX or a PTR; false: they are too many. */
static bool
take_names(struct spf_budget *b, struct spf_answer *answer)
{
	struct dns_records *records = &answer->records;

	b->nnames = 0;
	b->of_client = answer->type == DNS_PTR;
	if (records->n > SPFBUDGET_NAMES) {
		if (!b->of_client)
			return false;
		records->n = SPFBUDGET_NAMES;
	}
	for (size_t i = 0; i < records->n; i++)
		(void)strbuf_copy(b->name[b->nnames++], DNSWIRE_NAME_SIZE,
		    (const char *)records->record[i].data);
	return true;
}

bool
spfbudget_answer(struct spf_budget *b, struct spf_answer *answer)
{
	switch (answer->status) {
	case DNS_FOUND:
		break;
	case DNS_ABSENT:
		return ++b->voids <= SPFBUDGET_VOIDS;
	case DNS_FAILED:
	case DNS_TIMEOUT:
		/* An address without a good name: the term does not match, and that is all. */
		if (b->lenient)
			answer->status = DNS_ABSENT;
		return true;
	}
	if (answer->type == DNS_MX || answer->type == DNS_PTR)
		return take_names(b, answer);
	return true;
}
