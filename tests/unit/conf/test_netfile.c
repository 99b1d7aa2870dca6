/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_netfile.c - files of networks: read, and what is said of their lines.
 */
#include "config.h"

#include "conf/netfile.h"

#include <sys/stat.h>

#include <stdlib.h>
#include <unistd.h>

#include "tap.h"

#define SAID_MAX 2048

/* Lines as Spamhaus writes them. */
#define JSON(network) "{\"cidr\":\"" network "\",\"sblid\":\"SBL1\",\"rir\":\"ripencc\"}\n"
#define LAST(records)                                                                        \
	"{\"type\":\"metadata\",\"timestamp\":1764000000,\"size\":5555,\"records\":" records \
	"}\n"

static char directory[] = "/tmp/test_netfile.XXXXXX";

#define LITERAL(text) text, sizeof(text) - 1

/* @ stands for the path in what is said. */
static const struct {
	const char *label, *content;
	size_t size;
	size_t count;
	const char *said;
} files[] = {
    {"empty", LITERAL(""), 0, ""},
    {"comments and blanks", LITERAL("# a\n\n  \t\n\t# b\xff\n#"), 0, ""},
    {"networks", LITERAL("192.0.2.0/24\n2001:db8::/32\n"), 2, ""},
    {"no last newline", LITERAL("192.0.2.0/24\n192.0.3.0/24"), 2, ""},
    {"CR LF", LITERAL("192.0.2.0/24\r\n\r\n192.0.3.0/24 why\r\n# c\r\n"), 2, ""},
    {"blanks around", LITERAL(" \t192.0.2.0/24 \t\n"), 1, ""},
    {"comments behind", LITERAL("192.0.2.0/24 # c\n192.0.3.0/24\t#d\n"), 2, ""},
    {"doubles", LITERAL("192.0.2.0/24 a\n192.0.2.0/24 b\n"), 2, ""},
    {"bad line", LITERAL("# a\n\n192.0.2.0/24\nnonsense\n"), 1,
	"@:4: nonsense is not a network\n"},
    {"comment that is none", LITERAL("192.0.2.0/24#c\n"), 0,
	"@:1: 192.0.2.0/24#c has no length from 0 to 32\n"},
    {"bits past the length", LITERAL("\r\n192.0.2.9/24 open relay\n"), 0,
	"@:2: 192.0.2.9/24 has bits set past its length; the network is 192.0.2.0/24\n"},
    {"NUL", LITERAL("192.0.2.0/24\n192.0.3.0/24 a\0b\n"), 1,
	"@:2: the line holds a NUL byte\n"},
    {"nothing but NUL", LITERAL("\0"), 0, "@:1: the line holds a NUL byte\n"},
    {"8-bit reason", LITERAL("192.0.2.0/24 \xc3\xbc\n"), 0,
	"@:1: 192.0.2.0/24 has a note with bytes that are not printable ASCII\n"},
    {"CR within", LITERAL("192.0.2.0/24 a\rb\n"), 0,
	"@:1: 192.0.2.0/24 has a note with bytes that are not printable ASCII\n"},
    {"byte order mark",
	LITERAL("\xef\xbb\xbf"
		"192.0.2.0/24\n"),
	0, "@:1: \"\\u00ef\\u00bb\\u00bf192.0.2.0/24\" is not a network\n"},
    {"all that is wrong", LITERAL("x\n192.0.2.0/24\n192.0.2.1 OK\ny\n"), 1,
	"@:1: x is not a network\n"
	"@:3: 192.0.2.1 is followed by OK, by which another program lets in what is denied "
	"here\n@:4: y is not a network\n"},
    {"too much that is wrong", LITERAL("a\nb\nc\nd\ne\nf\ng\nh\ni\nj\nk\nl\n"), 0,
	"@:1: a is not a network\n@:2: b is not a network\n@:3: c is not a network\n"
	"@:4: d is not a network\n@:5: e is not a network\n@:6: f is not a network\n"
	"@:7: g is not a network\n@:8: h is not a network\n@:9: i is not a network\n"
	"@:10: j is not a network\n"
	"@:11: so many lines were wrong that the rest is not read\n"},
    {"ten that are wrong", LITERAL("a\nb\nc\nd\ne\nf\ng\nh\ni\nj\n"), 0,
	"@:1: a is not a network\n@:2: b is not a network\n@:3: c is not a network\n"
	"@:4: d is not a network\n@:5: e is not a network\n@:6: f is not a network\n"
	"@:7: g is not a network\n@:8: h is not a network\n@:9: i is not a network\n"
	"@:10: j is not a network\n"},
    {"actions, said once", LITERAL("\n192.0.2.1 REJECT\n192.0.2.2 REJECT a\n"), 2,
	"@:2: warning: the action of another program is left out, here and wherever it means "
	"what the file is for\n"},
    {"wide ones",
	LITERAL("128.0.0.0/1\n10.0.0.0/8\n2000::/15\n2000::/16\n172.16.1.1\n"
		"fc00::1\n0.0.0.0/0\n::/0\n11.0.0.0/8\n"),
	9,
	"@:1: warning: deny: 128.0.0.0/1 is a very large part of all addresses (and 1 more)\n"
	"@:2: warning: deny: 10.0.0.0/8 holds private addresses, which only machines of your "
	"own can come from (and 2 more)\n"
	"@:7: warning: deny: 0.0.0.0/0 is everybody: all mail is refused\n"
	"@:8: warning: deny: ::/0 is everybody with an IPv6 address: all of them are refused\n"},
    {"around private ones", LITERAL("172.0.0.0/8\n"), 1,
	"@:1: warning: deny: 172.0.0.0/8 holds private addresses, which only machines of your "
	"own can come from\n"},
    {"JSON", LITERAL(JSON("192.0.2.0/24") JSON("2001:db8::/32") LAST("2")), 2, ""},
    {"JSON, cut", LITERAL(JSON("192.0.2.0/24") JSON("2001:db8::/32")), 2,
	"conf:7: warning: files: @ does not end as Spamhaus's lists do: is all of it there?\n"},
    {"JSON, two in one", LITERAL(LAST("0") JSON("192.0.2.0/24")), 1,
	"conf:7: warning: files: @ does not end as Spamhaus's lists do: is all of it there?\n"},
    {"JSON, less", LITERAL(JSON("192.0.2.0/24") LAST("1404")), 1,
	"conf:7: warning: files: @ holds 1 networks, and its last line says 1404\n"},
    {"JSON, wrong", LITERAL(JSON("192.0.2.1/24") "{\n"), 0,
	"@:1: 192.0.2.1/24 has bits set past its length; the network is 192.0.2.0/24\n"
	"@:2: is not an object of JSON on one line\n"},
    {"HTML", LITERAL("<!DOCTYPE html>\n"), 0, "@:1: <!DOCTYPE is not a network\n"},
};

