/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Replies that speak of names: domain lists, and the policy that a sender's domain
 * publishes; the codes of each action; and whose own text goes first.
 */
#include "config.h"

#include "verdict/reply.h"

#include "fakes/reply_scene.h"
#include "tap.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define ADVICE                                                                               \
	"The administrator of the sender domain must add the address to its SPF record, or " \
	"send through a server that is in it; who forwards mail must do so under a name "    \
	"of their own."

#define END " https://check.example/?d=198.51.100.7&i=198.51.100.7" SCENE_REF

static char label[] = "dbl", name[] = "Spamhaus DBL",
	    removal[] = "https://check.example/?d=%{domain}&i=%{ip}";

/* A list speaks of a name of 198.51.100.7: of its HELO, its own, its sender's. */
static void
begin(struct scene *s, enum role role, enum category category)
{
	scene_begin(s);
	for (unsigned i = 0; i < SCENE_LISTS; i++) {
		s->answer[i].category = category;
		s->list[i].label = label;
		s->list[i].name = name;
		s->list[i].removal = removal;
		s->list[i].role = role;
	}
	s->facts.domain_of[ROLE_HELO] = "helo.example";
	s->facts.domain_of[ROLE_NAME] = "name.example";
	s->facts.domain_of[ROLE_SENDER] = "sender.example";
	s->facts.spf_domain = "spf.example";
}

static const char *
line_of(struct scene *s, unsigned i)
{
	reply_build(&s->reply, &s->facts);
	return i < s->reply.n ? s->reply.line[i] : NULL;
}

static void
test_roles(void)
{
	static const struct {
		const char *label;
		enum role role;
		enum category category;
		enum action action;
		bool named;
		const char *why, *url;
	} rows[] = {
	    {"helo", ROLE_HELO, CATEGORY_PHISHING, ACTION_REFUSE, true,
		"refused: its HELO name helo.example is used to steal passwords, says Spamhaus "
		"DBL.",
		"https://check.example/?d=helo.example&i=198.51.100.7"},
	    {"name", ROLE_NAME, CATEGORY_MALWARE, ACTION_REFUSE, true,
		"refused: its name in DNS name.example is used to spread malicious software, "
		"says Spamhaus DBL.",
		"https://check.example/?d=name.example&i=198.51.100.7"},
	    {"sender", ROLE_SENDER, CATEGORY_YOUNG_DOMAIN, ACTION_DEFER, true,
		"not accepted now: the sender domain sender.example was first seen less than a "
		"day ago.",
		"https://check.example/?d=sender.example&i=198.51.100.7"},
	    {"address", ROLE_ADDRESS, CATEGORY_SPAM_SOURCE, ACTION_REFUSE, true,
		"refused: it has sent spam, says Spamhaus DBL.",
		"https://check.example/?d=198.51.100.7&i=198.51.100.7"},
	    {"helo, not known", ROLE_HELO, CATEGORY_SPAM_SOURCE, ACTION_REFUSE, false,
		"refused: its HELO name has sent spam, says Spamhaus DBL.",
		"https://check.example/?d=198.51.100.7&i=198.51.100.7"},
	    {"name, not known", ROLE_NAME, CATEGORY_SPAM_SOURCE, ACTION_DROP, false,
		"refused: its name in DNS has sent spam, says Spamhaus DBL.",
		"https://check.example/?d=198.51.100.7&i=198.51.100.7"},
	    {"sender, not known", ROLE_SENDER, CATEGORY_SPAM_SOURCE, ACTION_REFUSE, false,
		"refused: the sender domain has sent spam, says Spamhaus DBL.",
		"https://check.example/?d=198.51.100.7&i=198.51.100.7"},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		char first[REPLY_LINE_MAX], last[REPLY_LINE_MAX];
		struct scene s;

		begin(&s, rows[i].role, rows[i].category);
		s.verdict.action = rows[i].action;
		if (!rows[i].named)
			s.facts.domain_of[rows[i].role] = i % 2 == 0 ? NULL : "";
		snprintf(first, sizeof(first), "Mail from [198.51.100.7] is %s %s" SCENE_REF,
		    rows[i].why, rows[i].url);
		snprintf(last, sizeof(last), SCENE_TELL "%s" SCENE_REF, rows[i].url);
		same_str(line_of(&s, 0), first, rows[i].label);
		same_str(line_of(&s, s.reply.n - 1), last, rows[i].label);
	}
}

