/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * conf/netfile.c - a file of networks, millions of lines of it.  What is odd about many lines
 * is said once.
 */
#include "config.h"

#include "conf/netfile.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/bulk.h"
#include "base/ipaddr.h"
#include "base/textline.h"

#define LINE_LEN_MAX 1024 /* bytes of a line, without its end */
#define MISTAKES_MAX 10   /* that are told of one file */
#define WHY_MAX 300

/* What is odd about a network to allow or to deny, the worst first. */
enum net_anomaly {
	NET_ALL,      /* everybody */
	NET_ALL_IPV6, /* everybody with an IPv6 address */
	NET_WIDE,     /* wider than /8, or than /16 of IPv6 */
	NET_PRIVATE,  /* to deny, with addresses that are not of the Internet */
	NET_ANOMALIES
};

/* How many networks are odd, and the first of them. */
struct counts {
	enum netline_sense sense;
	struct odd {
		unsigned n;
		struct network net;
		struct place place;
	} odd[NET_ANOMALIES];
};

/* A file that is being read. */
struct reader {
	struct prefix_set *set;
	enum netline_sense sense;
	struct report *report;
	struct place place; /* of the line */
	unsigned mistakes;
	size_t networks;
	unsigned action;   /* the first line whose note began with an action; 0: none */
	bool json;         /* some line was JSON */
	bool whole;        /* and the last one, by which a list ends */
	long long records; /* networks that the list has, by its last line; -1: not said */
	struct counts odd;
};

/* What is odd about a network; NET_ANOMALIES: nothing. */
static enum net_anomaly
anomaly_of(const struct network *net, enum netline_sense sense)
{
	enum ipaddr_kind kind = ipaddr_kind(&net->addr, net->len);

	if (net->len == 0)
		return net->addr.bits == 32 ? NET_ALL : NET_ALL_IPV6;
	if (net->len < (net->addr.bits == 32 ? 8 : 16))
		return NET_WIDE;
	return sense == NETLINE_DENY && (kind == IPADDR_PRIVATE || kind == IPADDR_LOOPBACK)
	    ? NET_PRIVATE
	    : NET_ANOMALIES;
}

/* Count a network, which was written there. */
static void
count(struct counts *counts, const struct network *net, const struct place *place)
{
	enum net_anomaly anomaly = anomaly_of(net, counts->sense);

	if (anomaly == NET_ANOMALIES)
		return;
	if (counts->odd[anomaly].n++ == 0) {
		counts->odd[anomaly].net = *net;
		counts->odd[anomaly].place = *place;
	}
}

/* Warn of those that were odd, a line a kind. */
static void
say(const struct counts *counts, struct report *report)
{
	static const char *const sentences[][2] = {
	    [NET_ALL] = {[NETLINE_ALLOW] = "is everybody: nobody is ever refused",
		[NETLINE_DENY] = "is everybody: all mail is refused"},
	    [NET_ALL_IPV6] = {[NETLINE_ALLOW] = "is everybody with an IPv6 address: none "
						"of them is ever refused",
		[NETLINE_DENY] = "is everybody with an IPv6 address: all of them are refused"},
	    [NET_WIDE] = {[NETLINE_ALLOW] = "is a very large part of all addresses",
		[NETLINE_DENY] = "is a very large part of all addresses"},
	    [NET_PRIVATE] = {[NETLINE_DENY] = "holds private addresses, which only "
					      "machines of your own can come from"},
	};

	for (unsigned i = 0; i < NET_ANOMALIES; i++) {
		const struct odd *odd = &counts->odd[i];
		char address[IPADDR_STRLEN], more[64] = "";

		if (odd->n == 0)
			continue;
		if (odd->n > 1)
			snprintf(more, sizeof(more), " (and %u more)", odd->n - 1);
		report_warning(report, &odd->place, "%s: %s/%u %s%s",
		    counts->sense == NETLINE_ALLOW ? "allow" : "deny",
		    ipaddr_format(&odd->net.addr, address), odd->net.len,
		    sentences[i][counts->sense], more);
	}
}

void
netfile_warn(const struct network *net, enum netline_sense sense, const struct place *place,
    struct report *report)
{
	struct counts counts = {.sense = sense};

