/* SPDX-License-Identifier: BSD-2-Clause */
/* test_verbs.c - from the words of a command line to a request. */
#include "config.h"

#include "ctl/verbs.h"

#include <stdint.h>
#include <stdlib.h>

#include "tap.h"

static const struct {
	const char *word[6]; /* the verb first; a NULL ends them */
	const char *want;    /* NULL: no request */
} rows[] = {
    {{"status"}, "{\"verb\":\"status\"}"},
    {{"status", "now"}, NULL},
    {{"lists"}, "{\"verb\":\"lists\"}"},
    {{"lists", "zen"}, "{\"verb\":\"lists\",\"label\":\"zen\"}"},
    {{"lists", "zen", "psbl"}, NULL},
    {{"explain"}, NULL},
    {{"explain", "--helo", "mx.example"}, NULL},
    {{"explain", "192.0.2.1", "--helo", "mx.example"},
	"{\"verb\":\"explain\",\"address\":\"192.0.2.1\",\"helo\":\"mx.example\"}"},
    {{"explain", "--helo=mx.example", "192.0.2.1"},
	"{\"verb\":\"explain\",\"helo\":\"mx.example\",\"address\":\"192.0.2.1\"}"},
    {{"explain", "192.0.2.1", "--from="},
	"{\"verb\":\"explain\",\"address\":\"192.0.2.1\",\"from\":\"\"}"},
    {{"explain", "192.0.2.1", "--from"}, NULL},
    {{"explain", "192.0.2.1", "--hel", "mx.example"}, NULL},
    {{"explain", "192.0.2.1", "--helo", "a", "--helo=b"}, NULL},
    {{"explain", "192.0.2.1", "--"}, NULL},
    {{"explain", "192.0.2.1", "--helo", "\xff"}, NULL},
};

int
main(void)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct verb *verb = verbs_find(rows[i].word[0]);
		json_t *request =
		    verbs_request(verb, (char *const *)(uintptr_t)(rows[i].word + 1));
		char *text = request != NULL
		    ? json_dumps(request, JSON_COMPACT | JSON_ENSURE_ASCII)
		    : NULL;

		same_str(text, rows[i].want, rows[i].word[0]);
		json_decref(request);
		free(text);
	}
	ok(verbs_find("explai") == NULL, "a verb is not shortened");
	ok(verbs_find(NULL) == NULL, "none is none");
	return done();
}
