/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * conf/ownrules.c - from words to the rules by which clients are listed here.  Warnings are of
 * lists that judge nobody, that judge at once, or that nobody can get off.
 */
#include "config.h"

#include "conf/ownrules.h"

#include <string.h>

#include "base/prefix.h"
#include "base/setting.h"
#include "verdict/policy.h"

#define WHY_MAX 300
#define WIDE_LIFE_S 604800 /* RFC 6471, 2.2.1: what is listed by a program is soon forgotten */

static void
read_lives(struct own_options *o, const struct section *own, struct report *report)
{
	const struct word *word = section_word(own, "lifetimes");
	char why[WHY_MAX];
	unsigned n = 0;
	int64_t ms;

	for (unsigned i = 0; i < word->n && n < LOCAL_LIVES; i++)
		/* What is no time has been said. */
		if (setting_duration(word->values[i].text, OWN_LIFE_MIN_S * INT64_C(1000),
			OWN_LIFE_MAX_S * INT64_C(1000), &ms, why, sizeof(why)))
			o->life[n++] = (uint32_t)(ms / 1000);
	if (word->n > LOCAL_LIVES)
		report_mistake(report, &word->values[LOCAL_LIVES].place,
		    "lifetimes: there are %d at most", LOCAL_LIVES);
	if (n == 0)
		o->life[n++] = 86400;
	for (; n < LOCAL_LIVES; n++)
		o->life[n] = o->life[n - 1];
}

/* Warn of a network that takes a large part of the world from the list. */
static void
warn_of_network(const struct network *net, const struct place *place, struct report *report)
{
	bool v4 = net->addr.bits == 32;
	char address[IPADDR_STRLEN];

	if (net->len >= (v4 ? 8U : 16U))
		return;
	report_warning(report, place, "networks: %s/%u %s", ipaddr_format(&net->addr, address),
	    net->len,
	    net->len > 0 ? "is a very large part of all addresses: none of it is ever listed"
		: v4     ? "is everybody: nobody is ever listed"
			 : "is everybody with an IPv6 address: none of them is ever listed");
}

static void
read_networks(struct own_options *o, const struct section *own, struct report *report)
{
	const struct word *word = section_word(own, "networks");
	struct network network;
	char why[WHY_MAX];

	if ((o->networks = prefix_new()) == NULL) {
		report_no_memory(report);
		return;
	}
	for (unsigned i = 0; i < word->n; i++) {
		if (!prefix_parse(&network, word->values[i].text, why, sizeof(why)))
			report_mistake(report, &word->values[i].place, "networks: %s", why);
		else if (!prefix_add(o->networks, &network, NULL))
			report_no_memory(report);
		else
			warn_of_network(&network, &word->values[i].place, report);
	}
	if (!prefix_seal(o->networks))
		report_no_memory(report);
}

void
ownrules_build(struct own_options *o, const struct section *file, struct report *report)
{
	const struct section *own = section_find(file, "own", NULL);

	*o = (struct own_options){
	    .enabled = section_number(own, "enabled") != 0,
	    .forms = (unsigned)section_number(own, "forms"),
	    .senders = (unsigned)section_number(own, "senders"),
	    .both = (unsigned)section_number(own, "both"),
	    .drop_box = (unsigned)section_number(own, "drop_box"),
	    .dictionary = (unsigned)section_number(own, "dictionary"),
	    .traps = (unsigned)section_number(own, "traps"),
	    .trap_hits = (unsigned)section_number(own, "trap_hits"),
	    .helo = section_number(own, "helo") != 0,
	    .removal = values_copy(section_text(own, "removal"), report),
	    .contact = values_copy(section_text(own, "contact"), report),
	};
	read_lives(o, own, report);
	read_networks(o, own, report);
}

/* --- Warnings --- */

/* A number of things that an ordinary client does once. */
static void
warn_of_one(
    const struct section *own, const char *word, const char *what, struct report *report)
{
	struct place place = section_place(own, word);

	if (section_number(own, word) == 1)
		report_warning(report, &place, "%s: 1 lists whoever %s once", word, what);
}

