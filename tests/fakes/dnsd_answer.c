/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * dnsd_answer.c - DNS answers for tests, good and bad.  Packets are written
 * byte by byte, as most of what this is for is to write them wrong.
 */
#include "config.h"

#include "fakes/dnsd_answer.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <arpa/nameser.h>

#include <assert.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WORDS_SIZE 512
#define DEFAULT_TTL 300
#define TYPE_RRSIG 46

static void
put(struct dnsd_packet *p, uint32_t value, size_t bytes)
{
	assert(p->len + bytes <= sizeof(p->data));
	while (bytes-- > 0)
		p->data[p->len++] = (unsigned char)(value >> (8 * bytes));
}

static void
put_name(struct dnsd_packet *p, const char *name)
{
	while (*name != '\0' && *name != '.' && *name != ',') {
		size_t len = strcspn(name, ".,");

		put(p, (uint32_t)len, 1);
		for (size_t i = 0; i < len; i++)
			put(p, (unsigned char)name[i], 1);
		name += len + (name[len] == '.');
	}
	put(p, 0, 1);
}

/* A record, but for its data and the length of it. */
static void
begin_record(struct dnsd_packet *p, const char *owner, uint16_t type, uint32_t ttl)
{
	if (owner != NULL)
		put_name(p, owner);
	else
		put(p, 0xc00c, 2); /* the name asked for */
	put(p, type, 2);
	put(p, ns_c_in, 2);
	put(p, ttl, 4);
	p->length_at = p->len;
	put(p, 0, 2);
}

static void
end_record(struct dnsd_packet *p, ns_sect section)
{
	unsigned char *at = p->data + 4 + 2 * section;
	size_t len = p->len - p->length_at - 2;
	unsigned n = (at[0] << 8 | at[1]) + 1;

	at[0] = (unsigned char)(n >> 8);
	at[1] = (unsigned char)n;
	p->data[p->length_at] = (unsigned char)(len >> 8);
	p->data[p->length_at + 1] = (unsigned char)len;
}

/* The data count times, in strings of 255 bytes. */
static void
put_text(struct dnsd_packet *p, const struct dnsd_record *r)
{
	size_t left = r->len * r->count, at = 0;

	do {
		size_t len = left < 255 ? left : 255;

		put(p, (uint32_t)len, 1);
		left -= len;
		for (; len > 0; len--)
			put(p, r->data[at++ % r->len], 1);
	} while (left > 0);
}

/* The n-th address of those that count up: the last two bytes do. */
static void
put_address(struct dnsd_packet *p, const struct dnsd_record *r, unsigned n)
{
	unsigned low = (unsigned)r->data[r->len - 2] << 8 | r->data[r->len - 1];

	for (size_t i = 0; i < r->len - 2; i++)
		put(p, r->data[i], 1);
	put(p, low + n, 2);
}

static void
put_data(struct dnsd_packet *p, const struct dnsd_record *r, unsigned n)
{
	switch (r->type) {
	case ns_t_mx:
		put(p, r->preference, 2);
		put_name(p, r->name);
		break;
	case ns_t_ptr:
		put_name(p, r->name);
		break;
	case ns_t_txt:
		put_text(p, r);
		break;
	default:
		put_address(p, r, n);
	}
}

/* An RRSIG record (RFC 4034, 3.1), if it is wanted; who reads it looks at its type alone. */
static void
put_signature(struct dnsd_packet *p, const struct dnsd_answer *a, ns_sect section)
{
	if (!a->is_signed)
		return;
	begin_record(p, NULL, TYPE_RRSIG, DEFAULT_TTL);
	for (int i = 0; i < 18; i++)
		put(p, 0, 1);
	put_name(p, "example");
	put(p, 0, 4);
	end_record(p, section);
}

/* From the name asked for (NULL) on; the name that the last one leads to. */
static const char *
put_aliases(struct dnsd_packet *p, const char *owner, const char *names, bool reversed)
{
	const char *comma = strchr(names, ','), *last = names;

	if (comma != NULL && reversed)
		last = put_aliases(p, names, comma + 1, reversed);
	begin_record(p, owner, ns_t_cname, DEFAULT_TTL);
	put_name(p, names);
	end_record(p, ns_s_an);
	if (comma != NULL && !reversed)
		last = put_aliases(p, names, comma + 1, reversed);
	return last;
}

