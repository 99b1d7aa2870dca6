/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ctl/doctorsendmail.c - the lines "Xname, S=socket, F=flag, T=times" of a .cf file, and the
 * option InputMailFilters, which says which of them are asked.
 */
#include "config.h"

#include "ctl/doctorsendmail.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "base/strbuf.h"
#include "conf/conf.h"
#include "ctl/postfixconf.h"
#include "os/socketspec.h"

#define LINE_MAX_CF 2048
#define WHY_MAX 256
#define OPTION "O InputMailFilters="

/* What a .cf file says of us. */
struct filter {
	char name[128];            /* empty: no line leads to our socket */
	char socket[LINE_MAX_CF];  /* as it stands there */
	char flag;                 /* of F=, or '-' */
	char times[LINE_MAX_CF];   /* of T= */
	char filters[LINE_MAX_CF]; /* the option */
	bool turned;               /* the socket is written as Postfix writes it */
};

/* Copy the value of "S=" among the equates of a line; false: it has none. */
static bool
read_equate(const char *line, char letter, char out[LINE_MAX_CF])
{
	for (const char *at = strchr(line, ','); at != NULL; at = strchr(at, ',')) {
		size_t len;

		at += 1 + strspn(at + 1, " \t");
		if (at[0] != letter || at[1] != '=')
			continue;
		at += 2;
		len = strcspn(at, ", \t\r\n");
		memcpy(out, at, len);
		out[len] = '\0';
		return true;
	}
	out[0] = '\0';
	return false;
}

/* Sendmail reads inet:PORT@ADDRESS; what it makes of inet:ADDRESS:PORT is another port. */
static bool
leads_to_us(const char *socket, const struct conf *conf, bool *turned)
{
	struct socketspec spec;
	char why[WHY_MAX];

	if (!socketspec_parse(&spec, socket, why, sizeof(why)) ||
	    strcmp(spec.milter, conf->listen) != 0)
		return false;
	*turned = spec.path[0] == '\0' && strchr(socket, '@') == NULL;
	return true;
}

static void
read_filter(struct filter *f, const struct conf *conf, const char *line)
{
	char socket[LINE_MAX_CF], flag[LINE_MAX_CF];
	size_t len = strcspn(line + 1, ", \t\r\n");

	if (!read_equate(line, 'S', socket) || !leads_to_us(socket, conf, &f->turned))
		return;
	if (len > sizeof(f->name) - 1)
		len = sizeof(f->name) - 1;
	memcpy(f->name, line + 1, len);
	f->name[len] = '\0';
	(void)strbuf_copy(f->socket, sizeof(f->socket), socket);
	f->flag = read_equate(line, 'F', flag) ? flag[0] : '-';
	(void)read_equate(line, 'T', f->times);
}

/* False: the file cannot be read. */
static bool
read_cf(struct filter *f, const struct conf *conf, const char *path)
{
	FILE *file = fopen(path, "re");
	char line[LINE_MAX_CF];

	*f = (struct filter){.flag = '-'};
	if (file == NULL)
		return false;
	while (fgets(line, sizeof(line), file) != NULL) {
		line[strcspn(line, "\r\n")] = '\0';
		if (line[0] == 'X')
			read_filter(f, conf, line);
		else if (strncmp(line, OPTION, strlen(OPTION)) == 0)
			(void)strbuf_copy(
			    f->filters, sizeof(f->filters), line + strlen(OPTION));
	}
	(void)fclose(file);
	return true;
}

static bool
is_asked(const struct filter *f)
{
	const char *at = f->filters;
	char name[sizeof(f->name)];

	while (postfixconf_item(&at, name, sizeof(name)))
		if (strcmp(name, f->name) == 0)
			return true;
	return false;
}

/* --- What is said --- */

