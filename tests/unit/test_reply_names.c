/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Replies that speak of names: domain lists, and the policy that a sender's domain
 * publishes; the codes of each action; and whose own text goes first.
 */
#include "config.h"

#include "reply.h"

#include "fakes/reply_scene.h"
#include "tap.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define ADVICE                                                                            \
	"The administrator of that domain must add the address to its SPF record, or "    \
	"send through a server that is in it; who forwards mail must do so under a name " \
	"of their own."

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
		const char *first, *second;
	} rows[] = {
	    {"helo", ROLE_HELO, CATEGORY_PHISHING, ACTION_REFUSE, true,
		"Mail from [198.51.100.7] is refused: the name helo.example, which it gave in "
		"HELO, is used to trick people out of their passwords, says Spamhaus DBL.",
		"To be removed: https://check.example/?d=helo.example&i=198.51.100.7"},
	    {"name", ROLE_NAME, CATEGORY_MALWARE, ACTION_REFUSE, true,
		"Mail from [198.51.100.7] is refused: the name name.example, which DNS gives "
		"its address, is used to spread malicious software, says Spamhaus DBL.",
		"To be removed: https://check.example/?d=name.example&i=198.51.100.7"},
	    {"sender", ROLE_SENDER, CATEGORY_YOUNG_DOMAIN, ACTION_DEFER, true,
		"Mail from [198.51.100.7] is not accepted now and may be tried again later: "
		"the sender's domain sender.example was first seen less than a day ago, "
		"says Spamhaus DBL.",
		"To be removed: https://check.example/?d=sender.example&i=198.51.100.7"},
	    {"address", ROLE_ADDRESS, CATEGORY_SPAM_SOURCE, ACTION_REFUSE, true,
		"Mail from [198.51.100.7] is refused: it has sent spam, says Spamhaus DBL.",
		"To be removed: https://check.example/?d=198.51.100.7&i=198.51.100.7"},
	    {"helo, not known", ROLE_HELO, CATEGORY_SPAM_SOURCE, ACTION_REFUSE, false,
		"Mail from [198.51.100.7] is refused: the name that it gave in HELO has sent "
		"spam, says Spamhaus DBL.",
		"To be removed: https://check.example/?d=198.51.100.7&i=198.51.100.7"},
	    {"name, not known", ROLE_NAME, CATEGORY_SPAM_SOURCE, ACTION_DROP, false,
		"Mail from [198.51.100.7] is refused: the name that DNS gives its address has "
		"sent spam, says Spamhaus DBL.",
		"To be removed: https://check.example/?d=198.51.100.7&i=198.51.100.7"},
	    {"sender, not known", ROLE_SENDER, CATEGORY_SPAM_SOURCE, ACTION_REFUSE, false,
		"Mail from [198.51.100.7] is refused: the sender's domain has sent spam, says "
		"Spamhaus DBL.",
		"To be removed: https://check.example/?d=198.51.100.7&i=198.51.100.7"},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct scene s;

		begin(&s, rows[i].role, rows[i].category);
		s.verdict.action = rows[i].action;
		if (!rows[i].named)
			s.facts.domain_of[rows[i].role] = i % 2 == 0 ? NULL : "";
		same_str(line_of(&s, 0), rows[i].first, rows[i].label);
		same_str(line_of(&s, 1), rows[i].second, rows[i].label);
		same_str(line_of(&s, s.reply.n - 1), SCENE_LAST, rows[i].label);
	}
}

/* A name may be anything: the line is whole, and says less where it must. */
static void
test_hostile(void)
{
	static const char plain[] =
	    "Mail from [198.51.100.7] is refused: the sender's domain has sent spam.";
	char domain[600], list[600];
	struct scene s;

	begin(&s, ROLE_SENDER, CATEGORY_SPAM_SOURCE);
	s.facts.domain_of[ROLE_SENDER] = "a\r\n550 x%s\xff.example";
	same_str(line_of(&s, 0),
	    "Mail from [198.51.100.7] is refused: the sender's domain a??550 x%%s?.example has "
	    "sent spam, says Spamhaus DBL.",
	    "hostile: a name");
	memset(domain, 'd', sizeof(domain));
	domain[sizeof(domain) - 1] = '\0';
	s.facts.domain_of[ROLE_SENDER] = domain;
	ok(strstr(line_of(&s, 0), "ddd... has sent spam, says Spamhaus DBL.") != NULL,
	    "hostile: a long name");
	memset(domain, '%', sizeof(domain));
	domain[sizeof(domain) - 1] = '\0';
	same_str(line_of(&s, 0), plain, "hostile: a long name that takes twice its room");
	memset(list, 'l', sizeof(list));
	list[sizeof(list) - 1] = '\0';
	s.list[0].name = list;
	same_str(line_of(&s, 0), plain, "hostile: the list's name is long, too");
	s.facts.domain_of[ROLE_SENDER] = "b.example";
	same_str(line_of(&s, 0),
	    "Mail from [198.51.100.7] is refused: the sender's domain b.example has sent spam.",
	    "hostile: the list's name alone is long");
}