static void
put_answers(struct dnsd_packet *p, const struct dnsd_answer *a, unsigned type)
{
	const char *owner = NULL;

	if (a->cname[0] != '\0')
		owner = put_aliases(p, NULL, a->cname, a->reversed);
	if (a->owner[0] != '\0')
		owner = a->owner;
	for (const struct dnsd_record *r = a->records; r < a->records + a->n; r++) {
		for (unsigned i = 0; r->type == type && i < r->count; i++) {
			begin_record(p, owner, r->type, r->ttl);
			put_data(p, r, i);
			if (a->chaos)
				p->data[p->length_at - 5] = ns_c_chaos;
			end_record(p, ns_s_an);
			if (type == ns_t_txt)
				break; /* there it counts within */
		}
	}
	if (a->n > 0)
		put_signature(p, a, ns_s_an);
}

static void
put_authority(struct dnsd_packet *p, const struct dnsd_answer *a)
{
	if (a->ns) {
		begin_record(p, "example", ns_t_ns, DEFAULT_TTL);
		put_name(p, "ns.example");
		end_record(p, ns_s_ns);
	}
	if (a->n == 0)
		put_signature(p, a, ns_s_ns);
	if (!a->soa)
		return;
	begin_record(p, "example", ns_t_soa, a->soa_ttl);
	put_name(p, "ns.example");
	put_name(p, "hostmaster.example");
	put(p, 1, 4);
	put(p, 3600, 4);
	put(p, 600, 4);
	put(p, 86400, 4);
	put(p, a->soa_minimum, 4);
	end_record(p, ns_s_ns);
}

static void
put_extended(struct dnsd_packet *p, unsigned code)
{
	put(p, 0, 1);
	put(p, ns_t_opt, 2);
	put(p, 1232, 2);
	put(p, code << 24, 4);
	put(p, 0, 2);
	p->data[11]++;
}

static void
spoil(struct dnsd_packet *p, enum dnsd_flaw flaw, size_t question_end)
{
	unsigned char *name = p->data + NS_HFIXEDSZ;

	switch (flaw) {
	case FLAW_NONE:
	case FLAW_ECHO:
		break;
	case FLAW_BADID:
		p->data[0] ^= 0x55;
		break;
	case FLAW_BADCASE:
		for (size_t i = 1; i <= name[0]; i++)
			name[i] ^= (name[i] & 0x40) != 0 ? 0x20 : 0;
		break;
	case FLAW_BADNAME:
		name[1] = name[1] == 'z' ? 'y' : 'z';
		break;
	case FLAW_BADTYPE:
		p->data[question_end - 3] ^= ns_t_txt; /* none of those we know */
		break;
	case FLAW_GARBAGE:
		for (p->len = 2; p->len < 128;)
			put(p, (uint32_t)(p->len * 167 + 13), 1);
		break;
	case FLAW_CUT:
		p->len -= 3;
		break;
	case FLAW_BADLENGTH:
		p->data[p->length_at + 1] += 7;
		break;
	}
}

void
dnsd_answer_write(struct dnsd_packet *p, const struct dnsd_answer *a,
    const unsigned char *query, size_t question_end, bool tcp)
{
	bool cut = a->tctc || (a->tc && !tcp);
	unsigned type = (unsigned)query[question_end - 4] << 8 | query[question_end - 3];

	memcpy(p->data, query, question_end);
	p->len = question_end;
	if (a->flaw == FLAW_ECHO)
		return;
	p->data[2] = (unsigned char)(0x80 | (query[2] & 1) | (a->aa ? 4 : 0) | (cut ? 2 : 0));
	p->data[3] = (unsigned char)(0x80 | a->rcode);
	memset(p->data + 6, 0, 6);
	if (!cut) {
		put_answers(p, a, type);
		put_authority(p, a);
	}
	if (a->extended > 0)
		put_extended(p, a->extended);
	spoil(p, a->flaw, question_end);
}

static bool
read_code(struct dnsd_answer *a, const char *word)
{
	static const struct {
		const char *word;
		int rcode;
	} codes[] = {
	    {"nxdomain", ns_r_nxdomain},
	    {"servfail", ns_r_servfail},
	    {"refused", ns_r_refused},
	    {"formerr", ns_r_formerr},
	};

	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		if (strcmp(word, codes[i].word) == 0) {
			a->rcode = codes[i].rcode;
			return true;
		}
	}
	return false;
}

