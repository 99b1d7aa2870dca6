/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * control/written.c - from lines that were kept to what an administrator can open.
 */
#include "config.h"

#include "control/written.h"

#include "base/domain.h"
#include "base/strbuf.h"
#include "conf/conf.h"
#include "conf/places.h"
#include "control/server.h"

/* A file of the folder of own texts. */
#define TEXT_LINE 1

json_t *
written_line(const struct conf *conf, const char *file, unsigned line)
{
	char text[PLACES_TEXT_SIZE];

	return request_shown(places_text(text, file != NULL ? file : conf->path, line));
}

json_t *
written_list(const struct conf *conf, const struct listing_place *place)
{
	return written_line(conf, place->known ? conf->known : NULL, place->line);
}

json_t *
written_policy(const struct conf *conf, const struct policy *policy)
{
	return written_line(conf, NULL, places_begin(policy->places));
}

json_t *
written_parents(const struct conf *conf, const struct policy *policy)
{
	char at[PLACES_TEXT_SIZE], text[PLACES_TEXT_SIZE + DOMAIN_NAME_SIZE];
	json_t *parents = json_array();
	struct strbuf sb;

	for (policy = policy->parent; policy != NULL; policy = policy->parent) {
		places_text(at, conf->path, places_begin(policy->places));
		strbuf_init(&sb, text, sizeof(text));
		strbuf_addf(&sb, "%s at %s", policy->name, at);
		json_array_append_new(parents, request_shown(text));
	}
	return parents;
}

json_t *
written_word(const struct conf *conf, const struct policy *policy, const char *word,
    unsigned value, const char **owner)
{
	const struct policy *of = policy;
	unsigned line = places_policy_line(policy, word, value, &of);

	*owner = line > 0 ? of->name : NULL;
	return written_line(conf, NULL, line);
}

/* A text of the folder, "kind.name". */
static json_t *
file_of(const struct conf *conf, const char *kind, const char *name)
{
	char path[PATH_MAX];
	struct strbuf sb;

	strbuf_init(&sb, path, sizeof(path));
	strbuf_addf(&sb, "%s/%s.%s", conf->texts, kind, name);
	return written_line(conf, path, TEXT_LINE);
}

/* That of the policy, or of the next one that it inherits from and that has one. */
static json_t *
policy_text(const struct conf *conf, const struct policy *policy)
{
	for (; policy != NULL; policy = policy->parent) {
		unsigned line = places_line(policy->places, "policy", "text", 0);

		if (policy->text_file != NULL)
			return file_of(conf, "policy", policy->text_file);
		if (line > 0)
			return written_line(conf, NULL, line);
	}
	return written_line(conf, NULL, 0);
}

json_t *
written_text(const struct conf *conf, const struct decision *d, enum reason_text text)
{
	const struct hit *hit = d->verdict.loudest;
	const struct listing *list = hit != NULL ? d->input.roster->list[hit->list] : NULL;

	if (text == REASON_TEXT_POLICY)
		return policy_text(conf, d->input.policy);
	if (text == REASON_TEXT_OURS || hit == NULL)
		return written_line(conf, NULL, 0);
	if (text == REASON_TEXT_ANSWER)
		return written_list(conf, &hit->answer->text_at);
	if (text == REASON_TEXT_CATEGORY)
		return file_of(conf, "category", category_name(hit->answer->category));
	return list->text_file ? file_of(conf, "list", list->label)
			       : written_list(conf, &list->text_at);
}
