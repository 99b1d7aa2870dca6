/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * own/exportrouter.c - what is listed for no family at all gets a list that matches nobody: to
 * some routers a list that is empty, or is not there, matches everybody.
 */
#include "config.h"

#include "own/exportrouter.h"

#include <inttypes.h>
#include <string.h>

#define IOS_LAST UINT32_C(2147483647)  /* number of a rule of IPv4, ... */
#define IOS6_LAST UINT32_C(4294967294) /* ... and of IPv6 */
#define FRR_LAST UINT32_C(4294967295)
#define STEP 10

/* Call write with each network of a family, and its number, from 1 on. */
static void
each(FILE *out, const struct export_document *doc, unsigned bits,
    void (*write)(FILE *, const struct export_document *, const struct network *, size_t))
{
	size_t n = 0;

	for (size_t i = 0; i < doc->list->n; i++)
		if (doc->list->entry[i].net.addr.bits == bits)
			write(out, doc, &doc->list->entry[i].net, ++n);
}

/* --- Cisco IOS --- */

static uint32_t
wildcard(unsigned len)
{
	return len < 32 ? UINT32_MAX >> len : 0;
}

static void
write_octets(FILE *out, uint32_t v)
{
	fprintf(out, "%u.%u.%u.%u", v >> 24, v >> 16 & 255, v >> 8 & 255, v & 255);
}

/* A source, or a destination, which may be any. */
static void
write_side4(FILE *out, const struct network *net)
{
	char text[IPADDR_STRLEN];

	if (net->addr.bits == 0) {
		fputs("any", out);
		return;
	}
	fprintf(out, "%s%s", net->len == 32 ? "host " : "", ipaddr_format(&net->addr, text));
	if (net->len < 32) {
		putc(' ', out);
		write_octets(out, wildcard(net->len));
	}
}

static void
write_ios4(FILE *out, const struct export_document *doc, const struct network *net, size_t n)
{
	fprintf(out, " %zu deny tcp ", n * STEP);
	write_side4(out, net);
	putc(' ', out);
	write_side4(out, &doc->to[0]);
	fputs(" eq smtp\n", out);
}

static void
write_ios6(FILE *out, const struct export_document *doc, const struct network *net, size_t n)
{
	char text[EXPORT_NETWORK_SIZE], to[EXPORT_NETWORK_SIZE] = "any";

	if (doc->to[1].addr.bits != 0)
		(void)export_network_text(&doc->to[1], to);
	fprintf(out, " deny tcp %s %s eq smtp sequence %zu\n", export_network_text(net, text),
	    to, n * STEP);
}

void
exportrouter_ios(FILE *out, const struct export_document *doc)
{
	fprintf(out,
	    "! copy tftp: running-config; then, once, on the outer interface:\n"
	    "! ip access-group %s in\n! ipv6 traffic-filter %s-V6 in\n"
	    "no ip access-list extended %s\nip access-list extended %s\n"
	    " %" PRIu32 " permit ip any any\n",
	    doc->name, doc->name, doc->name, doc->name, IOS_LAST);
	each(out, doc, 32, write_ios4);
	fprintf(out,
	    "exit\nno ipv6 access-list %s-V6\nipv6 access-list %s-V6\n"
	    " permit ipv6 any any sequence %" PRIu32 "\n",
	    doc->name, doc->name, IOS6_LAST);
	each(out, doc, 128, write_ios6);
	fputs("exit\n", out);
}

/* The length of a network from its wildcard; false: it is none. */
static bool
read_wildcard(const char *text, unsigned *len)
{
	struct ipaddr mask;
	uint32_t bits;

	if (!ipaddr_parse(&mask, text) || mask.bits != 32)
		return false;
	bits = (uint32_t)mask.byte[0] << 24 | (uint32_t)mask.byte[1] << 16 |
	    (uint32_t)mask.byte[2] << 8 | mask.byte[3];
	for (*len = 0; *len <= 32; ++*len)
		if (wildcard(*len) == bits)
			return true;
	return false;
}

