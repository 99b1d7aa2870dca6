/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * health/canarypace.c - a gap, so that a list feels little of its canaries; and a share of
 * its questions, so that nobody stands for a second at a list that is asked so much that it
 * feels no more of one in twenty.  A gap is a quarter of a deadline at most, and there are five
 * sides: were they to go by turns alone, clients would be out of time before it is theirs.
 */
#include "config.h"

#include "health/canarypace.h"

#include "base/clock.h"

#define SHARE 20    /* questions for which a list gets a canary before the gap is over */
#define GATHER_MS 5 /* in which other listings may come along */
#define BURST 4     /* canaries beyond one a gap */
#define TURN 2      /* gaps, for which listings of one side wait at most while others' go */

static unsigned
place(unsigned server)
{
	return server < SERVERS_MAX ? server : SERVERS_MAX;
}

/* Questions since the last canary. */
static uint64_t
asked_since(const struct canarypace *p, unsigned server)
{
	return p->asked - p->server[place(server)].before;
}

int64_t
canarypace_next(const struct canarypace *p, unsigned server, int64_t since, bool many)
{
	int64_t sent = p->server[place(server)].sent, next = sent + p->gap_ms;
	bool earned = asked_since(p, server) >= SHARE;
	int64_t latest = since + (earned ? GATHER_MS : TURN * p->gap_ms);

	if (sent == 0 || many)
		return 0;
	return latest < next ? latest : next;
}

bool
canarypace_take(struct canarypace *p, unsigned server, bool needed)
{
	int64_t *due = &p->server[place(server)].due, now = clock_ms();
	int64_t most = now + BURST * p->gap_ms;

	if (*due < now)
		*due = now;
	if (*due >= most) {
		*due = most;
		return needed;
	}
	*due += p->gap_ms;
	return true;
}

void
canarypace_sent(struct canarypace *p, unsigned server)
{
	p->server[place(server)].sent = clock_ms();
	p->server[place(server)].before = p->asked;
}

void
canarypace_asked(struct canarypace *p)
{
	p->asked++;
}

bool
canarypace_has_earned(const struct canarypace *p, unsigned server)
{
	return asked_since(p, server) == SHARE;
}
