/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fuzz_spfrecord.c - a TXT record of anybody's, and a sender's name: what is handed
 * on of the record is printable, a policy of right terms, and has nothing left that
 * could be taken out; what becomes of its macros is no longer, and right.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "fuzz/fuzz.h"
#include "spf/record.h"
#include "spf/syntax.h"

#define SENDER_MAX 64

/* A term as it may be handed on; true: nothing may follow it. */
static bool
check_term(const char *text, size_t len, const struct ipaddr *client)
{
	struct spf_term t;

	MUST(spfsyntax_term(&t, text, len));
	MUST(t.kind != SPF_TERM_IP4 && t.kind != SPF_TERM_IP6);
	MUST(t.kind != SPF_TERM_EXP && t.kind != SPF_TERM_UNKNOWN);
	MUST((client->bits == 32 ? t.length6 == 128 : t.length4 == 32));
	MUST(t.length4 > 0 && t.length6 > 0);
	return t.kind == SPF_TERM_ALL || t.kind == SPF_TERM_REDIRECT;
}

static void
check_terms(const char *policy, const struct ipaddr *client)
{
	bool last = false;

	MUST(strncmp(policy, "v=spf1", 6) == 0);
	for (policy += 6; *policy != '\0';) {
		size_t len = strcspn(++policy, " ");

		MUST(policy[-1] == ' ' && !last);
		last = check_term(policy, len, client);
		policy += len;
	}
}

/* What a worker makes of it. */
static void
check_macros(const char *policy, const struct spf_values *values)
{
	char mended[SPFRECORD_MAX + 1], again[SPFRECORD_MAX + 1];
	struct strbuf sb;

	strbuf_init(&sb, mended, sizeof(mended));
	spfrecord_mend(&sb, policy, values);
	MUST(!sb.cut && sb.len <= strlen(policy));
	check_terms(mended, &values->client);
	strbuf_init(&sb, again, sizeof(again));
	spfrecord_mend(&sb, mended, values);
	MUST(strcmp(mended, again) == 0);
}

/* The same record, for a client of either family. */
static void
check(const char *text, size_t size, struct spf_values *values, const char *address)
{
	char out[SPFRECORD_MAX + 1], again[SPFRECORD_MAX + 1];

	MUST(ipaddr_parse(&values->client, address));
	if (spfrecord_reduce(text, size, &values->client, out) != SPFRECORD_GOOD)
		return;
	MUST(fuzz_printable(out));
	check_terms(out, &values->client);
	MUST(spfrecord_reduce(out, strlen(out), &values->client, again) == SPFRECORD_GOOD);
	MUST(strcmp(out, again) == 0);
	check_macros(out, values);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *nul = memchr(data, '\0', size);
	size_t len = nul != NULL ? (size_t)(nul - data) : size;
	struct input in = {data + len, size - len};
	char *text = fuzz_copy(data, len), *sender;
	struct spf_values values = {.helo = "mx.example", .domain = "a-b.example"};

	(void)input_byte(&in);
	sender = input_text(&in, SENDER_MAX);
	values.sender = sender;
	check(text, len, &values, "198.51.100.7");
	check(text, len, &values, "2001:db8::7");
	free(text);
	/* The record with bytes of zero in it. */
	text = fuzz_copy(data, size);
	check(text, size, &values, "198.51.100.7");
	free(text);
	free(sender);
	return 0;
}
