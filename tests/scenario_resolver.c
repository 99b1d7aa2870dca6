/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * scenario_resolver.c - the resolver between relayguard and the lists: whether it
 * is there, rewrites what it gets, has a cache; the directives "resolver",
 * "resolves" and "reached".
 */
#include "config.h"

#include "scenario.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/strbuf.h"
#include "dns/dns.h"
#include "fakes/fake_loop.h"
#include "fakes/fake_resolver.h"
#include "loop/loop.h"

#define STALE_TTL 30      /* seconds (RFC 8767) */
#define PATIENCE_MS 20000 /* for an answer */

static struct fake_resolver resolver;

void
resolver_cached(void)
{
	resolver.caches = true;
	fake_resolver_use(&resolver);
}

static uint32_t
need_seconds(struct scenario *s)
{
	return (uint32_t)strtoul(need_word(s), NULL, 10);
}

static enum fake_stale
need_stale(struct scenario *s)
{
	const char *word = need_word(s);

	if (strcmp(word, "first") == 0)
		return FAKE_STALE_FIRST;
	if (strcmp(word, "gone") != 0)
		broken(s, "a stale answer is given first or gone, not", word);
	return FAKE_STALE_GONE;
}

/*
 * "caches [negative-ttl N] [no-soa N] [shares-soa] [minimises]
 *  [stale first|gone [records] [ttl N] [for TIME]]"
 */
static void
read_cache(struct scenario *s)
{
	const char *word;

	resolver = (struct fake_resolver){.caches = true, .stale_ttl = STALE_TTL};
	while ((word = next_word(&s->rest)) != NULL) {
		if (strcmp(word, "negative-ttl") == 0)
			resolver.negative_ttl = need_seconds(s);
		else if (strcmp(word, "no-soa") == 0)
			resolver.no_soa_ttl = need_seconds(s);
		else if (strcmp(word, "stale") == 0)
			resolver.stale = need_stale(s);
		else if (strcmp(word, "records") == 0)
			resolver.stale_records = true;
		else if (strcmp(word, "shares-soa") == 0)
			resolver.shares_soa = true;
		else if (strcmp(word, "ttl") == 0)
			resolver.stale_ttl = need_seconds(s);
		else if (strcmp(word, "for") == 0)
			resolver.stale_ms = duration(s, need_word(s));
		else if (strcmp(word, "minimises") == 0)
			resolver.minimises = true;
		else
			broken(s, "a cache has no", word);
	}
}

static void
read_rewrite(struct scenario *s)
{
	const char *word = need_word(s);
	struct in_addr in;

	if (inet_pton(AF_INET, word, &in) != 1)
		broken(s, "not an A record:", word);
	resolver.rewrite = ntohl(in.s_addr);
}

/* "fine", "silent", "servfail", "rewrites ADDRESS": with its cache, if it has one. */
static void
read_mood(struct scenario *s, const char *word)
{
	resolver.status = DNS_FOUND;
	resolver.rewrite = 0;
	if (strcmp(word, "silent") == 0)
		resolver.status = DNS_TIMEOUT;
	else if (strcmp(word, "servfail") == 0)
		resolver.status = DNS_FAILED;
	else if (strcmp(word, "rewrites") == 0)
		read_rewrite(s);
	else if (strcmp(word, "fine") != 0)
		broken(s, "a resolver does not do", word);
}

void
do_resolver(struct scenario *s)
{
	const char *word = need_word(s);

	if (strcmp(word, "caches") == 0)
		read_cache(s);
	else
		read_mood(s, word);
	fake_resolver_use(&resolver);
	crowd_turn(s, clock_ms());
}

/* "reached NAME N" */
void
do_reached(struct scenario *s)
{
	const char *name = need_word(s);

	check_num(s, fake_resolver_reached(name), need_word(s));
}

/* What came of a question. */
struct heard {
	bool done;
	struct dns_reply reply;
};

static void
hear(void *arg, const struct dns_reply *reply)
{
	struct heard *heard = arg;

	heard->done = true;
	heard->reply = *reply;
}

/* Ask as another program beside the daemon does. */
static struct dns_reply
ask(const struct scenario *s, const char *name)
{
	struct heard heard = {.reply = {.status = DNS_TIMEOUT}};
	struct loop *loop = loop_new();
	struct dns *dns = dns_new(loop, NULL, NULL, 0);

	if (dns == NULL)
		broken(s, "out of memory for", name);
	dns_ask(dns, name, hear, &heard);
	fake_loop_turn(loop);
	for (int64_t ms = 0; !heard.done && ms < PATIENCE_MS; ms++)
		fake_loop_pass(loop, 1);
	dns_free(dns);
	loop_free(loop);
	return heard.reply;
}

static void
describe(const struct dns_reply *reply, struct strbuf *sb)
{
	char text[INET_ADDRSTRLEN];

	switch (reply->status) {
	case DNS_FOUND:
		for (size_t i = 0; i < reply->n; i++) {
			struct in_addr in = {.s_addr = htonl(reply->address[i])};

			strbuf_addf(sb, "%s%s", i > 0 ? "," : "",
			    inet_ntop(AF_INET, &in, text, sizeof(text)));
		}
		break;
	case DNS_ABSENT:
		strbuf_add(sb, "absent");
		break;
	case DNS_FAILED:
		strbuf_add(sb, "servfail");
		break;
	case DNS_TIMEOUT:
		strbuf_add(sb, "silent");
		break;
	}
}

/* "ttl 30" is exact, "ttl ~30" may be a second off; without it any will do. */
static bool
fits_ttl(struct scenario *s, uint32_t ttl)
{
	const char *want;
	long off;

	if (next_word(&s->rest) == NULL)
		return true;
	want = need_word(s);
	off = strtol(want + (*want == '~'), NULL, 10) - (long)ttl;
	return *want == '~' ? off >= -1 && off <= 1 : off == 0;
}

/* "resolves NAME 127.0.0.2 ttl 300", "resolves NAME absent ttl ~60", "servfail", "silent" */
void
do_resolves(struct scenario *s)
{
	const char *name = need_word(s), *want = need_word(s);
	struct dns_reply reply = ask(s, name);
	char got[256];
	struct strbuf sb;
	bool fits;

	strbuf_init(&sb, got, sizeof(got));
	describe(&reply, &sb);
	fits = strcmp(got, want) == 0;
	strbuf_addf(&sb, " ttl %u", reply.ttl);
	check(s, fits_ttl(s, reply.ttl) && fits, want, got);
}
