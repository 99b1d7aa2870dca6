/* SPDX-License-Identifier: BSD-2-Clause */
/* test_auditmta.c - which trusted networks are wider than anybody's own. */
#include "config.h"

#include "ctl/auditmta.h"

#include "base/prefix.h"
#include "tap.h"

static const struct {
	const char *network;
	bool wide;
} rows[] = {
    {"0.0.0.0/0", true},
    {"::/0", true},
    {"0.0.0.0/1", true},
    {"127.0.0.0/8", false},
    {"10.0.0.0/8", false},
    {"10.0.0.0/7", true},
    {"172.16.0.0/12", false},
    {"172.0.0.0/8", true},
    {"192.168.0.0/16", false},
    {"192.0.0.0/8", true},
    {"100.64.0.0/10", false},
    {"198.51.0.0/16", false},
    {"198.50.0.0/15", true},
    {"192.0.2.1", false},
    {"2001:db8::/32", false},
    {"2001:d00::/24", true},
    {"fe80::/10", false},
    {"fc00::/7", false},
    {"2000::/3", true},
    {"::1", false},
};

int
main(void)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct network net;
		char why[128];

		if (ok(prefix_parse(&net, rows[i].network, why, sizeof(why)), "%s",
			rows[i].network))
			same_num(auditmta_is_wide(&net), rows[i].wide, rows[i].network);
	}
	return done();
}
