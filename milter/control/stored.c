/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * control/stored.c - a decision as it was stored, then the same question under today's
 * configuration, and in which words of the log the two differ.
 */
#include "config.h"

#include "control/stored.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/logfield.h"
#include "conf/conf.h"
#include "conf/places.h"
#include "control/explain.h"
#include "control/facts.h"
#include "control/operand.h"
#include "control/status.h"
#include "session/explain.h"
#include "store/store.h"
#include "verdict/logrecord.h"

#define VALUE_MAX (LOG_LINE_MAX + 1)

/* Whom a row is told to. */
struct telling {
	struct request *request;
	struct session_shared *sessions;
};

/* What makes a decision; the rest is who asked, or how long it took. */
static const char *const compared[] = {"verdict", "meant", "softened", "reason", "policy",
    "score", "groups", "lists", "shadowed", "spf", "iprev", "doubted", "suspended", "unknown",
    "note"};

static bool
say_stored(struct request *r, const struct store_row *row)
{
	char text[CLOCK_TEXT_SIZE];

	return request_reply(r,
	    json_pack("{s:s, s:s, s:s, s:o, s:o, s:o, s:o}", "step", "stored", "where",
		row->copied ? "redis" : "disk", "time", clock_text(row->time, text),
		"policy_section", request_shown(row->policy), "at", request_shown(row->at),
		"configuration", request_shown(row->conf), "line", facts_fields(row->line)));
}

/* In which words two lines differ: "then -> now", with - for what is not there. */
static json_t *
list_differences(const char *then, const char *now)
{
	char old[VALUE_MAX], new[VALUE_MAX], text[2 * VALUE_MAX + 8];
	json_t *out = json_object();

	for (size_t i = 0; i < sizeof(compared) / sizeof(compared[0]); i++) {
		bool had = logfield_find(then, compared[i], old, sizeof(old));
		bool has = logfield_find(now, compared[i], new, sizeof(new));

		if (had == has && strcmp(old, new) == 0)
			continue;
		snprintf(text, sizeof(text), "%s -> %s", had ? old : "-", has ? new : "-");
		json_object_set_new(out, compared[i], request_shown(text));
	}
	return out;
}

/* Where the policy was, and is now; NULL where that is the same, or not known. */
static json_t *
move_of(const struct explanation *e, const struct store_row *row)
{
	char now[PLACES_TEXT_SIZE], text[2 * PLACES_TEXT_SIZE + 8];

	places_text(now, e->conf->path, places_begin(e->decision.input.policy->places));
	if (row->at == NULL || strcmp(row->at, now) == 0)
		return NULL;
	snprintf(text, sizeof(text), "%s -> %s", row->at, now);
	return request_shown(text);
}

static void
say_differences(struct request *r, const struct explanation *e, const struct store_row *row)
{
	const struct logrecord record = {
	    .ref = "",
	    .client = &e->client.address,
	    .local_reason = e->client.local_reason,
	    .roster = e->decision.input.roster,
	    .facts = e->decision.input.facts,
	    .policy = e->decision.input.policy,
	    .verdict = &e->decision.verdict,
	};
	struct logline line;
	json_t *words;

	logrecord_line(&line, &record);
	words = list_differences(row->line, line.text.data);
	request_reply(r,
	    json_pack("{s:s, s:b, s:b, s:o, s:o*}", "step", "differences", "same_configuration",
		row->conf != NULL && strcmp(row->conf, e->conf->sum) == 0, "same_decision",
		json_object_size(words) == 0, "changed", words, "at", move_of(e, row)));
}

/* The same question now. */
static void
ask_again(struct telling *t, const struct store_row *row)
{
	struct explanation e;
	char why[128];

	if (!explain_again(&e, t->sessions, row->line, why, sizeof(why))) {
		request_error(t->request, why);
		return;
	}
	explain_say(t->request, &e, t->sessions->health);
	say_differences(t->request, &e, row);
	explain_end(&e);
}

static void
tell_row(void *arg, const struct store_row *row)
{
	struct telling *t = arg;

	if (say_stored(t->request, row))
		ask_again(t, row);
}

/* It may be in there. */
static void
tell_unreadable(void *arg, const char *path, const char *error)
{
	struct telling *t = arg;
	char text[PATH_MAX + 128];

	snprintf(text, sizeof(text), "%s cannot be read: %s", path, error);
	request_error(t->request, text);
}

static int
explain_stored(struct request *r, const char *ref, const struct verbs_context *context)
{
	struct telling t = {.request = r, .sessions = context->sessions};
	const struct store_finder finder = {tell_row, tell_unreadable, &t};
	struct store *store = context->sessions->store;
	char text[512];

	if (store != NULL && store_find(store, ref, &finder) > 0)
		return EX_OK;
	if (store != NULL)
		snprintf(text, sizeof(text),
		    "%s: not in the store, which has only what was refused, deferred, held or "
		    "dropped, for %d days (keep)",
		    ref, store_keep(store));
	else
		snprintf(text, sizeof(text), "%s: there is no store (store in relayguard.conf)",
		    ref);
	request_error(r, text);
	snprintf(text, sizeof(text),
	    "look in the log of mail: zgrep -h 'ref=%s ' /var/log/mail.log*", ref);
	request_error(r, text);
	snprintf(text, sizeof(text),
	    "or in the journal: journalctl -t relayguard | grep ref=%s", ref);
	request_error(r, text);
	return 1;
}

int
verb_explain(struct request *r, const json_t *args, void *arg)
{
	bool bad = false;
	const char *text = request_text(args, "address", &bad);
	char operand[OPERAND_SAID_SIZE], why[192];

	switch (operand_said(text, operand, why, sizeof(why))) {
	case SAID_REFERENCE:
		return explain_stored(r, operand, arg);
	case SAID_ADDRESS:
		return explain_address(r, args, operand, arg);
	case SAID_NEITHER:
		break;
	}
	request_error(r, why);
	return EX_USAGE;
}
