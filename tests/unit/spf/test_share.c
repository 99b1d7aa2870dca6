/* SPDX-License-Identifier: BSD-2-Clause */
/* test_spfshare.c - whose checks may be under way together, and how many. */
#include "config.h"

#include "spf/share.h"

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
claim_of(struct spfshares *all, const char *client, const char *helo, const char *sender)
{
	struct spf_identity who = {{0}, strdup(helo), strdup(sender), strdup("r")};
	struct spf_claim claim;

	ipaddr_parse(&who.client, client);
	if (!spfshare_claim(&claim, all, &who))
		abort();
	spfidentity_clear(&who);
	return claim;
}

static void
test_rows(void)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct spfshares *all = spfshares_new();
		const char *label = rows[i].label;
		struct spf_claim one =
		    claim_of(all, rows[i].client, rows[i].helo, rows[i].sender);
		struct spf_claim two =
		    claim_of(all, rows[i].client2, rows[i].helo2, rows[i].sender2);

		ok(spfshare_may_begin(&one) && spfshare_may_begin(&two), "%s: before", label);
		spfshare_begin(&one);
		ok(spfshare_may_begin(&two) == rows[i].may, "%s: meanwhile", label);
		ok(spfshare_is_in_way(&one, &two) == !rows[i].may, "%s: who is in the way",
		    label);
		spfshare_end(&one);
		ok(spfshare_may_begin(&two), "%s: after", label);
		spfshare_end(&two);
		spfshares_free(all);
	}
}

static void
test_size(void)
{
	struct spfshares *all = spfshares_new();
	struct spf_claim claim[4], empty = {0};

	spfshares_resize(all, 3);
	for (int i = 0; i < 4; i++)
		claim[i] = claim_of(all, "198.51.100.7", "h", "a@a.example");
	for (int i = 0; i < 3; i++) {
		ok(spfshare_may_begin(&claim[i]), "%d are not too many", i + 1);
		spfshare_begin(&claim[i]);
	}
	ok(!spfshare_may_begin(&claim[3]), "four are");
	spfshares_resize(all, 4);
	ok(spfshare_may_begin(&claim[3]), "unless there may be more");
	spfshares_resize(all, 0);
	for (int i = 0; i < 3; i++)
		spfshare_end(&claim[i]);
	ok(spfshare_may_begin(&claim[3]), "one may always be");
	spfshare_end(&claim[3]);
	spfshare_end(&empty);
	spfshares_free(all);
	spfshares_free(NULL);
}

int
main(void)
{
	test_rows();
	test_size();
	return done();
}
