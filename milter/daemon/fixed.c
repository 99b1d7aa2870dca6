/* SPDX-License-Identifier: BSD-2-Clause */
/* daemon/fixed.c - two configurations, and what differs in them in vain. */
#include "config.h"

#include "daemon/fixed.h"

#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/textfile.h"
#include "conf/conf.h"
#include "data/datafeed.h"

static bool
differ(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a != b : strcmp(a, b) != 0;
}

static bool
control_differs(const struct control_options *a, const struct control_options *b)
{
	return differ(a->socket, b->socket) || differ(a->group, b->group) ||
	    differ(a->status, b->status) || differ(a->status_group, b->status_group) ||
	    differ(a->page, b->page) || differ(a->page_group, b->page_group) ||
	    differ(a->metrics, b->metrics);
}

static bool
store_differs(const struct store_options *a, const struct store_options *b)
{
	return differ(a->path, b->path) || a->keep != b->keep || a->size != b->size ||
	    a->no_names != b->no_names || a->copies != b->copies ||
	    !redis_options_equal(&a->redis, &b->redis);
}

static bool
is_sandboxed(struct datafeed *data)
{
	struct datafeed_state state;

	if (data == NULL)
		return false;
	datafeed_state(data, clock_wall(), &state);
	return state.last == DATAFEED_UNREADABLE &&
	    strcmp(state.figures.why, TEXTFILE_SANDBOXED) == 0;
}

/* Whether a list has its data where the sandbox lets nothing be read. */
static bool
has_sandboxed(const struct roster *roster)
{
	bool has = false;

	for (unsigned i = 0; !has && i < roster->n; i++)
		has = is_sandboxed(roster->list[i]->data);
	return has;
}

void
fixed_warn(const struct conf *before, const struct conf *now)
{
	const struct {
		const char *word;
		bool changed;
	} words[] = {
	    {"listen",
		differ(before->listen, now->listen) || differ(before->policy, now->policy)},
	    {"user", differ(before->user, now->user)},
	    {"group", differ(before->group, now->group)},
	    {"socket_group", differ(before->socket_group, now->socket_group)},
	    {"socket_mode", before->socket_mode != now->socket_mode},
	    {"pid_file", differ(before->pid_file, now->pid_file)},
	    {"sandbox", before->sandbox != now->sandbox},
	    {"control", control_differs(&before->control, &now->control)},
	    {"store", store_differs(&before->store, &now->store)},
	    {"data", has_sandboxed(now->roster)},
	    {"cache-memory", before->memory != now->memory},
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (words[i].changed)
			log_event(LOG_LEVEL_WARNING, "needs-restart", "what", words[i].word);
}
