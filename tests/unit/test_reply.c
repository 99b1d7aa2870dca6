/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Replies: each category has its own words, whoever speaks is named, and own texts
 * go before ours.
 */
#include "config.h"

#include "reply.h"

#include "fakes/reply_scene.h"
#include "tap.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void
test_lists(void)
{
	struct scene scene, *s = scene_begin(&scene);

	s->answer[0].category = CATEGORY_PROBE;
	scene_expect(s, "refuse",
	    "Mail from [198.51.100.7] is refused: it has been probing mail servers, says "
	    "Spamhaus XBL.",
	    "To be removed: https://check.example/?q=198.51.100.7", SCENE_LAST, NULL);
	same_str(s->reply.code, "550", "refuse: code");
	same_str(s->reply.enhanced, "5.7.1", "refuse: enhanced code");

	s->verdict.action = ACTION_DEFER;
	scene_expect(s, "defer",
	    "Mail from [198.51.100.7] is not accepted now and may be tried again later: it "
	    "has been probing mail servers, says Spamhaus XBL.",
	    "To be removed: https://check.example/?q=198.51.100.7", SCENE_LAST, NULL);
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
		struct scene scene, *s = scene_begin(&scene);

		s->verdict.softened = true;
		s->verdict.action = s->verdict.meant = ACTION_DEFER;
		s->verdict.nvoices = rows[i].nvoices;
		snprintf(s->name, sizeof(s->name), "%s", rows[i].name);
		s->policy.text = s->answer[0].text = s->list[0].text =
		    rows[i].policy_text != NULL ? text : NULL;
		scene_expect(s, rows[i].label, rows[i].first,
		    "To be removed: https://check.example/?q=198.51.100.7", SCENE_LAST, NULL);
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
	reply_build(&s->reply, &s->facts);
	ok(strncmp(s->reply.line[0], "Mail from [2001:db8::7] is refused", 34) == 0,
	    "IPv6: as it is in text");
	same_str(s->reply.line[1],
	    "To be removed: https://check.example/?q=2001%%3Adb8%%3A%%3A7",
	    "IPv6: encoded in a URL, percent doubled");
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
		    s->reply.n, advice != NULL ? 4 : 3, "as many lines as there is to say");
		if (advice != NULL)
			same_str(s->reply.line[2], advice, "advice goes before the last line");
		same_str(
		    s->reply.line[s->reply.n - 1], SCENE_LAST, "the last line is the last");
	}
}

static void
test_postmaster(void)
{
	struct scene scene, *s = scene_begin(&scene);
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
}

static void
test_own_text(void)
{
	static char list[] = "List: %{list} %{ip}.", answer[] = "Answer: %{category}.",
		    policy[] = "Policy, 100%, %{ref}.\nSecond %{ip} %{ nothing.",
		    blank[] = "   ", second[] = "\nSecond.";
	struct scene scene, *s = scene_begin(&scene);

	s->list[0].text = list;
	scene_expect(s, "text of the list", "List: spamhaus-dqs 198.51.100.7.",
	    "To be removed: https://check.example/?q=198.51.100.7", SCENE_LAST, NULL);
	s->answer[0].text = answer;
	reply_build(&s->reply, &s->facts);
	same_str(s->reply.line[0], "Answer: open-proxy.", "text of the answer");
	s->policy.text = policy;
	scene_expect(s, "text of the policy, two lines", "Policy, 100%%, 7F3K2Q9M.",
	    "Second 198.51.100.7 %%{ nothing.",
	    "To be removed: https://check.example/?q=198.51.100.7", SCENE_LAST);
	s->policy.text = blank;
	reply_build(&s->reply, &s->facts);
	ok(strncmp(s->reply.line[0], "Mail from ", 10) == 0, "a blank text is none");
	s->policy.text = second;
	scene_expect(s, "a text with an empty line", "Second.",
	    "To be removed: https://check.example/?q=198.51.100.7", SCENE_LAST, NULL);
}

static void
test_denied(void)
{
	static char own[] = "Policy.";
	struct scene scene, *s = scene_begin(&scene);

	s->policy.text = own;
	scene_deny(s, NULL);
	scene_expect(s, "denied",
	    "Mail from [198.51.100.7] is refused by the rules of this server.", SCENE_LAST,
	    NULL, NULL);
	same_str(s->reply.code, "550", "denied: code");
	scene_deny(s, "  ");
	reply_build(&s->reply, &s->facts);
	same_str(s->reply.line[0],
	    "Mail from [198.51.100.7] is refused by the rules of this server.",
	    "denied, the reason blank");
	scene_deny(s, "sold us 100% \xc3\xa9\x07 spam");
	s->facts.deny_removal = "https://mx.example/%{list}/%{category}?%{ip}&%{ref}%20";
	scene_expect(s, "denied with a reason and a URL",
	    "Mail from [198.51.100.7] is refused by the rules of this server: sold us 100%% "
	    "??? spam",
	    "To be removed: https://mx.example/deny/local?198.51.100.7&7F3K2Q9M%%20",
	    SCENE_LAST, NULL);
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
	return done();
}
