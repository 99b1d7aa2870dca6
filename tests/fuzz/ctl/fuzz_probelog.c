/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fuzz_probelog.c - lines of other programs' mail logs, in which strangers have typed: what is
 * read is bounded, and what it comes to is so, too.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "ctl/probelog.h"
#include "fuzz/fuzz.h"
#include "own/probes.h"

#define LINE_MAX 4000
#define NOW 1795914000
#define CLIENTS 64

static bool
is_own(const void *arg, const char *domain)
{
	(void)arg;
	return strcmp(domain, "our.example") == 0;
}

static void
check_tester(void *n, const struct ipaddr *client, const struct prober *prober)
{
	MUST(client->bits != 0 && prober->attempts > 0 && prober->rule < PROBER_RULES);
	MUST(prober->first <= prober->since && prober->forms != 0);
	++*(unsigned *)n;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = {data, size};
	struct probes *probes = probes_new(CLIENTS, is_own, NULL);
	unsigned n = 0, testers = 0;

	MUST(probes != NULL);
	while (in.left > 0) {
		const struct prober *prober;
		struct probelog_entry e;
		char *line = input_text(&in, LINE_MAX);

		if (probelog_parse(&e, line, NOW) == LOGMERGE_ENTRY) {
			MUST(e.client.bits != 0 && e.time >= 0);
			n++;
			if (e.accepted)
				probes_accepted(probes, &e.client, (uint32_t)e.time);
			else
				probes_refused(probes,
				    &(struct probes_refusal){e.client, e.recipient,
					e.has_sender ? e.sender : NULL,
					e.has_helo ? e.helo : NULL, NULL},
				    (uint32_t)e.time + n, &prober);
		}
		free(line);
	}
	probes_each(probes, check_tester, &testers);
	MUST(testers <= n / 2);
	probes_free(probes);
	return 0;
}
