/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_exportformat.c - each format, with networks of both families, is written and read back;
 * the syntax of routers that no test can run stands here line by line.
 */
#include "config.h"

#include "own/exportformat.h"

#include <stdlib.h>
#include <string.h>

#include "tap.h"

#define NOW INT64_C(1795959007) /* 2026-11-29T13:30:07Z */
#define WHY_MAX 300
#define URL "https://x.example.net/why?ip=%{ip}"

static void
add(struct export_list *list, const char *network, unsigned reasons, int64_t until)
{
	struct export_entry e = {.since = NOW - 7200, .until = until, .reasons = reasons};
	char why[WHY_MAX];

	(void)prefix_parse(&e.net, network, why, sizeof(why));
	exportlist_add(list, &e);
}

static struct export_document
document(const struct export_list *list)
{
	return (struct export_document){.list = list,
	    .limits = {24, 48, 9},
	    .now = NOW,
	    .until = NOW + 3600,
	    .serial = 4000000000U,
	    .name = "relayguard",
	    .contact = "post.master@example.net",
	    .url = URL,
	    .server = {"ns1.example.net", "ns2.example.net"}};
}

static char *
write_text(const struct export_format *format, const struct export_document *doc)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	exportformat_write(out, format, doc);
	(void)fclose(out);
	return text;
}

/* Read so many bytes of a text; false: the reader did not like them. */
static bool
read_text(const struct export_format *format, const char *text, size_t len,
    struct export_reading *reading, char why[WHY_MAX])
{
	char *copy = strndup(text, len);
	FILE *in = fmemopen(copy, len, "r");
	bool good = exportformat_read(in, format, reading, why, WHY_MAX);

	(void)fclose(in);
	free(copy);
	return good;
}

/* Whether a text has such a line. */
static bool
has_line(const char *text, const char *line)
{
	size_t len = strlen(line);

	for (const char *at = text; (at = strstr(at, line)) != NULL; at++)
		if ((at == text || at[-1] == '\n') && at[len] == '\n')
			return true;
	return false;
}

static const char *const networks[] = {"5.6.7.8", "5.6.8.0/24", "223.255.255.255",
    "2a00:0:0:1::/64", "2a00:1:2::/48", "2a00:1:3:4::/64", "2a00:db8:0:0:8000::/65"};

#define NETWORKS (sizeof(networks) / sizeof(networks[0]))

static void
fill(struct export_list *list, unsigned bits)
{
	for (size_t i = 0; i < NETWORKS; i++)
		if (bits == 0 || bits == (strchr(networks[i], ':') != NULL ? 128U : 32U))
			add(list, networks[i], 1U << LOCAL_PROBE | 1U << LOCAL_TRAP,
			    i % 2 == 0 ? NOW + 600 : 0);
	exportlist_sort(list);
}

static void
judge(const struct export_format *format, const struct export_list *list, const char *text)
{
	struct export_reading got;
	struct export_change change;
	char why[WHY_MAX] = "";

	ok(read_text(format, text, strlen(text), &got, why), "%s is read back: %s",
	    format->name, why);
	change = exportlist_compare(list, &got.list, NULL, NULL);
	same_num((long long)(change.added + change.gone), 0, "the same networks");
	same_num(got.serial, 4000000000U, "the serial");
	same_num(got.not_after, NOW + 3600, "the end");
	exportlist_clear(&got.list);
}

/* Whatever of it is missing, it is not taken for whole. */
static void
cut(const struct export_format *format, const char *text)
{
	size_t len = strlen(text), taken = 0;

	for (size_t n = 1; n < len; n++) {
		struct export_reading got;
		char why[WHY_MAX];

		taken += read_text(format, text, n, &got, why);
		exportlist_clear(&got.list);
	}
	same_num((long long)taken, 0, "no part of it is taken for the whole");
}

static void
test_formats(void)
{
	const struct export_format *format;

	for (size_t i = 0; (format = exportformat_at(i)) != NULL; i++) {
		struct export_list list = {0}, none = {0};
		struct export_document doc = document(&list), empty = document(&none);
		char *text, *nothing;

		fill(&list, format->bits);
		text = write_text(format, &doc);
		nothing = write_text(format, &empty);
		judge(format, &list, text);
		judge(format, &none, nothing);
		cut(format, text);
		same_num(exportformat_find(format->name) == format, true, "found by its name");
		free(text);
		free(nothing);
		exportlist_clear(&list);
	}
	ok(exportformat_find("bind") == NULL, "a format that is none");
}

