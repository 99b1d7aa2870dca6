/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_dataset.c - what lines come to, by their format.  tests/e2e/test_data_formats.py has
 * rbldnsd say the same.
 */
#include "config.h"

#include "data/dataset.h"

#include "base/strbuf.h"
#include "tap.h"

#define NOW 1795953600 /* 2026-11-29 12:00:00 UTC */

static const struct {
	const char *label;
	enum data_format format;
	const char *subzone;
	const char *text;
	const char *want;  /* "(" and ")" about a set, with its common code */
	const char *fatal; /* why it cannot be read, or NULL */
} rows[] = {
    {"nothing", DATA_IP4SET, NULL, "", "(ip4set) 127.0.0.2", NULL},
    {"comments", DATA_IP4SET, NULL, "# a\n; b\n\n  \t\n", "(ip4set) 127.0.0.2", NULL},
    {"values", DATA_IP4SET, NULL,
	"10.0.0.1\n10.0.0.2 :3\n10.0.0.3 :127.0.1.4:text\n10.0.0.4 text\n10.0.0.5:6:\n"
	"10.0.0.7 # why\n10.0.0.8 :2 text\n10.0.0.9 :0:\n10.0.0.10 :127.3\n",
	"(ip4set 10.0.0.1-10.0.0.1=127.0.0.2 10.0.0.2-10.0.0.2=127.0.0.3"
	" 10.0.0.3-10.0.0.3=127.0.1.4 10.0.0.4-10.0.0.4=127.0.0.2 10.0.0.5-10.0.0.5=127.0.0.6"
	" 10.0.0.7-10.0.0.7=127.0.0.2 skip skip 10.0.0.10-10.0.0.10=127.0.0.3) 127.0.0.2",
	NULL},
    {"a value for those after it", DATA_IP4TRIE, NULL,
	":3\n10.0.0/24\n:4:text\n10.0.1/24\n:no\n10.0.2/24\n!10.0.2.1\n:\n10.0.3/24 :9:\n",
	"(ip4trie 10.0.0.0-10.0.0.255/24=127.0.0.3 10.0.1.0-10.0.1.255/24=127.0.0.4 skip"
	" 10.0.2.0-10.0.2.255/24=127.0.0.4 10.0.2.1-10.0.2.1/32! skip"
	" 10.0.3.0-10.0.3.255/24=127.0.0.9) 127.0.0.2",
	NULL},
    {"blanks and a CR", DATA_IP4SET, NULL, " \t10.0.0.1 :3 \r\n! 10.0.0.2\t\r\n",
	"(ip4set 10.0.0.1-10.0.0.1=127.0.0.3 10.0.0.2-10.0.0.2!) 127.0.0.2", NULL},
    {"ranges in a trie", DATA_IP4TRIE, NULL, "10.0.0.1-9\n", "(ip4trie skip) 127.0.0.2", NULL},
    {"all of IPv4", DATA_IP4SET, NULL, "0/0\n", "(ip4set skip) 127.0.0.2", NULL},
    {"a limit", DATA_IP4SET, NULL,
	"$MAXRANGE4 /24\n10.0/16\n10.0.0/24\n$MAXRANGE4 512\n$maxrange4 1\n10.0.1.0/31\n"
	"$MAXRANGE4 x\n$MAXRANGE4 0\n",
	"(ip4set skip 10.0.0.0-10.0.0.255/24=127.0.0.2 skip skip skip skip) 127.0.0.2", NULL},
    {"addresses alone", DATA_IP4TSET, NULL, "10.0.0.1 :9:x\n:3:x\n10.0.0\n!10.0.0.2\n:4\n",
	"(ip4tset 10.0.0.1-10.0.0.1 skip skip) 127.0.0.3", NULL},
    {"IPv6", DATA_IP6TRIE, NULL,
	":3\n2001:db8::/32\n!2001:db8:1:: x\n::1 :4:\n2001:db8::1:2:x\n2001:db8::/33:5:x\n10.0.0.1\n",
	"(ip6trie 2001:db8::/32=127.0.0.3 2001:db8:1::/128! ::1/128=127.0.0.4 skip"
	" 2001:db8::/33=127.0.0.5 skip) 127.0.0.2",
	NULL},
    {"halves", DATA_IP6TSET, NULL,
	"2001:db8:0:1\n!2001:db8:0:1::7\n2001:db8::\n!2001:db8:0:2\n:7\n",
	"(ip6tset 2001:db8:0:1::/64 2001:db8:0:1::7/128! skip skip) 127.0.0.7", NULL},
    {"names", DATA_DNSET, NULL,
	"Example.COM. :3\n.example.net\n*.example.org\n!a.example.org\n.\na..b\na\\.b\n\xe4.b\nx_y\n",
	"(dnset example.com=127.0.0.3 example.net+=127.0.0.2 *example.org=127.0.0.2"
	" a.example.org! skip skip skip skip x_y=127.0.0.2) 127.0.0.2",
	NULL},
    {"records", DATA_GENERIC, NULL,
	"@ A 127.0.0.8\na.b A 127.0.0.3\nc 60 IN a 4\nd TXT \"e\"\nf MX 10 g\nh AAAA ::1\ni A\n"
	"j A 0.0.0.0\n",
	"(generic a.b=127.0.0.3 c=0.0.0.4 skip skip skip) 127.0.0.2", NULL},
    {"plain networks", DATA_CIDR, NULL,
	"10.0.0.0/24 ; SBL1\n2001:db8::/32;SBL2\n10.0.0.1\n10.0.0.1/24\n$x\n",
	"(cidr 10.0.0.0-10.0.0.255/24=127.0.0.2 2001:db8::/32=127.0.0.2"
	" 10.0.0.1-10.0.0.1/32=127.0.0.2 skip skip) 127.0.0.2",
	NULL},
    {"zeros first", DATA_CIDR, NULL, "::/8 ; SBL1\n::ffff:10.0.0.1\n::1\n:2\n",
	"(cidr ::/8=127.0.0.2 10.0.0.1-10.0.0.1/32=127.0.0.2 ::1/128=127.0.0.2 skip)"
	" 127.0.0.2",
	NULL},
    {"DROP in JSON", DATA_CIDR, NULL,
	"{\"cidr\":\"10.0.0.0/24\",\"sblid\":\"SBL1\",\"rir\":\"x\"}\n{\"type\":\"metadata\",\"records\":1}\n"
	"{\n{\"cidr\":7}\n",
	"(cidr 10.0.0.0-10.0.0.255/24=127.0.0.2 skip skip) 127.0.0.2", NULL},
    {"what only DNS needs", DATA_IP4SET, NULL,
	"$SOA 0 a b 1 2 3 4 5\n#$NS 1w c\n:$TTL 35m\n;$1 text\n$= text\n$NAMESERVER 1 a\n",
	"(ip4set) 127.0.0.2", NULL},
    {"what nobody knows", DATA_IP4SET, NULL, "$TTL\n$FOO 1\n#$Id$\n$DATASET ip4set @\n$1\n",
	"(ip4set skip skip skip skip skip) 127.0.0.2", NULL},
    {"sections", DATA_COMBINED, NULL,
	"$SOA 0 a b 1 2 3 4 5\n$DATASET ip4tset:one a @\n:3\n10.0.0.1\n$DATASET ip4set b\n10.0.0.2\n"
	"$DATASET dnset @ # b\nx.y\n",
	"(ip4tset 10.0.0.1-10.0.0.1) 127.0.0.3 (dnset x.y=127.0.0.2) 127.0.0.2", NULL},
    {"those of a subzone", DATA_COMBINED, "b",
	"$DATASET ip4set a @\n10.0.0.1\n:7\n$DATASET ip4set B.\n10.0.0.2\n$DATASET ip4set @ ;b\nno\n",
	"(ip4set 10.0.0.2-10.0.0.2=127.0.0.2) 127.0.0.2", NULL},
    {"an entry of no section", DATA_COMBINED, NULL, "10.0.0.1\n", "",
	"an entry comes before the first $DATASET"},
    {"a section of a format nobody knows", DATA_COMBINED, NULL, "$DATASET acl @\n", "",
	"the format of the section is not known"},
    {"sections within a section", DATA_COMBINED, NULL, "$DATASET combined @\n", "",
	"the format of the section is not known"},
    {"a time to come", DATA_IP4SET, NULL, "$TIMESTAMP 2026:11:29:12:00:01\n", "(ip4set",
	"its $TIMESTAMP is in the future"},
    {"a time that is none", DATA_IP4SET, NULL, "$TIMESTAMP 1795953600 +1h\n",
	"(ip4set skip) 127.0.0.2", NULL},
};

