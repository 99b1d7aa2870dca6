/* SPDX-License-Identifier: BSD-2-Clause */
/* ctl/auditserver.c - the greeting, the offers, and two commands that were meant for people. */
#include "config.h"

#include "ctl/auditserver.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/ascii.h"
#include "base/strbuf.h"
#include "ctl/doctorask.h"

#define TLS_MS 15000
#define OUTPUT_MAX 65536
#define CERTIFICATE_DAYS "21"
#define CERTIFICATE_SECONDS "1814400"
#define RANDOM_LETTERS 12

/* Whether a text has a version: "8.17.1", or "3.7". */
static bool
has_version(const char *text)
{
	for (; *text != '\0'; text++)
		if (ascii_is_digit(text[0]) && text[1] == '.' && ascii_is_digit(text[2]))
			return true;
	return false;
}

static void
look_at_banner(struct auditor *a)
{
	char line[SMTPTALK_TEXT_MAX], name[DOMAIN_NAME_SIZE];
	const char *rest;

	(void)smtptalk_line(&a->greeting, line);
	rest = strchr(line, ' ');
	if (rest != NULL && has_version(rest))
		machine_add(&a->m, FINDING_WARNING, "banner",
		    "take it out: smtpd_banner of Postfix, confSMTP_LOGIN_MSG of Sendmail",
		    "the greeting tells a version: %s", line);
	else
		machine_add(&a->m, FINDING_OK, "banner", NULL, "%s", line);
	line[strcspn(line, " ")] = '\0';
	if (!domain_normalise(line, name))
		machine_add(&a->m, FINDING_WARNING, "banner",
		    "give it its full name: myhostname of Postfix, confDOMAIN_NAME of Sendmail",
		    "the server greets as \"%s\", which is no full name of a host", line);
}

/* --- VRFY and EXPN --- */

static void
look_at_vrfy(struct auditor *a)
{
	struct smtptalk_reply known, unknown;
	char random[RANDOM_LETTERS + 1], line[SMTPTALK_TEXT_MAX];

	doctorask_random(random, RANDOM_LETTERS);
	if (!smtptalk_say(&a->talk, &known, "VRFY postmaster") ||
	    !smtptalk_say(&a->talk, &unknown, "VRFY " AUDITOR_NAME "-%s", random)) {
		machine_add(&a->m, FINDING_UNSEEN, "vrfy", NULL, "the server hangs up on VRFY");
		return;
	}
	if (known.code == 250 || (known.code / 100 == 2 && unknown.code / 100 == 5))
		machine_add(&a->m, FINDING_WARNING, "vrfy",
		    "disable_vrfy_command = yes; in sendmail.mc, "
		    "define(`confPRIVACY_FLAGS', `goaway')",
		    "VRFY tells strangers who is there: postmaster is %u %s, somebody who is "
		    "not there %u",
		    known.code, smtptalk_line(&known, line), unknown.code);
	else
		machine_add(&a->m, FINDING_OK, "vrfy", NULL,
		    "VRFY does not tell who is there: %u", known.code);
}

static void
look_at_expn(struct auditor *a)
{
	struct smtptalk_reply reply;
	char line[SMTPTALK_TEXT_MAX];

	if (!smtptalk_say(&a->talk, &reply, "EXPN postmaster"))
		machine_add(&a->m, FINDING_UNSEEN, "expn", NULL, "the server hangs up on EXPN");
	else if (reply.code == 250)
		machine_add(&a->m, FINDING_WARNING, "expn",
		    "in sendmail.mc, define(`confPRIVACY_FLAGS', `goaway')",
		    "EXPN tells strangers who gets the mail of postmaster: %s",
		    smtptalk_line(&reply, line));
	else
		machine_add(&a->m, FINDING_OK, "expn", NULL,
		    "EXPN does not tell who gets mail: %u", reply.code);
}

/* --- TLS --- */

/* The mechanisms of a line "AUTH PLAIN LOGIN" or "AUTH=..."; NULL: AUTH is not offered. */
static const char *
find_mechanisms(const struct smtptalk_reply *hello, char out[SMTPTALK_TEXT_MAX])
{
	static const char auth[] = "AUTH";

	for (const char *line = hello->text; line != NULL; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (strncasecmp(line, auth, strlen(auth)) != 0 ||
		    (line[strlen(auth)] != ' ' && line[strlen(auth)] != '='))
			continue;
		(void)strbuf_copy(out, SMTPTALK_TEXT_MAX, line + strlen(auth) + 1);
		out[strcspn(out, "\n")] = '\0';
		return out;
	}
	return NULL;
}

static void
look_at_auth(struct auditor *a)
{
	static const char advice[] =
	    "smtpd_tls_auth_only = yes; in sendmail.mc, define(`confAUTH_OPTIONS', `A p')";
	char text[SMTPTALK_TEXT_MAX];
	const char *offered = find_mechanisms(&a->hello, text);

	if (offered == NULL)
		machine_add(&a->m, FINDING_OK, "auth", NULL, "AUTH is not offered without TLS");
	else if (strcasestr(offered, "PLAIN") != NULL || strcasestr(offered, "LOGIN") != NULL)
		machine_add(&a->m, FINDING_ERROR, "auth", advice,
		    "AUTH %s is offered without TLS: passwords can be read on the way",
		    offered);
	else
		machine_add(&a->m, FINDING_WARNING, "auth", advice,
		    "AUTH %s is offered without TLS: what is said after it can be changed on the "
		    "way",
		    offered);
}

