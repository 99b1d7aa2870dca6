/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_probes.c - who is taken for a relay tester: a dozen ways of testing, and many of ordinary
 * mail that look alike.  h is our host, L a domain of ours, d another.
 */
#include "config.h"

#include "own/probes.h"

#include <stdlib.h>
#include <string.h>

#include "base/strbuf.h"
#include "tap.h"

#define CLIENTS 1024
#define NOW 1795000000U
#define DAY 86400U
#define H "mx.our.example"
#define I "[192.0.2.25]"
#define L "our.example"
#define D "third.example"
#define U "u@" D

static bool
is_own(const void *arg, const char *domain)
{
	(void)arg;
	return strcmp(domain, L) == 0 || strcmp(domain, H) == 0;
}

/* So many attempts of a client, so many seconds apart; %d in a path is their number. */
struct attempt {
	const char *sender, *recipient;
	unsigned times, apart;
};

#define ATTEMPTS 20

struct shape {
	const char *what;
	enum prober_rule rule; /* that it is caught by */
	const char *helo;
	struct attempt attempt[ATTEMPTS]; /* a NULL recipient ends them */
};

#define ONCE(sender, recipient)         \
	{                               \
		sender, recipient, 1, 1 \
	}

/* A message that is accepted, the day before. */
#define SENT                   \
	{                      \
		"", "", 1, DAY \
	}

static const struct shape testers[] = {
    {"nmap, in one connection", PROBER_BOTH, "nmap.scanme.example",
	{ONCE("<>", "<" U ">"), ONCE("<a@nmap.example>", "<" U ">"),
	    ONCE("<a@" I ">", "<" U ">"), ONCE("<a@" I ">", "<u%" D "@" I ">"),
	    ONCE("<a@" I ">", "<u%" D "@" H ">"), ONCE("<a@" I ">", "<\"" U "\">")}},
    {"the same from its fourth form on", PROBER_FORMS, "nmap.scanme.example",
	{ONCE("<a@" I ">", "<u%" D "@" I ">"), ONCE("<a@" I ">", "<\"" U "\">"),
	    ONCE("<a@" I ">", "<" D "!u>")}},
    {"sixteen connections", PROBER_FORMS, "X",
	{{"<a@x.example>", "<" U ">", 1, 3}, {"<a@x.example>", "<u%" D "@" H ">", 1, 3},
	    {"<a@x.example>", "<\"" U "\">", 1, 3}, {"<a@x.example>", "<@" H ":" U ">", 1, 3}}},
    {"percent and bang, an hour apart", PROBER_FORMS, "probe.example",
	{{"<a@x.example>", "<u%" D "@" H ">", 1, 3600}, {"<a@x.example>", "<" D "!u>", 1, 1}}},
    {"a route and two @", PROBER_FORMS, "probe.example",
	{ONCE("<a@x.example>", "<@" H ":" U ">"), ONCE("<a@x.example>", "<" U "@" H ">")}},
    {"a trailing @", PROBER_FORMS, "mailradar.example",
	{ONCE("<a@x.example>", "<\"u%" D "\">"), ONCE("<a@x.example>", "<" U "@>")}},
    {"quoted, and many senders", PROBER_BOTH, "maps.example",
	{ONCE("<a@x.example>", "<\"" U "\">"), ONCE("<a@x.example>", "<" U ">"),
	    ONCE("<>", "<" U ">"), ONCE("<a@localhost>", "<" U ">"), ONCE("<a>", "<" U ">")}},
    {"three forms, two senders", PROBER_BOTH, "relaytest.example",
	{ONCE("<a@x.example>", "<" U ">"), ONCE("<a@x.example>", "<u%" D "@" L ">"),
	    ONCE("<relaytest@" L ">", "<" U ">")}},
    {"three senders", PROBER_SENDERS, "relaytest.example",
	{ONCE("<a@x.example>", "<" U ">"), ONCE("<a>", "<" U ">"),
	    ONCE("<a@" L ">", "<" U ">")}},
    {"uucp within a route", PROBER_FORMS, "probe.example",
	{ONCE("<a@x.example>", "<" D "!u>"), ONCE("<a@x.example>", "<@" L ":" U ">")}},
    {"a plain one before, for weeks", PROBER_FORMS, "probe.example",
	{{"<a@x.example>", "<" U ">", 20, DAY}, ONCE("<a@x.example>", "<u%" D "@" L ">"),
	    ONCE("<a@x.example>", "<" D "!u>")}},
    {"the null sender, after another", PROBER_FORMS, "probe.example",
	{ONCE("<a@x.example>", "<u%" D "@" L ">"), ONCE("<>", "<" D "!u>")}},
    {"forms that no server writes, though it has users", PROBER_FORMS, "mail.far.example",
	{SENT, ONCE("<a@x.example>", "<u%" D "@" L ">"), ONCE("<a@x.example>", "<\"" U "\">")}},
    {"among many others", PROBER_FORMS, "probe.example",
	{ONCE("<a@x.example>", "<u%" D "@" L ">"), {"<a@x.example>", "<u@d%d.example>", 200, 1},
	    ONCE("<a@x.example>", "<" D "!u>")}},
};

