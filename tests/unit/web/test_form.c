/* SPDX-License-Identifier: BSD-2-Clause */
/* test_form.c - good and bad forms. */
#include "config.h"

#include "web/form.h"

#include "tap.h"

static const struct {
	const char *form;
	enum form_found found;
	const char *want;
	bool lines;
} rows[] = {
    {"", FORM_NONE, "", false},
    {"q", FORM_NONE, "", false},
    {"q=", FORM_GOOD, "", false},
    {"q=a", FORM_GOOD, "a", false},
    {"l=de&q=a", FORM_GOOD, "a", false},
    {"qq=b&q=a&", FORM_GOOD, "a", false},
    {"q=a&q=b", FORM_BAD, "", false},
    {"q=+a+b+", FORM_GOOD, "a b", false},
    {"q=%41%2f%2B", FORM_GOOD, "A/+", false},
    {"q=%3Cscript%3E", FORM_GOOD, "<script>", false},
    {"q=%c3%a9", FORM_GOOD, "\xc3\xa9", false},
    {"q=%", FORM_BAD, "", false},
    {"q=%4", FORM_BAD, "", false},
    {"q=%zz", FORM_BAD, "", false},
    {"q=%4&1", FORM_BAD, "", false},
    {"q=%00", FORM_BAD, "", false},
    {"q=a%0d%0ab", FORM_BAD, "", false},
    {"q=a%0d%0ab%0a", FORM_GOOD, "a\nb", true},
    {"q=a%07", FORM_BAD, "", true},
    {"q=%7f", FORM_BAD, "", false},
    {"q=0123456", FORM_GOOD, "0123456", false},
    {"q=01234567", FORM_GOOD, "01234567", false},
    {"q=012345678", FORM_BAD, "", false},
    {"%71=a", FORM_NONE, "", false},
};

int
main(void)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char out[9] = "x";

		same_num(form_get(rows[i].form, strlen(rows[i].form), "q", rows[i].lines, out,
			     sizeof(out)),
		    rows[i].found, rows[i].form);
		if (rows[i].found != FORM_NONE)
			same_str(out, rows[i].want, rows[i].form);
	}
	return done();
}
