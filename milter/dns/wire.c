/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * dns/wire.c - names on their way into DNS packets, and the packets that come
 * back.  The walk over a packet is libresolv's; what it means is decided here.
 */
#include "config.h"

#include "dns/wire.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <arpa/nameser.h>
#include <resolv.h>

#include <limits.h>
#include <string.h>
#include <strings.h>

#include "base/ascii.h"
#include "base/strbuf.h"

#define LABEL_MAX 63
#define FLAG_RD 0x0100
#define FLAG_CD 0x0010
#define FLAG_QR 0x80 /* of byte 2, ... */
#define FLAG_QR_OPCODE 0xf8
#define RCODE_BITS 0xf /* of byte 3 */
#define FLAG_TC 0x0200
#define EDNS_SIZE 1232 /* a UDP answer that no network has to cut in pieces */
#define EDNS_DO 0x8000 /* in the TTL of an OPT record (RFC 3225) */
#define TYPE_RRSIG 46  /* RFC 4034, 3; not every system's header has it */
#define ALIASES_MAX 16 /* followed from a name to its records */
#define RCODE_MAX 254  /* told of a code; those above, which nobody has, are that */

/* What is made of an answer. */
struct reading {
	struct dns_reply *reply;
	struct dns_room *room;
	enum dns_type type; /* that was asked for */
	const struct dns_preference *prefer;
	uint32_t worth[DNS_ADDRESSES]; /* of each address of the reply */
};

static bool
is_printed(char c)
{
	return c >= ' ' && c <= '~' && c != '.' && c != '\\';
}

static bool
is_label_length(size_t n)
{
	return n > 0 && n <= LABEL_MAX;
}

static bool
copy_name(char *out, const char *name, const unsigned char *random, bool any)
{
	size_t len = ascii_bare_length(name), label = 0; /* where it begins */

	if (len >= DNSWIRE_NAME_SIZE)
		return false;
	for (size_t i = 0; i < len; i++) {
		char c = name[i];

		if (ascii_is_letter(c))
			c ^= (char)((random[i / 8] >> i % 8 & 1) * ASCII_CASE);
		else if (c == '.' && is_label_length(i - label))
			label = i + 1;
		else if (!ascii_is_label(c) && !(any && is_printed(c)))
			return false;
		out[i] = c;
	}
	out[len] = '\0';
	return is_label_length(len - label);
}

bool
dnswire_name(char out[DNSWIRE_NAME_SIZE], const char *name,
    const unsigned char random[DNSWIRE_RANDOM_SIZE])
{
	return copy_name(out, name, random, false);
}

bool
dnswire_any_name(char out[DNSWIRE_NAME_SIZE], const char *name,
    const unsigned char random[DNSWIRE_RANDOM_SIZE])
{
	return copy_name(out, name, random, true);
}

bool
dnswire_is_onion(const char *name)
{
	const char *last = strrchr(name, '.');

	return strcasecmp(last != NULL ? last + 1 : name, "onion") == 0;
}

uint16_t
dnswire_type(enum dns_type type)
{
	switch (type) {
	case DNS_A:
		break;
	case DNS_AAAA:
		return ns_t_aaaa;
	case DNS_MX:
		return ns_t_mx;
	case DNS_PTR:
		return ns_t_ptr;
	case DNS_TXT:
		return ns_t_txt;
	}
	return ns_t_a;
}

static unsigned char *
put16(unsigned char *at, unsigned value)
{
	at[0] = (unsigned char)(value >> 8);
	at[1] = (unsigned char)value;
	return at + NS_INT16SZ;
}

/* A dot of the name becomes the length of the label behind it. */
static unsigned char *
put_name(unsigned char *at, const char *name)
{
	unsigned char *length = at++;

	for (; *name != '\0'; name++, at++) {
		if (*name == '.') {
			*length = (unsigned char)(at - length - 1);
			length = at;
		} else {
			*at = (unsigned char)*name;
		}
	}
	*length = (unsigned char)(at - length - 1);
	*at++ = 0;
	return at;
}

/* An OPT record of the root, without options: class and TTL hold its size and flags. */
static unsigned char *
put_opt(unsigned char *at, bool dnssec)
{
	*at++ = 0;
	at = put16(at, ns_t_opt);
	at = put16(at, EDNS_SIZE);
	at = put16(at, 0);
	at = put16(at, dnssec ? EDNS_DO : 0);
	return put16(at, 0);
}

static unsigned
question_flags(unsigned flags)
{
	return (flags & DNS_NO_RECURSION ? 0U : FLAG_RD) |
	    (flags & DNS_CHECKING_DISABLED ? FLAG_CD : 0U);
}