static const struct shape ordinary[] = {
    {"a single plain test", PROBER_NOT, "relaytest.example",
	{ONCE("<a@x.example>", "<" U ">")}},
    {"a user who has not logged in", PROBER_NOT, "[10.0.0.2]",
	{{"<bob@" L ">", "<friend%d@far.example>", 30, 1}}},
    {"a copier that scans to its owner's mailbox", PROBER_NOT, "KM3F2A1",
	{{"<owner@freemail.example>", "<owner@freemail.example>", 9, 3600}}},
    {"bounces to a domain that has left", PROBER_NOT, "mail.far.example",
	{{"<>", "<bounce-%d=x@left.example>", 200, 60}}},
    {"bounces to many domains that have left", PROBER_NOT, "mail.far.example",
	{{"<>", "<info@left%d.example>", 300, 60}}},
    {"a domain that has left, from three kinds of senders", PROBER_NOT, "mail.far.example",
	{ONCE("<>", "<info@left.example>"), ONCE("<a@x.example>", "<info@left.example>"),
	    {"<b@y.example>", "<info@left.example>", 20, 60}}},
    {"an old form of a list's senders", PROBER_NOT, "list.example",
	{{"<>", "<list-u%%d%d.example@" L ">", 50, 60}}},
    {"a gateway that quotes", PROBER_NOT, "x400.example",
	{{"<a@x.example>", "<\"u@inner.example\"@" L ">", 50, 60}}},
    {"the same for two users", PROBER_NOT, "x400.example",
	{{"<a@x.example>", "<\"u@inner.example\"@" L ">", 9, 60},
	    {"<b@y.example>", "<\"v@inner.example\"@" L ">", 9, 60}}},
    {"a typing error, put right", PROBER_NOT, "mail.far.example",
	{ONCE("<a@x.example>", "<u%" D "@" L ">"), ONCE("<a@x.example>", "<" U ">")}},
    {"a backup MX that nobody told of it", PROBER_NOT, "mx2.far.example",
	{{"<a%d@x.example>", "<info@backup.example>", 50, 10}}},
    {"rewritten senders and tags", PROBER_NOT, "mail.far.example",
	{ONCE("<SRS0=x=Y=far.example=a@fwd.example>", "<prvs=0123=u@" D ">"),
	    ONCE("<prvs=0123=a@x.example>", "<SRS0=x=Y=far.example=u@" D ">"),
	    ONCE("<a+tag@x.example>", "<u+tag@" D ">")}},
    {"posts to a mailing list elsewhere", PROBER_NOT, "mail.far.example",
	{{"<list-bounces@x.example>", "<member%d@" D ">", 40, 1}}},
    {"a stale MX: all mail of a customer who has left", PROBER_NOT, "mail.big.example",
	{{"<a%d@x.example>", "<boss@left.example>", 100, 30},
	    {"<>", "<boss@left.example>", 5, 30}}},
    {"a web form with a number for a domain", PROBER_NOT, "www.far.example",
	{{"<www@x.example>", "<50%%%d@" D ">", 9, 30}}},
    {"an exclamation mark for fun", PROBER_NOT, "mail.far.example",
	{{"<a@x.example>", "<hi!bob@" D ">", 9, 30}}},
    {"an X.400 address", PROBER_NOT, "x400.example",
	{{"<a@x.example>", "<\"/c=de/a=x/p=y/s=u%d/\"@" D ">", 20, 30}}},
    {"a source route from an old gateway", PROBER_NOT, "old.example",
	{{"<a@x.example>", "<@gw.example:u%d@" D ">", 20, 30}}},
    {"a bang path from an old gateway", PROBER_NOT, "old.example",
	{{"<a@x.example>", "<" D "!u%d@gw.example>", 20, 30}}},
    {"two old gateways' forms, to different places", PROBER_NOT, "old.example",
	{{"<a@x.example>", "<" D "!u@gw.example>", 5, 30},
	    {"<a@x.example>", "<@gw.example:u@fourth.example>", 5, 30}}},
    {"one odd form today, another in two days", PROBER_NOT, "old.example",
	{{"<a@x.example>", "<" D "!u@gw.example>", 1, 2 * DAY},
	    ONCE("<a@x.example>", "<@gw.example:" U ">")}},
    {"a typing error, put right, of two people", PROBER_NOT, "mail.far.example",
	{ONCE("<a@x.example>", "<u%" D "@" L ">"), ONCE("<b@y.example>", "<" U ">")}},
    {"notices to senders that somebody has forged", PROBER_NOT, "mail.far.example",
	{ONCE("<>", "<u%" D "@" L ">"), ONCE("<>", "<" D "!u@" L ">"),
	    ONCE("<>", "<\"" U "\"@" L ">"), ONCE("<>", "<@" L ":" U ">")}},
    {"questions whether forged senders are there", PROBER_NOT, "mail.far.example",
	{ONCE("<double-bounce@far.example>", "<u%" D "@" L ">"),
	    ONCE("<double-bounce1x2y@far.example>", "<" D "!u@" L ">"),
	    ONCE("<>", "<\"" U "\"@" L ">")}},
    {"a vacation notice and a mail", PROBER_NOT, "mail.far.example",
	{ONCE("<>", "<" U ">"), ONCE("<a@x.example>", "<" U ">")}},
    {"a monitor, every five minutes", PROBER_NOT, "monitor.example",
	{{"<monitor@x.example>", "<monitor@x.example>", 500, 300}}},
    {"senders that cron makes", PROBER_NOT, "server.example",
	{{"<root>", "<admin@" D ">", 9, 600}, {"<root@localhost>", "<admin@" D ">", 9, 600}}},
    /* What a server's users type, and what is behind one address. */
    {"two odd forms that a user types", PROBER_NOT, "webmail.far.example",
	{ONCE("<a@x.example>", "<u%" D "@" L ">"), ONCE("<a@x.example>", "<" D "!u@" L ">"),
	    ONCE("<a@x.example>", "<\"" U "\"@" L ">")}},
    {"the same by the name of our host, and by its address", PROBER_NOT, "webmail.far.example",
	{ONCE("<a@x.example>", "<u%" D "@" H ">"), ONCE("<a@x.example>", "<" D "!u@" I ">"),
	    ONCE("<a@x.example>", "<\"" U "\"@" H ">")}},
    {"and in a domain that is not ours any more", PROBER_NOT, "webmail.far.example",
	{ONCE("<a@x.example>", "<u%" D "@left.example>"),
	    ONCE("<b@x.example>", "<" D "!u@left.example>"),
	    ONCE("<a@x.example>", "<u@left.example>")}},
    {"two odd forms of two users, and a bounce", PROBER_NOT, "webmail.far.example",
	{ONCE("<a@x.example>", "<u%" D "@" L ">"), ONCE("<b@y.example>", "<" D "!u@" L ">"),
	    ONCE("<>", "<\"" U "\"@" L ">")}},
    {"a relay's users: one types oddly, one pretends to be of ours", PROBER_NOT,
	"webmail.far.example",
	{SENT, ONCE("<a@x.example>", "<" U ">"), ONCE("<a@x.example>", "<u%" D "@" L ">"),
	    ONCE("<info@" L ">", "<" U ">")}},
    {"machines behind one address, each with its own root", PROBER_NOT, "nas",
	{ONCE("<root>", "<admin@" D ">"), ONCE("<root@localhost>", "<admin@" D ">"),
	    ONCE("<root@[192.168.1.5]>", "<admin@" D ">"),
	    ONCE("<root@nas.x.example>", "<admin@" D ">")}},
    {"the same, and programs that have names of their own", PROBER_NOT, "nas",
	{ONCE("<root>", "<admin@" D ">"), ONCE("<www@x.example>", "<admin@" D ">"),
	    ONCE("<info@" L ">", "<admin@" D ">"),
	    ONCE("<nagios@[10.0.0.9]>", "<admin@" D ">")}},
    {"a host of users who write from all kinds of senders", PROBER_NOT, "www.far.example",
	{SENT, ONCE("<u>", "<" U ">"), ONCE("<u@x.example>", "<" U ">"),
	    ONCE("<u@" L ">", "<" U ">")}},
    {"scanners that send to their owners", PROBER_NOT, "SCAN-01",
	{{"<owner%d@freemail.example>", "<owner%d@freemail.example>", 20, 60}}},
    {"a check of whether a server answers", PROBER_NOT, "nagios.far.example",
	{{"<nagios@mon.example>", "<postmaster@" D ">", 300, 300},
	    {"<>", "<" U ">", 300, 300}}},
    {"a bang path from a gateway that writes nothing else", PROBER_NOT, "uucp.far.example",
	{{"<a@x.example>", "<" D "!u%d>", 50, 30}, {"<a@x.example>", "<" D "!v>", 50, 30}}},
    {"percent signs of coupons, in two ways", PROBER_NOT, "shop.far.example",
	{{"<shop@x.example>", "<20%%" D "@" L ">", 9, 30},
	    {"<shop@x.example>", "<\"20%%" D "\"@" L ">", 9, 30}}},
    {"local parts in UTF-8, quoted ones, tags, VERP, BATV and SRS", PROBER_NOT,
	"mail.far.example",
	{ONCE("<a@x.example>", "<\xc3\xbc\xc3\xb1@" D ">"),
	    ONCE("<\xc3\xbc@x.example>", "<\"u v\"@" D ">"),
	    ONCE("<a+b%c@x.example>", "<u+a!b@" D ">"),
	    ONCE("<list-u=" D "@x.example>", "<\"u\\@v\"@" D ">"),
	    ONCE("<prvs=0123=a@x.example>", "<u=v@" D ">"),
	    ONCE("<SRS0=x=Y=far.example=a@x.example>", "<" U ">")}},
    {"bounces of a list's posts, by old VERP and new", PROBER_NOT, "mail.far.example",
	{{"<>", "<list-u%d%%" D "@" L ">", 20, 5}, {"<>", "<list+u%d=" D "@" L ">", 20, 5},
	    ONCE("<mailer-daemon@x.example>", "<list-u%" D "@" L ">")}},
};

