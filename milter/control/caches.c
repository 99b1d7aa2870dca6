/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * control/caches.c - the facts of one subject, in memory and in Redis.  In Redis only keys are
 * deleted whose names can be told: to look for all of them would take a while of a server
 * that others use, too, and they expire within the hour.
 */
#include "config.h"

#include "control/caches.h"

#include <string.h>
#include <sysexits.h>

#include "base/log.h"
#include "control/facts.h"
#include "control/status.h"
#include "lookup/memcache.h"

/* What is asked for; address is NULL where all are meant. */
struct order {
	struct request *request;
	struct known_places places;
	struct roster *roster;
	const char *address;
	struct operand operand;
	bool fleet;
};

const char *
caches_redis_name(enum known_redis redis)
{
	static const char *const names[] = {"none", "down", "answered"};

	return names[redis];
}

static bool
say_fact(struct request *r, const struct listing *list, const struct fact *fact)
{
	return request_reply(r,
	    json_pack("{s:s, s:s, s:s, s:s, s:o, s:I}", "label", list->label, "asks",
		role_name(list->role), "kept_in", facts_source(fact), "answer",
		fact_state_name((enum fact_state)fact->state), "codes", facts_codes(fact),
		"ttl_seconds", facts_ttl(fact)));
}

/* The facts of a role; how many. */
static unsigned
show_role(const struct order *o, enum role role)
{
	struct subject subject = operand_subject(&o->operand, role);
	listset lists = operand_lists(&o->operand, o->roster, role);
	struct known known;
	unsigned n = 0;

	known_find(&o->places, &subject, o->roster, lists, &known);
	if (known.redis == KNOWN_DOWN)
		request_error(o->request, "Redis does not answer: only memory is shown");
	for (unsigned i = 0; i < o->roster->n; i++) {
		const struct listing *list = o->roster->list[i];

		if (listset_has(known.in_memory, i))
			n += say_fact(o->request, list, &known.memory[i]);
		if (listset_has(known.in_redis, i))
			n += say_fact(o->request, list, &known.shared[i]);
	}
	return n;
}

static int
show(const struct order *o)
{
	unsigned n = 0;

	for (enum role role = ROLE_ADDRESS; role < ROLES; role++)
		n += show_role(o, role);
	if (n > 0)
		return EX_OK;
	request_error(o->request, "nothing is kept of it");
	return 1;
}

struct caches_flushed
caches_flush(const struct known_places *places, struct roster *roster,
    const struct operand *operand, bool shared)
{
	struct subject subject =
	    operand_subject(operand, operand->is_name ? ROLE_HELO : ROLE_ADDRESS);
	struct caches_flushed f = {.redis = KNOWN_NO_REDIS};
	unsigned n;

	/* What was asked before must not bring it back, nor, with Redis first, what is asked
	 * meanwhile. */
	memcache_begin_epoch(places->memory);
	for (enum role role = ROLE_ADDRESS; shared && role < ROLES; role++) {
		struct subject of_role = operand_subject(operand, role);
		listset lists = operand_lists(operand, roster, role);

		if (lists == 0)
			continue;
		f.redis = known_erase_shared(places, &of_role, roster, lists, &n);
		f.shared += n;
		if (f.redis != KNOWN_ANSWERED)
			break;
	}
	f.memory = memcache_erase(places->memory, &subject.key);
	return f;
}

static void
log_flush(const struct order *o, const struct caches_flushed *f)
{
	struct logline line;

	logline_event(&line, "cache-flushed");
	logline_str(&line, "what", o->address != NULL ? o->address : "all");
	logline_str(&line, "by", request_who(o->request));
	logline_num(&line, "memory", (int64_t)f->memory);
	if (o->fleet)
		logline_num(&line, "redis", f->shared);
	logline_end(&line, LOG_LEVEL_INFO);
}

static int
flush(const struct order *o)
{
	struct caches_flushed f = {.redis = KNOWN_NO_REDIS};

	if (o->address != NULL)
		f = caches_flush(&o->places, o->roster, &o->operand, o->fleet);
	else
		f.memory = memcache_erase_all(o->places.memory);
	log_flush(o, &f);
	request_reply(o->request,
	    json_pack("{s:I, s:i, s:s}", "memory_facts", (json_int_t)f.memory, "redis_facts",
		(int)f.shared, "redis", o->fleet ? caches_redis_name(f.redis) : "not asked"));
	if (!o->fleet || f.redis == KNOWN_ANSWERED)
		return EX_OK;
	request_error(o->request,
	    f.redis == KNOWN_DOWN
		? "Redis does not answer: other nodes may still have it; do it again"
		: "there is no Redis (cache redis in relayguard.conf), or no list is asked "
		  "about it");
	return f.redis == KNOWN_DOWN ? EX_TEMPFAIL : 1;
}

/* What is wrong with the words; NULL: nothing. */
static const char *
find_fault(const struct order *o, const char *action, bool all)
{
	bool flushes = action != NULL && strcmp(action, "flush") == 0;

	if (!flushes && (action == NULL || strcmp(action, "show") != 0))
		return "cache: say show or flush";
	if (!flushes && (all || o->fleet))
		return "cache show: takes an address alone";
	if (all && o->fleet)
		return "--all is for this node alone: in Redis facts expire within the hour; "
		       "flush an address with --fleet";
	if (all == (o->address != NULL))
		return flushes ? "cache flush: say an address, or --all"
			       : "cache show: say an address";
	return NULL;
}

static int
run(struct order *o, const struct conf *conf, const char *action, bool all)
{
	const char *fault = find_fault(o, action, all);
	char why[128];

	if (fault == NULL && !all &&
	    !operand_read(&o->operand, conf, o->address, true, why, sizeof(why)))
		fault = why;
	if (fault == NULL)
		return strcmp(action, "show") == 0 ? show(o) : flush(o);
	request_error(o->request, fault);
	return EX_USAGE;
}

int
verb_cache(struct request *r, const json_t *args, void *arg)
{
	const struct verbs_context *context = arg;
	struct order o = {.request = r, .places = facts_places(&context->sessions->services)};
	bool bad = false, all = request_flag(args, "all", &bad);
	const char *action = request_text(args, "action", &bad);
	struct conf *conf = conf_current();
	int status = EX_USAGE;

	o.roster = conf->roster;
	o.address = request_text(args, "address", &bad);
	o.fleet = request_flag(args, "fleet", &bad);
	if (bad)
		request_error(r, "a value is of the wrong type");
	else
		status = run(&o, conf, action, all);
	conf_unref(&conf);
	return status;
}
