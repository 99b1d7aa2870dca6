/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fake_mfapi.c - the smfi_* functions that relayguard calls.  Strict where
 * libmilter, Postfix or Sendmail are silent: a reply they would drop or garble
 * is a fault here.
 */
#include "config.h"

#include "fakes/fake_mfapi.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fakes/fake_mta.h"

#define FAULTS_MAX 64

static struct smfiDesc desc;
static bool registered, connection_set, opened;
static char faults[FAULTS_MAX][256];
static size_t nfaults, faults_taken;

void
fake_mfapi_fault(const char *fmt, ...)
{
	va_list ap;

	if (nfaults == FAULTS_MAX)
		return;
	va_start(ap, fmt);
	vsnprintf(faults[nfaults++], sizeof(faults[0]), fmt, ap);
	va_end(ap);
}

const char *
fake_mta_fault(void)
{
	return faults_taken < nfaults ? faults[faults_taken++] : NULL;
}

const struct smfiDesc *
fake_mfapi_callbacks(void)
{
	return opened ? &desc : NULL;
}

/* What the daemon calls before it serves. */

int
smfi_register(struct smfiDesc d)
{
	if (d.xxfi_name == NULL || d.xxfi_version != SMFI_VERSION)
		return MI_FAILURE;
	desc = d;
	registered = true;
	return MI_SUCCESS;
}

int
smfi_setconn(char *spec)
{
	connection_set = spec != NULL && spec[0] != '\0';
	return connection_set ? MI_SUCCESS : MI_FAILURE;
}

int
smfi_setbacklog(int backlog)
{
	return backlog > 0 ? MI_SUCCESS : MI_FAILURE;
}

int
smfi_opensocket(bool remove_old)
{
	(void)remove_old;
	opened = registered && connection_set;
	return opened ? MI_SUCCESS : MI_FAILURE;
}

/* There is nobody to serve but the test, which calls the callbacks itself. */
int
smfi_main(void)
{
	return opened ? MI_SUCCESS : MI_FAILURE;
}

int
smfi_stop(void)
{
	opened = false;
	return MI_SUCCESS;
}

/* What callbacks call. */

int
smfi_setpriv(SMFICTX *ctx, void *priv)
{
	if (ctx == NULL)
		return MI_FAILURE;
	ctx->priv = priv;
	return MI_SUCCESS;
}

void *
smfi_getpriv(SMFICTX *ctx)
{
	return ctx != NULL ? ctx->priv : NULL;
}

int
smfi_setsymlist(SMFICTX *ctx, int stage, char *names)
{
	if (ctx == NULL || names == NULL || stage < SMFIM_FIRST || stage > SMFIM_LAST)
		return MI_FAILURE;
	if (ctx->stage != -1 || (ctx->offered_actions & SMFIF_SETSYMLIST) == 0)
		fake_mfapi_fault("smfi_setsymlist: not in negotiation, or not offered");
	if (ctx->wanted[stage] != NULL)
		return MI_FAILURE; /* once for each stage */
	ctx->wanted[stage] = strdup(names);
	return MI_SUCCESS;
}

static bool
is_sent(const SMFICTX *ctx, const struct macro *m)
{
	const char *list = ctx->wanted[m->stage];
	char word[sizeof(m->name)];
	int n;

	for (; list != NULL && sscanf(list, " %63s%n", word, &n) == 1; list += n)
		if (strcmp(word, m->name) == 0)
			return true;
	return ctx->wanted[m->stage] == NULL;
}

char *
smfi_getsymval(SMFICTX *ctx, char *name)
{
	if (ctx == NULL || name == NULL)
		return NULL;
	for (size_t i = ctx->nmacros; i-- > 0;)
		if (strcmp(ctx->macro[i].name, name) == 0 &&
		    ctx->macro[i].stage <= ctx->stage && is_sent(ctx, &ctx->macro[i]))
			return ctx->macro[i].value;
	return NULL;
}

/* X.Y.Z with an X that an enhanced code may have. */
static bool
is_enhanced(const char *code)
{
	unsigned subject, detail;
	char class, rest;

	return sscanf(code, "%c.%3u.%3u%c", &class, &subject, &detail, &rest) == 3 &&
	    strchr("245", class) != NULL;
}

static bool
set_codes(struct text *text, const char *rcode, const char *xcode)
{
	if (rcode == NULL || strlen(rcode) != 3 || strchr("45", rcode[0]) == NULL ||
	    !isdigit((unsigned char)rcode[1]) || !isdigit((unsigned char)rcode[2]))
		return false;
	if (xcode == NULL)
		fake_mfapi_fault("%s without an enhanced code", rcode);
	else if (!is_enhanced(xcode) || strlen(xcode) >= sizeof(text->enhanced))
		return false;
	else if (xcode[0] != rcode[0])
		fake_mfapi_fault(
		    "%s %s: two classes; Postfix calls that malformed", rcode, xcode);
	snprintf(text->code, sizeof(text->code), "%s", rcode);
	snprintf(text->enhanced, sizeof(text->enhanced), "%s", xcode != NULL ? xcode : "");
	return true;
}

