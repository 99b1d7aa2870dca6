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
#include "control/dataentry.h"
#include "control/reloads.h"
#include "data/datafeed.h"
#include "own/localstore.h"

static const char *const states[] = {"good", "new", "doubted", "silent", "suspended"};

#define STATES (sizeof(states) / sizeof(states[0]))

/* How many lists are of each state; 0: all are good; 1: not all; 2: none is. */
static int
count_lists(const struct roster *roster, json_t *out)
{
	int count[STATES] = {0}, held = 0;

	for (unsigned i = 0; i < roster->n; i++) {
		held += listing_is_held(roster->list[i]);
		for (size_t k = 0; k < STATES; k++)
			count[k] += strcmp(list_state_name(listing_state(roster->list[i])),
					states[k]) == 0;
	}
	for (size_t k = 0; k < STATES; k++)
		json_object_set_new(out, states[k], json_integer(count[k]));
	json_object_set_new(out, "suspended_by_administrator", json_integer(held));
	if (roster->n == 0 || count[0] == (int)roster->n)
		return 0;
	return count[0] > 0 ? 1 : 2;
}

/* How many lists have data, and whose is in use and believed; whether that is so of all. */
static bool
count_data(const struct roster *roster, json_t *out)
{
	unsigned all = 0, in_use = 0, believed = 0, at = 0;
	const struct listing *list;
	struct datafeed_state s;

	while ((list = dataentry_next(roster, &at, &s)) != NULL) {
		all++;
		in_use += s.known;
		believed += dataentry_is_believed(list);
	}
	if (all > 0)
		(void)json_object_set_new(out, "data",
		    json_pack("{s:i, s:i, s:i}", "lists", (int)all, "in_use", (int)in_use,
			"believed", (int)believed));
	return in_use == all && believed == all;
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

/* Whether it is collected, whom it has listed, and whether that outlives a restart. */
static json_t *
own_evidence(const struct conf *conf, const struct session_shared *o)
{
	struct local_figures f;

	locallist_figures(o->services.local, (uint32_t)clock_wall(), &f);
	return json_pack("{s:b, s:I, s:b}", "enabled", conf->own.enabled, "listed_clients",
	    (json_int_t)f.clients, "kept",
	    conf->store.path != NULL && localstore_is_up(o->local_store));
}

/* The file, whether it is used as it was when it was read last, and since when one is. */
static void
add_configuration(json_t *line, const struct verbs_context *context)
{
	char text[CLOCK_TEXT_SIZE];
	int64_t used;
	bool good;

	reloads_last(context->reloads, &good, &used);
	json_object_set_new(line, "configuration", request_shown(context->conf_path));
	json_object_set_new(line, "configuration_good", json_boolean(good));
	json_object_set_new(line, "configuration_read", json_string(clock_text(used, text)));
}

int
verb_status(struct request *r, const json_t *args, void *arg)
{
	const struct verbs_context *context = arg;
	struct conf *conf = conf_current();
	json_t *lists = json_object(), *line;
	int status = count_lists(conf->roster, lists);
	bool good = count_data(conf->roster, lists);

	(void)args;
	line =
	    json_pack("{s:s, s:i, s:I, s:s}", "version", PACKAGE_VERSION, "pid", (int)getpid(),
		"uptime_seconds", (json_int_t)((clock_ms() - context->started) / 1000), "mode",
		conf->shadow ? "shadow" : "enforce");
	add_configuration(line, context);
	(void)json_object_update_new(line,
	    json_pack("{s:i, s:o, s:o, s:o}", "sessions_open", (int)session_count(), "lists",
		lists, "own_evidence", own_evidence(conf, context->sessions), "counters",
		list_counters()));
	request_reply(r, line);
	conf_unref(&conf);
	return status == 0 && !good ? 1 : status;
}

json_t *
suspension_line(const struct suspension *s, bool with_words)
{
	int64_t left = (s->until - clock_ms()) / 1000;
	char until[CLOCK_TEXT_SIZE];
	json_t *line = json_pack("{s:s, s:s, s:I}", "suspended_by", "administrator",
	    "suspended_until", clock_text(clock_wall_at(s->until), until), "suspended_seconds",
	    (json_int_t)(left > 0 ? left : 0));

	if (with_words)
		(void)json_object_update_new(line,
		    json_pack("{s:s, s:o}", "suspended_who", s->by, "suspended_why",
			request_shown(s->why)));
	return line;
}

/* The configuration's word for it. */
static const char *
kind_name(enum list_kind kind)
{
	static const char *const names[] = {
	    [KIND_ADDRESS] = "address", [KIND_DOMAIN] = "domain", [KIND_ALLOW] = "allow"};

	return names[kind];
}

static json_t *
list_line(const struct request *r, const struct listing *list, struct suspensions *all)
{
	json_t *line = json_pack("{s:s, s:s, s:s, s:b, s:s}", "label", list->label, "kind",
	    kind_name(list->kind), "asks", role_name(list->role), "shadow", list->shadow,
	    "state", list_state_name(listing_state(list)));
	struct suspension s;

	if (list->own)
		(void)json_object_set_new(line, "source", json_string("own evidence"));
	if (list->data != NULL)
		(void)json_object_set_new(line, "data", dataentry_state(list));
	if (!listing_is_held(list) || !suspensions_find(all, list->label, &s))
		return line;
	(void)json_object_set_new(
	    line, "health", json_string(list_state_name(listing_health(list))));
	(void)json_object_update_new(
	    line, suspension_line(&s, request_right(r) == RIGHT_CONTROL));
	return line;
}

int
verb_lists(struct request *r, const json_t *args, void *arg)
{
	const struct verbs_context *context = arg;
	bool bad = false, found = false;
	const char *label = request_text(args, "label", &bad);
	struct conf *conf = conf_current();

	for (unsigned i = 0; !bad && i < conf->roster->n; i++) {
		const struct listing *list = conf->roster->list[i];

		if (label != NULL && strcmp(label, list->label) != 0)
			continue;
		found = true;
		request_reply(
		    r, list_line(r, list, health_suspensions(context->sessions->health)));
	}
	conf_unref(&conf);
	if (bad)
		return EX_USAGE;
	if (label != NULL && !found)
		request_error(r, "no policy names a list of that label");
	return found || label == NULL ? EX_OK : 1;
}
