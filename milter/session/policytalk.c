/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * session/policytalk.c - a request tells all at once, from connect to RCPT: so each is put to
 * the session as the milter's steps are.
 */
#include "config.h"

#include "session/policytalk.h"

#include <stdatomic.h>
#include <string.h>

#include "base/counter.h"
#include "base/ipaddr.h"
#include "base/log.h"
#include "base/mailbox.h"
#include "session/policyrequest.h"
#include "session/session.h"
#include "verdict/message.h"

#define NOTHING "DUNNO"
#define ROUTE_MAX 1024 /* bytes of a recipient with a route in it, with the NUL */
#define PATH_SIZE (2 * MAILBOX_LOCAL_MAX + MAILBOX_DOMAIN_MAX + sizeof("<\"\"@>"))

void
policytalk_begin(struct policytalk *t, struct session_shared *shared)
{
	*t = (struct policytalk){.shared = shared};
}

/* The message under way, if there is one, is over, whatever became of it. */
static void
forget(struct policytalk *t)
{
	session_close(t->session);
	policytalk_begin(t, t->shared);
}

void
policytalk_end(struct policytalk *t)
{
	forget(t);
}

/* Whether a local part needs no quotes (RFC 5321, 4.1.2). */
static bool
is_plain(const char *local, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (strchr(" \t\"\\()<>[]:;,@", local[i]) != NULL)
			return false;
	return len > 0;
}

/* Write an address as it stands in MAIL and RCPT: Postfix has taken quotes off.  One that is
 * too long is cut in its local part. */
static void
write_path(struct strbuf *out, const char *address)
{
	const char *at = strrchr(address, '@');
	size_t len = at != NULL ? (size_t)(at - address) : strlen(address);
	bool quoted = !is_plain(address, len) && address[0] != '\0';

	strbuf_add(out, quoted ? "<\"" : "<");
	for (size_t i = 0; i < len && i < MAILBOX_LOCAL_MAX; i++) {
		if (quoted && (address[i] == '"' || address[i] == '\\'))
			strbuf_addc(out, '\\');
		strbuf_addc(out, address[i]);
	}
	strbuf_add(out, quoted ? "\"" : "");
	strbuf_add(out, at != NULL ? at : "");
	strbuf_addc(out, '>');
}

/* An address for the session: as it would have been typed, and as Postfix reads it. */
struct path {
	char typed[PATH_SIZE], resolved[PATH_SIZE];
	struct envelope_path words;
};

static void
make_path(struct path *p, const char *address)
{
	struct strbuf typed;

	strbuf_init(&typed, p->typed, sizeof(p->typed));
	write_path(&typed, address);
	(void)strbuf_copy(p->resolved, sizeof(p->resolved), p->typed + 1);
	if (!typed.cut)
		p->resolved[typed.len - 2] = '\0';
	p->words =
	    (struct envelope_path){p->typed, typed.cut ? NULL : p->resolved, NULL, "Postfix "};
}

/* Open the session of a message; NULL: it passes unseen. */
static struct session *
open_session(struct policytalk *t, const struct policyrequest *r, const struct ipaddr *address)
{
	const char *name = strcmp(r->client_name, "unknown") != 0 ? r->client_name : NULL;
	struct session *s =
	    session_new(t->shared, address, name, SESSION_MAY_HOLD | SESSION_BY_POLICY);
	struct path from;

	if (s == NULL)
		return NULL;
	if (r->helo[0] != '\0')
		session_helo(s, r->helo);
	make_path(&from, r->sender);
	session_mail(s, &from.words, r->user[0] != '\0' ? r->user : NULL);
	return s;
}

/* Whether that is asked about the message under way.  Whoever passes on what several smtpd(8)
 * ask may mix clients up: each is itself. */
static bool
is_known(
    const struct policytalk *t, const struct policyrequest *r, const struct ipaddr *address)
{
	return t->known && strcmp(t->instance, r->instance) == 0 &&
	    ipaddr_compare(&t->client, address) == 0;
}

/* Have the session of the message that is asked about. */
static void
enter(struct policytalk *t, const struct policyrequest *r, const struct ipaddr *address)
{
	if (is_known(t, r, address))
		return;
	forget(t);
	t->client = *address;
	/* One that has no instance, or none of Postfix's, is a message by itself. */
	t->known = r->instance[0] != '\0' &&
	    strbuf_copy(t->instance, sizeof(t->instance), r->instance);
	t->session = open_session(t, r, address);
}

/* Whether the milter sees that client: it can do more. */
static bool
is_the_milters(const struct policyrequest *r, const struct ipaddr *address)
{
	static atomic_flag told = ATOMIC_FLAG_INIT;
	const struct milterclients_key key =
	    milterclients_key(address, r->client_port, r->server_address);

	if (!milterclients_has(&key))
		return false;
	counter_add(COUNTER_POLICY_LEFT);
	if (!atomic_flag_test_and_set(&told))
		log_event(LOG_LEVEL_WARNING, "two-doors", "why", "milter-and-policy");
	return true;
}

