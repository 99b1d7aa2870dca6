/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * verdict/logrecord.c - one decision, one line: every fact that made it, in fixed words
 * that relayguard(8) promises to keep.
 */
#include "config.h"

#include "verdict/logrecord.h"

#include <stdbool.h>
#include <string.h>

#include "base/ascii.h"
#include "base/log.h"
#include "base/logfield.h"
#include "base/strbuf.h"
#include "verdict/census.h"
#include "verdict/reply.h"
#include "verdict/summary.h"

void
logrecord_path(struct logline *line, const char *key, const char *path)
{
	char bare[LOG_VALUE_MAX + 2];
	size_t len;

	if (path == NULL)
		return;
	len = strlen(path);
	if (len == 0) {
		logline_str(line, key, "<>");
		return;
	}
	if (len == 2 || len >= sizeof(bare) || path[0] != '<' || path[len - 1] != '>') {
		logline_str(line, key, path);
		return;
	}
	memcpy(bare, path + 1, len - 2);
	bare[len - 2] = '\0';
	logline_str(line, key, bare);
}

/* Whether anything was weighed. */
static bool
is_weighed(const struct verdict *v)
{
	return v->reason == REASON_LISTS || v->reason == REASON_BUSY ||
	    v->reason == REASON_SPF || v->reason == REASON_PASS;
}

static void
add_score(struct logline *line, const struct logrecord *r)
{
	const struct verdict *v = r->verdict;
	char text[64];
	struct strbuf sb;

	if (!is_weighed(v))
		return;
	strbuf_init(&sb, text, sizeof(text));
	summary_score(&sb, v);
	logline_str(line, "score", text);
	if (r->policy == NULL || r->policy->agree < 2)
		return;
	strbuf_init(&sb, text, sizeof(text));
	strbuf_addf(&sb, "%u/%d", v->groups, r->policy->agree);
	logline_str(line, "groups", text);
}

/* What n hits say, where there are any. */
static void
add_hits(struct logline *line, const char *key, const struct logrecord *r,
    const struct hit *hit, unsigned n)
{
	char text[SUMMARY_LISTS_MAX];
	struct strbuf sb;

	strbuf_init(&sb, text, sizeof(text));
	summary_hits(&sb, r->roster, r->facts, hit, n);
	if (sb.len > 0)
		logline_str(line, key, text);
}

/* The labels of some lists of the roster, where there are any. */
static void
add_lists(struct logline *line, const char *key, const struct logrecord *r, listset lists)
{
	char text[SUMMARY_LISTS_MAX];
	struct strbuf sb;

	strbuf_init(&sb, text, sizeof(text));
	summary_lists(&sb, r->roster, lists);
	if (sb.len > 0)
		logline_str(line, key, text);
}

/* What came of the questions that were asked beside the lists. */
static void
add_checks(struct logline *line, const struct verdict *v)
{
	if (v->spf != SPF_UNCHECKED)
		logline_str(line, "spf", spf_result_name(v->spf));
	if (v->host != HOST_UNCHECKED)
		logline_str(line, "iprev", host_name(v->host));
}

/* Which cache answered, where no list was asked for this client. */
static void
add_source(struct logline *line, const struct logrecord *r)
{
	bool redis = false, memory = false;

	if (r->policy == NULL || !is_weighed(r->verdict))
		return;
	for (unsigned i = 0; i < r->roster->n; i++) {
		const struct fact *fact = &r->facts[i];

		if (!listset_has(r->policy->lists, i) || fact->expires == 0)
			continue; /* not voted on, or never asked for */
		if (fact->source == FACT_FROM_DNS)
			return;
		redis = redis || fact->source == FACT_FROM_REDIS;
		memory = memory || fact->source == FACT_FROM_MEMORY;
	}
	if (redis || memory)
		logline_str(line, "cache", redis ? "redis" : "memory");
}

/* Those of the lists that are named whose word is that of files here. */
static listset
find_data(const struct logrecord *r)
{
	const struct verdict *v = r->verdict;
	listset lists = 0;

	if (r->policy == NULL || !is_weighed(v))
		return 0;
	for (unsigned i = 0; i < v->nhits + v->nshadowed; i++)
		if (r->facts[v->hit[i].list].source == FACT_FROM_DATA)
			lists |= (listset)1 << v->hit[i].list;
	return lists;
}

