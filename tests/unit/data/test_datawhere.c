/* SPDX-License-Identifier: BSD-2-Clause */
/* test_datawhere.c - the lines of a file by which somebody is listed. */
#include "config.h"

#include "data/datawhere.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/strbuf.h"
#include "tap.h"

static char path[] = "/tmp/test_datawhere.XXXXXX";

static const char ip4[] = "10/8\n10.0.0.0/24\n10.0.0.0/25 :3\n10.0.0.7\n!10.0.0.8\n"
			  "10.0.2.0-10.0.3.255 :4\nno\n10.0.3.0/24\n";
static const char ip6[] = "2001:db8::/32\n2001:db8:1::/48\n!2001:db8:1::7\n";
static const char names[] =
    "example.com\n.example.com\n*.org\n.a.example.com\nexample.com :3\n";
static const char combined[] =
    "$DATASET ip4trie @\n10.0.0.0/24\n10.0.0.0/25\n$DATASET ip4tset @ a\n10.0.0.7\n"
    "$DATASET ip4set a\n10.0.0.7\n$DATASET generic @\n7.0.0.10 A 127.0.0.9\n";

static const struct {
	enum data_format format;
	const char *text, *subject, *want;
} rows[] = {
    {DATA_IP4SET, ip4, "10.9.9.9", "1"},
    {DATA_IP4SET, ip4, "10.0.0.200", "2"},
    {DATA_IP4SET, ip4, "10.0.0.6", "3"},
    {DATA_IP4SET, ip4, "10.0.0.7", "3 4"},
    {DATA_IP4SET, ip4, "10.0.0.8", "3 5!"},
    {DATA_IP4SET, ip4, "10.0.3.8", "6 8"},
    {DATA_IP4SET, ip4, "11.0.0.1", ""},
    {DATA_IP4TRIE, ip4, "10.0.0.7", "4"},
    {DATA_IP4TRIE, ip4, "10.0.0.6", "3"},
    {DATA_IP6TRIE, ip6, "2001:db8:1::8", "2"},
    {DATA_IP6TRIE, ip6, "2001:db8:1::7", "3!"},
    {DATA_IP6TRIE, ip6, "10.0.0.1", ""},
    {DATA_DNSET, names, "n example.com", "1 2 5"},
    {DATA_DNSET, names, "n b.example.com", "2"},
    {DATA_DNSET, names, "n b.a.example.com", "4"},
    {DATA_DNSET, names, "n xexample.com", ""},
    {DATA_DNSET, names, "n org", ""},
    {DATA_DNSET, names, "n x.org", "3"},
    {DATA_COMBINED, combined, "10.0.0.7", "3 5 9"},
    {DATA_COMBINED, combined, "10.0.0.200", "2"},
};

static void
test_row(size_t i)
{
	const struct data_source source = {
	    .format = rows[i].format, .nfiles = 1, .file = {path}};
	const char *subject = rows[i].subject;
	FILE *file = fopen(path, "w");
	struct datawhere got;
	struct ipaddr addr;
	struct strbuf out;
	char text[256];

	if (file == NULL || fputs(rows[i].text, file) < 0 || fclose(file) != 0)
		exit(1);
	strbuf_init(&out, text, sizeof(text));
	ok(datawhere_find(&source, ipaddr_parse(&addr, subject) ? &addr : NULL, subject + 2,
	       1795953600, INT64_MAX, &got),
	    "%s is looked for", subject);
	for (unsigned k = 0; k < got.n; k++)
		strbuf_addf(&out, "%s%u%s", k > 0 ? " " : "", got.line[k].line,
		    got.line[k].excluded ? "!" : "");
	same_str(text, rows[i].want, subject);
}

/* A file of so many entries takes longer than there is time for. */
static void
test_deadline(void)
{
	const struct data_source source = {.format = DATA_IP4SET, .nfiles = 1, .file = {path}};
	const struct ipaddr addr = {.bits = 32, .byte = {10, 0, 0, 1}};
	FILE *file = fopen(path, "w");
	struct datawhere got;

	for (unsigned i = 0; file != NULL && i < 10000; i++)
		fprintf(file, "10.1.%u.%u\n", i / 256, i % 256);
	if (file == NULL || fclose(file) != 0)
		exit(1);
	ok(!datawhere_find(&source, &addr, NULL, 1795953600, 0, &got),
	    "what takes too long is given up");
	ok(datawhere_find(&source, &addr, NULL, 1795953600, INT64_MAX, &got) && got.n == 0,
	    "and what does not is not");
}

int
main(void)
{
	int fd = mkstemp(path);

	if (fd < 0 || close(fd) != 0)
		return 1;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		test_row(i);
	test_deadline();
	(void)unlink(path);
	return done();
}