static bool
read_flaw(struct dnsd_answer *a, const char *word)
{
	static const struct {
		const char *word;
		enum dnsd_flaw flaw;
	} flaws[] = {
	    {"badid", FLAW_BADID},
	    {"badcase", FLAW_BADCASE},
	    {"badname", FLAW_BADNAME},
	    {"badtype", FLAW_BADTYPE},
	    {"echo", FLAW_ECHO},
	    {"garbage", FLAW_GARBAGE},
	    {"cut", FLAW_CUT},
	    {"badlength", FLAW_BADLENGTH},
	};

	for (size_t i = 0; i < sizeof(flaws) / sizeof(flaws[0]); i++) {
		if (strcmp(word, flaws[i].word) == 0) {
			a->flaw = flaws[i].flaw;
			return true;
		}
	}
	return false;
}

static bool
read_switch(struct dnsd_answer *a, const char *word)
{
	const struct {
		const char *word;
		bool *set;
	} switches[] = {{"ns", &a->ns}, {"aa", &a->aa}, {"tc", &a->tc}, {"tctc", &a->tctc},
	    {"signed", &a->is_signed}, {"reversed", &a->reversed}, {"chaos", &a->chaos},
	    {"once", &a->once}};

	for (size_t i = 0; i < sizeof(switches) / sizeof(switches[0]); i++) {
		if (strcmp(word, switches[i].word) == 0)
			return *switches[i].set = true;
	}
	return false;
}

static bool
read_number(struct dnsd_answer *a, const char *word)
{
	if (strcmp(word, "silent") == 0) {
		a->silent = UINT_MAX;
		return true;
	}
	if (sscanf(word, "soa=%u/%u", &a->soa_ttl, &a->soa_minimum) == 2)
		return a->soa = true;
	return sscanf(word, "silent=%u", &a->silent) == 1 ||
	    sscanf(word, "delay=%u", &a->delay) == 1 ||
	    sscanf(word, "extended=%u", &a->extended) == 1 ||
	    sscanf(word, "owner=%255s", a->owner) == 1 ||
	    sscanf(word, "cname=%255s", a->cname) == 1;
}

static bool
read_address(struct dnsd_record *r, const char *word)
{
	char text[INET6_ADDRSTRLEN];

	r->type = ns_t_a;
	r->len = NS_INADDRSZ;
	if (sscanf(word, "%15[0-9.]/%u*%u", text, &r->ttl, &r->count) >= 1)
		return inet_pton(AF_INET, text, r->data) == 1;
	r->type = ns_t_aaaa;
	r->len = NS_IN6ADDRSZ;
	return sscanf(word, "aaaa=%45[0-9a-f:.]/%u*%u", text, &r->ttl, &r->count) >= 1 &&
	    inet_pton(AF_INET6, text, r->data) == 1;
}

static bool
read_name(struct dnsd_record *r, const char *word)
{
	r->type = ns_t_ptr;
	if (sscanf(word, "ptr=%255[^/]/%u", r->name, &r->ttl) >= 1)
		return true;
	r->type = ns_t_mx;
	return sscanf(word, "mx=%hu:%255[^/]/%u", &r->preference, r->name, &r->ttl) >= 2;
}

static bool
read_text(struct dnsd_record *r, const char *word)
{
	const char *p = word + strlen("txt=");
	unsigned byte;

	r->type = ns_t_txt;
	r->len = 0;
	if (strncmp(word, "txt=", strlen("txt=")) != 0)
		return false;
	for (; *p != '\0' && *p != '*' && r->len < sizeof(r->data); p++) {
		bool coded = sscanf(p, "%%%2x", &byte) == 1;

		r->data[r->len++] = coded ? (unsigned char)byte : (unsigned char)*p;
		p += coded ? 2 : 0;
	}
	return *p == '\0' || sscanf(p, "*%u", &r->count) == 1;
}

static bool
read_record(struct dnsd_answer *a, const char *word)
{
	static const struct dnsd_record fresh = {.ttl = DEFAULT_TTL, .count = 1};
	struct dnsd_record *r = &a->records[a->n];

	if (a->n == DNSD_RECORDS)
		return false;
	*r = fresh;
	if (!read_address(r, word) && !read_name(r, word) && !read_text(r, word))
		return false;
	a->n++;
	return true;
}

bool
dnsd_answer_read(struct dnsd_answer *a, const char *words)
{
	char copy[WORDS_SIZE], *rest = NULL;

	*a = (struct dnsd_answer){0};
	if ((size_t)snprintf(copy, sizeof(copy), "%s", words) >= sizeof(copy))
		return false;
	for (char *w = strtok_r(copy, " ", &rest); w != NULL; w = strtok_r(NULL, " ", &rest)) {
		if (!read_code(a, w) && !read_flaw(a, w) && !read_switch(a, w) &&
		    !read_number(a, w) && !read_record(a, w))
			return false;
	}
	return true;
}
