/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * base/ipaddr.c - what a client is known by.  One form for both families, so that
 * nothing above has to ask which of them it deals with.
 */
#include "config.h"

#include "base/ipaddr.h"

#include <sys/socket.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

static const uint8_t mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

static void
set_v4(struct ipaddr *out, const uint8_t *byte)
{
	*out = (struct ipaddr){.bits = 32};
	memcpy(out->byte, byte, 4);
}

static void
set_v6(struct ipaddr *out, const uint8_t *byte)
{
	if (memcmp(byte, mapped, sizeof(mapped)) == 0) {
		set_v4(out, byte + sizeof(mapped));
		return;
	}
	out->bits = 128;
	memcpy(out->byte, byte, 16);
}

bool
ipaddr_from_sockaddr(struct ipaddr *out, const struct sockaddr *sa)
{
	struct sockaddr_in in;
	struct sockaddr_in6 in6;

	*out = (struct ipaddr){0};
	if (sa == NULL)
		return false;
	/* Copied, for what the caller holds need not be aligned for its family. */
	if (sa->sa_family == AF_INET) {
		memcpy(&in, sa, sizeof(in));
		set_v4(out, (const uint8_t *)&in.sin_addr);
		return true;
	}
	if (sa->sa_family == AF_INET6) {
		memcpy(&in6, sa, sizeof(in6));
		set_v6(out, in6.sin6_addr.s6_addr);
		return true;
	}
	return false;
}

bool
ipaddr_parse(struct ipaddr *out, const char *text)
{
	uint8_t byte[16];

	*out = (struct ipaddr){0};
	if (inet_pton(AF_INET, text, byte) == 1) {
		set_v4(out, byte);
		return true;
	}
	if (inet_pton(AF_INET6, text, byte) == 1) {
		set_v6(out, byte);
		return true;
	}
	return false;
}

bool
ipaddr_parse_part(struct ipaddr *out, const char *text, size_t len)
{
	char whole[IPADDR_STRLEN];

	*out = (struct ipaddr){0};
	if (len >= sizeof(whole))
		return false;
	memcpy(whole, text, len);
	whole[len] = '\0';
	return ipaddr_parse(out, whole);
}

/* Write a byte in decimal; returns where it ends. */
static char *
put_octet(char *at, unsigned byte)
{
	if (byte >= 100)
		*at++ = (char)('0' + byte / 100);
	if (byte >= 10)
		*at++ = (char)('0' + byte / 10 % 10);
	*at++ = (char)('0' + byte % 10);
	return at;
}

static void
format_v4(const uint8_t *byte, char *at)
{
	at = put_octet(at, byte[0]);
	for (unsigned i = 1; i < 4; i++) {
		*at++ = '.';
		at = put_octet(at, byte[i]);
	}
	*at = '\0';
}

const char *
ipaddr_format(const struct ipaddr *addr, char out[IPADDR_STRLEN])
{
	if (addr->bits == 32)
		format_v4(addr->byte, out);
	else if (addr->bits == 0 || inet_ntop(AF_INET6, addr->byte, out, IPADDR_STRLEN) == NULL)
		snprintf(out, IPADDR_STRLEN, "unknown");
	return out;
}

void
ipaddr_mask(struct ipaddr *addr, unsigned len)
{
	if (len % 8 != 0)
		addr->byte[len / 8] &= (uint8_t)(0xff << (8 - len % 8));
	len = (len + 7) / 8;
	memset(addr->byte + len, 0, sizeof(addr->byte) - len);
}

struct ipaddr
ipaddr_network(const struct ipaddr *addr, unsigned v4, unsigned v6)
{
	struct ipaddr network = *addr;

	ipaddr_mask(&network, addr->bits == 32 ? v4 : v6);
	return network;
}

void
ipaddr_reverse(const struct ipaddr *addr, char out[IPADDR_LABELS])
{
	static const char digits[] = "0123456789abcdef";
	char *at = out;

	for (unsigned i = addr->bits / 8; i-- > 0;) {
		unsigned byte = addr->byte[i];

		if (at > out)
			*at++ = '.';
		if (addr->bits == 32) {
			at = put_octet(at, byte);
		} else {
			*at++ = digits[byte & 15];
			*at++ = '.';
			*at++ = digits[byte >> 4];
		}
	}
	*at = '\0';
}

int
ipaddr_compare(const struct ipaddr *a, const struct ipaddr *b)
{
	if (a->bits != b->bits)
		return a->bits < b->bits ? -1 : 1;
	return memcmp(a->byte, b->byte, sizeof(a->byte));
}

bool
ipaddr_within(const struct ipaddr *addr, const struct ipaddr *net, unsigned len)
{
	unsigned whole = len / 8, rest = len % 8;

	if (addr->bits == 0 || addr->bits != net->bits || len > addr->bits)
		return false;
	if (memcmp(addr->byte, net->byte, whole) != 0)
		return false;
	return rest == 0 || (addr->byte[whole] ^ net->byte[whole]) >> (8 - rest) == 0;
}

/* Networks that are not for everybody; of two that lie in one, the first counts. */
static const struct special {
	struct ipaddr net;
	unsigned len;
	enum ipaddr_kind kind;
} specials[] = {
    {{32, {10}}, 8, IPADDR_PRIVATE},
    {{32, {100, 64}}, 10, IPADDR_PRIVATE},
    {{32, {169, 254}}, 16, IPADDR_PRIVATE},
    {{32, {172, 16}}, 12, IPADDR_PRIVATE},
    {{32, {192, 168}}, 16, IPADDR_PRIVATE},
    {{128, {0xfc}}, 7, IPADDR_PRIVATE},
    {{128, {0xfe, 0x80}}, 10, IPADDR_PRIVATE},
    {{32, {127}}, 8, IPADDR_LOOPBACK},
    {{128, {[15] = 1}}, 128, IPADDR_LOOPBACK},
    {{32, {0}}, 8, IPADDR_NOBODY},
    {{32, {224}}, 3, IPADDR_NOBODY},
    {{32, {192, 0, 0}}, 24, IPADDR_PROTOCOL},
};

enum ipaddr_kind
ipaddr_kind(const struct ipaddr *addr, unsigned len)
{
	for (size_t i = 0; i < sizeof(specials) / sizeof(specials[0]); i++) {
		const struct special *s = &specials[i];

		if (ipaddr_within(addr, &s->net, len < s->len ? len : s->len))
			return s->kind;
	}
	return IPADDR_GLOBAL;
}

/* Whether one of the networks of IPv4 above may begin so: mostly that is all there is to ask. */
static bool
may_be_special(uint8_t first)
{
	switch (first) {
	case 0:
	case 10:
	case 100:
	case 127:
	case 169:
	case 172:
	case 192:
		return true;
	default:
		return first >= 224;
	}
}

bool
ipaddr_is_global(const struct ipaddr *addr)
{
	/* All that IANA has given out. */
	static const struct ipaddr unicast = {128, {0x20}};

	if (addr->bits == 32)
		return !may_be_special(addr->byte[0]) || ipaddr_kind(addr, 32) == IPADDR_GLOBAL;
	return ipaddr_within(addr, &unicast, 3);
}
