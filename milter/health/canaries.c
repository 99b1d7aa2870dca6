/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * health/canaries.c - canaries.  Listings wait in a group: those of one side of one server.
 * Of a group one canary is under way at a time, and who comes meanwhile waits for
 * the next, as the one under way may be older than the listing.  No cache answers
 * for a canary, so each costs the list a question: a busy list gets one in a while, or for
 * so many questions, and not one for each listing.  A list that lies in part may say the
 * truth of one canary: where many listings come at once they have more than one.
 */
#include "config.h"

#include "health/canaries.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "health/canarypace.h"
#include "loop/loop.h"

#define CANARY_MS 7000   /* a resolver has given up by then */
#define OVERTIME_MS 2000 /* a canary that is not back by then: others may go */
#define GAP_MS 900       /* between canaries to one server, but for a group with ... */
#define MANY 30          /* ... so many listings that wait, and as health/canarypace.h says */
#define AGAIN 2          /* more canaries of a block, where one was listed, and of another */
#define EACH 4           /* one more canary for so many listings that wait, ... */
#define AT_ONCE 4        /* ... but so many at most, while the server may have more */

/* Somebody who waits for a listing to be confirmed. */
struct waiter {
	struct waiter *next;
	health_confirmed *done;
	void *arg;
};

/* Listings of one side, of one server. */
struct group {
	struct group *next;
	struct canaries *all;
	enum canary_side side;
	unsigned server;
	struct waiter *waiting; /* for the next canary, ... */
	unsigned nwaiting;      /* ... so many, ... */
	int64_t since;          /* ... the first of them since then */
	struct round *current;  /* the last that is under way; NULL: none */
};

/* A canary that is under way, or the look that is taken where one was listed. */
struct round {
	struct round *next;
	struct group *group;
	struct waiter *waiters; /* who waits for it; NULL: nobody any more */
	struct selftest_plan plan;
	bool again; /* it is the look: plan has AGAIN of the block, and AGAIN of another */
	int64_t sent;
};

struct canaries {
	struct canaries_owner owner;
	const struct listing *listing;
	struct canarypace pace;
	struct group *groups;
	struct round *rounds;        /* all that have not come back */
	unsigned held[CANARY_SIDES]; /* bit n: the list holds block n as a whole */
	unsigned version;            /* of the blocks: they are others where it differs */
	struct timer *timer;
};

static selftest_done on_round;
static void turn(struct canaries *);

static void
tell(struct waiter *waiters, enum confirmation_result confirmation)
{
	struct waiter *next;

	for (; waiters != NULL; waiters = next) {
		next = waiters->next;
		waiters->done(waiters->arg, confirmation);
		free(waiters);
	}
}

/* Wait for a round no more; returns who did. */
static struct waiter *
end_wait(struct round *r)
{
	struct waiter *waiters = r->waiters;

	r->waiters = NULL;
	return waiters;
}

static void
round_free(struct round *r)
{
	struct round **at = &r->group->all->rounds;

	while (*at != r)
		at = &(*at)->next;
	*at = r->next;
	if (r->group->current == r)
		r->group->current = NULL;
	free(r);
}

/* The blocks of a side, spare ones or the others, without these (bit n: block n). */
static unsigned
find_clear(const struct canaries *all, enum canary_side side, unsigned but, bool spare,
    unsigned clear[CANARY_BLOCKS_MAX])
{
	unsigned n = canary_blocks(all->listing, side), found = 0;

	for (unsigned i = 0; i < n; i++)
		if ((but >> i & 1) == 0 &&
		    canary_is_spare(all->listing, (struct canary_block){side, i}) == spare)
			clear[found++] = i;
	return found;
}

/* A block of a side that the list does not hold, but none of these; by chance. */
static bool
pick(const struct canaries *all, enum canary_side side, unsigned but, struct canary_block *out)
{
	unsigned clear[CANARY_BLOCKS_MAX], found;
	uint8_t chance;

	but |= all->held[side];
	found = find_clear(all, side, but, false, clear);
	if (found == 0)
		found = find_clear(all, side, but, true, clear);
	if (found == 0 || getentropy(&chance, sizeof(chance)) != 0)
		return false;
	*out = (struct canary_block){side, clear[chance % found]};
	return true;
}

