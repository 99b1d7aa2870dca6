/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Replies from names, texts and URLs of any length and any bytes: URLs are whole or
 * away, and only lines that an MTA will pass on come out.
 */
#include "config.h"

#include "verdict/reply.h"

#include <stdlib.h>

#include "fakes/reply_check.h"
#include "fakes/reply_scene.h"
#include "tap.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define ROUNDS 4000
#define NOISE 700 /* bytes of noise, longer than any line */
#define REF "7F3K2Q9M"
#define LONGEST6 "2001:db8:1234:5678:9abc:def0:1234:5678"
#define LONGEST6_URL "2001%3Adb8%3A1234%3A5678%3A9abc%3Adef0%3A1234%3A5678"

static size_t longest_first, longest_total; /* seen so far */

/* Build the reply, and say what is wrong with it. */
static bool
build(struct scene *s, const char *url)
{
	unsigned lines = s->facts.lines == 1 ? 1 : REPLY_LINES;
	const char *fault;

	memset(&s->reply, 0xff, sizeof(s->reply));
	reply_build(&s->reply, &s->facts);
	fault = reply_fault(&s->reply, lines, REF, url);
	if (fault != NULL) {
		printf("# %s: %s\n", fault, s->reply.line[0]);
		return false;
	}
	if (reply_size(&s->reply, 0) > longest_first)
		longest_first = reply_size(&s->reply, 0);
	if (reply_total(&s->reply) > longest_total)
		longest_total = reply_total(&s->reply);
	return true;
}

/* A text of so many bytes of one kind. */
static char *
fill(char *out, char c, size_t len)
{
	memset(out, c, len);
	out[len] = '\0';
	return out;
}

/* Names of lists, domains and URLs, long by themselves and together. */
static void
test_long(void)
{
	static const struct {
		const char *label, *client;
		size_t name, domain, url; /* bytes */
		const char *first;        /* as it is sent; u stands for the URL */
		bool second;              /* it is the second line that has the URL */
	} rows[] = {
	    {"an IPv6 address", LONGEST6, 12, 10, 40,
		"Mail from [" LONGEST6 "] is refused: the sender domain dddddddddd has sent "
		"spam, says nnnnnnnnnnnn. u Ref " REF,
		false},
	    {"an IPv6 address and a URL", LONGEST6, 12, 10, 60,
		"Mail from [" LONGEST6 "] is refused: the sender domain dddddddddd has sent "
		"spam. u Ref " REF,
		false},
	    {"the name of a list", "198.51.100.7", 64, 10, 60,
		"Mail from [198.51.100.7] is refused: the sender domain dddddddddd has sent "
		"spam. u Ref " REF,
		false},
	    {"a domain", "198.51.100.7", 12, 253, 40,
		"Mail from [198.51.100.7] is refused: the sender domain has sent spam. u "
		"Ref " REF,
		false},
	    {"a URL", "198.51.100.7", 4, 10, 106,
		"Mail from [198.51.100.7] is refused: the sender domain has sent spam. u "
		"Ref " REF,
		false},
	    {"a URL too long for the first line", "198.51.100.7", 4, 10, 107,
		"Mail from [198.51.100.7] is refused: the sender domain dddddddddd has sent "
		"spam, says nnnn. Ref " REF,
		true},
	    {"the longest URL", "198.51.100.7", 4, 10, 418,
		"Mail from [198.51.100.7] is refused: the sender domain dddddddddd has sent "
		"spam, says nnnn. Ref " REF,
		false},
	    {"all of it", LONGEST6, 64, 253, 300,
		"Mail from [" LONGEST6 "] is refused: the sender domain has sent spam. "
		"Ref " REF,
		true},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		char name[100], domain[300], url[500], want[REPLY_LINE_MAX];
		const char *u = strstr(rows[i].first, " u ");
		struct scene scene, *s = scene_begin(&scene);

		ok(ipaddr_parse(&s->client, rows[i].client), "%s", rows[i].label);
		s->answer[0].category = CATEGORY_SPAM_SOURCE;
		s->list[0].role = ROLE_SENDER;
		s->list[0].name = fill(name, 'n', rows[i].name);
		s->list[0].removal = fill(url, 'u', rows[i].url);
		s->facts.domain_of[ROLE_SENDER] = fill(domain, 'd', rows[i].domain);
		ok(build(s, url), "%s: within its bounds", rows[i].label);
		snprintf(want, sizeof(want), "%.*s%s%s",
		    u != NULL ? (int)(u - rows[i].first) + 1 : 1000, rows[i].first,
		    u != NULL ? url : "", u != NULL ? u + 2 : "");
		same_str(s->reply.line[0], want, rows[i].label);
		ok((strstr(s->reply.line[1], url) != NULL) == rows[i].second,
		    "%s: the URL in the second line", rows[i].label);
	}
}

