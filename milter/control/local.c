/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * control/local.c - who is on the own list and why, and what people ask for.  Each word of an
 * operator's stands in the log, and in the audit.
 */
#include "config.h"

#include "control/local.h"

#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/random.h"
#include "base/strbuf.h"
#include "conf/conf.h"
#include "control/facts.h"
#include "control/operand.h"
#include "control/ownentry.h"
#include "control/status.h"
#include "own/localstore.h"
#include "store/store.h"

#define REQUESTS_MAX 1000
/* Bytes of why somebody is nominated: that is logged, too. */
#define REASON_MAX 207
#define UNTIL_MAX_S 31622400 /* 366 days: a nomination is looked at again, or ends */
#define FAULT_SIZE 192

static int
refuse(struct request *r, int status, const char *why)
{
	request_error(r, why);
	return status;
}

static struct locallist *
list_of(const struct verbs_context *context)
{
	return context->sessions->services.local;
}

/* Read the address of a request, as sessions have it; false: it is said what is wrong. */
static bool
read_client(struct request *r, const json_t *args, struct ipaddr *client)
{
	bool bad = false, good;
	const char *text = request_text(args, "address", &bad);
	char why[FAULT_SIZE] = "address: must be a text";
	struct conf *conf = conf_current();
	struct operand operand;

	good = !bad && operand_read(&operand, conf, text, false, why, sizeof(why));
	conf_unref(&conf);
	if (good)
		*client = operand.address;
	else
		request_error(r, why);
	return good;
}

/* Who asks, in his own words where he says it. */
static bool
read_by(struct request *r, const json_t *args, const char **by)
{
	char why[FAULT_SIZE];

	if (!operand_words(args, "by", LOCAL_BY_SIZE - 1, by, why, sizeof(why))) {
		request_error(r, why);
		return false;
	}
	if (*by == NULL || (*by)[0] == '\0')
		*by = request_who(r);
	return true;
}

/* --- local --- */

/* Whom lines are told to, until they are too many for who reads. */
struct telling {
	struct request *request;
	uint32_t now;
	unsigned n;
	bool gone;
};

static void
tell(struct telling *t, json_t *line)
{
	if (t->gone)
		json_decref(line);
	else
		t->gone = !request_reply(t->request, line);
	t->n++;
}

static void
tell_entry(void *arg, const struct local_entry *e)
{
	struct telling *t = arg;

	tell(t, ownentry_line(e, false, t->now));
}

static void
tell_hit(void *arg, const struct local_hit *hit)
{
	tell(arg, ownentry_hit(hit));
}

static void
tell_count(void *arg, const struct local_count *count)
{
	tell(arg, ownentry_count(count));
}

static void
tell_audit(void *arg, const struct local_audit *a)
{
	tell(arg, ownentry_audit(a));
}

/* Why an address that is listed, or may be, is not; NULL: there is nothing. */
static const char *
excuse_of(const struct ipaddr *client)
{
	struct conf *conf = conf_current();
	const char *excuse = NULL;
	struct prefix_match match;

	if (!ipaddr_is_global(client))
		excuse = "nobody on the Internet has that address";
	else if (own_options_exclude(&conf->own, client))
		excuse = "it is in networks of own";
	else if (prefix_find(conf->allow.set, client, &match))
		excuse = "it is in allow";
	else if (!conf->own.enabled)
		excuse = "own is not enabled";
	conf_unref(&conf);
	return excuse;
}

static json_t *
first_step(const struct local_entry *e, const struct ipaddr *client, uint32_t now)
{
	struct local_entry named = *e;
	json_t *line = json_pack("{s:s}", "step", "entry");
	const char *excuse = excuse_of(client);
	struct conf *conf = conf_current();

	if (named.client.bits == 0)
		named.client = *client;
	(void)json_object_update_new(line, ownentry_line(&named, true, now));
	(void)json_object_update_new(line,
	    json_pack("{s:s?, s:s?}", "never_listed", excuse, "contact", conf->own.contact));
	conf_unref(&conf);
	return line;
}

