/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Replies: each category has its own words, whoever speaks is named, and own texts
 * go before ours.
 */
#include "config.h"

#include "verdict/reply.h"

#include "fakes/reply_scene.h"
#include "tap.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void
test_lists(void)
{
	struct scene scene, *s = scene_begin(&scene);

	scene_expect(s, "refuse",
	    "Mail from [198.51.100.7] is refused: it is an open proxy, says Spamhaus "
	    "XBL." SCENE_END,
	    "The administrator of that server must close the proxy first, or it will be listed "
	    "again.",
	    SCENE_LAST);
	same_str(s->reply.code, "550", "refuse: code");
	same_str(s->reply.enhanced, "5.7.1", "refuse: enhanced code");

	s->answer[0].category = CATEGORY_PROBE;
	s->verdict.action = ACTION_DEFER;
	scene_expect(s, "defer",
	    "Mail from [198.51.100.7] is not accepted now: it has been probing mail servers, "
	    "says Spamhaus XBL." SCENE_END,
	    SCENE_LAST, NULL);
	same_str(s->reply.code, "450", "defer: code");
	same_str(s->reply.enhanced, "4.7.1", "defer: enhanced code");

	s->verdict.action = ACTION_DROP;
	s->policy.drop_code = 421;
	scene_expect(s, "drop, for now",
	    "Mail from [198.51.100.7] is not accepted now: it has been probing mail servers, "
	    "says Spamhaus XBL." SCENE_END,
	    SCENE_LAST, NULL);
	s->verdict.action = ACTION_REFUSE;

	s->verdict.nhits = 2;
	reply_build(&s->reply, &s->facts);
	ok(strstr(s->reply.line[0], ", says Spamhaus XBL (and 1 more list). h") != NULL,
	    "one more list");
	s->verdict.nhits = 3;
	reply_build(&s->reply, &s->facts);
	ok(strstr(s->reply.line[0], ", says Spamhaus XBL (and 2 more lists). h") != NULL,
	    "two more lists");
	s->verdict.doubted = 2;
	reply_build(&s->reply, &s->facts);
	ok(strstr(s->reply.line[0], ", says Spamhaus XBL (and 1 more list). h") != NULL,
	    "two more lists, but one is in doubt");
	s->verdict.doubted = 0;
	s->verdict.hit[1].score = -5;
	s->verdict.hit[2].score = 0;
	reply_build(&s->reply, &s->facts);
	ok(strstr(s->reply.line[0], "more") == NULL, "lists that do not speak against it");

	s->answer[0].name = s->postmaster;
	reply_build(&s->reply, &s->facts);
	ok(strstr(s->reply.line[0], "says postmaster") != NULL, "the answer's own name");
	s->answer[0].name = s->list[0].name = NULL;
	reply_build(&s->reply, &s->facts);
	ok(strstr(s->reply.line[0], "says spamhaus-dqs") != NULL, "no name but the label");
}

/* A refusal that is in doubt: what is said and by whom, and that nothing need be
 * done; no text of a refusal. */
static void
test_softened(void)
{
	static char text[] = "Go away.";
	static const struct {
		const char *label, *name, *policy_text;
		unsigned nhits;
		const char *first;
	} rows[] = {
	    {"softened", "Spamhaus XBL", NULL, 1,
		"Mail from [198.51.100.7] is not accepted now, pending a check: it is an open "
		"proxy, says Spamhaus XBL." SCENE_END},
	    {"softened, several lists", "Spamhaus XBL", NULL, 3,
		"Mail from [198.51.100.7] is not accepted now, pending a check: it is an open "
		"proxy, says Spamhaus XBL (and 2 more lists)." SCENE_END},
	    {"softened, a text for refusals", "100% list", text, 1,
		"Mail from [198.51.100.7] is not accepted now, pending a check: it is an open "
		"proxy, says 100%% list." SCENE_END},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct scene scene, *s = scene_begin(&scene);

		s->verdict.softened = true;
		s->verdict.action = s->verdict.meant = ACTION_DEFER;
		s->verdict.nhits = rows[i].nhits;
		snprintf(s->name, sizeof(s->name), "%s", rows[i].name);
		s->policy.text = s->answer[0].text = s->list[0].text =
		    rows[i].policy_text != NULL ? text : NULL;
		scene_expect(s, rows[i].label, rows[i].first,
		    "Nothing need be done: the sending server will try again by itself.",
		    SCENE_LAST);
		same_str(s->reply.code, "450", "softened: code");
		same_str(s->reply.enhanced, "4.7.1", "softened: enhanced code");
	}
}

