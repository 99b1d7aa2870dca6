/* SPDX-License-Identifier: BSD-2-Clause */
/* test_nat64.c - IPv4 addresses behind IPv6 prefixes, well-known and others. */
#include "config.h"

#include "base/nat64.h"

#include "tap.h"

#define WHY_MAX 200

/* The table of RFC 6052, 2.4, and what must not be taken for an IPv4 address. */
static const struct {
	const char *label, *own, *address, *want;
} rows[] = {
    {"/32", "2001:db8::/32", "2001:db8:c000:221::", "192.0.2.33"},
    {"/40", "2001:db8:100::/40", "2001:db8:1c0:2:21::", "192.0.2.33"},
    {"/48", "2001:db8:122::/48", "2001:db8:122:c000:2:2100::", "192.0.2.33"},
    {"/56", "2001:db8:122:300::/56", "2001:db8:122:3c0:0:221::", "192.0.2.33"},
    {"/64", "2001:db8:122:344::/64", "2001:db8:122:344:c0:2:2100::", "192.0.2.33"},
    {"/96", "2001:db8:122:344::/96", "2001:db8:122:344::192.0.2.33", "192.0.2.33"},
    {"what comes after it", "2001:db8:122:344::/64", "2001:db8:122:344:c0:2:2100:1",
	"192.0.2.33"},
    {"bits 64 to 71 are set", "2001:db8:122:344::/64", "2001:db8:122:344:1c0:2:2100:0",
	"2001:db8:122:344:1c0:2:2100:0"},
    {"beside the prefix", "2001:db8:122:344::/96", "2001:db8:122:345::192.0.2.33",
	"2001:db8:122:345::c000:221"},
    {"the site's own network", "2001:db8:64::/96", "2001:db8:64::10.1.2.3", "10.1.2.3"},
    {"its loopback", "2001:db8:64::/96", "2001:db8:64::127.0.0.1", "2001:db8:64::7f00:1"},
    {"the well-known prefix", NULL, "64:ff9b::192.0.2.33", "192.0.2.33"},
    {"a private address behind it", NULL, "64:ff9b::10.1.2.3", "64:ff9b::a01:203"},
    {"the last of 172.16/12", NULL, "64:ff9b::172.31.255.255", "64:ff9b::ac1f:ffff"},
    {"the next one", NULL, "64:ff9b::172.32.0.0", "172.32.0.0"},
    {"loopback behind it", NULL, "64:ff9b::127.0.0.1", "64:ff9b::7f00:1"},
    {"multicast behind it", NULL, "64:ff9b::224.0.0.1", "64:ff9b::e000:1"},
    {"the local prefix is another", NULL, "64:ff9b:1::192.0.2.33", "64:ff9b:1::c000:221"},
    {"IPv4-compatible", NULL, "::192.0.2.33", "192.0.2.33"},
    {"no address", NULL, "::", "::"},
    {"loopback", NULL, "::1", "::1"},
    {"IPv4-compatible loopback", NULL, "::127.0.0.1", "::127.0.0.1"},
    {"IPv4", "2001:db8:64::/96", "192.0.2.33", "192.0.2.33"},
    {"IPv6", "2001:db8:64::/96", "2001:db8::1", "2001:db8::1"},
};

static const struct {
	const char *text, *why;
} bad[] = {
    {"2001:db8:64::", "must be like \"2001:db8:64::/96\""},
    {"192.0.2.0/96", "must be like \"2001:db8:64::/96\""},
    {"nat64/96", "must be like \"2001:db8:64::/96\""},
    {"2001:db8:64::/95", "has a length of 32, 40, 48, 56, 64 or 96"},
    {"2001:db8:64::/096", "has a length of 32, 40, 48, 56, 64 or 96"},
    {"2001:db8:64::1/96", "has bits set past its length, or among 64 to 71"},
    {"2001:db8:64::/32", "has bits set past its length, or among 64 to 71"},
    {"2001:db8::100:0:0:0/96", "has bits set past its length, or among 64 to 71"},
};

int
main(void)
{
	char why[WHY_MAX], text[IPADDR_STRLEN];
	struct network nat64;
	struct ipaddr addr;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *own = rows[i].own;

		ok(own == NULL || nat64_parse(&nat64, own, why, sizeof(why)), "%s",
		    rows[i].label);
		ipaddr_parse(&addr, rows[i].address);
		nat64_fold(&nat64, own != NULL, &addr);
		same_str(ipaddr_format(&addr, text), rows[i].want, rows[i].label);
	}
	addr = (struct ipaddr){0};
	nat64_fold(NULL, 0, &addr);
	same_num(addr.bits, 0, "an empty address stays empty");
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		ok(!nat64_parse(&nat64, bad[i].text, why, sizeof(why)), "%s", bad[i].text);
		same_str(why, bad[i].why, bad[i].text);
	}
	return done();
}
