/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * test_dnsrecord.c - the data of records: right, wrong, hostile, and more than
 * there is room for.
 */
#include "config.h"

#include "dns/record.h"

#include <stdlib.h>

#include "fakes/dns_text.h"
#include "tap.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define RAW(text) text, sizeof(text) - 1
#define TEXT_61 "b234567890123456789012345678901234567890123456789012345678901"
#define TEXT_63 TEXT_61 "23"
#define TEXT_255 TEXT_63 TEXT_63 TEXT_63 TEXT_63 "abc"

/* A packet: a head, the name "Example" at 12, and the data, followed by zeros. */
#define NAME_AT 12
#define DATA_AT 32 /* 0x20 */
#define DATA_MAX 1200
#define EXAMPLE "\xc0\x0c"

static const struct {
	const char *label;
	enum dns_type type;
	const char *data;
	size_t len;
	const char *want; /* NULL: it is no such record; "-": it is left out */
} rows[] = {
    {"address", DNS_AAAA, RAW("\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x19"), "2001:db8::19"},
    {"address of nothing", DNS_AAAA, RAW(""), NULL},
    {"address of 15", DNS_AAAA, RAW("\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0"), NULL},
    {"address of 17", DNS_AAAA, RAW("\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x19\0"), NULL},

    {"name", DNS_PTR, RAW("\4host\7example\0"), "host.example"},
    {"name with a pointer", DNS_PTR, RAW("\4host" EXAMPLE), "host.Example"},
    {"pointer alone", DNS_PTR, RAW(EXAMPLE), "Example"},
    {"root", DNS_PTR, RAW("\0"), ""},
    {"name of nothing", DNS_PTR, RAW(""), NULL},
    {"name and more", DNS_PTR, RAW("\4host\7example\0x"), NULL},
    {"name that runs over", DNS_PTR, RAW("\4host\7exam"), NULL},
    {"name that lacks its root", DNS_PTR, RAW("\4host\7example"), NULL},
    {"loop to itself", DNS_PTR, RAW("\xc0\x20"), "-"},
    {"loop to its label", DNS_PTR, RAW("\1a\xc0\x20"), "-"},
    {"loop of two", DNS_PTR, RAW("\xc0\x22\xc0\x20"), "-"},
    {"pointer out of the packet", DNS_PTR, RAW("\xff\xff"), "-"},
    {"label of a type unknown", DNS_PTR, RAW("\x80\0"), "-"},
    {"longest", DNS_PTR, RAW("\77" TEXT_63 "\77" TEXT_63 "\77" TEXT_63 "\75" TEXT_61 "\0"),
	TEXT_63 "." TEXT_63 "." TEXT_63 "." TEXT_61},
    {"one too long", DNS_PTR,
	RAW("\77" TEXT_63 "\77" TEXT_63 "\77" TEXT_63 "\76" TEXT_61 "x\0"), "-"},
    {"far too long", DNS_PTR,
	RAW("\77" TEXT_63 "\77" TEXT_63 "\77" TEXT_63 "\77" TEXT_63 "\77" TEXT_63 "\0"), "-"},
    {"NUL in a name", DNS_PTR, RAW("\5ho\0st" EXAMPLE), "-"},
    {"dot in a label", DNS_PTR, RAW("\5ho.st" EXAMPLE), "-"},
    {"backslash in a label", DNS_PTR, RAW("\5ho\\st" EXAMPLE), "-"},
    {"line end in a label", DNS_PTR, RAW("\5ho\nst" EXAMPLE), "-"},
    {"8-bit label", DNS_PTR, RAW("\5h\xc3\xb6st" EXAMPLE), "-"},
    {"odd, but printed", DNS_PTR, RAW("\7a+b=c/*" EXAMPLE), "a+b=c/*.Example"},

    {"exchange", DNS_MX, RAW("\0\12\2mx" EXAMPLE), "10:mx.Example"},
    {"highest preference", DNS_MX, RAW("\xff\xff\2mx" EXAMPLE), "65535:mx.Example"},
    {"no exchange", DNS_MX, RAW("\0\0\0"), "0:"},
    {"preference alone", DNS_MX, RAW("\0\12"), NULL},
    {"half a preference", DNS_MX, RAW("\0"), NULL},
    {"exchange of nothing", DNS_MX, RAW(""), NULL},
    {"exchange and more", DNS_MX, RAW("\0\12\2mx" EXAMPLE "\0"), NULL},
    {"exchange in a loop", DNS_MX, RAW("\0\12\xc0\x22"), "-"},
    {"NUL in an exchange", DNS_MX, RAW("\0\12\2m\0" EXAMPLE), "-"},

    {"text", DNS_TXT, RAW("\6v=spf1"), "v=spf1"},
    {"strings are joined", DNS_TXT, RAW("\6v=spf1\5 a:b.\5c -al\1l"), "v=spf1 a:b.c -all"},
    {"empty string", DNS_TXT, RAW("\0"), ""},
    {"empty strings between", DNS_TXT, RAW("\0\1a\0\0\1b\0"), "ab"},
    {"no string", DNS_TXT, RAW(""), NULL},
    {"string that runs over", DNS_TXT, RAW("\6v=spf"), NULL},
    {"second string that runs over", DNS_TXT, RAW("\2ab\xff"), NULL},
    {"strings of 255", DNS_TXT, RAW("\xff" TEXT_255 "\xff" TEXT_255 "\1x"),
	TEXT_255 TEXT_255 "x"},
    {"NUL in a text", DNS_TXT, RAW("\3a\0b"), "a (of another length)"},
    {"NUL at its end", DNS_TXT, RAW("\1a\1\0"), "a (of another length)"},
    {"8-bit and controls", DNS_TXT, RAW("\5\xff\x01\x7f\n "), "\xff\x01\x7f\n "},
};

