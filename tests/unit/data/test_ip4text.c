/* SPDX-License-Identifier: BSD-2-Clause */
/* test_ip4text.c - IPv4 as rbldnsd's files have it. */
#include "config.h"

#include "data/ip4text.h"

#include "tap.h"

#define A(a, b, c, d) ((uint32_t)(a) << 24 | (b) << 16 | (c) << 8 | (d))

static const struct {
	const char *text;
	bool range, network; /* whether it is one to each of them */
	uint32_t first, last;
	unsigned len;
	const char *rest;
} ranges[] = {
    {"127.0.0.1", true, true, A(127, 0, 0, 1), A(127, 0, 0, 1), 32, ""},
    {"127.0.0.1 x", true, true, A(127, 0, 0, 1), A(127, 0, 0, 1), 32, " x"},
    {"127.0.0.1.9", true, true, A(127, 0, 0, 1), A(127, 0, 0, 1), 32, ".9"},
    {"127.000.0.01", true, true, A(127, 0, 0, 1), A(127, 0, 0, 1), 32, ""},
    {"127.0.1", true, true, A(127, 0, 1, 0), A(127, 0, 1, 255), 24, ""},
    {"127.1", true, true, A(127, 1, 0, 0), A(127, 1, 255, 255), 16, ""},
    {"127/8", true, true, A(127, 0, 0, 0), A(127, 255, 255, 255), 8, ""},
    {"127.16/12", true, true, A(127, 16, 0, 0), A(127, 31, 255, 255), 12, ""},
    {"127", false, false, 0, 0, 0, ""},
    {"0/0", false, true, 0, UINT32_MAX, 0, ""},
    {"127.0.0.1/8", false, false, 0, 0, 0, ""},
    {"127.0.0.0/33", false, false, 0, 0, 0, ""},
    {"127.0.0.0/", false, false, 0, 0, 0, ""},
    {"127.0.0.256", false, false, 0, 0, 0, ""},
    {"127.0.0.", false, false, 0, 0, 0, ""},
    {"", false, false, 0, 0, 0, ""},
    {"x", false, false, 0, 0, 0, ""},
    {"127.0.0.1-127.0.0.9", true, false, A(127, 0, 0, 1), A(127, 0, 0, 9), 32, ""},
    {"127.0.0.1-9", true, false, A(127, 0, 0, 1), A(127, 0, 0, 9), 32, ""},
    {"127.16-31", true, false, A(127, 16, 0, 0), A(127, 31, 255, 255), 32, ""},
    {"127.16.0-31", true, false, A(127, 16, 0, 0), A(127, 16, 31, 255), 32, ""},
    {"127-128", true, false, A(127, 0, 0, 0), A(128, 255, 255, 255), 32, ""},
    {"0.0.0.0-255.255.255.255", true, false, 0, UINT32_MAX, 32, ""},
    {"127.1-127.2.3.4", false, false, 0, 0, 0, ""},
    {"127.0.0.9-1", false, false, 0, 0, 0, ""},
    {"127.0.0.9-", false, false, 0, 0, 0, ""},
};

static const struct {
	const char *text;
	uint32_t code; /* 0: it is none, or that */
	unsigned octets;
} values[] = {
    {"127.0.0.2", A(127, 0, 0, 2), 4},
    {"127.0.3", A(127, 0, 0, 3), 3},
    {"127.3", A(127, 0, 0, 3), 2},
    {"3", 3, 1},
    {"0", 0, 1},
    {"300", 0, 0},
    {"", 0, 0},
};

static void
test_range(size_t i)
{
	const char *text = ranges[i].text, *at = text;
	struct ip4range got;

	if (ok(ip4text_range(&at, &got) == ranges[i].range, "\"%s\" as a range", text) &&
	    ranges[i].range) {
		same_num(got.first, ranges[i].first, text);
		same_num(got.last, ranges[i].last, text);
		same_num(got.len, ranges[i].len, text);
		same_str(at, ranges[i].rest, text);
	}
	at = text;
	/* Of a range what is before the hyphen is read, or is none. */
	if (strchr(text, '-') == NULL &&
	    ok(ip4text_network(&at, &got) == ranges[i].network, "\"%s\" as a network", text) &&
	    ranges[i].network) {
		same_num(got.first, ranges[i].first, text);
		same_num(got.last, ranges[i].last, text);
		same_num(got.len, ranges[i].len, text);
	}
}

int
main(void)
{
	const char *at = "127.0.1";
	uint32_t address;

	for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++)
		test_range(i);
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		const char *text = values[i].text;
		unsigned octets = 0;
		uint32_t code = 0;

		at = text;
		ok(ip4text_value(&at, &code, &octets) == (values[i].octets > 0), "\"%s\"",
		    text);
		same_num(octets, values[i].octets, text);
		if (values[i].octets > 0)
			same_num(code, values[i].code, text);
	}
	at = "127.0.1";
	ok(!ip4text_address(&at, &address), "three octets are no address");
	at = "127.0.1.2/32";
	ok(ip4text_address(&at, &address) && address == A(127, 0, 1, 2), "four are");
	return done();
}