static void
test_addresses(void)
{
	struct scene scene, *s = scene_begin(&scene);

	s->answer[0].category = CATEGORY_PROBE;
	ok(ipaddr_parse(&s->client, "2001:db8::7"), "an IPv6 address");
	scene_expect(s, "IPv6: as it is in text, and encoded in a URL, percent doubled",
	    "Mail from [2001:db8::7] is refused: it has been probing mail servers, says "
	    "Spamhaus XBL. https://check.example/?q=2001%%3Adb8%%3A%%3A7" SCENE_REF,
	    SCENE_TELL "https://check.example/?q=2001%%3Adb8%%3A%%3A7" SCENE_REF, NULL);
	s->client = (struct ipaddr){0};
	reply_build(&s->reply, &s->facts);
	ok(strncmp(s->reply.line[0], "Mail from [unknown] is", 22) == 0, "no address");
}

static void
test_categories(void)
{
	char first[CATEGORY_MAX][REPLY_LINE_MAX];

	for (unsigned i = 0; i < CATEGORY_MAX; i++) {
		struct scene scene, *s = scene_begin(&scene);
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
		    s->reply.n, advice != NULL ? 3 : 2, "as many lines as there is to say");
		if (advice != NULL)
			same_str(s->reply.line[1], advice, "advice goes before the last line");
		ok(strchr(category_words(category), '\'') == NULL &&
			(advice == NULL || strchr(advice, '\'') == NULL),
		    "no apostrophe, of which logs make a question mark");
		same_str(
		    s->reply.line[s->reply.n - 1], SCENE_LAST, "the last line is the last");
	}
}

static void
test_postmaster(void)
{
	static const char without[] =
	    "Mail from [198.51.100.7] is refused: it has been probing mail servers, says "
	    "Spamhaus XBL." SCENE_REF;
	struct scene scene, *s = scene_begin(&scene);
	char domain[400];

	s->answer[0].category = CATEGORY_PROBE;
	s->list[0].removal = NULL;
	scene_expect(s, "no removal, no exempt postmaster", without, SCENE_LAST_WITHOUT, NULL);
	s->policy.exempt = s->exempt;
	s->policy.nexempt = 1;
	scene_expect(s, "no removal, postmaster exempt",
	    "Mail from [198.51.100.7] is refused: it has been probing mail servers, says "
	    "Spamhaus XBL. postmaster@strict.example accepts mail from everybody." SCENE_REF,
	    SCENE_TELL "[198.51.100.7] is refused. postmaster@strict.example accepts mail from "
		       "everybody." SCENE_REF,
	    NULL);
	s->facts.domain = "";
	scene_expect(s, "domain not known", without, SCENE_LAST_WITHOUT, NULL);
	memset(domain, 'a', sizeof(domain));
	domain[sizeof(domain) - 1] = '\0';
	s->facts.domain = domain;
	scene_expect(s, "domain too long", without, SCENE_LAST_WITHOUT, NULL);
	s->facts.domain = "strict.example";
	s->list[0].removal = s->removal;
	reply_build(&s->reply, &s->facts);
	ok(strstr(s->reply.line[0], "postmaster") == NULL, "removal goes before");
	scene_deny(s, "sold us spam");
	scene_expect(s, "a reason without a dot",
	    "Mail from [198.51.100.7] is refused by the rules of this server: sold us spam. "
	    "postmaster@strict.example accepts mail from everybody." SCENE_REF,
	    SCENE_TELL "[198.51.100.7] is refused. postmaster@strict.example accepts mail from "
		       "everybody." SCENE_REF,
	    NULL);
}

