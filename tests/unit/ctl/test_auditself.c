/* SPDX-License-Identifier: BSD-2-Clause */
/* test_auditself.c - lines of /proc/net/tcp; and this machine has an address of loopback. */
#include "config.h"

#include "ctl/auditself.h"

#include <arpa/inet.h>
#include <stdint.h>

#include "tap.h"

#define REST " 00000000:00000000 00:00000000 00000000     0        0 12345 1 0 100 0 0 10 0"

/* The address and port of a listener, in network order; NULL: it is none. */
static const struct {
	const char *format; /* with the words of the address */
	unsigned n;
	const char *address, *want;
} rows[] = {
    {"   0: %08X:0019 00000000:0000 0A" REST, 1, "127.0.0.1", "127.0.0.1:25"},
    {"  10: %08X:0C38 00000000:0000 0A" REST, 1, "0.0.0.0", "0.0.0.0:3128"},
    {"   0: %08X:0019 0100007F:8000 01" REST, 1, "127.0.0.1", NULL},
    {"   1: %08X%08X%08X%08X:1F90 00000000000000000000000000000000:0000 0A" REST, 4,
	"2001:db8::1", "[2001:db8::1]:8080"},
    {"   1: %08X%08X%08X%08X:1F90 00000000000000000000000000000000:0000 0A" REST, 4,
	"::", "[::]:8080"},
    {"   1: %08X%08X%08X%08X:0050 00000000000000000000000000000000:0000 0A" REST, 4,
	"::ffff:192.0.2.1", "192.0.2.1:80"},
    {"  sl  local_address rem_address   st tx_queue rx_queue", 1, "0.0.0.0", NULL},
    {"   0: 0100:0019 00000000:0000 0A", 1, "0.0.0.0", NULL},
    {"", 1, "0.0.0.0", NULL},
};

static void
test_lines(void)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint32_t word[4] = {0};
		char line[256], text[ENDPOINT_STRLEN];
		struct endpoint at;

		(void)inet_pton(rows[i].n == 1 ? AF_INET : AF_INET6, rows[i].address, word);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
		(void)snprintf(
		    line, sizeof(line), rows[i].format, word[0], word[1], word[2], word[3]);
#pragma GCC diagnostic pop
		same_str(auditself_line(line, &at) ? endpoint_format(&at, text) : NULL,
		    rows[i].want, line);
	}
}

int
main(void)
{
	static struct auditself self;
	struct endpoint open = {.port = 25}, shut = {.port = 25};
	struct ipaddr address;

	test_lines();
	ok(auditself_read(&self), "this machine tells");
	ok(ipaddr_parse(&address, "127.0.0.77") && auditself_has(&self, &address), "loopback");
	ok(ipaddr_parse(&address, "::1") && auditself_has(&self, &address), "loopback of IPv6");
	ok(ipaddr_parse(&address, "192.0.2.1") && !auditself_has(&self, &address), "another");
	ok(ipaddr_parse(&address, "0.0.0.0") && !auditself_has(&self, &address), "none");
	self = (struct auditself){.nlisteners = 1};
	self.listener[0] = (struct endpoint){.port = 25, .address = {.bits = 32}};
	open.address = (struct ipaddr){32, {192, 0, 2, 1}};
	shut.address = (struct ipaddr){128, {0x20, 1}};
	ok(auditself_listens(&self, &open), "all addresses listen");
	ok(!auditself_listens(&self, &shut), "of that family alone");
	self.listener[0].address.bits = 128;
	ok(auditself_listens(&self, &open) && auditself_listens(&self, &shut), "of both");
	open.port = 26;
	ok(!auditself_listens(&self, &open), "another port");
	open.address = (struct ipaddr){32, {127, 0, 0, 1}};
	ok(auditself_is_open(&self.listener[0]) && !auditself_is_open(&open),
	    "what others can reach");
	return done();
}
