/* SPDX-License-Identifier: BSD-2-Clause */
/* control/facts.c - facts as JSON. */
#include "config.h"

#include "control/facts.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/logfield.h"
#include "base/strbuf.h"
#include "control/server.h"

struct known_places
facts_places(const struct client_services *o)
{
	return (struct known_places){.memory = o->memory,
	    .upstream = o->upstream,
	    .loop = o->loop,
	    .promises = o->promises};
}

json_t *
facts_fields(const char *line)
{
	char key[LOGFIELD_KEY_MAX], value[LOG_LINE_MAX + 1];
	json_t *fields = json_object();

	while (logfield_next(&line, key, value, sizeof(value)))
		json_object_set_new(fields, key, request_shown(value));
	return fields;
}

json_t *
facts_codes(const struct fact *fact)
{
	json_t *codes = json_array();
	char text[16];
	struct strbuf sb;

	for (unsigned i = 0; i < fact->ncodes; i++) {
		strbuf_init(&sb, text, sizeof(text));
		strbuf_add_code(&sb, fact->code[i]);
		json_array_append_new(codes, json_string(text));
	}
	return codes;
}

bool
facts_asked(const struct fact *fact)
{
	return fact->expires != 0 || fact->state == FACT_UNKNOWN;
}

const char *
facts_answer(const struct fact *fact)
{
	return facts_asked(fact) ? fact_state_name((enum fact_state)fact->state) : "not asked";
}

const char *
facts_source(const struct fact *fact)
{
	static const char *const names[] = {"dns", "memory", "redis", "own", "data"};

	return fact->expires != 0 ? names[fact->source] : NULL;
}

json_int_t
facts_ttl(const struct fact *fact)
{
	int64_t left = fact->expires != 0 ? (fact->expires - clock_ms()) / 1000 : 0;

	return left > 0 ? left : 0;
}

json_t *
facts_line(const struct listing *list, const struct fact *fact)
{
	uint32_t code;
	const struct answer *answer = listing_answer(list, fact, &code);
	json_t *line = json_pack("{s:s, s:s, s:s, s:s, s:o, s:s?, s:i, s:s?, s:I}", "label",
	    list->label, "asks", role_name(list->role), "state",
	    list_state_name(listing_fact_state(list, fact)), "answer",
	    fact->state != FACT_UNKNOWN ? facts_answer(fact) : "not known", "codes",
	    facts_codes(fact), "category",
	    answer != NULL ? category_name(answer->category) : NULL, "score",
	    answer != NULL ? listing_score(list, fact, answer) : 0, "source",
	    facts_source(fact), "ttl_seconds", facts_ttl(fact));

	if (fact->state == FACT_LISTED && fact->unproven)
		(void)json_object_set_new(line, "unproven", json_true());
	return line;
}
