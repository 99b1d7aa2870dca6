/* SPDX-License-Identifier: BSD-2-Clause */
/* test_datalist.c - files become a list, or why they do not. */
#include "config.h"

#include "data/datalist.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/strbuf.h"
#include "tap.h"

static char folder[] = "/tmp/test_datalist.XXXXXX";
static char paths[2][64];
static struct strbuf said;
static char storage[2048];

static void
complain(void *arg, const char *file, unsigned line, const char *why, bool fatal)
{
	(void)arg;
	strbuf_addf(
	    &said, "%s:%u: %s%s\n", strrchr(file, '/') + 1, line, why, fatal ? "!" : "");
}

static void
write_file(const char *path, const char *text, size_t len)
{
	FILE *file = fopen(path, "w");

	if (file == NULL || fwrite(text, 1, len, file) != len || fclose(file) != 0)
		exit(1);
}

static bool
read_list(struct datalist *list, enum data_format format, unsigned nfiles,
    struct data_reading *reading)
{
	const struct data_source source = {
	    .format = format, .nfiles = nfiles, .file = {paths[0], paths[1]}};

	strbuf_init(&said, storage, sizeof(storage));
	return datalist_read(list, &source, 1795953600, complain, NULL, reading);
}

static void
expect(const struct datalist *list, const char *subject, const char *want)
{
	struct codeset got;
	struct ipaddr addr;
	struct strbuf out;
	char text[256];

	strbuf_init(&out, text, sizeof(text));
	if (ipaddr_parse(&addr, subject))
		datalist_find(list, &addr, &got);
	else
		datalist_find_name(list, subject, &got);
	for (unsigned i = 0; i < got.n; i++) {
		strbuf_add(&out, i > 0 ? " " : "");
		strbuf_add_code(&out, got.code[i]);
	}
	same_str(text, want, subject);
}

static void
test_sets(void)
{
	static const char ip4[] = "10.0.0.0/24 :3\n10.0.1.0/25 :4\n10.0.1.5 :5\n!10.0.1.6\n",
			  more[] = "10.0.0.7\n", trie[] = "10.0.0.0/24 :9\n",
			  six[] = "2001:db8::/32\n!2001:db8::7\n",
			  half[] = "2001:db8:0:1\n:7:x\n",
			  names[] = ".example.com :8\n9.9.0.10 A 6\n";
	struct datalist *list = datalist_new();
	struct data_reading reading;

	write_file(paths[0], ip4, strlen(ip4));
	write_file(paths[1], more, strlen(more));
	ok(read_list(list, DATA_IP4SET, 2, &reading), "two files as one set");
	same_num((long long)reading.lines, 5, "lines");
	write_file(paths[0], trie, strlen(trie));
	ok(read_list(list, DATA_IP4TRIE, 1, &reading), "another set");
	write_file(paths[0], six, strlen(six));
	ok(read_list(list, DATA_IP6TRIE, 1, &reading), "one of IPv6");
	write_file(paths[0], half, strlen(half));
	ok(read_list(list, DATA_IP6TSET, 1, &reading), "one of halves");
	write_file(paths[0], names, strlen(names));
	ok(read_list(list, DATA_DNSET, 1, &reading), "names");
	same_str(storage, "", "nothing is wrong");
	ok(read_list(list, DATA_GENERIC, 1, &reading), "records");
	same_str(storage, "a:1: is no name in DNS\n", "what is no record");
	same_num((long long)reading.skipped, 1, "is counted");
	same_num((long long)datalist_count(list), 12, "entries");
	expect(list, "10.0.0.1", "127.0.0.3 127.0.0.9");
	expect(list, "10.0.0.7", "127.0.0.2 127.0.0.9");
	expect(list, "10.0.1.5", "127.0.0.4 127.0.0.5");
	expect(list, "10.0.1.6", "");
	expect(list, "10.0.1.200", "");
	expect(list, "2001:db8::1", "127.0.0.2");
	expect(list, "2001:db8::7", "");
	expect(list, "2001:db8:0:1::7", "127.0.0.2 127.0.0.7");
	expect(list, "www.example.com", "127.0.0.8");
	expect(list, "example.net", "");
	expect(list, "10.0.9.9", "0.0.0.6 127.0.0.2");
	ok(datalist_bytes(list) > 0, "it takes some bytes");
	datalist_unref(&list);
}

