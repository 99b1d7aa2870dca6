/* SPDX-License-Identifier: BSD-2-Clause */
/* control/lookups.c - the lists of each role, from where they are known; or asked anew. */
#include "config.h"

#include "control/lookups.h"

#include <sysexits.h>

#include "base/clock.h"
#include "control/dataentry.h"
#include "control/facts.h"
#include "control/operand.h"
#include "control/status.h"
#include "lookup/fresh.h"
#include "session/datafacts.h"
#include "session/ownfacts.h"

struct looking {
	struct request *request;
	const struct client_services *services;
	struct roster *roster;
	struct ownfacts own;
	struct operand operand;
	listset by_data; /* those of which their data tells */
	struct fact facts[LISTS_MAX];
};

/* Those of the lists of a role that DNS is asked for. */
static listset
asked_in_dns(const struct looking *l, enum role role)
{
	return operand_lists(&l->operand, l->roster, role) & ~roster_own(l->roster) &
	    ~l->by_data;
}

/* The lists of all roles that are asked about it. */
static listset
asked(const struct looking *l)
{
	listset lists = 0;

	for (enum role role = ROLE_ADDRESS; role < ROLES; role++)
		lists |= operand_lists(&l->operand, l->roster, role);
	return lists;
}

/* What the data of lists says, which is of this moment, too; they are not asked. */
static void
look_at_data(struct looking *l)
{
	struct datafacts data;

	datafacts_take(&data, l->roster, asked(l));
	l->by_data = datafacts_settled(&data);
	for (enum role role = ROLE_ADDRESS; role < ROLES; role++) {
		struct subject subject = operand_subject(&l->operand, role);

		datafacts_find(&data, operand_lists(&l->operand, l->roster, role) & l->by_data,
		    &subject, NULL, l->facts);
	}
	datafacts_drop(&data);
}

/* What own evidence says, which is always of this moment. */
static void
look_at_own(struct looking *l)
{
	listset lists =
	    operand_lists(&l->operand, l->roster, ROLE_ADDRESS) & roster_own(l->roster);

	for (unsigned i = 0; i < l->roster->n; i++)
		if (listset_has(lists, i))
			ownfacts_find(
			    &l->own, l->roster->list[i], &l->operand.address, &l->facts[i]);
}

/* What is kept, from the nearest place. */
static void
recall(struct looking *l, enum role role)
{
	struct subject subject = operand_subject(&l->operand, role);
	listset lists = asked_in_dns(l, role);
	struct known_places places = facts_places(l->services);
	struct known known;

	known_find(&places, &subject, l->roster, lists, &known);
	for (unsigned i = 0; i < l->roster->n; i++) {
		if (listset_has(known.in_memory, i))
			l->facts[i] = known.memory[i];
		else if (listset_has(known.in_redis, i))
			l->facts[i] = known.shared[i];
	}
}

/* Ask the lists of all roles, and wait for them; false: there is no room for that now. */
static bool
ask(struct looking *l)
{
	struct fresh_question question[ROLES];

	for (enum role role = ROLE_ADDRESS; role < ROLES; role++)
		question[role] = (struct fresh_question){
		    operand_subject(&l->operand, role), asked_in_dns(l, role)};
	return fresh_ask(l->services->lookups, l->roster, question, l->facts);
}

/* What a list says; of data with the lines of its files. */
static json_t *
line_of(const struct looking *l, unsigned i, int64_t until)
{
	const struct listing *list = l->roster->list[i];
	struct subject subject = operand_subject(&l->operand, list->role);
	json_t *line = facts_line(list, &l->facts[i]);

	if (l->facts[i].source == FACT_FROM_DATA && l->facts[i].state == FACT_LISTED)
		(void)json_object_set_new(
		    line, "entries_at", dataentry_places(list, &subject, until));
	return line;
}

/* Whether a list holds it. */
static bool
say(const struct looking *l)
{
	int64_t until = clock_ms() + DATAENTRY_MS;
	bool listed = false;

	for (unsigned i = 0; i < l->roster->n; i++) {
		const struct listing *list = l->roster->list[i];

		if (!listset_has(operand_lists(&l->operand, l->roster, list->role), i))
			continue;
		listed = listed || l->facts[i].state == FACT_LISTED;
		if (!request_reply(l->request, line_of(l, i, until)))
			break;
	}
	return listed;
}

static int
look(struct looking *l, bool fresh)
{
	if (asked(l) == 0) {
		request_error(l->request, "no list is asked about that");
		return 1;
	}
	look_at_data(l);
	if (fresh && !ask(l)) {
		request_error(l->request, "too many lookups are under way: come again");
		return EX_TEMPFAIL;
	}
	for (enum role role = ROLE_ADDRESS; !fresh && role < ROLES; role++)
		recall(l, role);
	look_at_own(l);
	return say(l) ? EX_OK : 1;
}

int
verb_lookup(struct request *r, const json_t *args, void *arg)
{
	const struct verbs_context *context = arg;
	struct looking l = {.request = r, .services = &context->sessions->services};
	bool bad = false, fresh = request_flag(args, "fresh", &bad);
	const char *text = request_text(args, "address", &bad);
	char why[128] = "a value is of the wrong type";
	struct conf *conf = conf_current();
	int status = EX_USAGE;

	l.roster = conf->roster;
	l.own = (struct ownfacts){context->sessions->services.local, &conf->own};
	if (!bad && operand_read(&l.operand, conf, text, true, why, sizeof(why)))
		status = look(&l, fresh);
	else
		request_error(r, why);
	conf_unref(&conf);
	return status;
}
