/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * conf/keyword.c - the table of the configuration's words.  The parser, the checks,
 * the defaults and the manual page's test all come from it.
 */
#include "config.h"

#include "conf/keyword.h"

#include <string.h>

#include "conf/checker.h"
#include "lists/listing.h"
#include "own/options.h"
#include "own/probeform.h"
#include "own/traphits.h"
#include "verdict/reply.h"

#define THRESHOLD_MAX 100000
#define SAMPLE_MAX 1000000
#define LIMIT_NUMBER_MAX 1000000
#define QUERIES_MAX 1000000000

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
    LIST("root", "listen", "{\"inet:8891@127.0.0.1\"}", checker_listen),
    NUMBER("root", "mode", "enforce", checker_mode, 0, 0),
    NUMBER("root", "ask", "all", checker_ask, 0, 0),
    NUMBER("root", "ask_sample", "20", setting_number, 0, SAMPLE_MAX),
    NUMBER("root", "deadline", "4s", setting_duration, 100, 8000),
    STRING("root", "user", NULL, checker_account),
    STRING("root", "group", NULL, checker_account),
    NUMBER("root", "socket_mode", "0660", setting_octal, 0, 0777),
    STRING("root", "socket_group", NULL, checker_account),
    STRING("root", "pid_file", NULL, checker_path),
    NUMBER("root", "sandbox", "true", setting_bool, 0, 0),
    STRING("root", "texts", NULL, checker_file),
    NUMBER("root", "lines", "3", checker_either, 1, REPLY_LINES),
    STRING("root", "authserv_id", NULL, checker_domain),
    NUMBER("root", "mta", "auto", checker_mta, 0, 0),
    LIST("root", "nat64", NULL, checker_nat64),
    STRING("root", "page", NULL, checker_page),
    STRING("root", "page_key_file", NULL, checker_secret),
    STRING("cache", "redis", NULL, checker_redis),
    LIST("cache", "sentinels", NULL, checker_redis_node),
    STRING("cache", "service", NULL, checker_service),
    LIST("cache", "cluster", NULL, checker_redis_node),
    STRING("cache", "user", NULL, checker_words),
    STRING("cache", "password_file", NULL, checker_secret),
    STRING("cache", "sentinel_password_file", NULL, checker_secret),
    STRING("cache", "tls_ca", NULL, checker_file),
    STRING("cache", "tls_cert", NULL, checker_file),
    STRING("cache", "tls_key", NULL, checker_secret),
    NUMBER("cache", "memory", "16M", setting_size, 1LL << 20, 16LL << 30),
    STRING("control", "socket", NULL, checker_socket),
    STRING("control", "group", NULL, checker_account),
    STRING("control", "status", NULL, checker_socket),
    STRING("control", "status_group", NULL, checker_account),
    STRING("control", "page", NULL, checker_socket),
    STRING("control", "page_group", NULL, checker_account),
    STRING("control", "metrics", NULL, checker_metrics),
    STRING("store", "path", NULL, checker_path),
    NUMBER("store", "keep", "14", setting_number, 1, 366),
    NUMBER("store", "size", "1G", setting_size, 1LL << 20, 1LL << 40),
    NUMBER("store", "privacy", "full", checker_privacy, 0, 0),
    NUMBER("store", "redis", "0", setting_size, 0, 1LL << 40),
    STRING("store", "redis_server", NULL, checker_redis),
    LIST("store", "redis_sentinels", NULL, checker_redis_node),
    STRING("store", "redis_service", NULL, checker_service),
    LIST("store", "redis_cluster", NULL, checker_redis_node),
    STRING("store", "redis_user", NULL, checker_words),
    STRING("store", "redis_password_file", NULL, checker_secret),
    STRING("store", "redis_sentinel_password_file", NULL, checker_secret),
    STRING("store", "redis_tls_ca", NULL, checker_file),
    STRING("store", "redis_tls_cert", NULL, checker_file),
    STRING("store", "redis_tls_key", NULL, checker_secret),
    NUMBER("own", "enabled", "true", setting_bool, 0, 0),
    NUMBER("own", "forms", "2", setting_number, 0, PROBE_FORMS - 1),
    NUMBER("own", "senders", "3", setting_number, 0, PROBE_SENDERS - 1),
    NUMBER("own", "both", "2", setting_number, 0, PROBE_SENDERS - 1),
    NUMBER("own", "drop_box", "3", setting_number, 0, OWN_DROP_BOX_MAX),
    NUMBER("own", "dictionary", "10", setting_number, 0, OWN_DICTIONARY_MAX),
    NUMBER("own", "traps", "2", setting_number, 2, TRAPHITS_TRAPS_MAX),
    NUMBER("own", "trap_hits", "3", setting_number, 2, OWN_TRAP_HITS_MAX),
    NUMBER("own", "helo", "true", setting_bool, 0, 0),
    LIST("own", "lifetimes", "{\"24h\", \"2d\", \"4d\", \"7d\"}", checker_lifetime),
    LIST("own", "networks", NULL, NULL),
    STRING("own", "removal", NULL, checker_url),
    STRING("own", "contact", NULL, checker_mailbox),
    LIST("watch", "addresses", NULL, checker_own_address),
    LIST("watch", "names", NULL, checker_own_name),
    NUMBER("watch", "every", "6h", checker_every, 600000, 24LL * 3600 * 1000),
    NUMBER("watch", "lists", "all", checker_watch_lists, 0, 0),
    LIST("dns", "servers", NULL, checker_server),
    NUMBER("limits", "sessions", "0", setting_number, 0, LIMIT_NUMBER_MAX),
    NUMBER("limits", "inquiries", "0", setting_number, 0, LIMIT_NUMBER_MAX),
    NUMBER("limits", "network4", "300", setting_number, 0, LIMIT_NUMBER_MAX),
    NUMBER("limits", "network6", "100", setting_number, 0, LIMIT_NUMBER_MAX),
    NUMBER("health", "interval", "10m", checker_interval, 10000, 24LL * 3600 * 1000),
    NUMBER("health", "failures", "2", setting_number, 1, 10),
    NUMBER("health", "passes", "3", setting_number, 1, 10),
    NUMBER("health", "proof", "true", setting_bool, 0, 0),
    NUMBER("spf", "processes", "128", setting_number, 1, 256),
    STRING("list", NULL, NULL, checker_label),
    NUMBER("list", "source", "dns", checker_source, 0, 0),
    STRING("list", "zone", NULL, checker_zone),
    STRING("list", "key_file", NULL, checker_secret),
    LIST("list", "data", NULL, checker_data),
    NUMBER("list", "max_shrink", "40", setting_number, 1, 100),
    NUMBER("list", "max_grow", "80", setting_number, 1, 1000000),
    NUMBER("list", "max_size", "512M", setting_size, 1LL << 20, 16LL << 30),
    NUMBER("list", "max_age", "2d", checker_age, 600000, 366LL * 24 * 3600 * 1000),
    NUMBER("list", "suffixes", "false", setting_bool, 0, 0),
    STRING("list", "name", NULL, checker_words),
    LIST("list", "servers", NULL, checker_server),
    NUMBER("list", "ipv4", "true", setting_bool, 0, 0),
    NUMBER("list", "ipv6", "false", setting_bool, 0, 0),
    NUMBER("list", "private", "false", setting_bool, 0, 0),
    LIST("list", "canary", NULL, checker_canary),
    NUMBER("list", "test_entry", "true", setting_bool, 0, 0),
    NUMBER("list", "mode", "enforce", checker_mode, 0, 0),
    NUMBER("list", "kind", "address", checker_kind, 0, 0),
    NUMBER("list", "codes", "highest", checker_codes, 0, 0),
    LIST("list", "asks", "{\"helo\", \"name\", \"sender\"}", checker_role),
    NUMBER("list", "registered", "false", setting_bool, 0, 0),
    STRING("list", "test_listed", NULL, checker_domain),
    STRING("list", "test_clear", NULL, checker_domain),
    NUMBER("list", "scope", "address", checker_scope, 0, 0),
    LIST("list", "contains", NULL, checker_label),
    NUMBER("list", "entries", "", checker_origin, 0, 0),
    NUMBER("list", "free", "0", setting_number, 0, QUERIES_MAX),
    NUMBER("list", "public_resolvers", "true", setting_bool, 0, 0),
    STRING("list", "lookup", NULL, checker_url),
    STRING("list", "removal", NULL, checker_url),
    STRING("list", "text", NULL, checker_text),
    STRING("list", "needs", NULL, checker_needs),
    STRING("list", "dead", NULL, checker_dead),
    STRING("answer", NULL, NULL, checker_pattern),
    STRING("answer", "category", NULL, checker_category),
    NUMBER("answer", "score", NULL, setting_number, -SCORE_MAX, SCORE_MAX),
    NUMBER("answer", "alone", "false", setting_bool, 0, 0),
    LIST("answer", "unless", NULL, checker_pattern),
    STRING("answer", "name", NULL, checker_words),
    STRING("answer", "text", NULL, checker_text),
    LIST("allow", "networks", "{\"127.0.0.0/8\", \"::1\"}", NULL),
    LIST("allow", "files", NULL, checker_file),
    LIST("allow", "senders", NULL, checker_believed),
    LIST("allow", "hosts", NULL, checker_believed),
    LIST("deny", "networks", NULL, NULL),
    LIST("deny", "files", NULL, checker_file),
    STRING("deny", "removal", NULL, checker_url),
    LIST("traps", "files", NULL, checker_file),
    STRING("trap", NULL, NULL, checker_trap_id),
    LIST("trap", "recipients", NULL, checker_trap_recipient),
    LIST("trap", "domains", NULL, checker_trap_domain),
    NUMBER("trap", "kind", NULL, checker_trap_kind, 0, 0),
    STRING("trap", "note", NULL, checker_trap_note),
    STRING("policy", NULL, NULL, checker_policy_name),
    STRING("policy", "inherit", NULL, checker_policy_name),
    STRING("policy", "domains", NULL, checker_file),
    LIST("policy", "lists", NULL, checker_vote),
    NUMBER("policy", "ask", "", checker_ask, 0, 0),
    LIST("policy", "first", NULL, checker_label),
    NUMBER("policy", "agree", "1", setting_number, 1, LISTS_MAX),
    NUMBER("policy", "drop", "0", setting_number, 0, THRESHOLD_MAX),
    NUMBER("policy", "drop_code", "521", checker_either, 421, 521),
    NUMBER("policy", "drop_at", "rcpt", checker_drop_at, 0, 0),
    NUMBER("policy", "refuse", "5", setting_number, 0, THRESHOLD_MAX),
    NUMBER("policy", "refuse_code", "550", checker_either, 550, 554),
    NUMBER("policy", "quarantine", "0", setting_number, 0, THRESHOLD_MAX),
    NUMBER("policy", "defer", "0", setting_number, 0, THRESHOLD_MAX),
    NUMBER("policy", "tag", "0", setting_number, 0, THRESHOLD_MAX),
    NUMBER("policy", "results", "false", setting_bool, 0, 0),
    NUMBER("policy", "pass", "false", setting_bool, 0, 0),
    LIST("policy", "pass_categories", NULL, checker_category),
    NUMBER("policy", "spf_fail", "ignore", checker_spf, 1, SCORE_MAX),
    NUMBER("policy", "spf_softfail", "ignore", checker_spf, 1, SCORE_MAX),
    NUMBER("policy", "spf_permerror", "ignore", checker_spf, 1, SCORE_MAX),
    NUMBER("policy", "spf_temperror", "ignore", checker_spf, 1, SCORE_MAX),
    NUMBER("policy", "doubt", "defer", checker_doubt, 0, 0),
    LIST("policy", "exempt", "{\"postmaster\", \"abuse\"}", checker_mailbox),
    STRING("policy", "text", NULL, checker_text),
    NUMBER("policy", "mode", NULL, checker_mode, 0, 0),
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
	return k->check == checker_file || k->check == checker_secret;
}

bool
keyword_is_telling(const struct keyword *k)
{
	return k->check != checker_secret && k->check != checker_zone &&
	    k->check != checker_redis && k->check != checker_redis_node &&
	    k->check != checker_trap_recipient && k->check != checker_trap_domain;
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
