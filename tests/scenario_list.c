/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * scenario_list.c - lists that hold whole crowds of clients, and tell the truth or
 * lie.
 */
#include "config.h"

#include "scenario.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/strbuf.h"
#include "fakes/fake_dns.h"
#include "fakes/fake_entropy.h"

#define ZONES_MAX 16
#define ZONE_SIZE 64
#define CODE_USUAL 0x7f000002
#define TTL_USUAL 300
#define SILENCE_MS 10000 /* after which the resolver gives up */

/* Of whom a list says that it has them. */
enum holds { HOLDS_NOBODY, HOLDS_GOOD, HOLDS_BAD, HOLDS_ALL };

/* What a list does. */
struct manner {
	enum dns_status status; /* DNS_FOUND: it answers */
	enum holds holds;
	bool tests; /* its test entries are right, whomever it holds */
	uint32_t code, ttl;
	unsigned liar_of; /* one question in so many goes to a server that lies; 0: none */
	uint32_t liar_code;
	int64_t after_ms;
};

static struct zone {
	char name[ZONE_SIZE];
	struct manner now, next;
	int64_t next_at; /* in clock_ms(): when it begins to do otherwise */
	uint32_t dice;
} zones[ZONES_MAX];

static size_t nzones;
static uint32_t seed;

/* Whom a name of the zone is about: "4.3.2.1." or 32 nibbles, before the zone. */
static enum whom
whom(const char *name, size_t len)
{
	uint8_t b[16];
	unsigned v4[4], nibble;
	int end = 0;

	if (len == 64) {
		for (size_t i = 0; i < 32; i++) {
			if (sscanf(name + 62 - 2 * i, "%1x", &nibble) != 1)
				return WHOM_OTHER;
			b[i / 2] = (uint8_t)(b[i / 2] << 4 | nibble);
		}
		return person_of(b, true);
	}
	if (sscanf(name, "%u.%u.%u.%u.%n", &v4[3], &v4[2], &v4[1], &v4[0], &end) != 4 ||
	    (size_t)end != len)
		return WHOM_OTHER;
	for (size_t i = 0; i < 4; i++)
		b[i] = (uint8_t)v4[i];
	return person_of(b, false);
}

static bool
is_held(const struct manner *m, enum whom w)
{
	if (m->tests && (w == WHOM_ENTRY || w == WHOM_NO_ENTRY || w == WHOM_OTHER))
		return w == WHOM_ENTRY;
	switch (m->holds) {
	case HOLDS_NOBODY:
		return false;
	case HOLDS_GOOD:
		return w == WHOM_GOOD;
	case HOLDS_BAD:
		return w == WHOM_BAD;
	case HOLDS_ALL:
		break;
	}
	return true;
}

static void
say_code(struct dns_reply *reply, uint32_t code, uint32_t ttl)
{
	*reply = (struct dns_reply){.status = DNS_FOUND, .ttl = ttl, .n = 1};
	reply->address[0] = code;
}

/* A name that is listed is there for other types, too, without records of them. */
static void
say_nothing(struct dns_reply *reply)
{
	if (reply->status != DNS_FOUND)
		return;
	*reply = fake_dns_reply(DNS_ABSENT);
	reply->rcode = DNS_NOERROR;
}

static void
ask_zone(
    struct zone *z, enum dns_type type, enum whom w, struct dns_reply *reply, int64_t *after_ms)
{
	const struct manner *m;

	if (clock_ms() >= z->next_at)
		z->now = z->next;
	m = &z->now;
	z->dice = z->dice * 1664525 + 1013904223; /* the same in every run */
	*after_ms = m->after_ms;
	*reply = fake_dns_reply(DNS_ABSENT);
	reply->ttl = m->ttl;
	if (m->status != DNS_FOUND)
		*reply = fake_dns_reply(m->status);
	else if (m->liar_of > 0 && (z->dice >> 16) % m->liar_of == 0)
		say_code(reply, m->liar_code, m->ttl);
	else if (is_held(m, w))
		say_code(reply, m->code, m->ttl);
	if (type != DNS_A)
		say_nothing(reply);
}

static void
play(enum dns_type type, const char *name, struct dns_reply *reply, int64_t *after_ms)
{
	size_t len = strlen(name);

	for (size_t i = 0; i < nzones; i++) {
		size_t zone = strlen(zones[i].name);

		if (len > zone + 1 && strcasecmp(name + len - zone, zones[i].name) == 0 &&
		    name[len - zone - 1] == '.')
			ask_zone(&zones[i], type, whom(name, len - zone), reply, after_ms);
	}
}

