/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * own/exportdns.c - rbldnsd takes a text of 255 bytes at most, in which $ is the address that
 * is asked about.
 */
#include "config.h"

#include "own/exportdns.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "base/number.h"

#define TTL_S 600    /* a removal is felt within that */
#define ABSENT_S 60  /* and a listing */
#define TEXT_MAX 255 /* of a TXT record, with the address in it */
#define SECONDARY_S 300

/* "hostmaster.example.net": a mailbox as an SOA has it. */
static void
write_mailbox(FILE *out, const char *contact)
{
	const char *at = strrchr(contact, '@');

	for (const char *c = contact; c < at; c++) {
		if (*c == '.')
			putc('\\', out);
		putc(*c, out);
	}
	fprintf(out, ".%s", at + 1);
}

static void
write_soa(FILE *out, const struct export_document *doc, const char *dot)
{
	fprintf(out, "%s%s ", doc->server[0], dot);
	write_mailbox(out, doc->contact);
	fprintf(out, "%s %" PRIu32 " %d %d %" PRId64 " %d\n", dot, doc->serial, TTL_S,
	    SECONDARY_S, doc->until - doc->now, ABSENT_S);
}

/* --- rbldnsd --- */

/* "2026:11:29:13:20:00": rbldnsd takes it for UTC, and any other form for none at all. */
static void
write_timestamp(FILE *out, const struct export_document *doc)
{
	time_t now = (time_t)doc->now;
	struct tm tm;
	char text[32] = "";

	if (gmtime_r(&now, &tm) != NULL)
		(void)strftime(text, sizeof(text), "%Y:%m:%d:%H:%M:%S", &tm);
	fprintf(out, "$TIMESTAMP %s +%" PRId64 "\n", text, doc->until - doc->now);
}

/* A dollar sign of the URL is one, and that of the address another. */
static void
add_url(struct strbuf *sb, const struct export_document *doc)
{
	char url[2 * EXPORT_URL_MAX + 1];
	struct export_document doubled = *doc;
	size_t n = 0;

	if (doc->url == NULL)
		return;
	for (const char *c = doc->url; *c != '\0' && n + 2 < sizeof(url); c++) {
		if (*c == '$')
			url[n++] = '$';
		url[n++] = *c;
	}
	url[n] = '\0';
	doubled.url = url;
	strbuf_addc(sb, ' ');
	export_add_url(sb, &doubled, "$");
}

/* Of what is too long the times are left out: the URL has more to tell. */
static void
write_entry(FILE *out, const struct export_document *doc, const char *network,
    const struct export_entry *e, unsigned reason)
{
	char text[TEXT_MAX - IPADDR_STRLEN];
	struct strbuf sb;

	strbuf_init(&sb, text, sizeof(text));
	export_add_reasons(&sb, e, 1U << reason);
	add_url(&sb, doc);
	if (sb.cut) {
		strbuf_init(&sb, text, sizeof(text));
		strbuf_add(&sb, export_reason_name(reason));
		add_url(&sb, doc);
	}
	fprintf(out, "%s :%u:%s\n", network, EXPORT_OCTET(reason), text);
}

/* An IPv4 set answers all codes of an address, a trie of IPv6 the first one. */
static void
write_family(FILE *out, const struct export_document *doc, unsigned bits)
{
	char network[EXPORT_NETWORK_SIZE];

	for (size_t i = 0; i < doc->list->n; i++) {
		const struct export_entry *e = &doc->list->entry[i];
		unsigned left = e->reasons;

		if (e->net.addr.bits != bits)
			continue;
		(void)export_network_text(&e->net, network);
		for (unsigned r = 0; r < EXPORT_REASONS && left != 0; r++)
			if ((left & 1U << r) != 0) {
				write_entry(out, doc, network, e, r);
				left = bits == 32 ? left & ~(1U << r) : 0;
			}
	}
}