static void
write_path(char *out, size_t size, const char *form, unsigned number)
{
	struct strbuf sb;

	strbuf_init(&sb, out, size);
	for (; *form != '\0'; form++) {
		if (form[0] == '%' && form[1] == 'd' && form[2] != '.') {
			strbuf_addf(&sb, "%u", number);
			form++;
		} else {
			strbuf_addc(&sb, *form);
			form += form[0] == '%' && form[1] == '%';
		}
	}
}

static void
play(struct probes *p, const struct shape *s, const struct ipaddr *client, uint32_t begin)
{
	char sender[256], recipient[256];
	const struct prober *prober;
	struct probeform form;
	bool apart = false; /* every other recipient is given as it has been taken apart */
	uint32_t now = begin;

	for (const struct attempt *a = s->attempt; a < s->attempt + ATTEMPTS && a->recipient;
	     a++)
		for (unsigned i = 0; i < a->times; i++, now += a->apart) {
			if (a->recipient[0] == '\0')
				probes_accepted(p, client, now);
			write_path(sender, sizeof(sender), a->sender, i);
			write_path(recipient, sizeof(recipient), a->recipient, i);
			apart = !apart && probeform_parse(&form, recipient);
			probes_refused(p,
			    &(struct probes_refusal){
				*client, recipient, sender, s->helo, apart ? &form : NULL},
			    now, &prober);
		}
}