/* One list that is asked about three names is one list. */
static void
test_others(void)
{
	static char other[] = "ours";
	struct scene s;

	begin(&s, ROLE_HELO, CATEGORY_SPAM_SOURCE);
	s.verdict.nvoices = SCENE_LISTS;
	ok(strstr(line_of(&s, 0), "more list") == NULL, "others: all of one label");
	s.list[1].label = s.list[2].label = other;
	ok(strstr(line_of(&s, 0), " (and 1 more list).") != NULL, "others: two of one label");
	s.verdict.doubted = 2;
	ok(strstr(line_of(&s, 0), " (and 1 more list).") != NULL, "others: one in doubt");
	s.verdict.doubted = 6;
	ok(strstr(line_of(&s, 0), "more list") == NULL, "others: both in doubt");
}

static void
test_codes(void)
{
	static const struct {
		const char *label;
		enum action action;
		enum ground ground;
		enum spf_result spf;
		unsigned policy_code;
		const char *code, *enhanced;
	} rows[] = {
	    {"refuse", ACTION_REFUSE, GROUND_LISTS, SPF_UNCHECKED, 0, "550", "5.7.1"},
	    {"defer", ACTION_DEFER, GROUND_LISTS, SPF_UNCHECKED, 0, "450", "4.7.1"},
	    {"drop", ACTION_DROP, GROUND_LISTS, SPF_UNCHECKED, 521, "521", "5.7.1"},
	    {"drop, for now", ACTION_DROP, GROUND_LISTS, SPF_UNCHECKED, 421, "421", "4.7.1"},
	    {"refuse, as a service", ACTION_REFUSE, GROUND_LISTS, SPF_UNCHECKED, 554, "554",
		"5.7.1"},
	    {"fail, as a service", ACTION_REFUSE, GROUND_SPF, SPF_FAIL, 554, "554", "5.7.23"},
	    {"lists, SPF checked", ACTION_REFUSE, GROUND_LISTS, SPF_FAIL, 0, "550", "5.7.1"},
	    {"fail", ACTION_REFUSE, GROUND_SPF, SPF_FAIL, 0, "550", "5.7.23"},
	    {"softfail", ACTION_REFUSE, GROUND_SPF, SPF_SOFTFAIL, 0, "550", "5.7.23"},
	    {"permerror", ACTION_REFUSE, GROUND_SPF, SPF_PERMERROR, 0, "550", "5.7.24"},
	    {"temperror", ACTION_REFUSE, GROUND_SPF, SPF_TEMPERROR, 0, "550", "5.7.24"},
	    {"none", ACTION_REFUSE, GROUND_SPF, SPF_NONE, 0, "550", "5.7.1"},
	    {"neutral", ACTION_REFUSE, GROUND_SPF, SPF_NEUTRAL, 0, "550", "5.7.1"},
	    {"pass", ACTION_REFUSE, GROUND_SPF, SPF_PASS, 0, "550", "5.7.1"},
	    {"fail, deferred", ACTION_DEFER, GROUND_SPF, SPF_FAIL, 0, "450", "4.7.23"},
	    {"temperror, deferred", ACTION_DEFER, GROUND_SPF, SPF_TEMPERROR, 0, "450",
		"4.7.24"},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct scene s;

		begin(&s, ROLE_ADDRESS, CATEGORY_SPAM_SOURCE);
		s.verdict.action = rows[i].action;
		s.verdict.ground = rows[i].ground;
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
	const char *first, *advice;
} results[] = {
    {"spf fail", SPF_FAIL, ACTION_REFUSE,
	"Mail from [198.51.100.7] is refused: the published policy of spf.example "
	"(SPF) does not let this address send its mail.",
	ADVICE},
    {"spf softfail", SPF_SOFTFAIL, ACTION_DEFER,
	"Mail from [198.51.100.7] is not accepted now and may be tried again later: "
	"the published policy of spf.example (SPF) says that this address should not "
	"send its mail.",
	ADVICE},
    {"spf neutral", SPF_NEUTRAL, ACTION_REFUSE,
	"Mail from [198.51.100.7] is refused: the published policy of spf.example "
	"(SPF) does not say whether this address may send its mail.",
	ADVICE},
    {"spf none", SPF_NONE, ACTION_REFUSE,
	"Mail from [198.51.100.7] is refused: spf.example publishes no policy (SPF) of "
	"who may send its mail.",
	ADVICE},
    {"spf permerror", SPF_PERMERROR, ACTION_REFUSE,
	"Mail from [198.51.100.7] is refused: the published policy of spf.example "
	"(SPF) has a mistake in it, and cannot be followed.",
	"The administrator of that domain must mend its SPF record in DNS."},
    {"spf temperror", SPF_TEMPERROR, ACTION_DEFER,
	"Mail from [198.51.100.7] is not accepted now and may be tried again later: "
	"the published policy of spf.example (SPF) could not be looked up in DNS.",
	"The administrator of that domain must see to it that its SPF record can be "
	"looked up."},
};

static void
test_spf(void)
{
	static char text[] = "Own: %{list} %{name} %{category} %{domain}.";
	char domain[400];
	struct scene s;

	for (size_t i = 0; i < COUNT(results); i++) {
		begin(&s, ROLE_ADDRESS, CATEGORY_SPAM_SOURCE);
		s.verdict.action = results[i].action;
		s.verdict.ground = GROUND_SPF;
		s.verdict.spf = results[i].result;
		same_str(line_of(&s, 0), results[i].first, results[i].label);
		same_str(line_of(&s, 1), results[i].advice, results[i].label);
		same_str(line_of(&s, 2), SCENE_LAST, results[i].label);
		same_num(s.reply.n, 3, results[i].label);
	}
	s.facts.spf_domain = NULL;
	ok(strstr(line_of(&s, 0), "policy of the sender's domain (SPF)") != NULL,
	    "spf: no domain");
	memset(domain, '%', sizeof(domain));
	domain[sizeof(domain) - 1] = '\0';
	s.facts.spf_domain = domain;
	ok(strstr(line_of(&s, 0), "policy of the sender's domain (SPF)") != NULL,
	    "spf: a domain that does not fit");
	s.facts.spf_domain = "spf.example";
	s.policy.text = text;
	same_str(line_of(&s, 0), "Own: spf SPF spf spf.example.", "spf: own text");
	s.policy.text = NULL;
	s.verdict.spf = SPF_PASS;
	same_str(line_of(&s, 0),
	    "Mail from [198.51.100.7] is not accepted now and may be tried again later: it has "
	    "sent spam, says Spamhaus DBL.",
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
	ok(strstr(line_of(&s, 0), "has sent spam, says Spamhaus DBL; whether") != NULL,
	    "score: a doubt is about a list");
	s.verdict.ground = GROUND_DENY;
	s.verdict.softened = false;
	s.verdict.action = ACTION_REFUSE;
	s.verdict.loudest = NULL;
	ok(strstr(line_of(&s, 0), "by the rules of this server") != NULL, "score: denied");
	s.verdict.ground = GROUND_LISTS;
	ok(strstr(line_of(&s, 0), "(SPF)") != NULL, "score: no list at all");
}

/* Doubt that leaves a refusal a refusal is none for the reader. */
static void
test_softened(void)
{
	static char text[] = "Own.";
	struct scene s;

	begin(&s, ROLE_ADDRESS, CATEGORY_SPAM_SOURCE);
	s.policy.text = text;
	s.verdict.face = ACTION_DROP;
	s.verdict.softened = true;
	same_str(line_of(&s, 0), "Own.", "softened: refused for sure");
	s.verdict.action = ACTION_DEFER;
	ok(strstr(line_of(&s, 0), "whether that stands") != NULL, "softened: put off");
	s.verdict.ground = GROUND_SPF;
	s.verdict.spf = SPF_FAIL;
	same_str(line_of(&s, 0), "Own.", "softened: put off by SPF, without a doubt");
}

static void
test_precedence(void)
{
	static char by_policy[] = "Policy.", by_answer[] = "Answer.", by_list[] = "List.",
		    by_category[] = "Category %{category}, %{name}, %{domain}.";
	const char *texts[CATEGORY_MAX] = {[CATEGORY_PHISHING] = by_category};
	struct scene s;

	begin(&s, ROLE_HELO, CATEGORY_PHISHING);
	s.policy.text = by_policy;
	s.answer[0].text = by_answer;
	s.list[0].text = by_list;
	s.facts.category_text = texts;
	same_str(line_of(&s, 0), "Policy.", "text: of the policy");
	s.policy.text = NULL;
	same_str(line_of(&s, 0), "Answer.", "text: of the answer");
	s.answer[0].text = NULL;
	same_str(line_of(&s, 0), "List.", "text: of the list");
	s.list[0].text = NULL;
	same_str(line_of(&s, 0), "Category phishing, Spamhaus DBL, helo.example.",
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
	test_softened();
	test_precedence();
	return done();
}
