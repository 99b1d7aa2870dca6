/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Texts and URLs with blanks: what may be written in one, and what comes of it.
 */
#include "config.h"

#include "base/template.h"

#include "tap.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void
test_fill(void)
{
	static const char *const filling[BLANKS] = {
	    [BLANK_IP] = "2001:db8::7",
	    [BLANK_DOMAIN] = "bad.example",
	    [BLANK_LIST] = "ours",
	    [BLANK_NAME] = "100% \xc3\xa9 & %{ip}",
	    [BLANK_CATEGORY] = "spam-source",
	    [BLANK_REF] = "7F3K2Q9M",
	};
	static const struct {
		const char *label, *template;
		bool url;
		const char *want;
	} rows[] = {
	    {"fill: nothing", "", false, ""},
	    {"fill: no blank", "100% {ip} %{ ip}", false, "100% {ip} %{ ip}"},
	    {"fill: all", "%{ip} %{domain} %{list} %{category} %{ref}", false,
		"2001:db8::7 bad.example ours spam-source 7F3K2Q9M"},
	    {"fill: clean, and not filled again", "<%{name}>", false, "<100% ?? & %{ip}>"},
	    {"fill: encoded in a URL", "https://x/?a=%{ip}&n=%{name}", true,
		"https://x/?a=2001%3Adb8%3A%3A7&n=100%25%20%C3%A9%20%26%20%25%7Bip%7D"},
	    {"fill: bytes that are no text", "a\tb\x7f\xff", false, "a?b??"},
	};
	char storage[200], big[600];
	struct strbuf sb;

	for (size_t i = 0; i < COUNT(rows); i++) {
		strbuf_init(&sb, storage, sizeof(storage));
		template_fill(
		    &sb, rows[i].template, strlen(rows[i].template), filling, rows[i].url);
		same_str(storage, rows[i].want, rows[i].label);
		ok(!sb.cut, "%s: whole", rows[i].label);
	}
	strbuf_init(&sb, storage, sizeof(storage));
	template_fill(&sb, "%{ref}%{ref}", 6, filling, false);
	same_str(storage, "7F3K2Q9M", "fill: a part of it");
	memset(big, ':', sizeof(big));
	big[sizeof(big) - 1] = '\0';
	strbuf_init(&sb, storage, sizeof(storage));
	template_fill(&sb, "%{ip}", 5, (const char *const[BLANKS]){[BLANK_IP] = big}, true);
	ok(sb.cut, "fill: too much is told of");
}

static void
test_check(void)
{
	static const struct {
		const char *label, *text;
		bool lines, want;
	} rows[] = {
	    {"check: plain", "https://x.example/?ip=%{ip}", false, true},
	    {"check: all placeholders", "%{ip}%{domain}%{list}%{name}%{ref}%{category}", false,
		true},
	    {"check: percent", "100% sure %20", false, true},
	    {"check: two lines", "one\ntwo", true, true},
	    {"check: percent at the end", "100%", false, true},
	    {"check: empty", "", true, false},
	    {"check: two lines where one may be", "one\ntwo", false, false},
	    {"check: three lines", "one\ntwo\nthree", true, false},
	    {"check: first line empty", "\ntwo", true, false},
	    {"check: second line empty", "one\n", true, false},
	    {"check: newline alone", "\n", true, false},
	    {"check: carriage return", "one\r\ntwo", true, false},
	    {"check: tab", "one\ttwo", true, false},
	    {"check: 8-bit", "caf\xc3\xa9", true, false},
	    {"check: DEL", "x\x7f", true, false},
	    {"check: unknown placeholder", "%{names}", true, false},
	    {"check: placeholder in capitals", "%{IP}", true, false},
	    {"check: placeholder not closed", "%{ip", true, false},
	    {"check: placeholder with a space", "%{ ip}", true, false},
	    {"check: empty placeholder", "%{}", true, false},
	    {"check: the second is unknown", "%{ip} %{key}", true, false},
	};
	char text[TEMPLATE_MAX + 2], why[200] = "";

	for (size_t i = 0; i < COUNT(rows); i++) {
		bool good;

		why[0] = '\0';
		good = template_check(rows[i].text, rows[i].lines, why, sizeof(why));
		ok(good == rows[i].want && good == (why[0] == '\0'), "%s%s%s", rows[i].label,
		    good ? "" : ": ", why);
	}
	memset(text, 'x', sizeof(text));
	text[TEMPLATE_MAX] = '\0';
	ok(template_check(text, false, why, sizeof(why)), "check: longest");
	text[TEMPLATE_MAX] = 'x';
	text[TEMPLATE_MAX + 1] = '\0';
	ok(!template_check(text, false, why, sizeof(why)), "check: one byte longer");
}

int
main(void)
{
	test_fill();
	test_check();
	return done();
}
