/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * scenario_client.c - what SMTP clients do in a scenario, each through an MTA
 * of its own.
 */
#include "config.h"

#include "scenario.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <libmilter/mfapi.h>

#include "base/clock.h"
#include "base/ipaddr.h"
#include "conf/conf.h"
#include "fakes/fake_loop.h"
#include "fakes/fake_mta.h"

#define CLIENT_PORT 40000
#define WORDS_MAX 8 /* of MAIL and RCPT */

struct guest *
client_of(struct scenario *s)
{
	struct guest *c;

	if (s->here == NULL)
		broken(s, "there is no configuration yet for", s->whole);
	for (size_t i = 0; i < s->nclients; i++)
		if (strcmp(s->client[i].name, s->who) == 0)
			return &s->client[i];
	if (s->nclients == CLIENTS_MAX)
		broken(s, "too many clients:", s->who);
	c = &s->client[s->nclients++];
	snprintf(c->name, sizeof(c->name), "%s", s->who);
	return c;
}

/* The client of this directive, with its MTA's connection to us. */
static struct guest *
begin(struct scenario *s)
{
	struct guest *c = client_of(s);

	if (c->mta == NULL) {
		c->mta = fake_mta_open(s->mta_version, !s->mta_holdless);
		if (s->mta_postfix) {
			fake_mta_macro(c->mta, SMFIM_CONNECT, "v", "Postfix 3.7.11");
			fake_mta_macro(c->mta, SMFIM_CONNECT, "{daemon_addr}", "192.0.2.25");
		}
		if (s->mta_nameless)
			fake_mta_macro(c->mta, SMFIM_CONNECT, "j", NULL);
	}
	s->last = c;
	s->reply_line = 0;
	s->took = clock_ms();
	return c;
}

/* A step is over: is the outcome as wished, and would libmilter be content? */
static void
end(struct scenario *s, const struct guest *c, const char *outcome)
{
	const char *fault, *line;

	s->took = clock_ms() - s->took;
	fake_loop_turn(s->loop);
	for (size_t i = 0; (line = fake_mta_line(c->mta, i)) != NULL; i++)
		fprintf(s->replies.stream, "%s\n", line);
	if (s->want != NULL)
		check(s, strcmp(s->want, outcome) == 0, s->want, outcome);
	while ((fault = fake_mta_fault()) != NULL)
		check(s, false, "no complaint of libmilter or an MTA", fault);
}

/* "mta v6", "mta v2 nameless": it does not say what it is called, "mta v6 holdless":
 * it cannot hold mail, "mta v6 postfix": it says that it is Postfix, and where. */
void
do_mta(struct scenario *s)
{
	const char *version = need_word(s), *word;

	if (strcmp(version, "v2") != 0 && strcmp(version, "v6") != 0)
		broken(s, "no such version:", version);
	s->mta_version = version[1] - '0';
	s->mta_nameless = s->mta_holdless = s->mta_postfix = false;
	while ((word = next_word(&s->rest)) != NULL) {
		s->mta_nameless |= strcmp(word, "nameless") == 0;
		s->mta_holdless |= strcmp(word, "holdless") == 0;
		s->mta_postfix |= strcmp(word, "postfix") == 0;
		if (strcmp(word, "nameless") != 0 && strcmp(word, "holdless") != 0 &&
		    strcmp(word, "postfix") != 0)
			broken(s, "no such word here:", word);
	}
}

/* "macro mail|rcpt|end NAME VALUE|-": until it is another one; "": empty. */
void
do_macro(struct scenario *s)
{
	static const struct {
		const char *word;
		int stage;
	} stages[] = {{"mail", SMFIM_ENVFROM}, {"rcpt", SMFIM_ENVRCPT}, {"end", SMFIM_EOM}};
	struct guest *c = begin(s);
	const char *stage = need_word(s), *name = need_word(s), *word = need_word(s);
	char *value = unescape(s, word);
	size_t i = 0, n = sizeof(stages) / sizeof(stages[0]);

	c->macros = true;
	while (i < n && strcmp(stage, stages[i].word) != 0)
		i++;
	if (i == n)
		broken(s, "no such stage:", stage);
	fake_mta_macro(c->mta, stages[i].stage, name,
	    strcmp(value, "-") == 0          ? NULL
		: strcmp(value, "\"\"") == 0 ? ""
					     : value);
	free(value);
}

/* "-": none; "unix"; "family:N"; or an address. */
static const struct sockaddr *
read_address(const struct scenario *s, const char *text, struct sockaddr_storage *ss)
{
	struct sockaddr_in *sin = (struct sockaddr_in *)ss;
	struct sockaddr_in6 *sin6 = (struct sockaddr_in6 *)ss;

	memset(ss, 0, sizeof(*ss));
	if (strcmp(text, "-") == 0)
		return NULL;
	if (strcmp(text, "unix") == 0)
		ss->ss_family = AF_UNIX;
	else if (strncmp(text, "family:", 7) == 0)
		ss->ss_family = (sa_family_t)strtoul(text + 7, NULL, 10);
	else if (inet_pton(AF_INET, text, &sin->sin_addr) == 1)
		ss->ss_family = AF_INET;
	else if (inet_pton(AF_INET6, text, &sin6->sin6_addr) == 1)
		ss->ss_family = AF_INET6;
	else
		broken(s, "not an address:", text);
	sin->sin_port = htons(CLIENT_PORT); /* where that of IPv6 is, too */
	return (const struct sockaddr *)ss;
}

/* A text of the client's is another one now. */
static void
say(char **text, char *now)
{
	free(*text);
	*text = now;
}