/* Read from memory of just the packet's size, so that a step beyond it is seen. */
static bool
read_at_end(
    struct dns_room *room, enum dns_type type, const void *data, size_t len, size_t zeros)
{
	size_t size = DATA_AT + len + zeros;
	unsigned char *packet = calloc(1, size);
	bool read;

	memcpy(packet + NAME_AT, "\7Example", 9);
	memcpy(packet + DATA_AT, data, len);
	dnsrecord_clear(room);
	read = dnsrecord_read(room, type, packet, size, packet + DATA_AT, len);
	free(packet);
	return read;
}

static void
test_rows(void)
{
	static struct dns_room room;
	char text[DATA_MAX];

	for (size_t i = 0; i < COUNT(rows); i++) {
		const char *label = rows[i].label, *want = rows[i].want;
		bool read = read_at_end(&room, rows[i].type, rows[i].data, rows[i].len, 8);

		same_num(read, want != NULL, label);
		if (!read)
			continue;
		ok(!room.records.cut, "%s: there is room", label);
		same_num((long long)room.records.n, strcmp(want, "-") != 0, label);
		if (room.records.n == 0)
			continue;
		same_str(
		    dns_text(rows[i].type, &room.records, text, sizeof(text)), want, label);
	}
}

/* Cut at every byte, at the end of the packet: what is read is never more than came. */
static void
test_cut(void)
{
	static struct dns_room room;

	for (size_t i = 0; i < COUNT(rows); i++) {
		bool good = true;

		for (size_t len = 0; len <= rows[i].len; len++) {
			(void)read_at_end(&room, rows[i].type, rows[i].data, len, 0);
			good &= room.records.n <= 1 && !room.records.cut && room.used <= 1024;
		}
		ok(good, "%s: cut at every byte", rows[i].label);
	}
}

/* By preference, those of one preference as they came; one too many is left out. */
static void
test_order(void)
{
	static const struct {
		uint16_t preference;
		const char *name;
	} mx[] = {
	    {20, "c"}, {10, "a"}, {65535, "f"}, {20, "d"}, {10, "b"}, {20, "e"}, {0, "0"}};
	static struct dns_room room;
	char text[256];

	dnsrecord_clear(&room);
	for (size_t i = 0; i < COUNT(mx); i++)
		dnsrecord_keep(&room, DNS_MX, mx[i].preference, mx[i].name, 1);
	same_str(dns_text(DNS_MX, &room.records, text, sizeof(text)),
	    "0:0|10:a|10:b|20:c|20:d|20:e|65535:f", "order");

	dnsrecord_clear(&room);
	for (uint16_t i = 0; i < DNS_RECORDS_MAX; i++)
		dnsrecord_keep(&room, DNS_MX, (uint16_t)(1000 - i), "a", 1);
	same_num((long long)room.records.n, DNS_RECORDS_MAX, "as many as there may be");
	ok(!room.records.cut, "none is left out");
	dnsrecord_keep(&room, DNS_MX, 0, "b", 1);
	same_num((long long)room.records.n, DNS_RECORDS_MAX, "not one more");
	ok(room.records.cut, "that is said");
	same_num(room.records.record[0].preference, 1000 - (DNS_RECORDS_MAX - 1), "the lowest");
	same_num(room.records.record[DNS_RECORDS_MAX - 1].preference, 1000, "the highest");
}

