/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * exam.c - the questions of a test, all asked at once, and what their answers
 * say of the list.  The names asked are made from raw addresses: the IPv6 test
 * entries are written as IPv4 ones, and must not be folded.
 */
#include "config.h"

#include "exam.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dns.h"
#include "ipaddr.h"
#include "strbuf.h"
#include "subject.h"

#define QUESTIONS_MAX 6 /* three of each family */
#define NAME_MAX_DNS 256

static const uint8_t ENTRY[4] = {127, 0, 0, 2};
static const uint8_t NO_ENTRY[4] = {127, 0, 0, 1};
static const uint8_t UNUSED[4] = {192, 0, 2, 0}; /* RFC 5737 */

/* The same of a list of names (RFC 5782, 5). */
#define NAME_ENTRY "test"
#define NAME_NO_ENTRY "invalid"
#define NAME_UNUSED "unused-%u.invalid"
#define NAME_UNUSED_MAX sizeof("unused-255.invalid")

struct exam;

struct question {
	struct exam *exam;
	struct subject subject;
	bool listed; /* what is right */
};

struct exam {
	struct roster *roster;
	const struct listing *listing;
	exam_done *done;
	void *arg;
	unsigned open; /* questions, and one while they are being asked */
	unsigned n;
	struct question question[QUESTIONS_MAX];
	enum exam_result worst;
	char evidence[EXAM_EVIDENCE_MAX];
	char unused[NAME_UNUSED_MAX]; /* name */
};

const char *
exam_name(enum exam_result result)
{
	switch (result) {
	case EXAM_GOOD:
		return "good";
	case EXAM_SILENT:
		return "silent";
	case EXAM_EMPTY:
		return "empty";
	case EXAM_UNDECLARED:
		return "undeclared";
	case EXAM_REFUSED:
		return "error-code";
	case EXAM_OUTSIDE:
		return "outside";
	case EXAM_LISTS_ALL:
		break;
	}
	return "lists-everything";
}

static void
leave(struct exam *e)
{
	if (--e->open > 0)
		return;
	e->done(e->arg, e->worst, e->evidence);
	roster_unref(&e->roster);
	free(e);
}

static enum exam_result
judge(const struct question *q, const struct dns_reply *reply, uint32_t *code)
{
	struct fact fact = {.state = FACT_UNKNOWN};

	*code = 0;
	if (reply->status == DNS_ABSENT)
		return q->listed ? EXAM_EMPTY : EXAM_GOOD;
	if (reply->status != DNS_FOUND)
		return EXAM_SILENT;
	*code = reply->address[0];
	switch (listing_read(q->exam->listing, reply->address, reply->n, &fact, code)) {
	case ODDITY_OUTSIDE:
		return EXAM_OUTSIDE;
	case ODDITY_ERROR_CODE:
		return EXAM_REFUSED;
	case ODDITY_UNDECLARED:
	case ODDITY_LOOPBACK:
	case ODDITY_NONE:
		break;
	}
	if (*code == 0)
		*code = reply->address[0];
	if (fact.state != FACT_LISTED)
		return EXAM_UNDECLARED;
	return q->listed ? EXAM_GOOD : EXAM_LISTS_ALL;
}

static void
explain(struct exam *e, const struct question *q, uint32_t code)
{
	char subject[SUBJECT_NAME_SIZE], answer[INET_ADDRSTRLEN];
	struct in_addr in = {.s_addr = htonl(code)};
	struct strbuf sb;

	subject_format(&q->subject, subject, sizeof(subject));
	strbuf_init(&sb, e->evidence, sizeof(e->evidence));
	strbuf_add(&sb, subject);
	if (e->worst == EXAM_SILENT)
		strbuf_add(&sb, " gets no answer");
	else if (code == 0)
		strbuf_add(&sb, " is not listed");
	else
		strbuf_addf(&sb, " gives %s", inet_ntop(AF_INET, &in, answer, sizeof(answer)));
}

static void
on_dns(void *arg, const struct dns_reply *reply)
{
	struct question *q = arg;
	struct exam *e = q->exam;
	uint32_t code;
	enum exam_result result = judge(q, reply, &code);

	if (result > e->worst) {
		e->worst = result;
		explain(e, q, code);
	}
	leave(e);
}

