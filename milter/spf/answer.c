/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * spf/answer.c - counts terms by what they ask: a term asks for TXT, MX, PTR or
 * addresses, and one that asks for MX or PTR asks for addresses of what it gets.
 * Told is of TXT records only policies, made small; of names only those that can be
 * asked for; of addresses all that were kept, the nearest to the client's among them:
 * whether one of them matches is known by that.
 */
#include "config.h"

#include "spf/answer.h"

#include <string.h>
#include <strings.h>

#include "base/strbuf.h"

#define LABEL_MAX 63

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

/*
 * Count an answer of DNS, before anything is left out of it, and make of it what
 * the RFC says.  False: the check is over: permerror.
 */
static bool
count_answer(struct spf_budget *b, struct spf_answer *answer)
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

struct spf_answer
spfanswer_empty(enum dns_type type, enum dns_status status)
{
	return (struct spf_answer){.type = type, .status = status};
}

static void
take_addresses(struct spf_answer *a, struct spf_room *room, const struct dns_reply *reply)
{
	for (size_t i = 0; i < reply->n; i++) {
		for (unsigned k = 0; k < 4; k++)
			room->address[i][k] =
			    (unsigned char)(reply->address[i] >> (24 - 8 * k));
		a->records.record[i] = (struct dns_record){.len = 4, .data = room->address[i]};
	}
	a->records.n = reply->n;
}

/* Null MX is a name, and nobody's (RFC 7505). */
static void
drop_odd_names(struct dns_records *records)
{
	size_t n = 0;

	for (size_t i = 0; i < records->n; i++)
		if (spfbudget_is_name((const char *)records->record[i].data))
			records->record[n++] = records->record[i];
	records->n = n;
}

/* False: one of them is an error. */
static bool
take_policies(struct spf_answer *a, struct spf_room *room, const struct dns_records *from,
    const struct ipaddr *client)
{
	for (size_t i = 0; i < from->n && a->records.n < SPFANSWER_POLICIES; i++) {
		const struct dns_record *r = &from->record[i];
		char *out = room->policy[a->records.n];

		switch (spfrecord_reduce((const char *)r->data, r->len, client, out)) {
		case SPFRECORD_OTHER:
			break;
		case SPFRECORD_GOOD:
			a->records.record[a->records.n++] = (struct dns_record){
			    .len = (uint16_t)strlen(out), .data = (const unsigned char *)out};
			break;
		case SPFRECORD_BAD:
			return false;
		}
	}
	return true;
}

/*
 * Whether what was left out might change the result: two policies are too many, and
 * so are ten names.
 */
static bool
may_be_missed(const struct spf_answer *a)
{
	switch (a->type) {
	case DNS_TXT:
		return a->records.n < SPFANSWER_POLICIES;
	case DNS_MX:
		return a->records.n <= SPFBUDGET_NAMES;
	case DNS_PTR:
		return a->records.n == 0;
	case DNS_A:
	case DNS_AAAA:
		break;
	}
	return false;
}

/* Found is what can be told, if it is known. */
static void
finish(struct spf_answer *a, bool cut)
{
	if (a->status == DNS_FOUND && cut && may_be_missed(a))
		a->status = DNS_FAILED;
	else if (a->status == DNS_FOUND && a->records.n == 0)
		a->status = DNS_ABSENT;
	if (a->status != DNS_FOUND)
		a->records.n = 0;
}

bool
spfanswer_make(struct spf_answer *a, struct spf_room *room, enum dns_type type,
    const struct dns_reply *reply, const struct ipaddr *client, struct spf_budget *budget)
{
	const struct dns_records *from = reply->records;
	bool cut = from != NULL && from->cut;

	*a = spfanswer_empty(type, reply->status);
	a->ttl = reply->ttl;
	if (type == DNS_A)
		take_addresses(a, room, reply);
	else if (type != DNS_TXT && from != NULL)
		a->records = *from;
	if (!count_answer(budget, a))
		return false;
	if (type == DNS_MX || type == DNS_PTR)
		drop_odd_names(&a->records);
	if (type == DNS_TXT && from != NULL && !take_policies(a, room, from, client))
		return false;
	finish(a, cut);
	a->records.cut = false;
	return true;
}
