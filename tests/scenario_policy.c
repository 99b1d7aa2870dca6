/* SPDX-License-Identifier: BSD-2-Clause */
/* scenario_policy.c - what Postfix asks by its policy delegation, each smtpd(8) for itself. */
#include "config.h"

#include "scenario.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "fakes/fake_loop.h"
#include "session/policyrequest.h"

/* A request as Postfix writes it, of "STATE INSTANCE ADDRESS FROM TO [NAME=VALUE...]". */
static char *
write_request(struct scenario *s, size_t *len)
{
	static const char *const names[] = {
	    "protocol_state", "instance", "client_address", "sender", "recipient"};
	char *text, *word;
	FILE *out = open_memstream(&text, len);

	if (out == NULL)
		abort();
	fputs("request=smtpd_access_policy\n", out);
	for (size_t i = 0; (word = next_word(&s->rest)) != NULL; i++) {
		char *value = unescape(s, strcmp(word, "-") != 0 ? word : "");

		if (i < sizeof(names) / sizeof(names[0]))
			fprintf(out, "%s=", names[i]);
		fprintf(out, "%s\n", value);
		free(value);
	}
	fputs("\n", out);
	fclose(out);
	return text;
}

void
do_ask(struct scenario *s)
{
	struct guest *c = client_of(s);
	char storage[POLICYTALK_ANSWER_SIZE], *text;
	struct policyrequest request;
	struct strbuf answer;
	size_t len;

	text = write_request(s, &len);
	if (c->talk.shared == NULL)
		policytalk_begin(&c->talk, &s->here->services.sessions);
	strbuf_init(&answer, storage, sizeof(storage));
	s->took = clock_ms();
	if (policyrequest_length(text, len) != len || !policyrequest_read(&request, text, len))
		broken(s, "no request:", s->whole);
	policytalk_answer(&c->talk, &request, &answer);
	s->took = clock_ms() - s->took;
	fake_loop_turn(s->loop);
	free(text);
	if (answer.len < 2 || strcmp(answer.data + answer.len - 2, "\n\n") != 0)
		broken(s, "an answer without its end:", answer.data);
	answer.data[answer.len - 2] = '\0';
	if (s->want != NULL)
		check(s, like(s->want, answer.data), s->want, answer.data);
}