/* A name may be anything: the line is whole, and says less where it must. */
static void
test_hostile(void)
{
	static const char plain[] =
	    "Mail from [198.51.100.7] is refused: the sender domain has sent spam." SCENE_END;
	char domain[600], list[600];
	struct scene s;

	begin(&s, ROLE_SENDER, CATEGORY_SPAM_SOURCE);
	for (unsigned i = 0; i < SCENE_LISTS; i++)
		s.list[i].removal = s.removal;
	s.facts.domain_of[ROLE_SENDER] = "a\r\n550 x%s\xff.example";
	same_str(line_of(&s, 0),
	    "Mail from [198.51.100.7] is refused: the sender domain a??550 x%%s?.example has "
	    "sent spam, says Spamhaus DBL." SCENE_END,
	    "hostile: a name");
	memset(domain, 'd', sizeof(domain));
	domain[sizeof(domain) - 1] = '\0';
	s.facts.domain_of[ROLE_SENDER] = domain;
	same_str(line_of(&s, 0), plain, "hostile: a long name");
	memset(list, 'l', sizeof(list));
	list[sizeof(list) - 1] = '\0';
	s.list[0].name = list;
	same_str(line_of(&s, 0), plain, "hostile: the name of the list is long, too");
	s.facts.domain_of[ROLE_SENDER] = "b.example";
	same_str(line_of(&s, 0),
	    "Mail from [198.51.100.7] is refused: the sender domain b.example has sent "
	    "spam." SCENE_END,
	    "hostile: the name of the list alone is long");
}

/* One list that is asked about three names is one list. */
static void
test_others(void)
{
	static char other[] = "ours";
	struct scene s;

	begin(&s, ROLE_HELO, CATEGORY_SPAM_SOURCE);
	s.verdict.nhits = SCENE_LISTS;
	ok(strstr(line_of(&s, 0), "more list") == NULL, "others: all of one label");
	s.list[1].label = s.list[2].label = other;
	ok(strstr(line_of(&s, 0), " (and 1 more list). h") != NULL, "others: two of one label");
	s.verdict.doubted = 2;
	ok(strstr(line_of(&s, 0), " (and 1 more list). h") != NULL, "others: one in doubt");
	s.verdict.doubted = 6;
	ok(strstr(line_of(&s, 0), "more list") == NULL, "others: both in doubt");
}

static void
test_codes(void)
{
	static const struct {
		const char *label;
		enum action action;
		enum verdict_reason reason;
		enum spf_result spf;
		unsigned policy_code;
		const char *code, *enhanced;
	} rows[] = {
	    {"refuse", ACTION_REFUSE, REASON_LISTS, SPF_UNCHECKED, 0, "550", "5.7.1"},
	    {"defer", ACTION_DEFER, REASON_LISTS, SPF_UNCHECKED, 0, "450", "4.7.1"},
	    {"drop", ACTION_DROP, REASON_LISTS, SPF_UNCHECKED, 521, "521", "5.7.1"},
	    {"drop, for now", ACTION_DROP, REASON_LISTS, SPF_UNCHECKED, 421, "421", "4.7.1"},
	    {"refuse, as a service", ACTION_REFUSE, REASON_LISTS, SPF_UNCHECKED, 554, "554",
		"5.7.1"},
	    {"fail, as a service", ACTION_REFUSE, REASON_SPF, SPF_FAIL, 554, "554", "5.7.23"},
	    {"lists, SPF checked", ACTION_REFUSE, REASON_LISTS, SPF_FAIL, 0, "550", "5.7.1"},
	    {"fail", ACTION_REFUSE, REASON_SPF, SPF_FAIL, 0, "550", "5.7.23"},
	    {"softfail", ACTION_REFUSE, REASON_SPF, SPF_SOFTFAIL, 0, "550", "5.7.23"},
	    {"permerror", ACTION_REFUSE, REASON_SPF, SPF_PERMERROR, 0, "550", "5.7.24"},
	    {"temperror", ACTION_REFUSE, REASON_SPF, SPF_TEMPERROR, 0, "550", "5.7.24"},
	    {"none", ACTION_REFUSE, REASON_SPF, SPF_NONE, 0, "550", "5.7.1"},
	    {"neutral", ACTION_REFUSE, REASON_SPF, SPF_NEUTRAL, 0, "550", "5.7.1"},
	    {"pass", ACTION_REFUSE, REASON_SPF, SPF_PASS, 0, "550", "5.7.1"},
	    {"fail, deferred", ACTION_DEFER, REASON_SPF, SPF_FAIL, 0, "450", "4.7.23"},
	    {"temperror, deferred", ACTION_DEFER, REASON_SPF, SPF_TEMPERROR, 0, "450",
		"4.7.24"},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct scene s;

		begin(&s, ROLE_ADDRESS, CATEGORY_SPAM_SOURCE);
		s.verdict.action = rows[i].action;
		s.verdict.reason = rows[i].reason;
		s.verdict.spf = rows[i].spf;
		s.policy.drop_code = s.policy.refuse_code = rows[i].policy_code;
		reply_build(&s.reply, &s.facts);
		same_str(s.reply.code, rows[i].code, rows[i].label);
		same_str(s.reply.enhanced, rows[i].enhanced, rows[i].label);
	}
	ok(reply_needed(ACTION_DEFER) && reply_needed(ACTION_REFUSE) &&
		reply_needed(ACTION_DROP),
	    "these are replies");
	ok(!reply_needed(ACTION_PASS) && !reply_needed(ACTION_TAG) &&
		!reply_needed(ACTION_QUARANTINE),
	    "these are not");
}

