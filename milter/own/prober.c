/* SPDX-License-Identifier: BSD-2-Clause */
/* own/prober.c - the rules.  What is remembered of a client has a fixed size. */
#include "config.h"

#include "own/prober.h"

#include <stddef.h>

const char *
prober_rule_name(enum prober_rule rule)
{
	static const char *const names[PROBER_RULES] = {
	    [PROBER_NOT] = "",
	    [PROBER_FORMS] = "forms",
	    [PROBER_SENDERS] = "senders",
	    [PROBER_BOTH] = "both",
	    [PROBER_DROP_BOX] = "drop-box",
	};

	return names[rule];
}

/* How many of n times are not older than that; of lines of a log one may be ahead. */
static unsigned
count_recent(const uint32_t *time, unsigned n, uint32_t now, uint32_t seconds)
{
	unsigned found = 0;

	for (unsigned i = 0; i < n; i++)
		found += time[i] != 0 && (time[i] >= now || now - time[i] <= seconds);
	return found;
}

static uint32_t
latest(const uint32_t *time, unsigned n)
{
	uint32_t found = 0;

	for (unsigned i = 0; i < n; i++)
		if (time[i] > found)
			found = time[i];
	return found;
}

/* Whether a target is worth less than another: plain attempts are what everybody makes. */
static bool
is_less(const struct prober_target *one, const struct prober_target *other)
{
	bool odd = latest(one->form + 1, PROBE_FORMS - 1) != 0,
	     other_odd = latest(other->form + 1, PROBE_FORMS - 1) != 0;

	if (odd != other_odd)
		return other_odd;
	return latest(one->form, PROBE_FORMS) < latest(other->form, PROBE_FORMS);
}

static struct prober_target *
find_target(struct prober *p, uint64_t id)
{
	struct prober_target *least = &p->target[0];

	for (size_t i = 0; i < PROBER_TARGETS; i++) {
		if (p->target[i].id == id)
			return &p->target[i];
		if (is_less(&p->target[i], least))
			least = &p->target[i];
	}
	*least = (struct prober_target){.id = id};
	return least;
}

static struct prober_recipient *
find_recipient(struct prober *p, uint64_t id)
{
	struct prober_recipient *oldest = &p->recipient[0];

	for (size_t i = 0; i < PROBER_RECIPIENTS; i++) {
		if (p->recipient[i].id == id)
			return &p->recipient[i];
		if (latest(p->recipient[i].sender, PROBE_SENDERS) <
		    latest(oldest->sender, PROBE_SENDERS))
			oldest = &p->recipient[i];
	}
	*oldest = (struct prober_recipient){.id = id};
	return oldest;
}

/* Whether there are enough of them; a limit of 0 is never reached. */
static bool
reaches(unsigned n, unsigned limit)
{
	return limit != 0 && n >= limit;
}

_Static_assert(PROBE_SENDER_LOCALHOST == PROBE_SENDER_BARE + 1, "they stand together");

/* How many shapes of senders were there within ten minutes: a host without a name of its own
 * writes "root" and "root@localhost". */
static unsigned
count_senders(const uint32_t sender[PROBE_SENDERS], uint32_t now)
{
	return count_recent(sender, PROBE_SENDERS, now, PROBER_MINUTES_S) -
	    (count_recent(sender + PROBE_SENDER_BARE, 2, now, PROBER_MINUTES_S) == 2);
}

_Static_assert(PROBE_PLAIN == 0 && PROBE_THROUGH == PROBE_FORMS - 1, "the others are between");

/* Whether there was a form within ten minutes that no server writes. */
static bool
is_by_hand(const struct prober_target *t, uint32_t now)
{
	return count_recent(t->form + 1, PROBE_FORMS - 2, now, PROBER_MINUTES_S) > 0;
}

_Static_assert(PROBE_SENDER_NULL == 0 && PROBE_SENDER_OUTSIDE == PROBE_SENDERS - 1,
    "all between are odd from outside");

/* Whether there was a sender within ten minutes that nobody has there: one of ours, too. */
static bool
has_odd_sender(const struct prober_target *t, uint32_t now)
{
	return count_recent(t->sender + 1, PROBE_SENDERS - 2, now, PROBER_MINUTES_S) > 0;
}

static bool
is_both(
    const struct prober_limits *limits, const struct prober_target *t, bool users, uint32_t now)
{
	const uint32_t *odd = t->form + 1;

	return count_recent(t->form, 1, now, PROBER_MINUTES_S) == 1 &&
	    count_recent(odd, PROBE_FORMS - 1, now, PROBER_MINUTES_S) >= 1 &&
	    reaches(count_senders(t->sender, now), limits->both) &&
	    (is_by_hand(t, now) || (!users && has_odd_sender(t, now)));
}

static enum prober_rule
judge(const struct prober_limits *limits, const struct prober_target *t,
    const struct prober_recipient *r, bool users, uint32_t now)
{
	const uint32_t *odd = t->form + 1; /* all but the plain one */

	if (reaches(count_recent(odd, PROBE_FORMS - 1, now, PROBER_DAY_S), limits->forms))
		return PROBER_FORMS;
	if (!users && reaches(count_senders(r->sender, now), limits->senders))
		return PROBER_SENDERS;
	return is_both(limits, t, users, now) ? PROBER_BOTH : PROBER_NOT;
}

/* Whether an odd form may be somebody else's: he has forged a sender, and a server's notices go
 * there, be it as many as he likes.  A tester has other senders, too. */
static bool
is_echo(const struct prober_target *t, const struct prober_attempt *a, uint32_t now)
{
	return a->form != PROBE_PLAIN && a->sender == PROBE_SENDER_NULL &&
	    count_recent(t->sender + 1, PROBE_SENDERS - 1, now, PROBER_DAY_S) == 0;
}

void
prober_meet(struct prober *p, enum prober_rule rule, uint32_t now)
{
	p->met = now;
	if (p->rule != PROBER_NOT)
		return;
	p->rule = rule;
	p->since = now;
}

enum prober_rule
prober_note(struct prober *p, const struct prober_limits *limits,
    const struct prober_attempt *a, bool users, uint32_t now)
{
	struct prober_target *t = find_target(p, a->target);
	struct prober_recipient *r = find_recipient(p, a->recipient);
	enum prober_rule rule;

	p->attempts++;
	p->forms |= (uint8_t)(1U << a->form);
	if (p->first == 0 || now < p->first)
		p->first = now;
	if (now > p->last)
		p->last = now;
	if (!is_echo(t, a, now))
		t->form[a->form] = now;
	if (a->sender < PROBE_SENDERS) {
		t->sender[a->sender] = now;
		r->sender[a->sender] = now;
	}
	if ((rule = judge(limits, t, r, users, now)) != PROBER_NOT)
		prober_meet(p, rule, now);
	return rule;
}
