/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * visit.c - the steps of a session.  Like Postfix, it keeps back what needs no
 * reply until there is something that does.
 */
#include "config.h"

#include "visit.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <unistd.h>

#define BUSY_NS 1000000 /* before the next try, where the filter's backlog is full */

bool
visit_begin(struct visit *v, const struct visit_plan *plan, const struct client *client,
    int64_t due, struct tally *tally)
{
	int yes = 1, fd = socket(plan->where.ss_family, SOCK_STREAM | SOCK_NONBLOCK, 0);

	*v = (struct visit){.fd = fd, .due = due, .client = *client, .result = RESULT_LOST};
	tally->sessions++;
	v->asked = now_ns();
	if (fd < 0) {
		visit_drop(v, tally);
		return false;
	}
	if (plan->where.ss_family != AF_UNIX)
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
	return true;
}

/* Connect.  False: it cannot be; *later: but it will be tried again. */
static bool
reach(struct visit *v, const struct visit_plan *plan, struct tally *tally, bool *later)
{
	v->connected =
	    connect(v->fd, (const struct sockaddr *)&plan->where, plan->where_len) == 0 ||
	    errno == EINPROGRESS;
	*later = !v->connected && errno == EAGAIN;
	tally->busy += *later;
	v->wake = *later ? now_ns() + BUSY_NS : 0;
	return v->connected;
}

static void
finish(struct visit *v, struct tally *tally)
{
	tally->result[crowd_is_listed(&v->client)][v->result]++;
	if (v->result != RESULT_LOST)
		histogram_add(&tally->span[SPAN_SESSION], now_ns() - v->due);
	if (v->fd >= 0)
		close(v->fd);
	v->fd = -1;
}

void
visit_drop(struct visit *v, struct tally *tally)
{
	v->result = RESULT_LOST;
	finish(v, tally);
}

/* False: it cannot be sent, now or ever; *later says which. */
static bool
flush(struct visit *v, bool *later)
{
	ssize_t n = send(v->fd, v->out.bytes, v->out.len, MSG_NOSIGNAL);

	*later = n < 0 && (errno == EAGAIN || errno == ENOTCONN);
	if (n < 0)
		return false;
	v->out.len -= (size_t)n;
	memmove(v->out.bytes, v->out.bytes + n, v->out.len);
	*later = v->out.len > 0;
	return v->out.len == 0;
}

/* What the filter does not want to be told, or will not reply to. */
static bool
has_reply(const struct visit *v, enum step step)
{
	static const uint32_t none[STEPS] = {
	    [STEP_CONNECT] = WIRE_NO_CONNECT | WIRE_NR_CONNECT,
	    [STEP_HELO] = WIRE_NO_HELO | WIRE_NR_HELO,
	    [STEP_MAIL] = WIRE_NO_MAIL | WIRE_NR_MAIL,
	    [STEP_RCPT] = WIRE_NO_RCPT | WIRE_NR_RCPT,
	};

	return (v->steps & none[step]) == 0;
}

/* Write a step into the buffer. */
static void
compose(struct visit *v, const struct visit_plan *plan, enum step step)
{
	switch (step) {
	case STEP_NEGOTIATE:
		wire_negotiate(&v->out);
		break;
	case STEP_CONNECT:
		wire_connect(&v->out, &v->client);
		break;
	case STEP_HELO:
		if ((v->steps & WIRE_NO_HELO) == 0)
			wire_helo(&v->out);
		break;
	case STEP_MAIL:
		if ((v->steps & WIRE_NO_MAIL) == 0)
			wire_mail(&v->out);
		break;
	case STEP_RCPT:
		(plan->probes && v->recipient > 0 ? wire_refused : wire_rcpt)(
		    &v->out, v->recipient);
		break;
	case STEP_END:
		wire_end(&v->out);
		break;
	case STEP_QUIT:
	case STEPS:
		wire_abort(&v->out);
		wire_quit(&v->out);
		break;
	}
}

/* Which step comes after one that has been answered, or needs no answer. */
static enum step
following(struct visit *v, const struct visit_plan *plan)
{
	switch (v->next) {
	case STEP_NEGOTIATE:
		return STEP_CONNECT;
	case STEP_CONNECT:
		return STEP_HELO;
	case STEP_HELO:
		return STEP_MAIL;
	case STEP_MAIL:
		return STEP_RCPT;
	case STEP_RCPT:
		if (++v->recipient < plan->recipients)
			return STEP_RCPT;
		return v->accepted ? STEP_END : STEP_QUIT;
	case STEP_END:
	case STEP_QUIT:
	case STEPS:
		break;
	}
	return STEP_QUIT;
}

static enum result
result_of(const struct wire_reply *reply)
{
	if (reply->word == 'c' || reply->word == 'a')
		return RESULT_PASS;
	if (reply->word == 'r' || reply->code / 100 == 5)
		return RESULT_REFUSE;
	if (reply->word == 't' || reply->code / 100 == 4)
		return RESULT_DEFER;
	return RESULT_LOST;
}