size_t
dnswire_question(unsigned char out[DNSWIRE_QUESTION_SIZE], uint16_t id, enum dns_type type,
    const char *name, unsigned flags)
{
	bool edns = (flags & (DNS_DNSSEC_OK | DNS_EDNS)) != 0;
	unsigned char *at = put16(out, id);

	at = put16(at, question_flags(flags));
	at = put16(at, 1);
	at = put16(at, 0);
	at = put16(at, 0);
	at = put16(at, edns);
	at = put_name(at, name);
	at = put16(at, dnswire_type(type));
	at = put16(at, ns_c_in);
	if (edns)
		at = put_opt(at, (flags & DNS_DNSSEC_OK) != 0);
	return (size_t)(at - out);
}

/* Of 32 bits the highest is no part of a TTL (RFC 2181, 8). */
static uint32_t
sane_ttl(uint32_t ttl)
{
	return ttl > INT32_MAX ? 0 : ttl;
}

static bool
is_same(char a, char b, bool fold)
{
	return a == b || (fold && ascii_lower(a) == ascii_lower(b));
}

/*
 * Whether a packet goes on with a question for that: letter by letter, as it was
 * sent, or in whatever case.  A dot of the name is the length of a label there.
 */
static bool
is_question(
    const unsigned char *at, size_t len, enum dns_type type, const char *name, bool fold)
{
	unsigned left;

	/* One length more than there are dots, and the root's. */
	if (len < strlen(name) + 2 + NS_QFIXEDSZ)
		return false;
	for (left = *at++; *name != '\0'; name++, at++) {
		if (*name == '.' ? left != 0 : left == 0 || !is_same((char)*at, *name, fold))
			return false;
		left = *name == '.' ? *at : left - 1;
	}
	return left == 0 && *at == 0 && ns_get16(at + 1) == dnswire_type(type) &&
	    ns_get16(at + 1 + NS_INT16SZ) == ns_c_in;
}

/* Whether it is an error alone, without the question that it is about. */
static bool
is_bare_error(const unsigned char *packet, size_t len)
{
	unsigned rcode;

	if (len != NS_HFIXEDSZ || (packet[2] & FLAG_QR_OPCODE) != FLAG_QR)
		return false;
	rcode = packet[3] & RCODE_BITS;
	return rcode != ns_r_noerror && rcode != ns_r_nxdomain;
}

enum dnswire_match
dnswire_match(enum dns_type type, const char *name, const unsigned char *packet, size_t len)
{
	const unsigned char *at = packet + NS_HFIXEDSZ;

	if (is_bare_error(packet, len))
		return DNSWIRE_BARE;
	if (len < NS_HFIXEDSZ || ns_get16(packet + 4) != 1)
		return DNSWIRE_OTHER;
	if (is_question(at, len - NS_HFIXEDSZ, type, name, false))
		return DNSWIRE_EXACT;
	return is_question(at, len - NS_HFIXEDSZ, type, name, true) ? DNSWIRE_FOLDED
								    : DNSWIRE_OTHER;
}

bool
dnswire_is_truncated(const unsigned char *packet, size_t len)
{
	return len >= NS_HFIXEDSZ && (packet[2] & FLAG_TC >> 8) != 0;
}

static bool
is_answer(ns_msg *m)
{
	/* What came cut even over TCP says nothing about what is missing. */
	return ns_msg_getflag(*m, ns_f_qr) == 1 && ns_msg_getflag(*m, ns_f_tc) == 0 &&
	    ns_msg_getflag(*m, ns_f_opcode) == ns_o_query;
}

/* Of two, the one with more leading bits in common with the wanted one has more. */
static uint32_t
worth_of(const struct dns_preference *prefer, uint32_t address)
{
	if (prefer == NULL)
		return 0;
	if (prefer->worth != NULL)
		return prefer->worth(prefer->arg, address);
	if (prefer->near == NULL || prefer->near->bits != 32)
		return 0;
	return ~(address ^ (uint32_t)ns_get32(prefer->near->byte));
}

/* Whether the address i of the reply is to be kept before one of this worth. */
static bool
is_better(const struct reading *r, size_t i, uint32_t worth, uint32_t address)
{
	if (r->worth[i] != worth)
		return r->worth[i] > worth;
	return r->reply->address[i] < address;
}

/* The address that all others are to be kept before. */
static size_t
find_worst(const struct reading *r)
{
	size_t worst = 0;

	for (size_t i = 1; i < r->reply->n; i++)
		if (!is_better(r, i, r->worth[worst], r->reply->address[worst]))
			worst = i;
	return worst;
}

