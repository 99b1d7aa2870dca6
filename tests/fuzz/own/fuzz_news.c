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
	char text[FLEET_RECORD_MAX + 1];
	struct local_entry found;
	struct news again;

	MUST(ipaddr_is_global(&e->client));
	MUST(e->changed <= NOW + NEWS_AHEAD_S);
	for (unsigned i = 0; i < LOCAL_REASONS; i++) {
		MUST(e->since[i] <= NOW + NEWS_AHEAD_S && e->until[i] <= NOW + NEWS_UNTIL_S);
		MUST((e->until[i] == 0) == (e->times[i] == 0));
		MUST(memchr(e->rule[i], '\0', LOCAL_RULE_SIZE) != NULL);
	}
	news_write_entry(e, text);
	MUST(news_read(&again, text, 0, NOW) && again.kind == NEWS_ENTRY);
	MUST(memcmp(again.entry.until, e->until, sizeof(e->until)) == 0);
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
	char text[FLEET_RECORD_MAX + 1];
	struct news again;

	MUST(ipaddr_is_global(&a->client));
	MUST(a->what.form < PROBE_FORMS && a->what.sender <= PROBE_SENDERS);
	news_write_attempt(a, text);
	MUST(news_read(&again, text, 0, NOW) && again.kind == NEWS_ATTEMPT);
	MUST(again.attempt.what.target == a->what.target);
}

/* What is read of the others is written as it was read. */
static void
check_evidence(const struct news *n)
{
	char text[FLEET_RECORD_MAX + 1], same[FLEET_RECORD_MAX + 1];
	struct news again;

	if (n->kind == NEWS_TRAP)
		news_write_mark(&n->mark, text);
	else if (n->kind == NEWS_USERS)
		news_write_users(&n->users, text);
	else if (n->kind == NEWS_WORD)
		news_write_word(&n->word, text);
	else
		news_write_witness(&n->witness, text);
	MUST(news_read(&again, text, 0, NOW) && again.kind == n->kind);
	if (n->kind == NEWS_TRAP)
		news_write_mark(&again.mark, same);
	else if (n->kind == NEWS_USERS)
		news_write_users(&again.users, same);
	else if (n->kind == NEWS_WORD)
		news_write_word(&again.word, same);
	else
		news_write_witness(&again.witness, same);
	MUST(strcmp(text, same) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char record[FLEET_RECORD_MAX + 2] = "";
	struct news news;

	memcpy(record, data, size < sizeof(record) ? size : sizeof(record) - 1);
	if (strlen(record) <= FLEET_RECORD_MAX && news_read(&news, record, 0, NOW)) {
		if (news.kind == NEWS_ENTRY)
			check_entry(&news.entry);
		else if (news.kind == NEWS_ATTEMPT)
			check_attempt(&news.attempt);
		else
			check_evidence(&news);
	}
	return 0;
}
