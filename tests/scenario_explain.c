/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * scenario_explain.c - after each decision of a scenario, what "explain" says of the same
 * client and recipient: the line that it would have written, and the reply.
 */
#include "config.h"

#include "scenario.h"

#include <stdlib.h>
#include <string.h>

#include "base/logfield.h"
#include "base/reftag.h"
#include "base/strbuf.h"
#include "conf/conf.h"
#include "fakes/fake_mta.h"
#include "session/explain.h"
#include "session/lookups.h"
#include "session/trapped.h"
#include "verdict/logrecord.h"

#define SAID_SIZE 8192
#define NO_REF "EXAMPLE0" /* in explanations */

/* What an explanation cannot know, or need not: who was told, how long that took, which
 * cache had it, and how the client wrote what the MTA has understood. */
static bool
is_left_out(const char *key)
{
	static const char *const keys[] = {"ref", "cache", "ms", "to", "orig-from", "orig-to"};

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (strcmp(key, keys[i]) == 0)
			return true;
	return false;
}

/* What SPF says is known to later recipients of a message, whether it matters or not. */
static void
add_line(struct strbuf *sb, const char *line, bool first)
{
	char key[LOGFIELD_KEY_MAX], value[LOG_VALUE_MAX + 1];

	while (logfield_next(&line, key, value, sizeof(value)))
		if (!is_left_out(key) && (first || strcmp(key, "spf") != 0))
			strbuf_addf(sb, "%s=%s ", key, value);
}

/* A line of a reply as the client gets it, without "%%", and with REF for the reference, without
 * its tag. */
static void
add_reply(struct strbuf *sb, const char *text, const char *ref)
{
	strbuf_addc(sb, '\n');
	while (*text != '\0') {
		if (strncmp(text, ref, REF_LEN) == 0) {
			strbuf_addf(sb, "REF");
			text += REF_LEN;
			text += text[0] == '-' ? 1 + REFTAG_LEN : 0;
			continue;
		}
		strbuf_addc(sb, *text);
		text += 1 + (strncmp(text, "%%", 2) == 0);
	}
}

/* The line of the decision that the last step has come to; NULL: to none. */
static char *
take_decision(struct scenario *s, size_t from)
{
	const char *line, *found = NULL;

	fflush(s->log.stream);
	for (line = s->log.text + from; (line = strstr(line, "ref=")) != NULL; line++)
		if (strncmp(line + strlen("ref=") + REF_LEN, " verdict=", 9) == 0)
			found = line;
	return found != NULL ? strndup(found, strcspn(found, "\n")) : NULL;
}

static void
write_decision(const struct guest *c, const char *line, char out[SAID_SIZE])
{
	const char *text, *ref = line + strlen("ref=");
	struct strbuf sb;

	strbuf_init(&sb, out, SAID_SIZE);
	add_line(&sb, line, c->recipients == 1);
	for (size_t i = 0; (text = fake_mta_line(c->mta, i)) != NULL; i++)
		add_reply(&sb, text, ref);
}

static void
add_explained_line(struct strbuf *sb, const struct explanation *e, bool first)
{
	const struct client *c = &e->client;
	struct trapped_shown shown;
	struct logrecord record = {
	    .ref = NO_REF,
	    .client = &c->address,
	    .name = c->name,
	    .helo = c->helo,
	    .from = c->from,
	    .local_reason = c->local_reason,
	    .roster = e->conf->roster,
	    .facts = client_lookups_facts(c->lookups),
	    .policy = e->decision.input.policy,
	    .verdict = &e->decision.verdict,
	    .input = &e->decision.input,
	};
	struct logline line;

	trapped_hide(&record, e->conf->traps, &shown);
	logrecord_line(&line, &record);
	logline_close(&line);
	add_line(sb, line.text.data, first);
}

static void
write_explanation(const struct explanation *e, bool first, char out[SAID_SIZE])
{
	const struct reply *r = &e->reply;
	char text[REPLY_LINE_MAX + 16];
	struct strbuf sb;

	strbuf_init(&sb, out, SAID_SIZE);
	add_explained_line(&sb, e, first);
	for (unsigned i = 0; i < r->n; i++) {
		snprintf(text, sizeof(text), "%s%c%s %s", r->code, i + 1 < r->n ? '-' : ' ',
		    r->enhanced, r->line[i]);
		add_reply(&sb, text, NO_REF);
	}
}

char *
explain_ask(struct scenario *s, const struct guest *c, const char *to)
{
	struct explain_question q = {c->address, c->dns_name, c->helo, c->from, to};
	char *said = s->explaining ? malloc(SAID_SIZE) : NULL;
	struct explanation e;

	if (said == NULL)
		return NULL;
	if (!explain_begin(&e, &s->here->services.sessions, &q, said, SAID_SIZE)) {
		free(said);
		return NULL;
	}
	write_explanation(&e, c->recipients == 1, said);
	explain_end(&e);
	return said;
}

/* Whether a decision depends on what nobody can ask about: a login, what the MTA alone
 * understands or cannot do, no MAIL, an older configuration, the message's other recipients, what
 * others of its network ask. */
static bool
is_beyond(const struct scenario *s, const struct guest *c, const char *line)
{
	struct conf *now = conf_current();
	bool other = now != c->conf;

	conf_unref(&now);
	return other || c->from == NULL || c->user[0] != '\0' || c->macros || s->mta_holdless ||
	    strstr(line, " apart=yes") != NULL || strstr(line, " unasked=") != NULL;
}

/* What was not known a moment before may be known now. */
static void
ask_again(
    struct scenario *s, const struct guest *c, const char *to, const char *decided, char **said)
{
	if (strcmp(decided, *said) == 0)
		return;
	free(*said);
	if ((*said = explain_ask(s, c, to)) == NULL)
		abort();
}

void
explain_compare(
    struct scenario *s, const struct guest *c, const char *to, size_t log_from, char *said)
{
	char *line = said != NULL ? take_decision(s, log_from) : NULL, decided[SAID_SIZE];

	if (line != NULL && !is_beyond(s, c, line)) {
		write_decision(c, line, decided);
		ask_again(s, c, to, decided, &said);
		point(s, strcmp(decided, said) == 0, decided, said);
		printf("# explained: %.*s\n", (int)strcspn(said, "\n"), said);
	}
	free(line);
	free(said);
}

/* "unexplained WHY": decisions from here on rest on what only their sessions still know. */
void
do_unexplained(struct scenario *s)
{
	s->explaining = false;
}
