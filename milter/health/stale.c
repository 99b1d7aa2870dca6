/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * health/stale.c - what is left of a TTL gets less; where the next answer has more, the one
 * before it had expired.
 */
#include "config.h"

#include "health/stale.h"

#define TTL 30        /* of an answer that has expired (RFC 8767, 4) */
#define SLACK_MS 2000 /* TTLs are whole seconds, and some round them */
#define TTL_LOW 1     /* the same, or less, of resolvers with a mind of their own */

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

bool
stale_is_patchy(struct stale *s, int64_t tested, uint32_t denied_s, int64_t now, bool given)
{
	int64_t until = tested + (int64_t)denied_s * 1000 - SLACK_MS;

	/* What is left of the first denial gets less. */
	if (denied_s > 0 && (until < s->denied || now >= s->denied))
		s->denied = until;
	return given && now < s->denied;
}

/* Where the list's own TTL is less, 30 is more than a resolver can have of it. */
bool
stale_may_be(const struct stale *s, uint32_t ttl)
{
	return ttl <= TTL_LOW || (ttl == TTL && (s->served || s->usual < TTL));
}
