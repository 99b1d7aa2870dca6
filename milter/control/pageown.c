/* SPDX-License-Identifier: BSD-2-Clause */
/* control/pageown.c - what anybody may know of the own list, and ask for. */
#include "config.h"

#include "control/pageown.h"

#include <sysexits.h>

#include "base/clock.h"
#include "base/rate.h"
#include "conf/conf.h"
#include "control/local.h"
#include "control/operand.h"
#include "own/localstore.h"
#include "own/traphits.h"

#define BY_PAGE "page"
#define WHY_MAX 192
#define EVIDENCE_MAX (LOCAL_WHY_SIZE - 1)
#define NOTED_S 2592000 /* a nomination of the page's is of interest for so long */
#define HOUR 3600

static int
fail(struct request *r, int status, const char *why)
{
	request_error(r, why);
	return status;
}

static json_t *
json_time(int64_t wall)
{
	char text[CLOCK_TEXT_SIZE];

	return json_string(clock_text(wall, text));
}

/* Read the address of a request, as sessions have it, if there is time for it now; EX_OK, or
 * the status to end with. */
static int
read_client(struct request *r, const json_t *args, struct rate *rate, unsigned per_minute,
    struct ipaddr *client)
{
	bool bad = false, good;
	const char *text = request_text(args, "address", &bad);
	char why[WHY_MAX] = "address: must be a text";
	struct conf *conf = conf_current();
	struct operand operand;

	good = !bad && operand_read(&operand, conf, text, false, why, sizeof(why));
	conf_unref(&conf);
	if (!good)
		return fail(r, EX_USAGE, why);
	*client = operand.address;
	return rate_take(rate, per_minute, per_minute)
	    ? EX_OK
	    : fail(r, EX_TEMPFAIL, "too many ask for that: come again");
}

bool
pageown_has_list(const struct conf *conf)
{
	return conf->own.enabled && roster_own(conf->roster) != 0;
}

json_t *
pageown_entry(const struct verbs_context *context, const struct ipaddr *client)
{
	uint32_t since = UINT32_MAX, until = 0;
	json_t *reasons;
	struct local_entry e;

	if (!locallist_find(
		context->sessions->services.local, client, (uint32_t)clock_wall(), &e))
		return json_null();
	reasons = json_array();
	for (enum local_reason r = LOCAL_PROBE; r < LOCAL_REASONS; r++) {
		if ((e.reasons >> r & 1) == 0)
			continue;
		json_array_append_new(reasons, json_string(local_reason_name(r)));
		since = e.since[r] < since ? e.since[r] : since;
		until = e.until[r] > until ? e.until[r] : until;
	}
	/* How much there is of each would tell a client which of its mails went to a trap. */
	return json_pack("{s:o, s:o, s:o}", "reasons", reasons, "since", json_time(since),
	    "until", json_time(until));
}

int
verb_page_remove(struct request *r, const json_t *args, void *arg)
{
	static struct rate rate;
	struct local_entry e;
	struct ipaddr client;
	int status = read_client(r, args, &rate, PAGEOWN_REMOVALS, &client);

	if (status != EX_OK)
		return status;
	switch (local_take_off(arg, &client, BY_PAGE, &e)) {
	case LOCAL_REMOVAL_DONE:
		request_reply(r, json_pack("{s:b}", "removed", true));
		break;
	case LOCAL_REMOVAL_NONE:
		request_reply(r, json_pack("{s:b, s:s}", "removed", false, "why_not", "none"));
		break;
	case LOCAL_REMOVAL_HELD:
		request_reply(r,
		    json_pack("{s:b, s:s, s:o}", "removed", false, "why_not", "held", "until",
			json_time(e.held)));
		break;
	}
	return EX_OK;
}

/* A stranger's evidence on one line, as the audit has the words of all. */
static void
join_lines(char out[LOCAL_WHY_SIZE], const char *evidence)
{
	size_t n;

	for (n = 0; n < EVIDENCE_MAX && evidence[n] != '\0'; n++)
		out[n] = (unsigned char)evidence[n] < ' ' ? ' ' : evidence[n];
	out[n] = '\0';
}

/* Without evidence in its own place it lists nobody, however often it comes. */
int
verb_page_nominate(struct request *r, const json_t *args, void *arg)
{
	static struct rate rate;
	const struct verbs_context *context = arg;
	struct local_nomination n = {.by = BY_PAGE, .until = clock_wall() + NOTED_S};
	char words[LOCAL_WHY_SIZE], why[WHY_MAX];
	const char *evidence;
	int status;

	if (!operand_text(args, "evidence", EVIDENCE_MAX, &evidence, why, sizeof(why)))
		return fail(r, EX_USAGE, why);
	if (evidence == NULL || evidence[0] == '\0')
		return fail(r, EX_USAGE, "evidence: say what you have seen");
	if ((status = read_client(r, args, &rate, PAGEOWN_NOMINATIONS, &n.client)) != EX_OK)
		return status;
	join_lines(words, evidence);
	n.why = words;
	if (localstore_nominate(context->sessions->local_store, &n, clock_wall()) ==
	    LOCAL_NOMINATED_FAILED)
		return fail(r, EX_IOERR, "it cannot be written down");
	request_reply(r, json_pack("{s:b}", "noted", true));
	return EX_OK;
}

/* --- What lists whom --- */

/* The lifetimes in hours: of the first listing, the second, and so on. */
static json_t *
lifetimes(const struct own_options *o)
{
	json_t *lives = json_array();

	for (unsigned i = 0; i < LOCAL_LIVES; i++)
		json_array_append_new(lives, json_integer(o->life[i] / HOUR));
	return lives;
}

/* A rule that is off has a 0. */
static json_t *
criteria(const struct own_options *o)
{
	return json_pack("{s:i, s:i, s:i, s:i, s:i, s:i, s:i, s:i, s:i, s:o, s:s?}", "forms",
	    (int)o->forms, "senders", (int)o->senders, "both", (int)o->both, "drop_box",
	    (int)o->drop_box, "traps", (int)o->traps, "trap_days", TRAPHITS_DAYS, "trap_hits",
	    (int)o->trap_hits, "dictionary", (int)o->dictionary, "helo", (int)o->helo,
	    "life_hours", lifetimes(o), "contact", o->contact);
}

int
verb_page_criteria(struct request *r, const json_t *args, void *arg)
{
	struct conf *conf = conf_current();

	(void)args;
	(void)arg;
	request_reply(r, criteria(&conf->own));
	conf_unref(&conf);
	return EX_OK;
}
