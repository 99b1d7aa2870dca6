/* SPDX-License-Identifier: BSD-2-Clause */
/* control/metrics.c - counts are collected where they are kept, and named here. */
#include "config.h"

#include "control/metrics.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sysexits.h>

#include "base/clock.h"
#include "base/counter.h"
#include "base/limit.h"
#include "base/tally.h"
#include "conf/conf.h"
#include "control/datametrics.h"
#include "control/exposition.h"
#include "control/http.h"
#include "control/reloads.h"
#include "lists/usage.h"
#include "loop/promise.h"
#include "loop/throttle.h"
#include "lookup/memcache.h"
#include "os/process.h"
#include "own/localstore.h"
#include "session/watch.h"
#include "store/store.h"
#include "upstream/upstream.h"
#include "verdict/census.h"

#define PIECE_MAX 16384 /* bytes of text in a line of the reply */

/* A family of one sample. */
static void
add_one(
    struct exposition *e, const char *name, const char *type, const char *help, uint64_t number)
{
	exposition_family(e, name, type, help);
	exposition_number(e, NULL, NULL, NULL, NULL, number);
}

/* Counters that are a family each. */
static void
add_counters(struct exposition *e)
{
	static const struct {
		enum counter counter;
		const char *name, *help;
	} rows[] = {
	    {COUNTER_SESSIONS, "relayguard_sessions_total", "SMTP sessions seen."},
	    {COUNTER_BY_POLICY, "relayguard_policy_sessions_total",
		"Those of them that came by policy delegation."},
	    {COUNTER_POLICY_LEFT, "relayguard_policy_left_total",
		"Questions by policy delegation that were left to the milter."},
	    {COUNTER_SOFTENED, "relayguard_softened_total",
		"Decisions made milder because of a doubt."},
	    {COUNTER_SHADOWED, "relayguard_shadowed_total",
		"Decisions that shadow mode kept from being carried out."},
	    {COUNTER_DEADLINES, "relayguard_deadlines_total",
		"Decisions for which a list had not answered by the deadline."},
	    {COUNTER_DNS_QUERIES, "relayguard_dns_queries_total", "Questions asked of DNS."},
	    {COUNTER_DNS_FAILURES, "relayguard_dns_failures_total",
		"Questions that DNS did not answer, or not well."},
	    {COUNTER_REDIS_FAILURES, "relayguard_redis_failures_total",
		"Connections and commands of Redis that failed."},
	    {COUNTER_SPF_DEATHS, "relayguard_spf_worker_deaths_total",
		"Processes for SPF that had to be ended, or died."},
	    {COUNTER_LOG_DROPPED, "relayguard_log_lines_dropped_total",
		"Lines of the log that were lost."},
	    {COUNTER_STORE_ROWS, "relayguard_store_rows_total", "Decisions that were stored."},
	    {COUNTER_STORE_DROPPED, "relayguard_store_dropped_total",
		"Decisions that could not be stored."},
	    {COUNTER_PASSES_GRANTED, "relayguard_passes_granted_total",
		"Passes that were taken at the page."},
	    {COUNTER_MTA_GARBAGE, "relayguard_mta_garbage_total",
		"Connections of a mail server that sent what cannot be read."},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		add_one(e, rows[i].name, "counter", rows[i].help, counter_get(rows[i].counter));
}

static void
add_decisions(struct exposition *e)
{
	const struct histogram_bounds *bounds;
	const struct histogram *waited = census_wait(&bounds);

	exposition_family(e, "relayguard_decisions_total", "counter",
	    "Decisions about recipients, by what was done and what it rests on.");
	for (enum action a = ACTION_PASS; a < ACTIONS; a++)
		for (enum verdict_reason reason = REASON_AUTH; reason <= REASON_STOPPING;
		     reason++)
			exposition_number(e, "verdict", action_name(a), "reason",
			    verdict_reason_name(reason), census_decisions(a, reason));
	exposition_family(e, "relayguard_wait_seconds", "histogram",
	    "How long a client waited for a decision.");
	exposition_histogram(e, NULL, NULL, waited, bounds);
}

static uint64_t
load(const _Atomic uint64_t *count)
{
	return atomic_load_explicit(count, memory_order_relaxed);
}

static void
add_policy(struct exposition *e, const char *name, const struct census_policy *policy)
{
	for (enum action a = ACTION_PASS; a < ACTIONS; a++)
		exposition_number(
		    e, "policy", name, "verdict", action_name(a), load(&policy->count[a]));
}

/* Policies that have no counts of their own are one. */
static void
add_policies(struct exposition *e, const struct policies *all)
{
	const struct policy *policy;
	bool others = false;

	exposition_family(e, "relayguard_policy_decisions_total", "counter",
	    "Decisions about recipients, by their policy and what was done.");
	for (size_t i = 0; (policy = policies_at(all, i)) != NULL; i++) {
		if (policy->census == census_others())
			others = true;
		else if (policy->census != NULL)
			add_policy(e, policy->name, policy->census);
	}
	if (others)
		add_policy(e, "other", census_others());
}

/* Whether there are lists that others have the answers of. */
static bool
has_others(const struct roster *roster)
{
	return listset_count(roster_local(roster)) < roster->n;
}

/* Whether others have the answers of a list, and it is not the one before in another role. */
static bool
is_counted(const struct roster *roster, unsigned i)
{
	return !listing_is_local(roster->list[i]) && !roster_repeats(roster, i);
}

static void
add_list_answers(struct exposition *e, const struct roster *roster)
{
	if (!has_others(roster))
		return;
	exposition_family(e, "relayguard_list_answers_total", "counter",
	    "What a list answered to questions about clients; unknown: nothing.");
	for (unsigned i = 0; i < roster->n; i++)
		for (enum fact_state k = FACT_UNKNOWN;
		     is_counted(roster, i) && k < LIST_ANSWERS; k++)
			exposition_number(e, "list", roster->list[i]->label, "answer",
			    fact_state_name(k), load(&roster->list[i]->usage->answers[k]));
}

static void
add_list_refusals(struct exposition *e, const struct roster *roster)
{
	exposition_family(e, "relayguard_list_refusals_total", "counter",
	    "Refusals of clients that the list spoke against.");
	for (unsigned i = 0; i < roster->n; i++)
		if (!roster_repeats(roster, i))
			exposition_number(e, "list", roster->list[i]->label, NULL, NULL,
			    load(&roster->list[i]->usage->refusals));
	exposition_family(e, "relayguard_list_sole_refusals_total", "counter",
	    "Refusals that would have been none without the list.");
	for (unsigned i = 0; i < roster->n; i++)
		if (!roster_repeats(roster, i))
			exposition_number(e, "list", roster->list[i]->label, NULL, NULL,
			    load(&roster->list[i]->usage->sole_refusals));
}

static void
add_list_seconds(struct exposition *e, const struct roster *roster)
{
	if (!has_others(roster))
		return;
	exposition_family(e, "relayguard_list_lookup_seconds", "histogram",
	    "How long DNS took to answer for a list.");
	for (unsigned i = 0; i < roster->n; i++)
		if (is_counted(roster, i))
			exposition_histogram(e, "list", roster->list[i]->label,
			    &roster->list[i]->usage->seconds, list_usage_bounds());
}

/* A list that is new is in doubt, as relayguard.conf(5) has it. */
static const char *
state_name(const struct listing *list)
{
	enum list_state state = listing_state(list);

	return list_state_name(state != LIST_NEW ? state : LIST_DOUBTED);
}

static void
add_list_states(struct exposition *e, const struct roster *roster)
{
	static const char *const states[] = {"good", "doubted", "suspended", "silent"};

	exposition_family(e, "relayguard_list_state", "gauge", "1 for the state of the list.");
	for (unsigned i = 0; i < roster->n; i++) {
		const char *state = state_name(roster->list[i]);

		for (size_t k = 0;
		     !roster_repeats(roster, i) && k < sizeof(states) / sizeof(states[0]); k++)
			exposition_number(e, "list", roster->list[i]->label, "state", states[k],
			    strcmp(state, states[k]) == 0);
	}
	if (!has_others(roster))
		return;
	exposition_family(e, "relayguard_list_last_test_timestamp_seconds", "gauge",
	    "When the last test of the list ended; 0: it has not been tested.");
	for (unsigned i = 0; i < roster->n; i++)
		if (is_counted(roster, i))
			exposition_number(e, "list", roster->list[i]->label, NULL, NULL,
			    (uint64_t)atomic_load(&roster->list[i]->usage->tested));
}

/* A number for each reason that a client may be listed for. */
static void
add_reasons(struct exposition *e, const char *name, const char *type, const char *help,
    const uint64_t number[LOCAL_REASONS])
{
	exposition_family(e, name, type, help);
	for (enum local_reason r = LOCAL_PROBE; r < LOCAL_REASONS; r++)
		exposition_number(e, "reason", local_reason_name(r), NULL, NULL, number[r]);
}

static void
add_own(struct exposition *e, const struct session_shared *o)
{
	uint64_t entries[LOCAL_REASONS], hits[LOCAL_REASONS];
	struct local_figures f;

	locallist_figures(o->services.local, (uint32_t)clock_wall(), &f);
	for (enum local_reason r = LOCAL_PROBE; r < LOCAL_REASONS; r++) {
		entries[r] = f.entries[r];
		hits[r] = localstore_hits(o->local_store, r);
	}
	add_reasons(e, "relayguard_own_entries", "gauge",
	    "Clients that the own list holds, by what for.", entries);
	add_reasons(e, "relayguard_own_listed_total", "counter",
	    "Clients that were put on the own list, each time anew.", f.listed);
	add_reasons(e, "relayguard_own_hits_total", "counter",
	    "What clients were seen to do that is evidence.", hits);
	exposition_family(e, "relayguard_own_removals_total", "counter",
	    "Removals from the own list: at once, or after a day.");
	exposition_number(e, "result", "done", NULL, NULL, f.removals - f.holds);
	exposition_number(e, "result", "held", NULL, NULL, f.holds);
	add_one(e, "relayguard_own_full_total", "counter",
	    "Entries that found no place on the own list, or took that of another.", f.full);
	add_one(e, "relayguard_own_store_up", "gauge",
	    "Whether the own list can be kept on disk.", localstore_is_up(o->local_store));
	add_one(e, "relayguard_own_store_dropped_total", "counter",
	    "Changes of the own list and hits that could not be kept.",
	    localstore_dropped(o->local_store));
}

static void
add_caches(struct exposition *e, const struct verbs_context *context)
{
	static const char *const results[] = {"hit", "miss", "error"};
	size_t entries, bytes;

	exposition_family(e, "relayguard_cache_lookups_total", "counter",
	    "What a cache was asked about lists and clients.");
	for (unsigned i = 0; i < TALLY_CACHE_MAX; i++)
		exposition_number(
		    e, "cache", "memory", "result", results[i], tally_get(TALLY_MEMORY, i));
	for (unsigned i = 0; i < TALLY_CACHE_MAX; i++)
		exposition_number(
		    e, "cache", "redis", "result", results[i], tally_get(TALLY_REDIS, i));
	memcache_size(context->sessions->services.memory, &entries, &bytes);
	add_one(e, "relayguard_cache_entries", "gauge",
	    "Answers in memory, with those that have expired and keep their place.", entries);
	add_one(e, "relayguard_cache_bytes", "gauge", "Bytes of the memory cache.", bytes);
}

/* Only the I/O thread knows; where it does not say in time, nothing is said here. */
static void
add_servers(struct exposition *e, const struct verbs_context *context)
{
	const struct client_services *services = &context->sessions->services;
	struct promise *promise = upstream_ask_state(services->upstream, services->promises);
	int state = promise_wait(promise, clock_ms() + METRICS_WAIT_MS, -1);
	char number[12];

	promise_release(&promise);
	if (state < 0)
		return;
	exposition_family(e, "relayguard_dns_server_up", "gauge",
	    "Whether a DNS server answers, by its number in the configuration.");
	for (unsigned i = 0; i < upstream_state_servers(state); i++) {
		snprintf(number, sizeof(number), "%u", i);
		exposition_number(
		    e, "server", number, NULL, NULL, upstream_state_server_is_up(state, i));
	}
	if (upstream_state_has_redis(state))
		add_one(e, "relayguard_redis_up", "gauge",
		    "Whether Redis answered the last question.",
		    upstream_state_redis_is_up(state));
}

static void
add_spf(struct exposition *e)
{
	exposition_family(e, "relayguard_spf_checks_total", "counter",
	    "Checks of a sender by SPF, by their result.");
	for (enum spf_result r = SPF_NONE; r < SPF_RESULTS; r++)
		exposition_number(
		    e, "result", spf_result_name(r), NULL, NULL, tally_get(TALLY_SPF, r));
}

static void
add_overloads(struct exposition *e)
{
	static const char *const names[] = {
	    "sessions", "inquiries", "files", "policy", "network"};

	exposition_family(e, "relayguard_overloads_total", "counter",
	    "What was turned away because there was too much of it.");
	for (unsigned i = 0; i <= LIMIT_MAX; i++)
		exposition_number(
		    e, "what", names[i], NULL, NULL, tally_get(TALLY_OVERLOADS, i));
}

static void
add_fleet(struct exposition *e)
{
	exposition_family(e, "relayguard_fleet_records_total", "counter",
	    "Records of own evidence for other nodes, and of theirs.");
	exposition_number(e, "result", "told", NULL, NULL, counter_get(COUNTER_FLEET_TOLD));
	exposition_number(e, "result", "heard", NULL, NULL, counter_get(COUNTER_FLEET_HEARD));
	exposition_number(
	    e, "result", "dropped", NULL, NULL, counter_get(COUNTER_FLEET_DROPPED));
}

/* Only what is known: who is not, is neither listed nor clear. */
static void
add_watch(struct exposition *e, struct watch *w)
{
	static const char *const labels[] = {"list", "address", "scope"};
	unsigned known = 0;
	struct watch_row row;

	for (size_t i = 0; watch_row(w, i, &row); i++) {
		bool listed = row.watched.settled == WATCH_LISTED;
		const char *values[] = {row.list, row.subject, watch_scope_name(row.scope)};

		if (row.kind == KIND_ALLOW ||
		    (!listed && strcmp(watched_word(&row.watched), "clear") != 0))
			continue;
		if (known++ == 0)
			exposition_family(e, "relayguard_own_listed", "gauge",
			    "Whether a list holds an address or a name of ours.");
		exposition_number3(e, labels, values, listed);
	}
}

static void
add_watch_silence(struct exposition *e, struct watch *w)
{
	char list[CHECKER_LABEL_MAX + 1];
	int64_t since, now = clock_wall();

	for (size_t i = 0; watch_silence(w, i, list, &since); i++) {
		if (i == 0)
			exposition_family(e, "relayguard_own_unknown_seconds", "gauge",
			    "How long a list has not said whether it holds what is watched.");
		exposition_number(e, "list", list, NULL, NULL,
		    since != 0 && now > since ? (uint64_t)(now - since) : 0);
	}
}

static void
add_store(struct exposition *e, struct store *store)
{
	exposition_family(e, "relayguard_store_copies_total", "counter",
	    "Decisions that were to be copied to Redis, by what became of that.");
	exposition_number(e, "result", "put", NULL, NULL, counter_get(COUNTER_STORE_COPIES));
	exposition_number(
	    e, "result", "refused", NULL, NULL, counter_get(COUNTER_COPIES_REFUSED));
	if (store == NULL)
		return;
	add_one(e, "relayguard_store_up", "gauge", "Whether decisions can be stored.",
	    store_is_up(store));
	add_one(e, "relayguard_store_bytes", "gauge", "Bytes of the files of the store.",
	    (uint64_t)store_size(store));
}

static void
add_configuration(struct exposition *e, const struct verbs_context *context)
{
	int64_t used;
	bool good;

	exposition_family(e, "relayguard_build_info", "gauge", "1, with the version.");
	exposition_number(e, "version", PACKAGE_VERSION, NULL, NULL, 1);
	reloads_last(context->reloads, &good, &used);
	add_one(e, "relayguard_config_last_reload_successful", "gauge",
	    "Whether the configuration that was read last is used.", good);
	add_one(e, "relayguard_config_last_reload_success_timestamp_seconds", "gauge",
	    "When a configuration was read last that is used.", (uint64_t)used);
	add_one(e, "relayguard_sessions_open", "gauge", "SMTP sessions that are open.",
	    session_count());
}

static int64_t
milliseconds(const struct timeval *t)
{
	return (int64_t)t->tv_sec * 1000 + t->tv_usec / 1000;
}

static void
add_process(struct exposition *e, const struct verbs_context *context)
{
	uint64_t resident = process_resident();
	struct rusage usage;
	struct rlimit files;

	if (getrusage(RUSAGE_SELF, &usage) == 0) {
		exposition_family(e, "process_cpu_seconds_total", "counter",
		    "Seconds of processor time used.");
		exposition_seconds(
		    e, milliseconds(&usage.ru_utime) + milliseconds(&usage.ru_stime));
	}
	if (resident > 0)
		add_one(e, "process_resident_memory_bytes", "gauge", "Bytes of memory in use.",
		    resident);
	if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
		add_one(e, "process_open_fds", "gauge", "Descriptors in use.",
		    throttle_count_files((uint64_t)files.rlim_cur));
		add_one(e, "process_max_fds", "gauge", "Descriptors that may be in use.",
		    (uint64_t)files.rlim_cur);
	}
	add_one(e, "process_start_time_seconds", "gauge", "When the process started.",
	    (uint64_t)context->started_wall);
}

