/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fuzz_httphead.c - the head of an HTTP request, whoever sends it: one of four answers, and
 * the page only to whoever asks for it by its name.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "control/http.h"
#include "fuzz/fuzz.h"

#define PATH "/metrics"

static bool
asks_for(const char *head, size_t len, const char *method)
{
	size_t n = strlen(method), all = n + strlen(PATH);

	return len > all && memcmp(head, method, n) == 0 &&
	    memcmp(head + n, PATH, strlen(PATH)) == 0 && (head[all] == ' ' || head[all] == '?');
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *head = fuzz_copy(data, size);
	struct http_reply reply = http_judge(head, size, PATH);
	bool get = asks_for(head, size, "GET "), without = asks_for(head, size, "HEAD ");

	MUST(reply.status == 200 || reply.status == 400 || reply.status == 404 ||
	    reply.status == 405);
	MUST(reply.status != 200 || get || without);
	MUST(!reply.head || (size >= 5 && memcmp(head, "HEAD ", 5) == 0));
	MUST(reply.status != 200 || memchr(head, '\0', size) == NULL);
	free(head);
	return 0;
}