void
logrecord_line(struct logline *line, const struct logrecord *r)
{
	const struct verdict *v = r->verdict;
	char address[IPADDR_STRLEN];

	logline_begin(line, "ref", r->ref);
	logline_str(line, "verdict", action_name(v->action));
	if (v->meant != v->action)
		logline_str(line, "meant", action_name(v->meant));
	if (r->split)
		logline_str(line, "apart", "yes");
	if (v->softened)
		logline_str(line, "softened", action_name(v->nominal));
	logline_str(line, "reason", verdict_reason_name(v->reason));
	logline_str(line, "client", ipaddr_format(r->client, address));
	logline_str(line, "name", r->name);
	logline_str(line, "helo", r->helo);
	logrecord_path(line, "from", r->from);
	logrecord_path(line, "orig-from", r->orig_from);
	logrecord_path(line, "to", r->to);
	logrecord_path(line, "orig-to", r->orig_to);
	logline_str(line, "policy", r->policy != NULL ? r->policy->name : NULL);
	add_score(line, r);
	add_hits(line, "lists", r, v->hit, v->nhits);
	add_hits(line, "shadowed", r, v->hit + v->nhits, v->nshadowed);
	add_lists(line, "shadow-unknown", r, v->shadow_unknown);
	add_checks(line, v);
	add_lists(line, "doubted", r, v->doubted);
	add_lists(line, "unproven", r, v->lapsed);
	add_lists(line, "suspended", r, v->suspended);
	add_lists(line, "unknown", r, v->unknown);
	add_lists(line, "not-awaited", r, v->not_awaited);
	add_lists(line, "not-needed", r, v->not_needed);
	if (is_weighed(v) && r->input != NULL && r->input->frugal)
		logline_str(line, "ask", "needed");
	add_lists(line, "unasked", r, v->unknown & r->unasked);
	add_source(line, r);
	add_lists(line, "data", r, find_data(r));
	logline_str(line, "note", r->local_reason);
	logline_num(line, "ms", r->ms);
}

/* The part of an address that names nobody, "@sender.example"; the null sender has no other. */
static const char *
domain_part(const char *path, char *out, size_t size)
{
	const char *at = path != NULL ? strrchr(path, '@') : NULL;

	if (at == NULL)
		return path != NULL && (path[0] == '\0' || strcmp(path, "<>") == 0) ? path
										    : NULL;
	(void)strbuf_copy(out, size, at);
	out[strcspn(out, ">")] = '\0';
	return out;
}

static bool
is_plain_domain(const char *text)
{
	size_t len = strlen(text);

	for (size_t i = 0; i < len; i++)
		if (!ascii_is_label(text[i]) && strchr(".:[]", text[i]) == NULL)
			return false;
	return len > 0 && text[len - 1] != '.';
}

/* A sender or recipient of a line without its local part. */
static void
add_bare(struct strbuf *sb, const char *key, const char *path)
{
	const char *at = strrchr(path, '@');

	if (strcmp(path, "<>") == 0)
		strbuf_addf(sb, " %s=<>", key);
	else if (at != NULL && is_plain_domain(at + 1))
		strbuf_addf(sb, " %s=%s", key, at);
}

/* A field as it is, up to end. */
static void
add_field(struct strbuf *sb, const char *field, const char *end)
{
	field += strspn(field, " ");
	if (sb->len > 0)
		strbuf_addc(sb, ' ');
	strbuf_addn(sb, field, (size_t)(end - field));
}

void
logrecord_hide_people(const char *line, char *out, size_t size)
{
	char key[LOGFIELD_KEY_MAX], value[LOG_VALUE_MAX + 1];
	const char *field = line;
	struct strbuf sb;

	strbuf_init(&sb, out, size);
	for (; logfield_next(&line, key, value, sizeof(value)); field = line) {
		if (strcmp(key, "from") == 0 || strcmp(key, "to") == 0)
			add_bare(&sb, key, value);
		else if (strncmp(key, "orig-", strlen("orig-")) != 0)
			add_field(&sb, field, line);
	}
}

/* The reply has the reference, or the header of the mail that is held. */
static bool
is_told(enum action action)
{
	return action == ACTION_QUARANTINE || reply_needed(action);
}

static void
give_line(const struct logrecord *r, const struct logrecord_keeper *keeper, const char *text)
{
	char from[LOG_VALUE_MAX + 2], to[LOG_VALUE_MAX + 2];
	struct logrecord bare = *r;
	struct logline line;

	if (keeper == NULL || !is_told(r->verdict->action))
		return;
	if (keeper->nameless) {
		bare.name = bare.helo = bare.orig_from = bare.orig_to = NULL;
		bare.from = domain_part(r->from, from, sizeof(from));
		bare.to = domain_part(r->to, to, sizeof(to));
		logrecord_line(&line, &bare);
		logline_close(&line);
		text = line.text.data;
	}
	keeper->keep(keeper->arg, r, text);
}

void
logrecord_write(const struct logrecord *r, const struct logrecord_keeper *keeper)
{
	struct logline line;

	/* A line would tell the watchdog's name, and anybody could take it. */
	if (r->quiet)
		return;
	census_count(r->verdict, r->input, r->ms);
	logrecord_line(&line, r);
	logline_end(&line, LOG_LEVEL_INFO);
	give_line(r, keeper, line.text.data);
}
