/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * conf/redisrules.c - one Redis, a service of Sentinels, or a Cluster: never two of
 * them, and each with the words that belong to it.
 */
#include "config.h"

#include "conf/redisrules.h"

#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "base/textfile.h"
#include "redis/tls.h"

#define WHY_MAX 300
#define PASSWORD_MAX 512

/* Patience with a Redis on the same machine or the next. */
#define REDIS_MS 100

/* Words that are of no use without others, and what is said then. */
static const struct {
	const char *word, *others[3], *hint;
} dependent[] = {
    {"user", {"redis", "sentinels", "cluster"}, "redis, sentinels or cluster"},
    {"password_file", {"redis", "sentinels", "cluster"}, "redis, sentinels or cluster"},
    {"tls_ca", {"redis", "sentinels", "cluster"}, "redis, sentinels or cluster"},
    {"service", {"sentinels"}, "sentinels"},
    {"sentinels", {"service"}, "service"},
    {"sentinel_password_file", {"sentinels"}, "sentinels"},
    {"tls_cert", {"tls_key"}, "tls_key"},
    {"tls_key", {"tls_cert"}, "tls_cert"},
    {"tls_cert", {"tls_ca"}, "tls_ca"},
};

static bool
is_there(const struct section *cache, const char *word)
{
	return section_word(cache, word)->n > 0;
}

static void
complain(const struct section *cache, const char *word, struct report *report, const char *text)
{
	struct place place = section_place(cache, word);

	report_mistake(report, &place, "%s: %s", word, text);
}

static void
check_dependent(const struct section *cache, struct report *report)
{
	for (size_t i = 0; i < sizeof(dependent) / sizeof(dependent[0]); i++) {
		const char *word = dependent[i].word;
		struct place place = section_place(cache, word);
		bool met = !is_there(cache, word);

		for (size_t k = 0; k < 3 && dependent[i].others[k] != NULL; k++)
			met = met || is_there(cache, dependent[i].others[k]);
		if (!met)
			report_mistake(report, &place, "%s: is of no use without %s", word,
			    dependent[i].hint);
	}
}

static void
check_one(const struct section *cache, struct report *report)
{
	static const char *const words[] = {"redis", "sentinels", "cluster"};
	const char *first = NULL;

	for (size_t i = 0; i < 3; i++) {
		struct place place = section_place(cache, words[i]);

		if (!is_there(cache, words[i]))
			continue;
		if (first != NULL)
			report_mistake(report, &place, "%s: there is %s already: one of them",
			    words[i], first);
		first = words[i];
	}
}

static char *
read_secret(const struct section *cache, const char *word, struct report *report)
{
	char secret[PASSWORD_MAX], *copy = NULL;

	if (section_text(cache, word) != NULL &&
	    values_secret(cache, word, secret, sizeof(secret), report))
		copy = values_copy(secret, report);
	explicit_bzero(secret, sizeof(secret));
	return copy;
}

static void
read_seeds(struct redis_options *o, const struct section *cache, const char *name,
    struct report *report)
{
	const struct word *word = section_word(cache, name);
	char why[WHY_MAX];

	for (size_t i = 0; i < word->n; i++)
		if (!redis_options_seed(o, word->values[i].text, why, sizeof(why)) &&
		    o->nseeds == REDIS_SEEDS_MAX)
			report_mistake(report, &word->values[i].place, "%s: %s", name, why);
}

/* --- TLS --- */

/* Read a file for what it holds: one that has changed is another. */
static void
add_sum(struct redis_options *o, const struct section *cache, const char *word,
    enum textfile_kind kind, struct report *report)
{
	const char *path = section_text(cache, word);
	char why[WHY_MAX], *text;

	if (path == NULL)
		return;
	text = textfile_read(path, kind, why, sizeof(why));
	if (text == NULL) {
		complain(cache, word, report, why);
		return;
	}
	o->tls_sum = ascii_hash(o->tls_sum, text, strlen(text), false);
	explicit_bzero(text, strlen(text));
	free(text);
}

static void
build_tls(struct redis_options *o, const struct section *cache, struct report *report)
{
	unsigned before = report_mistakes(report);
	struct redistls *tls;
	char why[WHY_MAX];

	o->tls_ca = values_copy(section_text(cache, "tls_ca"), report);
	o->tls_cert = values_copy(section_text(cache, "tls_cert"), report);
	o->tls_key = values_copy(section_text(cache, "tls_key"), report);
	if (o->kind == REDIS_SINGLE && o->tls && o->tls_ca == NULL)
		complain(cache, "redis", report,
		    "rediss:// needs tls_ca: whose certificates to believe");
	if (o->kind == REDIS_SINGLE && !o->tls && o->tls_ca != NULL)
		complain(cache, "tls_ca", report, "is of no use without rediss://");
	o->tls = o->tls_ca != NULL;
	o->tls_sum = ASCII_HASH;
	add_sum(o, cache, "tls_ca", TEXTFILE_PLAIN, report);
	add_sum(o, cache, "tls_cert", TEXTFILE_PLAIN, report);
	add_sum(o, cache, "tls_key", TEXTFILE_SECRET, report);
	if (!o->tls || report_mistakes(report) > before)
		return;
	tls = redistls_new(o->tls_ca, o->tls_cert, o->tls_key, why, sizeof(why));
	if (tls == NULL)
		complain(cache, "tls_ca", report, why);
	redistls_free(tls);
}

/* --- All of it --- */

bool
redisrules_build(struct redis_options *o, const struct section *cache, struct report *report)
{
	unsigned before = report_mistakes(report);
	char why[WHY_MAX];

	check_dependent(cache, report);
	check_one(cache, report);
	if (report_mistakes(report) > before)
		return false;
	o->connect_ms = o->command_ms = REDIS_MS;
	o->kind = is_there(cache, "sentinels") ? REDIS_SENTINEL
	    : is_there(cache, "cluster")       ? REDIS_CLUSTER
					       : REDIS_SINGLE;
	read_seeds(o, cache, "sentinels", report);
	read_seeds(o, cache, "cluster", report);
	if (o->nseeds == 0 &&
	    (!is_there(cache, "redis") ||
		!redis_options_parse(o, section_text(cache, "redis"), why, sizeof(why))))
		return false;
	o->service = values_copy(section_text(cache, "service"), report);
	o->user = values_copy(section_text(cache, "user"), report);
	o->password = read_secret(cache, "password_file", report);
	o->sentinel_password = read_secret(cache, "sentinel_password_file", report);
	build_tls(o, cache, report);
	return true;
}
