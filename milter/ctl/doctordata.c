/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ctl/doctordata.c - the files are read as the daemon reads them, into a feed that it does not
 * have; whether it may read them, its user finds out.
 */
#include "config.h"

#include "ctl/doctordata.h"

#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/strbuf.h"
#include "conf/conf.h"
#include "control/ask.h"
#include "data/datafeed.h"

#define PATIENCE_MS 3000
#define ASK_MS 1000
#define WHERE_SIZE 512
#define OLD 75 /* percent of the age at which data counts for nothing */

/* The first line that is left out. */
struct first {
	char where[WHERE_SIZE];
};

static void
on_complaint(void *arg, const char *file, unsigned line, const char *why, bool fatal)
{
	struct first *first = arg;
	struct strbuf sb;

	if (fatal || first->where[0] != '\0')
		return;
	strbuf_init(&sb, first->where, sizeof(first->where));
	strbuf_addf(&sb, "%s:%u: %s", file, line, why);
}

static int
can_read(const void *path)
{
	return access(path, R_OK) == 0 ? 0 : 1;
}

/* False, and a finding: the user that the daemon runs as may not read a file. */
static bool
look_at_rights(struct machine *m, const char *label, const char *path)
{
	if (m->service.user == NULL || !machine_is_root() || access(path, F_OK) != 0 ||
	    command_call(can_read, path, &m->service, machine_until(m, PATIENCE_MS)) == 0)
		return true;
	machine_add(m, FINDING_ERROR, "data-rights",
	    "chmod a+r the file, and a+x each folder above it; rsync: --chmod=D755,F644",
	    "list \"%s\": user %s cannot read %s", label, m->service.user, path);
	return false;
}

static bool
look_at_all_rights(struct machine *m, const char *label, const struct datafeed_rules *rules)
{
	bool good = true;

	for (unsigned set = 0; set < rules->nsets; set++)
		for (unsigned i = 0; i < rules->set[set].nfiles; i++)
			good = look_at_rights(m, label, rules->set[set].file[i]) && good;
	return good;
}

/* What helps where data is not taken. */
static const char *
hint_of(enum datafeed_news news)
{
	switch (news) {
	case DATAFEED_MISSING:
		return "see whether what fetches it has ever run, and where it puts the file";
	case DATAFEED_UNREADABLE:
		return "see that it is in the format that data names";
	case DATAFEED_LARGE:
		return "see what is in it; or max_size in relayguard.conf(5)";
	case DATAFEED_CUT:
	case DATAFEED_EMPTY:
		return "fetch it again, into another file, and rename that";
	case DATAFEED_REFUSED:
		return "test_entry, canary, suffixes in relayguard.conf(5); or ask who gives the "
		       "data out";
	case DATAFEED_SHRUNK:
	case DATAFEED_GROWN:
	case DATAFEED_SAME:
	case DATAFEED_TAKEN:
	case DATAFEED_NEWS:
		break;
	}
	return NULL;
}

static void
tell_refused(struct machine *m, const char *label, enum datafeed_news news,
    const struct datafeed_figures *figures)
{
	machine_add(m, FINDING_ERROR, "data", hint_of(news), "list \"%s\": %s: %s%s%s", label,
	    datafeed_news_name(news), figures->file != NULL ? figures->file : "its files",
	    figures->why[0] != '\0' ? ": " : "", figures->why);
}

static void
tell_age(struct machine *m, const struct listing *list, const struct datafeed_state *state)
{
	int64_t now = clock_wall(), age = now - state->written;
	bool asked = !listing_is_local(list);

	if (!state->known)
		machine_add(m, FINDING_ERROR, "data-age",
		    "see why what fetches it does not run; max_age in relayguard.conf(5)",
		    "list \"%s\": %s is %" PRId64 " hours old, which is too old: %s",
		    list->label, state->oldest, age / 3600,
		    asked ? "it is asked in DNS" : "it says nothing");
	else if (state->expires > 0 && age > (state->expires - state->written) * OLD / 100)
		machine_add(m, FINDING_WARNING, "data-age",
		    "see whether what fetches it still runs",
		    "list \"%s\": %s is %" PRId64 " hours old, and too old in %" PRId64
		    " minutes",
		    list->label, state->oldest, age / 3600, (state->expires - now) / 60);
}