static void
path_of(char out[128], const char *name)
{
	snprintf(out, 128, "%s/%s", directory, name);
}

static void
write_file(const char *path, const char *content, size_t size)
{
	FILE *file = fopen(path, "w");

	if (file == NULL || fwrite(content, 1, size, file) != size || fclose(file) != 0) {
		printf("Bail out! cannot write %s\n", path);
		exit(1);
	}
	chmod(path, 0644);
}

/* Put @ for each path. */
static void
shorten(char *text, const char *path)
{
	size_t len = strlen(path);

	for (char *at = text; len > 0 && (at = strstr(at, path)) != NULL; at++) {
		memmove(at + 1, at + len, strlen(at + len) + 1);
		*at = '@';
	}
}

/* Read a file of what is denied; what is said of it, with @ for the path. */
static struct prefix_set *
read_file(const char *path, char said[SAID_MAX], size_t *count)
{
	static const struct place named = {"conf", 7};
	struct prefix_set *set = prefix_new();
	FILE *stream = fmemopen(said, SAID_MAX, "w");
	struct report *report = report_new(stream);

	said[0] = '\0';
	*count = netfile_read(set, path, NETLINE_DENY, &named, report);
	report_free(report);
	fclose(stream);
	shorten(said, path);
	return set;
}

static void
test_files(void)
{
	char path[128], said[SAID_MAX];
	size_t count, i;

	path_of(path, "list");
	for (i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		struct prefix_set *set;

		write_file(path, files[i].content, files[i].size);
		set = read_file(path, said, &count);
		same_num((long long)count, (long long)files[i].count, files[i].label);
		same_str(said, files[i].said, files[i].label);
		prefix_free(set);
	}
	unlink(path);
}

