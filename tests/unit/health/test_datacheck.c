/* SPDX-License-Identifier: BSD-2-Clause */
/* test_datacheck.c - data that is taken, and data that lists what nobody has. */
#include "config.h"

#include "health/datacheck.h"

#include <stdlib.h>
#include <unistd.h>

#include "data/datafeed.h"
#include "data/datalist.h"
#include "tap.h"

static char folder[] = "/tmp/test_datacheck.XXXXXX";
static char path[64];

static const struct datacheck_rules v4 = {.ipv4 = true, .test_entry = true},
				    both = {.ipv4 = true, .ipv6 = true, .test_entry = true},
				    untested = {.ipv4 = true},
				    own = {.ipv4 = true,
					.ncanaries = 1,
					.canary = {{{32, {198, 18}}, 15}}},
				    names = {.kind = KIND_DOMAIN, .test_entry = true},
				    named = {.kind = KIND_DOMAIN,
					.test_entry = true,
					.test_listed = "bad.example.org",
					.test_clear = "good.example.org"},
				    wide = {.kind = KIND_DOMAIN, .suffixes = true},
				    addresses = {.ipv4 = true};

static const struct {
	const char *label;
	const struct datacheck_rules *rules;
	enum data_format format;
	const char *text, *want;
} rows[] = {
    {"the test entry", &v4, DATA_IP4SET, "127.0.0.2\n192.0.2.1\n", NULL},
    {"none", &v4, DATA_IP4SET, "192.0.2.1\n", "test-entry-missing"},
    {"none, as the registry says", &untested, DATA_IP4SET, "192.0.2.1\n", NULL},
    {"a plain list has none", &v4, DATA_CIDR, "192.0.2.0/24\n", NULL},
    {"it is excluded", &v4, DATA_IP4SET, "127.0.0.0/24\n!127.0.0.2\n!127.0.0.1\n",
	"test-entry-missing"},
    {"both test entries", &v4, DATA_IP4TRIE, "127.0.0.0/30\n", "clear-entry-listed"},
    {"a plain list of bogons", &v4, DATA_CIDR, "127.0.0.0/8\n10.0.0.0/8\n", NULL},
    {"the world", &untested, DATA_CIDR, "0.0.0.0/1\n128.0.0.0/1\n", "lists-everything"},
    {"a half", &untested, DATA_IP4TRIE, "128.0.0.0/1\n", "lists-everything"},
    {"a quarter", &untested, DATA_CIDR, "64.0.0.0/2\n", "lists-everything"},
    {"the last quarter", &v4, DATA_IP4SET, "127.0.0.2\n192.0.0.0-255.255.255.255\n",
	"lists-everything"},
    {"one block of a quarter", &untested, DATA_CIDR, "224.0.0.0/4\n", NULL},
    {"an own canary instead", &own, DATA_CIDR, "0.0.0.0/8\n10.0.0.0/8\n224.0.0.0/3\n", NULL},
    {"that is listed", &own, DATA_CIDR, "198.18.0.0/15\n", "lists-everything"},
    {"IPv6 alone in its set", &both, DATA_IP6TRIE, "2001:db8::/32\n::ffff:7f00:2\n", NULL},
    {"all of IPv6", &both, DATA_IP6TRIE, "2000::/3\n::ffff:7f00:2\n", "lists-everything"},
    {"IPv6 without a test entry", &both, DATA_IP6TRIE, "2001:db8:7::/48\n",
	"test-entry-missing"},
    {"names", &names, DATA_DNSET, "test\n.example.org\n", NULL},
    {"names without a test entry", &names, DATA_DNSET, ".example.org\n", "test-entry-missing"},
    {"a name that nobody has", &names, DATA_DNSET, "test\ninvalid\n", "clear-entry-listed"},
    {"all names", &names, DATA_DNSET, "test\n.invalid\n.test\n.example\n", "lists-everything"},
    {"names of its own", &named, DATA_DNSET, "bad.example.org\n", NULL},
    {"a top-level domain", &names, DATA_DNSET, "test\n.example.org\n.com\n",
	"lists-all-of-com"},
    {"what is below one", &names, DATA_DNSET, "test\n*.co.uk\n", "lists-all-of-co.uk"},
    {"one alone", &names, DATA_DNSET, "test\ncom\nco.uk\n", NULL},
    {"one that is excluded", &names, DATA_DNSET, "test\n.com\n!.com\n", NULL},
    {"one that lists nothing", &names, DATA_DNSET, "test\n!.com\n", NULL},
    {"one with exceptions", &names, DATA_DNSET, "test\n.com\n!.example.com\n",
	"lists-all-of-com"},
    {"what one firm hands out", &names, DATA_DNSET, "test\n.blogspot.com\n", NULL},
    {"what nobody has delegated", &names, DATA_DNSET, ".test\n.local\n.127\n", NULL},
    {"one that may be there", &wide, DATA_DNSET, ".com\n.zip\n", NULL},
    {"in a section", &names, DATA_COMBINED, "$DATASET dnset @\ntest\n.com\n",
	"lists-all-of-com"},
    {"addresses by their names", &addresses, DATA_COMBINED, "$DATASET dnset @\n.com\n.9\n",
	NULL},
    {"the other one is listed", &named, DATA_DNSET, ".example.org\n", "clear-entry-listed"},
};

static void
complain(void *arg, const char *file, unsigned line, const char *why, bool fatal)
{
	(void)arg;
	printf("# %s:%u: %s%s\n", file, line, why, fatal ? "!" : "");
}

static struct datalist *
read_list(enum data_format format, const char *text)
{
	const struct data_source source = {.format = format, .nfiles = 1, .file = {path}};
	struct datalist *data = datalist_new();
	FILE *file = fopen(path, "w");
	struct data_reading reading;

	if (file == NULL || fputs(text, file) < 0 || fclose(file) != 0)
		exit(1);
	if (data == NULL || !datalist_read(data, &source, 1795953600, complain, NULL, &reading))
		exit(1);
	return data;
}

int
main(void)
{
	if (mkdtemp(folder) == NULL)
		return 1;
	snprintf(path, sizeof(path), "%s/list", folder);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct datacheck_rules rules = *rows[i].rules;
		struct datalist *data = read_list(rows[i].format, rows[i].text);
		char why[DATAFEED_WHY_MAX] = "";
		bool good;

		rules.formats = 1U << rows[i].format;
		good = datacheck_judge(&rules, data, why, sizeof(why));
		same_num(good, rows[i].want == NULL, rows[i].label);
		same_str(good ? NULL : why, rows[i].want, rows[i].label);
		datalist_unref(&data);
	}
	(void)unlink(path);
	(void)rmdir(folder);
	return done();
}