static void
test_damage(void)
{
	const struct export_format *format = exportformat_find("plain");
	static const struct {
		const char *label, *text;
	} rows[] = {
	    {"nothing", "\n"},
	    {"a head that ends at once", "# relayguard-export format"},
	    {"a format of another name",
		"# relayguard-export format=plainer count=0\n# relayguard-export-end count=0\n"},
	    {"somebody's own file", "5.6.7.8\n"},
	    {"another format",
		"# relayguard-export format=pf count=1\n5.6.7.8/32\n# relayguard-export-end count=1\n"},
	    {"one network less",
		"# relayguard-export format=plain count=1\n# relayguard-export-end count=1\n"},
	    {"two counts",
		"# relayguard-export format=plain count=2\n5.6.7.8/32\n# relayguard-export-end count=1\n"},
	    {"something behind the end",
		"# relayguard-export format=plain count=1\n# relayguard-export-end count=1\n5.6.7.8/32\n"},
	    {"no head", "5.6.7.8/32\n# relayguard-export-end count=1\n"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct export_reading got;
		char why[WHY_MAX] = "";

		ok(!read_text(format, rows[i].text, strlen(rows[i].text), &got, why) &&
			why[0] != '\0',
		    "%s: %s", rows[i].label, why);
		exportlist_clear(&got.list);
	}
}

/* What a router is told, as its manual has it. */
static void
test_routers(void)
{
	static const struct {
		const char *format, *line;
	} rows[] = {
	    {"ios", "no ip access-list extended relayguard"},
	    {"ios", "ip access-list extended relayguard"},
	    {"ios", " 2147483647 permit ip any any"},
	    {"ios", " 10 deny tcp host 5.6.7.8 any eq smtp"},
	    {"ios", " 20 deny tcp 5.6.8.0 0.0.0.255 any eq smtp"},
	    {"ios", " 30 deny tcp host 223.255.255.255 any eq smtp"},
	    {"ios", "no ipv6 access-list relayguard-V6"},
	    {"ios", "ipv6 access-list relayguard-V6"},
	    {"ios", " permit ipv6 any any sequence 4294967294"},
	    {"ios", " deny tcp 2a00:0:0:1::/64 any eq smtp sequence 10"},
	    {"junos", "delete policy-options prefix-list relayguard4"},
	    {"junos", "set policy-options prefix-list relayguard4 5.6.8.0/24"},
	    {"junos", "set policy-options prefix-list relayguard6 2a00:1:2::/48"},
	    {"junos",
		"set firewall family inet filter relayguard4 term listed from "
		"source-prefix-list relayguard4"},
	    {"junos",
		"set firewall family inet filter relayguard4 term listed from protocol tcp"},
	    {"junos",
		"set firewall family inet6 filter relayguard6 term listed from next-header "
		"tcp"},
	    {"junos",
		"set firewall family inet6 filter relayguard6 term listed from "
		"destination-port smtp"},
	    {"junos", "set firewall family inet6 filter relayguard6 term rest then accept"},
	    {"pf", "5.6.8.0/24"},
	    {"pf", "2a00:0:0:1::/64"},
	    {"rpz",
		"@ IN SOA ns1.example.net. post\\.master.example.net. 4000000000 600 300 3600 60"},
	    {"rpz", "@ IN NS ns2.example.net."},
	    {"rpz", "32.8.7.6.5.rpz-ip CNAME ."},
	    {"rpz", "64.zz.1.0.0.2a00.rpz-ip CNAME ."},
	    {"rpz", "65.zz.8000.0.0.db8.2a00.rpz-ip CNAME ."},
	    {"rbldnsd",
		"$SOA 600 ns1.example.net post\\.master.example.net 4000000000 600 300 3600 60"},
	    {"rbldnsd", "$NS 600 ns1.example.net ns2.example.net"},
	    {"rbldnsd", "$MAXRANGE4 /24"},
	    {"rbldnsd", "$TIMESTAMP 2026:11:29:13:30:07 +3600"},
	    {"rbldnsd", "127.0.0.9 :9:denied https://x.example.net/why?ip=$"},
	    {"rbldnsd",
		"5.6.7.8/32 :4:trap since 2026-11-29T11:30:07Z until 2026-11-29T13:40:07Z "
		"https://x.example.net/why?ip=$"},
	};
	struct export_list list = {0};
	struct export_document doc = document(&list);

	fill(&list, 0);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char *text = write_text(exportformat_find(rows[i].format), &doc);

		if (!ok(has_line(text, rows[i].line), "%s: %s", rows[i].format, rows[i].line))
			printf("# %s", text);
		free(text);
	}
	exportlist_clear(&list);
}

