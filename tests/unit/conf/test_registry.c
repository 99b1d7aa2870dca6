/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_registry.c - the registry as it is installed: every list in it can be used
 * or is dead since a day that is told, and those that people know are there.
 */
#include "config.h"

#include <stdlib.h>

#include "fakes/conf_user.h"
#include "tap.h"

#define LISTS 200

static char *registry;
static char labels[LISTS][72];
static size_t nlabels;

/* The lists that must be there, and live. */
static const char *const wanted[] = {"spamhaus-zen", "spamhaus-sbl", "spamhaus-xbl",
    "spamhaus-pbl", "spamhaus-dqs", "spamhaus-dqs-sbl", "spamhaus-dqs-xbl", "spamhaus-dqs-pbl",
    "spamhaus-authbl", "spamhaus-dbl", "spamhaus-dqs-dbl", "spamhaus-zrd", "spamhaus-drop",
    "spamcop", "barracuda", "psbl", "uceprotect-1", "uceprotect-2", "uceprotect-3", "s5h",
    "dronebl", "spamrats", "spamrats-dyna", "spamrats-noptr", "spamrats-spam", "spamrats-auth",
    "mailspike", "mailspike-z", "mailspike-rep", "mailspike-wl", "abusix", "truncate", "0spam",
    "0spam-rbl", "0spam-nbl", "hostkarma", "blocklist-de", "validity", "validity-score",
    "dnswl", "backscatterer", "trend-rbl-plus", "trend-rbl", "trend-dul", "trend-rss",
    "trend-ops", "trend-qil", "ivmsip", "ivmsip24", "ivmuri", "virusfree", "spameatingmonkey",
    "spameatingmonkey-6", "surbl", "uribl", "local"};

static const char *const dead[] = {"maps-rbl", "maps-dul", "maps-rss", "maps-nml",
    "maps-rbl-plus", "maps-vix", "orbs", "orbz", "osirusoft", "monkeys", "ordb", "rbl-spamhaus",
    "dsbl", "rfc-ignorant", "njabl", "ahbl", "cyberlogic", "spamcannibal", "megarbl",
    "emailbasura", "msrbl", "inps", "sorbs", "nixspam", "ubl"};