/* The address as a list of the family keeps it: as it is, or as ::ffff:a.b.c.d. */
static void
add(struct exam *e, bool v6, const uint8_t octets[4], uint8_t last, bool listed)
{
	struct question *q = &e->question[e->n++];
	struct ipaddr *address = &q->subject.key;
	uint8_t *byte = address->byte + (v6 ? 12 : 0);

	q->exam = e;
	q->listed = listed;
	q->subject.role = ROLE_ADDRESS;
	address->bits = v6 ? 128 : 32;
	if (v6)
		memset(address->byte + 10, 0xff, 2);
	memcpy(byte, octets, 4);
	byte[3] |= last;
}

static void
add_name(struct exam *e, const char *own, const char *usual, bool listed)
{
	struct question *q = &e->question[e->n++];

	q->exam = e;
	q->listed = listed;
	q->subject = subject_name(e->listing->role, own != NULL ? own : usual);
}

/* A list of names has one family; whatever canary is wanted, it is a name nobody has. */
static void
add_names(struct exam *e, enum exam_kind kind, uint8_t n)
{
	const struct listing *list = e->listing;
	bool entry = list->test_entry && (kind == EXAM_FULL || kind == EXAM_PULSE);

	snprintf(e->unused, sizeof(e->unused), NAME_UNUSED, n);
	if (entry)
		add_name(e, list->test_listed, NAME_ENTRY, true);
	if (kind == EXAM_FULL)
		add_name(e, list->test_clear, NAME_NO_ENTRY, false);
	if (kind != EXAM_PULSE || !entry)
		add_name(e, e->unused, NULL, false);
}

static void
add_family(struct exam *e, bool v6, enum exam_kind kind, uint8_t n)
{
	bool entry = e->listing->test_entry;

	if (entry && (kind == EXAM_FULL || kind == EXAM_PULSE))
		add(e, v6, ENTRY, 0, true);
	if (kind == EXAM_FULL)
		add(e, v6, NO_ENTRY, 0, false);
	if (kind != EXAM_PULSE || !entry)
		add(e, v6, UNUSED, n, false);
}

/* Each family may hold everybody; one is enough to see whether somebody answers. */
static bool
wants(enum exam_kind kind, const struct listing *listing, bool v6)
{
	switch (kind) {
	case EXAM_FULL:
		return v6 ? listing->ipv6 : listing->ipv4;
	case EXAM_CANARY:
		return !v6;
	case EXAM_CANARY6:
		return v6;
	case EXAM_PULSE:
		break;
	}
	return v6 != listing->ipv4;
}

static void
add_families(struct exam *e, enum exam_kind kind, uint8_t n)
{
	if (wants(kind, e->listing, false))
		add_family(e, false, kind, n);
	if (wants(kind, e->listing, true))
		add_family(e, true, kind, n);
}

/* The test entries of a list of names are asked as they are. */
static bool
make_name(const struct exam *e, const struct subject *subject, char *out, size_t size)
{
	struct listing whole = *e->listing;

	whole.registered = false;
	return listing_query(&whole, subject, out, size);
}

bool
exam_start(struct dns *dns, struct roster *roster, unsigned list, enum exam_kind kind,
    uint8_t n, exam_done *done, void *arg)
{
	struct exam *e = dns != NULL ? calloc(1, sizeof(*e)) : NULL;
	char name[NAME_MAX_DNS];

	if (e == NULL)
		return false;
	e->roster = roster_ref(roster);
	e->listing = roster->list[list];
	e->done = done;
	e->arg = arg;
	if (e->listing->role != ROLE_ADDRESS)
		add_names(e, kind, n);
	else
		add_families(e, kind, n);
	e->open = e->n + 1;
	for (unsigned i = 0; i < e->n; i++) {
		if (make_name(e, &e->question[i].subject, name, sizeof(name)))
			dns_ask(dns, name, on_dns, &e->question[i]);
		else
			leave(e);
	}
	leave(e);
	return true;
}