/* Mail to other servers behind the router is not ours to refuse. */
static void
test_destination(void)
{
	static const struct {
		const char *format, *line;
	} rows[] = {
	    {"ios", " 10 deny tcp host 5.6.7.8 host 192.0.2.25 eq smtp"},
	    {"ios", " 20 deny tcp 5.6.8.0 0.0.0.255 host 192.0.2.25 eq smtp"},
	    {"ios", " deny tcp 2a00:0:0:1::/64 2001:db8:25::/48 eq smtp sequence 10"},
	    {"junos",
		"set firewall family inet filter relayguard4 term listed from "
		"destination-address 192.0.2.25/32"},
	    {"junos",
		"set firewall family inet6 filter relayguard6 term listed from "
		"destination-address 2001:db8:25::/48"},
	};
	struct export_list list = {0};
	struct export_document doc = document(&list);
	char why[1];

	fill(&list, 0);
	(void)prefix_parse(&doc.to[0], "192.0.2.25", why, sizeof(why));
	(void)prefix_parse(&doc.to[1], "2001:db8:25::/48", why, sizeof(why));
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char *text = write_text(exportformat_find(rows[i].format), &doc);

		if (!ok(has_line(text, rows[i].line), "%s: %s", rows[i].format, rows[i].line))
			printf("# %s", text);
		free(text);
	}
	exportlist_clear(&list);
}

/* To some routers an empty list, or none, matches everybody. */
static void
test_empty(void)
{
	struct export_list none = {0};
	struct export_document doc = document(&none);
	char *junos = write_text(exportformat_find("junos"), &doc);
	char *frr = write_text(exportformat_find("frr"), &doc);
	char *nft = write_text(exportformat_find("nft"), &doc);

	ok(strstr(junos, "source-prefix-list") == NULL, "Junos: no list is named");
	ok(has_line(frr, "ip prefix-list relayguard4 seq 4294967295 deny any"),
	    "FRR: deny any");
	ok(strstr(nft, "add element") == NULL, "nft: no empty braces");
	free(junos);
	free(frr);
	free(nft);
}

/* A dollar sign in the URL is one; what is too long for a TXT record loses its times. */
static void
test_url(void)
{
	struct export_list list = {0};
	struct export_document doc = document(&list);
	char url[EXPORT_URL_MAX + 1], *text;

	fill(&list, 0);
	doc.url = "https://x.example.net/$a?%{ip}";
	text = write_text(exportformat_find("rbldnsd"), &doc);
	ok(has_line(text, "127.0.0.3 :3:probe https://x.example.net/$$a?$"), "a dollar sign");
	free(text);
	memset(url, 'a', sizeof(url));
	memcpy(url, "https://x.example.net/%{ip}", 27);
	url[EXPORT_URL_MAX] = '\0';
	doc.url = url;
	text = write_text(exportformat_find("rbldnsd"), &doc);
	ok(strstr(text, "\n5.6.7.8/32 :3:probe https://") != NULL, "the times are left out");
	for (char *line = text, *end; (end = strchr(line, '\n')) != NULL; line = end + 1)
		if (strncmp(line, "5.6.", 4) == 0)
			ok((size_t)(end - line) <
				sizeof("5.6.7.8/32 :3:") + 255 - IPADDR_STRLEN,
			    "and it fits");
	free(text);
	exportlist_clear(&list);
}

static void
test_checks(void)
{
	char why[WHY_MAX];

	ok(export_name_check("relay_guard9", why, sizeof(why)), "a name");
	ok(!export_name_check("", why, sizeof(why)), "no name");
	ok(!export_name_check("9", why, sizeof(why)), "a number");
	ok(!export_name_check("a b", why, sizeof(why)), "two names");
	ok(!export_name_check("a-b", why, sizeof(why)), "BIRD takes no hyphen");
	ok(!export_name_check("abcdefghijklmnopqrstuvwxyz", why, sizeof(why)), "too long");
	ok(export_contact_check("a.b@example.net", why, sizeof(why)), "a mailbox");
	ok(!export_contact_check("example.net", why, sizeof(why)), "no mailbox");
	ok(!export_contact_check("a b@example.net", why, sizeof(why)), "a blank");
	ok(!export_contact_check("a\n@example.net", why, sizeof(why)), "two lines");
	ok(!export_contact_check("a@b..c", why, sizeof(why)), "no domain");
}

int
main(void)
{
	test_formats();
	test_damage();
	test_routers();
	test_destination();
	test_empty();
	test_url();
	test_checks();
	return done();
}
