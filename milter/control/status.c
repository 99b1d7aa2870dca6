/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * control/status.c - how the daemon is, and its lists: what costs nothing to say, and has
 * no address, name or key in it.
 */
#include "config.h"

#include "control/status.h"

#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/counter.h"
#include "conf/conf.h"

static const char *const states[] = {"good", "new", "doubted", "silent", "suspended"};

#define STATES (sizeof(states) / sizeof(states[0]))

/* How many lists are of each state; 0: all are good; 1: not all; 2: none is. */
static int
count_lists(const struct roster *roster, json_t *out)
{
	int count[STATES] = {0};

	for (unsigned i = 0; i < roster->n; i++)
		for (size_t k = 0; k < STATES; k++)
			count[k] += strcmp(list_state_name(listing_state(roster->list[i])),
					states[k]) == 0;
	for (size_t k = 0; k < STATES; k++)
		json_object_set_new(out, states[k], json_integer(count[k]));
	if (roster->n == 0 || count[0] == (int)roster->n)
		return 0;
	return count[0] > 0 ? 1 : 2;
}

/* The counters under their names in relayguard(8), with underscores. */
static json_t *
list_counters(void)
{
	json_t *out = json_object();
	char name[64];

	for (enum counter c = 0; c < COUNTER_MAX; c++) {
		size_t len = strlen(counter_name(c));

		if (len >= sizeof(name))
			continue;
		for (size_t i = 0; i <= len; i++)
			name[i] = counter_name(c)[i] == '-' ? '_' : counter_name(c)[i];
		json_object_set_new(out, name, json_integer((json_int_t)counter_get(c)));
	}
	return out;
}

int
verb_status(struct request *r, const json_t *args, void *arg)
{
	const struct verbs_context *context = arg;
	struct conf *conf = conf_current();
	json_t *lists = json_object();
	int status = count_lists(conf->roster, lists);

	(void)args;
	request_reply(r,
	    json_pack("{s:s, s:i, s:I, s:s, s:o, s:i, s:o, s:o}", "version", PACKAGE_VERSION,
		"pid", (int)getpid(), "uptime_seconds",
		(json_int_t)((clock_ms() - context->started) / 1000), "mode",
		conf->shadow ? "shadow" : "enforce", "configuration",
		request_shown(context->conf_path), "sessions_open", (int)session_count(),
		"lists", lists, "counters", list_counters()));
	conf_unref(&conf);
	return status;
}

int
verb_lists(struct request *r, const json_t *args, void *arg)
{
	bool bad = false, found = false;
	const char *label = request_text(args, "label", &bad);
	struct conf *conf = conf_current();

	(void)arg;
	for (unsigned i = 0; !bad && i < conf->roster->n; i++) {
		const struct listing *list = conf->roster->list[i];

		if (label != NULL && strcmp(label, list->label) != 0)
			continue;
		found = true;
		request_reply(r,
		    json_pack("{s:s, s:s, s:s, s:b, s:s}", "label", list->label, "kind",
			list->kind == KIND_ALLOW ? "allow" : "deny", "asks",
			role_name(list->role), "shadow", list->shadow, "state",
			list_state_name(listing_state(list))));
	}
	conf_unref(&conf);
	if (bad)
		return EX_USAGE;
	if (label != NULL && !found)
		request_error(r, "no policy names a list of that label");
	return found || label == NULL ? EX_OK : 1;
}
