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
#include "base/strbuf.h"
#include "base/textfile.h"
#include "redis/tls.h"

#define WHY_MAX 300
#define PASSWORD_MAX 512

/* Patience with a Redis on the same machine or the next. */
#define REDIS_MS 100

/* What may be said of Redis, in the words of the section. */
enum says {
	SERVER,
	SENTINELS,
	CLUSTER,
	SERVICE,
	USER,
	PASSWORD,
	SENTINEL_PASSWORD,
	TLS_CA,
	TLS_CERT,
	TLS_KEY,
	SAYS,
	NOTHING = SAYS
};

static const char *const words_of_cache[SAYS] = {"redis", "sentinels", "cluster", "service",
    "user", "password_file", "sentinel_password_file", "tls_ca", "tls_cert", "tls_key"};
static const char *const words_of_store[SAYS] = {"redis_server", "redis_sentinels",
    "redis_cluster", "redis_service", "redis_user", "redis_password_file",
    "redis_sentinel_password_file", "redis_tls_ca", "redis_tls_cert", "redis_tls_key"};

/* Words that are of no use without one of others. */
static const struct {
	enum says says, others[3];
} dependent[] = {
    {USER, {SERVER, SENTINELS, CLUSTER}},
    {PASSWORD, {SERVER, SENTINELS, CLUSTER}},
    {TLS_CA, {SERVER, SENTINELS, CLUSTER}},
    {SERVICE, {SENTINELS, NOTHING}},
    {SENTINELS, {SERVICE, NOTHING}},
    {SENTINEL_PASSWORD, {SENTINELS, NOTHING}},
    {TLS_CERT, {TLS_KEY, NOTHING}},
    {TLS_KEY, {TLS_CERT, NOTHING}},
    {TLS_CERT, {TLS_CA, NOTHING}},
};

static const char *
word_of(const struct section *sec, enum says says)
{
	return (strcmp(sec->kind, "store") == 0 ? words_of_store : words_of_cache)[says];
}

static bool
is_there(const struct section *sec, enum says says)
{
	return section_word(sec, word_of(sec, says))->n > 0;
}

static const char *
text_of(const struct section *sec, enum says says)
{
	return section_text(sec, word_of(sec, says));
}

static void
complain(const struct section *sec, enum says says, struct report *report, const char *text)
{
	const char *word = word_of(sec, says);
	struct place place = section_place(sec, word);

	report_mistake(report, &place, "%s: %s", word, text);
}

/* "is of no use without redis, sentinels or cluster" */
static void
check_one_dependent(const struct section *sec, size_t row, struct report *report)
{
	const enum says *others = dependent[row].others;
	char text[WHY_MAX];
	struct strbuf sb;

	if (!is_there(sec, dependent[row].says))
		return;
	strbuf_init(&sb, text, sizeof(text));
	strbuf_add(&sb, "is of no use without ");
	for (size_t k = 0; k < 3 && others[k] != NOTHING; k++) {
		if (is_there(sec, others[k]))
			return;
		strbuf_add(&sb, k == 0 ? "" : k == 1 ? ", " : " or ");
		strbuf_add(&sb, word_of(sec, others[k]));
	}
	complain(sec, dependent[row].says, report, text);
}

static void
check_dependent(const struct section *sec, struct report *report)
{
	for (size_t i = 0; i < sizeof(dependent) / sizeof(dependent[0]); i++)
		check_one_dependent(sec, i, report);
}

static void
check_one(const struct section *sec, struct report *report)
{
	enum says first = NOTHING;
	char text[WHY_MAX];
	struct strbuf sb;

	for (enum says i = SERVER; i <= CLUSTER; i++) {
		if (!is_there(sec, i))
			continue;
		strbuf_init(&sb, text, sizeof(text));
		if (first != NOTHING) {
			strbuf_addf(
			    &sb, "there is %s already: one of them", word_of(sec, first));
			complain(sec, i, report, text);
		}
		first = i;
	}
}

