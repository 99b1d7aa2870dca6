/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Replies: each category has its own words, URLs are whole or away, and
 * whatever bytes come in, only lines that an MTA will pass on come out.
 */
#include "config.h"

#include "reply.h"

#include <stdlib.h>

#include "tap.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define LISTS 3
#define ROUNDS 4000
#define NOISE 700 /* bytes of noise, longer than any line */
#define LAST "Not the server's administrator? Send this text to whoever is. Ref 7F3K2Q9M"

/* All that a reply is made from, ready to be changed by a test. */
struct scene {
	struct ipaddr client;
	struct answer answer[LISTS];
	struct listing list[LISTS];
	struct roster roster;
	struct policy policy;
	struct verdict verdict;
	struct reply_facts facts;
	struct reply reply;
	char label[LISTS][16], name[32], removal[64], postmaster[16];
	char *exempt[1];
};

/* One list speaks of 198.51.100.7, as in the manual. */
static struct scene *
begin(void)
{
	struct scene *s = calloc(1, sizeof(*s));

	if (s == NULL || !ipaddr_parse(&s->client, "198.51.100.7"))
		abort();
	snprintf(s->name, sizeof(s->name), "Spamhaus XBL");
	snprintf(s->removal, sizeof(s->removal), "https://check.example/?q=%%{ip}");
	snprintf(s->postmaster, sizeof(s->postmaster), "postmaster");
	s->exempt[0] = s->postmaster;
	s->roster.n = LISTS;
	for (unsigned i = 0; i < LISTS; i++) {
		s->answer[i].category = CATEGORY_OPEN_PROXY;
		snprintf(s->label[i], sizeof(s->label[i]), "%s",
		    i > 0 ? i > 1 ? "third" : "second" : "spamhaus-dqs");
		s->list[i].label = s->label[i];
		s->list[i].name = s->name;
		s->list[i].removal = s->removal;
		s->roster.list[i] = &s->list[i];
		s->verdict.voice[i] =
		    (struct voice){.list = i, .answer = &s->answer[i], .score = 5 - (int)i};
	}
	s->verdict.action = s->verdict.meant = s->verdict.face = ACTION_REFUSE;
	s->verdict.ground = GROUND_LISTS;
	s->verdict.nvoices = 1;
	s->verdict.loudest = &s->verdict.voice[0];
	s->facts = (struct reply_facts){.client = &s->client,
	    .ref = "7F3K2Q9M",
	    .domain = "strict.example",
	    .roster = &s->roster,
	    .policy = &s->policy,
	    .verdict = &s->verdict};
	return s;
}

static void
deny(struct scene *s, const char *reason)
{
	s->verdict.ground = GROUND_DENY;
	s->verdict.nvoices = 0;
	s->verdict.loudest = NULL;
	s->facts.local_reason = reason;
}

/* Build the reply and compare all its lines; NULL ends them. */
static void
expect(struct scene *s, const char *label, const char *a, const char *b, const char *c,
    const char *d)
{
	const char *want[REPLY_LINES] = {a, b, c, d};
	unsigned n = 0;

	while (n < REPLY_LINES && want[n] != NULL)
		n++;
	reply_build(&s->reply, &s->facts);
	same_num(s->reply.n, n, label);
	for (unsigned i = 0; i < n && i < s->reply.n; i++)
		same_str(s->reply.line[i], want[i], label);
}

static void
test_lists(void)
{
	struct scene *s = begin();

	s->answer[0].category = CATEGORY_PROBE;
	expect(s, "refuse",
	    "Mail from [198.51.100.7] is refused: it has been probing mail servers, says "
	    "Spamhaus XBL.",
	    "To be removed: https://check.example/?q=198.51.100.7", LAST, NULL);
	same_str(s->reply.code, "550", "refuse: code");
	same_str(s->reply.enhanced, "5.7.1", "refuse: enhanced code");

	s->verdict.action = ACTION_DEFER;
	expect(s, "defer",
	    "Mail from [198.51.100.7] is not accepted now and may be tried again later: it "
	    "has been probing mail servers, says Spamhaus XBL.",
	    "To be removed: https://check.example/?q=198.51.100.7", LAST, NULL);
	same_str(s->reply.code, "450", "defer: code");
	same_str(s->reply.enhanced, "4.7.1", "defer: enhanced code");
	s->verdict.action = ACTION_REFUSE;

	s->verdict.nvoices = 2;
	reply_build(&s->reply, &s->facts);
	ok(strstr(s->reply.line[0], ", says Spamhaus XBL (and 1 more list).") != NULL,
	    "one more list");
	s->verdict.nvoices = 3;
	reply_build(&s->reply, &s->facts);
	ok(strstr(s->reply.line[0], ", says Spamhaus XBL (and 2 more lists).") != NULL,
	    "two more lists");
	s->verdict.doubted = 2;
	reply_build(&s->reply, &s->facts);
	ok(strstr(s->reply.line[0], ", says Spamhaus XBL (and 1 more list).") != NULL,
	    "two more lists, but one is in doubt");
	s->verdict.doubted = 0;
	s->verdict.voice[1].score = -5;
	s->verdict.voice[2].score = 0;
	reply_build(&s->reply, &s->facts);
	ok(strstr(s->reply.line[0], "more") == NULL, "lists that do not speak against it");

	s->answer[0].name = s->postmaster;
	reply_build(&s->reply, &s->facts);
	ok(strstr(s->reply.line[0], "says postmaster") != NULL, "the answer's own name");
	s->answer[0].name = s->list[0].name = NULL;
	reply_build(&s->reply, &s->facts);
	ok(strstr(s->reply.line[0], "says spamhaus-dqs") != NULL, "no name but the label");
	free(s);
}