static void
keep_address(struct reading *r, uint32_t address)
{
	struct dns_reply *reply = r->reply;
	uint32_t worth = worth_of(r->prefer, address);
	size_t at = reply->n;

	for (size_t i = 0; i < reply->n; i++)
		if (reply->address[i] == address)
			return;
	if (at == DNS_ADDRESSES) {
		reply->cut = true;
		at = find_worst(r);
		if (is_better(r, at, worth, address))
			return;
	} else {
		reply->n++;
	}
	reply->address[at] = address;
	r->worth[at] = worth;
}

static bool
read_address(struct reading *r, const ns_rr *rr)
{
	if (ns_rr_rdlen(*rr) != NS_INADDRSZ)
		return false;
	keep_address(r, (uint32_t)ns_get32(ns_rr_rdata(*rr)));
	return true;
}

/* One record of the type asked for. */
static bool
read_record(struct reading *r, ns_msg *m, const ns_rr *rr)
{
	if (r->type == DNS_A)
		return read_address(r, rr);
	r->reply->records = &r->room->records;
	return dnsrecord_read(r->room, r->type, ns_msg_base(*m), ns_msg_size(*m),
	    ns_rr_rdata(*rr), ns_rr_rdlen(*rr));
}

/*
 * Go once through the answer from alias to alias, beginning at owner, which becomes
 * the name that the last one leads to; how many there were.  Less than 0: it
 * cannot be read.
 */
static int
follow(ns_msg *m, char owner[NS_MAXDNAME])
{
	int n = 0;
	ns_rr rr;

	for (int i = 0; i < ns_msg_count(*m, ns_s_an); i++) {
		if (ns_parserr(m, ns_s_an, i, &rr) != 0)
			return -1;
		if (ns_rr_type(rr) != ns_t_cname || strcasecmp(ns_rr_name(rr), owner) != 0)
			continue;
		if (dn_expand(ns_msg_base(*m), ns_msg_end(*m), ns_rr_rdata(rr), owner,
			NS_MAXDNAME) < 0)
			return -1;
		n++;
	}
	return n;
}

/*
 * The name that the records of the answer must have: where the aliases of the one
 * asked for lead to, in whatever order they come (RFC 1034, 3.6.2).  False: in circles.
 */
static bool
find_owner(ns_msg *m, char owner[NS_MAXDNAME])
{
	int all = 0, n;
	ns_rr question;

	/* In the words of libresolv, as the names of records are. */
	if (ns_parserr(m, ns_s_qd, 0, &question) != 0)
		return false;
	(void)strbuf_copy(owner, NS_MAXDNAME, ns_rr_name(question));
	while ((n = follow(m, owner)) > 0)
		if ((all += n) > ALIASES_MAX)
			return false;
	return n == 0;
}

/* All records of the type in the answer: those of an alias come in the same packet. */
static bool
read_records(struct reading *r, ns_msg *m)
{
	uint16_t wanted = dnswire_type(r->type);
	char owner[NS_MAXDNAME];
	ns_rr rr;

	if (!find_owner(m, owner))
		return false;
	for (int i = 0; i < ns_msg_count(*m, ns_s_an); i++) {
		if (ns_parserr(m, ns_s_an, i, &rr) != 0 || ns_rr_class(rr) != ns_c_in)
			return false;
		if (ns_rr_type(rr) != wanted)
			continue;
		if (strcasecmp(ns_rr_name(rr), owner) != 0 || !read_record(r, m, &rr))
			return false;
		if (r->reply->status != DNS_FOUND || sane_ttl(ns_rr_ttl(rr)) < r->reply->ttl)
			r->reply->ttl = sane_ttl(ns_rr_ttl(rr));
		r->reply->status = DNS_FOUND;
	}
	return true;
}

/*
 * Whether an answer without records or SOA says that there are none.  "Ask others" does
 * not (RFC 2308, 2.2), nor does it where an address was asked for: that is what is left of
 * an answer when a resolver takes the addresses of 127/8 away.  "No such name" does:
 * lists that were given no SOA say no more.
 */
static bool
is_absence(const struct reading *r, ns_msg *m, bool delegated)
{
	if (ns_msg_getflag(*m, ns_f_rcode) == ns_r_nxdomain)
		return true;
	return r->type != DNS_A && (!delegated || ns_msg_getflag(*m, ns_f_aa) != 0);
}