/* RFC 5782, 5: 127.0.0.2 is listed, and 127.0.0.1 is not; the IPv6 pair comes of these. */
static void
write_tests(FILE *out, const struct export_document *doc)
{
	const struct export_entry none = {.reasons = EXPORT_ALL};

	fputs("127.0.0.2 :2:This is the test entry of RFC 5782", out);
	if (doc->url != NULL) {
		char url[TEXT_MAX];
		struct strbuf sb;

		strbuf_init(&sb, url, sizeof(url));
		add_url(&sb, doc);
		fputs(url, out);
	}
	putc('\n', out);
	for (unsigned r = 0; r < EXPORT_REASONS; r++) {
		char address[IPADDR_STRLEN];
		struct strbuf sb;

		strbuf_init(&sb, address, sizeof(address));
		strbuf_add_code(&sb, LOCAL_CODE(r));
		write_entry(out, doc, address, &none, r);
	}
}

void
exportdns_rbldnsd(FILE *out, const struct export_document *doc)
{
	fputs("# rbldnsd ZONE:combined:THIS-FILE\n$SOA 600 ", out);
	write_soa(out, doc, "");
	fprintf(out, "$NS %d", TTL_S);
	for (unsigned i = 0; i < EXPORT_SERVERS_MAX && doc->server[i] != NULL; i++)
		fprintf(out, " %s", doc->server[i]);
	fprintf(out, "\n$TTL %d\n$MAXRANGE4 /%u\n", TTL_S, doc->limits.len4);
	write_timestamp(out, doc);
	fputs("$DATASET ip4set:v4 @\n", out);
	fprintf(out, "$TTL %d\n", TTL_S);
	write_tests(out, doc);
	write_family(out, doc, 32);
	fputs("$DATASET ip6trie:v6 @\n", out);
	fprintf(out, "$TTL %d\n", TTL_S);
	write_family(out, doc, 128);
}

/* --- Response policy zone --- */

/* The groups of an address, the last one first, with "zz" for a row of zeros. */
static void
write_groups(FILE *out, const char *text)
{
	size_t end = strlen(text);
	bool zeros = false;

	while (end > 0) {
		size_t begin = end;

		while (begin > 0 && text[begin - 1] != ':' && text[begin - 1] != '.')
			begin--;
		if (begin < end)
			fprintf(out, ".%.*s", (int)(end - begin), text + begin);
		else if (!zeros)
			fputs(".zz", out);
		zeros = zeros || begin == end;
		end = begin > 0 ? begin - 1 : 0;
	}
}

void
exportdns_rpz(FILE *out, const struct export_document *doc)
{
	fprintf(out, "$TTL %d\n@ IN SOA ", TTL_S);
	write_soa(out, doc, ".");
	for (unsigned i = 0; i < EXPORT_SERVERS_MAX && doc->server[i] != NULL; i++)
		fprintf(out, "@ IN NS %s.\n", doc->server[i]);
	for (size_t i = 0; i < doc->list->n; i++) {
		const struct network *net = &doc->list->entry[i].net;
		char text[IPADDR_STRLEN];

		fprintf(out, "%u", net->len);
		write_groups(out, ipaddr_format(&net->addr, text));
		fputs(".rpz-ip CNAME .\n", out);
	}
}

/* The labels of an owner before ".rpz-ip", the first one being the last of the address. */
static bool
turn_groups(const char *at, const char *end, char out[IPADDR_STRLEN])
{
	struct strbuf sb;
	unsigned dots = 0;
	bool zeros = false;

	for (const char *c = at; c < end; c++) {
		dots += *c == '.';
		zeros = zeros || *c == 'z';
	}
	strbuf_init(&sb, out, IPADDR_STRLEN);
	while (end > at) {
		const char *begin = end;

		while (begin > at && begin[-1] != '.')
			begin--;
		if (begin == end)
			return false;
		if (end - begin != 2 || memcmp(begin, "zz", 2) != 0)
			strbuf_addn(&sb, begin, (size_t)(end - begin));
		else if (sb.len == 0 || begin == at)
			strbuf_addc(&sb, ':');
		if (begin > at)
			strbuf_addc(&sb, dots == 3 && !zeros ? '.' : ':');
		end = begin > at ? begin - 1 : at;
	}
	return !sb.cut;
}

bool
exportdns_read_rpz(const char *line, struct network *net)
{
	const char *end = strstr(line, ".rpz-ip ");
	char text[IPADDR_STRLEN];
	int64_t len = number_plain(&line, 128);

	if (end == NULL || len < 0 || *line != '.' || line >= end)
		return false;
	net->len = (unsigned)len;
	return turn_groups(line + 1, end, text) && ipaddr_parse(&net->addr, text) &&
	    net->len <= net->addr.bits;
}
