/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ctl/auditproxy.c - where one of this machine's own sockets listens at a usual port of proxies,
 * it is asked for a way to our own mail server: by HTTP CONNECT (RFC 9110, 9.3.6), SOCKS 5
 * (RFC 1928) and SOCKS 4.
 */
#include "config.h"

#include "ctl/auditproxy.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"

#define REPLY_MAX 1024
#define PROXY_MS 3000

static const uint16_t ports[] = {81, 808, 1080, 1081, 3127, 3128, 4145, 6588, 8000, 8008, 8080,
    8081, 8088, 8118, 8123, 8888, 9050, 9080};

enum way { WAY_HTTP, WAY_SOCKS5, WAY_SOCKS4, WAYS };
static const char *const way_names[WAYS] = {"HTTP CONNECT", "SOCKS 5", "SOCKS 4"};

static bool
is_usual(uint16_t port)
{
	for (size_t i = 0; i < sizeof(ports) / sizeof(ports[0]); i++)
		if (ports[i] == port)
			return true;
	return false;
}

/* What opens a way to the target: all of it at once, for who says no hangs up. */
static size_t
write_request(enum way way, const struct endpoint *target, char out[REPLY_MAX])
{
	char where[ENDPOINT_STRLEN];
	size_t bytes = target->address.bits / 8, n = 0;
	uint16_t port = htons(target->port);

	if (way == WAY_HTTP) {
		endpoint_format(target, where);
		return (size_t)snprintf(
		    out, REPLY_MAX, "CONNECT %s HTTP/1.1\r\nHost: %s\r\n\r\n", where, where);
	}
	if (way == WAY_SOCKS4) {
		memcpy(out, "\4\1", 2);
		memcpy(out + 2, &port, sizeof(port));
		memcpy(out + 4, target->address.byte, 4);
		out[8] = '\0';
		return bytes == 4 ? 9 : 0;
	}
	memcpy(out, "\5\1\0\5\1\0", 6);
	out[6] = bytes == 4 ? 1 : 4;
	n = 7;
	memcpy(out + n, target->address.byte, bytes);
	memcpy(out + n + bytes, &port, sizeof(port));
	return n + bytes + sizeof(port);
}

/* Whether the greeting of our mail server comes through; behind HTTP or a few bytes of SOCKS. */
static bool
hears_greeting(const struct auditor *a, int fd)
{
	int64_t deadline = clock_ms() + PROXY_MS;
	char in[REPLY_MAX + 1], line[SMTPTALK_TEXT_MAX];
	size_t n = 0, got = 1;

	(void)smtptalk_line(&a->greeting, line);
	while (got > 0 && n < REPLY_MAX && clock_ms() < deadline) {
		got = smtptalk_receive(fd, in + n, REPLY_MAX - n, (int)(deadline - clock_ms()));
		n += got;
		if (memmem(in, n, line, strcspn(line, " ")) != NULL &&
		    memmem(in, n, "220", 3) != NULL)
			return true;
	}
	return false;
}

static bool
is_open_by(struct auditor *a, const struct endpoint *at, enum way way)
{
	char request[REPLY_MAX];
	size_t n = write_request(way, &a->target, request);
	bool is_open = false;
	int fd;

	if (n == 0 || (fd = smtptalk_dial(at, &a->source)) < 0)
		return false;
	if (send(fd, request, n, MSG_NOSIGNAL) == (ssize_t)n)
		is_open = hears_greeting(a, fd);
	close(fd);
	return is_open;
}

static void
look_at_listener(struct auditor *a, const struct endpoint *listener)
{
	struct endpoint at = *listener;
	char where[ENDPOINT_STRLEN];

	endpoint_format(listener, where);
	if (!auditself_has(&a->self, &at.address)) /* it is for all addresses */
		at.address = a->target.address;
	if (at.address.bits != a->source.bits)
		return;
	for (enum way way = 0; way < WAYS; way++)
		if (is_open_by(a, &at, way)) {
			machine_add(&a->m, FINDING_ERROR, "proxy",
			    "have the proxy take connections of your own machines alone",
			    "%s lets strangers through to port %u, by %s: spam is sent that way",
			    where, a->target.port, way_names[way]);
			return;
		}
	machine_add(&a->m, FINDING_OK, "proxy", NULL,
	    "%s lets nobody through to the mail server", where);
}

void
auditproxy_look(struct auditor *a)
{
	unsigned looked = 0;

	for (size_t i = 0; i < a->self.nlisteners; i++) {
		const struct endpoint *l = &a->self.listener[i];

		if (!is_usual(l->port) || !auditself_is_open(l) || l->port == a->target.port)
			continue;
		looked++;
		if (!machine_is_late(&a->m, "proxy", "what listens here"))
			look_at_listener(a, l);
	}
	if (looked == 0)
		machine_add(&a->m, FINDING_OK, "proxy", NULL,
		    "nothing that others can reach listens at a usual port of proxies");
}
