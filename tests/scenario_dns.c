/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * scenario_dns.c - what DNS says in a scenario, and what it was asked: the
 * directives "dns" and "asked".
 */
#include "config.h"

#include "scenario.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "fakes/fake_dns.h"

#define TTL_USUAL 300

struct said {
	struct dns_reply reply;
	int64_t after_ms;
};

static bool
read_type(const char *word, enum dns_type *type)
{
	static const char *const types[] = {[DNS_A] = "A",
	    [DNS_AAAA] = "AAAA",
	    [DNS_MX] = "MX",
	    [DNS_PTR] = "PTR",
	    [DNS_TXT] = "TXT"};

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (strcmp(word, types[i]) == 0) {
			*type = (enum dns_type)i;
			return true;
		}
	return false;
}

/* An answer without records; false: the word is none. */
static bool
read_lack(const char *word, struct said *a)
{
	static const struct {
		const char *word;
		enum dns_status status;
		enum dns_rcode rcode;
		bool soa;
		int64_t after_ms;
	} lacks[] = {
	    {"nxdomain", DNS_ABSENT, DNS_NXDOMAIN, true, 1},
	    {"nxdomain-without-soa", DNS_ABSENT, DNS_NXDOMAIN, false, 1},
	    {"nodata", DNS_ABSENT, DNS_NOERROR, true, 1},
	    {"nodata-without-soa", DNS_FAILED, DNS_NOERROR, false, 1},
	    {"servfail", DNS_FAILED, DNS_SERVFAIL, false, 1},
	    {"refused", DNS_FAILED, DNS_REFUSED, false, 1},
	    {"silent", DNS_TIMEOUT, DNS_NO_RCODE, false, 10000},
	};

	for (size_t i = 0; i < sizeof(lacks) / sizeof(lacks[0]); i++) {
		if (strcmp(word, lacks[i].word) != 0)
			continue;
		a->reply = (struct dns_reply){
		    .status = lacks[i].status, .rcode = lacks[i].rcode, .soa = lacks[i].soa};
		if (lacks[i].soa)
			a->reply.ttl = TTL_USUAL;
		a->after_ms = lacks[i].after_ms;
		return true;
	}
	return false;
}

static void
read_address(const struct scenario *s, const char *text, struct dns_reply *reply)
{
	struct in_addr in;

	if (reply->n == DNS_ADDRESSES || inet_pton(AF_INET, text, &in) != 1)
		broken(s, "not an A record:", text);
	reply->address[reply->n++] = ntohl(in.s_addr);
}

/* A name without its last dot. */
static void
read_name(struct dns_room *room, enum dns_type type, uint16_t preference, const char *name)
{
	size_t len = strlen(name);

	if (len > 0 && name[len - 1] == '.')
		len--;
	dnsrecord_keep(room, type, preference, name, len);
}

static void
read_exchange(const struct scenario *s, const char *text, struct dns_room *room)
{
	char *name;
	unsigned long preference = strtoul(text, &name, 10);

	if (name == text || *name != ':' || preference > UINT16_MAX)
		broken(s, "not an MX record, as 10:mx.example:", text);
	read_name(room, DNS_MX, (uint16_t)preference, name + 1);
}

static void
read_value(const struct scenario *s, enum dns_type type, const char *text,
    struct dns_reply *reply, struct dns_room *room)
{
	unsigned char address[16];

	switch (type) {
	case DNS_A:
		read_address(s, text, reply);
		break;
	case DNS_AAAA:
		if (inet_pton(AF_INET6, text, address) != 1)
			broken(s, "not an AAAA record:", text);
		dnsrecord_keep(room, type, 0, address, sizeof(address));
		break;
	case DNS_MX:
		read_exchange(s, text, room);
		break;
	case DNS_PTR:
		read_name(room, type, 0, text);
		break;
	case DNS_TXT:
		dnsrecord_keep(room, type, 0, text, strlen(text));
		break;
	}
}

/* "...","..." with escapes in them; what follows stays in rest. */
static void
read_texts(struct scenario *s, struct dns_room *room)
{
	char *end = s->rest, *text;

	do {
		char *begin = end + strspn(end, ", \t");

		if (*begin != '"' || (end = strchr(begin + 1, '"')) == NULL)
			broken(s, "a TXT record is in quotes:", begin);
		*end++ = '\0';
		text = unescape(s, begin + 1);
		read_value(s, DNS_TXT, text, NULL, room);
		free(text);
	} while (*end == ',');
	s->rest = end;
}

static void
read_values(struct scenario *s, enum dns_type type, char *text, struct dns_reply *reply,
    struct dns_room *room)
{
	char *save;

	for (char *v = strtok_r(text, ",", &save); v != NULL; v = strtok_r(NULL, ",", &save))
		read_value(s, type, v, reply, room);
}

/* What stands behind the type: its records, or why there are none. */
static void
read_records(struct scenario *s, enum dns_type type, struct said *a, struct dns_room *room)
{
	char *word;

	*a = (struct said){{.status = DNS_FOUND, .ttl = TTL_USUAL}, 1};
	dnsrecord_clear(room);
	if (type != DNS_A)
		a->reply.records = &room->records;
	s->rest += strspn(s->rest, " \t");
	if (type == DNS_TXT && *s->rest == '"') {
		read_texts(s, room);
		return;
	}
	word = need_word(s);
	if (read_lack(word, a)) {
		if (a->reply.status == DNS_ABSENT)
			broken(s, "of no one type:", word);
		return;
	}
	if (type == DNS_TXT)
		broken(s, "a TXT record is in quotes:", word);
	read_values(s, type, word, &a->reply, room);
}

void
do_dns(struct scenario *s)
{
	static struct dns_room room;
	const char *name = need_word(s), *kind = need_word(s), *server = NULL, *key;
	enum dns_type type;
	bool one = read_type(kind, &type);
	struct said a;

	if (one)
		read_records(s, type, &a, &room);
	else if (!read_lack(kind, &a))
		broken(s, "no such answer of DNS:", kind);
	while ((key = next_word(&s->rest)) != NULL) {
		if (strcmp(key, "ttl") == 0)
			a.reply.ttl = (uint32_t)strtoul(need_word(s), NULL, 10);
		else if (strcmp(key, "after") == 0)
			a.after_ms = duration(s, need_word(s));
		else if (strcmp(key, "from") == 0)
			server = need_word(s);
		else if (strcmp(key, "signed") == 0)
			a.reply.is_signed = true;
		else
			broken(s, "no such word here:", key);
	}
	if (!(one ? fake_dns_teach_type(type, name, server, &a.reply, a.after_ms)
		  : fake_dns_teach(name, server, &a.reply, a.after_ms)))
		broken(s, "too much for the fake DNS:", name);
}

/* "asked NAME 2", "asked NAME TXT 1". */
void
do_asked(struct scenario *s)
{
	const char *name = need_word(s), *word = need_word(s);
	enum dns_type type;

	if (read_type(word, &type))
		check_num(s, fake_dns_asked_type(type, name), need_word(s));
	else
		check_num(s, fake_dns_asked(name), word);
}