/* All that is known of one. */
static int
show_one(struct request *r, const struct verbs_context *context, const struct ipaddr *client)
{
	struct telling t = {.request = r, .now = (uint32_t)clock_wall()};
	const struct local_reader reader = {tell_hit, tell_count, tell_audit, &t};
	const char *error;
	struct local_entry e;
	char why[FAULT_SIZE];
	bool listed = locallist_find(list_of(context), client, t.now, &e);

	tell(&t, first_step(&e, client, t.now));
	if (!localstore_read(context->sessions->local_store, client, &reader, &error)) {
		snprintf(why, sizeof(why), "its evidence cannot be read: %s", error);
		return refuse(r, EX_TEMPFAIL, why);
	}
	return listed ? EX_OK : 1;
}

int
verb_local(struct request *r, const json_t *args, void *arg)
{
	const struct verbs_context *context = arg;
	struct telling t = {.request = r, .now = (uint32_t)clock_wall()};
	struct ipaddr client;

	if (json_object_get(args, "address") != NULL)
		return read_client(r, args, &client) ? show_one(r, context, &client) : EX_USAGE;
	locallist_each(list_of(context), t.now, tell_entry, &t);
	return t.n > 0 ? EX_OK : refuse(r, 1, "nobody is on the list \"local\"");
}

/* --- remove --- */

static void
log_removal(const struct ipaddr *client, const char *by, const struct local_entry *e, bool held)
{
	char address[IPADDR_STRLEN], until[CLOCK_TEXT_SIZE];
	struct logline line;

	logline_event(&line, "own-removed");
	logline_str(&line, "client", ipaddr_format(client, address));
	logline_str(&line, "by", by);
	if (held)
		logline_str(&line, "at", clock_text(e->held, until));
	logline_end(&line, LOG_LEVEL_INFO);
}

enum local_removal
local_take_off(const struct verbs_context *context, const struct ipaddr *client, const char *by,
    struct local_entry *e)
{
	uint32_t now = (uint32_t)clock_wall();
	enum local_removal removal =
	    localstore_remove(context->sessions->local_store, client, by, now);

	(void)locallist_find(list_of(context), client, now, e);
	if (removal != LOCAL_REMOVAL_NONE)
		log_removal(client, by, e, removal == LOCAL_REMOVAL_HELD);
	return removal;
}

int
verb_remove(struct request *r, const json_t *args, void *arg)
{
	const struct verbs_context *context = arg;
	struct local_entry e;
	struct ipaddr client;
	const char *by;
	enum local_removal removal;

	if (!read_client(r, args, &client) || !read_by(r, args, &by))
		return EX_USAGE;
	removal = local_take_off(context, &client, by, &e);
	if (removal == LOCAL_REMOVAL_NONE)
		return refuse(r, 1, "it is not on the list \"local\"");
	request_reply(r, ownentry_line(&e, false, (uint32_t)clock_wall()));
	if (removal == LOCAL_REMOVAL_DONE)
		return EX_OK;
	return refuse(r, EX_TEMPFAIL,
	    "the third removal in seven days takes effect after 24 hours: until then "
	    "relayguardctl pass lets it in");
}

/* --- nominate --- */

/* A decision that is named as evidence, and whether it is about the client. */
struct naming {
	char client[IPADDR_STRLEN];
	bool found;
};

static void
on_decision(void *arg, const struct store_row *row)
{
	struct naming *n = arg;
	json_t *fields = facts_fields(row->line);
	const char *client = json_string_value(json_object_get(fields, "client"));

	n->found = n->found || (client != NULL && strcmp(client, n->client) == 0);
	json_decref(fields);
}

static void
on_unreadable(void *arg, const char *path, const char *error)
{
	(void)arg;
	(void)path;
	(void)error;
}

/* Whether a reference is evidence about a client, as far as there is a store to look. */
static bool
is_about(const struct verbs_context *context, const char *ref, const struct ipaddr *client)
{
	struct naming n = {.found = false};
	const struct store_finder finder = {on_decision, on_unreadable, &n};
	struct store *store = context->sessions->store;

	(void)ipaddr_format(client, n.client);
	return store == NULL || (store_find(store, ref, &finder) > 0 && n.found);
}

