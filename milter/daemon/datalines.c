/* SPDX-License-Identifier: BSD-2-Clause */
/* daemon/datalines.c - for "relayguard -t". */
#include "config.h"

#include "daemon/datalines.h"

#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"
#include "conf/conf.h"
#include "conf/datarules.h"
#include "data/datafeed.h"

#define HOUR_S 3600

static void
print_list(const struct listing *list)
{
	struct datafeed_state state;
	int64_t now = clock_wall();

	datafeed_state(list->data, now, &state);
	printf("List \"%s\" has %zu entries here", list->label, state.entries);
	if (state.entries > 0)
		printf(", %" PRId64 " hours old, in %zu MB", (now - state.written) / HOUR_S,
		    (state.bytes >> 20) + 1);
	puts(".");
}

void
datalines_print(const struct conf *conf)
{
	for (unsigned i = 0; i < conf->roster->n; i++)
		if (conf->roster->list[i]->data != NULL && !roster_repeats(conf->roster, i))
			print_list(conf->roster->list[i]);
}

/* Who reads files, and who names them. */
struct reader {
	const char *file, *user;
};

static void
check_file(void *arg, const char *path)
{
	const struct reader *reader = arg;

	if (access(path, F_OK) == 0 && access(path, R_OK) != 0)
		fprintf(stderr, "%s: warning: the user %s cannot read %s\n", reader->file,
		    reader->user, path);
}

void
datalines_check(const struct conf *conf, const char *file, const char *user)
{
	datarules_files(conf->roster, check_file, &(struct reader){file, user});
}
