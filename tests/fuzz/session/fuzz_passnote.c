/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fuzz_passnote.c - notes that anybody may have put into Redis, a line each: one is a pass
 * within all bounds, or none; written again it is the same; and two nodes that join them, one
 * in the reverse order, both know of it, and let no more through than one pass is good for.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/strbuf.h"
#include "fuzz/fuzz.h"
#include "session/passes.h"
#include "session/passnote.h"

#define NOW INT64_C(1000000000000)
#define NOTES 16

static void
check_note(const struct pass *pass)
{
	char text[PASSNOTE_SIZE], again[PASSNOTE_SIZE];
	struct pass copy;

	MUST(pass->messages <= PASS_MESSAGES && pass->recipients <= PASS_RECIPIENTS);
	MUST(pass->until <= NOW + PASS_MS && pass->again <= NOW + PASS_AGAIN_MS);
	MUST(pass->kept <= NOW + PASS_ABUSED_MS && pass->abuses <= PASS_ABUSES);
	MUST(pass->network.len == passes_network(&pass->network.addr).len);
	passnote_write(pass, NOW, text);
	MUST(passnote_read(&copy, text, 0, NOW));
	passnote_write(&copy, NOW, again);
	MUST(strcmp(text, again) == 0);
}

static unsigned
read_notes(char *text, struct pass pass[NOTES])
{
	unsigned n = 0;

	while (text != NULL && n < NOTES) {
		char *end = strchr(text, '\n');

		if (end != NULL)
			*end++ = '\0';
		if (passnote_read(&pass[n], text, 0, NOW))
			check_note(&pass[n++]);
		text = end;
	}
	return n;
}

static void
join(struct passes *p, const struct pass *pass)
{
	(void)passes_join(p, PASS_KEEPER_FLEET, pass);
	MUST(!passes_join(p, PASS_KEEPER_FLEET, pass)); /* that says nothing new */
}

/* No more than that, whatever was joined. */
static void
spend_all(struct passes *p, const struct pass *pass)
{
	struct mailbox to = {.local = "bob"};
	unsigned n = 0;

	(void)strbuf_copy(to.domain, sizeof(to.domain), pass->domain);
	while (n <= PASS_MESSAGES && passes_spend(p, &pass->network.addr, &to, false))
		n++;
	MUST(n <= PASS_MESSAGES);
}

static void
compare(struct passes *one, struct passes *other, const struct pass *pass)
{
	struct pass a = {.id = 0}, b = {.id = 0};

	MUST(passes_granted(one, &pass->network.addr, &a) ==
	    passes_granted(other, &pass->network.addr, &b));
	spend_all(one, pass);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct pass pass[NOTES];
	struct passes *one = passes_new(), *other = passes_new();
	char *text = strndup((const char *)data, size);
	unsigned n;

	clock_freeze(NOW, 1800000000);
	MUST(one != NULL && other != NULL && text != NULL);
	n = read_notes(text, pass);
	for (unsigned i = 0; i < n; i++)
		join(one, &pass[i]);
	for (unsigned i = n; i > 0; i--)
		join(other, &pass[i - 1]);
	for (unsigned i = 0; i < n; i++)
		compare(one, other, &pass[i]);
	passes_free(one);
	passes_free(other);
	free(text);
	return 0;
}
