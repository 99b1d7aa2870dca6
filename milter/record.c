/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * record.c - one decision, one line: every fact that made it, in fixed words
 * that relayguard(8) promises to keep.
 */
#include "config.h"

#include "record.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <string.h>

#include "counter.h"
#include "log.h"
#include "strbuf.h"

/* The longest lists= that is written; the rest is named by a sign. */
#define LISTS_TEXT_MAX 400

static void
count(const struct verdict *v)
{
	switch (v->action) {
	case ACTION_PASS:
		counter_add(v->meant == ACTION_PASS ? COUNTER_PASSED : COUNTER_SHADOWED);
		break;
	case ACTION_DEFER:
		counter_add(COUNTER_DEFERRED);
		break;
	case ACTION_REFUSE:
		counter_add(COUNTER_REFUSED);
		break;
	}
}

/* The address between the brackets, as Postfix logs it. */
static void
add_path(struct logline *line, const char *key, const char *path)
{
	char bare[LOG_VALUE_MAX + 2];
	size_t len;

	if (path == NULL)
		return;
	len = strlen(path);
	if (len < 2 || len >= sizeof(bare) || path[0] != '<' || path[len - 1] != '>') {
		logline_str(line, key, path);
		return;
	}
	memcpy(bare, path + 1, len - 2);
	bare[len - 2] = '\0';
	logline_str(line, key, bare);
}

static void
add_score(struct logline *line, const struct verdict *v)
{
	char text[32];
	struct strbuf sb;

	if (v->ground != GROUND_LISTS)
		return;
	strbuf_init(&sb, text, sizeof(text));
	strbuf_addf(&sb, "%d/%d", v->score, v->threshold);
	logline_str(line, "score", text);
}

/* "label:code*score,..." of every list that spoke. */
static void
add_voices(struct logline *line, const struct record *r)
{
	const struct verdict *v = r->verdict;
	char text[LISTS_TEXT_MAX], address[INET_ADDRSTRLEN];
	struct strbuf sb;

	strbuf_init(&sb, text, sizeof(text));
	for (unsigned i = 0; i < v->nvoices; i++) {
		const struct voice *voice = &v->voice[i];
		struct in_addr in = {.s_addr = htonl(voice->code)};

		strbuf_addf(&sb, "%s%s:%s*%d", i > 0 ? "," : "",
		    r->roster->list[voice->list]->label,
		    inet_ntop(AF_INET, &in, address, sizeof(address)), voice->score);
	}
	if (sb.len > 0)
		logline_str(line, "lists", text);
}

/* The labels of some lists of the roster, where there are any. */
static void
add_lists(struct logline *line, const char *key, const struct record *r, listset lists)
{
	char text[LISTS_TEXT_MAX];
	struct strbuf sb;

	strbuf_init(&sb, text, sizeof(text));
	for (unsigned i = 0; i < r->roster->n; i++)
		if (lists & (listset)1 << i)
			strbuf_addf(
			    &sb, "%s%s", sb.len > 0 ? "," : "", r->roster->list[i]->label);
	if (sb.len > 0)
		logline_str(line, key, text);
}

/* Which cache answered, where no list was asked for this client. */
static void
add_source(struct logline *line, const struct record *r)
{
	bool redis = false, memory = false;

	if (r->policy == NULL || r->verdict->ground != GROUND_LISTS)
		return;
	for (unsigned i = 0; i < r->roster->n; i++) {
		const struct fact *fact = &r->facts[i];

		if ((r->policy->lists & (listset)1 << i) == 0 || fact->expires == 0)
			continue; /* not voted on, or never asked for */
		if (fact->source == FACT_FROM_DNS)
			return;
		redis = redis || fact->source == FACT_FROM_REDIS;
		memory = memory || fact->source == FACT_FROM_MEMORY;
	}
	if (redis || memory)
		logline_str(line, "from-cache", redis ? "redis" : "memory");
}

void
record_write(const struct record *r)
{
	const struct verdict *v = r->verdict;
	char address[IPADDR_STRLEN];
	struct logline line;

	/* A line would tell who our trial is, and anybody could pose as it. */
	if (r->quiet)
		return;
	count(v);
	logline_begin(&line, r->ref);
	logline_str(&line, "verdict", action_name(v->action));
	if (v->meant != v->action)
		logline_str(&line, "meant", action_name(v->meant));
	if (v->softened)
		logline_str(&line, "softened", action_name(ACTION_REFUSE));
	logline_str(&line, "reason", ground_name(v->ground));
	logline_str(&line, "client", ipaddr_format(r->client, address));
	logline_str(&line, "name", r->name);
	logline_str(&line, "helo", r->helo);
	add_path(&line, "from", r->from);
	add_path(&line, "to", r->to);
	logline_str(&line, "policy", r->policy != NULL ? r->policy->name : NULL);
	add_score(&line, v);
	add_voices(&line, r);
	add_lists(&line, "doubted", r, v->doubted);
	add_lists(&line, "suspended", r, v->suspended);
	add_lists(&line, "unknown", r, v->unknown);
	add_source(&line, r);
	logline_str(&line, "note", r->local_reason);
	logline_num(&line, "ms", r->ms);
	logline_end(&line, LOG_LEVEL_INFO);
}