static void
test_own_text(void)
{
	static char list[] = "List: %{list} %{ip}.", answer[] = "Answer: %{category}.",
		    policy[] = "Policy, 100%, %{ref}.\nSecond %{ip} %{ nothing.",
		    blank[] = "   ", second[] = "\nSecond.",
		    whole[] = "No, %{ip}. https://check.example/?q=%{ip} Ref %{ref}",
		    ends[] = "No, %{ip}.\nSee https://help.example/%{ip} ";
	struct scene scene, *s = scene_begin(&scene);

	s->list[0].text = list;
	scene_expect(s, "text of the list", "List: spamhaus-dqs 198.51.100.7." SCENE_END,
	    SCENE_LAST, NULL);
	same_num((long long)s->reply.text, REASON_TEXT_LIST, "it is that of the list");
	s->answer[0].text = answer;
	reply_build(&s->reply, &s->facts);
	same_num((long long)s->reply.text, REASON_TEXT_ANSWER, "it is that of the answer");
	same_str(s->reply.line[0], "Answer: open-proxy." SCENE_END, "text of the answer");
	s->policy.text = policy;
	scene_expect(s, "text of the policy, two lines", "Policy, 100%%, 7F3K2Q9M." SCENE_END,
	    "Second 198.51.100.7 %%{ nothing.", SCENE_LAST);
	same_num((long long)s->reply.text, REASON_TEXT_POLICY, "it is that of the policy");
	s->policy.text = blank;
	reply_build(&s->reply, &s->facts);
	ok(strncmp(s->reply.line[0], "Mail from ", 10) == 0, "a blank text is none");
	same_num((long long)s->reply.text, REASON_TEXT_OURS, "it is ours");
	s->policy.text = second;
	scene_expect(s, "a text with an empty line", "Second." SCENE_END, SCENE_LAST, NULL);
	s->policy.text = whole;
	scene_expect(
	    s, "a text with all of it", "No, 198.51.100.7." SCENE_END, SCENE_LAST, NULL);
	s->policy.text = ends;
	scene_expect(s, "a text that ends in a URL", "No, 198.51.100.7." SCENE_END,
	    "See https://help.example/198.51.100.7" SCENE_REF, SCENE_LAST);
}

static void
test_denied(void)
{
	static char own[] = "Policy.";
	struct scene scene, *s = scene_begin(&scene);

	s->policy.text = own;
	scene_deny(s, NULL);
	scene_expect(s, "denied",
	    "Mail from [198.51.100.7] is refused by the rules of this server." SCENE_REF,
	    SCENE_LAST_WITHOUT, NULL);
	same_str(s->reply.code, "550", "denied: code");
	scene_deny(s, "  ");
	reply_build(&s->reply, &s->facts);
	same_str(s->reply.line[0],
	    "Mail from [198.51.100.7] is refused by the rules of this server." SCENE_REF,
	    "denied, the reason blank");
	scene_deny(s, "sold us 100% \xc3\xa9\x07 spam");
	s->facts.deny_removal = "https://mx.example/%{list}/%{category}?%{ip}&%{ref}%20";
	scene_expect(s, "denied with a reason and a URL",
	    "Mail from [198.51.100.7] is refused by the rules of this server: sold us 100%% "
	    "??? spam. https://mx.example/deny/local?198.51.100.7&7F3K2Q9M%%20" SCENE_REF,
	    SCENE_TELL "https://mx.example/deny/local?198.51.100.7&7F3K2Q9M%%20" SCENE_REF,
	    NULL);
}

