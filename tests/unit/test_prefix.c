/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_prefix.c - networks: read, refused with a reason, found with theirs.
 */
#include "config.h"

#include "prefix.h"

#include <sys/stat.h>

#include <stdlib.h>
#include <unistd.h>

#include "tap.h"

#define WHY_MAX 512

static char directory[] = "/tmp/test_prefix.XXXXXX";

static const struct {
	const char *label, *text, *reason;
	const char *why; /* NULL: good */
} networks[] = {
    {"empty", "", NULL, "\"\" is not a network"},
    {"slash", "/", NULL, "/ is not a network"},
    {"length alone", "/24", NULL, "/24 is not a network"},
    {"name", "bad.example/24", NULL, "bad.example/24 is not a network"},
    {"forged", "1.2.3.4\nevent=x", NULL, "\"1.2.3.4\\x0aevent=x\" is not a network"},
    {"three octets", "192.0.2/24", NULL, "192.0.2/24 is not a network"},
    {"range", "192.0.2.1-192.0.2.9", NULL, "192.0.2.1-192.0.2.9 is not a network"},
    {"longer than any", "2001:0db8:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000/1280",
	NULL,
	"2001:0db8:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000/1280 "
	"is not a network"},
    {"no length", "192.0.2.0/", NULL, "192.0.2.0/ has no length from 0 to 32"},
    {"length of 33", "192.0.2.0/33", NULL, "192.0.2.0/33 has no length from 0 to 32"},
    {"length of 129", "2001:db8::/129", NULL, "2001:db8::/129 has no length from 0 to 128"},
    {"length below 0", "192.0.2.0/-1", NULL, "192.0.2.0/-1 has no length from 0 to 32"},
    {"length past 64 bits", "192.0.2.0/18446744073709551640", NULL,
	"192.0.2.0/18446744073709551640 has no length from 0 to 32"},
    {"length with a 0 in front", "192.0.2.0/024", NULL,
	"192.0.2.0/024 has no length from 0 to 32"},
    {"length and a blank", "192.0.2.0/24 ", NULL,
	"\"192.0.2.0/24 \" has no length from 0 to 32"},
    {"two lengths", "192.0.2.0/24/24", NULL, "192.0.2.0/24/24 has no length from 0 to 32"},
    {"netmask", "192.0.2.0/255.255.255.0", NULL,
	"192.0.2.0/255.255.255.0 has no length from 0 to 32"},
    {"bits past the length", "192.0.2.1/24", NULL,
	"192.0.2.1/24 has bits set past its length; the network is 192.0.2.0/24"},
    {"bits past an odd length", "192.0.3.0/23", NULL,
	"192.0.3.0/23 has bits set past its length; the network is 192.0.2.0/23"},
    {"bits past 0", "0.0.0.1/0", NULL,
	"0.0.0.1/0 has bits set past its length; the network is 0.0.0.0/0"},
    {"bits past a v6 length", "2001:db8::1/64", NULL,
	"2001:db8::1/64 has bits set past its length; the network is 2001:db8::/64"},
    {"bits past a mapped length", "::ffff:192.0.2.1/120", NULL,
	"192.0.2.1/24 has bits set past its length; the network is 192.0.2.0/24"},
    {"mapped and more", "::ffff:0.0.0.0/95", NULL,
	"::ffff:0.0.0.0/95 is IPv4 in IPv6, whose length is 96 to 128"},
    {"behind NAT64", "64:ff9b::198.51.100.0/120", NULL,
	"64:ff9b::198.51.100.0/120 is IPv4 behind IPv6, whose clients are known by their "
	"IPv4 addresses"},
    {"all behind NAT64", "64:ff9b::/96", NULL,
	"64:ff9b::/96 is IPv4 behind IPv6, whose clients are known by their IPv4 addresses"},
    {"IPv4-compatible", "::198.51.100.7", NULL,
	"::198.51.100.7 is IPv4 behind IPv6, whose clients are known by their IPv4 "
	"addresses"},
    {"reason with a newline", "192.0.2.0/24", "a\nb",
	"192.0.2.0/24 has a reason with bytes that are not printable ASCII"},
    {"reason with 8-bit bytes", "192.0.2.0/24", "\xc3\xbc",
	"192.0.2.0/24 has a reason with bytes that are not printable ASCII"},
    {"address", "192.0.2.1", NULL, NULL},
    {"all of v4", "0.0.0.0/0", "all", NULL},
    {"all of v6", "::/0", "all", NULL},
    {"loopback of v6", "::1", NULL, NULL},
    {"more than NAT64", "64:ff9b::/64", NULL, NULL},
    {"mapped", "::ffff:198.51.100.0/120", NULL, NULL},
    {"all of mapped", "::ffff:0.0.0.0/96", NULL, NULL},
    {"longest", "2001:0db8:ffff:ffff:ffff:ffff:255.255.255.255/128", NULL, NULL},
};