static struct ipaddr
address(unsigned host)
{
	struct ipaddr addr;
	char text[IPADDR_STRLEN];

	snprintf(text, sizeof(text), "198.51.100.%u", host);
	ipaddr_parse(&addr, text);
	return addr;
}

static const char *
rule_of(const struct probes *p, const struct ipaddr *client)
{
	const struct prober *prober = probes_of(p, client);

	return prober_rule_name(prober != NULL ? prober->rule : PROBER_NOT);
}

/* All of them from one /24, one after the other, in one table. */
static void
test_shapes(void)
{
	struct probes *p = probes_new(CLIENTS, is_own, NULL);
	unsigned host = 1;

	for (size_t i = 0; i < sizeof(testers) / sizeof(testers[0]); i++, host++) {
		struct ipaddr client = address(host);

		play(p, &testers[i], &client, NOW);
		same_str(
		    rule_of(p, &client), prober_rule_name(testers[i].rule), testers[i].what);
	}
	for (size_t i = 0; i < sizeof(ordinary) / sizeof(ordinary[0]); i++, host++) {
		struct ipaddr client = address(host);

		play(p, &ordinary[i], &client, NOW);
		same_str(rule_of(p, &client), "", ordinary[i].what);
	}
	probes_free(p);
}

static enum probes_excuse
refuse(struct probes *p, const char *client, const char *sender, const char *recipient,
    const char *helo, uint32_t now)
{
	struct probes_refusal r = {.recipient = recipient, .sender = sender, .helo = helo};
	const struct prober *prober = NULL;
	enum probes_excuse why;

	ipaddr_parse(&r.client, client);
	why = probes_refused(p, &r, now, &prober);
	if (why == PROBES_NONE && prober != probes_of(p, &r.client))
		ok(false, "what is known of %s is known of another", client);
	return why;
}