static bool
read_nomination(struct request *r, const json_t *args, const struct verbs_context *context,
    struct local_nomination *n)
{
	char why[FAULT_SIZE] = "";
	int64_t now = clock_wall();
	uint64_t number;

	if (!read_client(r, args, &n->client) || !read_by(r, args, &n->by))
		return false;
	if (operand_words(args, "reason", REASON_MAX, &n->why, why, sizeof(why)) &&
	    operand_text(
		args, "evidence", LOCAL_EVIDENCE_SIZE - 1, &n->evidence, why, sizeof(why)) &&
	    operand_date(args, "until", now, now + UNTIL_MAX_S, &n->until, why, sizeof(why))) {
		if (n->why == NULL || n->why[0] == '\0')
			(void)strbuf_fail(why, sizeof(why), "reason: say in a few words why");
		else if (n->evidence != NULL && ref_read(n->evidence, &number) &&
		    !is_about(context, n->evidence, &n->client))
			(void)strbuf_fail(why, sizeof(why),
			    "evidence: the store has no decision of that reference about that "
			    "client");
	}
	if (why[0] != '\0')
		request_error(r, why);
	return why[0] == '\0';
}

static void
log_nomination(const struct local_nomination *n, const char *became)
{
	char address[IPADDR_STRLEN], until[CLOCK_TEXT_SIZE];
	struct logline line;

	logline_event(&line, "own-nominated");
	logline_str(&line, "client", ipaddr_format(&n->client, address));
	logline_str(&line, "by", n->by);
	logline_str(&line, "until", clock_text(n->until, until));
	logline_str(&line, "became", became);
	logline_str(&line, "why", n->why);
	logline_end(&line, LOG_LEVEL_INFO);
}

static int
say_nomination(struct request *r, const struct verbs_context *context,
    const struct local_nomination *n, enum local_nominated became)
{
	static const struct {
		const char *name, *words;
		int status;
	} rows[] = {
	    [LOCAL_NOMINATED_NOTED] = {"noted", "noted: without --evidence it lists nobody", 1},
	    [LOCAL_NOMINATED_WAITS] = {"waits",
		"it waits for a second operator (--by), or an own observation", 1},
	    [LOCAL_NOMINATED_LISTED] = {"listed", NULL, EX_OK},
	    [LOCAL_NOMINATED_REFUSED] = {"refused", "nobody can be listed at that address",
		EX_USAGE},
	    [LOCAL_NOMINATED_FULL] = {"full", "the list has no place for it", EX_TEMPFAIL},
	    [LOCAL_NOMINATED_FAILED] = {"failed", "it cannot be written down: see the log",
		EX_TEMPFAIL},
	};
	uint32_t now = (uint32_t)clock_wall();
	struct local_entry e;

	log_nomination(n, rows[became].name);
	if (became == LOCAL_NOMINATED_LISTED &&
	    locallist_find(list_of(context), &n->client, now, &e))
		request_reply(r, ownentry_line(&e, false, now));
	if (rows[became].words != NULL)
		request_error(r, rows[became].words);
	return rows[became].status;
}

int
verb_nominate(struct request *r, const json_t *args, void *arg)
{
	const struct verbs_context *context = arg;
	struct local_nomination n = {.why = NULL};
	const char *excuse;

	if (!read_nomination(r, args, context, &n))
		return EX_USAGE;
	if ((excuse = excuse_of(&n.client)) != NULL)
		return refuse(r, EX_USAGE, excuse);
	return say_nomination(r, context, &n,
	    localstore_nominate(context->sessions->local_store, &n, clock_wall()));
}

/* --- requests --- */

int
verb_requests(struct request *r, const json_t *args, void *arg)
{
	const struct verbs_context *context = arg;
	struct telling t = {.request = r};
	const struct local_reader reader = {.audit = tell_audit, .arg = &t};
	const char *error;
	char why[FAULT_SIZE];

	(void)args;
	if (!localstore_requests(
		context->sessions->local_store, REQUESTS_MAX, &reader, &error)) {
		snprintf(why, sizeof(why), "the audit cannot be read: %s", error);
		return refuse(r, EX_TEMPFAIL, why);
	}
	return t.n > 0 ? EX_OK
		       : refuse(r, 1, "nobody has been nominated or removed in the last year");
}
