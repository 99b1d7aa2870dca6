/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * spf/wire.c - messages between the daemon and the process that evaluates sender
 * policies.  What may be written is what may be read, by the same rules.
 */
#include "config.h"

#include "spf/wire.h"

#include <string.h>

/* A packet: verb, number, and what follows it; numbers have their highest byte
 * first, a text has its length before it and a NUL behind. */

enum text {
	TEXT_NAME,
	TEXT_QUESTION,
	TEXT_HOST,
	TEXT_HELO,
	TEXT_SENDER,
	TEXT_REASON,
	TEXT_RECORD
};

static const struct {
	size_t min, max;
	unsigned char lowest;
	bool any; /* of what is not ASCII, too */
} rules[] = {
    [TEXT_NAME] = {1, SPFWIRE_NAME_MAX, 0x21, false},
    [TEXT_QUESTION] = {1, SPFWIRE_NAME_MAX, 0x20, false},
    [TEXT_HOST] = {0, SPFWIRE_NAME_MAX, 0x21, false},
    [TEXT_HELO] = {0, SPFWIRE_NAME_MAX, 0x20, true},
    [TEXT_SENDER] = {0, SPFWIRE_SENDER_MAX, 0x20, true},
    [TEXT_REASON] = {0, SPFWIRE_REASON_MAX, 0x20, false},
    [TEXT_RECORD] = {0, DNS_RECORDS_BYTES, 0x01, true},
};

static bool
is_text(enum text kind, const unsigned char *data, size_t len)
{
	if (len < rules[kind].min || len > rules[kind].max)
		return false;
	for (size_t i = 0; i < len; i++) {
		if (data[i] < rules[kind].lowest || (data[i] > 0x7e && !rules[kind].any))
			return false;
		if (data[i] == 0x7f && kind != TEXT_RECORD)
			return false;
	}
	return kind != TEXT_SENDER || len == 0 || memchr(data, '@', len) != NULL;
}

/* What the data of a record must be: its length if it is an address, else its kind. */
static size_t
address_size(enum dns_type type)
{
	return type == DNS_A ? 4 : type == DNS_AAAA ? 16 : 0;
}

static bool
is_record(enum dns_type type, const struct dns_record *r)
{
	if (type != DNS_MX && r->preference != 0)
		return false;
	if (address_size(type) != 0)
		return r->len == address_size(type);
	return is_text(type == DNS_TXT ? TEXT_RECORD : TEXT_HOST, r->data, r->len);
}

static bool
is_client(const struct ipaddr *client)
{
	return client->bits == 32 || client->bits == 128;
}

_Static_assert(DNS_RECORDS_MAX <= UINT8_MAX, "their number is a byte");

/* No records but found ones, and no more than there is room for. */
static bool
is_count(enum dns_status status, size_t n)
{
	return n <= DNS_RECORDS_MAX && (n == 0 || status == DNS_FOUND);
}

/* --- Writing --- */

struct writer {
	unsigned char *at;
	size_t left;
	bool good;
};

static void
put_bytes(struct writer *writer, const void *data, size_t len)
{
	writer->good = writer->good && len <= writer->left;
	if (!writer->good || len == 0)
		return;
	memcpy(writer->at, data, len);
	writer->at += len;
	writer->left -= len;
}

static void
put_number(struct writer *writer, uint32_t value, unsigned size)
{
	unsigned char bytes[4];

	for (unsigned i = 0; i < size; i++)
		bytes[i] = (unsigned char)(value >> 8 * (size - 1 - i));
	put_bytes(writer, bytes, size);
}

static void
put_text(struct writer *writer, const void *data, size_t len)
{
	put_number(writer, (uint32_t)len, 2);
	put_bytes(writer, data, len);
	put_bytes(writer, "", 1);
}

static void
put_string(struct writer *writer, enum text kind, const char *text)
{
	size_t len = strnlen(text, rules[kind].max + 1);

	writer->good = writer->good && is_text(kind, (const unsigned char *)text, len);
	if (writer->good)
		put_text(writer, text, len);
}

static void
put_check(struct writer *writer, const struct spf_check *check)
{
	writer->good = writer->good && is_client(&check->client);
	put_number(writer, check->client.bits, 1);
	put_bytes(writer, check->client.byte, check->client.bits / 8);
	put_string(writer, TEXT_HELO, check->helo);
	put_string(writer, TEXT_SENDER, check->sender);
	put_string(writer, TEXT_NAME, check->receiver);
}

static void
put_ask(struct writer *writer, const struct spf_ask *ask)
{
	put_number(writer, ask->type, 1);
	put_string(writer, TEXT_QUESTION, ask->name);
}

static void
put_record(struct writer *writer, enum dns_type type, const struct dns_record *r)
{
	writer->good = writer->good && is_record(type, r);
	if (!writer->good)
		return;
	if (address_size(type) != 0) {
		put_bytes(writer, r->data, r->len);
		return;
	}
	put_number(writer, r->preference, 2);
	put_text(writer, r->data, r->len);
}

static void
put_answer(struct writer *writer, const struct spf_answer *answer)
{
	writer->good = writer->good && is_count(answer->status, answer->records.n);
	put_number(writer, answer->type, 1);
	put_number(writer, answer->status, 1);
	put_number(writer, answer->ttl, 4);
	put_number(writer, (uint32_t)answer->records.n, 1);
	for (size_t i = 0; writer->good && i < answer->records.n; i++)
		put_record(writer, answer->type, &answer->records.record[i]);
}

