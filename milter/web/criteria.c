/* SPDX-License-Identifier: BSD-2-Clause */
/* web/criteria.c - a sentence for each rule that is on, with the daemon's numbers in it. */
#include "config.h"

#include "web/criteria.h"

#include "web/address.h"
#include "web/answer.h"

#define NUMBER_SIZE 24

static const struct {
	const char *key;
	enum word word;
} rules[] = {
    {"forms", WORD_CRITERIA_FORMS},
    {"senders", WORD_CRITERIA_SENDERS},
    {"both", WORD_CRITERIA_BOTH},
    {"drop_box", WORD_CRITERIA_DROP_BOX},
    {"traps", WORD_CRITERIA_TRAPS},
    {"trap_hits", WORD_CRITERIA_TRAP_HITS},
    {"dictionary", WORD_CRITERIA_DICTIONARY},
    {"helo", WORD_CRITERIA_HELO},
};

/* A number of the daemon's as text; false: it is none, or 0. */
static bool
read_number(const json_t *number, char out[NUMBER_SIZE])
{
	json_int_t n = json_is_integer(number) ? json_integer_value(number) : 0;

	snprintf(out, NUMBER_SIZE, "%lld", (long long)n);
	return n > 0;
}

static void
write_item(struct view *v, enum word text)
{
	fputs("<li>", v->out);
	view_line(v, view_word(v, text));
	fputs("</li>\n", v->out);
}

static void
write_rules(struct view *v, const json_t *criteria)
{
	char count[NUMBER_SIZE], days[NUMBER_SIZE];

	(void)read_number(json_object_get(criteria, "trap_days"), days);
	v->slot[SLOT_DAYS] = days;
	v->slot[SLOT_COUNT] = count;
	view_tag(v, "h2", view_word(v, WORD_CRITERIA_ON));
	fputs("<ul>\n", v->out);
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
		if (read_number(json_object_get(criteria, rules[i].key), count))
			write_item(v, rules[i].word);
	write_item(v, WORD_CRITERIA_NOMINATED);
	fputs("</ul>\n", v->out);
	v->slot[SLOT_DAYS] = v->slot[SLOT_COUNT] = NULL;
}

/* How long the first listing lasts, the second, and so on. */
static void
write_lives(struct view *v, const json_t *lives)
{
	char count[NUMBER_SIZE], hours[NUMBER_SIZE];

	v->slot[SLOT_COUNT] = count;
	v->slot[SLOT_HOURS] = hours;
	view_tag(v, "h2", view_word(v, WORD_CRITERIA_LONG));
	fputs("<ul>\n", v->out);
	for (size_t i = 0; i < json_array_size(lives); i++) {
		snprintf(count, sizeof(count), "%zu", i + 1);
		if (read_number(json_array_get(lives, i), hours))
			write_item(v, WORD_CRITERIA_LIFE);
	}
	write_item(v, WORD_CRITERIA_LATER);
	fputs("</ul>\n", v->out);
	v->slot[SLOT_HOURS] = v->slot[SLOT_COUNT] = NULL;
}

static void
write_section(struct view *v, enum word heading, enum word text)
{
	view_tag(v, "h2", view_word(v, heading));
	view_block(v, view_word(v, text));
}

static void
write_ways_off(struct view *v, const json_t *criteria)
{
	write_section(v, WORD_CRITERIA_OFF, WORD_CRITERIA_WAYS);
	fputs("<p>", v->out);
	view_link(v, "/remove", view_word(v, WORD_REMOVE_TITLE));
	fputs("</p>\n", v->out);
	write_section(v, WORD_CRITERIA_NEVER, WORD_CRITERIA_EXEMPT);
	v->slot[SLOT_CONTACT] = answer_text(criteria, "contact");
	if (v->slot[SLOT_CONTACT][0] != '\0')
		view_block(v, view_word(v, WORD_CRITERIA_CONTACT));
}

void
criteria_show(struct view *v, const struct site *site, const struct web_request *r)
{
	json_t *criteria;

	(void)r;
	if (!address_has_list(v, site) ||
	    (criteria = pages_ask(v, site, json_pack("{s:s}", "verb", "page-criteria"))) ==
		NULL)
		return;
	view_begin(v, view_word(v, WORD_CRITERIA_TITLE));
	view_block(v, view_word(v, WORD_CRITERIA_LEAD));
	write_rules(v, criteria);
	write_lives(v, json_object_get(criteria, "life_hours"));
	write_ways_off(v, criteria);
	view_end(v);
	json_decref(criteria);
}
