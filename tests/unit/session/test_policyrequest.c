/* SPDX-License-Identifier: BSD-2-Clause */
/* test_policyrequest.c - requests whole and in parts, as Postfix writes them and as nobody does. */
#include "config.h"

#include "session/policyrequest.h"

#include <stdlib.h>
#include <string.h>

#include "tap.h"

#define ASKS "request=smtpd_access_policy\n"

static const struct {
	const char *label, *text;
	bool good;
} rows[] = {
    {"the least", ASKS "\n", true},
    {"request is not the first", "a=b\n" ASKS "\n", true},
    {"unknown names, values with =", ASKS "sasl_sender=a=b=c\n=x\nx=\n\n", true},
    {"an unknown one twice", ASKS "x=1\nx=2\n\n", true},
    {"one that is known, twice", ASKS "recipient=a\nrecipient=b\n\n", false},
    {"request twice", ASKS ASKS "\n", false},
    {"nothing", "\n", false},
    {"no request", "recipient=a\n\n", false},
    {"another request", "request=junk\n\n", false},
    {"more than the request", "request=smtpd_access_policy2\n\n", false},
    {"a line without =", ASKS "recipient\n\n", false},
    {"CR LF", "request=smtpd_access_policy\r\n\n", false},
    {"case", "Request=smtpd_access_policy\n\n", false},
};

static char *
copy_of(const char *text, size_t len)
{
	char *copy = malloc(len + 1);

	if (copy == NULL)
		abort();
	memcpy(copy, text, len);
	copy[len] = '\0';
	return copy;
}

static void
test_rows(void)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		size_t len = strlen(rows[i].text);
		char *text = copy_of(rows[i].text, len);
		struct policyrequest r;

		same_num((long long)policyrequest_length(text, len), (long long)len, "whole");
		same_num(policyrequest_read(&r, text, len), rows[i].good, rows[i].label);
		free(text);
	}
}

static void
test_values(void)
{
	static const char sent[] = ASKS
	    "protocol_state=RCPT\nprotocol_name=ESMTP\nclient_address=2001:db8::1\n"
	    "client_name=mail.b.example\nclient_port=40000\nreverse_client_name=x\n"
	    "server_address=192.0.2.25\nserver_port=25\nhelo_name=c=d\n"
	    "sender=b\xc3\xbc@b.example\nrecipient=a b@b.example\nrecipient_count=0\n"
	    "queue_id=Q1\ninstance=1a.2b.3\nsize=0\nsasl_username=ann\nstress=\n\nrequest=";
	size_t len = policyrequest_length(sent, sizeof(sent) - 1);
	char *text = copy_of(sent, len);
	struct policyrequest r;

	same_num(
	    (long long)len, (long long)(sizeof(sent) - 1 - strlen("request=")), "the first");
	ok(policyrequest_read(&r, text, len), "it is read");
	same_str(r.state, "RCPT", "state");
	same_str(r.client_address, "2001:db8::1", "address");
	same_str(r.client_name, "mail.b.example", "name");
	same_num(r.client_port, 40000, "port");
	same_str(r.server_address, "192.0.2.25", "server");
	same_str(r.helo, "c=d", "helo");
	same_str(r.sender, "b\xc3\xbc@b.example", "sender");
	same_str(r.recipient, "a b@b.example", "recipient");
	same_str(r.queue_id, "Q1", "id in the queue");
	same_str(r.instance, "1a.2b.3", "instance");
	same_str(r.user, "ann", "user");
	free(text);
}

static void
test_ports(void)
{
	static const struct {
		const char *text;
		uint16_t port;
	} ports[] = {
	    {"65535", 65535}, {"65536", 0}, {"unknown", 0}, {"", 0}, {"-1", 0}, {"1x", 0}};

	for (size_t i = 0; i < sizeof(ports) / sizeof(ports[0]); i++) {
		char text[128];
		struct policyrequest r;

		snprintf(text, sizeof(text), ASKS "client_port=%s\n\n", ports[i].text);
		ok(policyrequest_read(&r, text, strlen(text)) && r.client_port == ports[i].port,
		    "port \"%s\"", ports[i].text);
	}
}

static void
test_parts(void)
{
	static const char text[] = ASKS "recipient=a\n\n";

	for (size_t len = 0; len < sizeof(text) - 1; len++)
		if (policyrequest_length(text, len) != 0)
			ok(false, "%zu bytes are no request", len);
	same_num((long long)policyrequest_length("\nx", 2), 1, "an empty line alone");
	same_num((long long)policyrequest_length("x\n\n\n\n", 5), 3, "and no more than one");
}

static void
test_bounds(void)
{
	char text[sizeof(ASKS) + 2 + (POLICYREQUEST_LINES_MAX + 1) * 4];
	struct policyrequest r;

	for (unsigned lines = POLICYREQUEST_LINES_MAX - 1; lines <= POLICYREQUEST_LINES_MAX;
	     lines++) {
		strcpy(text, ASKS);
		for (unsigned i = 0; i < lines; i++)
			strcat(text, "a=b\n");
		strcat(text, "\n");
		same_num(policyrequest_read(&r, text, strlen(text)),
		    lines < POLICYREQUEST_LINES_MAX, "how many lines there may be");
	}
	memcpy(text, ASKS "a=\0\n\n", sizeof(ASKS) + 5);
	ok(!policyrequest_read(&r, text, sizeof(ASKS) - 1 + 5), "a NUL");
	ok(!policyrequest_read(&r, text, 0), "no bytes at all");
}

int
main(void)
{
	test_rows();
	test_values();
	test_ports();
	test_parts();
	test_bounds();
	return done();
}