static void
warn_of_lives(const struct own_options *o, const struct section *own, struct report *report)
{
	struct place place = section_place(own, "lifetimes");

	for (unsigned i = 1; i < LOCAL_LIVES; i++)
		if (o->life[i] < o->life[i - 1]) {
			report_warning(report, &place,
			    "lifetimes: who comes again is listed for less time than before");
			break;
		}
	if (o->life[0] > WIDE_LIFE_S)
		report_warning(report, &place,
		    "lifetimes: an address may soon be somebody else's: RFC 6471 wants what a "
		    "program lists to end early");
}

/* Whether a policy that is enforced goes by some list. */
static bool
is_enforced(const struct policies *policies, unsigned list)
{
	const struct policy *policy;

	for (size_t i = 0; (policy = policies_at(policies, i)) != NULL; i++)
		if (listset_has(policy->lists, list) && !policy->shadow)
			return true;
	return false;
}

/* A list cannot speak of bounces alone. */
static void
warn_of_bounces(const struct listing *list, const struct place *place, struct report *report)
{
	const struct fact fact = {
	    .state = FACT_LISTED, .ncodes = 1, .code = {LOCAL_CODE(LOCAL_BACKSCATTER)}};
	uint32_t code;
	const struct answer *a = listing_answer(list, &fact, &code);

	if (a != NULL && a->score > 0)
		report_warning(report, place,
		    "list \"%s\": 127.0.0.6 counts against all mail of a client, not its "
		    "bounces alone",
		    list->label);
}

/* A list of own evidence that some policy names. */
static void
warn_of_list(const struct own_options *o, const struct ownrules_users *users, unsigned i,
    const struct section *own, struct report *report)
{
	const struct listing *list = users->roster->list[i];
	struct place place = section_place(own, "enabled");

	if (!list->at.known)
		place = (struct place){users->path, list->at.line};
	warn_of_bounces(list, &place, report);
	if (!o->enabled)
		report_warning(report, &place, "list \"%s\" has no entries: own is not enabled",
		    list->label);
	if (!users->stored)
		report_warning(report, &place,
		    "list \"%s\" is forgotten at each restart: set the path of store",
		    list->label);
	if (!list->shadow && list->removal == NULL && !users->paged &&
	    is_enforced(users->policies, i))
		report_warning(report, &place,
		    "list \"%s\": who is refused by it is told no way off it: set the removal "
		    "of own, or page",
		    list->label);
}

/* That somebody has written the section, and no policy has use for it. */
static void
warn_of_nobody(const struct section *own, struct report *report)
{
	for (unsigned i = 0; i < own->nwords; i++) {
		struct place place = section_place(own, own->words[i].keyword->name);

		if (!own->words[i].set)
			continue;
		report_warning(report, &place,
		    "own: evidence is collected, and no policy names list \"local\"");
		return;
	}
}

/* Give a list the URL of all, where it has none of its own. */
static void
give_removal(struct listing *list, const struct own_options *o, const struct section *own,
    struct report *report)
{
	if (list->removal != NULL || o->removal == NULL)
		return;
	list->removal = values_copy(o->removal, report);
	list->removal_at = (struct listing_place){section_place(own, "removal").line, false};
}

void
ownrules_settle(const struct own_options *o, const struct ownrules_users *users,
    const struct section *file, struct report *report)
{
	const struct section *own = section_find(file, "own", NULL);
	unsigned n = 0;

	if (users->roster == NULL || users->policies == NULL)
		return;
	for (unsigned i = 0; i < users->roster->n; i++) {
		if (!users->roster->list[i]->own)
			continue;
		n++;
		give_removal(users->roster->list[i], o, own, report);
		warn_of_list(o, users, i, own, report);
	}
	if (n == 0 && o->enabled)
		warn_of_nobody(own, report);
	warn_of_one(own, "forms", "writes an odd form of a recipient", report);
	warn_of_one(own, "senders", "is refused a recipient", report);
	warn_of_one(own, "dictionary", "mistypes a user", report);
	warn_of_lives(o, own, report);
}
