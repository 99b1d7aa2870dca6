/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_spfworker.c - sender policies of all kinds, evaluated by a worker that
 * the spawner forks; what it must not be given, and workers that die.
 */
#include "config.h"

#include "spf/worker.h"

#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "fakes/family.h"
#include "fakes/spf_daemon.h"
#include "os/spawn.h"
#include "spf/record.h"
#include "tap.h"

#define CLIENT "198.51.100.7"
#define CLIENT6 "2001:db8::7"
#define MANY_CHECKS 1200 /* more than one worker does */

#define LABEL_63 "a23456789012345678901234567890123456789012345678901234567890123"
#define FOUR(x)                                                           \
	"v=spf1 include:" x "1.example include:" x "2.example include:" x \
	"3.example include:" x "4.example -all"
#define THREE_LABELS LABEL_63 "." LABEL_63 "." LABEL_63
#define LABELS LABEL_63 "." THREE_LABELS

static const struct zone_row zone[] = {
    {"pass.example", DNS_TXT, "v=spf1 ip4:198.51.100.0/24 -all"},
    {"fail.example", DNS_TXT, "v=spf1 ip4:203.0.113.1 -all"},
    {"soft.example", DNS_TXT, "v=spf1 ~all"},
    {"neutral.example", DNS_TXT, "v=spf1 ?all"},
    {"empty.example", DNS_TXT, "v=spf1"},
    {"other.example", DNS_TXT, "v=spf10 +all"},
    {"other.example", DNS_TXT, "site-verification=1234"},
    {"mixed.example", DNS_TXT, "some text"},
    {"mixed.example", DNS_TXT, "V=SPF1 +all"},
    {"two.example", DNS_TXT, "v=spf1 +all"},
    {"two.example", DNS_TXT, "v=spf1 -all"},
    {"syntax.example", DNS_TXT, "v=spf1 nonsense:x -all"},
    {"badip.example", DNS_TXT, "v=spf1 ip4:1.2.3 -all"},
    {"slow.example", DNS_TXT, NULL},
    {"eight.example", DNS_TXT, "v=spf1 a:b\xc3\xbc.example +all"},
    {"control.example", DNS_TXT, "v=spf1 \x01\x1b[2J +all"},
    {"six.example", DNS_TXT, "v=spf1 ip6:2001:db8::/32 -all"},
    {"modifier.example", DNS_TXT, "v=spf1 unknown=%{d} ip4:198.51.100.7 -all"},

    {"a.example", DNS_TXT, "v=spf1 a -all"},
    {"a.example", DNS_A, "203.0.113.1"},
    {"a.example", DNS_A, "198.51.100.7"},
    {"a.example", DNS_AAAA, "2001:db8::7"},
    {"acidr.example", DNS_TXT, "v=spf1 a:host.example/24//64 -all"},
    {"host.example", DNS_A, "198.51.100.200"},
    {"host.example", DNS_AAAA, "2001:db8::1"},
    {"anone.example", DNS_TXT, "v=spf1 a:nothing.example -all"},
    {"aslow.example", DNS_TXT, "v=spf1 a:slowhost.example -all"},
    {"slowhost.example", DNS_A, NULL},
    {"slowhost.example", DNS_AAAA, NULL},
    {"slowhost.example", DNS_MX, NULL},

    {"any.example", DNS_TXT, "v=spf1 a/0//0 -all"},
    {"any.example", DNS_A, "203.0.113.1"},
    {"any.example", DNS_AAAA, "2001:db8:ffff::1"},
    {"any4.example", DNS_TXT, "v=spf1 a:host4.example/0//0 -all"},
    {"host4.example", DNS_A, "203.0.113.1"},
    {"anyslow.example", DNS_TXT, "v=spf1 a:slowhost.example/0//0 -all"},
    {"anymx.example", DNS_TXT, "v=spf1 mx/0//0 -all"},
    {"anymx.example", DNS_MX, "10 nothing.example"},
    {"anymx.example", DNS_MX, "20 host4.example"},
    {"anymxslow.example", DNS_TXT, "v=spf1 mx:slowhost.example/0//0 -all"},
    {"anynomx.example", DNS_TXT, "v=spf1 mx:host4.example/0//0 -all"},
    {"anyinc.example", DNS_TXT, "v=spf1 include:any.example -all"},
    {"anyboth.example", DNS_TXT, "v=spf1 a:any.example -a:any.example/0//0 +all"},

    {"mx.example", DNS_TXT, "v=spf1 mx -all"},
    {"mx.example", DNS_MX, "10 mx1.example"},
    {"mx.example", DNS_MX, "20 a.example"},
    {"mx1.example", DNS_A, "203.0.113.9"},
    {"nullmx.example", DNS_TXT, "v=spf1 mx -all"},
    {"nullmx.example", DNS_MX, "0 "},
    {"mxslow.example", DNS_TXT, "v=spf1 mx:slowhost.example -all"},
    {"mxaslow.example", DNS_TXT, "v=spf1 mx -all"},
    {"mxaslow.example", DNS_MX, "10 slowhost.example"},

    {"ptr.example", DNS_TXT, "v=spf1 ptr -all"},
    {"7.100.51.198.in-addr.arpa", DNS_PTR, "lies.example"},
    {"7.100.51.198.in-addr.arpa", DNS_PTR, "mail.ptr.example"},
    {"mail.ptr.example", DNS_A, "198.51.100.7"},
    {"lies.example", DNS_A, "203.0.113.4"},
    {"lies.example", DNS_TXT, "v=spf1 ptr -all"},

    {"exists.example", DNS_TXT, "v=spf1 exists:%{ir}.%{v}._spf.%{d2} -all"},
    {"7.100.51.198.in-addr._spf.exists.example", DNS_A, "127.0.0.2"},
    {"lp.example", DNS_TXT, "v=spf1 exists:%{l}.%{o}.%{h}.x.example -all"},
    {"bob.lp.example.helo.example.x.example", DNS_A, "127.0.0.2"},
    {"whole.example", DNS_TXT, "v=spf1 exists:%{s}.x.example -all"},
    {"bob@whole.example.x.example", DNS_A, "127.0.0.2"},
    {"space.example", DNS_TXT, "v=spf1 exists:%{d}%_x.example -all"},
    {"space.example x.example", DNS_A, "127.0.0.2"},
    {"exslow.example", DNS_TXT, "v=spf1 exists:slowhost.example -all"},

    {"inc.example", DNS_TXT, "v=spf1 include:pass.example -all"},
    {"incfail.example", DNS_TXT, "v=spf1 include:fail.example ~all"},
    {"incnone.example", DNS_TXT, "v=spf1 include:nothing.example ~all"},
    {"incperm.example", DNS_TXT, "v=spf1 include:syntax.example ~all"},
    {"incslow.example", DNS_TXT, "v=spf1 include:slow.example ~all"},
    {"redir.example", DNS_TXT, "v=spf1 redirect=pass.example"},
    {"redirnone.example", DNS_TXT, "v=spf1 redirect=nothing.example"},
    {"redirslow.example", DNS_TXT, "v=spf1 redirect=slow.example"},
    {"loop.example", DNS_TXT, "v=spf1 include:loop2.example -all"},
    {"loop2.example", DNS_TXT, "v=spf1 include:loop.example -all"},
    {"self.example", DNS_TXT, "v=spf1 redirect=self.example"},

    {"exp.example", DNS_TXT, "v=spf1 -all exp=why.example"},
    {"void.example", DNS_TXT, "v=spf1 a:v1.example a:v2.example a:v3.example +all"},
    {"terms.example", DNS_TXT,
	"v=spf1 a:host.example a:host.example a:host.example "
	"a:host.example a:host.example a:host.example a:host.example a:host.example "
	"a:host.example a:host.example a:host.example +all"},
    {"longred.example", DNS_TXT, "v=spf1 redirect=" LABELS ".example"},
    {"longname.example", DNS_TXT, "v=spf1 exists:%{l}.long.example -all"},
    {THREE_LABELS ".long.example", DNS_A, "127.0.0.2"},
    {"longer.example", DNS_TXT, "v=spf1 exists:%{l}x.long.example -all"},
    {"tree.example", DNS_TXT, FOUR("branch")},
    {"branch1.example", DNS_TXT, FOUR("twig")},
    {"branch2.example", DNS_TXT, FOUR("twig")},
    {"branch3.example", DNS_TXT, FOUR("twig")},
    {"branch4.example", DNS_TXT, FOUR("twig")},
    {"twig1.example", DNS_TXT, "v=spf1 -all"},
    {"twig2.example", DNS_TXT, "v=spf1 -all"},
    {"twig3.example", DNS_TXT, "v=spf1 -all"},
    {"twig4.example", DNS_TXT, "v=spf1 -all"},
    {"labels.example", DNS_TXT, "v=spf1 a:x" LABEL_63 ".example a:a..b.example +all"},
    {"delim.example", DNS_TXT, "v=spf1 exists:%{l,}.example -all"},
    {"badmacro.example", DNS_TXT, "v=spf1 exists:%{z}.example -all"},
    {"percent.example", DNS_TXT, "v=spf1 exists:%.example -all"},
    {"mania.example", DNS_TXT, "v=spf1 exists:%{l2r-}.%{d2}.%{o9}.%{h3}.%{i4}.x -all"},
    {"b.a.mania.example.mania.example.a.b.198.51.100.7.x", DNS_A, "127.0.0.2"},
    {"p.example", DNS_TXT, "v=spf1 exists:%{p}.x.example -all"},
};

