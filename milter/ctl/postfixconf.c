/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ctl/postfixconf.c - postconf(1) knows defaults, $names and -o options; its lines are read
 * as untrusted text all the same.
 */
#include "config.h"

#include "ctl/postfixconf.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/ascii.h"
#include "base/number.h"
#include "base/strbuf.h"
#include "ctl/command.h"

#define ARGS_MAX 64
#define EQUALS " ="
#define BLANKS " \t,"

static const struct command_user self = {NULL, NULL};

/* What it has died of, in one line, where it may have warned before; without its name. */
static const char *
complaint(char *text)
{
	static const char fatal[] = "fatal: ";
	char *at = strstr(text, fatal);
	const char *said = at != NULL ? at + strlen(fatal) : text;

	(void)ascii_take(&said, "postconf: ");
	text[(size_t)(said - text) + strcspn(said, "\n")] = '\0';
	return said;
}

/* Whether it is no mistake in it that keeps it from being read. */
static bool
is_out_of_reach(const char *said)
{
	return strstr(said, strerror(ENOENT)) != NULL || strstr(said, strerror(EACCES)) != NULL;
}

/* postconf with those words, behind -c folder. */
static enum postfixconf_result
ask(const char *folder, const char *const *words, int64_t deadline, char *out, size_t size,
    char *why, size_t whysize)
{
	const char *argv[ARGS_MAX] = {"postconf"}, *said;
	size_t n = 1;
	int status;

	if (folder != NULL) {
		argv[n++] = "-c";
		argv[n++] = folder;
	}
	for (; *words != NULL && n < ARGS_MAX - 1; words++)
		argv[n++] = *words;
	argv[n] = NULL;
	status = command_run(argv, &self, deadline, out, size);
	if (status == COMMAND_MISSING)
		return POSTFIXCONF_NONE;
	if (status == 0)
		return POSTFIXCONF_READ;
	if (status == COMMAND_LATE) {
		(void)strbuf_fail(why, whysize, "postconf does not end");
		return POSTFIXCONF_FAILED;
	}
	said = complaint(out);
	(void)strbuf_fail(why, whysize, "%s", said);
	return is_out_of_reach(said) ? POSTFIXCONF_FAILED : POSTFIXCONF_BAD;
}

/* The value in a text of "name = value" lines; NULL: it is not there. */
static const char *
find(const char *text, const char *name)
{
	size_t len = strlen(name);

	for (const char *line = text; line != NULL; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (strncmp(line, name, len) == 0 &&
		    strncmp(line + len, EQUALS, strlen(EQUALS)) == 0)
			return line + len + strlen(EQUALS);
	}
	return NULL;
}

/* A line of master.cf as -M writes it: type, chroot and command are the fields 2, 5, 8. */
static void
take_service(struct postfixconf *p, const char *line)
{
	struct postfix_service *s = &p->service[p->n];
	char name[32], type[16], chroot[8], command[32];

	if (p->n == POSTFIX_SERVICES_MAX ||
	    sscanf(line, "%31s %15s %*s %*s %7s %*s %*s %31s", name, type, chroot, command) !=
		4)
		return;
	if (strcmp(command, "smtpd") != 0 && strcmp(command, "postscreen") != 0)
		return;
	(void)snprintf(s->name, sizeof(s->name), "%s/%s", name, type);
	(void)strbuf_copy(s->command, sizeof(s->command), command);
	s->chroot = chroot[0];
	p->n++;
}

/* postconf(1) would wait for it. */
static bool
has_main(const char *folder)
{
	char path[PATH_MAX];
	struct strbuf sb;

	strbuf_init(&sb, path, sizeof(path));
	strbuf_addf(&sb, "%s/main.cf", folder);
	return !sb.cut && access(path, F_OK) == 0;
}

enum postfixconf_result
postfixconf_read(struct postfixconf *p, const char *folder, const char *const *names,
    int64_t deadline, char *why, size_t whysize)
{
	static char services[POSTFIX_TEXT_MAX];
	const char *words[ARGS_MAX] = {"-x"}, *const master[] = {"-Px", NULL},
		   *const lines[] = {"-M", NULL};
	enum postfixconf_result result;
	char *rest = services;

	if (folder != NULL && !has_main(folder)) {
		(void)strbuf_fail(why, whysize, "there is no main.cf in %s", folder);
		return POSTFIXCONF_FAILED;
	}
	for (size_t i = 0; i < ARGS_MAX - 2 && names[i] != NULL; i++)
		words[i + 1] = names[i];
	result = ask(folder, words, deadline, p->main, sizeof(p->main), why, whysize);
	if (result == POSTFIXCONF_READ)
		result =
		    ask(folder, master, deadline, p->master, sizeof(p->master), why, whysize);
	if (result == POSTFIXCONF_READ)
		result = ask(folder, lines, deadline, services, sizeof(services), why, whysize);
	p->n = 0;
	for (char *line; result == POSTFIXCONF_READ && (line = strsep(&rest, "\n")) != NULL;)
		take_service(p, line);
	return result;
}

bool
postfixconf_get(const struct postfixconf *p, const struct postfix_service *service,
    const char *name, char *out, size_t size)
{
	const char *value = NULL;
	char full[192];
	bool own;
	size_t len;

	if (service != NULL) {
		(void)snprintf(full, sizeof(full), "%s/%s", service->name, name);
		value = find(p->master, full);
	}
	own = value != NULL;
	if (!own)
		value = find(p->main, name);
	value = value != NULL ? value : "";
	value += strspn(value, " ");
	len = strcspn(value, "\n");
	if (len > size - 1)
		len = size - 1;
	memcpy(out, value, len);
	out[len] = '\0';
	return own;
}

/* The length of an item: to a blank or a comma outside of braces. */
static size_t
item_length(const char *text)
{
	size_t depth = 0, i;

	for (i = 0; text[i] != '\0'; i++) {
		if (depth == 0 && strchr(BLANKS, text[i]) != NULL)
			break;
		depth += text[i] == '{';
		depth -= text[i] == '}' && depth > 0;
	}
	return i;
}

bool
postfixconf_item(const char **at, char *out, size_t size)
{
	const char *text = *at + strspn(*at, BLANKS);
	size_t len = item_length(text);

	*at = text + len;
	if (len > 1 && text[0] == '{' && text[len - 1] == '}') {
		text++;
		len -= 2;
	}
	if (len == 0)
		return false;
	if (len > size - 1)
		len = size - 1;
	memcpy(out, text, len);
	out[len] = '\0';
	return true;
}

int64_t
postfixconf_seconds(const char *text)
{
	static const struct {
		char unit;
		int64_t seconds;
	} units[] = {{'s', 1}, {'m', 60}, {'h', 3600}, {'d', 86400}, {'w', 604800}};
	int64_t n = number_plain(&text, INT32_MAX);

	if (n < 0 || *text == '\0')
		return n;
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (ascii_lower(text[0]) == units[i].unit && text[1] == '\0')
			return n * units[i].seconds;
	return -1;
}
