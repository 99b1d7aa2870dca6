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

struct letter {
	bool joined; /* somebody was let through, ... */
	bool held;   /* ... and it is to be held */
	bool full;   /* of forged fields */
	enum action worst;
	struct stamp stamp;
	char own[STAMP_VALUE_MAX]; /* empty: not to be written, as are results and why */
	char results[STAMP_VALUE_MAX];
	char why[WHY_MAX];
};

struct letter *
letter_new(void)
{
	return calloc(1, sizeof(struct letter));
}

void
letter_free(struct letter *l)
{
	free(l);
}

void
letter_clear(struct letter *l)
{
	l->joined = l->held = l->full = false;
	l->worst = ACTION_PASS;
	l->stamp = (struct stamp){.own = 0};
	l->own[0] = l->results[0] = l->why[0] = '\0';
}

bool
letter_admits(const struct letter *l, enum action action)
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
letter_explain(struct reply *reply, const char *ref)
{
	say(reply, "452", "4.5.3",
	    "The rules of this recipient are not those of the others: send this mail apart.",
	    ref);
}

static void
write_why(struct letter *l, const struct stamp_facts *facts)
{
	struct strbuf why;

	strbuf_init(&why, l->why, sizeof(l->why));
	strbuf_addf(&why, "relayguard: score %d/%d, policy %s, ref %s", facts->verdict->score,
	    facts->verdict->threshold, facts->policy->name, facts->ref);
}

/* Write down what the header is to say; worse: of the worst verdict so far. */
static void
write_fields(struct letter *l, const struct stamp_facts *facts, bool worse)
{
	bool marked = facts->verdict->action != ACTION_PASS;

	if (marked && worse)
		stamp_write_own(facts, l->own);
	if ((marked || facts->policy->results) && (worse || l->results[0] == '\0'))
		stamp_write_results(facts, l->results);
}

void
letter_join(struct letter *l, const struct stamp_facts *facts)
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
letter_note(struct letter *l, const char *authserv_id, const char *name, const char *value)
{
	l->full |= !stamp_note(&l->stamp, authserv_id, name, value);
}

bool
letter_is_forged(const struct letter *l, struct reply *reply)
{
	if (l->full)
		say(reply, "550", "5.6.0",
		    "This message has too many header fields that pretend to be of this server.",
		    NULL);
	return l->full;
}

bool
letter_take_forged(struct letter *l, const char **name, uint32_t *number)
{
	return stamp_take_forged(&l->stamp, name, number);
}

static const char *
unless_empty(const char *text)
{
	return text[0] != '\0' ? text : NULL;
}

const char *
letter_own(const struct letter *l)
{
	return unless_empty(l->own);
}

const char *
letter_results(const struct letter *l)
{
	return unless_empty(l->results);
}

const char *
letter_why(const struct letter *l)
{
	return unless_empty(l->why);
}