static const struct spf_daemon usual = {.rows = zone, .n = sizeof(zone) / sizeof(zone[0])};

static const struct {
	const char *label, *client, *helo, *sender;
	enum spf_result want;
} rows[] = {
    {"pass", CLIENT, "h.example", "bob@pass.example", SPF_PASS},
    {"fail", CLIENT, "h.example", "bob@fail.example", SPF_FAIL},
    {"softfail", CLIENT, "h.example", "bob@soft.example", SPF_SOFTFAIL},
    {"neutral", CLIENT, "h.example", "bob@neutral.example", SPF_NEUTRAL},
    {"a record that says nothing", CLIENT, "h.example", "bob@empty.example", SPF_NEUTRAL},
    {"no such domain", CLIENT, "h.example", "bob@nothing.example", SPF_NONE},
    {"texts of other kinds", CLIENT, "h.example", "bob@other.example", SPF_NONE},
    {"a text beside the record", CLIENT, "h.example", "bob@mixed.example", SPF_PASS},
    {"two records", CLIENT, "h.example", "bob@two.example", SPF_PERMERROR},
    {"an unknown mechanism", CLIENT, "h.example", "bob@syntax.example", SPF_PERMERROR},
    {"a bad address", CLIENT, "h.example", "bob@badip.example", SPF_PERMERROR},
    {"no answer", CLIENT, "h.example", "bob@slow.example", SPF_TEMPERROR},
    {"not ASCII", CLIENT, "h.example", "bob@eight.example", SPF_PERMERROR},
    {"control bytes", CLIENT, "h.example", "bob@control.example", SPF_PERMERROR},
    {"IPv6", CLIENT6, "h.example", "bob@six.example", SPF_PASS},
    {"IPv6 and ip4", CLIENT6, "h.example", "bob@pass.example", SPF_FAIL},
    {"an unknown modifier", CLIENT, "h.example", "bob@modifier.example", SPF_PASS},

    {"null sender", CLIENT, "pass.example", "", SPF_PASS},
    {"null sender, HELO that fails", CLIENT, "fail.example", "", SPF_FAIL},
    {"null sender, HELO an address", CLIENT, "[198.51.100.7]", "", SPF_NONE},
    {"null sender, no HELO", CLIENT, "", "", SPF_NONE},
    {"null sender, HELO of one label", CLIENT, "localhost", "", SPF_NONE},
    {"HELO with blanks and 8-bit", CLIENT, "a b \xff", "bob@lp.example", SPF_FAIL},
    {"no HELO", CLIENT, "", "bob@lp.example", SPF_FAIL},
    {"no local part", CLIENT, "h.example", "@pass.example", SPF_PASS},
    {"quoted local part", CLIENT, "h.example", "\"a@b c\"@pass.example", SPF_PASS},
    {"last dot", CLIENT, "h.example", "bob@pass.example.", SPF_PASS},
    {"upper case", CLIENT, "h.example", "bob@PASS.Example", SPF_PASS},
    {"no domain", CLIENT, "h.example", "bob@", SPF_NONE},
    {"domain of one label", CLIENT, "h.example", "bob@local", SPF_NONE},
    {"empty label", CLIENT, "h.example", "bob@pass..example", SPF_NONE},
    {"long label", CLIENT, "h.example", "bob@x" LABEL_63 ".example", SPF_NONE},
    {"8-bit domain", CLIENT, "h.example", "bob@p\xc3\xa4ss.example", SPF_NONE},

    {"a", CLIENT, "h.example", "bob@a.example", SPF_PASS},
    {"a, IPv6", CLIENT6, "h.example", "bob@a.example", SPF_PASS},
    {"a of others", "198.51.100.8", "h.example", "bob@a.example", SPF_FAIL},
    {"a with a length", CLIENT, "h.example", "bob@acidr.example", SPF_PASS},
    {"a with a length, IPv6", CLIENT6, "h.example", "bob@acidr.example", SPF_PASS},
    {"a of nothing", CLIENT, "h.example", "bob@anone.example", SPF_FAIL},
    {"a without answer", CLIENT, "h.example", "bob@aslow.example", SPF_TEMPERROR},
    {"a without answer, IPv6", CLIENT6, "h.example", "bob@aslow.example", SPF_TEMPERROR},
    {"any address", CLIENT, "h.example", "bob@any.example", SPF_PASS},
    {"any address, IPv6", CLIENT6, "h.example", "bob@any.example", SPF_PASS},
    {"any address of IPv4", CLIENT, "h.example", "bob@any4.example", SPF_PASS},
    {"which IPv6 has none of", CLIENT6, "h.example", "bob@any4.example", SPF_FAIL},
    {"any, without answer", CLIENT, "h.example", "bob@anyslow.example", SPF_TEMPERROR},
    {"any of an MX", CLIENT, "h.example", "bob@anymx.example", SPF_PASS},
    {"any of an MX, IPv6", CLIENT6, "h.example", "bob@anymx.example", SPF_FAIL},
    {"MX without answer", CLIENT, "h.example", "bob@anymxslow.example", SPF_TEMPERROR},
    {"any of no MX", CLIENT, "h.example", "bob@anynomx.example", SPF_FAIL},
    {"any, by an include", CLIENT, "h.example", "bob@anyinc.example", SPF_PASS},
    {"any is not some", CLIENT, "h.example", "bob@anyboth.example", SPF_FAIL},
    {"mx", CLIENT, "h.example", "bob@mx.example", SPF_PASS},
    {"mx of others", "198.51.100.8", "h.example", "bob@mx.example", SPF_FAIL},
    {"no mail wanted", CLIENT, "h.example", "bob@nullmx.example", SPF_FAIL},
    {"mx without answer", CLIENT, "h.example", "bob@mxslow.example", SPF_TEMPERROR},
    {"mx whose host has none", CLIENT, "h.example", "bob@mxaslow.example", SPF_TEMPERROR},
    {"ptr", CLIENT, "h.example", "bob@ptr.example", SPF_PASS},
    {"ptr that is not true", CLIENT, "h.example", "bob@lies.example", SPF_FAIL},
    {"ptr of nothing", "198.51.100.8", "h.example", "bob@ptr.example", SPF_FAIL},
    {"exists", CLIENT, "h.example", "bob@exists.example", SPF_PASS},
    {"exists for others", "198.51.100.8", "h.example", "bob@exists.example", SPF_FAIL},
    {"macros", CLIENT, "helo.example", "bob@lp.example", SPF_PASS},
    {"a name with an at sign", CLIENT, "h.example", "bob@whole.example", SPF_PASS},
    {"a name with a space", CLIENT, "h.example", "bob@space.example", SPF_PASS},
    {"exists without answer", CLIENT, "h.example", "bob@exslow.example", SPF_TEMPERROR},
    {"include", CLIENT, "h.example", "bob@inc.example", SPF_PASS},
    {"include that fails", CLIENT, "h.example", "bob@incfail.example", SPF_SOFTFAIL},
    {"include of nothing", CLIENT, "h.example", "bob@incnone.example", SPF_PERMERROR},
    {"include of an error", CLIENT, "h.example", "bob@incperm.example", SPF_PERMERROR},
    {"include without answer", CLIENT, "h.example", "bob@incslow.example", SPF_TEMPERROR},
    {"redirect", CLIENT, "h.example", "bob@redir.example", SPF_PASS},
    {"redirect to nothing", CLIENT, "h.example", "bob@redirnone.example", SPF_PERMERROR},
    {"redirect without answer", CLIENT, "h.example", "bob@redirslow.example", SPF_TEMPERROR},
    {"a circle", CLIENT, "h.example", "bob@loop.example", SPF_PERMERROR},
    {"a small circle", CLIENT, "h.example", "bob@self.example", SPF_PERMERROR},

    {"an explanation", CLIENT, "h.example", "bob@exp.example", SPF_FAIL},
    {"nothing found too often", CLIENT, "h.example", "bob@void.example", SPF_PERMERROR},
    {"too many terms", CLIENT, "h.example", "bob@terms.example", SPF_PERMERROR},
    {"a redirect to a long name", CLIENT, "h.example", "bob@longred.example", SPF_PERMERROR},
    {"a name that is too long", CLIENT, "h.example", LABELS "@longname.example", SPF_PASS},
    {"one without a right end", CLIENT, "h.example", LABELS "@longer.example", SPF_FAIL},
    {"names that cannot be", CLIENT, "h.example", "bob@labels.example", SPF_PASS},
    {"delimiters that libspf2 lacks", CLIENT, "h.example", "b,o@delim.example", SPF_PERMERROR},
    {"an unknown macro", CLIENT, "h.example", "bob@badmacro.example", SPF_PERMERROR},
    {"a percent alone", CLIENT, "h.example", "bob@percent.example", SPF_PERMERROR},
    {"numbers in macros", CLIENT, "a.b", "a-b@mania.example", SPF_PASS},
    {"a name of the client", CLIENT, "h.example", "bob@p.example", SPF_FAIL},
};

