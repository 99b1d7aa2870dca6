/* SPDX-License-Identifier: BSD-2-Clause */
/* control/suspensions.c - what an administrator says of a list, for as long as he says. */
#include "config.h"

#include "control/suspensions.h"

#include <string.h>
#include <sysexits.h>

#include "base/clock.h"
#include "base/strbuf.h"
#include "conf/conf.h"
#include "control/operand.h"
#include "health/health.h"

#define USUAL_MS 3600000

/* The first list of a label; NULL: there is none. */
static const struct listing *
find(const struct roster *roster, const char *label)
{
	for (unsigned i = 0; i < roster->n; i++)
		if (strcmp(roster->list[i]->label, label) == 0)
			return roster->list[i];
	return NULL;
}

static int
refuse(struct request *r, int status, const char *why)
{
	request_error(r, why);
	return status;
}

static int
suspend(struct request *r, const struct verbs_context *context, const char *label, int64_t ms,
    const char *words)
{
	struct suspension s = {.begun = clock_ms(), .until = clock_ms() + ms};
	struct conf *conf = conf_current();
	char until[CLOCK_TEXT_SIZE];
	bool good;

	(void)strbuf_copy(s.by, sizeof(s.by), request_who(r));
	(void)strbuf_copy(s.why, sizeof(s.why), words != NULL ? words : "");
	good = suspensions_begin(
	    health_suspensions(context->sessions->health), conf->roster, label, &s);
	conf_unref(&conf);
	if (!good)
		return refuse(r, 1, "no policy names a list of that label");
	request_reply(r,
	    json_pack("{s:o, s:s, s:s, s:I}", "label", request_shown(label), "state",
		list_state_name(LIST_SUSPENDED), "until",
		clock_text(clock_wall_at(s.until), until), "seconds", (json_int_t)(ms / 1000)));
	return EX_OK;
}

int
verb_suspend(struct request *r, const json_t *args, void *arg)
{
	bool bad = false;
	const char *label = request_text(args, "label", &bad), *words;
	char why[192];
	int64_t ms;

	if (bad || label == NULL)
		return refuse(r, EX_USAGE, "suspend: say the label of a list");
	if (!operand_time(args, USUAL_MS, &ms, why, sizeof(why)) ||
	    !operand_why(args, &words, why, sizeof(why)))
		return refuse(r, EX_USAGE, why);
	return suspend(r, arg, label, ms, words);
}

/* Why there is nothing to be ended. */
static const char *
explain_none(const struct listing *list)
{
	if (list == NULL)
		return "no policy names a list of that label";
	switch (listing_health(list)) {
	case LIST_SUSPENDED:
	case LIST_SILENT:
		return "no administrator has suspended it, but its own tests, or its silence: "
		       "it is believed again when it passes them";
	case LIST_NEW:
	case LIST_GOOD:
	case LIST_RESTORED:
	case LIST_DOUBTED:
	case LIST_RECOVERING:
		break;
	}
	return "no administrator has suspended it";
}

int
verb_resume(struct request *r, const json_t *args, void *arg)
{
	const struct verbs_context *context = arg;
	bool bad = false;
	const char *label = request_text(args, "label", &bad);
	const struct listing *list;
	struct conf *conf;
	int status = EX_OK;

	if (bad || label == NULL)
		return refuse(r, EX_USAGE, "resume: say the label of a list");
	conf = conf_current();
	list = find(conf->roster, label);
	if (suspensions_end(
		health_suspensions(context->sessions->health), label, request_who(r)))
		request_reply(r,
		    json_pack("{s:o, s:s?}", "label", request_shown(label), "state",
			list != NULL ? list_state_name(listing_state(list)) : NULL));
	else
		status = refuse(r, 1, explain_none(list));
	conf_unref(&conf);
	return status;
}
