/* SPDX-License-Identifier: BSD-2-Clause */
/* test_ip6text.c - IPv6 as rbldnsd's files have it. */
#include "config.h"

#include "data/ip6text.h"

#include "tap.h"

static const struct {
	const char *text;
	const char *network; /* NULL: it is none */
	unsigned len;
	const char *rest;
} rows[] = {
    {"2001:db8::1", "2001:db8::1", 128, ""},
    {"2001:db8::1 x", "2001:db8::1", 128, " x"},
    {"2001:db8", "2001:db8::", 32, ""},
    {"2001:21ab:c000/36", "2001:21ab:c000::", 36, ""},
    {"2605:6001:42::/52", "2605:6001:42::", 52, ""},
    {"::1", "::1", 128, ""},
    {"::", "::", 128, ""},
    {"::/0", "::", 0, ""},
    {"2001::", "2001::", 128, ""},
    {"1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8", 128, ""},
    {"1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0", 128, ""},
    {"1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7:8", 128, ":9"},
    {"1:2:3:4:5:6:7:8::", "1:2:3:4:5:6:7:8", 128, "::"},
    {"::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8", 128, ""},
    {"2001:DB8::A", "2001:db8::a", 128, ""},
    {"2001", NULL, 0, NULL},
    {"2001:", NULL, 0, NULL},
    {"2001::2::9", NULL, 0, NULL},
    {"1::2:3:4:5:6:7:8", NULL, 0, NULL},
    {"2001:00db8::1", NULL, 0, NULL},
    {"2001:db8::/28", NULL, 0, NULL},
    {"2001:db8::/129", NULL, 0, NULL},
    {"2001:db8::/", NULL, 0, NULL},
    {"", NULL, 0, NULL},
    {":1", NULL, 0, NULL},
    {"x", NULL, 0, NULL},
};

int
main(void)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *at = rows[i].text;
		char address[IPADDR_STRLEN];
		struct network got;

		if (!ok(ip6text_network(&at, &got) == (rows[i].network != NULL), "\"%s\"",
			rows[i].text) ||
		    rows[i].network == NULL)
			continue;
		same_str(ipaddr_format(&got.addr, address), rows[i].network, rows[i].text);
		same_num(got.len, rows[i].len, rows[i].text);
		same_str(at, rows[i].rest, rows[i].text);
	}
	return done();
}