static const struct {
	const char *label;
	enum data_format format;
	const char *text;
	size_t len; /* 0: to its NUL */
	bool good, cut;
	const char *said;
} files[] = {
    {"an empty one", DATA_IP4SET, "", 0, true, false, ""},
    {"a last line without an end", DATA_IP4SET, "10.0.0.1\n10.0.0", 0, true, true,
	"a:2: is the last line, and has no end\n"},
    {"a NUL", DATA_IP4SET, "10.0.0.1\n10\0.0.0.2\n10.0.0.3\n", 28, true, false,
	"a:2: holds a NUL byte\n"},
    {"a compressed one", DATA_IP4SET, "\x1f\x8b", 0, false, false, "a:0: is compressed!\n"},
    {"no section", DATA_COMBINED, "# x\n10.0.0.1\n", 0, false, false,
	"a:2: an entry comes before the first $DATASET!\n"},
    {"JSON with less than it says", DATA_CIDR,
	"{\"cidr\":\"10.0.0.0/24\"}\n{\"type\":\"metadata\",\"records\":2}\n", 0, true, true,
	""},
    {"JSON with what it says", DATA_CIDR,
	"{\"cidr\":\"10.0.0.0/24\"}\n{\"type\":\"metadata\",\"records\":1}\n", 0, true, false,
	""},
};

static void
test_long_line(void)
{
	static char text[20000];
	struct datalist *list = datalist_new();
	struct data_reading reading;

	memset(text, 'x', sizeof(text) - 1);
	memcpy(text, "10.0.0.1 ", 9);
	text[sizeof(text) - 12] = '\n';
	memcpy(text + sizeof(text) - 11, "10.0.0.2\n", 10);
	write_file(paths[0], text, strlen(text));
	ok(read_list(list, DATA_IP4SET, 1, &reading), "a long line");
	same_str(storage, "a:1: is too long\n", "is left out");
	expect(list, "10.0.0.1", "");
	expect(list, "10.0.0.2", "127.0.0.2");
	datalist_unref(&list);
}

static void
test_access(void)
{
	struct datalist *list = datalist_new();
	struct data_reading reading;

	write_file(paths[0], "10.0.0.1\n", 9);
	(void)chmod(paths[0], 0666);
	ok(!read_list(list, DATA_IP4SET, 1, &reading), "everybody may write to it");
	same_str(storage, "a:0: everybody may write to it!\n", "which is said");
	(void)unlink(paths[0]);
	ok(!read_list(list, DATA_IP4SET, 1, &reading), "it is not there");
	same_str(storage, "a:0: No such file or directory!\n", "which is said, too");
	datalist_unref(&list);
}

static void
test_size(void)
{
	struct data_source source = {
	    .format = DATA_IP4SET, .nfiles = 1, .file = {paths[0]}, .size_max = 18};
	struct datalist *list = datalist_new(), *other = datalist_new();
	struct data_reading reading;

	strbuf_init(&said, storage, sizeof(storage));
	write_file(paths[0], "10.0.0.1\n10.0.0.2\n", 18);
	ok(datalist_read(list, &source, 1795953600, complain, NULL, &reading),
	    "as large as it may be");
	source.size_max--;
	ok(!datalist_read(other, &source, 1795953600, complain, NULL, &reading), "larger");
	same_str(storage, "a:0: is larger than max_size allows!\n", "which is said");
	same_num((long)datalist_count(other), 0, "nothing of it is read");
	datalist_unref(&list);
	datalist_unref(&other);
}

int
main(void)
{
	if (mkdtemp(folder) == NULL)
		return 1;
	snprintf(paths[0], sizeof(paths[0]), "%s/a", folder);
	snprintf(paths[1], sizeof(paths[1]), "%s/b", folder);
	test_sets();
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		struct datalist *list = datalist_new();
		struct data_reading reading;

		write_file(paths[0], files[i].text,
		    files[i].len > 0 ? files[i].len : strlen(files[i].text));
		same_num(read_list(list, files[i].format, 1, &reading), files[i].good,
		    files[i].label);
		same_num(reading.cut != NULL, files[i].cut, files[i].label);
		same_str(storage, files[i].said, files[i].label);
		datalist_unref(&list);
	}
	test_long_line();
	test_access();
	test_size();
	(void)unlink(paths[0]);
	(void)unlink(paths[1]);
	(void)rmdir(folder);
	return done();
}
