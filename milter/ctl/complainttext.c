/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ctl/complainttext.c - all that is needed is in it, for who reads it has nothing else: what,
 * when in UTC, how it is known, what can be done, and how to have no more of these.
 */
#include "config.h"

#include "ctl/complainttext.h"

#include <inttypes.h>
#include <string.h>

/* By reason: what was done, what that is, and what its network can do. */
static const struct {
	const char *deed, *done, *advice;
} reasons[LOCAL_REASONS] = {
    [LOCAL_PROBE] = {"tests of whether a mail server relays",
	"tried to have our mail server pass on mail to domains that are not ours, in forms that "
	"only tests for open relays use",
	"Find the program there that does this: a scanner, or one that somebody has put there. "
	"If it was to test our security: nobody has asked for it."},
    [LOCAL_TRAP] = {"mail to addresses that nobody has ever had",
	"wrote to addresses that nobody has or has had for a long time, and that have never asked "
	"for mail (spam traps)",
	"Find who sends mail there, and where the addresses are from: they were collected, bought "
	"or guessed. To take single addresses out does not help."},
    [LOCAL_DICTIONARY] = {"guessed recipients",
	"wrote to many users that there are not, and to none that there is: addresses are guessed",
	"Find the program there that guesses addresses: mostly somebody has put it there."},
    [LOCAL_BACKSCATTER] = {"bounces of mail that was never sent",
	"sent bounces to addresses that never send mail: their senders were forged",
	"Have the mail server there refuse at RCPT what it cannot deliver, and not bounce it later "
	"to forged senders."},
    [LOCAL_HELO] = {"HELO with our own name", "named itself as our own server in HELO",
	"Find the program there that does this: no mail server does."},
};

static const enum local_reason by_weight[] = {
    LOCAL_PROBE, LOCAL_TRAP, LOCAL_DICTIONARY, LOCAL_BACKSCATTER, LOCAL_HELO};

#define WEIGHTS (sizeof(by_weight) / sizeof(by_weight[0]))

const char *
complainttext_deed(const struct sightings *e)
{
	for (size_t i = 0; i < WEIGHTS; i++)
		if (e->count[by_weight[i]].times > 0)
			return reasons[by_weight[i]].deed;
	return "abuse";
}

static void
add_field(struct strbuf *sb, const char *key, const char *value)
{
	if (value[0] == '\0')
		return;
	strbuf_addf(sb, " %s=", key);
	strbuf_add_value(sb, value, SIGHTINGS_TEXT_SIZE);
}

void
complainttext_hits(struct strbuf *sb, const struct ipaddr *address, const struct sightings *e)
{
	char text[IPADDR_STRLEN];

	ipaddr_format(address, text);
	for (size_t i = 0; i < e->nhits; i++) {
		const struct sighting_hit *hit = &e->hit[i];

		strbuf_addf(sb, "%s client=%s kind=%s", hit->time, text,
		    local_reason_name(hit->reason));
		add_field(sb, "form", hit->what);
		add_field(sb, "name", hit->name);
		add_field(sb, "helo", hit->helo);
		add_field(sb, "from", hit->sender);
		add_field(sb, "ref", hit->ref);
		strbuf_addc(sb, '\n');
	}
}

static void
add_deeds(struct strbuf *sb, const struct sightings *e)
{
	for (size_t i = 0; i < WEIGHTS; i++) {
		const struct sighting_count *count = &e->count[by_weight[i]];

		if (count->times > 0)
			strbuf_addf(sb, "- %s:\n  %" PRId64 " times, from %s to %s\n",
			    reasons[by_weight[i]].done, count->times, count->first,
			    count->last);
	}
}

static void
add_advice(struct strbuf *sb, const struct sightings *e)
{
	for (size_t i = 0; i < WEIGHTS; i++)
		if (e->count[by_weight[i]].times > 0)
			strbuf_addf(sb, "- %s\n", reasons[by_weight[i]].advice);
}

void
complainttext_write(struct strbuf *sb, const struct ipaddr *address, const struct sightings *e,
    const struct complainant *who)
{
	char text[IPADDR_STRLEN];

	ipaddr_format(address, text);
	strbuf_addf(sb, "From: %s\nSubject: Abuse from %s: %s\n\n", who->mailbox, text,
	    complainttext_deed(e));
	strbuf_addf(sb,
	    "This is about %s, which is in your network. It connected to port 25 of a mail server "
	    "of %s, and\n\n",
	    text, who->organisation);
	add_deeds(sb, e);
	strbuf_add(sb, "\nTimes are in UTC.");
	if (e->nhits > 0)
		strbuf_add(sb, " The last of what the mail server saw:\n\n");
	else
		strbuf_add(sb, "\n");
	complainttext_hits(sb, address, e);
	strbuf_add(sb, "\nWhat helps:\n\n");
	add_advice(sb, e);
	strbuf_addf(sb,
	    "\nThis report rests on what our own server saw, and on no list of others. Addresses "
	    "of third parties are left out. Questions, and how it ended, to %s: that is read.\n"
	    "If you want no such reports, answer \"no reports\", and you get none.\n",
	    who->mailbox);
}
