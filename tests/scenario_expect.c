/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * scenario_expect.c - what a scenario says must have come of it.  Each
 * directive here is one point of the test.
 */
#include "config.h"

#include "scenario.h"

#include <stdlib.h>
#include <string.h>

#include "base/counter.h"
#include "fakes/fake_mta.h"
#include "fakes/fake_redis.h"

void
check_num(struct scenario *s, long long got, const char *want)
{
	char text[32];

	snprintf(text, sizeof(text), "%lld", got);
	check(s, strcmp(text, want) == 0, want, text);
}

/* "reply TEXT": the next line of the last reply; "reply -": there is none. */
void
do_reply(struct scenario *s)
{
	const char *line = NULL;

	if (s->last != NULL && s->last->mta != NULL)
		line = fake_mta_line(s->last->mta, s->reply_line++);
	if (strcmp(s->rest, "-") == 0)
		check(s, line == NULL, "no more lines", line);
	else
		check(s, line != NULL && like(s->rest, line), s->rest, line);
}

/* The field of the last message's header that is like the pattern, or NULL. */
static const char *
find_field(const struct scenario *s)
{
	const char *field = NULL;

	if (s->last == NULL || s->last->mta == NULL)
		return NULL;
	for (size_t i = 0; (field = fake_mta_delivered(s->last->mta, i)) != NULL; i++)
		if (like(s->rest, field))
			break;
	return field;
}

/* What to show where none is: all of them. */
static char *
all_fields(const struct scenario *s)
{
	const char *field;
	char *text;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (out == NULL)
		abort();
	for (size_t i = 0; s->last != NULL && s->last->mta != NULL &&
	     (field = fake_mta_delivered(s->last->mta, i)) != NULL;
	     i++)
		fprintf(out, "%s\n", field);
	fclose(out);
	return text;
}

void
do_delivered(struct scenario *s)
{
	char *all = all_fields(s);

	check(s, find_field(s) != NULL, s->rest, all);
	free(all);
}

void
do_undelivered(struct scenario *s)
{
	const char *field = find_field(s);

	check(s, field == NULL, "no such field", field);
}

void
do_held(struct scenario *s)
{
	const char *why = NULL;

	if (s->last != NULL && s->last->mta != NULL)
		why = fake_mta_held(s->last->mta);
	if (strcmp(s->rest, "-") == 0)
		check(s, why == NULL, "not held", why);
	else
		check(s, why != NULL && like(s->rest, why), s->rest, why);
}

/* Read on until a line has the words; *last gets the last one read, to be freed. */
static bool
seek(struct paper *paper, const char *words, char **last)
{
	char *line;
	bool found = false;

	*last = NULL;
	while (!found && (line = paper_line(paper)) != NULL) {
		free(*last);
		*last = line;
		found = has_words(words, line);
	}
	return found;
}

/* What follows on the paper, for the reader of a failure. */
static void
check_found(struct scenario *s, struct paper *paper)
{
	size_t from = paper->read;
	char *line;
	bool found = seek(paper, s->rest, &line);

	check(s, found, s->rest, paper->len > from ? paper->text + from : "nothing more");
	free(line);
}

void
do_log(struct scenario *s)
{
	check_found(s, &s->log);
}

void
do_error(struct scenario *s)
{
	check_found(s, &s->errors);
}

/* "nolog TEXT": none of the lines that nobody has looked at yet. */
void
do_nolog(struct scenario *s)
{
	size_t from = s->log.read;
	char *line;
	bool found = seek(&s->log, s->rest, &line);

	check(s, !found, "no such line", line);
	s->log.read = from;
	free(line);
}

/* "took 40ms", "took < 5ms". */
void
do_took(struct scenario *s)
{
	const char *word = need_word(s);
	char text[32];
	bool holds;

	if (strcmp(word, "<") == 0)
		holds = s->took < duration(s, need_word(s));
	else
		holds = s->took == duration(s, word);
	snprintf(text, sizeof(text), "%lldms", (long long)s->took);
	check(s, holds, s->whole, text);
}

/* "stored KEY VALUE", "stored KEY VALUE ttl N", "stored KEY -". */
void
do_stored(struct scenario *s)
{
	const char *key = need_word(s), *want = need_word(s), *value;
	uint32_t ttl = 0;

	value = fake_redis_peek(key, &ttl);
	if (strcmp(want, "-") == 0)
		check(s, value == NULL, "no value", value);
	else
		check(s, value != NULL && like(want, value), want, value);
	if (next_word(&s->rest) != NULL) /* "ttl" */
		check_num(s, ttl, need_word(s));
}

void
do_counted(struct scenario *s)
{
	const char *name = need_word(s);

	for (int i = 0; i < COUNTER_MAX; i++)
		if (strcmp(counter_name((enum counter)i), name) == 0) {
			check_num(s, (long long)counter_get((enum counter)i), need_word(s));
			return;
		}
	broken(s, "no such counter:", name);
}

void
do_trips(struct scenario *s)
{
	if (s->last == NULL)
		broken(s, "nobody is there for", s->whole);
	check_num(s, fake_mta_trips(s->last->mta), need_word(s));
}

/* "open N": sessions. */
void
do_open(struct scenario *s)
{
	check_num(s, session_count(), need_word(s));
}

/* "secret TEXT": nobody may see it, to the end of the scenario. */
void
do_secret(struct scenario *s)
{
	if (s->nsecrets == SECRETS_MAX ||
	    (s->secret[s->nsecrets++] = strdup(need_word(s))) == NULL)
		broken(s, "too many secrets at", s->whole);
}

static bool
shows(struct paper *paper, const char *text)
{
	fflush(paper->stream);
	return strstr(paper->text, text) != NULL;
}

void
check_secrets(struct scenario *s)
{
	for (size_t i = 0; i < s->nsecrets; i++) {
		const char *text = s->secret[i], *where = NULL;

		if (shows(&s->log, text))
			where = "the log";
		else if (shows(&s->replies, text))
			where = "a reply";
		else if (shows(&s->errors, text))
			where = "a mistake in the configuration";
		else if (fake_redis_saw(text))
			where = "Redis";
		check(s, where == NULL, "a secret is not shown", where);
		free(s->secret[i]);
	}
	s->nsecrets = 0;
}