/* Write from a mailbox to itself; the rule that it is caught by. */
static const char *
fill_box(struct probes *p, const char *client, const char *helo, uint32_t now)
{
	struct ipaddr addr;

	refuse(p, client, "<box@free.example>", "<Box@free.example>", helo, now);
	ipaddr_parse(&addr, client);
	return rule_of(p, &addr);
}

/* A mailbox that writes to itself: three networks are free, the fourth is caught. */
static void
test_drop_boxes(void)
{
	static const char *const networks[] = {
	    "198.51.100.1", "198.51.100.2", "203.0.113.1", "192.0.2.1", "198.18.0.1"};
	struct probes *p = probes_new(CLIENTS, is_own, NULL);
	struct ipaddr addr;
	char helo[16];

	for (unsigned i = 0; i < 5; i++) {
		snprintf(helo, sizeof(helo), "WIN-A%u", i);
		same_str(fill_box(p, networks[i], helo, NOW + i * DAY),
		    i == 4 ? "drop-box" : "", networks[i]);
	}
	same_str(fill_box(p, "198.18.0.9", "WIN-B1", NOW + 4 * DAY + 1), "drop-box",
	    "and who comes again");
	refuse(p, "198.19.0.1", "<box@free.example>", "<box@free.example>", "mail.x.example",
	    NOW + 5 * DAY);
	ipaddr_parse(&addr, "198.19.0.1");
	same_str(rule_of(p, &addr), "", "who says its name is none");
	refuse(
	    p, "198.19.0.2", "<box@free.example>", "<box@free.example>", NULL, NOW + 5 * DAY);
	ipaddr_parse(&addr, "198.19.0.2");
	same_str(rule_of(p, &addr), "", "nor one whose name is not known");
	same_str(fill_box(p, "198.19.0.3", "WIN-A9", NOW + 30 * DAY), "",
	    "and weeks later nobody is");
	probes_free(p);
}