/* Keep whether the daemon has data of the list in use. */
static int
take_list(const char *line, void *arg)
{
	json_t *reply = json_loads(line, 0, NULL), **in_use = arg;
	const json_t *status = json_object_get(reply, "status");
	const json_t *list = json_object_get(reply, "data");
	json_t *found = json_object_get(json_object_get(list, "data"), "in_use");
	int result = json_is_integer(status) ? (int)json_integer_value(status) : -1;

	if (*in_use == NULL && found != NULL)
		*in_use = json_incref(found);
	json_decref(reply);
	return result;
}

/* Files that are good, and that the daemon that runs does not have all the same. */
static void
look_at_daemon(struct machine *m, const char *label)
{
	const struct ask_patience patience = {.connect_ms = ASK_MS, .reply_ms = ASK_MS};
	json_t *request = json_pack("{s:s, s:s}", "verb", "lists", "label", label);
	json_t *in_use = NULL;

	if (m->conf->control.socket != NULL && request != NULL)
		(void)ask_daemon(
		    m->conf->control.socket, request, patience, take_list, &in_use);
	if (json_is_false(in_use))
		machine_add(m, FINDING_ERROR, "data-running",
		    "event=data-refused in the log says why; a file in a folder that was not "
		    "named when relayguard started is read after a restart",
		    "list \"%s\": its files are good, but the relayguard that runs has not "
		    "taken them",
		    label);
	json_decref(in_use);
	json_decref(request);
}

/* The files as they are now, of which nothing is known yet. */
static void
look_at_files(struct machine *m, const struct listing *list, struct datafeed *feed)
{
	struct datafeed_figures figures;
	struct datafeed_state state;
	struct first first = {""};
	enum datafeed_news news =
	    datafeed_look(feed, clock_wall(), false, on_complaint, &first, &figures);

	if (news != DATAFEED_TAKEN) {
		tell_refused(m, list->label, news, &figures);
		return;
	}
	datafeed_state(feed, clock_wall(), &state);
	machine_add(m, FINDING_OK, "data", NULL,
	    "list \"%s\": %zu entries in its files, and they pass its tests", list->label,
	    state.entries);
	tell_age(m, list, &state);
	if (state.known)
		look_at_daemon(m, list->label);
	if (first.where[0] != '\0')
		machine_add(m, FINDING_WARNING, "data-lines",
		    "tell who gives it out, or name the right format",
		    "list \"%s\": %zu lines are left out, the first: %s", list->label,
		    figures.skipped, first.where);
}

static void
look_at_list(struct machine *m, const struct listing *list)
{
	const struct datafeed_rules *rules = datafeed_rules(list->data);
	struct datafeed *feed;

	if (!look_at_all_rights(m, list->label, rules))
		return;
	if ((feed = datafeed_new(rules)) == NULL)
		machine_add(
		    m, FINDING_UNSEEN, "data", NULL, "list \"%s\": out of memory", list->label);
	else
		look_at_files(m, list, feed);
	datafeed_free(feed);
}

void
doctordata_look(struct machine *m)
{
	const struct roster *roster = m->conf != NULL ? m->conf->roster : NULL;

	for (unsigned i = 0; roster != NULL && i < roster->n; i++) {
		if (roster->list[i]->data == NULL || roster_repeats(roster, i))
			continue;
		if (machine_is_late(m, "data", roster->list[i]->label))
			return;
		look_at_list(m, roster->list[i]);
		machine_tick(m);
	}
}