static int spawner;

/* Whether the worker still does what it should. */
static bool
works(int fd)
{
	struct spf_told told =
	    spf_daemon_check(&usual, fd, CLIENT, "h.example", "bob@pass.example");

	return !told.ended && told.result == SPF_PASS;
}

static void
test_rows(void)
{
	int fd = spawn_child(spawner);

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct spf_told told =
		    spf_daemon_check(&usual, fd, rows[i].client, rows[i].helo, rows[i].sender);

		if (!same_str(told.ended ? "end of file" : spf_result_name(told.result),
			spf_result_name(rows[i].want), rows[i].label))
			printf("# reason %s, over %d\n", told.reason, told.over);
		if (told.ended) {
			close(fd);
			fd = spawn_child(spawner);
		}
	}
	close(fd);
}

/* --- The guards, with what is refused though it does no harm --- */

/* A record and another one's text, handed over as they are. */
static struct spf_told
check_raw(int fd, const char *policy, const char *why)
{
	const struct zone_row raw[] = {
	    {"raw.example", DNS_TXT, policy},
	    {"why.example", DNS_TXT, why},
	};
	const struct spf_daemon d = {.rows = raw, .n = 2, .raw = true};

	return spf_daemon_check(&d, fd, CLIENT, "h.example", "bob@raw.example");
}