/* A copier sends to its owner's mailbox, and so do those who have learnt of it: as many as they
 * like, they are those who came later, whatever its address is today. */
static void
test_copiers(void)
{
	struct probes *p = probes_new(CLIENTS, is_own, NULL);
	char client[IPADDR_STRLEN], helo[16];
	unsigned caught = 0;

	fill_box(p, "198.51.100.1", "KM3F2A1", NOW);
	for (unsigned i = 0; i < 20; i++) {
		snprintf(client, sizeof(client), "100.%u.0.1", i);
		snprintf(helo, sizeof(helo), "WIN-A%u", i);
		caught += strcmp(fill_box(p, client, helo, NOW + 1 + i), "") != 0;
	}
	ok(caught > 0, "those who come last are caught");
	same_str(fill_box(p, "198.51.100.1", "KM3F2A1", NOW + DAY), "", "the copier");
	same_str(
	    fill_box(p, "203.0.113.1", "KM3F2A1", NOW + 2 * DAY), "", "with another address");
	for (unsigned day = 1; day < 20; day++) {
		snprintf(client, sizeof(client), "101.%u.0.1", day);
		ok(strcmp(fill_box(p, client, "KM3F2A1", NOW + day * DAY), "") == 0,
		    "with one more each day: %u", day);
	}
	probes_free(p);
	p = probes_new(CLIENTS, is_own, NULL);
	for (unsigned day = 0; day < 20; day++) {
		snprintf(client, sizeof(client), "100.%u.0.1", day);
		same_str(fill_box(p, client, "KM3F2A1", NOW + day * DAY), "",
		    "a copier that has another address each day");
	}
	probes_free(p);
}