static struct round *
round_new(struct group *g, struct waiter *waiters)
{
	struct round *r = calloc(1, sizeof(*r));

	if (r == NULL)
		return NULL;
	*r = (struct round){.next = g->all->rounds, .group = g, .waiters = waiters};
	r->plan.server = g->server;
	r->plan.version = g->all->version;
	g->all->rounds = r;
	return r;
}

/* Ask what its plan says; it may be over within this call. */
static void
send_round(struct round *r)
{
	struct group *g = r->group;

	r->sent = clock_ms();
	canarypace_sent(&g->all->pace, g->server);
	g->current = r;
	if (!g->all->owner.ask(g->all->owner.arg, &r->plan, on_round, r))
		on_round(r, &(struct selftest_report){.worst = SELFTEST_SILENT});
}

/* A canary for so many listings, or more where they are many; false: there is none. */
static bool
plan_canaries(struct round *r, unsigned listings)
{
	struct selftest_plan *plan = &r->plan;
	struct group *g = r->group;
	unsigned wanted = 1 + listings / EACH;

	if (wanted > AT_ONCE)
		wanted = AT_ONCE;
	while (plan->ncanaries < wanted &&
	    canarypace_take(&g->all->pace, g->server, plan->ncanaries == 0) &&
	    pick(g->all, g->side, 0, &plan->canary[plan->ncanaries]))
		plan->ncanaries++;
	return plan->ncanaries > 0;
}

/* Send a canary for all who wait. */
static void
send_canary(struct group *g)
{
	struct waiter *waiting = g->waiting;
	struct round *r = round_new(g, waiting);
	unsigned listings = g->nwaiting;

	g->waiting = NULL;
	g->nwaiting = 0;
	if (r != NULL && plan_canaries(r, listings)) {
		send_round(r);
		return;
	}
	if (r != NULL)
		round_free(r);
	tell(waiting, UNCONFIRMED);
}

/*
 * A canary of the block was listed: take a look at the block and at another one of
 * its side, none of which was listed.  False: there is no other.
 */
static bool
plan_look(struct round *r, struct canary_block block, unsigned listed)
{
	struct canary_block other;

	if (!pick(r->group->all, block.side, listed, &other))
		return false;
	r->again = true;
	r->plan.ncanaries = 2 * AGAIN;
	for (unsigned i = 0; i < AGAIN; i++) {
		r->plan.canary[i] = block;
		r->plan.canary[AGAIN + i] = other;
	}
	return true;
}

/* Whether the block is listed each time, and the other one never. */
static bool
is_held(const struct selftest_report *report)
{
	bool held = true;

	for (unsigned i = 0; i < AGAIN; i++)
		held = held && report->canary[i] > SELFTEST_SILENT &&
		    report->canary[AGAIN + i] == SELFTEST_GOOD;
	return held;
}

/* The end of a round: what it confirms. */
static void
conclude(struct round *r, enum confirmation_result confirmation)
{
	struct waiter *waiters = end_wait(r);

	round_free(r);
	tell(waiters, confirmation);
}

static void
end_look(struct round *r, const struct selftest_report *report)
{
	struct canaries *all = r->group->all;
	struct canary_block block = r->plan.canary[0];

	if (!is_held(report)) {
		all->owner.lied(all->owner.arg, report);
		conclude(r, REFUTED);
		return;
	}
	all->held[block.side] |= 1U << block.n;
	all->owner.held(all->owner.arg, block);
	conclude(r, CONFIRMED); /* by those of the other block */
}

/* The blocks of a side of which a canary was listed: bit n, block n. */
static unsigned
listed_of(const struct selftest_plan *plan, const struct selftest_report *report,
    enum canary_side side)
{
	unsigned listed = 0;

	for (unsigned i = 0; i < plan->ncanaries; i++)
		if (plan->canary[i].side == side && report->canary[i] > SELFTEST_SILENT)
			listed |= 1U << plan->canary[i].n;
	return listed;
}

/* The first block of which a canary was listed. */
static struct canary_block
first_listed(const struct selftest_plan *plan, const struct selftest_report *report)
{
	unsigned i = 0;

	while (i + 1 < plan->ncanaries && report->canary[i] <= SELFTEST_SILENT)
		i++;
	return plan->canary[i];
}