static const struct {
	const char *label;
	enum spf_result result;
	enum action action;
	const char *why, *advice;
} results[] = {
    {"spf fail", SPF_FAIL, ACTION_REFUSE,
	"refused: the policy (SPF) of spf.example does not let this address send its mail.",
	ADVICE},
    {"spf softfail", SPF_SOFTFAIL, ACTION_DEFER,
	"not accepted now: the policy (SPF) of spf.example says this address should not send "
	"its mail.",
	ADVICE},
    {"spf neutral", SPF_NEUTRAL, ACTION_REFUSE,
	"refused: the policy (SPF) of spf.example takes no stand on this address.", ADVICE},
    {"spf none", SPF_NONE, ACTION_REFUSE,
	"refused: spf.example publishes no policy (SPF) of who may send its mail.", ADVICE},
    {"spf permerror", SPF_PERMERROR, ACTION_REFUSE,
	"refused: the policy (SPF) of spf.example has a mistake in it, and cannot be followed.",
	"The administrator of the sender domain must mend its SPF record in DNS."},
    {"spf temperror", SPF_TEMPERROR, ACTION_DEFER,
	"not accepted now: the policy (SPF) of spf.example could not be looked up in DNS.",
	"The administrator of the sender domain must see to it that its SPF record can be "
	"looked up."},
};

static void
test_spf(void)
{
	static char text[] = "Own: %{list} %{name} %{category} %{domain}.";
	char domain[400], first[REPLY_LINE_MAX], last[REPLY_LINE_MAX];
	struct scene s;

	for (size_t i = 0; i < COUNT(results); i++) {
		begin(&s, ROLE_ADDRESS, CATEGORY_SPAM_SOURCE);
		s.verdict.action = results[i].action;
		s.verdict.reason = REASON_SPF;
		s.verdict.spf = results[i].result;
		snprintf(first, sizeof(first), "Mail from [198.51.100.7] is %s" SCENE_REF,
		    results[i].why);
		snprintf(last, sizeof(last), SCENE_TELL "[198.51.100.7] is %.*s." SCENE_REF,
		    (int)strcspn(results[i].why, ":"), results[i].why);
		scene_expect(&s, results[i].label, first, results[i].advice, last);
	}
	s.facts.spf_domain = NULL;
	ok(strstr(line_of(&s, 0), "policy (SPF) of the sender domain could") != NULL,
	    "spf: no domain");
	memset(domain, '%', sizeof(domain));
	domain[sizeof(domain) - 1] = '\0';
	s.facts.spf_domain = domain;
	ok(strstr(line_of(&s, 0), "policy (SPF) of the sender domain could") != NULL,
	    "spf: a domain that does not fit");
	s.facts.spf_domain = "spf.example";
	s.policy.text = text;
	same_str(line_of(&s, 0), "Own: spf SPF spf spf.example." SCENE_REF, "spf: own text");
	s.policy.text = NULL;
	s.verdict.spf = SPF_PASS;
	same_str(line_of(&s, 0),
	    "Mail from [198.51.100.7] is not accepted now: it has sent spam, says Spamhaus DBL. "
	    "https://check.example/?d=198.51.100.7&i=198.51.100.7" SCENE_REF,
	    "spf: a result that accuses nobody");
}

