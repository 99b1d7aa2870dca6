/* SPDX-License-Identifier: BSD-2-Clause */
/* conf/storerules.c - the section "store". */
#include "config.h"

#include "conf/storerules.h"

#include "conf/redisrules.h"
#include "conf/section.h"

/* The word that says where the Redis of copies is. */
static const char *
store_server(const struct section *store)
{
	static const char *const words[] = {"redis_sentinels", "redis_cluster"};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (section_word(store, words[i])->n > 0)
			return words[i];
	return "redis_server";
}

/* Copies go to a Redis of their own, or to that of the cache. */
static void
build_copies(struct store_options *o, const struct section *store,
    const struct redis_options *cache, struct report *report)
{
	const char *word = store_server(store);
	struct place place = section_place(store, "redis");
	struct place server = section_place(store, word);
	unsigned before = report_mistakes(report);
	bool own = redisrules_build(&o->redis, store, report);

	if (own && o->copies == 0)
		report_mistake(report, &server, "%s: is of no use without redis", word);
	if (o->copies == 0 || report_mistakes(report) > before)
		return;
	if (o->path == NULL)
		report_mistake(report, &place, "redis: is of no use without path");
	else if (!own && cache == NULL)
		report_mistake(report, &place,
		    "redis: is of no use without redis_server, "
		    "redis_sentinels or redis_cluster, or one of these in cache");
	else if (!own && !redis_options_copy(&o->redis, cache))
		report_no_memory(report);
}

void
storerules_build(struct store_options *o, const struct section *store,
    const struct redis_options *cache, struct report *report)
{
	o->path = values_copy(section_text(store, "path"), report);
	o->keep = (int)section_number(store, "keep");
	o->size = section_number(store, "size");
	o->no_names = section_number(store, "privacy") != 0;
	o->copies = section_number(store, "redis");
	build_copies(o, store, cache, report);
}
