/* SPDX-License-Identifier: BSD-2-Clause */
/* own/localrecord.c - stays of a client, and when it was removed. */
#include "config.h"

#include "own/localrecord.h"

#include <string.h>

#include "base/strbuf.h"

#define STEP_S 600   /* an end is moved by no less, or each hit would be a change */
#define AHEAD_S 3600 /* that clocks may differ */

/* Whether a time is one that a clock has said which was wrong, and is right now; of now = 0 none
 * is. */
static bool
is_to_come(uint32_t time, uint32_t now)
{
	return now != 0 && time > now && time - now > AHEAD_S;
}

/* Whether somebody is listed for a reason: not before he was, for the end of that is as wrong, but
 * for one that somebody has named himself. */
static bool
holds(const struct local_record *r, unsigned reason, uint32_t now)
{
	const struct local_stay *s = &r->stay[reason];

	return now < s->until && (reason == LOCAL_NOMINATED || !is_to_come(s->since, now));
}

uint8_t
localrecord_reasons(const struct local_record *r, uint32_t now)
{
	unsigned reasons = 0;

	for (unsigned i = 0; i < LOCAL_REASONS; i++)
		if (holds(r, i, now))
			reasons |= 1U << i;
	return (uint8_t)reasons;
}

/* The seconds from one time to another; none where a clock has gone back. */
static uint32_t
passed(uint32_t from, uint32_t to)
{
	return to > from ? to - from : 0;
}

bool
localrecord_is_over(const struct local_record *r, uint32_t now)
{
	uint32_t end = 0;

	for (unsigned i = 0; i < LOCAL_REASONS; i++)
		if (r->stay[i].until > end)
			end = r->stay[i].until;
	return passed(end, now) > LOCAL_KEEP_S;
}

unsigned
localrecord_worth(const struct local_record *r, uint32_t now)
{
	static const uint8_t strength[LOCAL_REASONS] = {
	    [LOCAL_HELO] = 1,
	    [LOCAL_DICTIONARY] = 2,
	    [LOCAL_BACKSCATTER] = 3,
	    [LOCAL_PROBE] = 4,
	    [LOCAL_TRAP] = 5,
	    [LOCAL_NOMINATED] = 6,
	};
	uint8_t reasons = localrecord_reasons(r, now);
	unsigned best = 0;

	for (unsigned i = 0; i < LOCAL_REASONS; i++)
		if ((reasons >> i & 1) != 0 && strength[i] > best)
			best = strength[i];
	return best;
}

static uint8_t
keep_rule(struct local_terms *terms, const char *text)
{
	char rule[LOCAL_RULE_SIZE];

	(void)strbuf_copy(rule, sizeof(rule), text);
	for (unsigned i = 0; i < terms->nrules; i++)
		if (strcmp(terms->rule[i], rule) == 0)
			return (uint8_t)i;
	if (terms->nrules == LOCAL_RULES)
		return 0;
	memcpy(terms->rule[terms->nrules], rule, sizeof(rule));
	return (uint8_t)terms->nrules++;
}

void
localrecord_copy(const struct local_record *r, const struct local_terms *terms, uint32_t now,
    struct local_entry *e)
{
	*e = (struct local_entry){.client = r->client,
	    .reasons = localrecord_reasons(r, now),
	    .held = r->held,
	    .changed = r->changed};
	memcpy(e->removed, r->removed, sizeof(e->removed));
	for (unsigned i = 0; i < LOCAL_REASONS; i++) {
		e->since[i] = r->stay[i].since;
		e->until[i] = r->stay[i].until;
		e->times[i] = r->stay[i].times;
		memcpy(e->rule[i], terms->rule[r->stay[i].rule], LOCAL_RULE_SIZE);
	}
}

/* --- Listing --- */

static uint32_t
life_of(const struct local_terms *terms, unsigned times)
{
	return terms->life[times < LOCAL_LIVES ? times - 1 : LOCAL_LIVES - 1];
}

static void
add_time(struct local_stay *s)
{
	s->times += s->times < UINT8_MAX;
}

/* Who goes on for as long as a listing lasts is listed for longer. */
static void
renew(const struct local_terms *terms, struct local_stay *s, uint32_t now)
{
	if (passed(s->since, now) >= life_of(terms, s->times))
		add_time(s);
}

static void
begin(struct local_stay *s, uint32_t now)
{
	if (s->until != 0 && passed(s->until, now) > LOCAL_KEEP_S)
		s->times = 0;
	add_time(s);
	s->since = now;
}

/* Reasons for which a trap may list: were their end to move with a hit, whoever sees it could
 * tell which of his recipients was one. */
static bool
is_fixed(enum local_reason reason)
{
	return reason == LOCAL_TRAP || reason == LOCAL_DICTIONARY ||
	    reason == LOCAL_BACKSCATTER;
}