static void
test_long(void)
{
	static const char begin[] = "v=spf1 ip4:198.51.100.7";
	char text[SPFRECORD_MAX + 2];
	int fd = spawn_child(spawner);
	struct spf_told told;

	memset(text, ' ', sizeof(text));
	memcpy(text, begin, strlen(begin));
	text[SPFRECORD_MAX + 1] = '\0';
	told = check_raw(fd, text, "");
	same_str(spf_result_name(told.result), "permerror", "a record of one byte too many");
	text[SPFRECORD_MAX] = '\0';
	told = check_raw(fd, text, "");
	same_str(spf_result_name(told.result), "pass", "one of the longest");
	told = check_raw(fd, "v=spf1 a:b\xc3\xbc.example +all", "");
	same_str(spf_result_name(told.result), "permerror", "one that is not ASCII");
	ok(works(fd), "the worker goes on");
	close(fd);
}

static void
test_explanation(void)
{
	int fd = spawn_child(spawner);
	struct spf_told told = check_raw(fd, "v=spf1 -all exp=why.example", "it is so");

	ok(!told.ended && told.result == SPF_FAIL, "a record with an explanation");
	same_num(told.questions, 1, "which is not asked for");
	close(fd);
}

/* Four includes, with four in each of theirs: the daemon puts an end to it. */
static void
test_tree(void)
{
	int fd = spawn_child(spawner);
	struct spf_told told =
	    spf_daemon_check(&usual, fd, CLIENT, "h.example", "bob@tree.example");

	ok(!told.ended && told.over && told.result == SPF_PERMERROR,
	    "a tree of includes is cut");
	ok(told.questions < 20, "after few questions (%u)", told.questions);
	ok(works(fd), "the worker goes on");
	close(fd);
}

