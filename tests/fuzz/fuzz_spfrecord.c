/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fuzz_spfrecord.c - a TXT record of anybody's: what is handed on of it is no
 * longer, printable, a policy, and has nothing left that could be taken out.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "fuzz/fuzz.h"
#include "spfrecord.h"

/* The same record, for a client of either family. */
static void
check(const char *text, size_t size, const char *address)
{
	char out[SPFRECORD_MAX + 1], again[SPFRECORD_MAX + 1];
	struct ipaddr client;

	MUST(ipaddr_parse(&client, address));
	if (spfrecord_reduce(text, size, &client, out) != SPFRECORD_GOOD)
		return;
	MUST(strlen(out) <= size && fuzz_printable(out));
	MUST(strncmp(out, "v=spf1", 6) == 0 && (out[6] == '\0' || out[6] == ' '));
	MUST(strstr(out, " ip4:") == NULL && strstr(out, " ip6:") == NULL);
	MUST(spfrecord_reduce(out, strlen(out), &client, again) == SPFRECORD_GOOD);
	MUST(strcmp(out, again) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_copy(data, size);

	check(text, size, "198.51.100.7");
	check(text, size, "2001:db8::7");
	free(text);
	return 0;
}