enum local_change
localrecord_list(struct local_record *r, struct local_terms *terms, enum local_reason reason,
    const char *rule, uint32_t now, uint32_t until)
{
	struct local_stay *s = &r->stay[reason];
	bool anew = !holds(r, reason, now), dated = until != 0;

	if (!anew && is_fixed(reason))
		return LOCAL_SAME;
	if (anew)
		begin(s, now);
	else
		renew(terms, s, now);
	if (!dated)
		until = now + life_of(terms, s->times);
	if (!anew && !dated && until < s->until + STEP_S)
		return LOCAL_SAME;
	s->until = until;
	s->rule = keep_rule(terms, rule);
	r->changed = now;
	return anew ? LOCAL_LISTED : LOCAL_RENEWED;
}

/* --- Removal --- */

/* No sooner than what it ends: the clock of the node that has listed it may be ahead. */
static uint32_t
removal_time(const struct local_record *r, uint32_t now)
{
	uint32_t at = now;

	for (unsigned i = 0; i < LOCAL_REASONS; i++)
		if (r->stay[i].since > at && !is_to_come(r->stay[i].since, now))
			at = r->stay[i].since;
	return at;
}

/* How many removals there were of late, and note another one. */
static unsigned
note_removal(struct local_record *r, uint32_t now)
{
	unsigned n = 0;

	for (unsigned i = 0; i < LOCAL_REMOVALS; i++)
		n += r->removed[i] != 0 && passed(r->removed[i], now) < LOCAL_REMOVALS_S;
	memmove(&r->removed[1], &r->removed[0], sizeof(r->removed) - sizeof(r->removed[0]));
	r->removed[0] = removal_time(r, now);
	return n;
}

static void
end_by(struct local_record *r, uint32_t end)
{
	for (unsigned i = 0; i < LOCAL_REASONS; i++)
		if (r->stay[i].until > end)
			r->stay[i].until = end;
}

enum local_removal
localrecord_remove(struct local_record *r, uint32_t now)
{
	bool hold;

	if (now < r->held)
		return LOCAL_REMOVAL_HELD;
	hold = note_removal(r, now) + 1 >= LOCAL_REMOVALS;
	r->held = hold ? now + LOCAL_HOLD_S : 0;
	end_by(r, hold ? r->held : now);
	r->changed = now;
	return hold ? LOCAL_REMOVAL_HELD : LOCAL_REMOVAL_DONE;
}

/* --- Entries of the store, and of other nodes --- */

void
localrecord_put(struct local_record *r, struct local_terms *terms, const struct local_entry *e)
{
	r->changed = e->changed;
	r->held = e->held;
	memcpy(r->removed, e->removed, sizeof(r->removed));
	for (unsigned i = 0; i < LOCAL_REASONS; i++)
		r->stay[i] = (struct local_stay){.since = e->since[i],
		    .until = e->until[i],
		    .times = e->times[i] > 0 ? e->times[i] : e->until[i] != 0,
		    .rule = keep_rule(terms, e->rule[i])};
}

/* Add a removal where it belongs, newest first; each once. */
static void
join_removal(uint32_t removed[LOCAL_REMOVALS], uint32_t at)
{
	for (unsigned i = 0; i < LOCAL_REMOVALS && at != 0; i++) {
		uint32_t before = removed[i];

		if (before == at)
			return;
		if (before > at)
			continue;
		removed[i] = at;
		at = before;
	}
}

static void
join_stay(struct local_terms *terms, struct local_stay *s, const struct local_entry *e,
    unsigned i, uint32_t now)
{
	bool wrong = e->since[i] != 0 && is_to_come(s->since, now);

	if (wrong || e->since[i] > s->since ||
	    (e->since[i] == s->since && e->until[i] > s->until)) {
		s->since = e->since[i];
		s->until = e->until[i];
		s->rule = keep_rule(terms, e->rule[i]);
	}
	if (e->times[i] > s->times)
		s->times = e->times[i];
}

/* When a removal ends what it ends: at once, though two clocks may differ by a second. */
static uint32_t
removal_end(const struct local_record *r, uint32_t now)
{
	if (r->held > r->removed[0])
		return r->held;
	return r->removed[0] < now ? r->removed[0] : now;
}

void
localrecord_join(struct local_record *r, struct local_terms *terms, const struct local_entry *e,
    uint32_t now)
{
	uint32_t end;

	if (e->removed[0] > r->removed[0] ||
	    (e->removed[0] == r->removed[0] && e->held > r->held))
		r->held = e->held;
	if (e->changed > r->changed)
		r->changed = e->changed;
	for (unsigned i = 0; i < LOCAL_REMOVALS; i++)
		join_removal(r->removed, e->removed[i]);
	end = removal_end(r, now);
	for (unsigned i = 0; i < LOCAL_REASONS; i++) {
		join_stay(terms, &r->stay[i], e, i, now);
		if (r->stay[i].since <= r->removed[0] && r->stay[i].until > end)
			r->stay[i].until = end;
	}
}
