/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * keyword.c - the table of the configuration's words.  The parser, the checks,
 * the defaults and the manual page's test all come from it.
 */
#include "config.h"

#include "keyword.h"

#include <stdio.h>
#include <string.h>

#include "dnsserver.h"
#include "listing.h"
#include "mailbox.h"
#include "policy.h"
#include "redis.h"
#include "reply.h"
#include "socketspec.h"
#include "strbuf.h"

#define PATH_BYTES_MAX 200
#define WEIGHT_MAX 100
#define THRESHOLD_MAX 100000
#define LIMIT_NUMBER_MAX 1000000

static bool
fail(char *why, size_t whysize, const char *sentence)
{
	snprintf(why, whysize, "%s", sentence);
	return false;
}

static bool
check_listen(const char *text, char *why, size_t whysize)
{
	struct socketspec spec;

	return setting_printable(text, SOCKETSPEC_MAX, why, whysize) &&
	    socketspec_parse(&spec, text, why, whysize);
}

static bool
check_account(const char *text, char *why, size_t whysize)
{
	static const char bytes[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789._-";

	if (text[0] == '\0' || text[strspn(text, bytes)] != '\0')
		return fail(why, whysize, "must be the name of an account or a group");
	return true;
}

static bool
check_path(const char *text, char *why, size_t whysize)
{
	if (text[0] != '/')
		return fail(why, whysize, "must be a path that begins with /");
	return setting_printable(text, PATH_BYTES_MAX, why, whysize);
}

/* A path of what is read with the configuration. */
static bool
check_file(const char *text, char *why, size_t whysize)
{
	return check_path(text, why, whysize);
}

static bool
check_redis(const char *text, char *why, size_t whysize)
{
	struct redis_options options = {0};
	bool good = redis_options_parse(&options, text, why, whysize);

	redis_options_clear(&options);
	return good;
}

static bool
check_user(const char *text, char *why, size_t whysize)
{
	return setting_printable(text, KEYWORD_LABEL_MAX, why, whysize);
}

static bool
check_server(const char *text, char *why, size_t whysize)
{
	struct dnsserver server;

	return dnsserver_parse(&server, text) ||
	    fail(why, whysize,
		"must be like \"127.0.0.1\", \"127.0.0.1:5353\" or \"[::1]:5353\"");
}

bool
keyword_zone(const char *zone, const char *key, char out[KEYWORD_ZONE_MAX + 2], char *why,
    size_t whysize)
{
	const char *place = strstr(zone, KEYWORD_KEY);
	struct strbuf sb;

	strbuf_init(&sb, out, KEYWORD_ZONE_MAX + 2);
	if (place != NULL) {
		strbuf_addn(&sb, zone, (size_t)(place - zone));
		strbuf_add(&sb, key);
		zone = place + strlen(KEYWORD_KEY);
	}
	strbuf_add(&sb, zone);
	if (sb.cut)
		return fail(
		    why, whysize, "is too long: 32 nibbles of an address come before it");
	if (sb.len > 1 && out[sb.len - 1] == '.')
		out[sb.len - 1] = '\0';
	return setting_domain(out, KEYWORD_ZONE_MAX, why, whysize);
}

static bool
check_zone(const char *text, char *why, size_t whysize)
{
	char zone[KEYWORD_ZONE_MAX + 2];

	return keyword_zone(text, "k", zone, why, whysize);
}

static bool
check_text(const char *text, char *why, size_t whysize)
{
	return reply_check(text, true, why, whysize);
}

static bool
check_url(const char *text, char *why, size_t whysize)
{
	if (strncmp(text, "http://", 7) != 0 && strncmp(text, "https://", 8) != 0)
		return fail(why, whysize, "must begin with http:// or https://");
	return reply_check(text, false, why, whysize);
}

/* Empty is allowed: it takes back what the registry says. */
static bool
check_dead(const char *text, char *why, size_t whysize)
{
	return text[0] == '\0' || setting_printable(text, PATH_BYTES_MAX, why, whysize);
}

static bool
check_needs(const char *text, char *why, size_t whysize)
{
	if (text[0] != '\0' && strcmp(text, "key") != 0 && strcmp(text, "registration") != 0)
		return fail(why, whysize, "must be \"key\" or \"registration\"");
	return true;
}

static bool
check_category(const char *text, char *why, size_t whysize)
{
	return category_parse(text) != CATEGORY_MAX ||
	    fail(why, whysize, "is none of the categories that relayguard.conf(5) names");
}

/* What is a label may stand in log lines and Redis keys as it is. */
static bool
check_label(const char *text, char *why, size_t whysize)
{
	if (!check_account(text, why, whysize) || strlen(text) > KEYWORD_LABEL_MAX)
		return fail(why, whysize,
		    "the name of a list has 1 to 64 letters, digits, dots, - and _");
	return true;
}

static bool
check_policy_name(const char *text, char *why, size_t whysize)
{
	return setting_domain(text + (text[0] == '.'), SETTING_DOMAIN_MAX, why, whysize);
}

static bool
check_pattern(const char *text, char *why, size_t whysize)
{
	struct answer ignored;

	return answer_parse(&ignored, text, why, whysize);
}

bool
keyword_vote(const char *text, char label[KEYWORD_LABEL_MAX + 1], int64_t *weight, char *why,
    size_t whysize)
{
	size_t len = strcspn(text, "*");
	struct strbuf sb;

	*weight = 1;
	strbuf_init(&sb, label, KEYWORD_LABEL_MAX + 1);
	strbuf_addn(&sb, text, len);
	if (sb.cut)
		return fail(why, whysize, "no list has a name that long");
	return check_label(label, why, whysize) &&
	    (text[len] == '\0' ||
		setting_number(text + len + 1, 1, WEIGHT_MAX, weight, why, whysize));
}

static bool
check_vote(const char *text, char *why, size_t whysize)
{
	char label[KEYWORD_LABEL_MAX + 1];
	int64_t weight;

	return keyword_vote(text, label, &weight, why, whysize);
}

static bool
check_mailbox(const char *text, char *why, size_t whysize)
{
	struct mailbox box;

	if (!mailbox_parse(&box, text) || box.local[0] == '\0')
		return fail(
		    why, whysize, "must be like \"postmaster\" or \"abuse@example.org\"");
	return true;
}

static bool
read_mode(const char *text, int64_t min, int64_t max, int64_t *out, char *why, size_t whysize)
{
	(void)min;
	(void)max;
	*out = strcmp(text, "shadow") == 0;
	return *out == 1 || strcmp(text, "enforce") == 0 ||
	    fail(why, whysize, "must be \"enforce\" or \"shadow\"");
}

static bool
read_doubt(const char *text, int64_t min, int64_t max, int64_t *out, char *why, size_t whysize)
{
	static const char *const words[] = {
	    [DOUBT_DEFER] = "defer", [DOUBT_PASS] = "pass", [DOUBT_REFUSE] = "refuse"};

	(void)min;
	(void)max;
	for (*out = DOUBT_DEFER; *out <= DOUBT_REFUSE; ++*out)
		if (strcmp(text, words[*out]) == 0)
			return true;
	return fail(why, whysize, "must be \"defer\", \"pass\" or \"refuse\"");
}

/* A time, or none at all. */
static bool
read_interval(
    const char *text, int64_t min, int64_t max, int64_t *out, char *why, size_t whysize)
{
	return setting_duration(text, 0, 0, out, why, whysize) ||
	    setting_duration(text, min, max, out, why, whysize) ||
	    fail(why, whysize, "must be a time from 10s to 24h, or 0s");
}

#define STRING(section, name, def, check)                    \
	{                                                    \
		section, name, def, false, check, NULL, 0, 0 \
	}
#define LIST(section, name, def, check)                     \
	{                                                   \
		section, name, def, true, check, NULL, 0, 0 \
	}
#define NUMBER(section, name, def, read, min, max)              \
	{                                                       \
		section, name, def, false, NULL, read, min, max \
	}

/* Every word there is, section by section; a title is one without a name. */
static const struct keyword keywords[] = {
    STRING("root", "listen", "inet:8891@127.0.0.1", check_listen),
    NUMBER("root", "mode", "enforce", read_mode, 0, 0),
    NUMBER("root", "deadline", "4s", setting_duration, 100, 8000),
    STRING("root", "user", NULL, check_account),
    STRING("root", "group", NULL, check_account),
    NUMBER("root", "socket_mode", "0660", setting_octal, 0, 0777),
    STRING("root", "socket_group", NULL, check_account),
    STRING("root", "pid_file", NULL, check_path),
    NUMBER("root", "sandbox", "true", setting_bool, 0, 0),
    STRING("cache", "redis", NULL, check_redis),
    STRING("cache", "user", NULL, check_user),
    STRING("cache", "password_file", NULL, check_file),
    NUMBER("cache", "memory", "16M", setting_size, 1LL << 20, 16LL << 30),
    LIST("dns", "servers", NULL, check_server),
    NUMBER("limits", "sessions", "0", setting_number, 0, LIMIT_NUMBER_MAX),
    NUMBER("limits", "inquiries", "0", setting_number, 0, LIMIT_NUMBER_MAX),
    NUMBER("health", "interval", "10m", read_interval, 10000, 24LL * 3600 * 1000),
    NUMBER("health", "failures", "2", setting_number, 1, 10),
    NUMBER("health", "passes", "3", setting_number, 1, 10),
    NUMBER("health", "proof", "true", setting_bool, 0, 0),
    STRING("list", NULL, NULL, check_label),
    STRING("list", "zone", NULL, check_zone),
    STRING("list", "key_file", NULL, check_file),
    STRING("list", "name", NULL, check_user),
    LIST("list", "servers", NULL, check_server),
    NUMBER("list", "ipv4", "true", setting_bool, 0, 0),
    NUMBER("list", "ipv6", "false", setting_bool, 0, 0),
    NUMBER("list", "test_entry", "true", setting_bool, 0, 0),
    STRING("list", "removal", NULL, check_url),
    STRING("list", "text", NULL, check_text),
    STRING("list", "needs", NULL, check_needs),
    STRING("list", "dead", NULL, check_dead),
    STRING("answer", NULL, NULL, check_pattern),
    STRING("answer", "category", NULL, check_category),
    NUMBER("answer", "score", NULL, setting_number, -SCORE_MAX, SCORE_MAX),
    STRING("answer", "name", NULL, check_user),
    STRING("answer", "text", NULL, check_text),
    LIST("allow", "networks", "{\"127.0.0.0/8\", \"::1\"}", NULL),
    LIST("allow", "files", NULL, check_file),
    LIST("deny", "networks", NULL, NULL),
    LIST("deny", "files", NULL, check_file),
    STRING("deny", "removal", NULL, check_url),
    STRING("policy", NULL, NULL, check_policy_name),
    LIST("policy", "lists", NULL, check_vote),
    NUMBER("policy", "refuse", "5", setting_number, 0, THRESHOLD_MAX),
    NUMBER("policy", "defer", "0", setting_number, 0, THRESHOLD_MAX),
    NUMBER("policy", "doubt", "defer", read_doubt, 0, 0),
    LIST("policy", "exempt", "{\"postmaster\", \"abuse\"}", check_mailbox),
    STRING("policy", "text", NULL, check_text),
    NUMBER("policy", "mode", NULL, read_mode, 0, 0),
};

#define KEYWORDS (sizeof(keywords) / sizeof(keywords[0]))

const struct keyword *
keyword_at(size_t i)
{
	return i < KEYWORDS ? &keywords[i] : NULL;
}

const struct keyword *
keyword_find(const char *section, const char *name)
{
	for (const struct keyword *k = keywords; k < keywords + KEYWORDS; k++) {
		bool same = k->name == NULL || name == NULL ? k->name == name
							    : strcmp(k->name, name) == 0;

		if (same && strcmp(k->section, section) == 0)
			return k;
	}
	return NULL;
}

bool
keyword_check(const struct keyword *k, const char *text, char *why, size_t whysize)
{
	int64_t ignored;

	if (k->read != NULL)
		return k->read(text, k->min, k->max, &ignored, why, whysize);
	return k->check == NULL || k->check(text, why, whysize);
}

bool
keyword_is_file(const struct keyword *k)
{
	return k->check == check_file;
}

int64_t
keyword_number(const struct keyword *k, const char *text)
{
	char why[64];
	int64_t number = 0;

	if (text != NULL && k->read(text, k->min, k->max, &number, why, sizeof(why)))
		return number;
	if (k->def == NULL || !k->read(k->def, k->min, k->max, &number, why, sizeof(why)))
		return 0;
	return number;
}
