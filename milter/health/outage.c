/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * health/outage.c - a list that falls silent is asked once what its answers are like, for the
 * log; and then for canaries, now and then, until one comes.
 */
#include "config.h"

#include "health/outage.h"

#include "base/log.h"
#include "dns/dns.h"

/* Say that the list is silent, once, and how. */
static void
say(struct outage *o, const struct diagnosis *d)
{
	if (!o->said)
		diagnosis_log(o->listing->label, o->missed, d);
	o->said = true;
	o->hint = diagnosis_of_silence(d);
}

static void
on_diagnosis(void *arg, const struct selftest_report *report)
{
	say(arg, &report->diagnosis);
}

/* A canary of a block that is as good as any. */
static void
plan_one(const struct outage *o, struct selftest_plan *plan)
{
	canaries_plan(o->canaries, false, plan);
	if (plan->ncanaries > 1)
		plan->ncanaries = 1;
}

static void
on_silent(void *arg)
{
	struct outage *o = arg;
	struct selftest_plan plan = {
	    .entries = true, .unchecked = true, .server = DNS_ANY_SERVER};

	o->said = !o->watched;
	plan_one(o, &plan);
	if (!o->said && !o->owner.ask(o->owner.arg, &plan, on_diagnosis, o))
		say(o, &(struct diagnosis){0});
	o->owner.began(o->owner.arg);
}

static void
on_answers(void *arg, int64_t after_ms)
{
	struct outage *o = arg;
	struct logline line;

	say(o, &(struct diagnosis){0});
	logline_event(&line, "list-answers");
	logline_str(&line, "list", o->listing->label);
	logline_num(&line, "after", after_ms / 1000);
	logline_end(&line, LOG_LEVEL_WARNING);
	o->owner.ended(o->owner.arg);
}

static void
on_probe(void *arg, const struct selftest_report *report)
{
	struct outage *o = arg;

	if (report->worst != SELFTEST_SILENT)
		list_breaker_close(&o->breaker);
}

/* By canaries alone: a resolver may have everything else in its cache. */
static void
probe(void *arg)
{
	struct outage *o = arg;
	struct selftest_plan plan = {.server = DNS_ANY_SERVER};

	plan_one(o, &plan);
	o->owner.ask(o->owner.arg, &plan, on_probe, o);
}

void
outage_watch(struct outage *o, const struct listing *listing)
{
	o->listing = listing;
	o->watched = true;
	list_breaker_resume(&o->breaker);
}

void
outage_leave(struct outage *o)
{
	o->watched = false;
	list_breaker_pause(&o->breaker);
}

void
outage_answered(struct outage *o, bool answered, enum answer_kind missed)
{
	if (!answered)
		o->missed = missed;
	list_breaker_answered(&o->breaker, answered);
}

bool
outage_init(struct outage *o, struct loop *loop, const struct canaries *canaries,
    const struct outage_owner *owner)
{
	*o = (struct outage){.owner = *owner, .canaries = canaries};
	return list_breaker_init(&o->breaker, loop,
	    &(struct list_breaker_owner){
		.fell = on_silent, .try = probe, .broke = on_answers, .arg = o});
}

void
outage_free(struct outage *o)
{
	list_breaker_free(&o->breaker);
}
