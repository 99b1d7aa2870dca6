/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fake_mta.c - an MTA that calls relayguard's callbacks as Postfix does through
 * libmilter, with what was negotiated, and keeps what the client would get.
 */
#include "config.h"

#include "fakes/fake_mta.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fakes/fake_mfapi.h"

#define STEPS_V2 0x0000007fUL
#define STEPS_V6 0x001fffffUL
#define ACTIONS_V2 0x0000003fUL
#define ACTIONS_V6 0x000001ffUL
#define STEPS_NOREPLY                                                                    \
	(SMFIP_NR_CONN | SMFIP_NR_HELO | SMFIP_NR_MAIL | SMFIP_NR_RCPT | SMFIP_NR_DATA | \
	    SMFIP_NR_UNKN | SMFIP_NR_HDR | SMFIP_NR_EOH | SMFIP_NR_BODY)

/* How a step may be left out (no) or left unanswered (nr). */
struct step {
	const char *name;
	int stage;
	unsigned long no, nr;
};

static const struct step step_connect = {
    "connect", SMFIM_CONNECT, SMFIP_NOCONNECT, SMFIP_NR_CONN};
static const struct step step_helo = {"helo", SMFIM_HELO, SMFIP_NOHELO, SMFIP_NR_HELO};
static const struct step step_mail = {"mail", SMFIM_ENVFROM, SMFIP_NOMAIL, SMFIP_NR_MAIL};
static const struct step step_rcpt = {"rcpt", SMFIM_ENVRCPT, SMFIP_NORCPT, SMFIP_NR_RCPT};
static const struct step step_header = {"header", SMFIM_EOH, SMFIP_NOHDRS, SMFIP_NR_HDR};
static const struct step step_eom = {"eom", SMFIM_EOM, 0, 0};

static const struct smfiDesc *desc;

void
fake_mta_macro(SMFICTX *ctx, int stage, const char *name, const char *value)
{
	char *old;
	size_t i;

	for (i = 0; i < ctx->nmacros; i++)
		if (ctx->macro[i].stage == stage && strcmp(ctx->macro[i].name, name) == 0)
			break;
	if (value == NULL) {
		if (i == ctx->nmacros)
			return;
		free(ctx->macro[i].value);
		ctx->macro[i] = ctx->macro[--ctx->nmacros];
		return;
	}
	if (i == MACROS_MAX)
		abort();
	if (i == ctx->nmacros)
		ctx->macro[ctx->nmacros++].value = NULL;
	ctx->macro[i].stage = stage;
	snprintf(ctx->macro[i].name, sizeof(ctx->macro[i].name), "%s", name);
	old = ctx->macro[i].value;
	ctx->macro[i].value = strdup(value);
	free(old);
}

/* Steps that go without saying where no callback is there, as libmilter has it. */
static unsigned long
steps_unused(void)
{
	return (desc->xxfi_connect == NULL ? SMFIP_NOCONNECT : 0) |
	    (desc->xxfi_helo == NULL ? SMFIP_NOHELO : 0) |
	    (desc->xxfi_envfrom == NULL ? SMFIP_NOMAIL : 0) |
	    (desc->xxfi_envrcpt == NULL ? SMFIP_NORCPT : 0) |
	    (desc->xxfi_header == NULL ? SMFIP_NOHDRS : 0);
}

static void
negotiate(SMFICTX *ctx)
{
	unsigned long actions = desc->xxfi_flags, steps = steps_unused(), f2 = 0, f3 = 0;

	ctx->trips++;
	if (desc->xxfi_negotiate != NULL &&
	    desc->xxfi_negotiate(ctx, ctx->offered_actions, ctx->offered_steps | STEPS_NOREPLY,
		0, 0, &actions, &steps, &f2, &f3) != SMFIS_CONTINUE)
		fake_mfapi_fault("negotiate: not SMFIS_CONTINUE");
	if ((actions & ~ctx->offered_actions) != 0)
		fake_mfapi_fault(
		    "negotiate: actions 0x%lx not offered", actions & ~ctx->offered_actions);
	/* libmilter itself sees to replies that the MTA wants and the filter will not give. */
	if ((steps & ~(ctx->offered_steps | STEPS_NOREPLY)) != 0)
		fake_mfapi_fault(
		    "negotiate: steps 0x%lx not offered", steps & ~ctx->offered_steps);
	ctx->actions = actions;
	ctx->steps = steps;
}

SMFICTX *
fake_mta_open(int version, bool holds)
{
	SMFICTX *ctx = calloc(1, sizeof(*ctx));

	if (ctx == NULL || (desc = fake_mfapi_callbacks()) == NULL)
		abort();
	ctx->stage = -1;
	ctx->offered_actions = version < 6 ? ACTIONS_V2 : ACTIONS_V6;
	if (!holds)
		ctx->offered_actions &= ~(unsigned long)SMFIF_QUARANTINE;
	ctx->offered_steps = version < 6 ? STEPS_V2 : STEPS_V6;
	negotiate(ctx);
	fake_mta_macro(ctx, SMFIM_CONNECT, "j", "mx.example");
	fake_mta_macro(ctx, SMFIM_CONNECT, "{daemon_name}", "mx.example");
	return ctx;
}