static void
forget(struct guest *c)
{
	say(&c->dns_name, NULL);
	say(&c->helo, NULL);
	say(&c->from, NULL);
	conf_unref(&c->conf);
	c->user[0] = '\0';
	c->macros = false;
}

/* It takes over the name. */
static void
introduce(struct guest *c, const struct sockaddr *sa, char *name)
{
	struct ipaddr address;

	forget(c);
	say(&c->dns_name, name);
	c->address[0] = '\0';
	if (sa != NULL && ipaddr_from_sockaddr(&address, sa))
		ipaddr_format(&address, c->address);
	c->conf = conf_current();
}

void
do_connect(struct scenario *s)
{
	struct guest *c = client_of(s);
	struct sockaddr_storage ss;
	const struct sockaddr *sa = read_address(s, need_word(s), &ss);
	const char *word = next_word(&s->rest);
	char *name = unescape(s, word != NULL ? word : "unknown");

	if (c->mta != NULL)
		broken(s, "is connected already:", c->name);
	begin(s);
	introduce(c, sa, name);
	end(s, c, fake_mta_connect(c->mta, name, sa));
}

void
do_helo(struct scenario *s)
{
	struct guest *c = begin(s);
	char *name = unescape(s, need_word(s));

	say(&c->helo, name);
	end(s, c, fake_mta_helo(c->mta, name));
}

void
do_auth(struct scenario *s)
{
	struct guest *c = begin(s);
	const char *user = need_word(s);

	snprintf(c->user, sizeof(c->user), "%s", strcmp(user, "-") != 0 ? user : "");
}

/* The argument of MAIL or RCPT and the ESMTP words behind it, in a list that ends with
 * NULL; each to be freed. */
static void
read_argv(struct scenario *s, char *argv[WORDS_MAX + 1])
{
	char *word;
	size_t n = 0;

	while (n < WORDS_MAX && (word = next_word(&s->rest)) != NULL)
		argv[n++] = unescape(s, word);
	if (n == 0)
		broken(s, "an address is missing in", s->whole);
	argv[n] = NULL;
}

static void
free_argv(char **argv)
{
	while (*argv != NULL)
		free(*argv++);
}

void
do_mail(struct scenario *s)
{
	struct guest *c = begin(s);
	const char *user = c->user[0] != '\0' ? c->user : NULL;
	char *argv[WORDS_MAX + 1];

	fake_mta_macro(c->mta, SMFIM_ENVFROM, "{auth_authen}", user);
	fake_mta_macro(c->mta, SMFIM_ENVFROM, "{auth_type}", user != NULL ? "PLAIN" : NULL);
	read_argv(s, argv);
	say(&c->from, strdup(argv[0]));
	c->recipients = 0;
	end(s, c, fake_mta_mail(c->mta, argv));
	free_argv(argv);
}

void
do_rcpt(struct scenario *s)
{
	struct guest *c = begin(s);
	char *argv[WORDS_MAX + 1], *said;
	size_t from;

	read_argv(s, argv);
	c->recipients++;
	said = explain_ask(s, c, argv[0]);
	fflush(s->log.stream);
	from = s->log.len;
	end(s, c, fake_mta_rcpt(c->mta, argv));
	explain_compare(s, c, argv[0], from, said);
	free_argv(argv);
}

/* "refused relay|user|client ADDRESS": the MTA lets us know. */
void
do_refused(struct scenario *s)
{
	static const struct {
		const char *word, *code, *reason;
	} kinds[] = {
	    {"relay", "5.7.1", "Relay access denied"},
	    {"user", "5.1.1",
		"Recipient address rejected: User unknown in relay recipient table"},
	    {"client", "5.7.1", "Client host rejected: Access denied"},
	};
	struct guest *c = begin(s);
	const char *word = need_word(s);
	char *argv[] = {unescape(s, need_word(s)), NULL};
	size_t i = 0, n = sizeof(kinds) / sizeof(kinds[0]);

	while (i < n && strcmp(word, kinds[i].word) != 0)
		i++;
	if (i == n)
		broken(s, "the MTA refuses nobody for", word);
	end(s, c, fake_mta_refused(c->mta, argv, kinds[i].code, kinds[i].reason));
	free(argv[0]);
}

/* "Name: value" of the message that comes next. */
void
do_field(struct scenario *s)
{
	struct guest *c = begin(s);
	char *text = unescape(s, s->rest), *colon = strstr(text, ": ");

	if (colon == NULL)
		broken(s, "not a field:", s->rest);
	*colon = '\0';
	fake_mta_field(c->mta, text, colon + 2);
	free(text);
}

void
do_data(struct scenario *s)
{
	struct guest *c = begin(s);

	say(&c->from, NULL);
	end(s, c, fake_mta_data(c->mta));
}

void
do_abort(struct scenario *s)
{
	struct guest *c = begin(s);

	say(&c->from, NULL);
	end(s, c, fake_mta_abort(c->mta));
}

void
do_quit(struct scenario *s)
{
	struct guest *c = begin(s);

	end(s, c, fake_mta_abort(c->mta));
	fake_mta_close(c->mta);
	forget(c);
	c->mta = NULL;
	s->last = NULL;
}

void
clients_quit(struct scenario *s)
{
	for (size_t i = 0; i < s->nclients; i++) {
		if (s->client[i].mta != NULL)
			fake_mta_close(s->client[i].mta);
		policytalk_end(&s->client[i].talk);
		forget(&s->client[i]);
	}
	s->nclients = 0;
	s->last = NULL;
}
