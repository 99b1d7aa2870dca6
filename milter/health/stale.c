/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * health/stale.c - what is left of a TTL gets less; where the next answer has more, the one
 * before it had expired.
 */
#include "config.h"

#include "health/stale.h"

#define TTL 30    /* of an answer that has expired (RFC 8767, 4) */
#define TTL_LOW 1 /* the same, or less, of resolvers with a mind of their own */

void
stale_learn(struct stale *s, uint32_t ttl)
{
	bool again = s->suspected;

	s->suspected = !again && !s->served && ttl == TTL && s->usual != TTL;
	s->served = s->served || (again && ttl > TTL);
	/* What may be a stale answer's says nothing of the list. */
	if (ttl != TTL && ttl > s->usual)
		s->usual = ttl;
}

/* Where the list's own TTL is less, 30 is more than a resolver can have of it. */
bool
stale_may_be(const struct stale *s, uint32_t ttl)
{
	return ttl <= TTL_LOW || (ttl == TTL && (s->served || s->usual < TTL));
}
