/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ctl/auditor.c - a server slows down and hangs up on who is refused too often in one
 * connection: so there are several, one behind the other.
 */
#include "config.h"

#include "ctl/auditor.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/strbuf.h"
#include "ctl/doctorask.h"

#define REFUSALS_MAX 9 /* smtpd_soft_error_limit is 10 */
#define RANDOM_LETTERS 12
#define HOST_MAX 256

/* "relayguard-audit." and our name. */
static const char *
hello_name(char out[HOST_MAX + sizeof(AUDITOR_NAME)])
{
	char host[HOST_MAX] = "localhost";

	(void)gethostname(host, sizeof(host) - 1);
	(void)snprintf(out, HOST_MAX + sizeof(AUDITOR_NAME), AUDITOR_NAME ".%s", host);
	return out;
}

bool
auditor_open(struct auditor *a)
{
	char name[HOST_MAX + sizeof(AUDITOR_NAME)];

	a->refusals = 0;
	machine_tick(&a->m);
	if (!smtptalk_open(&a->talk, &a->target, &a->source, &a->greeting))
		return false;
	if (smtptalk_say(&a->talk, &a->hello, "EHLO %s", hello_name(name)) &&
	    a->hello.code == 250)
		return true;
	smtptalk_close(&a->talk);
	return false;
}

bool
auditor_begin(struct auditor *a)
{
	char where[ENDPOINT_STRLEN], from[IPADDR_STRLEN], line[SMTPTALK_TEXT_MAX];

	if (auditor_open(a)) {
		(void)smtptalk_line(&a->greeting, line);
		line[strcspn(line, " ")] = '\0';
		if (!domain_normalise(line, a->host))
			(void)strbuf_copy(a->host, sizeof(a->host), "localhost");
		smtptalk_close(&a->talk);
		return true;
	}
	(void)smtptalk_line(a->greeting.code != 220 ? &a->greeting : &a->hello, line);
	machine_add(&a->m, FINDING_UNSEEN, "server", "see that it runs, and what its log says",
	    "%s does not talk to %s: %s", endpoint_format(&a->target, where),
	    ipaddr_format(&a->source, from), line[0] != '\0' ? line : "it says nothing");
	return false;
}

void
auditor_add_domain(struct auditor *a, const char *name)
{
	char normal[DOMAIN_NAME_SIZE];

	if (!domain_normalise(name, normal) || strncmp(normal, "localhost.", 10) == 0)
		return; /* "localhost": of no matter to others */
	for (size_t i = 0; i < a->ndomains; i++)
		if (strcmp(a->domain[i].name, normal) == 0)
			return;
	if (a->ndomains < AUDITOR_DOMAINS_MAX)
		(void)strbuf_copy(
		    a->domain[a->ndomains++].name, sizeof(a->domain[0].name), normal);
	else
		a->more_domains = true;
}

const char *
auditor_literal(const struct ipaddr *address, char out[IPADDR_STRLEN + 8])
{
	char text[IPADDR_STRLEN];

	(void)snprintf(out, IPADDR_STRLEN + 8, "[%s%s]", address->bits == 128 ? "IPv6:" : "",
	    ipaddr_format(address, text));
	return out;
}

/* A connection in which recipients may be named. */
static bool
begin_mail(struct auditor *a, struct smtptalk_reply *reply)
{
	const char *domain = a->ndomains > 0 ? a->domain[0].name : a->host;

	if (a->talk.fd >= 0 && a->refusals < REFUSALS_MAX)
		return true;
	smtptalk_close(&a->talk);
	if (!auditor_open(a)) {
		*reply = a->greeting.code != 220 ? a->greeting : a->hello;
		return false;
	}
	return smtptalk_say(&a->talk, reply, "MAIL FROM:<" AUDITOR_NAME "@%s>", domain) &&
	    reply->code == 250;
}

/* Refusals of a client, its HELO or its sender are put off to RCPT: they would be the same for
 * any recipient, and tell nothing of this one. */
static bool
is_about_us(const char *text)
{
	static const char *const words[] = {"Client host rejected", "Helo command rejected",
	    "Sender address rejected", "blocked using"};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strstr(text, words[i]) != NULL)
			return true;
	return false;
}

/* A refusal for the time being is one if it says that it is about relaying: by default
 * Postfix puts off whom it does not relay for. */
static enum auditor_answer
read_answer(const struct smtptalk_reply *reply)
{
	if (reply->code / 100 == 2)
		return AUDITOR_TAKEN;
	if (is_about_us(reply->text))
		return AUDITOR_UNKNOWN;
	if (reply->code / 100 == 5 ||
	    (reply->code / 100 == 4 &&
		(strstr(reply->text, "Relay") != NULL || strstr(reply->text, "relay") != NULL)))
		return AUDITOR_REFUSED;
	return AUDITOR_UNKNOWN;
}

enum auditor_answer
auditor_rcpt(struct auditor *a, const char *path, struct smtptalk_reply *reply)
{
	enum auditor_answer answer;

	*reply = (struct smtptalk_reply){.text = "the 64 recipients of a run are used up\n"};
	if (a->recipients == AUDITOR_RCPT_MAX)
		return AUDITOR_UNKNOWN;
	if (!begin_mail(a, reply)) {
		smtptalk_close(&a->talk);
		return AUDITOR_UNKNOWN;
	}
	a->recipients++;
	(void)smtptalk_say(&a->talk, reply, "RCPT TO:%s", path);
	answer = read_answer(reply);
	a->refusals += answer != AUDITOR_TAKEN;
	return answer;
}

enum auditor_answer
auditor_takes_anybody(struct auditor *a, struct auditor_domain *d)
{
	char path[DOMAIN_NAME_SIZE + sizeof(AUDITOR_NAME) + RANDOM_LETTERS + 8];
	char random[RANDOM_LETTERS + 1];
	struct smtptalk_reply reply;

	if (d->asked)
		return d->anybody;
	doctorask_random(random, RANDOM_LETTERS);
	(void)snprintf(path, sizeof(path), "<" AUDITOR_NAME "-%s@%s>", random, d->name);
	d->asked = true;
	return d->anybody = auditor_rcpt(a, path, &reply);
}