static void
write_all(struct exposition *e, const struct verbs_context *context)
{
	struct conf *conf = conf_current();

	add_configuration(e, context);
	add_counters(e);
	add_decisions(e);
	add_policies(e, conf->policies);
	add_list_answers(e, conf->roster);
	add_list_refusals(e, conf->roster);
	add_list_seconds(e, conf->roster);
	add_list_states(e, conf->roster);
	datametrics_add(e, conf->roster);
	add_own(e, context->sessions);
	add_caches(e, context);
	add_servers(e, context);
	add_spf(e);
	add_overloads(e);
	add_fleet(e);
	add_watch(e, context->sessions->watch);
	add_watch_silence(e, context->sessions->watch);
	add_store(e, context->sessions->store);
	add_process(e, context);
	conf_unref(&conf);
}

char *
metrics_text(const struct verbs_context *context, size_t *len)
{
	char *text = NULL;
	FILE *out = open_memstream(&text, len);
	bool good;

	if (out == NULL)
		return NULL;
	write_all(&(struct exposition){.out = out}, context);
	good = !ferror(out);
	if (fclose(out) == 0 && good)
		return text;
	free(text);
	return NULL;
}

/* Up to max bytes, to the end of a line. */
static size_t
piece_of(const char *text, size_t len, size_t max)
{
	if (len <= max)
		return len;
	while (max > 1 && text[max - 1] != '\n')
		max--;
	return max;
}

int
verb_metrics(struct request *r, const json_t *args, void *arg)
{
	size_t len = 0, n;
	char *text = metrics_text(arg, &len);
	bool good = text != NULL;

	(void)args;
	for (const char *at = text; good && len > 0; at += n, len -= n) {
		n = piece_of(at, len, PIECE_MAX);
		good = request_reply(r, json_pack("{s:s%}", "text", at, n));
	}
	if (text == NULL)
		request_error(r, "out of memory");
	free(text);
	return good ? EX_OK : EX_SOFTWARE;
}

void
metrics_talk(int fd, void *arg)
{
	char request[HTTP_HEAD_MAX];
	size_t len = 0;
	char *text = NULL;
	struct http_reply reply = http_read(fd, request, "/metrics");

	if (reply.status == 200 && (text = metrics_text(arg, &len)) == NULL)
		reply.status = 503;
	http_answer(fd, &reply, EXPOSITION_TYPE, text, len);
	free(text);
}
