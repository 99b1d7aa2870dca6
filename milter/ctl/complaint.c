/* SPDX-License-Identifier: BSD-2-Clause */
/* ctl/complaint.c - the daemon is asked what it has seen; or a file has its answer. */
#include "config.h"

#include "ctl/complaint.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/strbuf.h"
#include "conf/conf.h"
#include "ctl/client.h"
#include "ctl/complainttext.h"
#include "ctl/contactlist.h"
#include "ctl/fileerror.h"
#include "ctl/jsonline.h"
#include "ctl/machine.h"
#include "ctl/words.h"
#include "ctl/xarf.h"

#define VERB "complaint"
#define PATIENCE_MS 20000
#define WORDS_MAX 24
#define ORG_MAX 200 /* bytes that XARF allows */
#define TEXT_MAX 32768
#define NOTHING 1 /* the status: nothing was seen */

struct options {
	bool json, text, xarf;
	const char *from, *org, *file;
	const char *conf, *lists;
	struct ipaddr address;
	struct contactlist mailbox; /* of from, as it is read */
};

/* Take out --text and --xarf, which have no value. */
static bool
take_flags(struct options *o, char *const *word, char *rest[WORDS_MAX + 1])
{
	size_t n = 0;

	for (; *word != NULL; word++) {
		if (strcmp(*word, "--text") == 0)
			o->text = true;
		else if (strcmp(*word, "--xarf") == 0)
			o->xarf = true;
		else if (n == WORDS_MAX)
			return words_wrong(VERB, *word, WORDS_TOO_MANY);
		else
			rest[n++] = *word;
	}
	rest[n] = NULL;
	return o->text != o->xarf || words_wrong(VERB, NULL, "needs --text or --xarf");
}

/* Whether a text can be the name of an organisation: it stands in a line. */
static bool
is_name(const char *text)
{
	json_t *name = json_string(text);
	bool good = name != NULL && text[0] != '\0' && strlen(text) <= ORG_MAX;

	json_decref(name);
	for (; good && *text != '\0'; text++)
		good = (unsigned char)*text >= ' ' && *text != '\x7f';
	return good;
}

static bool
take_words(struct options *o, char *const *word)
{
	const struct words_option options[] = {
	    {"conf", &o->conf},
	    {"file", &o->file},
	    {"from", &o->from},
	    {"lists", &o->lists},
	    {"org", &o->org},
	    {NULL, NULL},
	};
	char *rest[WORDS_MAX + 1], *const *at = rest;

	if (!take_flags(o, word, rest) || !words_take(VERB, &at, options))
		return false;
	if (*at == NULL)
		return words_wrong(VERB, NULL, WORDS_TOO_FEW);
	if (!ipaddr_parse(&o->address, *at))
		return words_wrong(VERB, *at, "is no address");
	at++;
	if (!words_take(VERB, &at, options))
		return false;
	if (o->org != NULL && !is_name(o->org))
		return words_wrong(VERB, "--org", "is too long, or no line in UTF-8");
	return *at == NULL || words_wrong(VERB, *at, WORDS_TOO_MANY);
}

/* --- What was seen --- */

static int
take_line(const char *line, void *evidence)
{
	return sightings_take(evidence, line);
}

/* The answer of the daemon at a control socket. */
static int
ask_for_entry(const struct options *o, struct sightings *e)
{
	struct machine m = {.conf_path = o->conf, .registry = o->lists};
	char address[IPADDR_STRLEN];
	const char *path = MACHINE_SYSTEMD_SOCKET;
	json_t *request = json_pack(
	    "{s:s, s:s}", "verb", "local", "address", ipaddr_format(&o->address, address));
	int status;

	machine_load(&m);
	if (m.conf != NULL && m.conf->control.socket != NULL)
		path = m.conf->control.socket;
	status = client_ask(path, request, PATIENCE_MS, take_line, e);
	json_decref(request);
	machine_free(&m);
	return status;
}

/* The same from a file. */
static int
read_file(const char *path, struct sightings *e)
{
	FILE *file = strcmp(path, "-") == 0 ? stdin : fopen(path, "re");
	char *line = NULL;
	size_t size = 0;
	int status = -1;

	if (file == NULL)
		return fileerror_open(path);
	while (status < 0 && getline(&line, &size, file) > 0)
		status = sightings_take(e, line);
	free(line);
	if (file != stdin)
		(void)fclose(file);
	if (status >= 0)
		return status;
	fprintf(stderr, "relayguardctl: %s: is no answer of relayguardctl -j local\n", path);
	return EX_DATAERR;
}

/* --- Who complains --- */

/* The mailbox: it must be one that can be answered to. */
static bool
find_complainant(struct options *o, const struct sightings *e, struct complainant *who)
{
	const char *given = o->from != NULL ? o->from : e->contact;

	if (given[0] == '\0')
		return words_wrong(VERB, NULL,
		    "needs --from, a mailbox that is read; or contact of own in relayguard.conf");
	if (!contactlist_add(&o->mailbox, given, strlen(given), &(struct contact){0}))
		return words_wrong(VERB, given, "is no mailbox");
	who->mailbox = o->mailbox.contact[0].address;
	who->domain = strchr(who->mailbox, '@') + 1;
	who->organisation = o->org != NULL ? o->org : who->domain;
	return true;
}

/* --- What is printed --- */

static bool
print_text(const struct options *o, const struct sightings *e, const struct complainant *who)
{
	static char text[TEXT_MAX];
	struct strbuf sb;

	strbuf_init(&sb, text, sizeof(text));
	complainttext_write(&sb, &o->address, e, who);
	if (o->json)
		return jsonline_data(stdout, VERB, json_pack("{s:s}", "text", text));
	return fputs(text, stdout) != EOF;
}

static bool
print_xarf(const struct options *o, const struct sightings *e, const struct complainant *who)
{
	json_t *report = xarf_report(&o->address, e, who);
	bool good;

	if (report == NULL)
		return false;
	if (o->json)
		return jsonline_data(stdout, VERB, report);
	good = json_dumpf(report, stdout, JSON_INDENT(2)) == 0;
	putchar('\n');
	json_decref(report);
	return good;
}

/* 0 and 1 of the daemon say whether the client is on the list now: of no matter here. */
static int
complain(struct options *o)
{
	struct sightings *e = calloc(1, sizeof(*e));
	struct complainant who;
	int status;

	if (e == NULL)
		return fileerror_open(NULL);
	status = o->file != NULL ? read_file(o->file, e) : ask_for_entry(o, e);
	if (status == EX_OK || status == 1) {
		if (!sightings_is_there(e)) {
			fputs("relayguardctl: " VERB ": nothing was seen of it here\n", stderr);
			status = NOTHING;
		} else if (!find_complainant(o, e, &who)) {
			status = EX_USAGE;
		} else {
			status =
			    (o->xarf ? print_xarf : print_text)(o, e, &who) ? EX_OK : EX_OSERR;
		}
	}
	free(e);
	if (o->json && status != EX_USAGE)
		(void)jsonline_end(stdout, status);
	return status;
}

int
complaint_run(bool json, char *const *word)
{
	struct options *o = calloc(1, sizeof(*o));
	int status;

	if (o == NULL)
		return fileerror_open(NULL);
	*o = (struct options){.json = json,
	    .conf = SYSCONFDIR "/relayguard.conf",
	    .lists = PKGDATADIR "/lists.conf"};
	status = take_words(o, word) ? complain(o) : EX_USAGE;
	free(o);
	return status;
}