/* A refusal that is in doubt: what is said and by whom, and that nothing need be
 * done; no text of a refusal. */
static void
test_softened(void)
{
	static char text[] = "Go away.";
	static const struct {
		const char *label, *name, *policy_text;
		unsigned nvoices;
		const char *first;
	} rows[] = {
	    {"softened", "Spamhaus XBL", NULL, 1,
		"Mail from [198.51.100.7] is not accepted now: it is an open proxy, says "
		"Spamhaus XBL; whether that stands is being checked, and the mail will be "
		"tried again."},
	    {"softened, several lists", "Spamhaus XBL", NULL, 3,
		"Mail from [198.51.100.7] is not accepted now: it is an open proxy, says "
		"Spamhaus XBL (and 2 more lists); whether that stands is being checked, and "
		"the mail will be tried again."},
	    {"softened, a text for refusals", "100% list", text, 1,
		"Mail from [198.51.100.7] is not accepted now: it is an open proxy, says 100%% "
		"list; whether that stands is being checked, and the mail will be tried "
		"again."},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct scene *s = begin();

		s->verdict.softened = true;
		s->verdict.action = s->verdict.meant = ACTION_DEFER;
		s->verdict.nvoices = rows[i].nvoices;
		snprintf(s->name, sizeof(s->name), "%s", rows[i].name);
		s->policy.text = s->answer[0].text = s->list[0].text =
		    rows[i].policy_text != NULL ? text : NULL;
		expect(s, rows[i].label, rows[i].first,
		    "To be removed: https://check.example/?q=198.51.100.7", LAST, NULL);
		same_str(s->reply.code, "450", "softened: code");
		same_str(s->reply.enhanced, "4.7.1", "softened: enhanced code");
		free(s);
	}
}

/* Names of any length: the line says all of it, or less, but is never cut. */
static void
test_softened_length(void)
{
	struct scene *s = begin();
	char name[REPLY_LINE_MAX + 100];
	bool whole = true;

	s->verdict.softened = true;
	s->verdict.action = ACTION_DEFER;
	s->verdict.nvoices = 2;
	s->list[0].name = name;
	for (size_t len = 1; len < sizeof(name); len++) {
		size_t got;

		memset(name, 'n', len);
		name[len] = '\0';
		reply_build(&s->reply, &s->facts);
		got = strlen(s->reply.line[0]);
		whole &= got > 0 && strcmp(s->reply.line[0] + got - 6, "again.") == 0;
		if (len + 1 == sizeof(name))
			break;
	}
	ok(whole, "softened: every line has an end");
	same_str(s->reply.line[0],
	    "Mail from [198.51.100.7] is not accepted now: it is an open proxy; whether that "
	    "stands is being checked, and the mail will be tried again.",
	    "softened: a name too long is left out");
	free(s);
}

static void
test_addresses(void)
{
	struct scene *s = begin();

	s->answer[0].category = CATEGORY_PROBE;
	ok(ipaddr_parse(&s->client, "2001:db8::7"), "an IPv6 address");
	reply_build(&s->reply, &s->facts);
	ok(strncmp(s->reply.line[0], "Mail from [2001:db8::7] is refused", 34) == 0,
	    "IPv6: as it is in text");
	same_str(s->reply.line[1],
	    "To be removed: https://check.example/?q=2001%%3Adb8%%3A%%3A7",
	    "IPv6: encoded in a URL, percent doubled");
	s->client = (struct ipaddr){0};
	reply_build(&s->reply, &s->facts);
	ok(strncmp(s->reply.line[0], "Mail from [unknown] is", 22) == 0, "no address");
	free(s);
}