static void
over(SMFICTX *ctx)
{
	if (ctx->phase == PHASE_OVER)
		return;
	ctx->phase = PHASE_OVER;
	if (desc->xxfi_close != NULL)
		desc->xxfi_close(ctx);
	if (ctx->priv != NULL)
		fake_mfapi_fault("close: private data is left");
}

/* As the MTA sends it on: %% is one %, every line bears the codes. */
static void
show(SMFICTX *ctx)
{
	const struct text *t = &ctx->reply;

	ctx->nseen = t->n;
	for (size_t i = 0; i < t->n; i++) {
		char *out = ctx->seen[i];

		out += snprintf(
		    out, 32, "%s%c%s ", t->code, i + 1 < t->n ? '-' : ' ', t->enhanced);
		for (const char *p = t->line[i]; *p != '\0'; p++) {
			*out++ = *p;
			if (p[0] == '%' && p[1] == '%')
				p++;
		}
		*out = '\0';
	}
}

static const char *
refuse(SMFICTX *ctx, const struct step *step, char class)
{
	struct text *t = &ctx->reply;

	if (!ctx->pending || t->code[0] != class) {
		fake_mfapi_fault("%s: refused without words of its own", step->name);
		*t = (struct text){.n = 1, .line = {"Command rejected"}};
		snprintf(t->code, sizeof(t->code), "%c50", class);
		snprintf(t->enhanced, sizeof(t->enhanced), "%c.7.1", class);
	}
	ctx->pending = false;
	show(ctx);
	snprintf(ctx->outcome, sizeof(ctx->outcome), "%s %s", t->code, t->enhanced);
	if (step->stage <= SMFIM_HELO)
		over(ctx);
	else if (step->stage == SMFIM_ENVFROM)
		ctx->phase = PHASE_MESSAGE_DONE;
	return ctx->outcome;
}

static const char *
accept_all(SMFICTX *ctx, const struct step *step, const char *outcome)
{
	if (step->stage <= SMFIM_HELO)
		over(ctx);
	else
		ctx->phase = PHASE_MESSAGE_DONE;
	return outcome;
}

/* What becomes of the answer to a step. */
static const char *
settle(SMFICTX *ctx, const struct step *step, sfsistat answer)
{
	if ((ctx->steps & step->nr) != 0) {
		if (answer != SMFIS_NOREPLY)
			fake_mfapi_fault("%s: an answer where none was agreed on", step->name);
		if ((ctx->offered_steps & step->nr) != 0)
			return "noreply";
		answer = SMFIS_CONTINUE; /* libmilter's own, for an MTA that waits */
	}
	ctx->trips++;
	if (ctx->pending && answer != SMFIS_REJECT && answer != SMFIS_TEMPFAIL)
		fake_mfapi_fault("%s: a reply is set and not used", step->name);
	switch (answer) {
	case SMFIS_CONTINUE:
		return "continue";
	case SMFIS_ACCEPT:
		return accept_all(ctx, step, "accept");
	case SMFIS_DISCARD:
		return accept_all(ctx, step, "discard");
	case SMFIS_REJECT:
		return refuse(ctx, step, '5');
	case SMFIS_TEMPFAIL:
		return refuse(ctx, step, '4');
	default:
		fake_mfapi_fault("%s: %d is no answer", step->name, answer);
		return "continue";
	}
}

/* Whether the MTA sends this step at all. */
static bool
begin(SMFICTX *ctx, const struct step *step)
{
	ctx->stage = step->stage;
	ctx->nseen = 0;
	return ctx->phase != PHASE_OVER && (ctx->steps & step->no) == 0;
}

const char *
fake_mta_connect(SMFICTX *ctx, const char *name, const struct sockaddr *sa)
{
	sfsistat answer = SMFIS_CONTINUE;
	char *copy;

	if (!begin(ctx, &step_connect))
		return "unasked";
	copy = strdup(name); /* gone after the call, as with libmilter */
	if (desc->xxfi_connect != NULL)
		answer = desc->xxfi_connect(ctx, copy, (_SOCK_ADDR *)(uintptr_t)sa);
	free(copy);
	return settle(ctx, &step_connect, answer);
}

const char *
fake_mta_helo(SMFICTX *ctx, const char *name)
{
	sfsistat answer = SMFIS_CONTINUE;
	char *copy;

	if (!begin(ctx, &step_helo))
		return "unasked";
	copy = strdup(name);
	if (desc->xxfi_helo != NULL)
		answer = desc->xxfi_helo(ctx, copy);
	free(copy);
	return settle(ctx, &step_helo, answer);
}