static bool
on_begin(void *arg, enum data_format format)
{
	struct strbuf *out = arg;

	strbuf_addf(out, "%s(%s", out->len > 0 ? " " : "", data_format_name(format));
	return true;
}

static bool
on_entry(void *arg, const struct data_entry *entry)
{
	char address[IPADDR_STRLEN];
	struct strbuf *out = arg;

	strbuf_addc(out, ' ');
	if (entry->kind == DATA_NAME) {
		strbuf_addf(out, "%s%s%s", entry->itself ? "" : "*", entry->name,
		    entry->itself && entry->below ? "+" : "");
	} else if (entry->kind == DATA_NETWORK) {
		strbuf_addf(out, "%s/%u", ipaddr_format(&entry->network.addr, address),
		    entry->network.len);
	} else {
		strbuf_add_code(out, entry->range.first);
		strbuf_addc(out, '-');
		strbuf_add_code(out, entry->range.last);
	}
	/* A set of ranges has no use for the length of one of full length. */
	if (entry->kind == DATA_RANGE && !entry->common &&
	    (entry->range.len < 32 || strstr(out->data, "(ip4set") == NULL))
		strbuf_addf(out, "/%u", entry->range.len);
	if (entry->excluded)
		strbuf_addc(out, '!');
	else if (!entry->common) {
		strbuf_addc(out, '=');
		strbuf_add_code(out, entry->code);
	}
	return true;
}

