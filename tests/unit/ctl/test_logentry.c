/* SPDX-License-Identifier: BSD-2-Clause */
/* test_logentry.c - lines of logs: ours in every dress, and those of others that look like it. */
#include "config.h"

#include "ctl/logentry.h"
#include "ctl/logstamp.h"

#include "tap.h"

#define REST "verdict=refuse reason=lists client=198.51.100.7"
#define OURS "ref=KF3K2Q9M " REST
#define NOW 1795914000 /* Sunday, 29 November 2026, 01:00 */
#define NOV_9 1794186720

static const struct {
	const char *label, *line;
	enum logmerge_line kind;
	int64_t time;
} rows[] = {
    {"journalctl -o cat", OURS, LOGMERGE_ENTRY, 0},
    {"RFC 3164", "Nov  9 01:12:00 mx relayguard[99]: " OURS, LOGMERGE_ENTRY, NOV_9},
    {"two digits", "Nov 19 01:12:00 mx relayguard[99]: " OURS, LOGMERGE_ENTRY, 1795050720},
    {"a priority", "<22>Nov  9 01:12:00 mx relayguard[99]: " OURS, LOGMERGE_ENTRY, NOV_9},
    {"of last year", "Dec 31 01:12:00 mx relayguard[99]: " OURS, LOGMERGE_ENTRY, 1767143520},
    {"of tomorrow", "Nov 30 00:59:59 mx relayguard[99]: " OURS, LOGMERGE_ENTRY, 1796000399},
    {"no such day", "Nov 39 01:12:00 mx relayguard[99]: " OURS, LOGMERGE_ENTRY, 0},
    {"ISO", "2026-11-09T01:12:00.123456+01:00 mx relayguard[99]: " OURS, LOGMERGE_ENTRY, NOV_9},
    {"with a blank", "2026-11-09 01:12:00 mx relayguard[99]: " OURS, LOGMERGE_ENTRY, NOV_9},
    {"no such month", "2026-13-09T01:12:00 mx relayguard[99]: " OURS, LOGMERGE_ENTRY, 0},
    {"RFC 5424", "<22>1 2026-11-09T01:12:00Z mx relayguard 99 - - " OURS, LOGMERGE_ENTRY,
	NOV_9},
    {"a container", "mx-1  | relayguard[1]: " OURS, LOGMERGE_ENTRY, 0},
    {"no process id", "relayguard: " OURS, LOGMERGE_ENTRY, 0},
    {"a bare reference", "relayguard[1]: 7F3K2Q9M " REST, LOGMERGE_ENTRY, 0},
    {"bare alone", "7F3K2Q9M " REST, LOGMERGE_ENTRY, 0},
    {"CRLF", OURS "\r", LOGMERGE_ENTRY, 0},
    {"an IPv6 client", "ref=KF3K2Q9M verdict=drop reason=deny client=2001:db8::1",
	LOGMERGE_ENTRY, 0},

    {"nothing", "", LOGMERGE_OTHER, 0},
    {"an event", "relayguard[1]: event=started socket=x", LOGMERGE_OTHER, 0},
    {"another program", "Nov  9 01:12:00 mx postfix/smtpd[1]: " OURS, LOGMERGE_OTHER, 0},
    {"in a HELO, with our name",
	"Nov  9 01:12:00 mx postfix/smtpd[1]: reject: helo=<x relayguard[1]: " OURS ">",
	LOGMERGE_OTHER, 0},
    {"in a HELO of RFC 5424",
	"<22>1 2026-11-09T01:12:00Z mx postfix/smtpd 1 - - helo=<x relayguard 1 - - " OURS,
	LOGMERGE_OTHER, 0},
    {"a HELO in an event", "relayguard[1]: event=x helo=\"" OURS "\"", LOGMERGE_OTHER, 0},
    {"another's name", "Nov  9 01:12:00 mx norelayguard[1]: " OURS, LOGMERGE_OTHER, 0},
    {"a name and more", "Nov  9 01:12:00 mx relayguard[1]: x " OURS, LOGMERGE_OTHER, 0},
    {"no name", "Nov  9 01:12:00 mx " OURS, LOGMERGE_OTHER, 0},
    {"a short reference", "ref=KF3K2Q9 " REST, LOGMERGE_OTHER, 0},
    {"a small letter", "ref=KF3K2Q9m " REST, LOGMERGE_OTHER, 0},
    {"a priority without end", "<22 relayguard[1]: " OURS, LOGMERGE_OTHER, 0},

    {"no such verdict", "ref=KF3K2Q9M verdict=refused reason=lists client=192.0.2.1",
	LOGMERGE_BAD, 0},
    {"no reason", "ref=KF3K2Q9M verdict=refuse client=192.0.2.1", LOGMERGE_BAD, 0},
    {"no client", "ref=KF3K2Q9M verdict=refuse reason=lists", LOGMERGE_BAD, 0},
    {"no address", "ref=KF3K2Q9M verdict=refuse reason=lists client=192.0.2", LOGMERGE_BAD, 0},
    {"8 bits", OURS " helo=\xe9", LOGMERGE_BAD, 0},
    {"the client in a HELO",
	"ref=KF3K2Q9M verdict=refuse reason=lists helo=\"client=192.0.2.1\"", LOGMERGE_BAD, 0},
};

