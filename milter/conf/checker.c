/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * conf/checker.c - what each kind of value in the configuration must look like, and a
 * sentence for whoever wrote another.
 */
#include "config.h"

#include "conf/checker.h"

#include <inttypes.h>
#include <string.h>

#include "base/domain.h"
#include "base/envelope.h"
#include "base/idn.h"
#include "base/mailbox.h"
#include "base/nat64.h"
#include "base/prefix.h"
#include "base/strbuf.h"
#include "base/template.h"
#include "conf/dataword.h"
#include "dns/server.h"
#include "lists/listing.h"
#include "os/socketspec.h"
#include "own/options.h"
#include "own/traps.h"
#include "redis/redis.h"
#include "verdict/policy.h"

#define PATH_BYTES_MAX 200
#define WEIGHT_MAX 100
#define CANARY_LEN_V4 12 /* longest: 2^20 addresses */
#define CANARY_LEN_V6 64

bool
checker_listen(const char *text, char *why, size_t whysize)
{
	struct socketspec spec;

	(void)socketspec_take_policy(&text);
	return setting_printable(text, SOCKETSPEC_MAX, why, whysize) &&
	    socketspec_parse(&spec, text, why, whysize);
}

bool
checker_account(const char *text, char *why, size_t whysize)
{
	static const char bytes[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789._-";

	return (text[0] != '\0' && text[strspn(text, bytes)] == '\0') ||
	    strbuf_fail(why, whysize, "must be the name of an account or a group");
}

bool
checker_path(const char *text, char *why, size_t whysize)
{
	if (text[0] != '/')
		return strbuf_fail(why, whysize, "must be a path that begins with /");
	return setting_printable(text, PATH_BYTES_MAX, why, whysize);
}

/* As the path of the milter's own socket, which has bounds of its own. */
bool
checker_socket(const char *text, char *why, size_t whysize)
{
	struct socketspec spec;

	return checker_path(text, why, whysize) && socketspec_parse(&spec, text, why, whysize);
}

/* Whoever reaches the port may read: that is to be this host. */
bool
checker_metrics(const char *text, char *why, size_t whysize)
{
	static const struct ipaddr six = {.bits = 128, .byte = {[15] = 1}};
	struct endpoint at;

	return (endpoint_parse(&at, text, 0, false) && at.port != 0 &&
		   (at.address.bits == 32 ? at.address.byte[0] == 127
					  : ipaddr_compare(&at.address, &six) == 0)) ||
	    strbuf_fail(
		why, whysize, "must be like \"127.0.0.1:9891\" or \"[::1]:9891\": of loopback");
}

/* A path of what is read with the configuration. */
bool
checker_file(const char *text, char *why, size_t whysize)
{
	return checker_path(text, why, whysize);
}

bool
checker_secret(const char *text, char *why, size_t whysize)
{
	return checker_path(text, why, whysize);
}

bool
checker_redis(const char *text, char *why, size_t whysize)
{
	struct redis_options options = {0};
	bool good = redis_options_parse(&options, text, why, whysize);

	redis_options_clear(&options);
	return good;
}

bool
checker_redis_node(const char *text, char *why, size_t whysize)
{
	struct redis_options options = {0};

	return redis_options_seed(&options, text, why, whysize);
}

/* It is one word of a command, and of the log. */
bool
checker_service(const char *text, char *why, size_t whysize)
{
	return (text[0] != '\0' && strpbrk(text, " \"\\") == NULL &&
		   setting_printable(text, CHECKER_LABEL_MAX, why, whysize)) ||
	    strbuf_fail(why, whysize, "must be the name that the Sentinels know it by");
}

bool
checker_words(const char *text, char *why, size_t whysize)
{
	return setting_printable(text, CHECKER_LABEL_MAX, why, whysize);
}

bool
checker_server(const char *text, char *why, size_t whysize)
{
	struct endpoint server;

	return dnsserver_parse(&server, text) ||
	    strbuf_fail(why, whysize,
		"must be like \"127.0.0.1\", \"127.0.0.1:5353\" or \"[::1]:5353\"");
}

bool
checker_nat64(const char *text, char *why, size_t whysize)
{
	struct network ignored;

	return nat64_parse(&ignored, text, why, whysize);
}

bool
checker_canary(const char *text, char *why, size_t whysize)
{
	struct network net;

	if (!prefix_parse(&net, text, why, whysize))
		return false;
	return net.len <= (net.addr.bits == 32 ? CANARY_LEN_V4 : CANARY_LEN_V6) ||
	    strbuf_fail(why, whysize,
		"is too small to draw from: /12 at most, and /64 in IPv6, or caches know it all");
}

bool
checker_fill_zone(const char *zone, const char *key, char out[CHECKER_ZONE_MAX + 2], char *why,
    size_t whysize)
{
	const char *place = strstr(zone, CHECKER_KEY);
	struct strbuf sb;

	strbuf_init(&sb, out, CHECKER_ZONE_MAX + 2);
	if (place != NULL) {
		strbuf_addn(&sb, zone, (size_t)(place - zone));
		strbuf_add(&sb, key);
		zone = place + strlen(CHECKER_KEY);
	}
	strbuf_add(&sb, zone);
	if (sb.cut)
		return strbuf_fail(
		    why, whysize, "is too long: 32 nibbles of an address come before it");
	if (sb.len > 1 && out[sb.len - 1] == '.')
		out[sb.len - 1] = '\0';
	return setting_domain(out, CHECKER_ZONE_MAX, why, whysize);
}

bool
checker_zone(const char *text, char *why, size_t whysize)
{
	char zone[CHECKER_ZONE_MAX + 2];

	return text[0] == '\0' || checker_fill_zone(text, "k", zone, why, whysize);
}

bool
checker_data(const char *text, char *why, size_t whysize)
{
	struct dataword ignored;

	return dataword_parse(&ignored, text, why, whysize);
}

bool
checker_text(const char *text, char *why, size_t whysize)
{
	return template_check(text, true, why, whysize);
}

bool
checker_url(const char *text, char *why, size_t whysize)
{
	if (strncmp(text, "http://", 7) != 0 && strncmp(text, "https://", 8) != 0)
		return strbuf_fail(why, whysize, "must begin with http:// or https://");
	if (strchr(text, ' ') != NULL)
		return strbuf_fail(why, whysize, "must not have a blank in it");
	return template_check(text, false, why, whysize);
}

/* References are put behind it, and a reply holds it: so nothing in it needs care in either. */
bool
checker_page(const char *text, char *why, size_t whysize)
{
	static const char bytes[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789.-_~/:[]";
	const char *host = strstr(text, "://");

	if (!checker_url(text, why, whysize))
		return false;
	host += strlen("://");
	return (host[0] != '/' && host[0] != '\0' && text[strspn(text, bytes)] == '\0' &&
		   strlen(text) <= CHECKER_PAGE_MAX) ||
	    strbuf_fail(why, whysize,
		"must be like \"https://mx.example.org/help\", of letters, digits and . - _ ~ / "
		"alone, and of %d bytes at most",
		CHECKER_PAGE_MAX);
}

/* Empty is allowed: it takes back what the registry says. */
bool
checker_dead(const char *text, char *why, size_t whysize)
{
	return text[0] == '\0' || setting_printable(text, PATH_BYTES_MAX, why, whysize);
}

bool
checker_needs(const char *text, char *why, size_t whysize)
{
	return text[0] == '\0' || strcmp(text, "key") == 0 ||
	    strcmp(text, "registration") == 0 ||
	    strbuf_fail(why, whysize, "must be \"key\" or \"registration\"");
}

bool
checker_category(const char *text, char *why, size_t whysize)
{
	return category_parse(text) != CATEGORY_MAX ||
	    strbuf_fail(
		why, whysize, "is none of the categories that relayguard.conf(5) names");
}

/* What is a label may stand in log lines and Redis keys as it is. */
bool
checker_label(const char *text, char *why, size_t whysize)
{
	return (checker_account(text, why, whysize) && strlen(text) <= CHECKER_LABEL_MAX) ||
	    strbuf_fail(
		why, whysize, "the name of a list has 1 to 64 letters, digits, dots, - and _");
}

bool
checker_domain(const char *text, char *why, size_t whysize)
{
	return setting_domain(text, SETTING_DOMAIN_MAX, why, whysize);
}

/* A name that is believed where it is proven, as what nobody else can have. */
bool
checker_believed(const char *text, char *why, size_t whysize)
{
	char normal[DOMAIN_NAME_SIZE];
	const char *name = text + (text[0] == '.');

	if (domain_is_suffix(name))
		return strbuf_fail(why, whysize, "anybody may have a name below that");
	return domain_normalise(name, normal) ||
	    strbuf_fail(why, whysize, "must be like \"example.org\" or \".example.org\"");
}

bool
checker_role(const char *text, char *why, size_t whysize)
{
	for (unsigned role = ROLE_ADDRESS + 1; role < ROLES; role++)
		if (strcmp(text, role_name((enum role)role)) == 0)
			return true;
	return strbuf_fail(why, whysize, "must be \"helo\", \"name\" or \"sender\"");
}

bool
checker_policy_name(const char *text, char *why, size_t whysize)
{
	const char *name = text + (text[0] == '.');
	char ascii[IDN_NAME_SIZE];
	size_t len = strlen(name);

	if (idn_is_wanted(name, len) && !idn_to_ascii(name, len, ascii))
		return strbuf_fail(
		    why, whysize, "must be a name in DNS, in UTF-8 if not in ASCII");
	return idn_is_wanted(name, len) ||
	    setting_domain(name, SETTING_DOMAIN_MAX, why, whysize);
}

bool
checker_pattern(const char *text, char *why, size_t whysize)
{
	struct codes ignored;

	return codes_parse(&ignored, text, why, whysize);
}

bool
checker_split_vote(const char *text, char label[CHECKER_LABEL_MAX + 1], int64_t *weight,
    char *why, size_t whysize)
{
	size_t len = strcspn(text, "*");
	struct strbuf sb;

	*weight = 1;
	strbuf_init(&sb, label, CHECKER_LABEL_MAX + 1);
	strbuf_addn(&sb, text, len);
	if (sb.cut)
		return strbuf_fail(why, whysize, "no list has a name that long");
	return checker_label(label, why, whysize) &&
	    (text[len] == '\0' ||
		setting_number(text + len + 1, 1, WEIGHT_MAX, weight, why, whysize));
}

bool
checker_vote(const char *text, char *why, size_t whysize)
{
	char label[CHECKER_LABEL_MAX + 1];
	int64_t weight;

	return checker_split_vote(text, label, &weight, why, whysize);
}

bool
checker_mailbox(const char *text, char *why, size_t whysize)
{
	struct mailbox box;

	/* A mailbox may be called so, and nobody means that. */
	if (strpbrk(text, "*?") != NULL)
		return strbuf_fail(why, whysize,
		    "there are no patterns: for all of a domain, write a policy with refuse = 0");
	if (!mailbox_parse(&box, text) || box.local[0] == '\0')
		return strbuf_fail(
		    why, whysize, "must be like \"postmaster\" or \"abuse@example.org\"");
	return true;
}

/* It stands in the log in the place of the address. */
bool
checker_trap_id(const char *text, char *why, size_t whysize)
{
	return (checker_account(text, why, whysize) && strlen(text) <= TRAP_ID_MAX) ||
	    strbuf_fail(why, whysize,
		"the id of a trap has 1 to %d letters, digits, dots, - and _", TRAP_ID_MAX);
}

bool
checker_trap_recipient(const char *text, char *why, size_t whysize)
{
	struct trap_address ignored;

	return trap_address_parse(&ignored, text, why, whysize) &&
	    (ignored.box.local[0] != '\0' ||
		strbuf_fail(why, whysize, "is a domain: write it in domains"));
}

bool
checker_trap_domain(const char *text, char *why, size_t whysize)
{
	struct trap_address ignored;

	return trap_address_parse(&ignored, text, why, whysize) &&
	    (ignored.box.local[0] == '\0' ||
		strbuf_fail(why, whysize, "is a recipient: write it in recipients"));
}

bool
checker_trap_note(const char *text, char *why, size_t whysize)
{
	return setting_printable(text, TRAP_NOTE_MAX, why, whysize);
}

/* Find text among n words; its index is the value. */
static bool
read_word(const char *text, const char *const *words, int64_t n, int64_t *out)
{
	for (*out = 0; *out < n; ++*out)
		if (strcmp(text, words[*out]) == 0)
			return true;
	return false;
}

/* A reader of words, which has no bounds; its values are their order. */
#define WORDS(reader, sentence, ...)                                                     \
	bool reader(const char *text, int64_t min, int64_t max, int64_t *out, char *why, \
	    size_t whysize)                                                              \
	{                                                                                \
		static const char *const words[] = {__VA_ARGS__};                        \
                                                                                         \
		(void)min;                                                               \
		(void)max;                                                               \
		return read_word(text, words, sizeof(words) / sizeof(words[0]), out) ||  \
		    strbuf_fail(why, whysize, "%s", sentence);                           \
	}

WORDS(checker_mode, "must be \"enforce\" or \"shadow\"", "enforce", "shadow")
WORDS(checker_ask, "must be \"all\" or \"needed\"", [CHECKER_ASK_AS_ROOT] = "",
    [CHECKER_ASK_ALL] = "all", [CHECKER_ASK_NEEDED] = "needed")
WORDS(checker_privacy, "must be \"full\" or \"no-names\"", "full", "no-names")
WORDS(checker_doubt, "must be \"defer\", \"pass\" or \"refuse\"", [DOUBT_DEFER] = "defer",
    [DOUBT_PASS] = "pass", [DOUBT_REFUSE] = "refuse")
WORDS(checker_kind, "must be \"address\", \"domain\" or \"allow\"", [KIND_ADDRESS] = "address",
    [KIND_DOMAIN] = "domain", [KIND_ALLOW] = "allow")
WORDS(checker_scope, "must be \"address\", \"range\" or \"provider\"",
    [SCOPE_ADDRESS] = "address", [SCOPE_RANGE] = "range", [SCOPE_PROVIDER] = "provider")
WORDS(checker_origin, "must be \"traps\", \"tests\", \"reports\", \"research\" or \"owners\"",
    [ORIGIN_UNKNOWN] = "", [ORIGIN_TRAPS] = "traps", [ORIGIN_TESTS] = "tests",
    [ORIGIN_REPORTS] = "reports", [ORIGIN_RESEARCH] = "research", [ORIGIN_OWNERS] = "owners")
WORDS(checker_watch_lists, "must be \"used\" or \"all\"", "used", "all")
WORDS(checker_source, "must be \"dns\" or \"own\"", "dns", "own")
WORDS(checker_codes, "must be \"highest\" or \"sum\"", "highest", "sum")
WORDS(checker_mta, "must be \"auto\", \"postfix\" or \"sendmail\"", [MTA_AUTO] = "auto",
    [MTA_POSTFIX] = "postfix", [MTA_SENDMAIL] = "sendmail")
WORDS(checker_trap_kind, "must be \"pristine\" or \"recycled\"", [TRAP_PRISTINE] = "pristine",
    [TRAP_RECYCLED] = "recycled")
WORDS(checker_drop_at, "must be \"rcpt\" or \"connect\"", "rcpt", "connect")

bool
checker_own_address(const char *text, char *why, size_t whysize)
{
	struct ipaddr address;

	if (!ipaddr_parse(&address, text))
		return strbuf_fail(why, whysize, "must be an IPv4 or IPv6 address");
	return ipaddr_is_global(&address) ||
	    strbuf_fail(why, whysize, "is private: no list has such an address");
}

bool
checker_own_name(const char *text, char *why, size_t whysize)
{
	char normal[DOMAIN_NAME_SIZE];

	return domain_normalise(text, normal) ||
	    strbuf_fail(why, whysize, "must be a name in DNS, like \"mail.example.org\"");
}

bool
checker_every(
    const char *text, int64_t min, int64_t max, int64_t *out, char *why, size_t whysize)
{
	return setting_duration(text, min, max, out, why, whysize) ||
	    strbuf_fail(why, whysize, "must be a time from 10m to 24h");
}

bool
checker_lifetime(const char *text, char *why, size_t whysize)
{
	int64_t ms;

	return setting_duration(text, OWN_LIFE_MIN_S * INT64_C(1000),
	    OWN_LIFE_MAX_S * INT64_C(1000), &ms, why, whysize);
}

bool
checker_either(
    const char *text, int64_t min, int64_t max, int64_t *out, char *why, size_t whysize)
{
	if (setting_number(text, min, max, out, why, whysize) && (*out == min || *out == max))
		return true;
	return strbuf_fail(
	    why, whysize, "must be \"%" PRId64 "\" or \"%" PRId64 "\"", min, max);
}

bool
checker_spf(const char *text, int64_t min, int64_t max, int64_t *out, char *why, size_t whysize)
{
	static const char *const words[] = {"ignore", "defer", "refuse"};

	if (read_word(text, words, 3, out)) {
		*out = -*out;
		return true;
	}
	return setting_number(text, min, max, out, why, whysize) ||
	    strbuf_fail(why, whysize,
		"must be \"refuse\", \"defer\", \"ignore\" or a score from 1 to 1000");
}

/* A time, or any. */
bool
checker_age(const char *text, int64_t min, int64_t max, int64_t *out, char *why, size_t whysize)
{
	return setting_duration(text, 0, 0, out, why, whysize) ||
	    setting_duration(text, min, max, out, why, whysize) ||
	    strbuf_fail(why, whysize, "must be a time from 10m to 366d, or 0s");
}

/* A time, or none at all. */
bool
checker_interval(
    const char *text, int64_t min, int64_t max, int64_t *out, char *why, size_t whysize)
{
	return setting_duration(text, 0, 0, out, why, whysize) ||
	    setting_duration(text, min, max, out, why, whysize) ||
	    strbuf_fail(why, whysize, "must be a time from 10s to 24h, or 0s");
}
