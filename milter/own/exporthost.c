/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * own/exporthost.c - what each of these takes, refuses or merges was tried with it: nft wants no
 * empty braces, ipset no set that is changed where it is in use, HAProxy nothing behind a
 * network.
 */
#include "config.h"

#include "own/exporthost.h"

#include <inttypes.h>
#include <string.h>

#include "base/clock.h"

#define REPLY_MAX 512   /* of Postfix, in one line */
#define PORTION 10000   /* elements in one command of nft */
#define MEMBERS 1048576 /* the most that a set takes: sets that differ in it are not swapped */
#define TIMEOUT_MAX 2147483 /* of ipset, in seconds */

/* --- Postfix --- */

void
exporthost_postfix(FILE *out, const struct export_document *doc)
{
	fprintf(out,
	    "# main.cf: smtpd_recipient_restrictions = ..., check_client_access "
	    "cidr:THIS-FILE, ...\n");
	for (size_t i = 0; i < doc->list->n; i++) {
		const struct export_entry *e = &doc->list->entry[i];
		char network[EXPORT_NETWORK_SIZE], address[IPADDR_STRLEN], reply[REPLY_MAX];
		struct strbuf sb;

		strbuf_init(&sb, reply, sizeof(reply));
		strbuf_add(&sb, "REJECT 5.7.1 listed by this server: ");
		export_add_reasons(&sb, e, EXPORT_ALL);
		if (doc->url != NULL)
			strbuf_add(&sb, ", see ");
		export_add_url(&sb, doc, ipaddr_format(&e->net.addr, address));
		fprintf(out, "%s\t%s\n", export_network_text(&e->net, network), reply);
	}
}

/* --- Packet filters --- */

static void
write_nft_set(FILE *out, const struct export_document *doc, unsigned bits)
{
	const char *family = bits == 32 ? "4" : "6";
	size_t n = 0;

	for (size_t i = 0; i < doc->list->n; i++) {
		const struct export_entry *e = &doc->list->entry[i];
		char network[EXPORT_NETWORK_SIZE];

		if (e->net.addr.bits != bits)
			continue;
		if (n % PORTION == 0)
			fprintf(out, "%sadd element inet %s listed%s {\n", n > 0 ? "}\n" : "",
			    doc->name, family);
		fprintf(out, "\t%s timeout %" PRId64 "s,\n",
		    export_network_text(&e->net, network), export_end(doc, e) - doc->now);
		n++;
	}
	if (n > 0)
		fputs("}\n", out);
}

void
exporthost_nft(FILE *out, const struct export_document *doc)
{
	const char *name = doc->name;

	fprintf(out, "# nft -f THIS-FILE\nadd table inet %s\n", name);
	for (int v = 4; v <= 6; v += 2)
		fprintf(out,
		    "add set inet %s listed%d { type ipv%d_addr; flags interval, timeout; }\n"
		    "flush set inet %s listed%d\n",
		    name, v, v, name, v);
	fprintf(out,
	    "add chain inet %s refuse\nflush chain inet %s refuse\n"
	    "add rule inet %s refuse limit rate 6/minute log prefix \"%s: \"\n"
	    "add rule inet %s refuse counter reject with tcp reset\n"
	    "add chain inet %s smtp { type filter hook input priority -1; policy accept; }\n"
	    "flush chain inet %s smtp\n"
	    "add rule inet %s smtp tcp dport 25 ip saddr @listed4 jump refuse\n"
	    "add rule inet %s smtp tcp dport 25 ip6 saddr @listed6 jump refuse\n",
	    name, name, name, name, name, name, name, name, name);
	write_nft_set(out, doc, 32);
	write_nft_set(out, doc, 128);
}

static void
write_ipset(FILE *out, const struct export_document *doc, unsigned bits)
{
	const char *family = bits == 32 ? "inet" : "inet6", *name = doc->name;
	char v = bits == 32 ? '4' : '6';

	fprintf(out,
	    "create %s%c hash:net family %s maxelem %d timeout 0 -exist\n"
	    "create %s%c-new hash:net family %s maxelem %d timeout 0 -exist\n"
	    "flush %s%c-new\n",
	    name, v, family, MEMBERS, name, v, family, MEMBERS, name, v);
	for (size_t i = 0; i < doc->list->n; i++) {
		const struct export_entry *e = &doc->list->entry[i];
		char network[EXPORT_NETWORK_SIZE];
		int64_t left = export_end(doc, e) - doc->now;

		if (e->net.addr.bits == bits)
			fprintf(out, "add %s%c-new %s timeout %" PRId64 " -exist\n", name, v,
			    export_network_text(&e->net, network),
			    left < TIMEOUT_MAX ? left : TIMEOUT_MAX);
	}
	fprintf(out, "swap %s%c-new %s%c\ndestroy %s%c-new\n", name, v, name, v, name, v);
}

