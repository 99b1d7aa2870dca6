/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fuzz_news.c - a record that anybody may have put into Redis: it is one of ours within all
 * bounds, or none; written again it is the same; and a list that joins it stays in order.
 */
#include "config.h"

#include <string.h>

#include "fuzz/fuzz.h"
#include "own/news.h"

#define NOW 1800000000U
#define CLIENTS 64

static void
check_entry(const struct local_entry *e)
{
	static struct locallist *list;
	struct local_entry found;

	MUST(ipaddr_is_global(&e->client));
	MUST(e->changed <= NOW + NEWS_AHEAD_S);
	for (unsigned i = 0; i < LOCAL_REASONS; i++) {
		MUST(e->since[i] <= NOW + NEWS_AHEAD_S && e->until[i] <= NOW + NEWS_UNTIL_S);
		MUST((e->until[i] == 0) == (e->times[i] == 0));
		MUST(memchr(e->rule[i], '\0', LOCAL_RULE_SIZE) != NULL);
	}
	if (list == NULL)
		list = locallist_new(CLIENTS);
	if (list == NULL || !locallist_join(list, e, NOW))
		return;
	(void)locallist_find(list, &e->client, NOW, &found);
	for (unsigned i = 0; i < LOCAL_REASONS; i++)
		MUST(found.until[i] <= NOW + NEWS_UNTIL_S);
}

static void
check_attempt(const struct probes_attempt *a)
{
	MUST(ipaddr_is_global(&a->client));
	MUST(a->what.form < PROBE_FORMS && a->what.sender <= PROBE_SENDERS);
}

/* What is read is written as it was read. */
static void
check_writing(const struct news *n)
{
	char text[FLEET_RECORD_MAX + 1], same[FLEET_RECORD_MAX + 1];
	struct news again;

	news_write(n, text);
	MUST(news_read(&again, text, 0, NOW) && again.kind == n->kind);
	news_write(&again, same);
	MUST(strcmp(text, same) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char record[FLEET_RECORD_MAX + 2] = "";
	struct news news;

	memcpy(record, data, size < sizeof(record) ? size : sizeof(record) - 1);
	if (strlen(record) <= FLEET_RECORD_MAX && news_read(&news, record, 0, NOW)) {
		check_writing(&news);
		if (news.kind == NEWS_ENTRY)
			check_entry(&news.entry);
		else if (news.kind == NEWS_ATTEMPT)
			check_attempt(&news.attempt);
	}
	return 0;
}
