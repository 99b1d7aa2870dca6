/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fuzz_spfwire.c - a packet from a worker, or a daemon, that was taken over:
 * what is read out of it can be written again, and is the same.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "fuzz/fuzz.h"
#include "spf/wire.h"

/* Bytes without control ones, and of ASCII alone where they must be. */
static void
check_text(const char *text, size_t max, unsigned char lowest, bool any)
{
	MUST(strlen(text) <= max);
	for (const unsigned char *p = (const unsigned char *)text; *p != '\0'; p++)
		MUST(*p >= lowest && *p != 0x7f && (any || *p < 0x7f));
}

static void
check_records(const struct spf_answer *a)
{
	MUST(a->type <= DNS_TXT && a->status <= DNS_TIMEOUT);
	MUST(a->records.n <= DNS_RECORDS_MAX);
	MUST(a->records.n == 0 || a->status == DNS_FOUND);
	for (size_t i = 0; i < a->records.n; i++) {
		const struct dns_record *r = &a->records.record[i];

		if (a->type == DNS_A || a->type == DNS_AAAA)
			MUST(r->len == (a->type == DNS_A ? 4 : 16));
		else
			MUST(strlen((const char *)r->data) == r->len);
		if (a->type == DNS_MX || a->type == DNS_PTR)
			check_text((const char *)r->data, SPFWIRE_NAME_MAX, 0x21, false);
	}
}

static void
check_message(const struct spf_message *m)
{
	switch (m->verb) {
	case SPF_CHECK:
		MUST(m->as.check.client.bits == 32 || m->as.check.client.bits == 128);
		check_text(m->as.check.helo, SPFWIRE_NAME_MAX, 0x20, true);
		check_text(m->as.check.sender, SPFWIRE_SENDER_MAX, 0x20, true);
		check_text(m->as.check.receiver, SPFWIRE_NAME_MAX, 0x21, false);
		break;
	case SPF_ASK:
		MUST(m->as.ask.type <= DNS_TXT && m->as.ask.name[0] != '\0');
		check_text(m->as.ask.name, SPFWIRE_NAME_MAX, 0x21, false);
		break;
	case SPF_ANSWER:
		check_records(&m->as.answer);
		break;
	case SPF_RESULT:
		MUST(
		    m->as.outcome.result > SPF_UNCHECKED && m->as.outcome.result < SPF_RESULTS);
		check_text(m->as.outcome.reason, SPFWIRE_REASON_MAX, 0x20, false);
		break;
	case SPF_VERBS:
		MUST(false);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static unsigned char again[SPFWIRE_MAX];
	struct spf_message m;
	uint8_t *packet;

	if (size > SPFWIRE_MAX + 1)
		return 0;
	packet = fuzz_copy(data, size);
	if (spfwire_read(&m, packet, size)) {
		check_message(&m);
		MUST(spfwire_write(again, &m) == size);
		MUST(memcmp(again, packet, size) == 0);
	}
	free(packet);
	return 0;
}