static bool
on_end(void *arg, uint32_t common)
{
	strbuf_add(arg, ") ");
	strbuf_add_code(arg, common);
	return true;
}

static void
on_skip(void *arg, const char *why)
{
	(void)why;
	strbuf_add(arg, " skip");
}

/* Read the lines of a text; why they cannot be read, or NULL. */
static const char *
read_text(struct dataset_reader *reader, const char *text)
{
	char copy[1024], *left = copy, *line;
	const char *why;

	snprintf(copy, sizeof(copy), "%s", text);
	if (!dataset_reader_file(reader))
		return "file";
	while ((line = strsep(&left, "\n")) != NULL && left != NULL)
		if (!dataset_reader_line(reader, line, &why))
			return why;
	return dataset_reader_end(reader) ? NULL : "end";
}

static int64_t
expires(const char *text)
{
	struct strbuf out;
	char storage[256];
	const struct dataset_sink sink = {on_begin, on_entry, on_end, on_skip, &out};
	struct dataset_reader *reader = dataset_reader_new(DATA_IP4SET, NULL, &sink, NOW);
	int64_t until;

	strbuf_init(&out, storage, sizeof(storage));
	(void)read_text(reader, text);
	until = dataset_reader_expires(reader);
	dataset_reader_free(reader);
	return until;
}

int
main(void)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct strbuf out;
		char storage[2048];
		const struct dataset_sink sink = {on_begin, on_entry, on_end, on_skip, &out};
		struct dataset_reader *reader =
		    dataset_reader_new(rows[i].format, rows[i].subzone, &sink, NOW);

		strbuf_init(&out, storage, sizeof(storage));
		same_str(read_text(reader, rows[i].text), rows[i].fatal, rows[i].label);
		same_str(storage, rows[i].want, rows[i].label);
		dataset_reader_free(reader);
	}
	same_num(expires("$TIMESTAMP 2026:11:29:11 +2h\n$TIMESTAMP 0 2026:11:29:12:30\n"),
	    NOW + 1800, "the first end counts");
	same_num(expires("$TIMESTAMP 2026:11:29:11\n"), 0, "no end");
	for (unsigned format = 0; format < DATA_FORMATS; format++)
		same_num(data_format_parse(data_format_name((enum data_format)format)), format,
		    data_format_name((enum data_format)format));
	same_num(data_format_parse("acl"), DATA_FORMATS, "acl is no format of a list");
	return done();
}