static void
time_reply(const struct visit *v, struct tally *tally, int64_t now, int64_t delay)
{
	static const enum span of[STEPS] = {
	    [STEP_NEGOTIATE] = SPAN_NEGOTIATE,
	    [STEP_CONNECT] = SPAN_CONNECT,
	    [STEP_RCPT] = SPAN_RCPT,
	    [STEP_END] = SPAN_END,
	};

	if (of[v->next] != SPAN_SOCKET)
		histogram_add(&tally->span[of[v->next]], now - v->asked);
	if (v->next == STEP_RCPT && v->recipient == 0)
		histogram_add(&tally->span[SPAN_VERDICT], now - v->began - delay);
}

/* Heed a reply.  False: the session is over. */
static bool
heed(struct visit *v, const struct visit_plan *plan, struct tally *tally,
    const struct wire_reply *reply)
{
	enum result result = result_of(reply);

	tally->replies++;
	tally->words[(unsigned char)reply->word & 127]++;
	if (reply->code < 600)
		tally->codes[reply->code]++;
	time_reply(v, tally, now_ns(), plan->delay);
	v->waiting = false;
	if (v->next == STEP_NEGOTIATE) {
		v->steps = reply->steps;
		v->next = STEP_CONNECT;
		return reply->word == 'O';
	}
	if (v->next == STEP_RCPT && result == RESULT_PASS)
		v->accepted = true;
	if ((v->next == STEP_RCPT && v->recipient == 0) || v->next == STEP_CONNECT)
		v->result = result;
	/* Accepted for good, or refused, at once: the MTA takes its leave. */
	if (v->next == STEP_CONNECT && reply->word != 'c')
		return false;
	v->next = following(v, plan);
	v->wake = plan->pause[v->next] > 0 ? now_ns() + plan->pause[v->next] : 0;
	return true;
}

/* Read what has come.  False: the connection is gone. */
static bool
receive(struct visit *v)
{
	ssize_t n = recv(v->fd, v->in.bytes + v->in.len, sizeof(v->in.bytes) - v->in.len, 0);

	if (n > 0)
		v->in.len += (size_t)n;
	return n > 0 || (n < 0 && (errno == EAGAIN || errno == ENOTCONN));
}

/* Take the reply that is waited for.  False: it is not there; *over: nor will it be. */
static bool
take_reply(struct visit *v, const struct visit_plan *plan, struct tally *tally, bool *over)
{
	struct wire_reply reply;

	do {
		if (!wire_take(&v->in, &reply)) {
			*over = !receive(v);
			if (*over || !wire_take(&v->in, &reply))
				return false;
		}
	} while (reply.word == 'p'); /* "I am still at it" */
	*over = !heed(v, plan, tally, &reply);
	return !*over;
}

/* Do a step.  False: the connection is gone. */
static bool
do_step(struct visit *v, const struct visit_plan *plan, struct tally *tally)
{
	enum step step = v->next;
	bool later = false;

	compose(v, plan, step);
	v->waiting = step != STEP_QUIT && has_reply(v, step);
	if (v->waiting || step == STEP_QUIT || plan->eager || plan->hold) {
		if (step == STEP_NEGOTIATE)
			histogram_add(&tally->span[SPAN_SOCKET], now_ns() - v->asked);
		v->asked = now_ns();
		if (step == STEP_CONNECT)
			v->began = v->asked;
		if (!flush(v, &later) && !later)
			return false;
	}
	if (!v->waiting && step != STEP_QUIT) {
		v->next = following(v, plan);
		v->wake = plan->pause[v->next] > 0 ? now_ns() + plan->pause[v->next] : 0;
	}
	return true;
}

enum progress
visit_go(struct visit *v, const struct visit_plan *plan, struct tally *tally)
{
	bool later, over;

	if (!v->connected && !reach(v, plan, tally, &later)) {
		if (later)
			return PROGRESS_PAUSE;
		visit_drop(v, tally);
		return PROGRESS_DONE;
	}
	if (v->out.len > 0 && (v->waiting || plan->eager) && !flush(v, &later)) {
		if (later)
			return PROGRESS_WAIT;
		visit_drop(v, tally);
		return PROGRESS_DONE;
	}
	for (;;) {
		if (v->waiting && !take_reply(v, plan, tally, &over)) {
			if (!over)
				return PROGRESS_WAIT;
			if (v->waiting) /* nobody is there any more */
				v->result = RESULT_LOST;
			break;
		}
		if (v->wake > 0 && now_ns() < v->wake)
			return PROGRESS_PAUSE;
		v->wake = 0;
		if (plan->hold && v->next == STEP_RCPT)
			return PROGRESS_HELD;
		over = v->next == STEP_QUIT;
		if (!do_step(v, plan, tally)) {
			v->result = RESULT_LOST;
			break;
		}
		if (over)
			break;
	}
	finish(v, tally);
	return PROGRESS_DONE;
}