/* What is behind "verify error:" or a like mark, without the line's end. */
static const char *
find_fault(char *text)
{
	static const char *const marks[] = {"Verification error: ", "verify error:num="};

	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
		char *at = strstr(text, marks[i]);

		if (at == NULL)
			continue;
		at += strlen(marks[i]);
		at[strcspn(at, "\r\n")] = '\0';
		return at;
	}
	return NULL;
}

static const struct command_user self = {NULL, NULL};

/* Have openssl(1) speak TLS to the server; its status, and all that it writes. */
static int
speak_tls(struct auditor *a, char *out, size_t size)
{
	char where[ENDPOINT_STRLEN];
	const char *argv[] = {"openssl", "s_client", "-starttls", "smtp", "-connect",
	    endpoint_format(&a->target, where), "-servername", a->host, "-verify_hostname",
	    a->host, NULL};

	return command_run(argv, &self, machine_until(&a->m, TLS_MS), out, size);
}

/* Whether the certificate in a text has so many days left; it is read from a pipe by sh(1),
 * for command_run() gives no input. */
static bool
lasts(struct auditor *a, const char *output)
{
	const char *begin = strstr(output, "-----BEGIN CERTIFICATE-----"),
		   *end = strstr(output, "-----END CERTIFICATE-----");
	const char *argv[] = {"sh", "-c",
	    "printf '%s\\n' \"$1\" | openssl x509 -noout -checkend " CERTIFICATE_SECONDS, "sh",
	    NULL, NULL};
	char pem[OUTPUT_MAX / 4], said[256];
	struct strbuf sb;

	if (begin == NULL || end == NULL || end < begin)
		return true;
	strbuf_init(&sb, pem, sizeof(pem));
	strbuf_addn(&sb, begin, (size_t)(end - begin));
	strbuf_add(&sb, "-----END CERTIFICATE-----");
	argv[4] = pem;
	return sb.cut ||
	    command_run(argv, &self, machine_until(&a->m, TLS_MS), said, sizeof(said)) != 1;
}

static void
look_at_certificate(struct auditor *a)
{
	static char output[OUTPUT_MAX];
	const char *fault;
	bool lasting;
	int status = speak_tls(a, output, sizeof(output));

	if (status == COMMAND_MISSING || status == COMMAND_LATE) {
		machine_add(&a->m, FINDING_UNSEEN, "certificate", NULL, "openssl(1) %s",
		    status == COMMAND_MISSING ? "is missing" : "does not end");
		return;
	}
	lasting = lasts(a, output);
	fault = find_fault(output);
	if (strstr(output, "-----BEGIN CERTIFICATE-----") == NULL)
		machine_add(&a->m, FINDING_ERROR, "certificate",
		    "see what the server's log says of TLS",
		    "STARTTLS is offered, and does not work");
	else if (fault != NULL)
		machine_add(&a->m, FINDING_WARNING, "certificate",
		    "give the server a certificate of its name, with those between, that others "
		    "can verify",
		    "the certificate for %s: %s", a->host, fault);
	else if (!lasting)
		machine_add(&a->m, FINDING_WARNING, "certificate", "renew it",
		    "the certificate ends within " CERTIFICATE_DAYS " days");
	else
		machine_add(&a->m, FINDING_OK, "certificate", NULL,
		    "the certificate is good for %s, for " CERTIFICATE_DAYS " days and more",
		    a->host);
}

static void
look_at_tls(struct auditor *a)
{
	look_at_auth(a);
	if (!smtptalk_offers(&a->hello, "STARTTLS")) {
		machine_add(&a->m, FINDING_WARNING, "starttls",
		    "give the server a certificate: smtpd_tls_chain_files, and "
		    "smtpd_tls_security_level = may",
		    "STARTTLS is not offered: mail can be read on the way");
		return;
	}
	machine_add(&a->m, FINDING_OK, "starttls", NULL, "STARTTLS is offered");
	look_at_certificate(a);
}

/* --- Updates --- */

/* Copy what is behind a key on a line of its own, "  Candidate: 3.7.11-0+deb12u1". */
static bool
find_version(const char *text, const char *key, char out[128])
{
	const char *at = strstr(text, key);
	struct strbuf sb;

	strbuf_init(&sb, out, 128);
	if (at != NULL) {
		at += strlen(key);
		strbuf_addn(&sb, at, strcspn(at, "\n"));
	}
	return at != NULL && out[0] != '\0' && out[0] != '(';
}

/* By what the last "apt update" has brought: nobody is asked. */
static void
look_at_updates(struct auditor *a)
{
	const char *package = a->postfix != NULL ? "postfix" : "sendmail-bin";
	const char *argv[] = {"apt-cache", "policy", package, NULL};
	char said[OUTPUT_MAX / 16], installed[128], candidate[128];

	if (command_run(argv, &self, machine_until(&a->m, TLS_MS), said, sizeof(said)) != 0 ||
	    !find_version(said, "Installed: ", installed) ||
	    !find_version(said, "Candidate: ", candidate))
		machine_add(&a->m, FINDING_UNSEEN, "updates", NULL,
		    "apt-cache(8) knows no package of it");
	else if (strcmp(installed, candidate) != 0)
		machine_add(&a->m, FINDING_WARNING, "updates", "apt upgrade",
		    "%s %s is installed, and %s is there", package, installed, candidate);
	else
		machine_add(&a->m, FINDING_OK, "updates", NULL,
		    "%s %s is the newest, as of the last apt update", package, installed);
}

void
auditserver_look(struct auditor *a)
{
	if (auditor_open(a)) {
		look_at_banner(a);
		look_at_vrfy(a);
		look_at_expn(a);
		smtptalk_close(&a->talk);
		look_at_tls(a);
	} else {
		machine_add(
		    &a->m, FINDING_UNSEEN, "server", NULL, "the server does not talk to us");
	}
	look_at_updates(a);
}
