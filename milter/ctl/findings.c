/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ctl/findings.c - a line for what was seen, and one below it for what to do.  What was seen
 * comes from other programs' files, and from the network: it is never written as it is.
 */
#include "config.h"

#include "ctl/findings.h"

#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/output.h"
#include "base/strbuf.h"
#include "ctl/jsonline.h"

#define SEEN_MAX 1024
#define SHOWN_MAX 2048

static const char *const levels[] = {
    [FINDING_OK] = "ok",
    [FINDING_UNSEEN] = "unseen",
    [FINDING_WARNING] = "warning",
    [FINDING_ERROR] = "error",
};

static void
write_text(enum finding_level level, const char *check, const char *seen, const char *advice)
{
	printf("%-8s %-24s %s%s\n", levels[level], check,
	    level == FINDING_UNSEEN ? "not looked at: " : "", seen);
	if (advice != NULL)
		printf("%-8s %-24s -> %s\n", "", "", advice);
}

static void
write_json(const char *verb, enum finding_level level, const char *check, const char *seen,
    const char *advice)
{
	(void)jsonline_data(stdout, verb,
	    json_pack("{s:s, s:s, s:s, s:s?}", "check", check, "level", levels[level], "seen",
		seen, "do", advice));
}

void
findings_add(struct findings *f, enum finding_level level, const char *check,
    const char *advice, const char *fmt, ...)
{
	char seen[SEEN_MAX], shown[SHOWN_MAX], shown_advice[SHOWN_MAX];
	struct strbuf sb;
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(seen, sizeof(seen), fmt, ap);
	va_end(ap);
	strbuf_init(&sb, shown, sizeof(shown));
	strbuf_add_visible(&sb, seen);
	strbuf_init(&sb, shown_advice, sizeof(shown_advice));
	strbuf_add_visible(&sb, advice != NULL ? advice : "");
	advice = advice != NULL ? shown_advice : NULL;
	f->n[level]++;
	if (f->json)
		write_json(f->verb, level, check, shown, advice);
	else
		write_text(level, check, shown, advice);
	output_flush();
}

int
findings_end(const struct findings *f)
{
	int status = 0;

	if (f->n[FINDING_WARNING] > 0)
		status = 1;
	if (f->n[FINDING_ERROR] > 0)
		status = 2;
	if (f->json)
		(void)jsonline_end(stdout, status);
	else
		printf("\n%u error%s, %u warning%s, %u not looked at, %u ok\n",
		    f->n[FINDING_ERROR], f->n[FINDING_ERROR] == 1 ? "" : "s",
		    f->n[FINDING_WARNING], f->n[FINDING_WARNING] == 1 ? "" : "s",
		    f->n[FINDING_UNSEEN], f->n[FINDING_OK]);
	return status;
}