/* What a code means, and what it weighs; CATEGORY_MAX: it is an error. */
static const struct {
	const char *label;
	uint32_t code;
	enum category category;
	int score;
} codes[] = {
    {"spamhaus-zen", 0x7f000002, CATEGORY_SPAM_SOURCE, 5},
    {"spamhaus-zen", 0x7f00000b, CATEGORY_DYNAMIC, 5},
    {"spamhaus-zen", 0x7f000008, CATEGORY_MAX, 0},
    {"spamhaus-zen", 0x7ffffffe, CATEGORY_MAX, 0},
    {"spamhaus-dbl", 0x7f000102, CATEGORY_SNOWSHOE, 5},
    {"spamhaus-dbl", 0x7f000106, CATEGORY_BOTNET_CONTROLLER, 5},
    {"spamhaus-dbl", 0x7f000104, CATEGORY_PHISHING, 5},
    {"spamhaus-dbl", 0x7f000105, CATEGORY_MALWARE, 5},
    {"spamhaus-dbl", 0x7f000103, CATEGORY_MAX, 0},
    {"spamhaus-dbl", 0x7f000166, CATEGORY_EXPLOITED, 2},
    {"spamhaus-dbl", 0x7f000168, CATEGORY_PHISHING, 2},
    {"spamhaus-dbl", 0x7f000169, CATEGORY_MALWARE, 2},
    {"spamhaus-dqs-dbl", 0x7f00016a, CATEGORY_BOTNET_CONTROLLER, 2},
    {"spamhaus-dbl", 0x7f0001ff, CATEGORY_MAX, 0},
    {"spamhaus-zrd", 0x7f000218, CATEGORY_YOUNG_DOMAIN, 2},
    {"surbl", 0x7f000001, CATEGORY_MAX, 0},
    {"surbl", 0x7f000008, CATEGORY_PHISHING, 5},
    {"surbl", 0x7f000010, CATEGORY_MALWARE, 5},
    {"surbl", 0x7f0000fe, CATEGORY_PHISHING, 5},
    {"surbl", 0x7f000040, CATEGORY_SPAM_SOURCE, 4},
    {"uribl", 0x7f000001, CATEGORY_MAX, 0},
    {"uribl", 0x7f000004, CATEGORY_BULK_UNCONFIRMED, 1},
    {"uribl", 0x7f00000e, CATEGORY_SPAM_SOURCE, 4},
    {"dnswl", 0x7f000a00, CATEGORY_ALLOW, 0},
    {"dnswl", 0x7f000a03, CATEGORY_ALLOW, 0},
    {"dnswl", 0x7f000503, CATEGORY_ALLOW, -4},
    {"dnswl", 0x7f001400, CATEGORY_ALLOW, 0},
    {"dnswl", 0x7f001403, CATEGORY_ALLOW, -4},
    {"dnswl", 0x7f001404, CATEGORY_MAX, 0},
    {"dnswl", 0x7f001000, CATEGORY_MAX, 0},
    {"dnswl", 0x7f0000ff, CATEGORY_MAX, 0},
    {"hostkarma", 0x7f000001, CATEGORY_ALLOW, -1},
    {"trend-rbl-plus", 0x7f010001, CATEGORY_SPAM_SOURCE, 5},
    {"trend-rbl-plus", 0x7f010002, CATEGORY_DYNAMIC, 5},
    {"trend-rbl-plus", 0x7f010004, CATEGORY_OPEN_RELAY, 5},
    {"trend-rbl-plus", 0x7f010008, CATEGORY_OPEN_PROXY, 5},
    {"trend-rbl-plus", 0x7f010010, CATEGORY_MAX, 0},
    {"trend-rss", 0x7f010004, CATEGORY_OPEN_RELAY, 5},
    {"trend-rss", 0x7f010002, CATEGORY_DYNAMIC, 0},
    {"trend-rss", 0x7f010006, CATEGORY_OPEN_RELAY, 5},
    {"local", 0x7f000003, CATEGORY_PROBE, 5},
    {"local", 0x7f000004, CATEGORY_TRAP, 5},
    {"local", 0x7f000005, CATEGORY_PROBE, 2},
    {"local", 0x7f000006, CATEGORY_MAX, 0},
    {"local", 0x7f000007, CATEGORY_LOCAL, 5},
    {"local", 0x7f000008, CATEGORY_LOCAL, 2},
    {"trend-qil", 0x7f000002, CATEGORY_EXPLOITED, 4},
};

static void
read_registry(void)
{
	const char *srcdir = getenv("srcdir") != NULL ? getenv("srcdir") : ".";
	char path[512], line[1024];
	FILE *file, *copy;
	size_t size;

	snprintf(path, sizeof(path), "%s/etc/lists.conf", srcdir);
	file = fopen(path, "r");
	copy = open_memstream(&registry, &size);
	if (file == NULL || copy == NULL)
		abort();
	while (fgets(line, sizeof(line), file) != NULL) {
		fputs(line, copy);
		if (nlabels < LISTS && sscanf(line, "list \"%71[^\"]\"", labels[nlabels]) == 1)
			nlabels++;
	}
	fclose(file);
	fclose(copy);
}

/* Load a policy that names the list, with a key where it needs one. */
static struct conf *
use(const char *label, char *got, size_t size)
{
	static const char base[] = "dns { servers = { \"127.0.0.1\" } }\n"
				   "store { path = \"/var/lib/relayguard\" }\n"
				   "policy \"default\" { lists = { \"%s\" } refuse = 0 }\n";
	char text[1024];
	struct conf *conf;
	int len = snprintf(text, sizeof(text), base, label);

	conf = conf_user_load(text, registry, got, size);
	if (conf != NULL || strstr(got, "needs a key") == NULL)
		return conf;
	snprintf(text + len, sizeof(text) - (size_t)len,
	    "list \"%s\" { key_file = \"~/key\" }\n", label);
	return conf_user_load(text, registry, got, size);
}