static void
test_categories(void)
{
	char first[CATEGORY_MAX][REPLY_LINE_MAX];

	for (unsigned i = 0; i < CATEGORY_MAX; i++) {
		struct scene *s = begin();
		enum category category = (enum category)i;
		const char *advice = category_advice(category);
		bool other = true;

		s->answer[0].category = category;
		reply_build(&s->reply, &s->facts);
		memcpy(first[i], s->reply.line[0], sizeof(first[i]));
		for (unsigned k = 0; k < i; k++)
			other &= strcmp(first[i], first[k]) != 0;
		ok(other, "%s", first[i]);
		same_num(
		    s->reply.n, advice != NULL ? 4 : 3, "as many lines as there is to say");
		if (advice != NULL)
			same_str(s->reply.line[2], advice, "advice goes before the last line");
		same_str(s->reply.line[s->reply.n - 1], LAST, "the last line is the last");
		free(s);
	}
}

static void
test_postmaster(void)
{
	struct scene *s = begin();
	char domain[400];

	s->answer[0].category = CATEGORY_PROBE;
	s->list[0].removal = NULL;
	reply_build(&s->reply, &s->facts);
	same_num(s->reply.n, 2, "no removal, no exempt postmaster");
	s->policy.exempt = s->exempt;
	s->policy.nexempt = 1;
	reply_build(&s->reply, &s->facts);
	same_str(s->reply.line[1],
	    "Questions: postmaster@strict.example accepts mail from everybody.",
	    "no removal, postmaster exempt");
	s->facts.domain = "";
	reply_build(&s->reply, &s->facts);
	same_num(s->reply.n, 2, "domain not known");
	memset(domain, 'a', sizeof(domain));
	domain[sizeof(domain) - 1] = '\0';
	s->facts.domain = domain;
	reply_build(&s->reply, &s->facts);
	same_num(s->reply.n, 2, "domain too long");
	s->facts.domain = "strict.example";
	s->list[0].removal = s->removal;
	reply_build(&s->reply, &s->facts);
	ok(strncmp(s->reply.line[1], "To be removed: ", 15) == 0, "removal goes before");
	free(s);
}

static void
test_own_text(void)
{
	static char list[] = "List: %{list} %{ip}.", answer[] = "Answer: %{category}.",
		    policy[] = "Policy, 100%, %{ref}.\nSecond %{ip} %{ nothing.",
		    blank[] = "   ", second[] = "\nSecond.";
	struct scene *s = begin();

	s->list[0].text = list;
	expect(s, "text of the list", "List: spamhaus-dqs 198.51.100.7.",
	    "To be removed: https://check.example/?q=198.51.100.7", LAST, NULL);
	s->answer[0].text = answer;
	reply_build(&s->reply, &s->facts);
	same_str(s->reply.line[0], "Answer: open-proxy.", "text of the answer");
	s->policy.text = policy;
	expect(s, "text of the policy, two lines", "Policy, 100%%, 7F3K2Q9M.",
	    "Second 198.51.100.7 %%{ nothing.",
	    "To be removed: https://check.example/?q=198.51.100.7", LAST);
	s->policy.text = blank;
	reply_build(&s->reply, &s->facts);
	ok(strncmp(s->reply.line[0], "Mail from ", 10) == 0, "a blank text is none");
	s->policy.text = second;
	expect(s, "a text with an empty line", "Second.",
	    "To be removed: https://check.example/?q=198.51.100.7", LAST, NULL);
	free(s);
}

static void
test_denied(void)
{
	static char own[] = "Policy.";
	struct scene *s = begin();

	s->policy.text = own;
	deny(s, NULL);
	expect(s, "denied", "Mail from [198.51.100.7] is refused by the rules of this server.",
	    LAST, NULL, NULL);
	same_str(s->reply.code, "550", "denied: code");
	deny(s, "  ");
	reply_build(&s->reply, &s->facts);
	same_str(s->reply.line[0],
	    "Mail from [198.51.100.7] is refused by the rules of this server.",
	    "denied, the reason blank");
	deny(s, "sold us 100% \xc3\xa9\x07 spam");
	s->facts.deny_removal = "https://mx.example/%{list}/%{category}?%{ip}&%{ref}%20";
	expect(s, "denied with a reason and a URL",
	    "Mail from [198.51.100.7] is refused by the rules of this server: sold us 100%% "
	    "??? spam",
	    "To be removed: https://mx.example/deny/local?198.51.100.7&7F3K2Q9M%%20", LAST,
	    NULL);
	free(s);
}