static void
test_excuses(void)
{
	struct probes *p = probes_new(CLIENTS, is_own, NULL);
	struct ipaddr good;

	same_num(
	    refuse(p, "198.51.100.1", "<a@x>", "<>", "x", NOW), PROBES_UNREADABLE, "nobody");
	same_num(refuse(p, "10.0.0.1", "<a@x>", "<" U ">", "x", NOW), PROBES_LOCAL, "private");
	same_num(refuse(p, "::1", "<a@x>", "<" U ">", "x", NOW), PROBES_LOCAL, "this host");
	same_num(
	    refuse(p, "198.51.100.1", "<a@x>", "<u@" L ">", "x", NOW), PROBES_OURS, "ours");
	same_num(
	    refuse(p, "198.51.100.1", "<>", "<" U ">", "x", NOW), PROBES_BOUNCE, "a bounce");
	same_num(refuse(p, "198.51.100.1", "<>", "<u%" D "@" H ">", "x", NOW), PROBES_NONE,
	    "what only looks like one");
	ipaddr_parse(&good, "203.0.113.9");
	for (unsigned i = 0; i < 30; i++)
		probes_accepted(p, &good, NOW - 60 + 4 * i);
	same_num(refuse(p, "203.0.113.9", "<a@x>", "<" U ">", "x", NOW + DAY / 2), PROBES_NONE,
	    "thirty messages about midnight make nobody good");
	probes_accepted(p, &good, NOW + DAY / 2);
	probes_accepted(p, &good, NOW + DAY);
	same_num(refuse(p, "203.0.113.9", "<a@x>", "<" U ">", "x", NOW + DAY), PROBES_NONE,
	    "nor do two days");
	probes_accepted(p, &good, NOW + 2 * DAY - 3600);
	same_num(refuse(p, "203.0.113.9", "<a@x>", "<" U ">", "x", NOW + 2 * DAY), PROBES_GOOD,
	    "three do");
	same_num(refuse(p, "203.0.113.9", "<a@x>", "<" U ">", "x", NOW + 40 * DAY), PROBES_NONE,
	    "but not for ever");
	same_num(refuse(p, "198.51.100.1", "<a@x>", "<srs0=x=Y=far.example=u@" D ">", "x", NOW),
	    PROBES_REWRITTEN, "forwarded once");
	ipaddr_parse(&good, "203.0.113.10");
	for (unsigned i = 0; i < 4; i++) {
		probes_accepted(p, &good, NOW + i * DAY);
		if (i == 1)
			refuse(p, "203.0.113.10", "<a@x>", "<" D "!u>", "x", NOW + DAY);
	}
	ok(!probes_is_good(p, &good, NOW + 4 * DAY), "who tries other forms begins anew");
	ipaddr_parse(&good, "203.0.113.11");
	for (unsigned i = 0; i < 3; i++) {
		refuse(p, "203.0.113.11", "<>", "<" D "!u>", "x", NOW + i * DAY);
		refuse(p, "203.0.113.11", "<a@x>", "<u%" D "@" H ">", "x", NOW + i * DAY);
		probes_accepted(p, &good, NOW + i * DAY);
	}
	ok(probes_is_good(p, &good, NOW + 2 * DAY),
	    "but not for a notice, nor for what its users type");
	probes_free(p);
}

static bool
guess(struct probes *p, const char *client, const char *sender, const char *user, uint32_t now)
{
	struct probes_refusal r = {.recipient = user, .sender = sender};
	bool guesses;

	ipaddr_parse(&r.client, client);
	probes_unknown(p, &r, now, &guesses);
	return guesses;
}

/* So many users whom nobody knows, one of whom is known where that is a number of theirs. */
static bool
guess_many(struct probes *p, const char *client, const char *sender, unsigned known)
{
	struct ipaddr addr;
	bool guesses = false;
	char user[64];

	ipaddr_parse(&addr, client);
	for (unsigned i = 1; i <= GUESSER_USERS; i++) {
		snprintf(user, sizeof(user), "<user%u@" L ">", i);
		guesses = guess(p, client, sender, user, NOW + i);
		if (i == known)
			probes_taken(p, &addr, NOW + i);
	}
	return guesses;
}

static void
test_guesses(void)
{
	struct probes *p = probes_new(CLIENTS, is_own, NULL);
	struct ipaddr addr;

	ok(guess_many(p, "198.51.100.1", "<a@x.example>", 0), "ten whom nobody knows");
	ok(guess(p, "198.51.100.1", "<a@x.example>", "<user1@" L ">", NOW), "and more");
	ok(!guess_many(p, "198.51.100.2", "<>", 0), "bounces to forged senders");
	ok(!guess_many(p, "198.51.100.2", "<double-bounce@x.example>", 0),
	    "questions whether forged senders are there");
	ok(!guess_many(p, "198.51.100.3", "<a@x.example>", 9), "it knows somebody");
	ok(!guess_many(p, "198.51.100.3", "<a@x.example>", 0), "and that holds for a day");
	ok(!guess_many(p, "10.0.0.1", "<a@x.example>", 0), "a private network");
	ipaddr_parse(&addr, "198.51.100.4");
	for (unsigned i = 0; i < 3; i++)
		probes_accepted(p, &addr, NOW - (2 - i) * DAY);
	ok(!guess_many(p, "198.51.100.4", "<a@x.example>", 0), "known good");
	ok(!guess(p, "198.51.100.5", "<a@x.example>", "<\"", NOW), "what cannot be read");
	probes_free(p);
}

