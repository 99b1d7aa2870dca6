/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_checker.c - which values each kind takes, and what a number then is.
 */
#include "config.h"

#include "conf/checker.h"

#include "conf/keyword.h"
#include "tap.h"

#define L64 "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijkl"

static const struct {
	checker *check;
	const char *text;
	bool want;
} values[] = {
    {checker_account, "postfix", true},
    {checker_account, "", false},
    {checker_account, "a:b", false},
    {checker_path, "/run/x", true},
    {checker_path, "run/x", false},
    {checker_path, "/run/\n", false},
    {checker_file, "/etc/x", true},
    {checker_words, "Spamhaus SBL", true},
    {checker_words, "", false},
    {checker_words, L64 "x", false},
    {checker_metrics, "127.0.0.1:9891", true},
    {checker_metrics, "[::1]:9891", true},
    {checker_metrics, "127.0.0.1", false},
    {checker_metrics, "127.0.0.1:0", false},
    {checker_metrics, "0.0.0.0:9891", false},
    {checker_metrics, "[::]:9891", false},
    {checker_metrics, "192.0.2.1:9891", false},
    {checker_metrics, "localhost:9891", false},
    {checker_server, "[::1]:53", true},
    {checker_server, "dns.example", false},
    {checker_zone, "bl.example.net", true},
    {checker_zone, "%{key}.bl.example.net", true},
    {checker_zone, "%{key}.%{key}.example", false},
    {checker_zone, "", true},
    {checker_zone, ".", false},
    {checker_data, "ip4set:/var/lib/rbldns/list", true},
    {checker_data, "list", false},
    {checker_url, "https://x/%{ip}", true},
    {checker_url, "ftp://x/", false},
    {checker_url, "https://x/\ny", false},
    {checker_text, "one\ntwo", true},
    {checker_text, "one\ntwo\nthree", false},
    {checker_dead, "", true},
    {checker_dead, "2024-06-05: emptied", true},
    {checker_needs, "", true},
    {checker_needs, "registration", true},
    {checker_needs, "money", false},
    {checker_category, "dynamic", true},
    {checker_category, "Dynamic", false},
    {checker_label, L64, true},
    {checker_label, L64 "x", false},
    {checker_label, "a b", false},
    {checker_domain, "mx.example", true},
    {checker_domain, "mx", true},
    {checker_domain, "a;b", false},
    {checker_believed, "example.org", true},
    {checker_believed, ".Example.Org.", true},
    {checker_believed, "gmail.com", true},
    {checker_believed, "org", false},
    {checker_believed, ".co.uk", false},
    {checker_believed, "..example.org", false},
    {checker_believed, "", false},
    {checker_believed, ".", false},
    {checker_believed, "198.51.100.7", false},
    {checker_believed, "@example.org", false},
    {checker_role, "helo", true},
    {checker_role, "name", true},
    {checker_role, "sender", true},
    {checker_role, "address", false},
    {checker_role, "", false},
    {checker_policy_name, ".example.org", true},
    {checker_policy_name, "gold", true},
    {checker_policy_name, "a b", false},
    {checker_pattern, "127.0.0.&8", true},
    {checker_pattern, "127.0.0.&0", false},
    {checker_vote, "label*2", true},
    {checker_vote, "label*2*3", false},
    {checker_mailbox, "abuse@example.org", true},
    {checker_mailbox, "<>", false},
};

static const struct {
	const char *section, *word, *text;
	int64_t want;
	bool wrong;
} numbers[] = {
    {"root", "mode", "shadow", 1, false},
    {"root", "mode", "enforce", 0, false},
    {"root", "mode", NULL, 0, false},
    {"root", "mta", NULL, 0, false},
    {"root", "mta", "postfix", 1, false},
    {"root", "mta", "sendmail", 2, false},
    {"root", "mta", "exim", 0, true},
    {"policy", "doubt", "refuse", 2, false},
    {"list", "kind", "domain", 1, false},
    {"list", "kind", "allow", 2, false},
    {"list", "kind", NULL, 0, false},
    {"list", "scope", "provider", 2, false},
    {"list", "entries", "owners", 5, false},
    {"list", "entries", "", 0, false},
    {"list", "entries", NULL, 0, false},
    {"list", "free", "300000", 300000, false},
    {"list", "free", "1000000001", 0, true},
    {"list", "public_resolvers", NULL, 1, false},
    {"list", "private", NULL, 0, false},
    {"spf", "processes", NULL, 128, false},
    {"policy", "agree", NULL, 1, false},
    {"policy", "agree", "64", 64, false},
    {"policy", "agree", "65", 1, true},
    {"policy", "drop_code", NULL, 521, false},
    {"policy", "drop_code", "421", 421, false},
    {"policy", "drop_code", "450", 521, true},
    {"policy", "refuse_code", NULL, 550, false},
    {"policy", "refuse_code", "554", 554, false},
    {"policy", "refuse_code", "552", 550, true},
    {"root", "lines", NULL, 3, false},
    {"root", "lines", "1", 1, false},
    {"root", "lines", "2", 3, true},
    {"policy", "drop_at", "connect", 1, false},
    {"policy", "drop_at", NULL, 0, false},
    {"policy", "spf_fail", "ignore", 0, false},
    {"policy", "spf_fail", "defer", CHECKER_SPF_DEFER, false},
    {"policy", "spf_fail", "refuse", CHECKER_SPF_REFUSE, false},
    {"policy", "spf_fail", "1000", 1000, false},
    {"policy", "spf_fail", "-1", 0, true},
    {"policy", "spf_fail", NULL, 0, false},
    {"health", "interval", "0s", 0, false},
    {"health", "interval", "24h", 86400000, false},
};

int
main(void)
{
	char why[300];

	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		why[0] = '\0';
		ok(values[i].check(values[i].text, why, sizeof(why)) == values[i].want &&
			(why[0] == '\0') == values[i].want,
		    "\"%.*s\" is %s", (int)strcspn(values[i].text, "\n"), values[i].text,
		    values[i].want ? "one" : "none");
	}
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		const struct keyword *k = keyword_find(numbers[i].section, numbers[i].word);
		const char *text = numbers[i].text;

		ok(k != NULL && keyword_number(k, text) == numbers[i].want &&
			(text == NULL ||
			    keyword_check(k, text, why, sizeof(why)) != numbers[i].wrong),
		    "%s = \"%s\"", numbers[i].word, text != NULL ? text : "(default)");
	}
	for (size_t i = 0; keyword_at(i) != NULL; i++) {
		const struct keyword *k = keyword_at(i);

		ok(k->def == NULL || k->list || keyword_check(k, k->def, why, sizeof(why)),
		    "the default of %s is good", k->name != NULL ? k->name : k->section);
	}
	return done();
}