/* One that comes too late confirms nothing any more, but may still have found a lie. */
static void
end_canary(struct round *r, const struct selftest_report *report)
{
	struct canaries *all = r->group->all;
	struct canary_block block = first_listed(&r->plan, report);

	if (report->worst == SELFTEST_GOOD) {
		conclude(r, CONFIRMED);
	} else if (report->worst == SELFTEST_SILENT) {
		conclude(r, UNCONFIRMED);
	} else if (plan_look(r, block, listed_of(&r->plan, report, block.side))) {
		all->owner.doubted(all->owner.arg, report);
		send_round(r);
	} else {
		all->owner.lied(all->owner.arg, report);
		conclude(r, REFUTED);
	}
}

/* Whether a plan is of the blocks that there are now. */
static bool
is_current(const struct canaries *all, const struct selftest_plan *plan)
{
	return plan->version == all->version;
}

static void
on_round(void *arg, const struct selftest_report *report)
{
	struct round *r = arg;
	struct canaries *all = r->group->all;

	if (report->worst > SELFTEST_SILENT && !is_current(all, &r->plan))
		conclude(r, UNCONFIRMED);
	else if (r->again)
		end_look(r, report);
	else
		end_canary(r, report);
	turn(all);
}

/* When the group may send its next canary; INT64_MAX: nobody waits for one. */
static int64_t
next_of(struct group *g)
{
	int64_t next, over;

	if (g->nwaiting == 0)
		return INT64_MAX;
	next = canarypace_next(&g->all->pace, g->server, g->since, g->nwaiting >= MANY);
	over = g->current != NULL ? g->current->sent + OVERTIME_MS : 0;
	return over > next ? over : next;
}

/* Of the groups that may send one now, the one that has waited longest; or NULL. */
static struct group *
find_ready(const struct canaries *all)
{
	struct group *first = NULL;

	for (struct group *g = all->groups; g != NULL; g = g->next)
		if (next_of(g) <= clock_ms() && (first == NULL || g->since < first->since))
			first = g;
	return first;
}

/* A round that is to be waited for no more; or NULL. */
static struct round *
find_overdue(const struct canaries *all)
{
	for (struct round *r = all->rounds; r != NULL; r = r->next)
		if (r->waiters != NULL && r->sent + CANARY_MS <= clock_ms())
			return r;
	return NULL;
}

static void
plan_turn(struct canaries *all)
{
	int64_t due = INT64_MAX;

	for (struct group *g = all->groups; g != NULL; g = g->next)
		due = next_of(g) < due ? next_of(g) : due;
	for (const struct round *r = all->rounds; r != NULL; r = r->next)
		if (r->waiters != NULL && r->sent + CANARY_MS < due)
			due = r->sent + CANARY_MS;
	if (due != INT64_MAX)
		timer_start(all->timer, due > clock_ms() ? due - clock_ms() : 0);
}

/* Send what may be sent now, and wait no more for what has been waited for enough. */
static void
turn(struct canaries *all)
{
	struct round *overdue;
	struct group *ready;

	while ((overdue = find_overdue(all)) != NULL)
		tell(end_wait(overdue), UNCONFIRMED);
	if ((ready = find_ready(all)) != NULL)
		send_canary(ready);
	plan_turn(all);
}

static void
on_timer(void *arg)
{
	turn(arg);
}

static struct group *
find_group(const struct canaries *all, enum canary_side side, unsigned server)
{
	struct group *g = all->groups;

	while (g != NULL && (g->side != side || g->server != server))
		g = g->next;
	return g;
}

/* The group of a side and server, made if there is none; NULL: out of memory. */
static struct group *
need_group(struct canaries *all, enum canary_side side, unsigned server)
{
	struct group *g = find_group(all, side, server);

	if (g != NULL || (g = malloc(sizeof(*g))) == NULL)
		return g;
	*g = (struct group){.next = all->groups, .all = all, .side = side, .server = server};
	all->groups = g;
	return g;
}

void
canaries_confirm(struct canaries *all, enum canary_side side, unsigned server,
    health_confirmed *done, void *arg)
{
	struct group *g = need_group(all, side, server);
	struct waiter *waiter = g != NULL ? malloc(sizeof(*waiter)) : NULL;

	if (waiter == NULL) {
		done(arg, UNCONFIRMED);
		return;
	}
	*waiter = (struct waiter){g->waiting, done, arg};
	g->waiting = waiter;
	if (g->nwaiting++ == 0)
		g->since = clock_ms();
	turn(all);
}

