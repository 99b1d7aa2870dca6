/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * base/breaker.c - keeps a dead server from costing anything, and the log from
 * filling up with it.  Trust comes back only with work done: a server that
 * greets well and then fails is not asked every second.
 */
#include "config.h"

#include "base/breaker.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/random.h"
#include "base/strbuf.h"

#define DELAY_MIN 1000
#define DELAY_MAX 4000 /* with jitter, below five seconds */
#define JITTER 20      /* percent: a fleet must not come back all at once */

static void
begin_line(const struct breaker *b, struct logline *line, const char *what)
{
	char event[32];
	struct strbuf text;

	strbuf_init(&text, event, sizeof(event));
	strbuf_addf(&text, "%s-%s", b->service, what);
	logline_event(line, event);
	logline_str(line, "server", b->server);
}

void
breaker_init(struct breaker *b, const char *service, const char *server)
{
	*b = (struct breaker){.service = service, .delay = DELAY_MIN};
	(void)strbuf_copy(b->server, sizeof(b->server), server != NULL ? server : "");
}

int64_t
breaker_fail(struct breaker *b, const char *reason)
{
	int64_t delay = jittered(b->delay, JITTER);
	struct logline line;

	b->delay = b->delay * 2 < DELAY_MAX ? b->delay * 2 : DELAY_MAX;
	if (b->down)
		return delay;
	b->down = true;
	b->since = clock_ms();
	if (b->service == NULL)
		return delay;
	begin_line(b, &line, "down");
	logline_words(&line, "reason", reason);
	logline_end(&line, LOG_LEVEL_WARNING);
	return delay;
}

void
breaker_mend(struct breaker *b)
{
	struct logline line;

	if (!b->down)
		return;
	b->down = false;
	if (b->service == NULL)
		return;
	begin_line(b, &line, "up");
	logline_num(&line, "after", (clock_ms() - b->since) / 1000);
	logline_end(&line, LOG_LEVEL_INFO);
}

void
breaker_trust(struct breaker *b)
{
	b->delay = DELAY_MIN;
}