static char *
read_secret(const struct section *sec, enum says says, struct report *report)
{
	const char *word = word_of(sec, says);
	char secret[PASSWORD_MAX], *copy = NULL;

	if (section_text(sec, word) != NULL &&
	    values_secret(sec, word, secret, sizeof(secret), report))
		copy = values_copy(secret, report);
	explicit_bzero(secret, sizeof(secret));
	return copy;
}

static void
read_seeds(
    struct redis_options *o, const struct section *sec, enum says says, struct report *report)
{
	const char *name = word_of(sec, says);
	const struct word *word = section_word(sec, name);
	char why[WHY_MAX];

	for (size_t i = 0; i < word->n; i++)
		if (!redis_options_seed(o, word->values[i].text, why, sizeof(why)) &&
		    o->nseeds == REDIS_SEEDS_MAX)
			report_mistake(report, &word->values[i].place, "%s: %s", name, why);
}

/* --- TLS --- */

/* Read a file for what it holds: one that has changed is another. */
static void
add_sum(struct redis_options *o, const struct section *sec, enum says says,
    enum textfile_kind kind, struct report *report)
{
	const char *path = text_of(sec, says);
	char why[WHY_MAX], *text;

	if (path == NULL)
		return;
	text = textfile_read(path, kind, why, sizeof(why));
	if (text == NULL) {
		complain(sec, says, report, why);
		return;
	}
	o->tls_sum = ascii_hash(o->tls_sum, text, strlen(text), false);
	explicit_bzero(text, strlen(text));
	free(text);
}

static void
build_tls(struct redis_options *o, const struct section *sec, struct report *report)
{
	unsigned before = report_mistakes(report);
	struct redistls *tls;
	char why[WHY_MAX];

	o->tls_ca = values_copy(text_of(sec, TLS_CA), report);
	o->tls_cert = values_copy(text_of(sec, TLS_CERT), report);
	o->tls_key = values_copy(text_of(sec, TLS_KEY), report);
	if (o->kind == REDIS_SINGLE && o->tls && o->tls_ca == NULL)
		complain(sec, SERVER, report,
		    "rediss:// needs tls_ca: whose certificates to believe");
	if (o->kind == REDIS_SINGLE && !o->tls && o->tls_ca != NULL)
		complain(sec, TLS_CA, report, "is of no use without rediss://");
	o->tls = o->tls_ca != NULL;
	o->tls_sum = ASCII_HASH;
	add_sum(o, sec, TLS_CA, TEXTFILE_PLAIN, report);
	add_sum(o, sec, TLS_CERT, TEXTFILE_PLAIN, report);
	add_sum(o, sec, TLS_KEY, TEXTFILE_SECRET, report);
	if (!o->tls || report_mistakes(report) > before)
		return;
	tls = redistls_new(o->tls_ca, o->tls_cert, o->tls_key, why, sizeof(why));
	if (tls == NULL)
		complain(sec, TLS_CA, report, why);
	redistls_free(tls);
}

/* --- All of it --- */

bool
redisrules_build(struct redis_options *o, const struct section *sec, struct report *report)
{
	unsigned before = report_mistakes(report);
	char why[WHY_MAX];

	check_dependent(sec, report);
	check_one(sec, report);
	if (report_mistakes(report) > before)
		return false;
	o->connect_ms = o->command_ms = REDIS_MS;
	o->kind = is_there(sec, SENTINELS) ? REDIS_SENTINEL
	    : is_there(sec, CLUSTER)       ? REDIS_CLUSTER
					   : REDIS_SINGLE;
	read_seeds(o, sec, SENTINELS, report);
	read_seeds(o, sec, CLUSTER, report);
	if (o->nseeds == 0 &&
	    (!is_there(sec, SERVER) ||
		!redis_options_parse(o, text_of(sec, SERVER), why, sizeof(why))))
		return false;
	o->service = values_copy(text_of(sec, SERVICE), report);
	o->user = values_copy(text_of(sec, USER), report);
	o->password = read_secret(sec, PASSWORD, report);
	o->sentinel_password = read_secret(sec, SENTINEL_PASSWORD, report);
	build_tls(o, sec, report);
	return true;
}