/* What libmilter lets through and an MTA then drops or garbles. */
static void
check_line(const char *line)
{
	size_t percents;

	for (const char *p = line; *p != '\0'; p++)
		if (*p < ' ' || *p > '~')
			fake_mfapi_fault("reply: byte 0x%02x", (unsigned char)*p);
	for (const char *p = strchr(line, '%'); p != NULL; p = strchr(p + percents, '%'))
		if ((percents = strspn(p, "%")) % 2 != 0)
			fake_mfapi_fault("reply: a single %% in: %.100s", line);
}

static bool
add_line(struct text *text, const char *line)
{
	if (text->n == LINES_MAX || strlen(line) > LINE_MAX_LEN ||
	    strpbrk(line, "\r\n") != NULL)
		return false;
	check_line(line);
	snprintf(text->line[text->n++], sizeof(text->line[0]), "%s", line);
	return true;
}

/* An answer of libmilter's to a reply of ours. */
static int
settle_reply(SMFICTX *ctx, bool good)
{
	if (ctx->stage == SMFIM_CONNECT && strcmp(ctx->reply.code + 1, "21") != 0)
		fake_mfapi_fault("reply: set at connect, where it reaches nobody");
	if (!good)
		fake_mfapi_fault("reply: libmilter would not have it");
	ctx->pending = good;
	return good ? MI_SUCCESS : MI_FAILURE;
}

int
smfi_setreply(SMFICTX *ctx, char *rcode, char *xcode, char *message)
{
	bool good;

	if (ctx == NULL)
		return MI_FAILURE;
	ctx->reply.n = 0;
	good = set_codes(&ctx->reply, rcode, xcode);
	return settle_reply(ctx, good && (message == NULL || add_line(&ctx->reply, message)));
}

int
smfi_setmlreply(SMFICTX *ctx, const char *rcode, const char *xcode, ...)
{
	const char *line;
	va_list ap;
	bool good;

	if (ctx == NULL)
		return MI_FAILURE;
	ctx->reply.n = 0;
	good = set_codes(&ctx->reply, rcode, xcode);
	va_start(ap, xcode);
	while (good && (line = va_arg(ap, const char *)) != NULL)
		good = add_line(&ctx->reply, line);
	va_end(ap);
	return settle_reply(ctx, good && ctx->reply.n > 0);
}

/* Whether the header may be changed now, as that action wants. */
static bool
may_change(const SMFICTX *ctx, unsigned long action, const char *what)
{
	if (ctx == NULL)
		return false;
	if (ctx->stage != SMFIM_EOM)
		fake_mfapi_fault("%s: not at the end of the message", what);
	return ctx->stage == SMFIM_EOM && (ctx->actions & action) != 0;
}

/* A field that libmilter passes on and an MTA would garble. */
static void
check_field(const char *name, const char *value)
{
	for (const char *p = name; *p != '\0'; p++)
		if (*p <= ' ' || *p > '~' || *p == ':')
			fake_mfapi_fault("header: byte 0x%02x in a name", (unsigned char)*p);
	for (const char *p = value; *p != '\0'; p++) {
		if (*p == '\n' ? p[1] != '\t' && p[1] != ' '
			       : *p != '\t' && (*p < ' ' || *p > '~'))
			fake_mfapi_fault("header: byte 0x%02x in a value", (unsigned char)*p);
	}
}

int
smfi_insheader(SMFICTX *ctx, int index, char *name, char *value)
{
	if (!may_change(ctx, SMFIF_ADDHDRS, "smfi_insheader") || name == NULL ||
	    name[0] == '\0' || value == NULL || index < 0)
		return MI_FAILURE;
	check_field(name, value);
	fake_message_insert(&ctx->message, (size_t)index, name, value);
	return MI_SUCCESS;
}

int
smfi_chgheader(SMFICTX *ctx, char *name, int index, char *value)
{
	if (!may_change(ctx, SMFIF_CHGHDRS, "smfi_chgheader") || name == NULL ||
	    name[0] == '\0' || index < 0)
		return MI_FAILURE;
	if (!fake_message_change(&ctx->message, name, index, value))
		fake_mfapi_fault("smfi_chgheader: there is no field %d %s", index, name);
	return MI_SUCCESS;
}

int
smfi_quarantine(SMFICTX *ctx, char *reason)
{
	if (!may_change(ctx, SMFIF_QUARANTINE, "smfi_quarantine") || reason == NULL ||
	    reason[0] == '\0' || strpbrk(reason, "\r\n") != NULL)
		return MI_FAILURE;
	fake_message_hold(&ctx->message, reason);
	return MI_SUCCESS;
}
