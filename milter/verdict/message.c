/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * verdict/message.c - what is remembered of a message from its first recipient to its
 * end.  The words are written when the verdict is there, for the facts it rests
 * on may be others by then.
 */
#include "config.h"

#include "verdict/message.h"

#include <stdlib.h>

#include "base/strbuf.h"

#define WHY_MAX 200

struct message {
	bool joined; /* somebody was let through, ... */
	bool held;   /* ... and it is to be held */
	bool full;   /* of forged fields */
	enum action worst;
	struct header header;
	char own[HEADER_VALUE_MAX]; /* empty: not to be written, as are results and why */
	char results[HEADER_VALUE_MAX];
	char why[WHY_MAX];
};

struct message *
message_new(void)
{
	return calloc(1, sizeof(struct message));
}

void
message_free(struct message *l)
{
	free(l);
}

void
message_clear(struct message *l)
{
	l->joined = l->held = l->full = false;
	l->worst = ACTION_PASS;
	l->header = (struct header){.own = 0};
	l->own[0] = l->results[0] = l->why[0] = '\0';
}

bool
message_admits(const struct message *l, enum action action)
{
	return !l->joined || l->held == (action == ACTION_QUARANTINE);
}

static void
say(struct reply *reply, const char *code, const char *enhanced, const char *text,
    const char *ref)
{
	struct strbuf line;

	reply->code = code;
	reply->enhanced = enhanced;
	reply->n = 1;
	strbuf_init(&line, reply->line[0], sizeof(reply->line[0]));
	strbuf_add(&line, text);
	if (ref != NULL)
		strbuf_addf(&line, " Ref %s", ref);
}

void
message_explain(struct reply *reply, const char *ref)
{
	say(reply, "452", "4.5.3",
	    "This recipient has other rules than the others: your server will send it this mail "
	    "again by itself.",
	    ref);
}

static void
write_why(struct message *l, const struct header_facts *facts)
{
	struct strbuf why;

	strbuf_init(&why, l->why, sizeof(l->why));
	strbuf_addf(&why, "relayguard: score %d/%d, policy %s, ref %s", facts->verdict->score,
	    facts->verdict->threshold, facts->policy->name, facts->ref);
}

/* Write down what the header is to say; worse: of the worst verdict so far. */
static void
write_fields(struct message *l, const struct header_facts *facts, bool worse)
{
	bool marked = facts->verdict->action != ACTION_PASS;

	if (marked && worse)
		header_write_own(facts, l->own);
	if ((marked || facts->policy->results) && (worse || l->results[0] == '\0'))
		header_write_results(facts, l->results);
}

void
message_join(struct message *l, const struct header_facts *facts)
{
	enum action action = facts->verdict->action;
	bool worse = !l->joined || action > l->worst;

	l->joined = true;
	l->held = action == ACTION_QUARANTINE;
	if (worse)
		l->worst = action;
	write_fields(l, facts, worse);
	if (l->held && l->why[0] == '\0')
		write_why(l, facts);
}

void
message_note(struct message *l, const char *authserv_id, const char *name, const char *value)
{
	l->full |= !header_note(&l->header, authserv_id, name, value);
}

bool
message_is_forged(const struct message *l, struct reply *reply)
{
	if (l->full)
		say(reply, "550", "5.6.0",
		    "This message has too many header fields that pretend to be of this server.",
		    NULL);
	return l->full;
}

bool
message_take_forged(struct message *l, const char **name, uint32_t *number)
{
	return header_take_forged(&l->header, name, number);
}

static const char *
unless_empty(const char *text)
{
	return text[0] != '\0' ? text : NULL;
}

const char *
message_own(const struct message *l)
{
	return unless_empty(l->own);
}

const char *
message_results(const struct message *l)
{
	return unless_empty(l->results);
}

const char *
message_why(const struct message *l)
{
	return unless_empty(l->why);
}