void
exporthost_ipset(FILE *out, const struct export_document *doc)
{
	fprintf(out,
	    "# ipset restore < THIS-FILE; once:\n"
	    "# iptables -I INPUT -p tcp --dport 25 -m set --match-set %s4 src -j REJECT "
	    "--reject-with tcp-reset\n"
	    "# ip6tables -I INPUT -p tcp --dport 25 -m set --match-set %s6 src -j REJECT "
	    "--reject-with tcp-reset\n",
	    doc->name, doc->name);
	write_ipset(out, doc, 32);
	write_ipset(out, doc, 128);
}

void
exporthost_iptables(FILE *out, const struct export_document *doc)
{
	const char *name = doc->name;

	fprintf(out,
	    "# iptables-restore --noflush < THIS-FILE; of IPv6: ip6tables-restore; once:\n"
	    "# iptables -I INPUT -p tcp --dport 25 -j %s\n"
	    "*filter\n:%s - [0:0]\n:%s-no - [0:0]\n"
	    "-A %s-no -m limit --limit 6/min -j LOG --log-prefix \"%s: \"\n"
	    "-A %s-no -p tcp -j REJECT --reject-with tcp-reset\n",
	    name, name, name, name, name, name);
	for (size_t i = 0; i < doc->list->n; i++) {
		char network[EXPORT_NETWORK_SIZE];

		fprintf(out, "-A %s -s %s -p tcp -m tcp --dport 25 -j %s-no\n", name,
		    export_network_text(&doc->list->entry[i].net, network), name);
	}
	fputs("COMMIT\n", out);
}

/* --- A network a line --- */

static void
write_lines(FILE *out, const struct export_document *doc, const char *behind)
{
	for (size_t i = 0; i < doc->list->n; i++) {
		char network[EXPORT_NETWORK_SIZE];

		fprintf(out, "%s%s\n", export_network_text(&doc->list->entry[i].net, network),
		    behind);
	}
}

void
exporthost_plain(FILE *out, const struct export_document *doc)
{
	write_lines(out, doc, "");
}

void
exporthost_nginx(FILE *out, const struct export_document *doc)
{
	write_lines(out, doc, " 1;");
}

/* --- JSON --- */

static void
write_object(FILE *out, const struct export_entry *e)
{
	char network[EXPORT_NETWORK_SIZE];
	const char *comma = "";

	fprintf(out, "{\"kind\":\"network\",\"network\":\"%s\",\"reasons\":[",
	    export_network_text(&e->net, network));
	for (unsigned r = 0; r < EXPORT_REASONS; r++)
		if ((e->reasons & 1U << r) != 0) {
			fprintf(out, "%s\"%s\"", comma, export_reason_name(r));
			comma = ",";
		}
	fputs("]", out);
	if (e->since != 0)
		fprintf(out, ",\"since\":%" PRId64, e->since);
	if (e->until != 0)
		fprintf(out, ",\"until\":%" PRId64, e->until);
	fputs("}\n", out);
}

/* Neither a mailbox nor a URL has a quote or backslash. */
void
exporthost_json(FILE *out, const struct export_document *doc)
{
	char now[CLOCK_TEXT_SIZE], until[CLOCK_TEXT_SIZE];

	fprintf(out,
	    "{\"kind\":\"" EXPORT_HEAD "\",\"format\":\"json\",\"serial\":%" PRIu32
	    ",\"time\":\"%s\",\"until\":\"%s\",\"not-after\":%" PRId64
	    ",\"count\":%zu,\"contact\":\"%s\",\"url\":\"%s\"}\n",
	    doc->serial, clock_text(doc->now, now), clock_text(doc->until, until), doc->until,
	    doc->list->n, doc->contact, doc->url != NULL ? doc->url : "");
	for (size_t i = 0; i < doc->list->n; i++)
		write_object(out, &doc->list->entry[i]);
	fprintf(out, "{\"kind\":\"" EXPORT_END "\",\"count\":%zu}\n", doc->list->n);
}