/* A value as it should be: NULL where it is not there. */
static void
same_value(const struct logentry *e, enum logkey key, const char *want, const char *label)
{
	char text[100];

	if (e->value[key].at == NULL) {
		same_str(NULL, want, label);
		return;
	}
	snprintf(text, sizeof(text), "%.*s", (int)e->value[key].len, e->value[key].at);
	same_str(text, want, label);
}

static void
parse(struct logentry *e, const char *line)
{
	same_num(logentry_parse(e, line, NOW), LOGMERGE_ENTRY, line);
}

static void
test_values(void)
{
	struct logentry e;

	parse(&e,
	    OURS
	    " helo=\"a \\\" lists=x:127.0.0.2*9 \\\\\" from=<> policy=default "
	    "score=-8/5 groups=1/2 future=x lists=y:127.0.0.2*3 iprev=wrong cache=redis ms=12");
	same_value(&e, LOGKEY_LISTS, "y:127.0.0.2*3", "what is in quotes is no key");
	same_value(&e, LOGKEY_HELO, "a \\\" lists=x:127.0.0.2*9 \\\\", "quotes in quotes");
	same_value(&e, LOGKEY_IPREV, "wrong", "iprev");
	same_value(&e, LOGKEY_CACHE, "redis", "cache");
	same_value(&e, LOGKEY_REF, "KF3K2Q9M", "the reference");
	same_num(e.score, -8, "score");
	same_num(e.threshold, 5, "threshold");
	same_num(e.groups, 1, "groups");
	same_num(e.agree, 2, "of groups");
	same_num(e.ms, 12, "ms");
	same_num(e.meant, ACTION_REFUSE, "meant as done");
	ok(!e.cut, "it is whole");

	parse(&e,
	    "7F3K2Q9M verdict=pass meant=drop reason=lists client=192.0.2.1 "
	    "helo=\"\\x41 \" from=\"\" score=8/5 host=confirmed from-cache=memory");
	same_value(&e, LOGKEY_IPREV, "confirmed", "host= of before");
	same_value(&e, LOGKEY_CACHE, "memory", "from-cache= of before");
	same_value(&e, LOGKEY_FROM, "", "from=\"\" of before");
	same_num(e.verdict, ACTION_PASS, "the verdict");
	same_num(e.meant, ACTION_DROP, "what was meant");
	same_num(e.ms, -1, "no ms");

	parse(&e, OURS " score=8/ ms=x policy=a policy=b");
	same_num(e.threshold, 0, "half a score");
	same_num(e.ms, -1, "no number");
	same_value(&e, LOGKEY_POLICY, "a", "twice: the first");
}

static void
test_cut(void)
{
	struct logentry e;

	parse(&e, OURS " policy=default helo=\"a b");
	ok(e.cut, "a quote without end");
	same_value(&e, LOGKEY_POLICY, "default", "what stands before it");
	same_value(&e, LOGKEY_HELO, NULL, "itself");
	parse(&e, OURS " policy=default helo=\"a\\");
	ok(e.cut, "an escape without end");
	parse(&e, OURS " policy=default lis");
	ok(e.cut, "half a key");
	parse(&e, OURS " helo=\"a\"b policy=default");
	ok(e.cut, "something behind a quote");
}

int
main(void)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct logentry e;
		enum logmerge_line kind = logentry_parse(&e, rows[i].line, NOW);

		same_num(kind, rows[i].kind, rows[i].label);
		if (kind == LOGMERGE_ENTRY)
			same_num(e.time, rows[i].time, rows[i].label);
	}
	test_values();
	test_cut();
	same_num(logstamp_seconds(2000, 2, 29, 0, 0, 0), 951782400, "a leap day");
	same_num(logstamp_seconds(1970, 1, 1, 0, 0, 0), 0, "the first day");
	same_num(logstamp_seconds(2000, 1, 1, 24, 0, 0), -1, "no such hour");
	return done();
}
