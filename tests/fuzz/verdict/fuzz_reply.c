/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fuzz_reply.c - a refusal made of whatever bytes: within its bounds, with a code, with
 * the reference and the URL, and of no line that an MTA drops or garbles.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/ipaddr.h"
#include "base/template.h"
#include "fakes/reply_check.h"
#include "fuzz/fuzz.h"
#include "verdict/reply.h"

#define TEXT_MAX 1200 /* longer than any line */
#define LISTS 3
#define URL_MAX 400 /* what the last line can surely hold */
#define REF "7F3K2Q9M"
#define PAGE "https://mx.example/help/r/" REF "-ABCDE"

enum text {
	TEXT_LABEL,
	TEXT_NAME,
	TEXT_REMOVAL,
	TEXT_LIST,
	TEXT_ANSWER_NAME,
	TEXT_ANSWER,
	TEXT_POLICY,
	TEXT_DOMAIN,
	TEXT_REASON,
	TEXT_DENY_REMOVAL,
	TEXT_MAX_ID
};

struct scene {
	char *text[TEXT_MAX_ID];
	struct ipaddr client;
	struct answer answer;
	struct listing list;
	struct roster roster;
	char postmaster[16];
	char *exempt[1];
	struct policy policy;
	struct verdict verdict;
	struct reply_facts facts;
};

static void
take_verdict(struct scene *s, struct input *in)
{
	uint8_t shape = input_byte(in);
	struct verdict *v = &s->verdict;

	v->action = v->meant = (shape & 1) != 0 ? ACTION_DEFER : ACTION_REFUSE;
	v->reason = (shape & 2) != 0 ? REASON_DENY : REASON_LISTS;
	v->nhits = (shape & 2) != 0 ? 0 : 1 + (shape >> 2) % LISTS;
	for (unsigned i = 0; i < v->nhits; i++)
		v->hit[i] = (struct hit){.answer = &s->answer, .score = 3 - (int)i * 2};
	v->loudest = v->nhits > 0 ? &v->hit[0] : NULL;
	s->policy.nexempt = (shape & 128) != 0;
}

static void
take_client(struct scene *s, struct input *in)
{
	static const uint8_t bits[] = {0, 32, 128};

	s->client.bits = bits[input_byte(in) % 3];
	for (unsigned i = 0; i < s->client.bits / 8; i++)
		s->client.byte[i] = input_byte(in);
}

/* The label alone is never missing; whatever else is, a bit of missing says. */
static void
take_texts(struct scene *s, struct input *in)
{
	unsigned given = (unsigned)input_byte(in) << 8 | input_byte(in);

	for (unsigned i = 0; i < TEXT_MAX_ID; i++)
		s->text[i] = input_maybe(in, i == TEXT_LABEL ? 1 : given & 1U << i, TEXT_MAX);
}

/* What is not an address, or not a list at all; whatever input is left. */
static void
take_names(struct scene *s, struct input *in)
{
	uint8_t shape = input_byte(in), page = input_byte(in);
	struct verdict *v = &s->verdict;

	s->list.role = shape % ROLES;
	s->facts.domain_of[s->list.role] = s->text[TEXT_REASON];
	s->facts.spf_domain = s->text[TEXT_DOMAIN];
	s->policy.drop_code = (shape & 4) != 0 ? 421 : 521;
	s->policy.refuse_code = (shape & 4) != 0 ? 554 : 550;
	s->facts.lines = (page & 1) != 0 ? 1 : REPLY_LINES;
	s->facts.page = (page & 2) != 0 ? PAGE : NULL;
	if (v->reason == REASON_LISTS && (shape & 8) != 0)
		v->action = v->nominal = ACTION_DROP;
	if (v->reason == REASON_LISTS && (shape & 16) != 0)
		v->reason = REASON_SPF;
	v->spf = (enum spf_result)((shape >> 5) % SPF_RESULTS);
}

