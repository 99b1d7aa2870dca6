/* SPDX-License-Identifier: BSD-2-Clause */
/* session/explain.c - the steps of a session, without one. */
#include "config.h"

#include "session/explain.h"

#include <stdio.h>

#include "base/log.h"
#include "base/logfield.h"
#include "base/strbuf.h"
#include "conf/conf.h"

#define PATH_MAX_SHOWN 600 /* longer than any path that counts */
#define VALUE_MAX (LOG_LINE_MAX + 1)

/* The reference that stands in the reply: of no decision. */
#define NO_REF "EXAMPLE0"

/* An address in brackets, which it may have already, as the log of an MTA has it. */
static const char *
make_path(char path[PATH_MAX_SHOWN], const char *address)
{
	snprintf(path, PATH_MAX_SHOWN, address[0] == '<' ? "%s" : "<%s>", address);
	return path;
}

static bool
tell_mail(struct explanation *e, const char *from)
{
	char path[PATH_MAX_SHOWN];
	const struct envelope_path sender = {.typed = make_path(path, from)};

	return client_mail(&e->client, &sender, NULL);
}

/* A recipient has a domain: its policy is what is asked about. */
static bool
tell_rcpt(struct explanation *e, const char *to)
{
	char path[PATH_MAX_SHOWN];
	struct envelope_path recipient = {.typed = make_path(path, to)};
	const char *text;

	return envelope_read(&e->to, e->conf->mta, &recipient, &text) &&
	    e->to.domain[0] != '\0';
}

/* Say all that is asked about; NULL, or what cannot be read. */
static const char *
tell(struct explanation *e, const struct explain_question *q)
{
	client_look_up(&e->client);
	if (q->helo != NULL)
		client_helo(&e->client, q->helo);
	if (!tell_mail(e, q->from != NULL ? q->from : ""))
		return "from: is no mailbox, such as a@sender.example";
	if (q->to != NULL && !tell_rcpt(e, q->to))
		return "to: is no mailbox with a domain, such as bob@recipient.example";
	return NULL;
}

static void
decide(struct explanation *e)
{
	decision_begin(&e->decision, &e->client, &e->to);
	decision_reach(&e->decision, &e->client);
	decision_word(&e->decision, &e->client, NO_REF, e->to.domain, &e->reply);
}

bool
explain_begin(struct explanation *e, struct session_shared *shared,
    const struct explain_question *q, char *why, size_t whysize)
{
	struct ipaddr address;
	const char *fault;

	if (q->address == NULL || !ipaddr_parse(&address, q->address))
		return strbuf_fail(why, whysize, "address: must be an IPv4 or IPv6 address");
	*e = (struct explanation){.conf = conf_current()};
	if (!client_init(&e->client, &shared->services, e->conf, &address, q->name, true)) {
		conf_unref(&e->conf);
		return strbuf_fail(why, whysize, "out of memory");
	}
	if ((fault = tell(e, q)) != NULL) {
		explain_end(e);
		return strbuf_fail(why, whysize, "%s", fault);
	}
	decide(e);
	return true;
}

/* What a line has of a key, as the client said it; NULL: nothing. */
static const char *
said(const char *line, const char *key, char value[VALUE_MAX])
{
	if (!logfield_find(line, key, value, VALUE_MAX))
		return NULL;
	logfield_unescape(value);
	return value;
}

bool
explain_again(struct explanation *e, struct session_shared *shared, const char *line, char *why,
    size_t whysize)
{
	char client[VALUE_MAX], name[VALUE_MAX], helo[VALUE_MAX], from[VALUE_MAX],
	    to[VALUE_MAX];
	const struct explain_question question = {
	    .address = said(line, "client", client),
	    .name = said(line, "name", name),
	    .helo = said(line, "helo", helo),
	    .from = said(line, "from", from),
	    .to = said(line, "to", to),
	};

	return explain_begin(e, shared, &question, why, whysize);
}

void
explain_end(struct explanation *e)
{
	client_clear(&e->client);
	conf_unref(&e->conf);
}
