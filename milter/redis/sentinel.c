/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * redis/sentinel.c - rounds of the same question to each Sentinel that can be
 * reached.  Whether the one they name is a master, it is asked itself.
 */
#include "config.h"

#include "redis/sentinel.h"

#include <stdlib.h>
#include <string.h>

#include "base/breaker.h"
#include "base/counter.h"
#include "base/random.h"
#include "loop/loop.h"
#include "redis/error.h"
#include "redis/link.h"

#define GIVE_UP_MS 3000 /* between two rounds, while all is well */
#define HURRIED_MS 1000 /* while it is not */
#define JITTER 20       /* percent */

struct watcher {
	struct sentinel *sentinel;
	struct redislink *link;
	bool named; /* it has named a master in this round */
	struct endpoint master;
};

struct sentinel {
	struct loop *loop;
	const struct redis_options *options;
	sentinel_found *found;
	void *arg;
	struct timer *round; /* to the next one */
	struct timer *count; /* the votes, when all are in */
	unsigned open;       /* questions of this round without an answer */
	bool begun;          /* there has been a round */
	bool content;
	struct breaker master; /* whether there is one */
	struct rediserrors errors;
	unsigned n;
	struct watcher watcher[REDIS_SEEDS_MAX];
};

static void
end_of_answer(struct sentinel *s)
{
	if (--s->open == 0)
		timer_start(s->count, 0);
}

/* [address, port], or nil where the service is not known. */
static const char *
on_master(void *arg, struct redislink *link, const struct redisreply *reply)
{
	struct watcher *w = arg;
	const struct redisreply *host, *text;

	end_of_answer(w->sentinel);
	if (reply == NULL || reply->type == REDISREPLY_NIL)
		return NULL;
	if (reply->type == REDISREPLY_ERROR) {
		rediserror_note(
		    &w->sentinel->errors, redislink_name(link), "SENTINEL", reply->text);
		return NULL;
	}
	host = redisreply_at(reply, 0, REDISREPLY_STRING);
	text = redisreply_at(reply, 1, REDISREPLY_STRING);
	w->named = host != NULL && text != NULL && host->text[0] != '\0' &&
	    redisnode_take(
		&w->master, host->text, redisnode_port(text->text), redislink_node(link));
	if (w->named)
		return NULL;
	counter_add(COUNTER_REDIS_GARBAGE);
	return "SENTINEL named no address";
}

/* The one that most of them name; among equals, the first. */
static const struct endpoint *
elect(const struct sentinel *s)
{
	const struct endpoint *best = NULL;
	unsigned most = 0;

	for (unsigned i = 0; i < s->n; i++) {
		unsigned votes = 0;

		for (unsigned k = 0; s->watcher[i].named && k < s->n; k++)
			votes += s->watcher[k].named &&
			    endpoint_equal(&s->watcher[i].master, &s->watcher[k].master);
		if (votes > most) {
			most = votes;
			best = &s->watcher[i].master;
		}
	}
	return best;
}

static void
count_votes(void *arg)
{
	struct sentinel *s = arg;
	const struct endpoint *master = elect(s);

	timer_start(s->round, jittered(s->content ? GIVE_UP_MS : HURRIED_MS, JITTER));
	if (master != NULL) {
		breaker_mend(&s->master);
		s->found(s->arg, master);
	} else if (!s->content) {
		(void)breaker_fail(&s->master, "no sentinel names a master");
	}
}

static void
begin_round(void *arg)
{
	static const struct redisreply_limits limits = {.depth = 1, .parts = 2};
	struct sentinel *s = arg;
	const char *argv[] = {"SENTINEL", "get-master-addr-by-name", s->options->service};

	if (s->open > 0)
		return;
	s->begun = true;
	s->open = 1; /* this round itself */
	for (unsigned i = 0; i < s->n; i++) {
		struct watcher *w = &s->watcher[i];

		w->named = false;
		if (redislink_up(w->link) &&
		    redislink_ask(w->link, &limits, 3, argv, on_master, w))
			s->open++;
	}
	end_of_answer(s);
}

/* The first round begins when it is known who is there, or none is to be waited for. */
static void
on_notice(void *arg, bool up)
{
	struct sentinel *s = ((struct watcher *)arg)->sentinel;

	if (s->begun && (s->content || !up))
		return;
	for (unsigned i = 0; i < s->n; i++)
		if (!redislink_up(s->watcher[i].link) && !redislink_down(s->watcher[i].link))
			return;
	timer_start(s->round, 0);
}

void
sentinel_content(struct sentinel *s, bool content)
{
	if (s->content == content)
		return;
	s->content = content;
	if (!content)
		timer_start(s->round, 0);
}

static bool
add_watcher(struct sentinel *s, unsigned i, struct redistls *tls)
{
	const struct redis_options *o = s->options;
	char name[ENDPOINT_STRLEN];
	const struct redislink_spec spec = {
	    .name = endpoint_format(&o->seed[i], name),
	    .node = &o->seed[i],
	    .password = o->sentinel_password,
	    .sentinel = true,
	    .tls = tls,
	    .connect_ms = o->connect_ms,
	    .command_ms = o->command_ms,
	    .notice = on_notice,
	    .arg = &s->watcher[i],
	};

	s->watcher[i].sentinel = s;
	s->watcher[i].link = redislink_new(s->loop, &spec);
	return s->watcher[i].link != NULL;
}

struct sentinel *
sentinel_new(struct loop *loop, const struct redis_options *options, struct redistls *tls,
    sentinel_found *found, void *arg)
{
	struct sentinel *s = calloc(1, sizeof(*s));
	bool good;

	if (s == NULL)
		return NULL;
	s->loop = loop;
	s->options = options;
	s->found = found;
	s->arg = arg;
	breaker_init(&s->master, "redis", options->service);
	s->round = timer_new(loop, begin_round, s);
	s->count = timer_new(loop, count_votes, s);
	good = s->round != NULL && s->count != NULL;
	for (unsigned i = 0; good && i < options->nseeds; i++, s->n += good)
		good = add_watcher(s, i, tls);
	if (!good) {
		sentinel_free(s);
		return NULL;
	}
	/* Should no notice come, as all failed at once. */
	timer_start(s->round, options->connect_ms);
	return s;
}

void
sentinel_free(struct sentinel *s)
{
	if (s == NULL)
		return;
	for (unsigned i = 0; i < s->n; i++)
		redislink_free(s->watcher[i].link);
	timer_free(s->round);
	timer_free(s->count);
	free(s);
}