/* Of addresses, the last place is for the nearest to the one that is wanted. */
static void
test_near(void)
{
	static const struct ipaddr wanted = {.bits = 128, .byte = {0x20, 0x01, [15] = 9}};
	unsigned char address[16] = {0x20, 0x02}, near[16] = {0x20, 0x01, [14] = 1};
	static struct dns_room room;
	const unsigned char *last;

	dnsrecord_clear(&room);
	room.near = &wanted;
	for (unsigned i = 0; i < DNS_RECORDS_MAX + 9; i++) {
		dnsrecord_keep(&room, DNS_AAAA, 0, address, 16);
		if (i == DNS_RECORDS_MAX + 3)
			dnsrecord_keep(&room, DNS_AAAA, 0, near, 16);
	}
	last = room.records.record[DNS_RECORDS_MAX - 1].data;
	ok(memcmp(last, near, 16) == 0 && room.records.cut, "the nearest is kept");
	ok(memcmp(room.records.record[DNS_RECORDS_MAX - 2].data, address, 16) == 0,
	    "in the last place");
	dnsrecord_keep(&room, DNS_AAAA, 0, wanted.byte, 16);
	ok(memcmp(last, wanted.byte, 16) == 0, "itself is nearer");
	dnsrecord_keep(&room, DNS_AAAA, 0, near, 16);
	ok(memcmp(last, wanted.byte, 16) == 0, "and stays");
}

/* Bytes: all of them are used, the NULs counted, and not one more. */
static void
test_bytes(void)
{
	static struct dns_room room;
	static char text[DNS_RECORDS_BYTES];

	memset(text, 'x', sizeof(text));
	dnsrecord_clear(&room);
	dnsrecord_keep(&room, DNS_TXT, 0, text, DNS_RECORDS_BYTES);
	ok(room.records.n == 0 && room.records.cut, "no room for one and its NUL");
	dnsrecord_clear(&room);
	dnsrecord_keep(&room, DNS_TXT, 0, text, DNS_RECORDS_BYTES - 10);
	ok(room.records.n == 1 && !room.records.cut, "a large one");
	dnsrecord_keep(&room, DNS_TXT, 0, text, 9);
	ok(room.records.n == 1 && room.records.cut, "one too large for the rest");
	dnsrecord_keep(&room, DNS_TXT, 0, text, 8);
	ok(room.records.n == 2, "and one that is not");
	same_num((long long)room.used, DNS_RECORDS_BYTES, "all is used");
	dnsrecord_keep(&room, DNS_TXT, 0, "", 0);
	same_num((long long)room.records.n, 2, "not even for nothing");
}

static void
test_copy(void)
{
	static struct dns_room room;
	const struct dns_records *copy;
	char text[256];

	dnsrecord_clear(&room);
	copy = dnsrecord_copy(&room.records);
	ok(copy != NULL && copy->n == 0 && !copy->cut, "copy of none");
	dnsrecord_free(copy);
	dnsrecord_keep(&room, DNS_MX, 20, "mx2.example", 11);
	dnsrecord_keep(&room, DNS_MX, 10, "", 0);
	room.records.cut = true;
	copy = dnsrecord_copy(&room.records);
	memset(&room, 0xff, sizeof(room));
	if (ok(copy != NULL && copy->n == 2 && copy->cut, "copy of two")) {
		same_str(dns_text(DNS_MX, copy, text, sizeof(text)), "10:|20:mx2.example",
		    "with data of its own");
	}
	dnsrecord_free(copy);
	dnsrecord_free(NULL);
}

int
main(void)
{
	test_rows();
	test_cut();
	test_order();
	test_near();
	test_bytes();
	test_copy();
	return done();
}