bool
exportrouter_read_ios(const char *line, struct network *net)
{
	const char *at = strstr(line, " deny tcp ");
	char word[2][EXPORT_NETWORK_SIZE], why[1];

	if (at == NULL ||
	    sscanf(at, " deny tcp %49s %49s", word[0], word[1]) !=
		2) /* one less than they have */
		return false;
	if (strcmp(word[0], "host") == 0)
		return prefix_parse(net, word[1], why, sizeof(why));
	if (strchr(word[0], ':') != NULL)
		return prefix_parse(net, word[0], why, sizeof(why));
	return ipaddr_parse(&net->addr, word[0]) && read_wildcard(word[1], &net->len);
}

/* --- Junos --- */

static void
write_junos(FILE *out, const struct export_document *doc, const struct network *net, size_t n)
{
	char text[EXPORT_NETWORK_SIZE];

	(void)n;
	fprintf(out, "set policy-options prefix-list %s%c %s\n", doc->name,
	    net->addr.bits == 32 ? '4' : '6', export_network_text(net, text));
}

static void
write_junos_family(FILE *out, const struct export_document *doc, unsigned bits)
{
	const char *family = bits == 32 ? "inet" : "inet6";
	const char *protocol = bits == 32 ? "protocol" : "next-header";
	char v = bits == 32 ? '4' : '6';
	char filter[sizeof("set firewall family inet6 filter ") + EXPORT_NAME_MAX + 1];
	const struct network *to = &doc->to[bits == 128];
	char text[EXPORT_NETWORK_SIZE];
	struct strbuf sb;

	strbuf_init(&sb, filter, sizeof(filter));
	strbuf_addf(&sb, "set firewall family %s filter %s%c", family, doc->name, v);
	fprintf(out,
	    "delete policy-options prefix-list %s%c\ndelete firewall family %s filter %s%c\n",
	    doc->name, v, family, doc->name, v);
	each(out, doc, bits, write_junos);
	if (export_count(doc, bits) > 0)
		fprintf(out,
		    "%s term listed from source-prefix-list %s%c\n"
		    "%s term listed from %s tcp\n%s term listed from destination-port smtp\n"
		    "%s term listed then count %s\n%s term listed then discard\n",
		    filter, doc->name, v, filter, protocol, filter, filter, doc->name, filter);
	if (export_count(doc, bits) > 0 && to->addr.bits != 0)
		fprintf(out, "%s term listed from destination-address %s\n", filter,
		    export_network_text(to, text));
	fprintf(out, "%s term rest then accept\n", filter);
}

void
exportrouter_junos(FILE *out, const struct export_document *doc)
{
	fputs("# configure; load set THIS-FILE; commit confirmed 10\n", out);
	write_junos_family(out, doc, 32);
	write_junos_family(out, doc, 128);
}

/* --- FRR and BIRD --- */

static void
write_frr(FILE *out, const struct export_document *doc, const struct network *net, size_t n)
{
	char text[EXPORT_NETWORK_SIZE];

	fprintf(out, "%s prefix-list %s%c seq %zu permit %s\n",
	    net->addr.bits == 32 ? "ip" : "ipv6", doc->name, net->addr.bits == 32 ? '4' : '6',
	    n * STEP, export_network_text(net, text));
}

void
exportrouter_frr(FILE *out, const struct export_document *doc)
{
	for (int v = 4; v <= 6; v += 2) {
		const char *ip = v == 4 ? "ip" : "ipv6";

		fprintf(out, "no %s prefix-list %s%d\n", ip, doc->name, v);
		each(out, doc, v == 4 ? 32 : 128, write_frr);
		fprintf(out, "%s prefix-list %s%d seq %" PRIu32 " deny any\n", ip, doc->name, v,
		    FRR_LAST);
	}
}

/* A comma stands before each but the first, for none may stand behind the last. */
static void
write_bird(FILE *out, const struct export_document *doc, const struct network *net, size_t n)
{
	char text[EXPORT_NETWORK_SIZE];

	(void)doc;
	fprintf(out, "%s\n\t%s", n > 1 ? "," : "", export_network_text(net, text));
}

void
exportrouter_bird(FILE *out, const struct export_document *doc)
{
	fputs("# bird.conf: include \"THIS-FILE\";\n", out);
	for (int v = 4; v <= 6; v += 2) {
		unsigned bits = v == 4 ? 32 : 128;

		fprintf(out, "define %s%d = [", doc->name, v);
		each(out, doc, bits, write_bird);
		fprintf(out, "%s];\n", export_count(doc, bits) > 0 ? "\n" : " ");
	}
}