/* Where SPF has made up the score with lists, the louder one is spoken of. */
static void
test_spf_score(void)
{
	struct scene s;

	begin(&s, ROLE_ADDRESS, CATEGORY_SPAM_SOURCE);
	s.verdict.spf = SPF_FAIL;
	s.verdict.spf_score = 5;
	ok(strstr(line_of(&s, 0), "has sent spam") != NULL, "score: as loud as the list");
	s.verdict.spf_score = 6;
	ok(strstr(line_of(&s, 0), "(SPF)") != NULL, "score: louder");
	same_str(s.reply.enhanced, "5.7.23", "score: and its code");
	s.verdict.softened = true;
	s.verdict.action = ACTION_DEFER;
	ok(strstr(line_of(&s, 0), "pending a check: it has sent spam, says Spamhaus DBL. h") !=
		NULL,
	    "score: a doubt is about a list");
	s.verdict.reason = REASON_DENY;
	s.verdict.softened = false;
	s.verdict.action = ACTION_REFUSE;
	s.verdict.loudest = NULL;
	ok(strstr(line_of(&s, 0), "by the rules of this server") != NULL, "score: denied");
	s.verdict.reason = REASON_LISTS;
	ok(strstr(line_of(&s, 0), "(SPF)") != NULL, "score: no list at all");
}

/* Lists that were not asked, for the network had no question left: nothing is held against
 * anybody, and no text or URL of a refusal is shown. */
static void
test_busy(void)
{
	static char text[] = "Own.", url[] = "https://deny.example/%{ip}";
	struct scene s;

	begin(&s, ROLE_ADDRESS, CATEGORY_SPAM_SOURCE);
	s.policy.text = text;
	s.facts.deny_removal = url;
	s.verdict.reason = REASON_BUSY;
	s.verdict.action = ACTION_DEFER;
	s.verdict.spf = SPF_SOFTFAIL;
	s.verdict.spf_score = 4;
	scene_expect(&s, "busy",
	    "Mail from [198.51.100.7] is not accepted now: too many new addresses of its network "
	    "have come at once." SCENE_REF,
	    "Please try again in a few minutes.",
	    SCENE_TELL "[198.51.100.7] is not accepted now." SCENE_REF);
	same_str(s.reply.code, "450", "busy: put off");
	same_str(s.reply.enhanced, "4.7.1", "busy: by policy");
}

/* Doubt that leaves a refusal a refusal is none for the reader. */
static void
test_softened(void)
{
	static char text[] = "Own.";
	struct scene s;

	begin(&s, ROLE_ADDRESS, CATEGORY_SPAM_SOURCE);
	s.policy.text = text;
	s.verdict.nominal = ACTION_DROP;
	s.verdict.softened = true;
	same_str(line_of(&s, 0), "Own." END, "softened: refused for sure");
	s.verdict.action = ACTION_DEFER;
	ok(strstr(line_of(&s, 0), "pending a check") != NULL, "softened: put off");
	s.verdict.reason = REASON_SPF;
	s.verdict.spf = SPF_FAIL;
	same_str(line_of(&s, 0), "Own." SCENE_REF, "softened: put off by SPF, without a doubt");
}

static void
test_precedence(void)
{
	static char by_policy[] = "Policy.", by_answer[] = "Answer.", by_list[] = "List.",
		    by_category[] = "Category %{category}, %{name}, %{domain}.";
	const char *texts[CATEGORY_MAX] = {[CATEGORY_PHISHING] = by_category};
	struct scene s;

	begin(&s, ROLE_HELO, CATEGORY_PHISHING);
	s.facts.domain_of[ROLE_HELO] = NULL;
	s.policy.text = by_policy;
	s.answer[0].text = by_answer;
	s.list[0].text = by_list;
	s.facts.category_text = texts;
	same_str(line_of(&s, 0), "Policy." END, "text: of the policy");
	s.policy.text = NULL;
	same_str(line_of(&s, 0), "Answer." END, "text: of the answer");
	s.answer[0].text = NULL;
	same_str(line_of(&s, 0), "List." END, "text: of the list");
	s.list[0].text = NULL;
	s.facts.domain_of[ROLE_HELO] = "helo.example";
	same_str(line_of(&s, 0),
	    "Category phishing, Spamhaus DBL, helo.example. "
	    "https://check.example/?d=helo.example&i=198.51.100.7" SCENE_REF,
	    "text: of the category");
	s.answer[0].category = CATEGORY_MALWARE;
	ok(strncmp(line_of(&s, 0), "Mail from", 9) == 0, "text: of another category");
}

int
main(void)
{
	test_roles();
	test_hostile();
	test_others();
	test_codes();
	test_spf();
	test_spf_score();
	test_busy();
	test_softened();
	test_precedence();
	return done();
}
