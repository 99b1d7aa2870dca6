/* SPDX-License-Identifier: BSD-2-Clause */
/* ctl/auditself.c - getifaddrs(3), and /proc/net/tcp, in which addresses are words of the host. */
#include "config.h"

#include "ctl/auditself.h"

#include <ifaddrs.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define WORD_DIGITS 8
#define WORDS_V6 4
#define LINE_SIZE 512

static void
add_address(struct auditself *self, const struct ipaddr *address)
{
	static const struct ipaddr link_local = {128, {0xfe, 0x80}};

	if (address->bits != 0 && !ipaddr_within(address, &link_local, 10) &&
	    self->naddresses < AUDITSELF_ADDRESSES)
		self->address[self->naddresses++] = *address;
}

static bool
read_addresses(struct auditself *self)
{
	struct ifaddrs *all;
	struct ipaddr address;

	if (getifaddrs(&all) != 0)
		return false;
	for (const struct ifaddrs *i = all; i != NULL; i = i->ifa_next)
		if (ipaddr_from_sockaddr(&address, i->ifa_addr))
			add_address(self, &address);
	freeifaddrs(all);
	return true;
}

/* An address is one word or four, each in the order of the host. */
static bool
read_words(const char *digits, size_t len, unsigned char bytes[16])
{
	char word[WORD_DIGITS + 1];

	if (len != WORD_DIGITS && len != WORDS_V6 * WORD_DIGITS)
		return false;
	for (size_t i = 0; i < len / WORD_DIGITS; i++) {
		uint32_t value;

		memcpy(word, digits + i * WORD_DIGITS, WORD_DIGITS);
		word[WORD_DIGITS] = '\0';
		if (sscanf(word, "%" SCNx32, &value) != 1)
			return false;
		memcpy(bytes + i * sizeof(value), &value, sizeof(value));
	}
	return true;
}

bool
auditself_line(const char *line, struct endpoint *out)
{
	static const unsigned char mapped[12] = {[10] = 0xff, [11] = 0xff};
	char digits[WORDS_V6 * WORD_DIGITS + 1];
	unsigned char bytes[16] = {0};
	unsigned port, state;

	if (sscanf(line, " %*u: %32[0-9A-Fa-f]:%4x %*32[0-9A-Fa-f]:%*4x %2x", digits, &port,
		&state) != 3 ||
	    state != 0x0a || !read_words(digits, strlen(digits), bytes))
		return false;
	*out = (struct endpoint){.port = (uint16_t)port};
	out->address.bits = strlen(digits) == WORD_DIGITS ? 32 : 128;
	if (out->address.bits == 128 && memcmp(bytes, mapped, sizeof(mapped)) == 0) {
		out->address.bits = 32;
		memmove(bytes, bytes + sizeof(mapped), 4);
	}
	memcpy(out->address.byte, bytes, out->address.bits / 8);
	return true;
}

static bool
read_listeners(struct auditself *self, const char *path)
{
	FILE *file = fopen(path, "re");
	char line[LINE_SIZE];

	if (file == NULL)
		return false;
	while (
	    fgets(line, sizeof(line), file) != NULL && self->nlisteners < AUDITSELF_LISTENERS)
		if (auditself_line(line, &self->listener[self->nlisteners]))
			self->nlisteners++;
	(void)fclose(file);
	return true;
}

bool
auditself_read(struct auditself *self)
{
	*self = (struct auditself){0};
	if (!read_addresses(self) || !read_listeners(self, "/proc/net/tcp"))
		return false;
	(void)read_listeners(self, "/proc/net/tcp6"); /* without IPv6 there is none */
	return true;
}

bool
auditself_has(const struct auditself *self, const struct ipaddr *address)
{
	if (ipaddr_kind(address, address->bits) == IPADDR_LOOPBACK)
		return true;
	for (size_t i = 0; i < self->naddresses; i++)
		if (ipaddr_compare(&self->address[i], address) == 0)
			return true;
	return false;
}

static bool
is_any(const struct ipaddr *address)
{
	static const unsigned char zero[16];

	return memcmp(address->byte, zero, sizeof(zero)) == 0;
}

bool
auditself_listens(const struct auditself *self, const struct endpoint *at)
{
	for (size_t i = 0; i < self->nlisteners; i++) {
		const struct endpoint *l = &self->listener[i];

		/* A listener of :: mostly takes IPv4, too. */
		if (l->port == at->port &&
		    (ipaddr_compare(&l->address, &at->address) == 0 ||
			(is_any(&l->address) && l->address.bits >= at->address.bits)))
			return true;
	}
	return false;
}

bool
auditself_is_open(const struct endpoint *listener)
{
	return is_any(&listener->address) ||
	    ipaddr_kind(&listener->address, listener->address.bits) != IPADDR_LOOPBACK;
}
