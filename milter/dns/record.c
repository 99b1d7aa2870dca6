/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * dns/record.c - reads AAAA, MX, PTR and TXT records.  A record that breaks the
 * format spoils its packet; one that only says what nobody can use is left out.
 */
#include "config.h"

#include "dns/record.h"

#include <netinet/in.h>
#include <arpa/nameser.h>
#include <resolv.h>

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define NAME_SIZE 254 /* longest name and its NUL */

void
dnsrecord_clear(struct dns_room *room)
{
	room->records.n = 0;
	room->records.cut = false;
	room->near = NULL;
	room->used = 0;
}

/* All but addresses are texts. */
static size_t
nul_of(enum dns_type type)
{
	return type == DNS_AAAA ? 0 : 1;
}

/* Behind those that are preferred to it, or came before it. */
static void
insert(struct dns_records *all, const struct dns_record *r)
{
	size_t at = all->n++;

	for (; at > 0 && all->record[at - 1].preference > r->preference; at--)
		all->record[at] = all->record[at - 1];
	all->record[at] = *r;
}

/* Where a record of so many bytes goes; NULL, and so said: there is no room. */
static unsigned char *
find_room(struct dns_room *room, enum dns_type type, size_t len)
{
	size_t left = sizeof(room->data) - room->used;

	if (room->records.n < DNS_RECORDS_MAX && len + nul_of(type) <= left)
		return room->data + room->used;
	room->records.cut = true;
	return NULL;
}

/* Take what has been written there. */
static void
take(struct dns_room *room, enum dns_type type, uint16_t preference, size_t len)
{
	unsigned char *data = room->data + room->used;
	struct dns_record r = {.preference = preference, .len = (uint16_t)len, .data = data};

	if (nul_of(type) != 0)
		data[len] = '\0';
	room->used += len + nul_of(type);
	insert(&room->records, &r);
}

/* Whether it has more leading bits in common with the wanted one, or no less. */
static bool
is_nearer(const struct ipaddr *wanted, const unsigned char *a, const unsigned char *than)
{
	unsigned i = 0;

	while (i < NS_IN6ADDRSZ - 1 && a[i] == than[i])
		i++;
	return (a[i] ^ wanted->byte[i]) < (than[i] ^ wanted->byte[i]);
}

/* There is no room for an address, but it may be of more use than the last one. */
static void
prefer(struct dns_room *room, const unsigned char *address)
{
	unsigned char *last = room->data + room->used - NS_IN6ADDRSZ;

	if (room->near != NULL && room->near->bits == 128 &&
	    is_nearer(room->near, address, last))
		memcpy(last, address, NS_IN6ADDRSZ);
}

void
dnsrecord_keep(struct dns_room *room, enum dns_type type, uint16_t preference, const void *data,
    size_t len)
{
	unsigned char *to = find_room(room, type, len);

	if (to == NULL) {
		if (type == DNS_AAAA)
			prefer(room, data);
		return;
	}
	memcpy(to, data, len);
	take(room, type, preference, len);
}

/* A name that fills the rest of the data. */
static bool
read_name(struct dns_room *room, enum dns_type type, uint16_t preference,
    const unsigned char *packet, size_t len, const unsigned char *name, size_t rest)
{
	char text[NAME_SIZE];
	int used = dn_expand(packet, packet + len, name, text, sizeof(text));

	if (used < 0)
		return true;
	if ((size_t)used != rest)
		return false;
	if (strchr(text, '\\') == NULL)
		dnsrecord_keep(room, type, preference, text, strlen(text));
	return true;
}

/* The length of all strings together; false: the last one goes past the end. */
static bool
measure_text(const unsigned char *rdata, size_t rdlen, size_t *len)
{
	size_t i = 0;

	*len = 0;
	for (; i < rdlen; i += 1 + (size_t)rdata[i])
		*len += rdata[i];
	return i == rdlen;
}

static bool
read_text(struct dns_room *room, const unsigned char *rdata, size_t rdlen)
{
	unsigned char *to, *end;
	size_t len;

	/* One string at least (RFC 1035, 3.3.14). */
	if (rdlen == 0 || !measure_text(rdata, rdlen, &len))
		return false;
	to = end = find_room(room, DNS_TXT, len);
	if (to == NULL)
		return true;
	for (size_t i = 0; i < rdlen; i += 1 + (size_t)rdata[i]) {
		memcpy(end, rdata + i + 1, rdata[i]);
		end += rdata[i];
	}
	take(room, DNS_TXT, 0, len);
	return true;
}

bool
dnsrecord_read(struct dns_room *room, enum dns_type type, const unsigned char *packet,
    size_t len, const unsigned char *rdata, size_t rdlen)
{
	switch (type) {
	case DNS_A:
		break;
	case DNS_AAAA:
		if (rdlen != NS_IN6ADDRSZ)
			return false;
		dnsrecord_keep(room, type, 0, rdata, rdlen);
		return true;
	case DNS_MX:
		return rdlen > NS_INT16SZ &&
		    read_name(room, type, (uint16_t)ns_get16(rdata), packet, len,
			rdata + NS_INT16SZ, rdlen - NS_INT16SZ);
	case DNS_PTR:
		return rdlen > 0 && read_name(room, type, 0, packet, len, rdata, rdlen);
	case DNS_TXT:
		return read_text(room, rdata, rdlen);
	}
	assert(type != DNS_A); /* these are read elsewhere */
	return false;
}

const struct dns_records *
dnsrecord_copy(const struct dns_records *from)
{
	size_t size = sizeof(*from);
	struct dns_records *to;
	unsigned char *data;

	/* A NUL for each, as for an address it does no harm. */
	for (size_t i = 0; i < from->n; i++)
		size += from->record[i].len + 1U;
	to = malloc(size);
	if (to == NULL)
		return NULL;
	data = (unsigned char *)(to + 1);
	to->n = from->n;
	to->cut = from->cut;
	for (size_t i = 0; i < from->n; i++) {
		to->record[i] = from->record[i];
		to->record[i].data = data;
		memcpy(data, from->record[i].data, from->record[i].len);
		data += from->record[i].len;
		*data++ = '\0';
	}
	return to;
}

void
dnsrecord_free(const struct dns_records *copy)
{
	free((void *)copy);
}
