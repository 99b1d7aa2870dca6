/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * control/tail.c - looks for lines now and then: to be woken by mail would cost mail more
 * than that.
 */
#include "config.h"

#include "control/tail.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>

#include "base/clock.h"
#include "base/logfield.h"
#include "conf/conf.h"
#include "control/facts.h"
#include "control/status.h"
#include "session/tails.h"
#include "verdict/action.h"

#define PAUSE_MS 50

/* Whether "label:code*score,label:role:code*score,..." has a label. */
static bool
names_list(const char *hits, const char *label)
{
	size_t len = strlen(label);

	for (const char *at = hits; at != NULL; at = strchr(at, ',')) {
		at += *at == ',';
		if (strncmp(at, label, len) == 0 && at[len] == ':')
			return true;
	}
	return false;
}

bool
tail_matches(const char *line, const char *verdict, const char *label)
{
	static const char *const keys[] = {"lists", "shadowed"};
	char value[LOG_LINE_MAX];

	if (verdict != NULL &&
	    (!logfield_find(line, "verdict", value, sizeof(value)) ||
		strcmp(value, verdict) != 0))
		return false;
	for (size_t i = 0; label != NULL && i < sizeof(keys) / sizeof(keys[0]); i++)
		if (logfield_find(line, keys[i], value, sizeof(value)) &&
		    names_list(value, label))
			return true;
	/* What is watched has one list. */
	return label == NULL ||
	    (logfield_find(line, "list", value, sizeof(value)) && strcmp(value, label) == 0);
}

static bool
say_line(struct request *r, const struct tail_line *line)
{
	char text[LOG_LINE_MAX + CLOCK_TEXT_SIZE + 4], at[CLOCK_TEXT_SIZE];

	(void)clock_text(line->time, at);
	(void)snprintf(text, sizeof(text), "%s %s\n", at, line->text);
	return request_reply(r,
	    json_pack("{s:s, s:o, s:s}", "time", at, "decision", facts_fields(line->text),
		"text", text));
}

static bool
say_dropped(struct request *r, uint64_t n)
{
	char text[64];

	(void)snprintf(text, sizeof(text), "%" PRIu64 " dropped\n", n);
	return request_reply(
	    r, json_pack("{s:I, s:s}", "dropped", (json_int_t)n, "text", text));
}

/* Say what there is; false: the client is gone. */
static bool
say_all(struct request *r, struct tail *tail, const char *verdict, const char *label)
{
	struct tail_line line;
	uint64_t dropped;
	bool good = true;

	while (good && tail_take(tail, &line))
		if (tail_matches(line.text, verdict, label))
			good = say_line(r, &line);
	dropped = tail_dropped(tail);
	return good && (dropped == 0 || say_dropped(r, dropped));
}

static int
watch(struct request *r, struct tails *tails, const char *verdict, const char *label)
{
	const struct timespec pause = {.tv_nsec = PAUSE_MS * 1000000L};
	struct tail *tail = tail_open(tails);

	if (tail == NULL) {
		request_error(r, "two are watching already: come again");
		return EX_TEMPFAIL;
	}
	while (request_is_wanted(r) && say_all(r, tail, verdict, label))
		nanosleep(&pause, NULL);
	tail_close(tail);
	return EX_OK;
}

static bool
is_action(const char *name)
{
	for (enum action a = ACTION_PASS; a < ACTIONS; a++)
		if (strcmp(action_name(a), name) == 0)
			return true;
	return false;
}

static bool
is_list(const char *label)
{
	struct conf *conf = conf_current();
	bool found = false;

	for (unsigned i = 0; !found && i < conf->tested->n; i++)
		found = strcmp(conf->tested->list[i]->label, label) == 0;
	conf_unref(&conf);
	return found;
}

int
verb_tail(struct request *r, const json_t *args, void *arg)
{
	const struct verbs_context *context = arg;
	bool bad = false;
	const char *verdict = request_text(args, "verdict", &bad),
		   *label = request_text(args, "list", &bad);

	if (bad || (verdict != NULL && !is_action(verdict))) {
		request_error(r,
		    "verdict: must be pass, tag, defer, quarantine, refuse or drop; list: a label");
		return EX_USAGE;
	}
	if (label != NULL && !is_list(label)) {
		request_error(r, "no policy names a list of that label");
		return 1;
	}
	return watch(r, context->sessions->tails, verdict, label);
}
