/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_netfile_formats.c - files as others give them out, ten of each kind: they load
 * with as many networks as they hold, or end at the first line that they cannot mean.
 */
#include "config.h"

#include "conf/netfile.h"

#include <sys/stat.h>

#include <stdlib.h>
#include <unistd.h>

#include "tap.h"

#define ALLOW NETLINE_ALLOW
#define DENY NETLINE_DENY
#define SAID_MAX 4096
#define LEFT_OUT "warning: the action of another program is left out"
#define META(n)                                                                      \
	"{\"type\":\"metadata\",\"timestamp\":1764000000,\"size\":99,\"records\":" n \
	",\"copyright\":\"(c) Somebody\",\"terms\":\"https://drop.example/terms\"}\n"

/* said: how the first line of what is said begins, after the path; "" for silence. */
static const struct {
	const char *label;
	enum netline_sense sense;
	const char *content;
	size_t count;
	const char *said;
} files[] = {
    {"plain: addresses", DENY, "192.0.2.1\n192.0.2.7\n198.51.100.9\n", 3, ""},
    {"plain: a header of #", DENY, "# name: attackers\n# updated: today\n#\n192.0.2.1\n", 1,
	""},
    {"plain: CR LF", DENY, "192.0.2.1\r\n192.0.2.2\r\n", 2, ""},
    {"plain: both families", DENY, "192.0.2.1\n2001:db8::25\n", 2, ""},
    {"plain: no last newline", DENY, "192.0.2.1\n192.0.2.2", 2, ""},
    {"plain: sorted, with doubles", DENY, "192.0.2.1\n192.0.2.1\n192.0.2.2\n", 3, ""},
    {"plain: counts behind TABs", DENY, "192.0.2.1\t13\n192.0.2.2\t4\n", 0,
	":1: 192.0.2.1 is followed by 13"},
    {"plain: a table with its head", DENY, "first_seen,ip\n2026-11-28,192.0.2.1\n", 0,
	":1: first_seen,ip is not a network"},
    {"plain: several on a line", DENY, "192.0.2.1 192.0.2.2 192.0.2.3\n", 0,
	":1: 192.0.2.1 is followed by 192.0.2.2"},
    {"plain: zeros in front", DENY, "192.000.002.001\n", 0,
	":1: 192.000.002.001 is not a network"},

    {"CIDR: networks", DENY, "192.0.2.0/24\n198.51.100.0/25\n", 2, ""},
    {"CIDR: a netset with its head", DENY,
	"#\n# level one\n# Maintainer: somebody\n# 3 subnets\n#\n192.0.2.0/24\n198.51.100.4\n"
	"203.0.113.0/28\n",
	3, ""},
    {"CIDR: bogons", DENY, "# last updated 1764000000\n192.0.2.0/24\n198.18.0.0/15\n", 2, ""},
    {"CIDR: bogons of our own", DENY, "10.0.0.0/8\n192.0.2.0/24\n", 2,
	":1: warning: deny: 10.0.0.0/8 holds private addresses"},
    {"CIDR: IPv6", DENY, "2001:db8::/32\n2001:db8:25::/48\n", 2, ""},
    {"CIDR: a country", DENY, "192.0.2.0/26\n192.0.2.64/26\n192.0.2.128/25\n", 3, ""},
    {"CIDR: notes", DENY, "192.0.2.0/24 Example Hosting\n198.51.100.0/24  AS64496\n", 2, ""},
    {"CIDR: bits set", DENY, "192.0.2.0/24\n198.51.100.7/24\n", 1,
	":2: 198.51.100.7/24 has bits set past its length"},
    {"CIDR: netmasks", DENY, "192.0.2.0/255.255.255.0\n", 0,
	":1: 192.0.2.0/255.255.255.0 has no length"},
    {"CIDR: ranges", DENY, "192.0.2.0 - 192.0.2.255\n", 0, ":1: 192.0.2.0 is followed by -"},

    {"DROP: text", DENY,
	"; DROP List 2026/11/28 - (c) Somebody\n; Expires: Sun, 29 Nov 2026 10:00:00 GMT\n"
	"192.0.2.0/24 ; SBL100001\n198.51.100.0/24 ; SBL100002\n",
	2, ""},
    {"DROP: text, IPv6", DENY, "; DROPv6\n2001:db8::/32 ; SBL100003\n", 1, ""},
    {"DROP: text, CR LF", DENY, "; DROP\r\n192.0.2.0/24 ; SBL100001\r\n", 1, ""},
    {"DROP: text, no last newline", DENY, "; DROP\n192.0.2.0/24 ; SBL100001", 1, ""},
    {"DROP: text, cut in a network", DENY, "; DROP\n192.0.2.0/24 ; SBL1\n198.51.1", 1,
	":3: 198.51.1 is not a network"},
    {"DROP: JSON", DENY,
	"{\"cidr\":\"192.0.2.0/24\",\"sblid\":\"SBL100001\",\"rir\":\"apnic\"}\n"
	"{\"cidr\":\"198.51.100.0/24\",\"sblid\":\"SBL100002\",\"rir\":\"arin\"}\n" META("2"),
	2, ""},
    {"DROP: JSON, IPv6", DENY,
	"{\"cidr\":\"2001:db8::/32\",\"sblid\":\"SBL100003\",\"rir\":\"ripencc\"}\n" META("1"),
	1, ""},
    {"DROP: JSON, cut in a line", DENY,
	"{\"cidr\":\"192.0.2.0/24\",\"sblid\":\"SBL100001\",\"rir\":\"apnic\"}\n{\"cidr\":\"198",
	1, ":2: is not an object of JSON"},
    {"DROP: JSON, cut after a line", DENY, "{\"cidr\":\"192.0.2.0/24\",\"sblid\":\"SBL1\"}\n",
	1, "conf:7: warning: files:"},
    {"DROP: JSON of autonomous systems", DENY,
	"{\"asn\":64496,\"rir\":\"arin\",\"domain\":\"bad.example\",\"cc\":\"XX\",\"asname\":\"B\"}\n" META(
	    "1"),
	0, ":1: there is no network, cidr, in it"},

    {"access: REJECT", DENY, "192.0.2.1\tREJECT\n198.51.100.7\tREJECT spam source\n", 2,
	":1: " LEFT_OUT},
    {"access: a reply", DENY, "# by hand\n192.0.2.1 550 5.7.1 Go away\n", 1, ":2: " LEFT_OUT},
    {"access: OK, to allow", ALLOW, "192.0.2.1 OK\n198.51.100.7 OK\n", 2, ":1: " LEFT_OUT},
    {"access: OK, to deny", DENY, "192.0.2.1 REJECT\n192.0.2.2 OK\n", 1,
	":2: 192.0.2.2 is followed by OK"},
    {"access: REJECT, to allow", ALLOW, "192.0.2.1 OK\n192.0.2.2 REJECT\n", 1,
	":2: 192.0.2.2 is followed by REJECT"},
    {"access: octets", DENY, "192.0.2 REJECT\n", 0, ":1: 192.0.2 is not a network"},
    {"access: names", DENY, "bad.example REJECT\n", 0, ":1: bad.example is not a network"},
    {"access: of Sendmail", DENY, "Connect:192.0.2.1 REJECT\n", 0,
	":1: Connect:192.0.2.1 is not a network"},
    {"access: of Sendmail, ERROR", DENY, "192.0.2.1 ERROR:5.7.1:550 no\n", 0,
	":1: 192.0.2.1 is followed by ERROR:5.7.1:550"},
    {"access: later", DENY, "192.0.2.1 450 4.7.1 later\n", 0,
	":1: 192.0.2.1 is followed by 450"},

    {"cidr_table: REJECT", DENY, "192.0.2.0/24 REJECT\n2001:db8::/32 REJECT no\n", 2,
	":1: " LEFT_OUT},
    {"cidr_table: comments", DENY, "# a table\n\n192.0.2.0/24\treject\n", 1, ":3: " LEFT_OUT},
    {"cidr_table: OK first", DENY, "192.0.2.7 OK\n192.0.2.0/24 REJECT\n", 1,
	":1: 192.0.2.7 is followed by OK"},
    {"cidr_table: DUNNO first", DENY, "192.0.2.7 DUNNO\n192.0.2.0/24 REJECT\n", 1,
	":1: 192.0.2.7 is followed by DUNNO"},
    {"cidr_table: to allow", ALLOW, "192.0.2.0/24 permit\n198.51.100.0/24 permit\n", 2,
	":1: " LEFT_OUT},
    {"cidr_table: not", DENY, "!192.0.2.0/24 REJECT\n", 0,
	":1: !192.0.2.0/24 is not a network"},
    {"cidr_table: if", DENY, "if 192.0.2.0/24\n192.0.2.7 REJECT\nendif\n", 1,
	":1: if is not a network"},
    {"cidr_table: a second line", DENY, "192.0.2.0/24 REJECT as we\n  said\n", 1,
	":2: said is not a network"},
    {"cidr_table: brackets", DENY, "[2001:db8::]/32 REJECT\n", 0,
	":1: [2001:db8::]/32 is not a network"},
    {"cidr_table: a restriction", DENY, "192.0.2.0/24 reject_unknown_client_hostname\n", 0,
	":1: 192.0.2.0/24 is followed by reject_unknown_client_hostname"},

    {"postscreen: reject", DENY, "192.0.2.0/24 reject\n", 1, ":1: " LEFT_OUT},
    {"postscreen: permit", ALLOW, "192.0.2.0/24 permit\n2001:db8::/32 permit\n", 2,
	":1: " LEFT_OUT},
    {"postscreen: permit, to deny", DENY, "192.0.2.0/24 permit\n", 0,
	":1: 192.0.2.0/24 is followed by permit"},
    {"postscreen: reject, to allow", ALLOW, "192.0.2.0/24 reject\n", 0,
	":1: 192.0.2.0/24 is followed by reject"},
    {"postscreen: both, to allow", ALLOW, "192.0.2.7 permit\n192.0.2.0/24 reject\n", 1,
	":2: 192.0.2.0/24 is followed by reject"},
    {"postscreen: dunno, to allow", ALLOW, "192.0.2.0/24 dunno\n", 0,
	":1: 192.0.2.0/24 is followed by dunno"},
    {"postscreen: dunno, to deny", DENY, "192.0.2.0/24 dunno\n", 0,
	":1: 192.0.2.0/24 is followed by dunno"},
    {"postscreen: capitals", ALLOW, "192.0.2.0/24 PERMIT\n", 1, ":1: " LEFT_OUT},
    {"postscreen: a comment", ALLOW, "# partners\n192.0.2.0/24\tpermit\n", 1, ":2: " LEFT_OUT},
    {"postscreen: big senders", ALLOW,
	"# of a mailer, by its SPF\n192.0.2.0/24\tpermit\n198.51.100.0/22\tpermit\n"
	"203.0.113.0/24\tpermit\n2001:db8::/32\tpermit\n",
	4, ":2: " LEFT_OUT},

    {"rbldnsd: addresses", DENY, "192.0.2.1\n198.51.100.0/24\n", 2, ""},
    {"rbldnsd: texts", DENY, "192.0.2.1 open relay\n", 1, ""},
    {"rbldnsd: a default", DENY, ":127.0.0.2:See https://x/?ip=$\n192.0.2.1\n", 1,
	":1: :127.0.0.2:See is not a network"},
    {"rbldnsd: codes", DENY, "192.0.2.1 :127.0.0.9:probe\n", 0,
	":1: 192.0.2.1 is followed by :127.0.0.9:probe"},
    {"rbldnsd: short codes", DENY, "192.0.2.1 :9:\n", 0, ":1: 192.0.2.1 is followed by :9:"},
    {"rbldnsd: SOA", DENY, "$SOA 1800 bl.example a.example 0 10m 10m 1w 5m\n192.0.2.1\n", 1,
	":1: $SOA is not a network"},
    {"rbldnsd: exceptions", DENY, "192.0.2.0/24\n!192.0.2.7\n", 1,
	":2: !192.0.2.7 is not a network"},
    {"rbldnsd: ranges", DENY, "192.0.2.1-192.0.2.9\n192.0.2.16-20\n", 0,
	":1: 192.0.2.1-192.0.2.9 is not a network"},
    {"rbldnsd: octets", DENY, "192.0.2\n198.51\n", 0, ":1: 192.0.2 is not a network"},
    {"rbldnsd: test entry", DENY, "127.0.0.2\n192.0.2.1\n", 2,
	":1: warning: deny: 127.0.0.2/32 holds private"},

    {"hosts.deny: ALL", DENY, "ALL: 192.0.2.1\n", 0, ":1: ALL: is not a network"},
    {"hosts.deny: sshd", DENY, "sshd: 192.0.2.1\n", 0, ":1: sshd: is not a network"},
    {"hosts.deny: no blank", DENY, "ALL:192.0.2.1\n", 0, ":1: ALL:192.0.2.1 is not a network"},
    {"hosts.deny: several", DENY, "ALL: 192.0.2.1, 192.0.2.2\n", 0,
	":1: ALL: is not a network"},
    {"hosts.deny: a prefix", DENY, "ALL: 192.0.2.\n", 0, ":1: ALL: is not a network"},
    {"hosts.deny: addresses alone", DENY, "192.0.2.1\n192.0.2.2\n", 2, ""},
    {"hosts.deny: a prefix alone", DENY, "192.0.2.\n", 0, ":1: 192.0.2. is not a network"},
    {"hosts.deny: a netmask", DENY, "192.0.2.0/255.255.255.0\n", 0,
	":1: 192.0.2.0/255.255.255.0 has no length"},
    {"hosts.deny: brackets", DENY, "[2001:db8::1]\n", 0, ":1: [2001:db8::1] is not a network"},
    {"hosts.deny: only comments", DENY, "# /etc/hosts.deny\n#\n# ALL: PARANOID\n", 0, ""},
};

