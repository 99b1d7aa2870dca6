/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * wire.c - what Postfix would send for one client: each command with the macros
 * that Postfix sends before it by default.
 */
#include "config.h"

#include "wire.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#define PROTOCOL 6
#define ALL_ACTIONS 0x1ff
#define ALL_STEPS 0x1fffff

static void
put32(char *out, uint32_t value)
{
	value = htonl(value);
	memcpy(out, &value, sizeof(value));
}

static uint32_t
get32(const char *in)
{
	uint32_t value;

	memcpy(&value, in, sizeof(value));
	return ntohl(value);
}

/* Buffers hold whole sessions' worth: what does not fit is our own mistake. */
static void
packet(struct wire *w, char command, const void *data, size_t len)
{
	if (w->len + 5 + len > sizeof(w->bytes))
		return;
	put32(w->bytes + w->len, (uint32_t)len + 1);
	w->bytes[w->len + 4] = command;
	if (len > 0)
		memcpy(w->bytes + w->len + 5, data, len);
	w->len += 5 + len;
}

void
wire_negotiate(struct wire *w)
{
	char data[12];

	put32(data, PROTOCOL);
	put32(data + 4, ALL_ACTIONS);
	put32(data + 8, ALL_STEPS);
	packet(w, 'O', data, sizeof(data));
}

static void
connect4(struct wire *w, const struct client *c)
{
	char data[128], text[INET6_ADDRSTRLEN];
	int n;

	inet_ntop(c->bits == 32 ? AF_INET : AF_INET6, c->byte, text, sizeof(text));
	n = snprintf(data, sizeof(data), "client.example%c%c%c%c%s%s", '\0',
	    c->bits == 32 ? '4' : '6', 100, 100, c->bits == 32 ? "" : "IPv6:", text);
	packet(w, 'C', data, (size_t)n + 1);
}

void
wire_connect(struct wire *w, const struct client *c)
{
	static const char macros[] = "Cj\0mx.example.com\0{daemon_name}\0mx.example.com\0"
				     "{daemon_addr}\0"
				     "192.0.2.25\0v\0Postfix 3.7.11";

	packet(w, 'D', macros, sizeof(macros));
	connect4(w, c);
}

void
wire_helo(struct wire *w)
{
	static const char name[] = "client.example";

	packet(w, 'H', name, sizeof(name));
}

void
wire_mail(struct wire *w)
{
	static const char macros[] = "M{mail_addr}\0sender@client.example\0{mail_host}\0"
				     "client.example\0{mail_mailer}\0smtp";
	static const char from[] = "<sender@client.example>\0SIZE=1024";

	packet(w, 'D', macros, sizeof(macros));
	packet(w, 'M', from, sizeof(from));
}

void
wire_rcpt(struct wire *w, unsigned number)
{
	char data[256];
	int n = snprintf(data, sizeof(data),
	    "Ri%c4XyZ1234ABz%c{rcpt_addr}%cuser%u@example.com%c{rcpt_host}%cexample.com%c"
	    "{rcpt_mailer}%clocal",
	    0, 0, 0, number, 0, 0, 0, 0);

	packet(w, 'D', data, (size_t)n + 1);
	n = snprintf(data, sizeof(data), "<user%u@example.com>", number);
	packet(w, 'R', data, (size_t)n + 1);
}

void
wire_refused(struct wire *w, unsigned number)
{
	char data[256];
	int n = snprintf(data, sizeof(data),
	    "Ri%c4XyZ1234ABz%c{rcpt_addr}%cRelay access denied%c{rcpt_host}%c5.7.1%c"
	    "{rcpt_mailer}%cerror",
	    0, 0, 0, 0, 0, 0, 0);

	packet(w, 'D', data, (size_t)n + 1);
	n = snprintf(data, sizeof(data), "<user%u@elsewhere.example>", number);
	packet(w, 'R', data, (size_t)n + 1);
}

/* Headers and body are not wanted by the filters measured here: only their end comes. */
void
wire_end(struct wire *w)
{
	static const char macros[] = "Ei\0"
				     "4XyZ1234ABz";

	packet(w, 'D', macros, sizeof(macros));
	packet(w, 'E', NULL, 0);
}

void
wire_abort(struct wire *w)
{
	packet(w, 'A', NULL, 0);
}

void
wire_quit(struct wire *w)
{
	packet(w, 'Q', NULL, 0);
}

static unsigned
code_of(const char *data, size_t len)
{
	unsigned code = 0;

	for (size_t i = 0; i < 3 && i < len && data[i] >= '0' && data[i] <= '9'; i++)
		code = code * 10 + (unsigned)(data[i] - '0');
	return code;
}

bool
wire_take(struct wire *w, struct wire_reply *reply)
{
	uint32_t len = w->len >= 4 ? get32(w->bytes) : 1;

	*reply = (struct wire_reply){.word = 0};
	if (len == 0 || len > sizeof(w->bytes) - 4)
		return true;
	if (w->len < 4 + len)
		return false;
	reply->word = w->bytes[4];
	if (reply->word == 'y')
		reply->code = code_of(w->bytes + 5, len - 1);
	if (reply->word == 'O' && len >= 13)
		reply->steps = get32(w->bytes + 13);
	w->len -= 4 + len;
	memmove(w->bytes, w->bytes + 4 + len, w->len);
	return true;
}