/* A URL with the longest address encoded in it, and one that does not fit at all. */
static void
test_long_url(void)
{
	struct scene scene, *s = scene_begin(&scene);
	char url[600];

	ok(ipaddr_parse(&s->client, LONGEST6), "the longest address");
	ok(build(s, "https://check.example/?q=" LONGEST6_URL), "in a URL");
	ok(strstr(s->reply.line[0], "is an open proxy. https://check.example/?q=2001%%3A") !=
		NULL,
	    "in the first line");
	snprintf(s->removal, sizeof(s->removal),
	    "https://check.example/a-longer-one/for-the-second-line/%%{ip}");
	ok(build(s, "https://check.example/a-longer-one/for-the-second-line/" LONGEST6_URL),
	    "a longer URL");
	ok(strstr(s->reply.line[0], "check") == NULL &&
		strstr(s->reply.line[1], "again. To be removed: https://check") != NULL,
	    "a longer URL: in the second line, behind the advice");
	s->list[0].removal = fill(url, 'u', 419);
	ok(build(s, NULL) && strstr(s->reply.line[1], "uu") == NULL, "a URL one byte too long");
	same_str(s->reply.line[2], SCENE_TELL "[" LONGEST6 "] is refused." SCENE_REF,
	    "no URL in the last line");
	s->facts.lines = 1;
	ok(build(s, NULL) && s->reply.n == 1, "one line");
}

/* Each category of each kind of list and each result of SPF, with what is longest. */
static void
test_words(void)
{
	static const enum action actions[] = {ACTION_REFUSE, ACTION_DEFER, ACTION_DROP};
	static char url[] = "https://check.spamhaus.org/query/ip/%{ip}";
	static char policy_domain[254];
	unsigned right = 0, whole = 0, n = 0;

	fill(policy_domain, 'p', sizeof(policy_domain) - 1);
	for (unsigned i = 0; i < (CATEGORY_MAX * ROLES + SPF_RESULTS) * 12; i++) {
		unsigned what = i / 12;
		struct scene scene, *s = scene_begin(&scene);

		right += ipaddr_parse(&s->client, i % 2 == 0 ? LONGEST6 : "198.51.100.200");
		s->verdict.action = actions[i / 2 % 3];
		s->policy.drop_code = 421;
		s->verdict.softened = s->verdict.action == ACTION_DEFER && i / 6 % 2 == 1;
		s->policy.exempt = s->exempt;
		s->policy.nexempt = 1;
		s->facts.domain = policy_domain;
		s->list[0].removal = url;
		s->answer[0].category = (enum category)(what % CATEGORY_MAX);
		s->list[0].role = (enum role)(what / CATEGORY_MAX % ROLES);
		s->facts.domain_of[s->list[0].role] = policy_domain;
		if (what >= CATEGORY_MAX * ROLES) {
			s->verdict.reason = REASON_SPF;
			s->verdict.spf = (enum spf_result)(what - CATEGORY_MAX * ROLES);
			s->policy.spf[s->verdict.spf].effect = SPF_REFUSE;
			s->verdict.loudest = NULL;
			s->verdict.nhits = 0;
		}
		n++;
		right += build(s, NULL);
		whole += s->reply.n == 2 || strstr(s->reply.line[1], "...") == NULL;
	}
	same_num(right, 2 * n, "all words: within the bounds");
	same_num(whole, n, "all words: no advice is cut");
}

/* Names of any length: the line says all of it, or less, but is never cut. */
static void
test_softened_length(void)
{
	struct scene scene, *s = scene_begin(&scene);
	char name[REPLY_LINE_MAX + 100];
	bool whole = true;

	s->verdict.softened = true;
	s->verdict.action = ACTION_DEFER;
	s->verdict.nhits = 2;
	s->list[0].name = name;
	for (size_t len = 1; len < sizeof(name); len++) {
		fill(name, 'n', len - 1);
		whole &=
		    build(s, SCENE_URL) && strstr(s->reply.line[0], ". " SCENE_URL) != NULL;
	}
	ok(whole, "softened: every line has an end");
	same_str(s->reply.line[0],
	    "Mail from [198.51.100.7] is not accepted now, pending a check: it is an open "
	    "proxy." SCENE_END,
	    "softened: a name too long is left out");
}

/* A text from outside that is too long is cut between two words, and a URL in it is
 * not. */