/* Read the text as a file; what was said, from behind the path where it stands first. */
static size_t
read_text(const char *path, const char *content, enum netline_sense sense, char said[SAID_MAX])
{
	static const struct place named = {"conf", 7};
	FILE *stream = fopen(path, "w");
	struct prefix_set *set = prefix_new();
	struct report *report;
	size_t count, len = strlen(path);

	if (stream == NULL || fputs(content, stream) == EOF || fclose(stream) != 0) {
		printf("Bail out! cannot write %s\n", path);
		exit(1);
	}
	chmod(path, 0644);
	memset(said, 0, SAID_MAX);
	stream = fmemopen(said, SAID_MAX, "w");
	report = report_new(stream);
	count = netfile_read(set, path, sense, &named, report);
	report_free(report);
	fclose(stream);
	prefix_free(set);
	if (strncmp(said, path, len) == 0)
		memmove(said, said + len, SAID_MAX - len);
	return count;
}

int
main(void)
{
	char directory[] = "/tmp/test_netfile_formats.XXXXXX", path[64], said[SAID_MAX];

	if (mkdtemp(directory) == NULL) {
		printf("Bail out! no directory for files\n");
		return 1;
	}
	snprintf(path, sizeof(path), "%s/list", directory);
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		size_t count = read_text(path, files[i].content, files[i].sense, said);

		same_num((long long)count, (long long)files[i].count, files[i].label);
		if (!ok(strncmp(said, files[i].said, strlen(files[i].said)) == 0 &&
			    (said[0] == '\0') == (files[i].said[0] == '\0'),
			"%s: what is said", files[i].label))
			printf("# %s\n", said);
	}
	unlink(path);
	rmdir(directory);
	return done();
}