static void
test_networks(void)
{
	char why[WHY_MAX];
	size_t i;

	for (i = 0; i < sizeof(networks) / sizeof(networks[0]); i++) {
		struct prefix_set *set = prefix_new();
		bool good = networks[i].why == NULL;

		same_num(
		    prefix_add(set, networks[i].text, networks[i].reason, why, sizeof(why)),
		    good, networks[i].label);
		same_str(why, good ? "" : networks[i].why, networks[i].label);
		ok(prefix_seal(set) && prefix_count(set) == good, "%s", networks[i].label);
		prefix_free(set);
	}
}

/* One set, and what is found in it. */
static const struct {
	const char *network, *reason;
} members[] = {
    {"198.51.100.0/24", "wide"},
    {"198.51.100.0/25", NULL},
    {"198.51.100.0/32", "first"},
    {"198.51.100.7", "one"},
    {"198.51.100.0/24", "too late"},
    {"::ffff:203.0.113.0/120", "mapped"},
    {"203.0.113.0/24", "too late"},
    {"2001:db8::/32", "documentation"},
    {"2001:db8:0:1::/64", "subnet"},
    {"2001:db8::/128", "any"},
    {"255.255.255.255", "last"},
    {"::/90", "never v4"},
};

static const struct {
	const char *label, *addr;
	int len; /* -1: not found */
	const char *reason;
} finds[] = {
    {"no address", "", -1, NULL},
    {"before the first", "198.51.99.255", -1, NULL},
    {"least of v4, which ::/90 does not hold", "0.0.0.0", -1, NULL},
    {"first of three networks", "198.51.100.0", 32, "first"},
    {"second of three networks", "198.51.100.1", 25, NULL},
    {"before the one", "198.51.100.6", 25, NULL},
    {"the one", "198.51.100.7", 32, "one"},
    {"after the one", "198.51.100.8", 25, NULL},
    {"last of the half", "198.51.100.127", 25, NULL},
    {"after the half", "198.51.100.128", 24, "wide"},
    {"last of the whole", "198.51.100.255", 24, "wide"},
    {"after the whole", "198.51.101.0", -1, NULL},
    {"mapped network", "203.0.113.9", 24, "mapped"},
    {"mapped address", "::ffff:203.0.113.9", 24, "mapped"},
    {"last of v4", "255.255.255.255", 32, "last"},
    {"last but one of v4", "255.255.255.254", -1, NULL},
    {"v6, widest", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", 32, "documentation"},
    {"v6, after the widest", "2001:db9::", -1, NULL},
    {"v6, first", "2001:db8::", 128, "any"},
    {"v6, second", "2001:db8::1", 32, "documentation"},
    {"v6, subnet", "2001:db8:0:1:8000::", 64, "subnet"},
    {"v6, after the subnet", "2001:db8:0:2::", 32, "documentation"},
    {"v6, least", "::", 90, "never v4"},
    {"v6, last", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", -1, NULL},
};

static void
test_finds(void)
{
	struct prefix_set *set = prefix_new();
	struct prefix_match match;
	struct ipaddr addr;
	char why[WHY_MAX];
	size_t i;

	for (i = 0; i < sizeof(members) / sizeof(members[0]); i++)
		ok(prefix_add(set, members[i].network, members[i].reason, why, sizeof(why)),
		    "%s", members[i].network);
	ok(prefix_seal(set), "sealed");
	same_num((long long)prefix_count(set), 10, "equal networks are dropped");
	ok(prefix_bytes(set) > 0, "bytes are counted");
	for (i = 0; i < sizeof(finds) / sizeof(finds[0]); i++) {
		match = (struct prefix_match){.len = 999};
		(void)ipaddr_parse(&addr, finds[i].addr);
		same_num(prefix_find(set, &addr, &match) ? (int)match.len : -1, finds[i].len,
		    finds[i].label);
		same_str(match.reason, finds[i].reason, finds[i].label);
	}
	prefix_free(set);
}

static void
test_empty(void)
{
	struct prefix_set *set = prefix_new();
	struct prefix_match match;
	struct ipaddr addr;

	ok(prefix_seal(set), "an empty set is sealed");
	(void)ipaddr_parse(&addr, "192.0.2.1");
	ok(!prefix_find(set, &addr, &match), "it holds no v4");
	(void)ipaddr_parse(&addr, "::1");
	ok(!prefix_find(set, &addr, &match), "it holds no v6");
	same_num((long long)prefix_count(set), 0, "it counts nothing");
	prefix_free(set);
	prefix_free(NULL);
}

#define LITERAL(text) text, sizeof(text) - 1

/* @ stands for the path in why. */
static const struct {
	const char *label, *content;
	size_t size;
	size_t count;
	const char *why; /* NULL: good */
} files[] = {
    {"empty", LITERAL(""), 0, NULL},
    {"comments and blanks", LITERAL("# a\n\n  \t\n\t# b\xff\n#"), 0, NULL},
    {"networks", LITERAL("192.0.2.0/24\n2001:db8::/32\n"), 2, NULL},
    {"no last newline", LITERAL("192.0.2.0/24\n192.0.3.0/24"), 2, NULL},
    {"CR LF", LITERAL("192.0.2.0/24\r\n\r\n192.0.3.0/24 why\r\n# c\r\n"), 2, NULL},
    {"blanks around", LITERAL(" \t192.0.2.0/24 \t\n"), 1, NULL},
    {"comments behind", LITERAL("192.0.2.0/24 # c\n192.0.3.0/24\t#d\n"), 2, NULL},
    {"doubles", LITERAL("192.0.2.0/24 a\n192.0.2.0/24 b\n"), 1, NULL},
    {"bad line", LITERAL("# a\n\n192.0.2.0/24\nnonsense\n"), 0,
	"@:4: nonsense is not a network"},
    {"comment that is none", LITERAL("192.0.2.0/24#c\n"), 0,
	"@:1: 192.0.2.0/24#c has no length from 0 to 32"},
    {"bits past the length", LITERAL("\r\n192.0.2.9/24 open relay\n"), 0,
	"@:2: 192.0.2.9/24 has bits set past its length; the network is 192.0.2.0/24"},
    {"NUL", LITERAL("192.0.2.0/24\n192.0.3.0/24 a\0b\n"), 0, "@:2: the line holds a NUL byte"},
    {"nothing but NUL", LITERAL("\0"), 0, "@:1: the line holds a NUL byte"},
    {"8-bit reason", LITERAL("192.0.2.0/24 \xc3\xbc\n"), 0,
	"@:1: 192.0.2.0/24 has a reason with bytes that are not printable ASCII"},
    {"tab in the reason", LITERAL("192.0.2.0/24 a\tb\n"), 0,
	"@:1: 192.0.2.0/24 has a reason with bytes that are not printable ASCII"},
    {"CR within", LITERAL("192.0.2.0/24 a\rb\n"), 0,
	"@:1: 192.0.2.0/24 has a reason with bytes that are not printable ASCII"},
    {"byte order mark",
	LITERAL("\xef\xbb\xbf"
		"192.0.2.0/24\n"),
	0, "@:1: \"\\xef\\xbb\\xbf192.0.2.0/24\" is not a network"},
    {"HTML", LITERAL("<!DOCTYPE html>\n"), 0, "@:1: <!DOCTYPE is not a network"},
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

/* What adding the file says of it, with @ for the path. */
static struct prefix_set *
add_file(const char *path, char why[WHY_MAX], bool *good)
{
	struct prefix_set *set = prefix_new();
	size_t len = strlen(path);

	*good = prefix_add_file(set, path, why, WHY_MAX);
	if (strncmp(why, path, len) == 0) {
		memmove(why + 1, why + len, strlen(why + len) + 1);
		why[0] = '@';
	}
	return set;
}

static void
test_files(void)
{
	char path[128], why[WHY_MAX];
	bool good;
	size_t i;

	path_of(path, "list");
	for (i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		struct prefix_set *set;

		write_file(path, files[i].content, files[i].size);
		set = add_file(path, why, &good);
		same_num(good, files[i].why == NULL, files[i].label);
		same_str(why, files[i].why != NULL ? files[i].why : "", files[i].label);
		if (good && prefix_seal(set))
			same_num((long long)prefix_count(set), (long long)files[i].count,
			    files[i].label);
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
    {"number sign in a word", "198.51.100.0/24 ticket#12 # old\n", "ticket#12"},
    {"the same twice", "198.51.99.0/24 a\n198.51.100.0/24 a\n", "a"},
    {"none after one", "198.51.99.0/24 a\n198.51.100.0/24\n", NULL},
    {"another after one", "198.51.99.0/24 a\n198.51.100.0/24 b\n", "b"},
};

static void
test_reasons(void)
{
	char path[128], why[WHY_MAX];
	struct prefix_match match;
	struct ipaddr addr;
	bool good;
	size_t i;

	path_of(path, "list");
	(void)ipaddr_parse(&addr, "198.51.100.7");
	for (i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++) {
		struct prefix_set *set;

		write_file(path, reasons[i].content, strlen(reasons[i].content));
		set = add_file(path, why, &good);
		good = good && prefix_seal(set) && prefix_find(set, &addr, &match);
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
	char path[128], why[WHY_MAX];
	bool good;
	size_t i;

	path_of(path, "list");
	for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		memset(content, 'a', sizeof(content));
		memcpy(content, network, sizeof(network) - 1);
		snprintf(content + lines[i].len, 2, "%s", lines[i].end);
		write_file(path, content, strlen(content));
		prefix_free(add_file(path, why, &good));
		same_num(good, lines[i].good, lines[i].label);
		same_str(why, lines[i].good ? "" : "@:1: the line is too long", lines[i].label);
	}
	unlink(path);
}

static void
check_refused(const char *path, const char *want, const char *label)
{
	char why[WHY_MAX];
	bool good;

	prefix_free(add_file(path, why, &good));
	ok(!good, "%s", label);
	same_str(why, want, label);
}

static void
test_kinds(void)
{
	char path[128];

	path_of(path, "kind");
	check_refused(path, "@: No such file or directory", "no file");
	check_refused("", "@: No such file or directory", "no name");
	check_refused(directory, "@: not a regular file", "directory");
	check_refused("/dev/null", "@: not a regular file", "device");
	if (mkfifo(path, 0600) == 0)
		check_refused(path, "@: not a regular file", "FIFO, without waiting");
	unlink(path);
	write_file(path, "192.0.2.0/24\n", 13);
	chmod(path, 0646);
	check_refused(path, "@: everybody may write to it", "world-writable file");
	unlink(path);
}

/* A small why is cut, and nothing else is. */
static void
test_small_why(void)
{
	struct prefix_set *set = prefix_new();
	char why[8];

	ok(!prefix_add(set, "nonsense", NULL, why, sizeof(why)),
	    "a sentence that does not fit");
	same_str(why, "nonsens", "is cut");
	ok(!prefix_add(set, "nonsense", NULL, why, 1), "a sentence without room");
	same_str(why, "", "is empty");
	prefix_free(set);
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
	test_networks();
	test_finds();
	test_empty();
	test_files();
	test_reasons();
	test_lines();
	test_kinds();
	test_small_why();
	rmdir(directory);
	return done();
}