/* A page of ours stands where the list's own would, and where there is none. */
static void
test_page(void)
{
	static const char page[] = "https://mx.example/help/r/7F3K2Q9M-ABCDE";
	static char own[] = "No.";
	struct scene scene, *s = scene_begin(&scene);

	s->facts.page = page;
	scene_expect(s, "page: a list with a URL",
	    "Mail from [198.51.100.7] is refused: it is an open proxy, says Spamhaus XBL. "
	    "https://mx.example/help/r/7F3K2Q9M-ABCDE" SCENE_REF,
	    "The administrator of that server must close the proxy first, or it will be listed "
	    "again.",
	    SCENE_TELL "https://mx.example/help/r/7F3K2Q9M-ABCDE" SCENE_REF);
	s->list[0].removal = NULL;
	s->policy.exempt = s->exempt;
	s->policy.nexempt = 1;
	reply_build(&s->reply, &s->facts);
	ok(strstr(s->reply.line[0], page) != NULL &&
		strstr(s->reply.line[0], "postmaster") == NULL,
	    "page: a list without a URL");
	s->policy.text = own;
	scene_expect(s, "page: an own text",
	    "No. https://mx.example/help/r/7F3K2Q9M-ABCDE" SCENE_REF,
	    SCENE_TELL "https://mx.example/help/r/7F3K2Q9M-ABCDE" SCENE_REF, NULL);
	s->policy.text = NULL;
	scene_deny(s, "sold us spam");
	s->facts.deny_removal = "https://mx.example/deny";
	scene_expect(s, "page: denied",
	    "Mail from [198.51.100.7] is refused by the rules of this server: sold us spam. "
	    "https://mx.example/help/r/7F3K2Q9M-ABCDE" SCENE_REF,
	    SCENE_TELL "https://mx.example/help/r/7F3K2Q9M-ABCDE" SCENE_REF, NULL);
}

/* The longest page and the longest address: what does not fit goes to the second line. */
static void
test_long_page(void)
{
	static const char page[] =
	    "https://mx.example/12345678901234567890123456789012345678901"
	    "234567890123456789012345678901234567890/r/7F3K2Q9M-ABCDE";
	struct scene scene, *s = scene_begin(&scene);
	bool good = true;

	s->facts.page = page;
	ok(ipaddr_parse(&s->client, "2001:db8:1234:5678:9abc:def0:1234:5678"), "an address");
	for (unsigned i = 0; i < CATEGORY_MAX; i++) {
		s->answer[0].category = (enum category)i;
		reply_build(&s->reply, &s->facts);
		good &= strlen(s->reply.line[0]) <= REPLY_FIRST_MAX - strlen("550 5.7.1 ");
		good &= strstr(s->reply.line[0], page) != NULL ||
		    strstr(s->reply.line[1], page) != NULL;
		good &= strstr(s->reply.line[s->reply.n - 1], page) != NULL;
	}
	ok(good, "a long page is in one of the first two lines, and in the last");
}

/* Where one line is wanted, it is the first. */
static void
test_one_line(void)
{
	struct scene scene, *s = scene_begin(&scene);

	s->facts.lines = 1;
	scene_expect(s, "one line",
	    "Mail from [198.51.100.7] is refused: it is an open proxy, says Spamhaus "
	    "XBL." SCENE_END,
	    NULL, NULL);
	s->list[0].removal = NULL;
	scene_expect(s, "one line, no URL",
	    "Mail from [198.51.100.7] is refused: it is an open proxy, says Spamhaus "
	    "XBL." SCENE_REF,
	    NULL, NULL);
}

int
main(void)
{
	test_lists();
	test_softened();
	test_addresses();
	test_categories();
	test_postmaster();
	test_own_text();
	test_denied();
	test_one_line();
	test_page();
	test_long_page();
	return done();
}
