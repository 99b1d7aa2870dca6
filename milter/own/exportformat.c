/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * own/exportformat.c - the table of formats.  What was written is read back before it takes the
 * place of what was there, and what was there is read to tell what changes.
 */
#include "config.h"

#include "own/exportformat.h"

#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "own/exportdns.h"
#include "own/exporthost.h"
#include "own/exportrouter.h"

#define SETS_MAX 65536  /* networks in a set of a packet filter, or a list */
#define ROUTES_MAX 1000 /* in a prefix list: FRR checks more in minutes */
#define ACL_MAX 2000    /* in an access list, which is gone through one by one */
#define SEPARATORS " \t,;{}[]\"\r\n"

static const struct export_format formats[] = {
    {"rbldnsd", SETS_MAX, 0, true, false, true, "#", "", exportdns_rbldnsd, NULL},
    {"rpz", SETS_MAX, 0, false, false, true, ";", "", exportdns_rpz, exportdns_read_rpz},
    {"postfix", SETS_MAX, 0, false, false, false, "#", "", exporthost_postfix, NULL},
    {"nft", SETS_MAX, 0, false, false, false, "#", "\t", exporthost_nft, NULL},
    {"ipset", SETS_MAX, 0, false, false, false, "#", "add ", exporthost_ipset, NULL},
    {"iptables", SETS_MAX, 32, false, false, false, "#", "-A ", exporthost_iptables, NULL},
    {"ip6tables", SETS_MAX, 128, false, false, false, "#", "-A ", exporthost_iptables, NULL},
    {"pf", SETS_MAX, 0, false, false, false, "#", "", exporthost_plain, NULL},
    {"haproxy", SETS_MAX, 0, false, false, false, "#", "", exporthost_plain, NULL},
    {"nginx", SETS_MAX, 0, false, false, false, "#", "", exporthost_nginx, NULL},
    {"plain", SETS_MAX, 0, false, false, false, "#", "", exporthost_plain, NULL},
    {"json", SETS_MAX, 0, true, false, false, NULL, "{\"kind\":\"network\"", exporthost_json,
	NULL},
    {"ios", ACL_MAX, 0, false, true, false, "!", " ", exportrouter_ios, exportrouter_read_ios},
    {"junos", ACL_MAX, 0, false, true, false, "#", "set policy-options ", exportrouter_junos,
	NULL},
    {"frr", ROUTES_MAX, 0, false, false, false, "!", "ip", exportrouter_frr, NULL},
    {"bird", ROUTES_MAX, 0, false, false, false, "#", "\t", exportrouter_bird, NULL},
};

#define FORMATS (sizeof(formats) / sizeof(formats[0]))

const struct export_format *
exportformat_at(size_t i)
{
	return i < FORMATS ? &formats[i] : NULL;
}

const struct export_format *
exportformat_find(const char *name)
{
	for (size_t i = 0; i < FORMATS; i++)
		if (strcmp(formats[i].name, name) == 0)
			return &formats[i];
	return NULL;
}

void
exportformat_write(
    FILE *out, const struct export_format *format, const struct export_document *doc)
{
	if (format->mark != NULL)
		export_write_head(out, doc, format->name, format->mark);
	format->write(out, doc);
	if (format->mark != NULL)
		export_write_end(out, doc, format->mark);
}

/* --- Back --- */

/* The number behind a word, "count=5" or "count":5; -1: there is none. */
static int64_t
number_of(const char *line, const char *word)
{
	const char *at = strstr(line, word);

	if (at == NULL)
		return -1;
	at += strlen(word);
	at += strspn(at, "=\":");
	return number_read(&at, INT64_C(99999999999));
}

/* Whether a head is of that format, format=pf or "format":"json". */
static bool
names_format(const char *line, const char *name)
{
	const char *at = strstr(line, "format");
	size_t len = strlen(name);

	if (at == NULL)
		return false;
	at += strlen("format");
	at += strspn(at, "=\":");
	return strncmp(at, name, len) == 0 && strchr(" \"", at[len]) != NULL;
}

/* The first word of a line that is a network. */
static bool
find_network(char *line, struct network *net)
{
	char *rest = line, why[1];

	for (char *word; (word = strsep(&rest, SEPARATORS)) != NULL;)
		if (prefix_parse(net, word, why, sizeof(why)))
			return true;
	return false;
}

/* A test entry is no network of the list, and nor is what has bits past its length. */
static bool
is_listable(const struct network *net)
{
	struct ipaddr masked = net->addr;

	ipaddr_mask(&masked, net->len);
	return ipaddr_compare(&masked, &net->addr) == 0 &&
	    !(net->addr.bits == 32 && net->addr.byte[0] == 127);
}

static bool
read_network(const struct export_format *format, char *line, struct network *net)
{
	if (strncmp(line, format->lead, strlen(format->lead)) != 0 || line[0] == '$' ||
	    (format->mark != NULL && line[0] == format->mark[0]))
		return false;
	return (format->read != NULL ? format->read(line, net) : find_network(line, net)) &&
	    is_listable(net);
}

struct lines {
	unsigned heads, ends; /* with the name of the format, and any */
	int64_t count, end;   /* as the head has it, and as the end has it */
	bool after;           /* something stands behind the end */
};

static void
take_line(const struct export_format *format, char *line, struct lines *lines,
    struct export_reading *reading)
{
	struct export_entry e = {0};

	lines->after = lines->after || lines->ends > 0;
	if (strstr(line, EXPORT_END) != NULL && number_of(line, "count") >= 0) {
		lines->ends++;
		lines->end = number_of(line, "count");
	} else if (lines->heads == 0 && strstr(line, EXPORT_HEAD) != NULL) {
		lines->heads += names_format(line, format->name);
		lines->count = number_of(line, "count");
		reading->serial = (uint32_t)number_of(line, "serial");
		reading->not_after = number_of(line, "not-after");
	} else if (read_network(format, line, &e.net)) {
		exportlist_add(&reading->list, &e);
	}
}

static bool
judge(const struct lines *lines, size_t n, char *why, size_t whysize)
{
	if (lines->heads == 0)
		return strbuf_fail(why, whysize, "it is no export of that format");
	if (lines->ends != 1 || lines->after || lines->count != lines->end)
		return strbuf_fail(why, whysize, "it is cut, or has more than was written");
	if ((int64_t)n != lines->count)
		return strbuf_fail(why, whysize,
		    "it has %zu networks, and says that it has %lld", n,
		    (long long)lines->count);
	return true;
}

bool
exportformat_read(FILE *in, const struct export_format *format, struct export_reading *reading,
    char *why, size_t whysize)
{
	struct lines lines = {.count = -1, .end = -1};
	char *line = NULL;
	size_t room = 0;
	bool whole = true;

	*reading = (struct export_reading){0};
	while (getline(&line, &room, in) > 0) {
		whole = strchr(line, '\n') != NULL;
		take_line(format, line, &lines, reading);
	}
	free(line);
	if (ferror(in) || reading->list.failed)
		return strbuf_fail(why, whysize, "it cannot be read to its end");
	exportlist_sort(&reading->list);
	if (!whole)
		return strbuf_fail(why, whysize, "its last line is cut");
	return judge(&lines, reading->list.n, why, whysize);
}