void
canaries_asked(struct canaries *all)
{
	canarypace_asked(&all->pace);
	for (const struct group *g = all->groups; g != NULL; g = g->next)
		/* Later, as whoever is told may be about to ask the next list. */
		if (g->nwaiting > 0 && canarypace_has_earned(&all->pace, g->server)) {
			timer_start(all->timer, 0);
			return;
		}
}

/* Those of a side that a timed test asks for. */
static void
plan_side(
    const struct canaries *all, enum canary_side side, bool every, struct selftest_plan *plan)
{
	unsigned n = canary_blocks(all->listing, side);

	if (!every && pick(all, side, 0, &plan->canary[plan->ncanaries]))
		plan->ncanaries++;
	for (unsigned i = 0; every && i < n; i++)
		if ((all->held[side] >> i & 1) == 0)
			plan->canary[plan->ncanaries++] = (struct canary_block){side, i};
}

void
canaries_plan(const struct canaries *all, bool every, struct selftest_plan *plan)
{
	plan->ncanaries = 0;
	plan->version = all->version;
	for (unsigned side = 0; side < CANARY_SIDES; side++)
		plan_side(all, (enum canary_side)side, every, plan);
}

/* Whether more than one canary of a side was asked for, and each was listed. */
static bool
side_is_listed(const struct selftest_plan *plan, const struct selftest_report *report,
    enum canary_side side)
{
	unsigned asked = 0, listed = 0;

	for (unsigned i = 0; i < plan->ncanaries; i++) {
		asked += plan->canary[i].side == side;
		listed += plan->canary[i].side == side && report->canary[i] > SELFTEST_SILENT;
	}
	return asked > 1 && listed == asked;
}

/* Look into a block of which a timed test has found one listed.  False: a lie, or no memory. */
static bool
look(struct canaries *all, const struct selftest_plan *plan,
    const struct selftest_report *report, struct canary_block block)
{
	struct group *g = need_group(all, block.side, plan->server);
	struct round *r;

	if (g != NULL && g->current != NULL && g->current->again)
		return true;
	if (g == NULL || (r = round_new(g, NULL)) == NULL)
		return false;
	if (!plan_look(r, block, listed_of(plan, report, block.side))) {
		round_free(r);
		return false;
	}
	all->owner.doubted(all->owner.arg, report);
	send_round(r);
	return true;
}

enum confirmation_result
canaries_judge(struct canaries *all, const struct selftest_plan *plan,
    const struct selftest_report *report)
{
	for (unsigned i = 0; i < plan->ncanaries; i++) {
		struct canary_block block = plan->canary[i];

		if (report->canary[i] <= SELFTEST_SILENT)
			continue;
		if (!is_current(all, plan))
			return UNCONFIRMED;
		if (side_is_listed(plan, report, block.side) || !look(all, plan, report, block))
			return REFUTED;
		return UNCONFIRMED;
	}
	return CONFIRMED;
}

void
canaries_of(struct canaries *all, const struct listing *listing, int64_t gap_ms)
{
	const struct listing *before = all->listing;

	if (before != NULL &&
	    (before->ncanaries != listing->ncanaries ||
		memcmp(before->canary, listing->canary, sizeof(listing->canary)) != 0)) {
		memset(all->held, 0, sizeof(all->held));
		all->version++;
	}
	all->listing = listing;
	all->pace.gap_ms = gap_ms < GAP_MS ? gap_ms : GAP_MS;
}

struct canaries *
canaries_new(struct loop *loop, const struct canaries_owner *owner)
{
	struct canaries *all = calloc(1, sizeof(*all));

	if (all == NULL)
		return NULL;
	all->owner = *owner;
	all->timer = timer_new(loop, on_timer, all);
	if (all->timer != NULL)
		return all;
	free(all);
	return NULL;
}

void
canaries_free(struct canaries *all)
{
	struct group *g;

	if (all == NULL)
		return;
	while (all->rounds != NULL)
		conclude(all->rounds, UNCONFIRMED);
	while ((g = all->groups) != NULL) {
		all->groups = g->next;
		tell(g->waiting, UNCONFIRMED);
		free(g);
	}
	timer_free(all->timer);
	free(all);
}