/* The reply in one line: a doubled % is for milters. */
static void
add_reply(struct strbuf *answer, const struct reply *reply)
{
	strbuf_addf(answer, "%s %s ", reply->code, reply->enhanced);
	for (const char *at = reply->line[0]; *at != '\0'; at++) {
		strbuf_addc(answer, *at);
		if (at[0] == '%' && at[1] == '%')
			at++;
	}
}

/* A field, in one line. */
static void
add_field(struct strbuf *answer, const char *value)
{
	strbuf_add(answer, "PREPEND " HEADER_OWN ": ");
	for (; *value != '\0'; value++)
		if (*value != '\n')
			strbuf_addc(answer, *value == '\t' ? ' ' : *value);
}

/* What is to become of a message that is let through: it is held, or has a field. */
static void
add_change(struct policytalk *t, bool at_end, struct strbuf *answer)
{
	struct message *message = session_message(t->session);
	const char *why = message != NULL ? message_why(message) : NULL;
	const char *own = message != NULL ? message_own(message) : NULL;

	if (why != NULL) {
		strbuf_addf(
		    answer, "HOLD is held by %s", why); /* what Postfix logs behind "address" */
	} else if (own != NULL && !at_end && !t->marked) {
		t->marked = true;
		add_field(answer, own);
	} else {
		strbuf_add(answer, NOTHING);
	}
}

/* Take away the outer part of a route: "site!user", or user%site, @-sign and site behind it or
 * not, is user@site. */
static void
unwrap(char *address)
{
	char *at = strrchr(address, '@'), *mark;
	char copy[ROUTE_MAX];

	if (at != NULL)
		*at = '\0';
	if (strchr(address, '@') != NULL)
		return;
	if ((mark = strchr(address, '!')) != NULL) {
		size_t site = (size_t)(mark - address), user = strlen(mark + 1);

		memcpy(copy, address, site);
		memmove(address, mark + 1, user);
		address[user] = '@';
		memcpy(address + user + 1, copy, site);
	} else if ((mark = strrchr(address, '%')) != NULL) {
		*mark = '@';
	}
}

/*
 * The request has the recipient before Postfix follows a route in it, through a site that is
 * itself: whoever is at its end.  False: there is no route, or none that anybody follows.
 */
static bool
follow_route(const char *recipient, char out[ROUTE_MAX])
{
	bool route = false;

	if (!strbuf_copy(out, ROUTE_MAX, recipient))
		return false;
	for (;;) {
		const char *at = strrchr(out, '@');
		size_t len = at != NULL ? (size_t)(at - out) : strlen(out);

		if (strcspn(out, "@%!") >= len)
			return route;
		unwrap(out);
		route = true;
	}
}

/* Decide on a recipient; whether it is let through. */
static bool
admit(struct policytalk *t, const char *recipient, struct strbuf *answer)
{
	struct reply reply;
	struct path to;

	make_path(&to, recipient);
	if (!reply_needed(session_rcpt(t->session, &to.words, &reply)))
		return true;
	add_reply(answer, &reply);
	return false;
}

/* Postfix may follow a route, or take it for a name: so both have to be let through, for the
 * policy is not for the client to choose. */
static void
decide(struct policytalk *t, const struct policyrequest *r, bool at_end, struct strbuf *answer)
{
	char routed[ROUTE_MAX];

	if ((!follow_route(r->recipient, routed) || admit(t, routed, answer)) &&
	    admit(t, r->recipient, answer))
		add_change(t, at_end, answer);
}

/* At the end of a message: who was not asked about at RCPT is decided on here, where Postfix
 * names a recipient; of several it names none. */
static void
end_message(struct policytalk *t, const struct policyrequest *r, const struct ipaddr *address,
    struct strbuf *answer)
{
	bool seen = is_known(t, r, address);

	if (!seen && r->recipient[0] != '\0')
		enter(t, r, address);
	if (t->session == NULL || (!seen && r->recipient[0] == '\0')) {
		strbuf_add(answer, NOTHING);
		return;
	}
	if (seen)
		add_change(t, true, answer);
	else
		decide(t, r, true, answer);
	if (!t->over)
		session_taken(t->session, r->queue_id);
	t->over = true;
}

static void
answer_rcpt(struct policytalk *t, const struct policyrequest *r, const struct ipaddr *address,
    struct strbuf *answer)
{
	enter(t, r, address);
	if (t->session != NULL)
		decide(t, r, false, answer);
	else
		strbuf_add(answer, NOTHING);
}

void
policytalk_answer(struct policytalk *t, const struct policyrequest *r, struct strbuf *answer)
{
	bool rcpt = strcmp(r->state, "RCPT") == 0;
	struct ipaddr address;

	strbuf_add(answer, "action=");
	if (!ipaddr_parse(&address, r->client_address)) {
		address = (struct ipaddr){.bits = 0};
		counter_add(COUNTER_MTA_GARBAGE);
	}
	if ((!rcpt && strcmp(r->state, "END-OF-MESSAGE") != 0) || is_the_milters(r, &address))
		strbuf_add(answer, NOTHING);
	else if (rcpt)
		answer_rcpt(t, r, &address, answer);
	else
		end_message(t, r, &address, answer);
	strbuf_add(answer, "\n\n");
}
