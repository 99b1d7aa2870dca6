/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * spf/answer.c - of TXT records only policies, made small; of names only those
 * that can be asked for; of addresses all that were kept, the nearest to the
 * client's among them: whether one of them matches is known by that.
 */
#include "config.h"

#include "spf/answer.h"

#include <string.h>

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
	if (!spfbudget_answer(budget, a))
		return false;
	if (type == DNS_MX || type == DNS_PTR)
		drop_odd_names(&a->records);
	if (type == DNS_TXT && from != NULL && !take_policies(a, room, from, client))
		return false;
	finish(a, cut);
	a->records.cut = false;
	return true;
}
