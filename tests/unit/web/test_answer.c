/* SPDX-License-Identifier: BSD-2-Clause */
/* test_answer.c - what decisions are about, and what is left of them. */
#include "config.h"

#include "web/answer.h"

#include "tap.h"

static const struct {
	const char *decision, *topic;
	bool clear;
} rows[] = {
    {"{}", "doubt", false},
    {"{\"reason\":\"deny\"}", "local", false},
    {"{\"reason\":\"spf\",\"lists\":[{\"category\":\"dynamic\"}]}", "spf", false},
    {"{\"reason\":\"lists\",\"lists\":[]}", "doubt", false},
    {"{\"reason\":\"lists\",\"lists\":[{\"category\":\"dynamic\"}]}", "dynamic", false},
    {"{\"reason\":\"deny\",\"accepted\":true}", "local", true},
    {"{\"reason\":\"spf\",\"accepted\":true,\"lists\":[]}", "spf", true},
    {"{\"reason\":\"lists\",\"lists\":[{\"category\":\"dynamic\"},{\"category\":\"exploited\","
     "\"decided\":true,\"now\":\"clear\"}],\"accepted\":true}",
	"exploited", true},
    {"{\"reason\":\"lists\",\"lists\":[{\"category\":\"exploited\",\"decided\":true,\"now\":"
     "\"clear\"}],\"accepted\":false}",
	"exploited", false},
    {"{\"reason\":\"lists\",\"accepted\":true,\"lists\":[{\"category\":\"dynamic\",\"decided\":true,\"now\":"
     "\"clear\"},{\"decided\":true,\"now\":\"unknown\"}]}",
	"dynamic", false},
    {"{\"reason\":\"lists\",\"lists\":[{\"category\":\"nobody's\",\"decided\":true}]}", "doubt",
	false},
    {"{\"reason\":\"lists\",\"lists\":[{\"category\":\"allow\",\"decided\":true}]}", "doubt",
	false},
    {"{\"reason\":\"network-busy\",\"lists\":[{\"category\":\"dynamic\"}]}", "doubt", false},
    {"{\"reason\":7,\"lists\":{\"category\":\"dynamic\"}}", "doubt", false},
};

int
main(void)
{
	json_t *numbers = json_pack("{s:i, s:f, s:s}", "a", 5, "b", 4.5, "c", "x");
	char out[16];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		json_t *decision = json_loads(rows[i].decision, 0, NULL);

		same_str(topic_name(answer_topic(decision)), rows[i].topic, rows[i].decision);
		same_num(answer_is_clear(decision), rows[i].clear, rows[i].decision);
		json_decref(decision);
	}
	same_str(answer_number(numbers, "a", out, sizeof(out)), "5", "whole");
	same_str(answer_number(numbers, "b", out, sizeof(out)), "4.5", "with a fraction");
	same_str(answer_number(numbers, "c", out, sizeof(out)), "", "none");
	same_str(answer_text(numbers, "a"), "", "no text");
	same_str(answer_text(NULL, "a"), "", "no object");
	ok(answer_is_link("https://example.net/") && !answer_is_link("javascript:alert(1)") &&
		!answer_is_link(""),
	    "links");
	json_decref(numbers);
	return done();
}