/* IPv6: a host may have any address of its /64. */
static void
test_networks(void)
{
	struct probes *p = probes_new(CLIENTS, is_own, NULL);
	struct ipaddr addr;

	refuse(p, "2001:db8:1:2::1", "<a@x>", "<u%" D "@" H ">", "x", NOW);
	refuse(p, "2001:db8:1:2:ffff::9", "<a@x>", "<" D "!u>", "x", NOW);
	refuse(p, "2001:db8:1:3::1", "<a@x>", "<" D "!u>", "x", NOW);
	ipaddr_parse(&addr, "2001:db8:1:2::77");
	same_str(rule_of(p, &addr), "forms", "one /64 is one client");
	ipaddr_parse(&addr, "2001:db8:1:3::1");
	same_str(rule_of(p, &addr), "", "another is another");
	probes_free(p);
}

static void
count(void *n, const struct ipaddr *client, const struct prober *prober)
{
	*(unsigned *)n += client->bits != 0 && prober->rule != PROBER_NOT;
}

/* A flood of addresses that try once: who was caught before it is known after it, and one in
 * the middle of it is caught. */
static void
test_flood(void)
{
	struct probes *p = probes_new(CLIENTS, is_own, NULL);
	struct ipaddr first = address(1), middle = address(2);
	unsigned n = 0;

	play(p, &testers[4], &first, NOW);
	for (uint32_t i = 0; i < 100 * CLIENTS; i++) {
		char text[IPADDR_STRLEN];

		snprintf(text, sizeof(text), "100.%u.%u.%u", i >> 16, i >> 8 & 255, i & 255);
		refuse(p, text, "<a@x>", "<" U ">", "x", NOW + i / 100);
		if (i == 50 * CLIENTS)
			refuse(
			    p, "198.51.100.2", "<a@x>", "<u%" D "@" H ">", "x", NOW + i / 100);
		if (i == 50 * CLIENTS + 200)
			refuse(p, "198.51.100.2", "<a@x>", "<" D "!u>", "x", NOW + i / 100);
	}
	same_str(rule_of(p, &first), "forms", "caught before");
	same_str(rule_of(p, &middle), "forms", "caught in its middle");
	probes_each(p, count, &n);
	same_num(n, 2, "and nobody else");
	probes_free(p);
}

/* One /48 tries from a million addresses: who has come from elsewhere is remembered. */
static void
test_flood_of_one(void)
{
	struct probes *p = probes_new(CLIENTS, is_own, NULL);
	char text[IPADDR_STRLEN];
	struct ipaddr addr;
	unsigned lost = 0;

	for (unsigned i = 0; i < 256; i++) {
		snprintf(text, sizeof(text), "2001:db8:%x::1", i);
		refuse(p, text, "<a@x>", "<u%" D "@" H ">", "x", NOW);
	}
	for (uint32_t i = 0; i < 1000 * CLIENTS; i++) {
		snprintf(text, sizeof(text), "2001:db8:ffff:%x::1", i & 65535);
		refuse(p, text, "<a@x>", "<" U ">", "x", NOW + 1 + i / CLIENTS);
	}
	for (unsigned i = 0; i < 256; i++) {
		snprintf(text, sizeof(text), "2001:db8:%x::1", i);
		ipaddr_parse(&addr, text);
		lost += probes_of(p, &addr) == NULL;
	}
	ok(lost < 256 / 4, "a /48 takes the places of few: %u of 256", lost);
	probes_free(p);
}

int
main(void)
{
	test_shapes();
	test_drop_boxes();
	test_copiers();
	test_excuses();
	test_guesses();
	test_networks();
	test_flood();
	test_flood_of_one();
	return done();
}