/* "2024-06-05: ", "2001-06: ", "2019: " or "unknown: ". */
static bool
begins_with_date(const char *text)
{
	size_t len = strcspn(text, ":");

	if (strncmp(text, "unknown: ", 9) == 0)
		return true;
	return (len == 4 || len == 7 || len == 10) && strspn(text, "0123456789-") == len &&
	    text[len + 1] == ' ';
}

static void
test_all(void)
{
	char got[4096];

	for (size_t i = 0; i < nlabels; i++) {
		struct conf *conf = use(labels[i], got, sizeof(got));
		const char *end = strstr(got, "is dead: ");
		bool reminded = strstr(got, "has registered") != NULL ||
		    strstr(got, "have registered") != NULL;

		if (end != NULL)
			ok(conf == NULL && begins_with_date(end + 9), "%s is dead since a day",
			    labels[i]);
		else if (!ok(conf != NULL && (got[0] == '\0' || reminded), "%s can be used",
			     labels[i]))
			printf("# %s\n", got);
		conf_unref(&conf);
	}
}

static bool
is_there(const char *label)
{
	for (size_t i = 0; i < nlabels; i++)
		if (strcmp(labels[i], label) == 0)
			return true;
	return false;
}

static void
test_wanted(void)
{
	char got[4096];

	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++)
		ok(is_there(wanted[i]), "%s is there", wanted[i]);
	for (size_t i = 0; i < sizeof(dead) / sizeof(dead[0]); i++) {
		struct conf *conf = use(dead[i], got, sizeof(got));

		ok(is_there(dead[i]) && conf == NULL, "%s is there, and dead", dead[i]);
		conf_unref(&conf);
	}
	same_num((long long)nlabels,
	    sizeof(wanted) / sizeof(wanted[0]) + sizeof(dead) / sizeof(dead[0]),
	    "there are no others");
}

static void
test_codes(void)
{
	char got[4096];

	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		struct conf *conf = use(codes[i].label, got, sizeof(got));
		const struct answer *answer = NULL;
		struct fact fact = {0};
		uint32_t bad, code;
		bool right;

		if (conf != NULL) {
			const struct listing *list = conf->roster->list[0];

			listing_read(list, &codes[i].code, 1, &fact, &bad);
			answer = listing_answer(list, &fact, &code);
		}
		right = conf != NULL && (answer != NULL) == (codes[i].category != CATEGORY_MAX);
		if (right && answer != NULL)
			right = answer->category == codes[i].category &&
			    answer->score == codes[i].score;
		ok(right, "%s: 127.%u.%u.%u", codes[i].label, codes[i].code >> 16 & 255,
		    codes[i].code >> 8 & 255, codes[i].code & 255);
		conf_unref(&conf);
	}
}

/* Lists of domains are never asked about an address. */
static void
test_kinds(void)
{
	static const char *const domains[] = {
	    "spamhaus-dbl", "spamhaus-dqs-dbl", "spamhaus-zrd", "surbl", "uribl", "ivmuri"};
	char got[4096];

	for (size_t i = 0; i < sizeof(domains) / sizeof(domains[0]); i++) {
		struct conf *conf = use(domains[i], got, sizeof(got));

		ok(conf != NULL && conf->roster->n == 3 &&
			roster_of(conf->roster, ROLE_ADDRESS) == 0,
		    "%s: three names, no address", domains[i]);
		conf_unref(&conf);
	}
}

int
main(void)
{
	conf_user_begin();
	conf_user_write("key", "abc123\n", 0600);
	read_registry();
	test_all();
	test_wanted();
	test_codes();
	test_kinds();
	free(registry);
	conf_user_end();
	return done();
}
