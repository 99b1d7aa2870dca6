/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * base/nat64.c - where translators put an IPv4 address: behind the prefix, but for the
 * byte of bits 64 to 71, which is zero (RFC 6052, 2.2).
 */
#include "config.h"

#include "base/nat64.h"

#include <string.h>

#include "base/number.h"
#include "base/strbuf.h"

#define RESERVED 8 /* the byte that is zero */

static const struct network known[] = {
    {{.bits = 128, .byte = {0x00, 0x64, 0xff, 0x9b}}, 96},
    {{.bits = 128}, 96}, /* IPv4-compatible: of old, and ::1 */
};

/* Whether the length is one of RFC 6052; text is what stands behind the slash. */
static bool
read_length(const char *text, unsigned *len)
{
	*len = (unsigned)number_plain(&text, 96);
	return *text == '\0' && *len % 8 == 0 && *len >= 32 && (*len <= 64 || *len == 96);
}

bool
nat64_parse(struct network *out, const char *text, char *why, size_t whysize)
{
	const char *slash = strchr(text, '/');
	static const uint8_t zero[16];

	if (slash == NULL || !ipaddr_parse_part(&out->addr, text, (size_t)(slash - text)) ||
	    out->addr.bits != 128)
		return strbuf_fail(why, whysize, "must be like \"2001:db8:64::/96\"");
	if (!read_length(slash + 1, &out->len))
		return strbuf_fail(why, whysize, "has a length of 32, 40, 48, 56, 64 or 96");
	if (out->addr.byte[RESERVED] != 0 ||
	    memcmp(out->addr.byte + out->len / 8, zero, 16 - out->len / 8) != 0)
		return strbuf_fail(
		    why, whysize, "has bits set past its length, or among 64 to 71");
	return true;
}

/* The address behind a prefix; false: there is none. */
static bool
take(const struct network *nat64, const struct ipaddr *addr, struct ipaddr *out)
{
	unsigned from = nat64->len / 8;

	if (!ipaddr_within(addr, &nat64->addr, nat64->len) || addr->byte[RESERVED] != 0)
		return false;
	*out = (struct ipaddr){.bits = 32};
	for (unsigned i = 0; i < 4; i++, from++) {
		if (from == RESERVED)
			from++;
		out->byte[i] = addr->byte[from];
	}
	return true;
}

/* What an address is behind prefixes; it may be private only behind the site's own. */
static bool
find(const struct network *prefixes, size_t n, bool own, const struct ipaddr *addr,
    struct ipaddr *out)
{
	enum ipaddr_kind kind;
	size_t i = 0;

	while (i < n && !take(&prefixes[i], addr, out))
		i++;
	kind = i < n ? ipaddr_kind(out, 32) : IPADDR_NOBODY;
	return kind != IPADDR_NOBODY && kind != IPADDR_LOOPBACK &&
	    (own || kind != IPADDR_PRIVATE);
}

void
nat64_fold(const struct network *own, size_t n, struct ipaddr *addr)
{
	struct ipaddr found;

	if (find(own, n, true, addr, &found) ||
	    find(known, sizeof(known) / sizeof(known[0]), false, addr, &found))
		*addr = found;
}

bool
nat64_holds(const struct ipaddr *net, unsigned len)
{
	struct ipaddr found;

	if (len < known[0].len)
		return false;
	return take(&known[0], net, &found) ||
	    (take(&known[1], net, &found) && found.byte[0] != 0);
}
