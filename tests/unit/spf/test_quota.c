/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_quota.c - whose checks may be under way together, and how many; who can have a
 * policy, and who is the same as whom.
 */
#include "config.h"

#include "spf/quota.h"

#include <stdlib.h>

#include "tap.h"

/* While one check of the first is under way, each having one: may the second begin? */
static const struct {
	const char *label;
	const char *client, *helo, *sender;
	const char *client2, *helo2, *sender2;
	bool may;
} rows[] = {
    {"others", "198.51.100.7", "h", "a@a.example", "198.51.100.8", "h", "a@b.example", true},
    {"one client", "198.51.100.7", "h", "a@a.example", "198.51.100.7", "g", "a@b.example",
	false},
    {"one domain", "198.51.100.7", "h", "a@a.example", "203.0.113.8", "g", "b@A.Example",
	false},
    {"its subdomain", "198.51.100.7", "h", "a@a.example.com", "203.0.113.8", "g",
	"b@x.y.example.com", false},
    {"domains of one registry", "198.51.100.7", "h", "a@a.co.uk", "203.0.113.8", "g",
	"a@b.co.uk", true},
    {"the HELO of a null sender", "198.51.100.7", "mx.a.example", "", "203.0.113.8", "h",
	"a@mx.a.example", false},
    {"one network of IPv6", "2001:db8::7", "h", "a@a.example", "2001:db8::ff:8", "h",
	"a@b.example", false},
    {"two of them", "2001:db8::7", "h", "a@a.example", "2001:db8:0:1::7", "h", "a@b.example",
	true},
    {"no name in DNS", "198.51.100.7", "h", "a@a b.c", "203.0.113.8", "h", "a@a b.c", false},
    {"a domain like an address", "198.51.100.7", "h", "a@a.example", "203.0.113.8", "h",
	"a@198.51.100.7", true},
};

static struct spf_claim
claim_of(struct spfquotas *all, const char *client, const char *helo, const char *sender)
{
	struct spf_identity who = {{0}, strdup(helo), strdup(sender), strdup("r")};
	struct spf_claim claim;

	ipaddr_parse(&who.client, client);
	if (!spfquota_claim(&claim, all, &who))
		abort();
	spfidentity_clear(&who);
	return claim;
}

static void
test_rows(void)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct spfquotas *all = spfquotas_new();
		const char *label = rows[i].label;
		struct spf_claim one =
		    claim_of(all, rows[i].client, rows[i].helo, rows[i].sender);
		struct spf_claim two =
		    claim_of(all, rows[i].client2, rows[i].helo2, rows[i].sender2);

		ok(spfquota_may_begin(&one) && spfquota_may_begin(&two), "%s: before", label);
		spfquota_begin(&one);
		ok(spfquota_may_begin(&two) == rows[i].may, "%s: meanwhile", label);
		ok(spfquota_is_in_way(&one, &two) == !rows[i].may, "%s: who is in the way",
		    label);
		spfquota_end(&one);
		ok(spfquota_may_begin(&two), "%s: after", label);
		spfquota_end(&two);
		spfquotas_free(all);
	}
}

static void
test_size(void)
{
	struct spfquotas *all = spfquotas_new();
	struct spf_claim claim[4], empty = {0};

	spfquotas_resize(all, 3);
	for (int i = 0; i < 4; i++)
		claim[i] = claim_of(all, "198.51.100.7", "h", "a@a.example");
	for (int i = 0; i < 3; i++) {
		ok(spfquota_may_begin(&claim[i]), "%d are not too many", i + 1);
		spfquota_begin(&claim[i]);
	}
	ok(!spfquota_may_begin(&claim[3]), "four are");
	spfquotas_resize(all, 4);
	ok(spfquota_may_begin(&claim[3]), "unless there may be more");
	spfquotas_resize(all, 0);
	for (int i = 0; i < 3; i++)
		spfquota_end(&claim[i]);
	ok(spfquota_may_begin(&claim[3]), "one may always be");
	spfquota_end(&claim[3]);
	spfquota_end(&empty);
	spfquotas_free(all);
	spfquotas_free(NULL);
}

#define LONG50 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
#define LABEL63 LONG50 "xxxxxxxxxxxxx"

static const struct {
	const char *client, *helo, *sender;
	bool has;
} identities[] = {
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
test_identities(void)
{
	for (size_t i = 0; i < sizeof(identities) / sizeof(identities[0]); i++) {
		struct spf_identity id = {0};
		struct spf_message message;
		struct ipaddr client;
		static unsigned char packet[SPFWIRE_MAX];

		ipaddr_parse(&client, identities[i].client);
		ok(spfidentity_has_policy(&client, identities[i].helo, identities[i].sender) ==
			identities[i].has,
		    "row %zu", i);
		if (!identities[i].has)
			continue;
		ok(spfidentity_copy(
		       &id, &client, identities[i].helo, identities[i].sender, "me\n.example"),
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
	test_identities();
	test_long();
	test_order();
	test_rows();
	test_size();
	return done();
}
