/* SPDX-License-Identifier: BSD-2-Clause */
/* session/passed.c - as many references as one value of the log takes. */
#include "config.h"

#include "session/passed.h"

#include <string.h>

#include "base/random.h"
#include "base/strbuf.h"

#define REFS_SHOWN ((PASSED_REFS_MAX - sizeof(",...")) / (REF_LEN + 1))

void
passed_begin(struct passed *passed)
{
	*passed = (struct passed){.worst = ACTION_PASS};
}

void
passed_add(struct passed *passed, const char *ref, enum action action)
{
	struct strbuf sb;
	size_t used;

	if (action > passed->worst)
		passed->worst = action;
	if (ref == NULL || passed->recipients > REFS_SHOWN) {
		passed->recipients++;
		return;
	}
	used = strlen(passed->refs);
	strbuf_init(&sb, passed->refs + used, sizeof(passed->refs) - used);
	if (passed->recipients++ > 0)
		strbuf_addc(&sb, ',');
	strbuf_add(&sb, passed->recipients <= REFS_SHOWN ? ref : "...");
}
