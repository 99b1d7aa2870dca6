/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fuzz_policy.c - what somebody sends to the socket of Postfix's policy delegation, one
 * request after the other: each has one answer that Postfix understands, which never lets it
 * relay, and nobody is refused of whom nothing bad is known.
 */
#include "config.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz/fuzz.h"
#include "fuzz/fuzz_services.h"
#include "session/policyrequest.h"
#include "session/policytalk.h"
#include "session/session.h"

#define REQUESTS_MAX 20

static bool
is_reply(const char *answer)
{
	return (answer[0] == '4' || answer[0] == '5') && isdigit((unsigned char)answer[1]) &&
	    isdigit((unsigned char)answer[2]) && answer[3] == ' ';
}

static bool
begins(const char *text, const char *word)
{
	return strncmp(text, word, strlen(word)) == 0;
}

static void
check_answer(const struct policyrequest *r, struct strbuf *sb)
{
	char *answer = sb->data + strlen("action=");
	struct ipaddr client;

	MUST(!sb->cut && sb->len > strlen("action=") + 2 && begins(sb->data, "action="));
	MUST(strcmp(sb->data + sb->len - 2, "\n\n") == 0);
	sb->data[sb->len - 2] = '\0';
	MUST(fuzz_printable(answer));
	MUST(is_reply(answer) || strcmp(answer, "DUNNO") == 0 || begins(answer, "HOLD ") ||
	    begins(answer, "PREPEND X-RelayGuard: "));
	MUST(!is_reply(answer) ||
	    (ipaddr_parse(&client, r->client_address) && fuzz_services_denies(&client)));
}

static void
ask(struct policytalk *talk, const char *at, size_t len)
{
	char storage[POLICYTALK_ANSWER_SIZE], *text = fuzz_copy(at, len);
	struct policyrequest r;
	struct strbuf answer;

	strbuf_init(&answer, storage, sizeof(storage));
	if (policyrequest_read(&r, text, len)) {
		policytalk_answer(talk, &r, &answer);
		check_answer(&r, &answer);
		MUST(session_count() <= 1);
	}
	free(text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = {data, size};
	struct policytalk talk;
	size_t len;

	fuzz_services_open(input_byte(&in));
	policytalk_begin(&talk, fuzz_services_sessions());
	for (unsigned i = 0; i < REQUESTS_MAX; i++) {
		const char *at = (const char *)in.at;

		if (in.left == 0 || (len = policyrequest_length(at, in.left)) == 0)
			break;
		MUST(len <= in.left && at[len - 1] == '\n');
		ask(&talk, at, len);
		in.at += len;
		in.left -= len;
	}
	policytalk_end(&talk);
	MUST(session_count() == 0);
	fuzz_services_close();
	return 0;
}
