/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_netline.c - lines of files of networks: notes, and what other programs write in
 * their place.
 */
#include "config.h"

#include "conf/netline.h"

#include "tap.h"

#define TEXT_MAX 300
#define ALLOW NETLINE_ALLOW
#define DENY NETLINE_DENY
#define ELSE ", which another program reads, and which is no note"
#define LETS ", by which another program lets in what is denied here"
#define REFUSES ", by which another program refuses what is allowed here"
#define IS "192.0.2.1 is followed by "

static const struct {
	const char *label, *line;
	enum netline_sense sense;
	const char *network; /* NULL: none */
	const char *note;    /* or, where it is wrong, why */
	bool wrong, action;
} lines[] = {
    {"nothing", "", DENY, NULL, NULL, false, false},
    {"blanks", " \t\r", DENY, NULL, NULL, false, false},
    {"a comment", "# 192.0.2.1", DENY, NULL, NULL, false, false},
    {"a comment of DROP", "; Spamhaus DROP List", DENY, NULL, NULL, false, false},
    {"a network of DROP", "192.0.2.1 ; SBL123", DENY, "192.0.2.1", NULL, false, false},
    {"no blank before ;", "192.0.2.1;SBL123", DENY, NULL, "192.0.2.1;SBL123 is not a network",
	true, false},
    {"no network", "ALL: 192.0.2.1", DENY, NULL, "ALL: is not a network", true, false},
    {"a note", "192.0.2.1 spam since May", DENY, "192.0.2.1", "spam since May", false, false},
    {"a TAB in it", "192.0.2.1\t\ta\tb \tc", DENY, "192.0.2.1", "a b  c", false, false},
    {"no ASCII", "192.0.2.1 \xc3\xbc", DENY, "192.0.2.1",
	"192.0.2.1 has a note with bytes that are not printable ASCII", true, false},
    {"a CR in it", "192.0.2.1 a\rb", DENY, "192.0.2.1",
	"192.0.2.1 has a note with bytes that are not printable ASCII", true, false},
    {"a semicolon in it", "192.0.2.1 open relay; old", DENY, "192.0.2.1", "open relay; old",
	false, false},
    {"an address in it", "192.0.2.1 see 192.0.2.2", DENY, "192.0.2.1", "see 192.0.2.2", false,
	false},
    {"a day", "192.0.2.1 2026-11-28 seen", DENY, "192.0.2.1", "2026-11-28 seen", false, false},
    {"a number of a ticket", "192.0.2.1 20261128", DENY, "192.0.2.1", "20261128", false, false},
    {"a word that begins as one", "192.0.2.1 rejected by hand", DENY, "192.0.2.1",
	"rejected by hand", false, false},
    {"errors, not ERROR:", "192.0.2.1 error in its HELO", DENY, "192.0.2.1",
	"error in its HELO", false, false},

    {"OK, denied", "192.0.2.1 OK", DENY, "192.0.2.1", IS "OK" LETS, true, false},
    {"OK, allowed", "192.0.2.1 OK", ALLOW, "192.0.2.1", NULL, false, true},
    {"OK and a note", "192.0.2.1\tok\tpartner", ALLOW, "192.0.2.1", "partner", false, true},
    {"RELAY", "192.0.2.1 RELAY", ALLOW, "192.0.2.1", NULL, false, true},
    {"RELAY, denied", "192.0.2.1 RELAY", DENY, "192.0.2.1", IS "RELAY" LETS, true, false},
    {"permit", "192.0.2.1 permit", ALLOW, "192.0.2.1", NULL, false, true},
    {"permit, denied", "192.0.2.1 permit", DENY, "192.0.2.1", IS "permit" LETS, true, false},
    {"REJECT", "192.0.2.1 REJECT open relay", DENY, "192.0.2.1", "open relay", false, true},
    {"REJECT, allowed", "192.0.2.1 REJECT", ALLOW, "192.0.2.1", IS "REJECT" REFUSES, true,
	false},
    {"REJECT with a code", "192.0.2.1 REJECT 5.7.1 open relay", DENY, "192.0.2.1", "open relay",
	false, true},
    {"reject", "192.0.2.1 reject", DENY, "192.0.2.1", NULL, false, true},
    {"550", "192.0.2.1 550 5.7.1 open relay", DENY, "192.0.2.1", "open relay", false, true},
    {"550-", "192.0.2.1 554-no", DENY, "192.0.2.1", NULL, false, true},
    {"550, allowed", "192.0.2.1 550 no", ALLOW, "192.0.2.1", IS "550" REFUSES, true, false},
    {"450", "192.0.2.1 450 later", DENY, "192.0.2.1", IS "450" ELSE, true, false},
    {"a number", "192.0.2.1 1", DENY, "192.0.2.1", IS "1" ELSE, true, false},
    {"three digits", "192.0.2.1 127 cases", DENY, "192.0.2.1", IS "127" ELSE, true, false},
    {"DEFER", "192.0.2.1 DEFER", DENY, "192.0.2.1", IS "DEFER" ELSE, true, false},
    {"DEFER_IF_PERMIT", "192.0.2.1 DEFER_IF_PERMIT x", DENY, "192.0.2.1",
	IS "DEFER_IF_PERMIT" ELSE, true, false},
    {"DEFER_IF_REJECT", "192.0.2.1 defer_if_reject", DENY, "192.0.2.1",
	IS "defer_if_reject" ELSE, true, false},
    {"DUNNO", "192.0.2.1 DUNNO", ALLOW, "192.0.2.1", IS "DUNNO" ELSE, true, false},
    {"dunno", "192.0.2.1 dunno", DENY, "192.0.2.1", IS "dunno" ELSE, true, false},
    {"HOLD", "192.0.2.1 HOLD", DENY, "192.0.2.1", IS "HOLD" ELSE, true, false},
    {"DISCARD", "192.0.2.1 DISCARD", DENY, "192.0.2.1", IS "DISCARD" ELSE, true, false},
    {"WARN", "192.0.2.1 WARN", DENY, "192.0.2.1", IS "WARN" ELSE, true, false},
    {"PREPEND", "192.0.2.1 PREPEND X-A: b", DENY, "192.0.2.1", IS "PREPEND" ELSE, true, false},
    {"FILTER", "192.0.2.1 FILTER smtp:[x]", DENY, "192.0.2.1", IS "FILTER" ELSE, true, false},
    {"REDIRECT", "192.0.2.1 REDIRECT a@b", DENY, "192.0.2.1", IS "REDIRECT" ELSE, true, false},
    {"a restriction", "192.0.2.1 reject_unverified_sender", DENY, "192.0.2.1",
	IS "reject_unverified_sender" ELSE, true, false},
    {"ERROR: of Sendmail", "192.0.2.1 ERROR:5.7.1:\"550 no\"", DENY, "192.0.2.1",
	IS "\"ERROR:5.7.1:\\\"550\"" ELSE, true, false},
    {"QUARANTINE: of Sendmail", "192.0.2.1 QUARANTINE:look", DENY, "192.0.2.1",
	IS "QUARANTINE:look" ELSE, true, false},
    {"SPAM: of Sendmail", "192.0.2.1 Spam:FRIEND", DENY, "192.0.2.1", IS "Spam:FRIEND" ELSE,
	true, false},

    {"a second address", "192.0.2.1 192.0.2.2", DENY, "192.0.2.1", IS "192.0.2.2" ELSE, true,
	false},
    {"a second network", "192.0.2.1 2001:db8::/32 x", DENY, "192.0.2.1",
	IS "2001:db8::/32" ELSE, true, false},
    {"more after a comma", "192.0.2.1 , 192.0.2.2", DENY, "192.0.2.1", IS "," ELSE, true,
	false},
    {"a range", "192.0.2.1 - 192.0.2.9", DENY, "192.0.2.1", IS "-" ELSE, true, false},
    {"a netmask", "192.0.2.1 255.255.255.0", DENY, "192.0.2.1", IS "255.255.255.0" ELSE, true,
	false},
    {"a length apart", "192.0.2.1 /24", DENY, "192.0.2.1", IS "/24" ELSE, true, false},
    {"a code of rbldnsd", "192.0.2.1 :127.0.0.2:spam", DENY, "192.0.2.1",
	IS ":127.0.0.2:spam" ELSE, true, false},
    {"a short code of rbldnsd", "192.0.2.1 :2:", DENY, "192.0.2.1", IS ":2:" ELSE, true, false},
    {"geo of nginx", "192.0.2.1 spam;", DENY, "192.0.2.1", IS "spam;" ELSE, true, false},

    {"JSON", "{\"cidr\":\"192.0.2.0/24\",\"sblid\":\"SBL1\",\"rir\":\"ripencc\"}", DENY,
	"192.0.2.0/24", "SBL1", false, false},
    {"JSON, another order", " { \"sblid\" : \"SBL1\", \"cidr\" : \"192.0.2.0\\/24\" }\r", DENY,
	"192.0.2.0/24", "SBL1", false, false},
    {"JSON without a number", "{\"cidr\":\"2001:db8::/32\"}", DENY, "2001:db8::/32", NULL,
	false, false},
    {"the end of JSON", "{\"type\":\"metadata\",\"timestamp\":1,\"records\":7}", DENY, NULL,
	NULL, false, false},
    {"JSON of autonomous systems", "{\"asn\":64496,\"cc\":\"XX\"}", DENY, NULL,
	"there is no network, cidr, in it", true, false},
    {"JSON, a number", "{\"cidr\":4}", DENY, NULL, "cidr or sblid is not a short text", true,
	false},
    {"JSON, long",
	"{\"cidr\":\"1234567890123456789012345678901234567890123456789012345678901234\"}", DENY,
	NULL, "cidr or sblid is not a short text", true, false},
    {"JSON, twice the same", "{\"cidr\":\"192.0.2.1\",\"cidr\":\"192.0.2.2\"}", DENY, NULL,
	"is not an object of JSON on one line", true, false},
    {"JSON, cut", "{\"cidr\":\"192.0.2.0/2", DENY, NULL, "is not an object of JSON on one line",
	true, false},
    {"JSON, and more", "{\"cidr\":\"192.0.2.1\"} {", DENY, NULL,
	"is not an object of JSON on one line", true, false},
};

/* As it was written: an address without its length. */
static const char *
write_network(const struct network *net, char out[TEXT_MAX])
{
	ipaddr_format(&net->addr, out);
	if (net->len < net->addr.bits)
		snprintf(out + strlen(out), TEXT_MAX - strlen(out), "/%u", net->len);
	return out;
}

int
main(void)
{
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		char text[TEXT_MAX], why[300], network[TEXT_MAX];
		struct netline line;
		bool good;

		snprintf(text, sizeof(text), "%s", lines[i].line);
		good = netline_read(&line, text, lines[i].sense, why, sizeof(why));
		same_num(good, !lines[i].wrong, lines[i].label);
		if (!good) {
			same_str(why, lines[i].note, lines[i].label);
			continue;
		}
		same_str(line.given ? write_network(&line.network, network) : NULL,
		    lines[i].network, lines[i].label);
		same_str(line.note, lines[i].note, lines[i].label);
		same_num(line.action, lines[i].action, lines[i].label);
	}
	return done();
}