static void
put_outcome(struct writer *writer, const struct spf_outcome *outcome)
{
	writer->good = writer->good && outcome->result != SPF_UNCHECKED;
	put_number(writer, outcome->result, 1);
	put_string(writer, TEXT_REASON, outcome->reason);
}

size_t
spfwire_write(unsigned char packet[SPFWIRE_MAX], const struct spf_message *m)
{
	struct writer writer = {.at = packet, .left = SPFWIRE_MAX, .good = true};

	put_number(&writer, m->verb, 1);
	put_number(&writer, m->number, 4);
	switch (m->verb) {
	case SPF_CHECK:
		put_check(&writer, &m->as.check);
		break;
	case SPF_ASK:
		put_ask(&writer, &m->as.ask);
		break;
	case SPF_ANSWER:
		put_answer(&writer, &m->as.answer);
		break;
	case SPF_RESULT:
		put_outcome(&writer, &m->as.outcome);
		break;
	case SPF_VERBS:
		writer.good = false;
		break;
	}
	return writer.good ? SPFWIRE_MAX - writer.left : 0;
}

/* --- Reading --- */

struct reader {
	const unsigned char *at;
	size_t left;
	bool good;
};

/* The next bytes; where there are not as many: not good, and nothing to be read. */
static const unsigned char *
get_bytes(struct reader *reader, size_t len)
{
	const unsigned char *at = reader->at;

	reader->good = reader->good && len <= reader->left;
	if (!reader->good)
		return NULL;
	reader->at += len;
	reader->left -= len;
	return at;
}

static uint32_t
get_number(struct reader *reader, unsigned size)
{
	const unsigned char *bytes = get_bytes(reader, size);
	uint32_t value = 0;

	for (unsigned i = 0; bytes != NULL && i < size; i++)
		value = value << 8 | bytes[i];
	return value;
}

/* A number below the limit, of a set that is closed. */
static unsigned
get_choice(struct reader *reader, unsigned limit)
{
	unsigned value = get_number(reader, 1);

	reader->good = reader->good && value < limit;
	return reader->good ? value : 0;
}

/* A text and its NUL, of any bytes; "" where there is none. */
static const unsigned char *
get_text(struct reader *reader, size_t *len)
{
	const unsigned char *text;

	*len = get_number(reader, 2);
	text = get_bytes(reader, *len + 1);
	if (text != NULL && text[*len] == '\0')
		return text;
	reader->good = false;
	*len = 0;
	return (const unsigned char *)"";
}

static const char *
get_string(struct reader *reader, enum text kind)
{
	size_t len;
	const unsigned char *text = get_text(reader, &len);

	reader->good = reader->good && is_text(kind, text, len);
	return (const char *)text;
}

static void
get_check(struct reader *reader, struct spf_check *check)
{
	const unsigned char *bytes;

	check->client.bits = (uint8_t)get_number(reader, 1);
	reader->good = reader->good && is_client(&check->client);
	bytes = get_bytes(reader, check->client.bits / 8);
	if (bytes != NULL)
		memcpy(check->client.byte, bytes, check->client.bits / 8);
	check->helo = get_string(reader, TEXT_HELO);
	check->sender = get_string(reader, TEXT_SENDER);
	check->receiver = get_string(reader, TEXT_NAME);
}

static void
get_ask(struct reader *reader, struct spf_ask *ask)
{
	ask->type = (enum dns_type)get_choice(reader, DNS_TXT + 1);
	ask->name = get_string(reader, TEXT_QUESTION);
}

static void
get_record(struct reader *reader, enum dns_type type, struct dns_record *r)
{
	size_t len = address_size(type);

	if (len != 0) {
		r->data = get_bytes(reader, len);
	} else {
		r->preference = (uint16_t)get_number(reader, 2);
		r->data = get_text(reader, &len);
	}
	r->len = (uint16_t)len;
	reader->good = reader->good && is_record(type, r);
}

static void
get_answer(struct reader *reader, struct spf_answer *answer)
{
	size_t n;

	answer->type = (enum dns_type)get_choice(reader, DNS_TXT + 1);
	answer->status = (enum dns_status)get_choice(reader, DNS_TIMEOUT + 1);
	answer->ttl = get_number(reader, 4);
	n = get_number(reader, 1);
	reader->good = reader->good && is_count(answer->status, n);
	for (size_t i = 0; reader->good && i < n; i++)
		get_record(reader, answer->type, &answer->records.record[i]);
	answer->records.n = n;
}

static void
get_outcome(struct reader *reader, struct spf_outcome *outcome)
{
	outcome->result = (enum spf_result)get_choice(reader, SPF_RESULTS);
	reader->good = reader->good && outcome->result != SPF_UNCHECKED;
	outcome->reason = get_string(reader, TEXT_REASON);
}

bool
spfwire_read(struct spf_message *m, const unsigned char *packet, size_t len)
{
	struct reader reader = {.at = packet, .left = len, .good = len <= SPFWIRE_MAX};

	*m = (struct spf_message){.verb = (enum spf_verb)get_choice(&reader, SPF_VERBS)};
	m->number = get_number(&reader, 4);
	if (!reader.good)
		return false;
	switch (m->verb) {
	case SPF_CHECK:
		get_check(&reader, &m->as.check);
		break;
	case SPF_ASK:
		get_ask(&reader, &m->as.ask);
		break;
	case SPF_ANSWER:
		get_answer(&reader, &m->as.answer);
		break;
	case SPF_RESULT:
		get_outcome(&reader, &m->as.outcome);
		break;
	case SPF_VERBS:
		return false;
	}
	return reader.good && reader.left == 0;
}