static void
look_at_times(struct machine *m, const struct filter *f, const char *path)
{
	const char *at = f->times, *reply = NULL;
	char text[LINE_MAX_CF];
	int64_t seconds;

	/* "C:3s;S:3s;R:9s" */
	for (; reply == NULL && at != NULL && *at != '\0'; at = strchr(at, ';')) {
		at += *at == ';';
		if (at[0] == 'R' && at[1] == ':')
			reply = at + 2;
	}
	if (reply == NULL)
		return; /* ten seconds */
	(void)strbuf_copy(text, sizeof(text), reply);
	text[strcspn(text, ";")] = '\0';
	seconds = postfixconf_seconds(text);
	if (seconds < 0 || seconds * 1000 > m->conf->deadline_ms)
		return;
	machine_add(m, FINDING_ERROR, "sendmail-time-outs",
	    "write T=C:3s;S:3s;R:9s, or lower deadline in relayguard.conf",
	    "%s: R:%s of T=%s, and relayguard takes up to %" PRId64
	    " ms: slow answers count as none",
	    path, text, f->times, m->conf->deadline_ms);
}

static void
look_at_flag(struct machine *m, const struct filter *f, const char *path)
{
	static const struct {
		char flag;
		const char *means;
	} flags[] = {
	    {'T', "all mail is put off with 451"},
	    {'R', "all mail is refused for good"},
	    {'4', "every client gets 421, and the connection ends"},
	};

	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
		if (f->flag == flags[i].flag)
			machine_add(m, FINDING_WARNING, "sendmail-default-action",
			    "leave F= out of INPUT_MAIL_FILTER in sendmail.mc",
			    "%s: F=%c: while relayguard is down, %s", path, f->flag,
			    flags[i].means);
}

static void
look_at_main(struct machine *m, const struct filter *f, const char *path)
{
	char advice[WHY_MAX];

	(void)snprintf(advice, sizeof(advice),
	    "in sendmail.mc: INPUT_MAIL_FILTER(`relayguard', `S=%s, T=C:3s;S:3s;R:9s')",
	    m->conf->listen);
	if (f->name[0] == '\0')
		machine_add(m, FINDING_ERROR, "sendmail-milter", advice,
		    "%s: relayguard listens at %s, and no line X leads there", path,
		    m->conf->listen);
	else if (f->turned)
		machine_add(m, FINDING_ERROR, "sendmail-milter", advice,
		    "%s: S=%s is Postfix's order: Sendmail takes it for another place, and "
		    "nobody is there",
		    path, f->socket);
	else if (!is_asked(f))
		machine_add(m, FINDING_ERROR, "sendmail-milter",
		    "use INPUT_MAIL_FILTER in sendmail.mc, or add it to confINPUT_MAIL_FILTERS",
		    "%s: there is a filter %s at our socket, but InputMailFilters is \"%s\"",
		    path, f->name, f->filters);
	else {
		machine_add(m, FINDING_OK, "sendmail-milter", NULL,
		    "%s: filter %s asks relayguard", path, f->name);
		look_at_times(m, f, path);
		look_at_flag(m, f, path);
	}
}

static void
name_cf(const struct machine *m, const char *file, char out[PATH_MAX])
{
	struct strbuf sb;

	strbuf_init(&sb, out, PATH_MAX);
	strbuf_addf(&sb, "%s/%s", m->sendmail, file);
}

void
doctorsendmail_look(struct machine *m)
{
	struct filter f;
	char path[PATH_MAX];

	if (m->conf == NULL)
		return;
	name_cf(m, "sendmail.cf", path);
	if (read_cf(&f, m->conf, path))
		look_at_main(m, &f, path);
	else if (errno != ENOENT)
		machine_add(m, FINDING_UNSEEN, "sendmail-milter", NULL, "%s: %s", path,
		    strerror(errno));
	else if (!m->has_mta)
		machine_add(m, FINDING_UNSEEN, "mta", NULL,
		    "no Postfix and no %s: whether a mail server asks relayguard", path);
	name_cf(m, "submit.cf", path);
	if (read_cf(&f, m->conf, path) && f.name[0] != '\0' && is_asked(&f))
		machine_add(m, FINDING_WARNING, "sendmail-submit",
		    "take the filter out of submit.mc",
		    "%s asks relayguard about mail of this machine, which has no client", path);
}