static void
set_scene(struct scene *s, struct input *in)
{
	s->answer.category = input_byte(in) % CATEGORY_MAX;
	take_verdict(s, in);
	take_client(s, in);
	take_texts(s, in);
	s->answer.name = s->text[TEXT_ANSWER_NAME];
	s->answer.text = s->text[TEXT_ANSWER];
	s->list.label = s->text[TEXT_LABEL];
	s->list.name = s->text[TEXT_NAME];
	s->list.removal = s->text[TEXT_REMOVAL];
	s->list.text = s->text[TEXT_LIST];
	s->roster.n = 1;
	s->roster.list[0] = &s->list;
	s->policy.text = s->text[TEXT_POLICY];
	snprintf(s->postmaster, sizeof(s->postmaster), "postmaster");
	s->exempt[0] = s->postmaster;
	s->policy.exempt = s->exempt;
	s->facts = (struct reply_facts){.client = &s->client,
	    .ref = REF,
	    .domain = s->text[TEXT_DOMAIN],
	    .local_reason = s->text[TEXT_REASON],
	    .deny_removal = s->text[TEXT_DENY_REMOVAL],
	    .roster = &s->roster,
	    .policy = &s->policy,
	    .verdict = &s->verdict};
	take_names(s, in);
}

static const char *
code_of(const struct scene *s)
{
	if (s->verdict.action == ACTION_DEFER)
		return "450";
	if (s->verdict.action == ACTION_DROP)
		return s->policy.drop_code == 421 ? "421" : "521";
	return s->policy.refuse_code == 554 ? "554" : "550";
}

/* The URL, where there is one without a blank to fill in and not too long; or NULL. */
static const char *
url_of(const struct scene *s)
{
	bool deny = s->verdict.reason == REASON_DENY;
	const char *url = s->text[deny ? TEXT_DENY_REMOVAL : TEXT_REMOVAL];

	if (s->facts.page != NULL)
		return s->facts.page;
	if (url == NULL || url[0] == '\0' || strlen(url) > URL_MAX || !fuzz_printable(url))
		return NULL;
	if (!deny && (s->verdict.reason == REASON_SPF || s->verdict.spf != SPF_UNCHECKED))
		return NULL;
	return strchr(url, '%') == NULL && strchr(url, ' ') == NULL ? url : NULL;
}

static void
check_reply(const struct reply *r, const struct scene *s)
{
	const char *fault = reply_fault(r, s->facts.lines, REF, url_of(s));

	if (fault != NULL)
		fuzz_broken(__FILE__, __LINE__, fault);
	MUST(strcmp(r->code, code_of(s)) == 0);
	MUST(r->enhanced[0] == r->code[0] && strncmp(r->enhanced + 1, ".7.", 3) == 0);
	MUST(s->verdict.reason == REASON_SPF || strcmp(r->enhanced + 4, "1") == 0);
	MUST(s->facts.lines == 1 || r->n >= 2);
	for (unsigned i = 0; i < r->n; i++)
		MUST(fuzz_is_reply_line(r->line[i]));
}

/* What a configuration may hold is printable and short. */
static void
check_template(const char *text, bool lines)
{
	char why[128];

	if (text == NULL || !template_check(text, lines, why, sizeof(why)))
		return;
	MUST(strlen(text) <= TEMPLATE_MAX);
	for (; *text != '\0'; text++)
		MUST((*text >= ' ' && *text <= '~') || (lines && *text == '\n'));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct scene *s = calloc(1, sizeof(*s));
	struct reply *reply = malloc(sizeof(*reply));
	struct input in = {data, size};

	if (s == NULL || reply == NULL)
		abort();
	memset(reply, 0xff, sizeof(*reply));
	set_scene(s, &in);
	reply_build(reply, &s->facts);
	check_reply(reply, s);
	for (unsigned i = 0; i < TEXT_MAX_ID; i++) {
		check_template(s->text[i], false);
		check_template(s->text[i], true);
		free(s->text[i]);
	}
	free(reply);
	free(s);
	return 0;
}