	count(&counts, net, place);
	say(&counts, report);
}

static void
complain(struct reader *in, const char *why)
{
	report_mistake(in->report, &in->place, "%s", why);
	in->mistakes++;
}

static void
add_network(struct reader *in, const struct netline *line)
{
	if (!prefix_add(in->set, &line->network, line->note)) {
		complain(in, "memory is out");
		return;
	}
	in->networks++;
	count(&in->odd, &line->network, &in->place);
}

static void
take_line(struct reader *in, char *text)
{
	struct netline line;
	char why[WHY_MAX];

	if (!netline_read(&line, text, in->sense, why, sizeof(why))) {
		complain(in, why);
		return;
	}
	if (line.action && in->action == 0)
		in->action = in->place.line;
	in->json |= line.json;
	if (line.given) {
		in->whole = false;
		add_network(in, &line);
	} else if (line.json) {
		in->whole = true;
		in->records = line.drop.records;
	}
}

/* A last line needs no end. */
static enum textline
next_line(FILE *file, char line[LINE_LEN_MAX + 1])
{
	enum textline end = textline_read(file, line, LINE_LEN_MAX + 1);

	return end == TEXTLINE_CUT ? TEXTLINE_READ : end;
}

/* Read all lines, but for what comes after one that cannot be, or too many mistakes. */
static void
read_lines(struct reader *in, FILE *file)
{
	static const char *const faults[] = {
	    [TEXTLINE_LONG] = "the line is too long",
	    [TEXTLINE_NUL] = "the line holds a NUL byte",
	    [TEXTLINE_FAILED] = "the file cannot be read any further",
	};
	char line[LINE_LEN_MAX + 1];
	enum textline end;

	while (in->place.line++, (end = next_line(file, line)) == TEXTLINE_READ) {
		if (in->mistakes == MISTAKES_MAX) {
			complain(in, "so many lines were wrong that the rest is not read");
			return;
		}
		take_line(in, line);
		bulk_pause(in->place.line, in->place.line + 1);
	}
	if (end != TEXTLINE_END)
		complain(in, faults[end]);
}

/* Say what is odd about the file as a whole, if nothing is wrong with it. */
static void
warn(struct reader *in, const struct place *named)
{
	struct place place = {in->place.file, in->action};

	if (in->action > 0)
		report_warning(in->report, &place,
		    "the action of another program is left out, here and wherever it means what "
		    "the file is for");
	say(&in->odd, in->report);
	if (in->json && !in->whole)
		report_warning(in->report, named,
		    "files: %s does not end as Spamhaus's lists do: is all of it there?",
		    in->place.file);
	else if (in->records >= 0 && (size_t)in->records != in->networks)
		report_warning(in->report, named,
		    "files: %s holds %zu networks, and its last line says %lld", in->place.file,
		    in->networks, in->records);
}

size_t
netfile_read(struct prefix_set *set, const char *path, enum netline_sense sense,
    const struct place *named, struct report *report)
{
	const char *fault;
	FILE *file = textline_open(path, &fault);
	struct reader in = {
	    set, sense, report, .place = {path, 0}, .records = -1, .odd.sense = sense};

	if (file == NULL) {
		report_mistake(report, named, "files: %s: %s", path, fault);
		return 0;
	}
	read_lines(&in, file);
	fclose(file);
	if (in.mistakes == 0)
		warn(&in, named);
	return in.networks;
}

/* Whether a line, which is changed, gives that network. */
static bool
gives(char *text, enum netline_sense sense, const struct network *net)
{
	struct netline line;
	char why[WHY_MAX];

	return netline_read(&line, text, sense, why, sizeof(why)) && line.given &&
	    line.network.len == net->len && ipaddr_compare(&line.network.addr, &net->addr) == 0;
}

unsigned
netfile_find(const char *path, enum netline_sense sense, const struct network *net)
{
	char text[LINE_LEN_MAX + 1];
	const char *fault;
	FILE *file = textline_open(path, &fault);
	unsigned line = 1;
	enum textline end;

	if (file == NULL)
		return 0;
	while ((end = next_line(file, text)) == TEXTLINE_READ && !gives(text, sense, net))
		line++;
	fclose(file);
	return end == TEXTLINE_READ ? line : 0;
}
