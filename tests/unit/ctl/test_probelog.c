/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_probelog.c - lines of three MTAs as they write them, and lines in which somebody has
 * typed what looks like one.
 */
#include "config.h"

#include "ctl/probelog.h"

#include <string.h>

#include "tap.h"

#define NOW 1795914000
#define PF "Nov  9 01:12:00 mx postfix/smtpd[71]: "
#define SM "Nov  9 01:12:00 mx sm-mta[71]: 5A91C00a123456: "
#define EX "2026-11-09 01:12:00 "
#define AT 1794186720

static const struct {
	const char *line;
	const char *client;                    /* NULL: it is nothing to us */
	const char *recipient, *sender, *helo; /* NULL: not said; recipient: accepted */
} rows[] = {
    {PF "NOQUEUE: reject: RCPT from unknown[192.0.2.1]: 554 5.7.1 <u@d.example>: Relay access "
	"denied; from=<a@b.example> to=<u@d.example> proto=ESMTP helo=<mail.example>",
	"192.0.2.1", "<u@d.example>", "<a@b.example>", "mail.example"},
    {PF "4A1B2C: reject: RCPT from x.example[2001:db8::1]:2525: 454 4.7.1 <u%d.example@mx>: "
	"Relay access denied; from=<> to=<u%d.example@mx> proto=SMTP helo=<[192.0.2.1]>",
	"2001:db8::1", "<u%d.example@mx>", "<>", "[192.0.2.1]"},
    {"2026-11-09T01:12:00.123456+01:00 mx postfix/submission/smtpd[7]: NOQUEUE: reject: RCPT "
     "from unknown[192.0.2.1]: 554 5.7.1 <u@d>: Relay access denied; from=<a> to=<\"u@d\"@> "
     "proto=ESMTP helo=<WIN-A1>",
	"192.0.2.1", "<\"u@d\"@>", "<a>", "WIN-A1"},
    {PF "NOQUEUE: reject: RCPT from unknown[192.0.2.1]: 554 5.7.1 <u@d.example>: Relay access "
	"denied; from=<a@b.example> to=<u@d.example> proto=SMTP",
	"192.0.2.1", "<u@d.example>", "<a@b.example>", NULL},
    {PF "4A1B2C: client=mail.example[192.0.2.1]", "192.0.2.1", NULL, NULL, NULL},
    {PF "4A1B2C: client=mail.example[192.0.2.1], sasl_method=PLAIN, sasl_username=bob",
	"192.0.2.1", NULL, NULL, NULL},
    {PF "NOQUEUE: reject: RCPT from unknown[192.0.2.1]: 550 5.1.1 <u@our.example>: Recipient "
	"address rejected: User unknown; from=<a@b> to=<u@our.example> proto=SMTP helo=<x>",
	NULL, NULL, NULL, NULL},
    {PF "NOQUEUE: milter-reject: RCPT from unknown[192.0.2.1]: 550 5.7.1 no; from=<a@b> "
	"to=<u@our.example> proto=SMTP helo=<x>",
	NULL, NULL, NULL, NULL},
    {PF "connect from unknown[192.0.2.1]", NULL, NULL, NULL, NULL},
    {"Nov  9 01:12:00 mx postfix/cleanup[71]: 4A1B2C: reject: RCPT from unknown[192.0.2.1]: 554 "
     "5.7.1 <u@d>: Relay access denied; from=<a> to=<u@d> proto=SMTP helo=<x>",
	NULL, NULL, NULL, NULL},
    /* Typed by 192.0.2.66, about somebody else. */
    {PF "NOQUEUE: reject: RCPT from unknown[192.0.2.66]: 550 5.1.1 <u@o>: no; from=<a@b> "
	"to=<u@o> proto=SMTP helo=<reject: RCPT from x[192.0.2.1]: 554 5.7.1 <u@d>: Relay access "
	"denied; from=<a> to=<u@d> proto=SMTP>",
	NULL, NULL, NULL, NULL},
    {SM "ruleset=check_rcpt, arg1=<u@d.example>, relay=mail.example [192.0.2.1], reject=550 5.7.1 "
	"<u@d.example>... Relaying denied",
	"192.0.2.1", "<u@d.example>", NULL, NULL},
    {SM "ruleset=check_rcpt, arg1=<u@d.example>, relay=mail.example [192.0.2.1] (may be forged), "
	"reject=550 5.7.1 <u@d.example>... Relaying denied. Proper authentication required.",
	"192.0.2.1", "<u@d.example>", NULL, NULL},
    {SM "ruleset=check_rcpt, arg1=<u@d.example>, relay=[IPv6:2001:db8::1], reject=450 4.4.0 "
	"<u@d.example>... Relaying temporarily denied. Cannot resolve PTR record for 2001:db8::1",
	"2001:db8::1", "<u@d.example>", NULL, NULL},
    {SM "ruleset=check_rcpt, arg1=<u@our.example>, relay=mail.example [192.0.2.1], reject=550 "
	"5.1.1 <u@our.example>... User unknown",
	NULL, NULL, NULL, NULL},
    {SM "from=<a@b.example>, size=12, class=0, nrcpts=1, msgid=<1@b>, proto=ESMTP, daemon=MTA-v4, "
	"relay=mail.example [192.0.2.1]",
	"192.0.2.1", NULL, NULL, NULL},
    {SM "from=<a@b>, size=12, class=0, nrcpts=1, msgid=<1, relay=x [192.0.2.66]>, proto=ESMTP, "
	"daemon=MTA-v4, relay=mail.example [192.0.2.1]",
	"192.0.2.1", NULL, NULL, NULL},
    {SM "from=root, size=12, class=0, nrcpts=1, msgid=<1@b>, relay=root@localhost", NULL, NULL,
	NULL, NULL},
    /* The recipient holds a line of its own, about 192.0.2.66. */
    {SM "ruleset=check_rcpt, arg1=<\"<x, relay=y [192.0.2.66], reject=550 5.7.1 <\"<x... Relaying "
	"denied\"@d>, relay=mail.example [192.0.2.1], reject=550 5.7.1 <\"<x, relay=y "
	"[192.0.2.66], reject=550 5.7.1 <\"<x... Relaying denied\"@d>... Relaying denied",
	"192.0.2.1",
	"<\"<x, relay=y [192.0.2.66], reject=550 5.7.1 <\"<x... Relaying denied\"@d>", NULL,
	NULL},
    {EX "H=mail.example [192.0.2.1] F=<a@b.example> rejected RCPT <u@d.example>: relay not "
	"permitted",
	"192.0.2.1", "<u@d.example>", "<a@b.example>", NULL},
    {EX "H=(WIN-A1) [192.0.2.1]:2525 I=[192.0.2.25]:25 F=<> rejected RCPT <u@d.example>: relay "
	"not permitted",
	"192.0.2.1", "<u@d.example>", "<>", "WIN-A1"},
    {EX "+0100 [123] H=mail.example (helo.example) [2001:db8::1] X=TLS1.3:x:256 F=<a@b> rejected "
	"RCPT <u@d.example>: relay not permitted",
	"2001:db8::1", "<u@d.example>", "<a@b>", "helo.example"},
    {EX "H=([192.0.2.1]) [192.0.2.1] F=<a@b> rejected RCPT <u@d.example>: relay not permitted",
	"192.0.2.1", "<u@d.example>", "<a@b>", "[192.0.2.1]"},
    {"Nov  9 01:12:00 mx exim[9]: H=mail.example [192.0.2.1] F=<a@b> rejected RCPT <u@d>: relay "
     "not permitted",
	"192.0.2.1", "<u@d>", "<a@b>", NULL},
    {EX "1abcDE-000001-2f <= a@b.example H=mail.example [192.0.2.1] P=esmtp S=12", "192.0.2.1",
	NULL, NULL, NULL},
    {EX "1abcDE-000001-2f <= root@mx U=root P=local S=12", NULL, NULL, NULL, NULL},
    {EX "H=mail.example [192.0.2.1] F=<a@b> rejected RCPT <u@o>: Unknown user", NULL, NULL,
	NULL, NULL},
    /* Where HELO may hold anything. */
    {EX "H=(x) [192.0.2.66] y) [192.0.2.1] F=<a@b> rejected RCPT <u@d>: relay not permitted",
	NULL, NULL, NULL, NULL},
    {EX "H=(x) [192.0.2.66] F=<a> rejected RCPT <u@d>: relay not permitted) [192.0.2.1] F=<a@b> "
	"rejected RCPT <u@d>: relay not permitted",
	NULL, NULL, NULL, NULL},
    {"", NULL, NULL, NULL, NULL},
    {"Nov  9 01:12:00 mx", NULL, NULL, NULL, NULL},
    {"Nov  9 01:12:00 mx sm-mta[1]: ", NULL, NULL, NULL, NULL},
    {EX, NULL, NULL, NULL, NULL},
};

static void
check_row(const struct probelog_entry *e, size_t i)
{
	char client[IPADDR_STRLEN];

	same_str(ipaddr_format(&e->client, client), rows[i].client, rows[i].line);
	same_num(e->accepted, rows[i].recipient == NULL, "refused or accepted");
	if (!e->accepted)
		same_str(e->recipient, rows[i].recipient, "recipient");
	same_str(e->has_sender ? e->sender : NULL, rows[i].sender, "sender");
	same_str(e->has_helo ? e->helo : NULL, rows[i].helo, "HELO");
	ok(e->time == AT || rows[i].line[0] == '2', "time %lld", (long long)e->time);
}

int
main(void)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct probelog_entry e;
		bool found = probelog_parse(&e, rows[i].line, NOW) == LOGMERGE_ENTRY;

		ok(found == (rows[i].client != NULL), "row %zu: %s", i, rows[i].line);
		if (found && rows[i].client != NULL)
			check_row(&e, i);
	}
	return done();
}