/* How long it is sure that there is nothing (RFC 2308, 5). */
static bool
read_absence(struct reading *r, ns_msg *m)
{
	struct dns_reply *reply = r->reply;
	uint32_t lowest = UINT32_MAX;
	bool delegated = false;
	ns_rr rr;

	for (int i = 0; i < ns_msg_count(*m, ns_s_ns); i++) {
		if (ns_parserr(m, ns_s_ns, i, &rr) != 0 || ns_rr_class(rr) != ns_c_in)
			return false;
		delegated |= ns_rr_type(rr) == ns_t_ns;
		if (ns_rr_type(rr) != ns_t_soa)
			continue;
		/* Two names of a byte each at least, and five numbers, minimum the last. */
		if (ns_rr_rdlen(rr) < 2 + 5 * NS_INT32SZ)
			return false;
		uint32_t ttl = sane_ttl(ns_rr_ttl(rr));
		uint32_t minimum = sane_ttl(
		    (uint32_t)ns_get32(ns_rr_rdata(rr) + ns_rr_rdlen(rr) - NS_INT32SZ));

		if (minimum < ttl)
			ttl = minimum;
		if (ttl < lowest)
			lowest = ttl;
	}
	reply->soa = lowest != UINT32_MAX;
	if (reply->soa)
		reply->ttl = lowest;
	if (reply->soa || is_absence(r, m, delegated))
		reply->status = DNS_ABSENT;
	return true;
}

/* Whether a section has an RRSIG; what cannot be read is not looked for. */
static bool
has_signature(ns_msg *m, ns_sect section)
{
	ns_rr rr;

	for (int i = 0; i < ns_msg_count(*m, section); i++) {
		if (ns_parserr(m, section, i, &rr) != 0)
			return false;
		if (ns_rr_type(rr) == TYPE_RRSIG)
			return true;
	}
	return false;
}

/* The code, with what an OPT record has of it (RFC 6891, 6.1.3); false: it cannot be read. */
static bool
read_rcode(ns_msg *m, unsigned *rcode)
{
	ns_rr rr;

	*rcode = (unsigned)ns_msg_getflag(*m, ns_f_rcode);
	for (int i = 0; i < ns_msg_count(*m, ns_s_ar); i++) {
		if (ns_parserr(m, ns_s_ar, i, &rr) != 0)
			return false;
		if (ns_rr_type(rr) == ns_t_opt)
			*rcode |= (unsigned)(ns_rr_ttl(rr) >> 24) << 4;
	}
	return true;
}

/* Read into a reply that is DNS_FAILED yet. */
static bool
read_packet(struct reading *r, const unsigned char *packet, size_t len)
{
	unsigned rcode;
	ns_msg m;

	if (is_bare_error(packet, len)) {
		r->reply->rcode = packet[3] & RCODE_BITS;
		return true;
	}
	if (len > INT_MAX || ns_initparse(packet, (int)len, &m) != 0 || !is_answer(&m) ||
	    !read_rcode(&m, &rcode))
		return false;
	r->reply->rcode = (uint8_t)(rcode < RCODE_MAX ? rcode : RCODE_MAX);
	r->reply->is_signed = has_signature(&m, ns_s_an) || has_signature(&m, ns_s_ns);
	if (rcode != ns_r_noerror && rcode != ns_r_nxdomain)
		return true;
	if (rcode == ns_r_noerror && !read_records(r, &m))
		return false;
	return r->reply->status == DNS_FOUND || read_absence(r, &m);
}

bool
dnswire_read(struct dns_reply *reply, struct dns_room *room, enum dns_type type,
    const struct dns_preference *prefer, const unsigned char *packet, size_t len)
{
	static const struct dns_reply failed = {.status = DNS_FAILED, .rcode = DNS_NO_RCODE};
	struct reading r = {.reply = reply, .room = room, .type = type, .prefer = prefer};

	*reply = failed;
	if (type != DNS_A) {
		dnsrecord_clear(room);
		room->near = prefer != NULL ? prefer->near : NULL;
	}
	if (read_packet(&r, packet, len))
		return true;
	*reply = failed;
	return false;
}

static bool
has_address4(const struct dns_reply *reply, const struct ipaddr *wanted)
{
	uint32_t address = 0;

	for (unsigned i = 0; i < 4; i++)
		address = address << 8 | wanted->byte[i];
	for (size_t i = 0; i < reply->n; i++)
		if (reply->address[i] == address)
			return true;
	return false;
}

static bool
has_address6(const struct dns_reply *reply, const struct ipaddr *wanted)
{
	const struct dns_records *records = reply->records;

	for (size_t i = 0; records != NULL && i < records->n; i++)
		if (memcmp(records->record[i].data, wanted->byte, sizeof(wanted->byte)) == 0)
			return true;
	return false;
}

bool
dnswire_has_address(const struct dns_reply *reply, const struct ipaddr *wanted)
{
	return (wanted->bits == 32 ? has_address4 : has_address6)(reply, wanted);
}
