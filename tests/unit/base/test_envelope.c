/* SPDX-License-Identifier: BSD-2-Clause */
/* test_envelope.c - whose word on an address counts, the client's or the MTA's. */
#include "config.h"

#include "base/envelope.h"

#include "tap.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define POSTFIX "Postfix 3.7.11"

static const struct {
	const char *label;
	enum mta mta;
	struct envelope_path path;
	bool good;
	const char *local, *domain, *text;
} rows[] = {
    {"Postfix, a comment", MTA_AUTO,
	{"<bob@a.example(x)>", "bob@a.example", "virtual", POSTFIX}, true, "bob", "a.example",
	"bob@a.example"},
    {"Postfix, plain", MTA_AUTO, {"<bob@a.example>", "bob@a.example", NULL, POSTFIX}, true,
	"bob", "a.example", "<bob@a.example>"},
    {"Postfix, in another case", MTA_AUTO, {"Bob@A.example", "bob@a.example", NULL, POSTFIX},
	true, "bob", "a.example", "Bob@A.example"},
    {"Postfix, a domain of its own", MTA_AUTO, {"<bob>", "bob@mx.example", NULL, POSTFIX}, true,
	"bob", "mx.example", "bob@mx.example"},
    {"Postfix, a percent hack", MTA_AUTO,
	{"<bob%a.example@mx.example>", "bob@a.example", NULL, POSTFIX}, true, "bob",
	"a.example", "bob@a.example"},
    {"Postfix, quotes it keeps", MTA_AUTO,
	{"<\"a@b\"@a.example>", "\"a@b\"@a.example", NULL, POSTFIX}, true, "a@b", "a.example",
	"<\"a@b\"@a.example>"},
    {"Postfix, no local part", MTA_AUTO, {"<@a.example>", "\"\"@a.example", NULL, POSTFIX},
	true, "", "a.example", "\"\"@a.example"},
    {"Postfix, the null path", MTA_AUTO, {"<>", "", NULL, POSTFIX}, true, "", "", "<>"},
    {"Postfix, nothing but a comment", MTA_AUTO, {"<(x)>", "", NULL, POSTFIX}, true, "", "",
	""},
    {"Postfix, no macro", MTA_AUTO, {"<bob@a.example>", NULL, NULL, POSTFIX}, true, "bob",
	"a.example", "<bob@a.example>"},
    {"Postfix, a reason", MTA_AUTO, {"<bob@a.example>", "no@b.example", "error", POSTFIX}, true,
	"bob", "a.example", "<bob@a.example>"},
    {"Postfix, a macro that cannot be read", MTA_AUTO,
	{"<bob@a.example>", "bob@b..example", NULL, POSTFIX}, true, "bob", "a.example",
	"<bob@a.example>"},
    {"Postfix by the configuration", MTA_POSTFIX, {"<bob>", "bob@mx.example", NULL, "Mail 3"},
	true, "bob", "mx.example", "bob@mx.example"},
    {"Sendmail by the configuration", MTA_SENDMAIL, {"<bob>", "bob@mx.example", NULL, POSTFIX},
	true, "bob", "", "<bob>"},
    {"a name like that of Postfix", MTA_AUTO, {"<bob>", "bob@mx.example", NULL, "Postfixed 3"},
	true, "bob", "", "<bob>"},
    {"after aliases", MTA_AUTO, {"<bob@a.example>", "eve@b.example", "esmtp", "8.17.1.9"}, true,
	"bob", "a.example", "<bob@a.example>"},
    {"a comment", MTA_AUTO, {"<bob@a.example(x)>", "bob@a.example", "esmtp", NULL}, true, "bob",
	"a.example", "bob@a.example"},
    {"a comment in the local part", MTA_AUTO,
	{"<bob(x)@a.example>", "bob@a.example", "esmtp", NULL}, true, "bob", "a.example",
	"bob@a.example"},
    {"a bang path", MTA_AUTO, {"<a.example!bob>", "bob@a.example", NULL, NULL}, true, "bob",
	"a.example", "bob@a.example"},
    {"a percent sign that stays", MTA_AUTO, {"<a%b@a.example>", "a%b@a.example", NULL, NULL},
	true, "a%b", "a.example", "<a%b@a.example>"},
    {"a group", MTA_AUTO, {"<g:bob@a.example;>", "g:bob@a.example", NULL, NULL}, true, "g:bob",
	"a.example", "g:bob@a.example"},
    {"no macro, a percent sign", MTA_AUTO, {"<a%b@a.example>", NULL, NULL, NULL}, true, "a%b",
	"a.example", "<a%b@a.example>"},
    {"no macro, a bang path", MTA_AUTO, {"<a.example!bob>", NULL, NULL, NULL}, false, "", "",
	"<a.example!bob>"},
    {"no macro, a comment", MTA_AUTO, {"<bob@a.example(x)>", NULL, NULL, NULL}, false, "", "",
	"<bob@a.example(x)>"},
    {"a reason", MTA_AUTO, {"<bob@a.example(x)>", "bob@a.example", "error", NULL}, false, "",
	"", "<bob@a.example(x)>"},
    {"neither", MTA_AUTO, {"<bob@a.example(x)>", "550 5.1.1 no", NULL, NULL}, false, "", "",
	"<bob@a.example(x)>"},
    {"nothing typed", MTA_AUTO, {NULL, NULL, NULL, NULL}, false, "", "", NULL},
    {"nothing typed, something made of it", MTA_AUTO, {NULL, "bob@a.example", NULL, NULL}, true,
	"bob", "a.example", "bob@a.example"},
};

int
main(void)
{
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct mailbox box;
		const char *text = "unset";

		memset(&box, 'x', sizeof(box));
		same_num(envelope_read(&box, rows[i].mta, &rows[i].path, &text), rows[i].good,
		    rows[i].label);
		same_str(box.local, rows[i].local, rows[i].label);
		same_str(box.domain, rows[i].domain, rows[i].label);
		if (rows[i].text != NULL)
			same_str(text, rows[i].text, rows[i].label);
		else
			ok(text == NULL, "%s: no text", rows[i].label);
	}
	return done();
}
