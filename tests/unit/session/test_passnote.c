/* SPDX-License-Identifier: BSD-2-Clause */
/* test_passnote.c - a pass as text comes back as it was; what is odd is none. */
#include "config.h"

#include "session/passnote.h"

#include <stdio.h>
#include <string.h>

#include "tap.h"

#define NOW INT64_C(100000000000)

static void
test_both_ways(void)
{
	static const char *const rows[] = {
	    "198.51.100.0/24 b.example 0 0 2592000 good 0 - -",
	    "198.51.100.0/24 b.example 999999999999999999 3600 2588400 good 1 1,4294967295 0",
	    "2001:db8:1:2::/64 xn--bcher-kva.example 7 90000 31536000 abused 2 "
	    "1,2,3,4,5,6,7,8,9,10 1,2,3,4,5",
	    "2001:db8:1:2::/64 b.example 7 90000 2502000 ended 0 - -",
	};
	char out[PASSNOTE_SIZE];
	struct pass pass;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		ok(passnote_read(&pass, rows[i], 0, NOW), "it is read: %s", rows[i]);
		passnote_write(&pass, NOW, out);
		same_str(out, rows[i], "and written as it was");
	}
}

/* The longest that there can be. */
static void
test_length(void)
{
	struct pass pass = {.network = {.len = 64},
	    .id = PASS_IDS - 1,
	    .messages = PASS_MESSAGES,
	    .recipients = PASS_RECIPIENTS,
	    .again = 0,
	    .kept = NOW + PASS_ABUSED_MS,
	    .abuses = PASS_ABUSES,
	    .abused = true};
	char out[PASSNOTE_SIZE];
	struct pass again;

	(void)ipaddr_parse(&pass.network.addr, "2001:aaaa:bbbb:cccc::");
	memset(pass.domain, 'a', MAILBOX_DOMAIN_MAX);
	memset(pass.message, 0xff, sizeof(pass.message));
	memset(pass.recipient, 0xff, sizeof(pass.recipient));
	pass.again = NOW - PASS_ABUSED_MS;
	passnote_write(&pass, NOW, out);
	ok(passnote_read(&again, out, 0, NOW), "%zu characters", strlen(out));
	ok(again.messages == PASS_MESSAGES && again.recipients == PASS_RECIPIENTS,
	    "nothing was cut");
}

static void
test_times(void)
{
	static const char good[] = "198.51.100.0/24 b.example 5 3600 2588400 good 0 - -",
			  ended[] = "198.51.100.0/24 b.example 5 3600 2588400 ended 0 - -";
	struct pass pass;

	ok(passnote_read(&pass, good, 600, NOW), "written ten minutes ago");
	same_num(pass.until, NOW + PASS_MS - 4200 * 1000, "it ends so much sooner");
	same_num(pass.again, NOW + PASS_AGAIN_MS - 4200 * 1000, "as do the 30 days");
	same_num(pass.kept, NOW + (2588400 - 600) * INT64_C(1000), "and what is known of it");
	ok(passnote_read(&pass, ended, 0, NOW) && pass.until == NOW && pass.ended,
	    "what was ended is over");
}

static void
test_odd(void)
{
	static const char *const rows[] = {
	    "",
	    " ",
	    "198.51.100.0/24",
	    "198.51.100.0/24 b.example 5 0 2592000 good 0 -",
	    "198.51.100.0/24 b.example 5 0 2592000 good 0 - - -",
	    "198.51.100.0/24  5 0 2592000 good 0 - -",
	    "198.51.100.0/24 b.example 5 0 2592000 good 0 - - ",
	    "198.51.100.0/23 b.example 5 0 2592000 good 0 - -",
	    "198.51.100.7 b.example 5 0 2592000 good 0 - -",
	    "198.51.100.7/24 b.example 5 0 2592000 good 0 - -",
	    "2001:db8::/48 b.example 5 0 2592000 good 0 - -",
	    "198.51.100.0/24 b\001.example 5 0 2592000 good 0 - -",
	    "198.51.100.0/24 b.example -5 0 2592000 good 0 - -",
	    "198.51.100.0/24 b.example 1000000000000000000 0 2592000 good 0 - -",
	    "198.51.100.0/24 b.example 5 -1 2592000 good 0 - -",
	    "198.51.100.0/24 b.example 5 34128001 2592000 good 0 - -",
	    "198.51.100.0/24 b.example 5 0 31536001 good 0 - -",
	    "198.51.100.0/24 b.example 5 0 2592000 fine 0 - -",
	    "198.51.100.0/24 b.example 5 0 2592000 good 3 - -",
	    "198.51.100.0/24 b.example 5 0 2592000 good 0 1,2,3,4,5,6,7,8,9,10,11 -",
	    "198.51.100.0/24 b.example 5 0 2592000 good 0 1, -",
	    "198.51.100.0/24 b.example 5 0 2592000 good 0 ,1 -",
	    "198.51.100.0/24 b.example 5 0 2592000 good 0 4294967296 -",
	    "198.51.100.0/24 b.example 5 0 2592000 good 0 - 1,2,3,4,5,6",
	    "198.51.100.0/24 b.example 5 0 2592000 good 0 - 01",
	};
	struct pass pass;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		ok(!passnote_read(&pass, rows[i], 0, NOW), "none: %s", rows[i]);
}

int
main(void)
{
	test_both_ways();
	test_length();
	test_times();
	test_odd();
	return done();
}