static void
test_long_text(bool own)
{
	static const char url[] = "https://mx.example/a-long-story";
	struct scene scene, *s = scene_begin(&scene);
	char text[600];
	unsigned whole = 0, cut = 0, away = 0, right = 0;

	for (size_t before = 10; before < 210; before++) {
		const char *line = s->reply.line[0], *at;

		fill(text, 'w', before);
		snprintf(text + before, sizeof(text) - before, " %s and more words", url);
		s->policy.text = own ? text : NULL;
		if (!own) {
			scene_deny(s, text);
			s->facts.deny_removal = s->removal;
		}
		right += build(s, SCENE_URL) && s->reply.n == 2;
		at = strstr(line, "https://mx");
		whole += at != NULL && strstr(line, url) == at && at[strlen(url)] == ' ';
		away += at == NULL;
		cut += strstr(line, " ..." SCENE_END) != NULL;
	}
	ok(whole + away == 200 && whole > 0 && away > 0, "a URL in a text: whole or away");
	same_num(right, 200, "a long text: within the bounds");
	ok(cut > 0 && cut < 200, "a text that was cut says so");
}

static void
test_long_word(void)
{
	struct scene scene, *s = scene_begin(&scene);
	char text[600];

	scene_deny(s, fill(text, '%', sizeof(text) - 1));
	ok(build(s, NULL), "a word too long: within the bounds");
	same_str(s->reply.line[0],
	    "Mail from [198.51.100.7] is refused by the rules of this server: ..." SCENE_REF,
	    "a reason of one word that is too long");
}

/* A second line of one's own that ends in a URL has the reference behind it, or not
 * that URL. */
static void
test_long_second(void)
{
	static const char begin[] = "One.\nTwo ", url[] = " https://help.example/a";
	struct scene scene, *s = scene_begin(&scene);
	char text[600];
	unsigned right = 0, whole = 0;

	s->list[0].removal = NULL;
	s->policy.text = text;
	for (size_t words = 400; words < 470; words++) {
		memcpy(text, begin, sizeof(begin));
		fill(text + strlen(begin), 'w', words);
		memcpy(text + strlen(begin) + words, url, sizeof(url));
		right += build(s, NULL) && s->reply.n == 3;
		whole += strstr(s->reply.line[1], " https://help.example/a Ref " REF) != NULL;
	}
	same_num(right, 70, "a second line: within the bounds");
	ok(whole > 0 && whole < 70, "a second line: whole, or without the URL");
}

/* Noise with a leaning towards what is special here; NULL at times. */
static char *
noise(char out[NOISE], bool may_lack)
{
	static const char *const special[] = {"%", "%{ip}", "%{list}", "%{ref}", "%{category}",
	    "%{", "\n", "\r", " ", "http://x/"};
	size_t len = (size_t)rand() % (rand() % 4 == 0 ? NOISE - 16 : 60), at = 0;

	if (may_lack && rand() % 4 == 0)
		return NULL;
	while (at < len) {
		const char *word = special[(size_t)rand() % COUNT(special)];

		if (rand() % 3 == 0) {
			memcpy(out + at, word, strlen(word));
			at += strlen(word);
		} else {
			out[at++] = (char)(rand() % 255 + 1);
		}
	}
	out[at] = '\0';
	return out;
}

static void
test_noise(void)
{
	char text[8][NOISE];
	unsigned clean = 0;

	srand(20);
	for (unsigned i = 0; i < ROUNDS; i++) {
		struct scene scene, *s = scene_begin(&scene);

		s->answer[0].category = (enum category)(rand() % CATEGORY_MAX);
		s->verdict.action = rand() % 2 == 0 ? ACTION_REFUSE : ACTION_DEFER;
		s->verdict.nhits = (unsigned)(rand() % SCENE_LISTS) + 1;
		s->answer[0].name = noise(text[0], true);
		s->answer[0].text = noise(text[1], true);
		s->list[0].label = noise(text[2], false);
		s->list[0].name = noise(text[3], true);
		s->list[0].removal = noise(text[4], true);
		s->policy.text = noise(text[5], true);
		s->facts.domain = noise(text[6], true);
		s->policy.exempt = s->exempt;
		s->policy.nexempt = 1;
		if (rand() % 3 == 0) {
			scene_deny(s, noise(text[7], true));
			s->verdict.action = ACTION_REFUSE;
			s->facts.deny_removal = s->list[0].removal;
		}
		s->facts.lines = rand() % 4 == 0 ? 1 : REPLY_LINES;
		clean += build(s, NULL);
	}
	same_num(clean, ROUNDS, "noise in every input: within the bounds, and clean");
}

int
main(void)
{
	test_long();
	test_long_url();
	test_words();
	test_softened_length();
	test_long_text(false);
	test_long_text(true);
	test_long_word();
	test_long_second();
	test_noise();
	printf("# the longest: %zu bytes first, %zu together\n", longest_first, longest_total);
	return done();
}