static uint32_t
read_code(const struct scenario *s, const char *text)
{
	struct in_addr in;

	if (text == NULL || inet_pton(AF_INET, text, &in) != 1)
		broken(s, "not an A record:", text != NULL ? text : s->whole);
	return ntohl(in.s_addr);
}

/* "silent" or "servfail"; whether it was one of these. */
static bool
read_failure(const char *word, enum dns_status *status, int64_t *after_ms)
{
	if (strcmp(word, "silent") == 0) {
		*status = DNS_TIMEOUT;
		*after_ms = SILENCE_MS;
		return true;
	}
	*status = strcmp(word, "servfail") == 0 ? DNS_FAILED : DNS_FOUND;
	return *status == DNS_FAILED;
}

static enum holds
read_holds(struct scenario *s)
{
	static const struct {
		const char *word;
		enum holds holds;
	} words[] = {{"nobody", HOLDS_NOBODY}, {"good", HOLDS_GOOD}, {"bad", HOLDS_BAD},
	    {"all", HOLDS_ALL}};
	const char *word = need_word(s);

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(words[i].word, word) == 0)
			return words[i].holds;
	broken(s, "a list cannot hold", word);
}

/* What stands behind the manner of a list; *at gets when it begins. */
static void
read_manner_words(struct scenario *s, struct manner *m, int64_t *at)
{
	const char *word;

	while ((word = next_word(&s->rest)) != NULL) {
		if (strcmp(word, "as") == 0) {
			m->code = read_code(s, next_word(&s->rest));
		} else if (strcmp(word, "but") == 0) { /* "but tests" */
			m->tests = strcmp(need_word(s), "tests") == 0;
		} else if (strcmp(word, "liar") == 0) {
			if (sscanf(need_word(s), "1/%u", &m->liar_of) != 1)
				broken(s, "a liar is 1/N in", s->whole);
			m->liar_code = read_code(s, next_word(&s->rest));
		} else if (strcmp(word, "ttl") == 0) {
			m->ttl = (uint32_t)strtoul(need_word(s), NULL, 10);
		} else if (strcmp(word, "after") == 0) {
			m->after_ms = duration(s, need_word(s));
		} else if (strcmp(word, "in") == 0) {
			*at = clock_ms() + duration(s, need_word(s));
		} else {
			broken(s, "no such word here:", word);
		}
	}
}

static struct zone *
zone_of(struct scenario *s, const char *name)
{
	for (size_t i = 0; i < nzones; i++)
		if (strcmp(zones[i].name, name) == 0)
			return &zones[i];
	if (nzones == ZONES_MAX || !strbuf_copy(zones[nzones].name, ZONE_SIZE, name))
		broken(s, "too many or too long zones:", name);
	zones[nzones].dice = seed * 2654435761; /* far apart for seeds that are not */
	return &zones[nzones++];
}

/*
 * "list ZONE lists WHOM", "list ZONE answers ADDRESS", "list ZONE silent", each
 * with more words.  A list of the bad or the good has its test entries; where all
 * are listed or nobody is, they are not right unless it is "but tests".
 */
void
do_list(struct scenario *s)
{
	struct zone *z = zone_of(s, need_word(s));
	struct manner m = {
	    .status = DNS_FOUND, .code = CODE_USUAL, .ttl = TTL_USUAL, .after_ms = 1};
	const char *word = need_word(s);

	if (strcmp(word, "lists") == 0) {
		m.holds = read_holds(s);
		m.tests = m.holds == HOLDS_GOOD || m.holds == HOLDS_BAD;
	} else if (strcmp(word, "answers") == 0) {
		m.holds = HOLDS_ALL;
		m.code = read_code(s, next_word(&s->rest));
	} else if (!read_failure(word, &m.status, &m.after_ms)) {
		broken(s, "a list does not", word);
	}
	z->next_at = clock_ms();
	read_manner_words(s, &m, &z->next_at);
	z->next = m;
	fake_dns_play(play);
	crowd_turn(s, z->next_at);
}

/* "seed N": whom the liars of lists named from now on lie to, and all that is drawn. */
void
do_seed(struct scenario *s)
{
	seed = (uint32_t)strtoul(need_word(s), NULL, 10);
	fake_entropy_seed(seed);
}