/* A reason too long is cut between two words, and a URL in it is not. */
static void
test_long_reason(void)
{
	static const char url[] = "https://mx.example/a-long-story";
	struct scene *s = begin();
	char reason[600];
	unsigned whole = 0, cut = 0, away = 0;

	for (size_t before = 300; before < 500; before++) {
		const char *line = s->reply.line[0], *at;

		memset(reason, 'w', before);
		snprintf(reason + before, sizeof(reason) - before, " %s and more words", url);
		deny(s, reason);
		reply_build(&s->reply, &s->facts);
		at = strstr(line, "http");
		whole += at != NULL && strstr(line, url) == at;
		away += at == NULL;
		cut += strcmp(line + strlen(line) - 3, "...") == 0;
		if (strlen(line) >= REPLY_LINE_MAX || s->reply.n != 2)
			away = 1000;
	}
	ok(whole + away == 200 && whole > 0 && away > 0, "a URL in a reason: whole or away");
	ok(cut > 0 && cut < 200, "a reason that was cut says so");
	memset(reason, '%', sizeof(reason));
	reason[sizeof(reason) - 1] = '\0';
	deny(s, reason);
	reply_build(&s->reply, &s->facts);
	same_str(s->reply.line[0],
	    "Mail from [198.51.100.7] is refused by the rules of this server: ...",
	    "a reason of one word that is too long");
	free(s);
}

/* What does not fit is left out as a line, and the reply still says why. */
static void
test_too_long(void)
{
	struct scene *s = begin();
	char text[600];

	memset(text, '%', sizeof(text));
	text[240] = '\0';
	s->list[0].removal = text;
	s->list[0].name = text;
	s->policy.exempt = s->exempt;
	s->policy.nexempt = 1;
	s->policy.text = text;
	expect(s, "URL, name and text do not fit",
	    "Mail from [198.51.100.7] is refused: it is an open proxy.",
	    "Questions: postmaster@strict.example accepts mail from everybody.",
	    category_advice(CATEGORY_OPEN_PROXY), LAST);
	text[150] = '\0';
	s->policy.text = NULL;
	s->verdict.nvoices = 2;
	memset(text, 'n', 410);
	text[410] = '\0';
	reply_build(&s->reply, &s->facts);
	ok(strstr(s->reply.line[0], "nnn.") != NULL, "the name fits, not how many more");
	memset(text, 'u', sizeof(text));
	text[REPLY_LINE_MAX - 1 - strlen("To be removed: ")] = '\0';
	reply_build(&s->reply, &s->facts);
	same_num(
	    (long long)strlen(s->reply.line[1]), REPLY_LINE_MAX - 1, "a URL that just fits");
	text[strlen(text)] = 'u';
	text[REPLY_LINE_MAX - strlen("To be removed: ")] = '\0';
	reply_build(&s->reply, &s->facts);
	ok(strncmp(s->reply.line[1], "Questions: ", 11) == 0, "a URL one byte too long");
	free(s);
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

static bool
line_is_clean(const char *line)
{
	size_t run = 0, len = strlen(line);

	for (size_t i = 0; i <= len; i++) {
		if (line[i] == '%') {
			run++;
			continue;
		}
		if (run % 2 != 0 || (i < len && (line[i] < 0x20 || line[i] > 0x7e)))
			return false;
		run = 0;
	}
	return len > 0 && len < REPLY_LINE_MAX;
}

static bool
reply_is_clean(const struct reply *reply)
{
	bool clean = reply->n >= 1 && reply->n <= REPLY_LINES;

	for (unsigned i = 0; clean && i < reply->n; i++)
		clean = line_is_clean(reply->line[i]);
	if (!clean)
		printf("# %u lines, the first: %s\n", reply->n, reply->line[0]);
	return clean;
}

static void
test_noise(void)
{
	char text[9][NOISE];
	unsigned clean = 0;

	srand(20);
	for (unsigned i = 0; i < ROUNDS; i++) {
		struct scene *s = begin();

		s->answer[0].category = (enum category)(rand() % CATEGORY_MAX);
		s->verdict.action = rand() % 2 == 0 ? ACTION_REFUSE : ACTION_DEFER;
		s->verdict.nvoices = (unsigned)(rand() % LISTS) + 1;
		s->answer[0].name = noise(text[0], true);
		s->answer[0].text = noise(text[1], true);
		s->list[0].label = noise(text[2], false);
		s->list[0].name = noise(text[3], true);
		s->list[0].removal = noise(text[4], true);
		s->policy.text = noise(text[5], true);
		s->facts.ref = noise(text[6], false);
		s->facts.domain = noise(text[7], true);
		s->policy.exempt = s->exempt;
		s->policy.nexempt = 1;
		if (rand() % 3 == 0) {
			deny(s, noise(text[8], true));
			s->verdict.action = ACTION_REFUSE;
			s->facts.deny_removal = s->list[0].removal;
		}
		memset(&s->reply, 0xff, sizeof(s->reply));
		reply_build(&s->reply, &s->facts);
		clean += reply_is_clean(&s->reply);
		free(s);
	}
	same_num(clean, ROUNDS, "noise in every input: each line clean, one to four of them");
}

int
main(void)
{
	test_lists();
	test_softened();
	test_softened_length();
	test_addresses();
	test_categories();
	test_postmaster();
	test_own_text();
	test_denied();
	test_long_reason();
	test_too_long();
	test_noise();
	return done();
}