static const struct {
	const char *label, *content, *reason;
} reasons[] = {
    {"none", "198.51.100.0/24\n", NULL},
    {"one word", "198.51.100.0/24 spam\n", "spam"},
    {"words", "198.51.100.0/24 \t open  relay, since 2024 \r\n", "open  relay, since 2024"},
    {"percent", "198.51.100.0/24 100%s\n", "100%s"},
    {"comment", "198.51.100.0/24 open relay # seen by bob\n", "open relay"},
    {"comment alone", "198.51.100.0/24 # seen by bob\n", NULL},
    {"tabs", "198.51.100.0/24\ta\tb\n", "a b"},
    {"an action", "198.51.100.0/24 REJECT 5.7.1 open relay\n", "open relay"},
    {"JSON", JSON("198.51.100.0/24") LAST("1"), "SBL1"},
    {"number sign in a word", "198.51.100.0/24 ticket#12 # old\n", "ticket#12"},
    {"the same twice", "198.51.99.0/24 a\n198.51.100.0/24 a\n", "a"},
    {"none after one", "198.51.99.0/24 a\n198.51.100.0/24\n", NULL},
    {"another after one", "198.51.99.0/24 a\n198.51.100.0/24 b\n", "b"},
};

static void
test_reasons(void)
{
	char path[128], said[SAID_MAX];
	struct prefix_match match;
	struct ipaddr addr;
	size_t count, i;
	bool good;

	path_of(path, "list");
	(void)ipaddr_parse(&addr, "198.51.100.7");
	for (i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++) {
		struct prefix_set *set;

		write_file(path, reasons[i].content, strlen(reasons[i].content));
		set = read_file(path, said, &count);
		good = prefix_seal(set) && prefix_find(set, &addr, &match);
		same_str(
		    good ? match.reason : "(not found)", reasons[i].reason, reasons[i].label);
		prefix_free(set);
	}
	unlink(path);
}

/* The longest line, and one byte more, with what marks its end. */
static const struct {
	const char *label, *end;
	int len;
	bool good;
} lines[] = {
    {"longest line", "\n", 1024, true},
    {"longest line, no newline", "", 1024, true},
    {"one too long", "\n", 1025, false},
    {"one too long, no newline", "", 1025, false},
    {"a megabyte", "\n", 1 << 20, false},
};

static void
test_lines(void)
{
	static const char network[] = "192.0.2.0/24 ";
	static char content[(1 << 20) + 2];
	char path[128], said[SAID_MAX];
	size_t count, i;

	path_of(path, "list");
	for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		memset(content, 'a', sizeof(content));
		memcpy(content, network, sizeof(network) - 1);
		snprintf(content + lines[i].len, 2, "%s", lines[i].end);
		write_file(path, content, strlen(content));
		prefix_free(read_file(path, said, &count));
		same_num((long long)count, lines[i].good, lines[i].label);
		same_str(
		    said, lines[i].good ? "" : "@:1: the line is too long\n", lines[i].label);
	}
	unlink(path);
}

static void
check_refused(const char *path, const char *want, const char *label)
{
	char said[SAID_MAX];
	size_t count;

	prefix_free(read_file(path, said, &count));
	same_num((long long)count, 0, label);
	same_str(said, want, label);
}

static void
test_kinds(void)
{
	char path[128];

	path_of(path, "kind");
	check_refused(path, "conf:7: files: @: No such file or directory\n", "no file");
	check_refused("", "conf:7: files: : No such file or directory\n", "no name");
	check_refused(directory, "conf:7: files: @: not a regular file\n", "directory");
	check_refused("/dev/null", "conf:7: files: @: not a regular file\n", "device");
	if (mkfifo(path, 0600) == 0)
		check_refused(
		    path, "conf:7: files: @: not a regular file\n", "FIFO, without waiting");
	unlink(path);
	write_file(path, "192.0.2.0/24\n", 13);
	chmod(path, 0646);
	check_refused(
	    path, "conf:7: files: @: everybody may write to it\n", "world-writable file");
	unlink(path);
}

int
main(void)
{
	/* A FIFO that is waited for ends the test instead of holding it up. */
	alarm(120);
	if (mkdtemp(directory) == NULL) {
		printf("Bail out! no directory for files\n");
		return 1;
	}
	test_files();
	test_reasons();
	test_lines();
	test_kinds();
	rmdir(directory);
	return done();
}
