/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * dnswire.c - names on their way into DNS packets, and the packets that come
 * back.  The walk over a packet is libresolv's; what it means is decided here.
 */
#include "config.h"

#include "dnswire.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <arpa/nameser.h>

#include <limits.h>
#include <string.h>

#define LABEL_MAX 63

static bool
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool
dnswire_name(char out[DNSWIRE_NAME_SIZE], const char *name,
    const unsigned char random[DNSWIRE_RANDOM_SIZE])
{
	size_t len = strlen(name), label = 0;

	if (len > 0 && name[len - 1] == '.')
		len--;
	if (len >= DNSWIRE_NAME_SIZE)
		return false;
	for (size_t i = 0; i < len; i++) {
		char c = name[i];

		/* Nothing that a resolver or a reader of packets would write in another way. */
		if (c != '.' && c != '-' && c != '_' && !is_letter(c) && (c < '0' || c > '9'))
			return false;
		if (c == '.' && label == 0)
			return false;
		label = c == '.' ? 0 : label + 1;
		if (label > LABEL_MAX)
			return false;
		out[i] =
		    is_letter(c) && (random[i / 8] >> i % 8 & 1) != 0 ? (char)(c ^ 0x20) : c;
	}
	out[len] = '\0';
	return label > 0;
}

/* Of 32 bits the highest is no part of a TTL (RFC 2181, 8). */
static uint32_t
sane_ttl(uint32_t ttl)
{
	return ttl > INT32_MAX ? 0 : ttl;
}

static bool
is_answer(ns_msg *m, const char *name)
{
	ns_rr rr;

	/* What came cut even over TCP says nothing about what is missing. */
	return ns_msg_getflag(*m, ns_f_qr) == 1 && ns_msg_getflag(*m, ns_f_tc) == 0 &&
	    ns_msg_getflag(*m, ns_f_opcode) == ns_o_query && ns_msg_count(*m, ns_s_qd) == 1 &&
	    ns_parserr(m, ns_s_qd, 0, &rr) == 0 && ns_rr_type(rr) == ns_t_a &&
	    ns_rr_class(rr) == ns_c_in && strcmp(ns_rr_name(rr), name) == 0;
}

/* All A records of the answer: those of an alias come in the same packet. */
static bool
read_addresses(ns_msg *m, struct dns_reply *reply)
{
	uint32_t lowest = UINT32_MAX;
	ns_rr rr;

	for (int i = 0; i < ns_msg_count(*m, ns_s_an); i++) {
		if (ns_parserr(m, ns_s_an, i, &rr) != 0)
			return false;
		if (ns_rr_type(rr) != ns_t_a || ns_rr_class(rr) != ns_c_in)
			continue;
		if (ns_rr_rdlen(rr) != NS_INADDRSZ)
			return false;
		if (sane_ttl(ns_rr_ttl(rr)) < lowest)
			lowest = sane_ttl(ns_rr_ttl(rr));
		if (reply->n < DNS_ADDRESSES)
			reply->address[reply->n++] = (uint32_t)ns_get32(ns_rr_rdata(rr));
	}
	if (reply->n > 0) {
		reply->status = DNS_FOUND;
		reply->ttl = lowest;
	}
	return true;
}

/* How long it is sure that there is nothing (RFC 2308, 5). */
static bool
read_absence(ns_msg *m, struct dns_reply *reply)
{
	uint32_t lowest = UINT32_MAX;
	bool delegated = false;
	ns_rr rr;

	for (int i = 0; i < ns_msg_count(*m, ns_s_ns); i++) {
		if (ns_parserr(m, ns_s_ns, i, &rr) != 0)
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
	if (lowest != UINT32_MAX)
		reply->ttl = lowest;
	else if (delegated && ns_msg_getflag(*m, ns_f_rcode) == ns_r_noerror &&
	    ns_msg_getflag(*m, ns_f_aa) == 0)
		return true; /* "ask others" (RFC 2308, 2.2) is not "there is none" */
	reply->status = DNS_ABSENT;
	return true;
}

/* Read into a reply that is DNS_FAILED yet. */
static bool
read_packet(struct dns_reply *reply, const char *name, const unsigned char *packet, size_t len)
{
	ns_msg m;
	int rcode;

	if (len > INT_MAX || ns_initparse(packet, (int)len, &m) != 0 || !is_answer(&m, name))
		return false;
	rcode = ns_msg_getflag(m, ns_f_rcode);
	if (rcode != ns_r_noerror && rcode != ns_r_nxdomain)
		return true;
	if (rcode == ns_r_noerror && !read_addresses(&m, reply))
		return false;
	return reply->status == DNS_FOUND || read_absence(&m, reply);
}

bool
dnswire_read(struct dns_reply *reply, const char *name, const unsigned char *packet, size_t len)
{
	static const struct dns_reply failed = {.status = DNS_FAILED};

	*reply = failed;
	if (read_packet(reply, name, packet, len))
		return true;
	*reply = failed;
	return false;
}