const char *
fake_mta_mail(SMFICTX *ctx, char **argv)
{
	sfsistat answer = SMFIS_CONTINUE;

	if (!begin(ctx, &step_mail))
		return "unasked";
	ctx->phase = PHASE_MESSAGE;
	if (ctx->sent)
		fake_message_clear(&ctx->message);
	ctx->sent = false;
	if (desc->xxfi_envfrom != NULL)
		answer = desc->xxfi_envfrom(ctx, argv);
	return settle(ctx, &step_mail, answer);
}

const char *
fake_mta_rcpt(SMFICTX *ctx, char **argv)
{
	sfsistat answer = SMFIS_CONTINUE;

	if (!begin(ctx, &step_rcpt) || ctx->phase == PHASE_MESSAGE_DONE)
		return "unasked";
	if (desc->xxfi_envrcpt != NULL)
		answer = desc->xxfi_envrcpt(ctx, argv);
	return settle(ctx, &step_rcpt, answer);
}

const char *
fake_mta_refused(SMFICTX *ctx, char **argv, const char *code, const char *reason)
{
	const char *outcome;

	if ((ctx->steps & SMFIP_RCPT_REJ) == 0)
		return "unasked";
	fake_mta_macro(ctx, SMFIM_ENVRCPT, "{rcpt_mailer}", "error");
	fake_mta_macro(ctx, SMFIM_ENVRCPT, "{rcpt_host}", code);
	fake_mta_macro(ctx, SMFIM_ENVRCPT, "{rcpt_addr}", reason);
	outcome = fake_mta_rcpt(ctx, argv);
	if (strcmp(outcome, "continue") != 0 && strcmp(outcome, "unasked") != 0)
		fake_mfapi_fault("rcpt: %s to a recipient that is refused", outcome);
	fake_mta_macro(ctx, SMFIM_ENVRCPT, "{rcpt_mailer}", "relay"); /* the others stay */
	return outcome;
}

const char *
fake_mta_abort(SMFICTX *ctx)
{
	if (ctx->phase == PHASE_OVER)
		return "unasked";
	ctx->phase = PHASE_OPEN;
	if (desc->xxfi_abort != NULL)
		desc->xxfi_abort(ctx);
	return "noreply";
}

void
fake_mta_field(SMFICTX *ctx, const char *name, const char *value)
{
	if (ctx->sent)
		fake_message_clear(&ctx->message);
	ctx->sent = false;
	fake_message_insert(&ctx->message, SIZE_MAX, name, value);
}

const char *
fake_mta_delivered(SMFICTX *ctx, size_t i)
{
	const struct field *f = &ctx->message.field[i];

	if (i >= ctx->message.n)
		return NULL;
	snprintf(ctx->field, sizeof(ctx->field), "%s: %s", f->name, f->value);
	return ctx->field;
}

const char *
fake_mta_held(const SMFICTX *ctx)
{
	return ctx->message.held ? ctx->message.why : NULL;
}

/* Each field as it came, gone after the call. */
static void
send_header(SMFICTX *ctx)
{
	for (size_t i = 0; i < ctx->message.n && begin(ctx, &step_header); i++) {
		char *name = strdup(ctx->message.field[i].name);
		char *value = strdup(ctx->message.field[i].value);

		if (desc->xxfi_header != NULL)
			settle(ctx, &step_header, desc->xxfi_header(ctx, name, value));
		free(name);
		free(value);
	}
}

/* Postfix ends every message with an abort, but libmilter tells nobody of one that
 * comes after the end of a message. */
const char *
fake_mta_data(SMFICTX *ctx)
{
	const char *outcome = "unasked";

	if (ctx->phase == PHASE_MESSAGE)
		send_header(ctx);
	ctx->sent = true;
	if (begin(ctx, &step_eom) && ctx->phase == PHASE_MESSAGE)
		outcome = settle(ctx, &step_eom,
		    desc->xxfi_eom != NULL ? desc->xxfi_eom(ctx) : SMFIS_CONTINUE);
	if (ctx->phase != PHASE_OVER)
		ctx->phase = PHASE_OPEN;
	return outcome;
}

void
fake_mta_free(SMFICTX *ctx)
{
	if (ctx == NULL)
		return;
	for (int i = 0; i < STAGES; i++)
		free(ctx->wanted[i]);
	while (ctx->nmacros > 0)
		free(ctx->macro[--ctx->nmacros].value);
	fake_message_clear(&ctx->message);
	free(ctx);
}

void
fake_mta_close(SMFICTX *ctx)
{
	fake_mta_abort(ctx);
	fake_mta_abort(ctx); /* twice, as Postfix does at QUIT */
	over(ctx);
	fake_mta_free(ctx);
}

const char *
fake_mta_line(const SMFICTX *ctx, size_t i)
{
	return i < ctx->nseen ? ctx->seen[i] : NULL;
}

unsigned
fake_mta_trips(const SMFICTX *ctx)
{
	return ctx->trips;
}