/* --- Death --- */

/* Whether the other end is gone, within ten seconds. */
static bool
ends(int fd)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};
	char byte;

	return poll(&p, 1, 10000) == 1 && recv(fd, &byte, 1, 0) <= 0;
}

static void
test_nonsense(void)
{
	static const struct {
		const char *label, *bytes;
		size_t len;
	} nonsense[] = {
	    {"a byte", "x", 1},
	    {"an answer to nothing", "\2\0\0\0\7\0\1\0\0\0\0\0", 12},
	    {"a check without an address", "\0\0\0\0\7\0\0\0\0\0\0\0\0\0\1r\0", 17},
	};

	for (size_t i = 0; i < sizeof(nonsense) / sizeof(nonsense[0]); i++) {
		int fd = spawn_child(spawner);

		send(fd, nonsense[i].bytes, nonsense[i].len, MSG_NOSIGNAL);
		ok(ends(fd), "a worker ends that hears %s", nonsense[i].label);
		close(fd);
	}
}

/* However it dies, in the middle of a check, it is seen, and another one does its work. */
static void
test_death(int number, const char *label)
{
	pid_t forker = family_child(family_child(getpid())), worker;
	int fd = spawn_child(spawner), other;
	struct pollfd p = {.fd = fd, .events = POLLIN};
	char byte, name[32];

	ok(spf_daemon_send(fd, CLIENT, "h.example", "bob@pass.example") &&
		poll(&p, 1, 10000) == 1 && recv(fd, &byte, 1, 0) == 1,
	    "%s: a worker asks", label);
	worker = family_child(forker);
	same_str(family_name(worker, name), "relayguard-spf", "it can be seen by its name");
	ok(worker > 1 && kill(worker, number) == 0 && ends(fd), "%s: it is seen to end", label);
	ok(!works(fd), "%s: and does nothing more", label);
	close(fd);
	other = spawn_child(spawner);
	ok(works(other), "%s: another takes its place", label);
	close(other);
	ok(family_await(forker, 0), "%s: and ends when nobody needs it", label);
}

/* It takes an end by itself, and nothing that it has taken is lost. */
static void
test_worn(void)
{
	int fd = spawn_child(spawner);
	unsigned done_well = 0;

	while (done_well < MANY_CHECKS &&
	    spf_daemon_send(fd, CLIENT, "h.example", "bob@nothing.example")) {
		struct spf_told told = spf_daemon_answer(&usual, fd, CLIENT);

		if (told.ended || told.result != SPF_NONE)
			break;
		done_well++;
	}
	ok(done_well < MANY_CHECKS && ends(fd), "after %u checks a worker takes no more",
	    done_well);
	same_num(done_well, 1000, "which are all done");
	close(fd);
}

int
main(void)
{
	log_to_stream(stderr);
	spawner = spawn_start("relayguard-spf", spfworker_serve);
	ok(spawn_become(spawner, NULL, NULL), "the spawner is there");
	test_rows();
	test_long();
	test_explanation();
	test_tree();
	test_nonsense();
	test_death(SIGKILL, "killed");
	test_death(SIGSEGV, "a segmentation fault");
	test_death(SIGABRT, "aborted");
	test_worn();
	close(spawner);
	return done();
}
