/* SPDX-License-Identifier: BSD-2-Clause */
/* test_spfidentity.c - who can have a policy, and who is the same as whom. */
#include "config.h"

#include "spf/identity.h"

#include <stdlib.h>

#include "tap.h"

#define LONG50 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
#define LABEL63 LONG50 "xxxxxxxxxxxxx"

static const struct {
	const char *client, *helo, *sender;
	bool has;
} rows[] = {
    {"198.51.100.7", "mail.example", "a@b.example", true},
    {"2001:db8::1", "", "a@b.example", true},
    {"198.51.100.7", "mail.example", "", true},
    {"198.51.100.7", "mail.example.", "", true},
    {"198.51.100.7", "", "", false},
    {"198.51.100.7", "localhost", "", false},
    {"198.51.100.7", "localhost.", "", false},
    {"198.51.100.7", "[198.51.100.7]", "", false},
    {"198.51.100.7", "bad helo.example", "", false},
    {"198.51.100.7", "mail..example", "", false},
    {"198.51.100.7", ".example", "", false},
    {"198.51.100.7", LABEL63 ".example", "", true},
    {"198.51.100.7", LABEL63 "x.example", "", false},
    {"198.51.100.7", LABEL63 "." LABEL63 "." LABEL63 "." LABEL63, "", false},
    {"198.51.100.7", "mail.example", "a", false},
    {"198.51.100.7", "mail.example", "a@", false},
    {"198.51.100.7", "mail.example", "a@b", false},
    {"198.51.100.7", "mail.example", "a@[198.51.100.7]", false},
    {"198.51.100.7", "mail.example", "@b.example", true},
    {"198.51.100.7", "mail.example", "\"a@x\"@b.example", true},
    {"198.51.100.7", "mail.example", "a@b.example>", true},
    {"198.51.100.7", "mail.example", "a\n@b.example", false},
    {"198.51.100.7", "mail.example", "\xc3\xa4@b.example", true},
    {"198.51.100.7", "mail.example", "a@\xc3\xa4.example", false},
    {"198.51.100.7", "\x01.example", "a@b.example", true},
    {"127.0.0.1", "mail.example", "a@b.example", false},
    {"127.255.0.9", "mail.example", "a@b.example", false},
    {"::1", "mail.example", "a@b.example", false},
    {"::ffff:127.0.0.1", "mail.example", "a@b.example", false},
    {"128.0.0.1", "mail.example", "a@b.example", true},
    {"unknown", "mail.example", "a@b.example", false},
};

static void
test_rows(void)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct spf_identity id = {0};
		struct spf_message message;
		struct ipaddr client;
		static unsigned char packet[SPFWIRE_MAX];

		ipaddr_parse(&client, rows[i].client);
		ok(spfidentity_has_policy(&client, rows[i].helo, rows[i].sender) == rows[i].has,
		    "row %zu", i);
		if (!rows[i].has)
			continue;
		ok(spfidentity_copy(&id, &client, rows[i].helo, rows[i].sender, "me\n.example"),
		    "row %zu: a copy", i);
		message = spfidentity_check(&id, 7);
		ok(message.number == 7 && spfwire_write(packet, &message) > 0,
		    "row %zu: can be sent", i);
		same_str(id.receiver, "unknown", "who we are is not said by what is no name");
		spfidentity_clear(&id);
	}
}

/* The longest sender there may be, and what is too long. */
static void
test_long(void)
{
	char sender[SPFWIRE_SENDER_MAX + 2], helo[SPFWIRE_NAME_MAX + 2];
	struct spf_identity id = {0};
	struct ipaddr client;

	ipaddr_parse(&client, "198.51.100.7");
	memset(sender, 'x', sizeof(sender));
	strcpy(sender + SPFWIRE_SENDER_MAX - 10, "@b.example");
	ok(spfidentity_has_policy(&client, "", sender), "longest sender");
	strcpy(sender + SPFWIRE_SENDER_MAX - 9, "@b.example");
	sender[SPFWIRE_SENDER_MAX - 10] = 'x';
	ok(!spfidentity_has_policy(&client, "", sender), "a sender too long");
	memset(helo, 'x', sizeof(helo));
	helo[SPFWIRE_NAME_MAX] = '\0';
	spfidentity_copy(&id, &client, helo, "a@b.example", "me.example");
	same_str(id.helo, helo, "longest HELO");
	spfidentity_clear(&id);
	helo[SPFWIRE_NAME_MAX] = 'x';
	helo[SPFWIRE_NAME_MAX + 1] = '\0';
	spfidentity_copy(&id, &client, helo, "a@b.example", "me.example");
	same_str(id.helo, "", "a HELO too long");
	same_str(id.receiver, "me.example", "who we are");
	spfidentity_clear(&id);
}

static void
test_order(void)
{
	static const char *const words[][4] = {
	    {"198.51.100.7", "h.example", "a@b.example", "r.example"},
	    {"198.51.100.8", "h.example", "a@b.example", "r.example"},
	    {"198.51.100.7", "i.example", "a@b.example", "r.example"},
	    {"198.51.100.7", "h.example", "A@b.example", "r.example"},
	    {"198.51.100.7", "h.example", "a@b.example", "s.example"},
	};
	struct spf_identity id[5];
	struct ipaddr client;

	for (size_t i = 0; i < 5; i++) {
		ipaddr_parse(&client, words[i][0]);
		spfidentity_copy(&id[i], &client, words[i][1], words[i][2], words[i][3]);
	}
	for (size_t i = 0; i < 5; i++)
		for (size_t k = 0; k < 5; k++)
			ok((spfidentity_compare(&id[i], &id[k]) == 0) == (i == k),
			    "%zu and %zu", i, k);
	for (size_t i = 0; i < 5; i++)
		spfidentity_clear(&id[i]);
}

int
main(void)
{
	test_rows();
	test_long();
	test_order();
	return done();
}
